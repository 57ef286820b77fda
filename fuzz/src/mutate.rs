//! Changes JSON as JSON: parts go, come twice, change places, and become something else.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Numbers at the edges of what anybody counts in.
const NUMBERS: [f64; 10] =
    [0.0, -0.0, 1.0, -1.0, 0.1, 1e15, 9007199254740993.0, 1e19, -1e308, 5e-324];
/// How many changes are made at once, at most.
const MOST_CHANGES: u32 = 4;

/// The same text, with something changed in one of its lines that is JSON; nothing now and then, and
/// where there is none, so that bytes change, too.
pub fn json(text: &[u8], most: usize, seed: u32) -> Option<Vec<u8>> {
    let mut dice = Rng::with_seed(seed.into());
    if dice.u8(..5) == 0 {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    // A text as a whole, or a line of it; an answer's status and a request's method stay before it.
    let (place, start, mut value) = match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            lines.truncate(1);
            (0, 0, value)
        }
        Err(_) => {
            let place = dice.usize(..lines.len());
            let start = lines[place].find(['{', '['])?;
            (place, start, serde_json::from_str(&lines[place][start..]).ok()?)
        }
    };
    for _ in 0..dice.u32(1..=MOST_CHANGES) {
        let donor = some_part(&value, &mut dice).clone();
        let nodes = count(&value);
        change(node(&mut value, dice.usize(..nodes)), donor, &mut dice);
    }
    let before = lines[place][..start].to_owned();
    lines[place] = format!("{before}{value}");
    let mutated = lines.join("\n").into_bytes();
    (mutated.len() <= most).then_some(mutated)
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(values) => Box::new(values.iter()),
        Value::Object(fields) => Box::new(fields.values()),
        _ => Box::new(std::iter::empty()),
    }
}

fn count(value: &Value) -> usize {
    1 + children(value).map(count).sum::<usize>()
}

/// The node of this number, the whole being the first.
fn node(value: &mut Value, mut number: usize) -> &mut Value {
    if number == 0 {
        return value;
    }
    number -= 1;
    let counts: Vec<usize> = children(value).map(count).collect();
    let mut child = 0;
    while number >= counts[child] {
        number -= counts[child];
        child += 1;
    }
    let next = match value {
        Value::Array(values) => values.iter_mut().nth(child),
        Value::Object(fields) => fields.values_mut().nth(child),
        _ => None,
    };
    node(next.expect("it was counted"), number)
}

fn some_part<'v>(value: &'v Value, dice: &mut Rng) -> &'v Value {
    let parts: Vec<&Value> = children(value).collect();
    if parts.is_empty() || dice.u8(..4) == 0 {
        return value;
    }
    some_part(parts[dice.usize(..parts.len())], dice)
}

fn change(value: &mut Value, donor: Value, dice: &mut Rng) {
    match value {
        _ if dice.u8(..6) == 0 => *value = donor,
        Value::Object(fields) if !fields.is_empty() => change_object(fields, donor, dice),
        Value::Array(values) if !values.is_empty() => {
            let place = dice.usize(..values.len());
            match dice.u8(..4) {
                0 => drop(values.remove(place)),
                1 => values.insert(place, values[place].clone()),
                2 => values.push(donor),
                _ => values.swap(place, 0),
            }
        }
        Value::Number(number) => *value = changed_number(number.as_f64().unwrap_or(0.0), dice),
        Value::String(text) => change_text(text, dice),
        _ => {
            *value =
                [Value::Null, json!(true), json!([]), json!({}), json!("")][dice.usize(..5)].clone()
        }
    }
}

fn change_object(fields: &mut Map<String, Value>, donor: Value, dice: &mut Rng) {
    let names: Vec<String> = fields.keys().cloned().collect();
    let name = &names[dice.usize(..names.len())];
    let other = &names[dice.usize(..names.len())];
    match dice.u8(..5) {
        0 => drop(fields.remove(name)),
        1 => drop(fields.insert(name.clone(), donor)),
        2 => {
            let (one, two) = (fields[name].clone(), fields[other].clone());
            fields.insert(name.clone(), two);
            fields.insert(other.clone(), one);
        }
        3 => {
            let mut renamed = name.clone();
            change_text(&mut renamed, dice);
            let value = fields[name].clone();
            fields.insert(renamed, value);
        }
        _ => drop(fields.insert(name.clone(), Value::Null)),
    }
}

fn changed_number(number: f64, dice: &mut Rng) -> Value {
    match dice.u8(..6) {
        0 => json!(NUMBERS[dice.usize(..NUMBERS.len())]),
        1 => json!(dice.i64(..)),
        2 => json!(dice.u8(..)),
        3 => json!(number.to_string()),
        4 => json!((number as i64).saturating_add(dice.i64(-2..=2))),
        _ => json!(-number),
    }
}

fn change_text(text: &mut String, dice: &mut Rng) {
    const PIECES: [&str; 14] = [
        "",
        " ",
        ",",
        "\u{0}",
        "\u{feff}",
        "é",
        "Unassigned",
        "unknown",
        "1e3",
        "2026-11-23",
        "2026-11-23T23:59:59.9996Z",
        "NaN",
        "\\",
        "/",
    ];
    let piece = PIECES[dice.usize(..PIECES.len())];
    let places: Vec<usize> =
        text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
    let place = places[dice.usize(..places.len())];
    match dice.u8(..4) {
        0 => piece.clone_into(text),
        1 => text.insert_str(place, piece),
        2 => text.truncate(place),
        _ => drop(text.drain(..place)),
    }
}
