//! Rounding for display: half to even on the exact binary value, as Rust formats floats.

/// `value` with two decimals.
pub(super) fn to_2_decimals(value: f64) -> f64 {
    format!("{value:.2}").parse().unwrap_or(value)
}

/// `value` with four decimals.
pub(super) fn to_4_decimals(value: f64) -> f64 {
    format!("{value:.4}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_even_digit_and_only_true_ties_are_ties() {
        assert_eq!(to_4_decimals(0.03125), 0.0312);
        assert_eq!(to_4_decimals(0.09375), 0.0938);
        assert_eq!(to_4_decimals(0.00005), 0.0001, "0.00005 is a little above the tie in binary");
        assert_eq!(to_2_decimals(0.125), 0.12);
        assert_eq!(to_2_decimals(2.675), 2.67, "2.675 is a little below the tie in binary");
        assert_eq!(to_2_decimals(100.0), 100.0);
    }
}
