//! Changes of an answer's JSON.

use serde_json::{Number, Value, json};

use crate::answer::Answer;

/// Changes the body of an answer, unless it is not JSON (any more).
pub(super) fn edit(answer: &mut Answer, change: impl Fn(&mut Value)) {
    if let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) {
        change(&mut value);
        answer.body = value.to_string().into_bytes();
    }
}

pub(super) fn without(value: &mut Value, field: &str) {
    if let Value::Object(fields) = value {
        fields.remove(field);
    }
}

/// Visits every value, parents after their children.
fn visit(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|field| visit(field, change)),
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, change)),
        _ => {}
    }
    change(value);
}

/// Objects that map names to things are spared, because a new field there is a new thing: an empty
/// object, and one whose values are all objects, may be such a map.
pub(super) fn extra_fields(value: &mut Value) {
    visit(value, &|value| {
        if let Value::Object(fields) = value
            && fields.values().any(|field| !field.is_object())
        {
            fields.insert("brand_new_text".to_owned(), json!("news"));
            fields.insert("brand_new_number".to_owned(), json!(-1.5));
            fields.insert("brand_new_null".to_owned(), json!(null));
            fields.insert("brand_new_object".to_owned(), json!({ "deep": [{ "deeper": true }] }));
        }
    });
}

/// Fields that are null somewhere in some release.
const NULLABLE: [&str; 16] = [
    "team_alias",
    "key_alias",
    "team_id",
    "user_id",
    "user_email",
    "members_with_roles",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "total_cache_read_input_tokens",
    "total_cache_creation_input_tokens",
    "total_response_time_ms",
    "timed_requests",
    "flat_cost",
    "mcp_servers",
    "total_api_keys",
    "entity_total_api_keys",
];

/// Teams keep their ids: an element with `created_at` or `keys` is a team, not a key's metadata.
pub(super) fn nulls(value: &mut Value) {
    visit(value, &|value| {
        if let Value::Object(fields) = value {
            let is_team = fields.contains_key("members_with_roles");
            for (name, field) in fields.iter_mut() {
                if NULLABLE.contains(&name.as_str()) && !(is_team && name == "team_id") {
                    *field = Value::Null;
                }
            }
        }
    });
}

pub(super) fn numbers_as_text(value: &mut Value) {
    visit(value, &|value| {
        if let Value::Number(number) = value {
            *value = Value::String(number.to_string());
        }
    });
}

pub(super) fn numbers_as_floats(value: &mut Value) {
    visit(value, &|value| {
        if let Some(float) = value.as_i64().and_then(|whole| Number::from_f64(whole as f64)) {
            *value = Value::Number(float);
        }
    });
}

pub(super) fn has_more_as_text(value: &mut Value) {
    if let Some(Value::Bool(has_more)) = value.pointer("/metadata/has_more") {
        value["metadata"]["has_more"] = json!(has_more.to_string());
    }
}
