//! What a topic tells: its state, and what changed in it since another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::Error;

/// The state of a topic. Cloning shares it.
#[derive(Clone, Debug)]
pub(super) struct State(Arc<Told>);

#[derive(Debug)]
struct Told {
    json: Arc<str>,
    /// The same, lists as objects by what tells their parts apart.
    fields: Value,
    /// What changed since another state: all who listen usually know the same one.
    since: Mutex<Option<(Arc<str>, Arc<str>)>>,
}

impl State {
    /// A state and its fields; with `by`, the list under that name has its parts by their ids.
    pub(super) fn of(state: &impl Serialize, by: Option<(&str, &str)>) -> Result<Self, Error> {
        let unwritten = |error: serde_json::Error| Error::Database(error.to_string());
        let json = serde_json::to_string(state).map_err(unwritten)?.into();
        let mut fields = serde_json::to_value(state).map_err(unwritten)?;
        if let Some((list, id)) = by {
            by_id(&mut fields[list], id);
        }
        Ok(Self(Arc::new(Told { json, fields, since: Mutex::default() })))
    }

    /// The whole state as JSON.
    pub(super) fn json(&self) -> Arc<str> {
        Arc::clone(&self.0.json)
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.json == other.0.json
    }

    /// The fields as JSON; where an earlier state is known only those that changed, as a merge
    /// patch (RFC 7396).
    pub(super) fn fields_since(&self, known: Option<&Self>) -> Arc<str> {
        let Some(known) = known else { return self.0.fields.to_string().into() };
        let mut since = self.0.since.lock().unwrap_or_else(PoisonError::into_inner);
        match &*since {
            Some((of, patch)) if Arc::ptr_eq(of, &known.0.json) => Arc::clone(patch),
            _ => {
                let changed = patch(&known.0.fields, &self.0.fields);
                let patch: Arc<str> =
                    changed.unwrap_or_else(|| Map::new().into()).to_string().into();
                *since = Some((known.json(), Arc::clone(&patch)));
                patch
            }
        }
    }
}

/// Makes a list of objects an object of them, each under its id.
fn by_id(list: &mut Value, id: &str) {
    let Some(parts) = list.as_array_mut() else { return };
    let named = std::mem::take(parts).into_iter().filter_map(|mut part| {
        let id = part.as_object_mut()?.remove(id)?.as_str()?.to_owned();
        Some((id, part))
    });
    *list = Value::Object(named.collect());
}

/// The merge patch from one value to another; nothing where they are the same.
fn patch(from: &Value, to: &Value) -> Option<Value> {
    let (Value::Object(before), Value::Object(after)) = (from, to) else {
        return (from != to).then(|| to.clone());
    };
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let gone = gone.map(|name| (name.clone(), Value::Null));
    let changed = after.iter().filter_map(|(name, value)| {
        let known = before.get(name).unwrap_or(&Value::Null);
        Some((name.clone(), patch(known, value)?))
    });
    let fields: Map<String, Value> = gone.chain(changed).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}

/// States by topic.
pub(super) type States = BTreeMap<&'static str, State>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What RFC 7396 says of applying a patch.
    fn apply(to: &mut Value, patch: Value) {
        let Value::Object(patch) = patch else {
            *to = patch;
            return;
        };
        if !to.is_object() {
            *to = json!({});
        }
        for (name, value) in patch {
            let fields = to.as_object_mut().expect("an object");
            if value.is_null() {
                fields.remove(&name);
            } else {
                apply(fields.entry(name).or_insert(Value::Null), value);
            }
        }
    }

    /// The same without fields that are null, which a patch cannot tell from none.
    fn without_nulls(value: &Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), without_nulls(value)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn state() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            (0..3).prop_map(Value::from),
            Just(json!("text")),
            Just(json!([1, { "a": null }])),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop::collection::btree_map("[a-c]", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect()))
        })
    }

    proptest! {
        #[test]
        fn a_state_and_its_patches_are_the_next_states(states in prop::collection::vec(state(), 2..5)) {
            let object = |value: &Value| json!({ "state": value });
            let mut known: Option<State> = None;
            let mut heard = json!({});
            for value in &states {
                let state = State::of(&object(value), None).expect("it is JSON");
                let told = state.fields_since(known.as_ref());
                prop_assert_eq!(&told, &state.fields_since(known.as_ref()), "told to the next, too");
                apply(&mut heard, serde_json::from_str(&told).expect("it is JSON"));
                prop_assert_eq!(without_nulls(&heard), without_nulls(&object(value)));
                known = Some(state);
            }
        }
    }

    #[test]
    fn of_a_list_only_the_parts_that_changed_are_told() {
        let board = |tokens: [i64; 2]| {
            json!({ "date": "2026-11-24", "teams": [
                { "team_id": "a", "name": "Alpha", "tokens": tokens[0] },
                { "team_id": "b", "name": "Beta", "tokens": tokens[1] },
            ] })
        };
        let by = Some(("teams", "team_id"));
        let [first, second] = [[1, 2], [1, 3]].map(|of| State::of(&board(of), by).expect("JSON"));
        let told =
            |known| serde_json::from_str::<Value>(&second.fields_since(known)).expect("JSON");
        assert_eq!(told(Some(&first)), json!({ "teams": { "b": { "tokens": 3 } } }));
        assert_eq!(told(None)["teams"]["a"], json!({ "name": "Alpha", "tokens": 1 }));
        assert_eq!(told(Some(&second)), json!({}));
        assert!(second.json().contains("\"team_id\":\"b\""), "whole states stay as they were");
    }
}
