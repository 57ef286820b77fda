//! Times as people write them into configuration.

use std::time::Duration;

/// `30s`, `1500ms`, `2m`, `1h`, combinations of these, or a number of seconds.
pub(super) fn parse(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let time: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_or_are_seconds() {
        for (text, milliseconds) in [
            ("30s", 30_000),
            ("1500ms", 1_500),
            ("2m", 120_000),
            ("1m 30s", 90_000),
            ("5", 5_000),
            ("0.5", 500),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "soon", "-5s", "-1", "5 parsecs", "NaN", "1e99"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
