//! Answers in other clothes: what says the same to a reader who takes missing, null and oddly written
//! parts for what they mean.

use serde_json::{Map, Number, Value};

/// Takes liberties, one choice after the other from a list of bytes; none once that is at its end.
#[derive(Debug)]
pub(super) struct Dresser(std::vec::IntoIter<u8>);

/// Parts that may be null or missing where they are empty.
const EMPTY_PARTS: [&str; 9] = [
    "models",
    "model_groups",
    "providers",
    "endpoints",
    "mcp_servers",
    "entities",
    "api_keys",
    "api_key_breakdown",
    "metadata",
];

impl Dresser {
    pub(super) fn new(choices: Vec<u8>) -> Self {
        Self(choices.into_iter())
    }

    fn choice(&mut self, of: u8) -> u8 {
        self.0.next().unwrap_or_default() % of
    }

    /// The same answer, told otherwise.
    pub(super) fn dress(&mut self, body: &[u8]) -> Vec<u8> {
        let mut answer: Value = serde_json::from_slice(body).expect("the simulator's JSON");
        if let Some(results) = answer["results"].as_array_mut() {
            let whole = std::mem::take(results);
            *results = whole.into_iter().flat_map(|day| self.cut(day)).collect();
        }
        let mut text = String::new();
        self.write(&answer, &mut text);
        text.into_bytes()
    }

    /// One entry of a day, or two that add up to it.
    fn cut(&mut self, mut day: Value) -> Vec<Value> {
        if self.choice(3) != 1 {
            return vec![day];
        }
        let mut second = Map::new();
        for (name, of_name) in day["breakdown"].as_object_mut().into_iter().flatten() {
            let Some(groups) = of_name.as_object_mut() else { continue };
            let (mut kept, mut moved) = (Map::new(), Map::new());
            for (value, group) in std::mem::take(groups) {
                let to = if self.choice(2) == 1 { &mut moved } else { &mut kept };
                to.insert(value, group);
            }
            *groups = kept;
            second.insert(name.clone(), Value::Object(moved));
        }
        let second = serde_json::json!({ "date": day["date"], "breakdown": second });
        if self.choice(2) == 1 { vec![second, day] } else { vec![day, second] }
    }

    fn write(&mut self, value: &Value, to: &mut String) {
        match value {
            Value::Object(fields) => self.write_object(fields, to),
            Value::Array(values) => {
                to.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        to.push(',');
                    }
                    self.write(value, to);
                }
                to.push(']');
            }
            Value::Number(number) => self.write_number(number, to),
            Value::String(text) => self.write_text(text, to),
            other => to.push_str(&other.to_string()),
        }
    }

    fn write_object(&mut self, fields: &Map<String, Value>, to: &mut String) {
        let mut entries: Vec<_> = fields.iter().collect();
        if !entries.is_empty() {
            entries.rotate_left(usize::from(self.choice(4)) % fields.len());
        }
        to.push('{');
        let mut is_first = true;
        for (name, value) in entries {
            let is_nothing = value.as_object().is_some_and(Map::is_empty)
                && EMPTY_PARTS.contains(&name.as_str())
                || value.as_f64() == Some(0.0);
            let said = match (is_nothing, self.choice(4)) {
                (true, 1) => continue,
                (true, 2) => &Value::Null,
                _ => value,
            };
            if !is_first {
                to.push(',');
            }
            is_first = false;
            self.write_text(name, to);
            to.push(':');
            self.write(said, to);
        }
        // Elsewhere it would be a name, such as that of a team.
        let is_of_fields =
            ["results", "metrics", "total_tokens"].iter().any(|name| fields.contains_key(*name));
        if is_of_fields && self.choice(8) == 1 {
            to.push_str(if is_first { "" } else { "," });
            to.push_str(r#""of a later version":[{"x":[1,{"y":null}]},"z"]"#);
        }
        to.push('}');
    }

    fn write_number(&mut self, number: &Number, to: &mut String) {
        match self.choice(5) {
            1 => to.push_str(&format!("\"{number}\"")),
            2 if number.is_i64() => to.push_str(&format!("{number}.0")),
            3 if number.is_i64() => to.push_str(&format!(" {number}e0 ")),
            _ => to.push_str(&number.to_string()),
        }
    }

    fn write_text(&mut self, text: &str, to: &mut String) {
        if self.choice(6) != 1 {
            to.push_str(&Value::from(text).to_string());
            return;
        }
        to.push('"');
        text.encode_utf16().for_each(|unit| to.push_str(&format!("\\u{unit:04x}")));
        to.push('"');
    }
}
