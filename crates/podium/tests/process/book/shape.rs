//! Whether what was printed is what the documentation shows.

use serde_json::Value;

/// What is missing in `printed` or of another kind than in `shown`; more may be printed.
pub(super) fn difference(shown: &Value, printed: &Value, at: &str) -> Option<String> {
    match (shown, printed) {
        (Value::Object(shown), Value::Object(printed)) => {
            shown.iter().find_map(|(name, shown)| match printed.get(name) {
                Some(printed) => difference(shown, printed, &format!("{at}.{name}")),
                None => Some(format!("{at}.{name} was not printed")),
            })
        }
        (Value::Array(shown), Value::Array(printed)) => {
            let first = printed.first();
            match (shown.first(), first) {
                (Some(_), None) => Some(format!("{at} is empty")),
                (Some(shown), Some(printed)) => difference(shown, printed, &format!("{at}[0]")),
                (None, _) => None,
            }
        }
        (Value::Null, _) | (_, Value::Null) => None,
        (shown, printed) => (kind(shown) != kind(printed))
            .then(|| format!("{at} is {printed}, where {shown} is shown")),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// The first line that was not printed. Lines are compared without their spaces at both ends, and
/// each in its pieces between `…`, in order.
pub(super) fn missing_line(shown: &str, printed: &str) -> Option<String> {
    let mut left: Vec<&str> = printed.lines().map(str::trim).collect();
    for line in shown.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "…") {
        match left.iter().position(|printed| has_pieces(line, printed)) {
            Some(place) => drop(left.drain(..=place)),
            None => return Some(line.to_owned()),
        }
    }
    None
}

fn has_pieces(shown: &str, printed: &str) -> bool {
    let mut rest = Some(printed);
    for piece in shown.split('…').map(str::trim) {
        rest = rest.and_then(|rest| Some(&rest[rest.find(piece)? + piece.len()..]));
    }
    rest.is_some_and(|rest| shown.ends_with('…') || rest.is_empty())
}

#[test]
fn shapes_are_compared_by_names_and_kinds() {
    let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let printed = json(r#"{"teams":[{"name":"A","tokens":3,"more":1}],"meta":{}}"#);
    let compare = |shown: &str| difference(&json(shown), &printed, "");
    assert_eq!(compare(r#"{"teams":[{"name":"B","tokens":0}]}"#), None);
    assert_eq!(
        compare(r#"{"teams":[{"spend":0}]}"#).as_deref(),
        Some(".teams[0].spend was not printed")
    );
    assert!(compare(r#"{"teams":[{"tokens":"3"}]}"#).is_some());
    assert!(compare(r#"{"team":[]}"#).is_some());
    assert_eq!(missing_line("one … three\nend", "zero\none two three\nend"), None);
    assert_eq!(missing_line("end\none …", "one two\nend").as_deref(), Some("one …"));
    assert_eq!(missing_line("one", "one two").as_deref(), Some("one"));
}
