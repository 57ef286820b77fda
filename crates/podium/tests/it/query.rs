//! Any question: whatever usage is told apart by, it adds up.

mod adding_up;
mod asking;
mod boards;
mod files;

use gateway_sim::{Request, World};
use serde_json::Value;

use crate::harness::Answer;
use crate::requests::request;
use crate::worlds::{Use, workshop};

/// The rows of an answer as texts, by the names of their columns.
fn rows(answer: &Value, columns: &[&str]) -> Vec<Vec<String>> {
    let names: Vec<&str> = answer["columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| column["name"].as_str().expect("a name"))
        .collect();
    let place = |name: &&str| {
        let place = names.iter().position(|column| column == name);
        place.unwrap_or_else(|| panic!("{name} among {names:?}"))
    };
    let places: Vec<usize> = columns.iter().map(place).collect();
    let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
    let rows = answer["rows"].as_array().expect("rows");
    rows.iter().map(|row| places.iter().map(|place| text(&row[*place])).collect()).collect()
}

/// The workshop, and usage of Alpha that no model group claims, beside named ones.
fn workshop_with_a_rest() -> World {
    let mut world = workshop();
    let mut row = Use { prompt: 380, completion: 20, spend: 2.75, ..Use::default() }.row();
    (row.model, row.model_group, row.provider, row.endpoint) = (None, None, None, None);
    world.record(row);
    world
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn logged(world: &mut World, id: &str, at: &str) {
    world.record_request(Request { ..request(id, at) });
}

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.header(name).unwrap_or_else(|| panic!("{name}: {:?}", answer.headers))
}
