//! Figures that depend on the model group.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expected::{ALL_MODELS, Expected};
use super::{count, list, text};
use crate::answers::{CostCell, Range};
use crate::differences::Differences;
use crate::sums::Sums;

/// A key's models in the breakdown of `/tokens`.
pub(super) fn models_of_key(
    what: impl Fn() -> String,
    key: &Value,
    theirs: BTreeMap<String, Sums>,
    differences: &mut Differences,
) {
    let tokens = |model: &Value| {
        ["total_tokens", "prompt_tokens", "completion_tokens"].map(|field| count(&model[field]))
    };
    let models = list(&key["models"]);
    let by_name: BTreeMap<String, [i64; 3]> =
        models.iter().map(|model| (text(&model["model_name"]), tokens(model))).collect();
    let names = |models: Vec<&String>| models.into_iter().cloned().collect::<Vec<_>>();
    differences.compare(
        || format!("{}: models", what()),
        names(by_name.keys().collect()),
        names(theirs.keys().collect()),
    );
    differences.compare(|| format!("{}: listed models", what()), models.len(), theirs.len());
    for (model, ours) in by_name {
        let Some(sums) = theirs.get(&model) else { continue };
        let theirs = [sums.total_tokens, sums.prompt_tokens, sums.completion_tokens];
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            differences.compare(|| format!("{}, {model}", what()), ours, theirs);
        }
    }
    most_first(what, models.iter().map(|model| count(&model["total_tokens"])), differences);
}

/// `/tokens/models`: each model group that listed teams used, once.
pub(super) fn models(
    range: &Range,
    answer: &Value,
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    let mut theirs: BTreeMap<String, i64> = BTreeMap::new();
    for (cell, sums) in &expected.cells {
        if expected.listed.contains(cell.0.as_str()) && cell.2 != ALL_MODELS {
            *theirs.entry(cell.2.clone()).or_default() += sums.total_tokens;
        }
    }
    let models = list(&answer["models"]);
    let ours: BTreeMap<String, i64> =
        models.iter().map(|model| (text(&model["model"]), count(&model["tokens"]))).collect();
    let what = || format!("/tokens/models {range}");
    differences.compare(|| format!("{}: listed models", what()), models.len(), theirs.len());
    for (model, tokens) in &theirs {
        differences.compare(
            || format!("{}, {model}", what()),
            ours.get(model).copied(),
            Some(*tokens),
        );
    }
    most_first(what, models.iter().map(|model| count(&model["tokens"])), differences);
}

/// `/tokens/cost-efficiency`: each pair of listed team and model group with usage, once.
pub(super) fn cost_efficiency(
    range: &Range,
    cells: &[CostCell],
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    let mut theirs: BTreeMap<(&str, &str), Sums> = BTreeMap::new();
    for (cell, sums) in &expected.cells {
        if expected.listed.contains(cell.0.as_str()) {
            *theirs.entry((&cell.0, &cell.2)).or_default() += *sums;
        }
    }
    theirs.retain(|_, sums| !sums.is_zero());
    let ours: BTreeMap<(&str, &str), &CostCell> =
        cells.iter().map(|cell| ((cell.team_id.as_str(), cell.model.as_str()), cell)).collect();
    let what = || format!("/tokens/cost-efficiency {range}");
    differences.compare(|| format!("{}: listed cells", what()), cells.len(), theirs.len());
    for (pair, sums) in &theirs {
        let what = || format!("{}, {pair:?}", what());
        match ours.get(pair) {
            Some(cell) => cost_efficiency_cell(what, cell, sums, differences),
            None => differences.compare(what, "no cell", "usage"),
        }
    }
}

fn cost_efficiency_cell(
    what: impl Fn() -> String,
    cell: &CostCell,
    sums: &Sums,
    differences: &mut Differences,
) {
    let what = |field: &str| format!("{}: {field}", what());
    let tokens = sums.total_tokens;
    let price = if tokens == 0 { 0.0 } else { sums.spend / tokens as f64 * 1000.0 };
    differences.compare(|| what("total_tokens"), cell.total_tokens, tokens);
    for (field, rounded, unrounded, theirs) in [
        ("total_cost", cell.total_cost, cell.total_cost_unrounded, sums.spend),
        ("cost_per_1k_tokens", cell.cost_per_1k_tokens, cell.cost_per_1k_tokens_unrounded, price),
    ] {
        differences.compare_money(|| what(field), unrounded, theirs);
        // A sum in another order may lie on the other side of a tie, so the rounded figure is
        // held against the unrounded one beside it.
        let expected: f64 = format!("{unrounded:.4}").parse().expect("a number");
        differences.compare(|| what(field), rounded, expected);
    }
}

fn most_first(
    what: impl Fn() -> String,
    tokens: impl Iterator<Item = i64>,
    differences: &mut Differences,
) {
    let tokens: Vec<i64> = tokens.collect();
    let sorted = tokens.is_sorted_by(|one, next| one >= next);
    differences.compare(|| format!("{}: most tokens first", what()), sorted, true);
}
