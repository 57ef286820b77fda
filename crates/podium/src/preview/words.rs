//! Numbers and dates as people read them.

use jiff::Timestamp;

use crate::usage::{DayRange, Measure, Unit, Value};

/// A value with its unit, such as `1,234`, `$5.60` or `98.7 %`.
pub(super) fn value(measure: &Measure, value: Value) -> String {
    match value {
        Value::Unknown => "–".to_owned(),
        Value::Count(count) => grouped(&count.to_string()),
        Value::Amount(amount) => match measure.unit {
            Unit::Usd => usd(amount),
            Unit::Percent => format!("{amount:.1} %"),
            Unit::Ms => format!("{} ms", grouped(&format!("{amount:.0}"))),
            Unit::Tokens | Unit::Requests => grouped(&format!("{amount:.0}")),
        },
    }
}

/// The value of a number that a measure was read as.
pub(super) fn number(measure: &Measure, number: f64) -> String {
    if measure.is_count() {
        return grouped(&format!("{number:.0}"));
    }
    value(measure, Value::Amount(number))
}

/// Cents, and as many more digits as small amounts need.
fn usd(amount: f64) -> String {
    let digits = match amount.abs() {
        0.0 => 2,
        small if small < 0.000_1 => 6,
        small if small < 0.1 => 4,
        _ => 2,
    };
    let sign = if amount < 0.0 { "-" } else { "" };
    format!("{sign}${}", grouped(&format!("{:.digits$}", amount.abs())))
}

/// Whole digits in groups of three.
fn grouped(number: &str) -> String {
    let (sign, number) = number.split_at(usize::from(number.starts_with('-')));
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut grouped = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

/// `Sun, 29 Nov 2026` or `23 – 29 Nov 2026`, as short as it is clear.
pub(super) fn days(days: DayRange) -> String {
    let (first, last) = (days.first().date(), days.last().date());
    if first == last {
        return first.strftime("%a, %-d %b %Y").to_string();
    }
    let begin = match (first.year() == last.year(), first.month() == last.month()) {
        (true, true) => "%-d",
        (true, false) => "%-d %b",
        _ => "%-d %b %Y",
    };
    format!("{} – {}", first.strftime(begin), last.strftime("%-d %b %Y"))
}

/// `29 Nov 2026, 12:03 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Day;

    #[test]
    fn numbers_have_groups_and_units() {
        let told = |name: &str, of: Value| value(Measure::named(name).expect("a measure"), of);
        assert_eq!(told("tokens", Value::Count(1_234_567)), "1,234,567");
        assert_eq!(told("tokens", Value::Count(-1_234)), "-1,234");
        assert_eq!(told("requests", Value::Count(999)), "999");
        assert_eq!(told("spend_usd", Value::Amount(1_234.5)), "$1,234.50");
        assert_eq!(told("spend_usd", Value::Amount(-0.5)), "-$0.50");
        assert_eq!(told("spend_usd", Value::Amount(0.0)), "$0.00");
        assert_eq!(told("usd_per_1k_tokens", Value::Amount(0.012_34)), "$0.0123");
        assert_eq!(told("success_rate", Value::Amount(98.76)), "98.8 %");
        assert_eq!(told("success_rate", Value::Unknown), "–");
        assert_eq!(number(Measure::named("tokens").expect("a measure"), 1e6), "1,000,000");
    }

    #[test]
    fn days_are_short() {
        let told = |first: &str, last: &str| {
            let day = |text| Day::parse(text).expect("a day");
            days(DayRange::new(day(first), day(last)).expect("a range"))
        };
        assert_eq!(told("2026-11-29", "2026-11-29"), "Sun, 29 Nov 2026");
        assert_eq!(told("2026-11-23", "2026-11-29"), "23 – 29 Nov 2026");
        assert_eq!(told("2026-10-31", "2026-11-29"), "31 Oct – 29 Nov 2026");
        assert_eq!(told("2025-12-31", "2026-01-01"), "31 Dec 2025 – 1 Jan 2026");
    }
}
