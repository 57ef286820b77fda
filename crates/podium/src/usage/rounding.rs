//! Rounding for display: half to even on the exact binary value, as Rust formats floats.

/// `value` with two decimals.
pub fn to_2_decimals(value: f64) -> f64 {
    rounded::<2>(value, 1e2)
}

/// `value` with four decimals.
pub fn to_4_decimals(value: f64) -> f64 {
    rounded::<4>(value, 1e4)
}

/// The nearest whole number of `10^-DECIMALS`, divided: the same float as that of its text. What is
/// lost in scaling is known exactly, so a value is told from a tie however near it is.
fn rounded<const DECIMALS: usize>(value: f64, scale: f64) -> f64 {
    /// Up to here floats have halves.
    const MOST: f64 = (1_u64 << 51) as f64;
    let scaled = value * scale;
    if scaled.is_nan() || scaled.abs() > MOST {
        return format!("{value:.DECIMALS$}").parse().unwrap_or(value);
    }
    let lost = value.mul_add(scale, -scaled);
    let below = scaled.floor();
    let from_tie = (scaled - below - 0.5) + lost;
    let is_up = from_tie > 0.0 || (from_tie == 0.0 && (below as i64) & 1 == 1);
    (if is_up { below + 1.0 } else { below }) / scale
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
            let half = (value * 100.0).round() / 1e5;
            let near = [half, half.next_up(), half.next_down(), half / 10.0, small * 1e-9];
            let all = [value, small, (value * 100.0).round() / 100.0, value / 8.0, value * 1e6];
            for value in all.into_iter().chain(near) {
                prop_assert_eq!(to_2_decimals(value), format!("{value:.2}").parse::<f64>().unwrap());
                prop_assert_eq!(to_4_decimals(value), format!("{value:.4}").parse::<f64>().unwrap());
            }
        }
    }
}
