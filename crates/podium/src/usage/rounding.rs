//! Rounding for display: half to even on the exact binary value, as Rust formats floats.

/// `value` with two decimals.
pub fn to_2_decimals(value: f64) -> f64 {
    rounded::<2>(value, 1e2)
}

/// `value` with four decimals.
pub fn to_4_decimals(value: f64) -> f64 {
    rounded::<4>(value, 1e4)
}

/// Near a tie, and where the digits do not fit, the decimal text decides: it is exact. Elsewhere
/// the nearest whole number of `10^-DECIMALS` is, and dividing it gives the same float.
fn rounded<const DECIMALS: usize>(value: f64, scale: f64) -> f64 {
    let scaled = value * scale;
    let whole = scaled.round();
    let from_tie = ((scaled - whole).abs() - 0.5).abs();
    if scaled.abs() < 1e9 && from_tie > 1e-5 {
        return whole / scale;
    }
    format!("{value:.DECIMALS$}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_go_to_the_even_digit_and_only_true_ties_are_ties() {
        assert_eq!(to_4_decimals(0.03125), 0.0312);
        assert_eq!(to_4_decimals(0.09375), 0.0938);
        assert_eq!(to_4_decimals(0.00005), 0.0001, "0.00005 is a little above the tie in binary");
        assert_eq!(to_2_decimals(0.125), 0.12);
        assert_eq!(to_2_decimals(2.675), 2.67, "2.675 is a little below the tie in binary");
        assert_eq!(to_2_decimals(100.0), 100.0);
    }

    proptest! {
        #[test]
        fn the_text_would_say_the_same(value in -1e8..1e8_f64, small in -1.0..1.0_f64) {
            for value in [value, small, (value * 100.0).round() / 100.0, value / 8.0] {
                prop_assert_eq!(to_2_decimals(value), format!("{value:.2}").parse::<f64>().unwrap());
                prop_assert_eq!(to_4_decimals(value), format!("{value:.4}").parse::<f64>().unwrap());
            }
        }
    }
}
