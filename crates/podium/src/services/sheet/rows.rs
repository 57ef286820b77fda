//! Which rows are shown, and in which order.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::{Before, Order, OrderBy, Sheet, SheetQuestion};
use crate::query::{ListedTeam, ListedTeams, Row};
use crate::usage::{Dimension, Filter, Grain, Metrics, Value};

/// One row: a group's, now and in the days of the comparison, or that of all others of a bucket.
#[derive(Clone, Debug)]
pub(super) struct SheetRow {
    pub(super) bucket: usize,
    pub(super) now: Option<Row>,
    pub(super) before: Option<Row>,
    /// What the others used, now and before.
    pub(super) others: Option<Box<(Metrics, Metrics)>>,
    /// The row of a group that used nothing: the team's place among the listed ones.
    pub(super) filled: Option<usize>,
}

impl SheetRow {
    pub(super) fn is_filled(&self) -> bool {
        self.filled.is_some()
    }

    /// The team that used nothing.
    pub(super) fn team<'a>(&self, sheet: &'a Sheet) -> Option<&'a ListedTeam> {
        self.filled.and_then(|place| sheet.listed.get(place))
    }

    fn of(bucket: usize, now: Option<Row>, before: Option<Row>) -> Self {
        Self { bucket, now, before, others: None, filled: None }
    }
}

/// The ids of a row's group.
type Ids<'a> = [Option<&'a str>; 3];

fn ids<'a>(sheet: &'a Sheet, row: &SheetRow) -> Ids<'a> {
    let mut ids = [None; 3];
    for (place, id) in ids.iter_mut().enumerate().take(sheet.by.len()) {
        *id = sheet.id(row, place);
    }
    ids
}

/// The teams that have rows whatever they used: those of the lists that the filter leaves.
pub(super) fn listed(
    teams: &ListedTeams,
    asked: &SheetQuestion,
    filter: &Filter,
) -> Vec<ListedTeam> {
    if !asked.zeros || asked.by != [Dimension::Team] {
        return Vec::new();
    }
    let of_teams = || filter.0.iter().filter(|(dimension, _)| *dimension == Dimension::Team);
    let counts = |team: &&ListedTeam| of_teams().all(|(_, wanted)| wanted.has(&team.team_id));
    teams.iter().filter(counts).cloned().collect()
}

/// The rows that are shown, and how many groups those of the others are of.
pub(super) fn in_order(sheet: &Sheet, asked: &SheetQuestion) -> (Vec<SheetRow>, usize) {
    let mut rows: Vec<SheetRow> =
        sheet.table.rows.iter().map(|row| SheetRow::of(row.bucket, Some(*row), None)).collect();
    if let Some(before) = &sheet.before {
        add_before(sheet, before, &mut rows);
    }
    if asked.zeros {
        add_zeros(sheet, &mut rows);
    }
    let keys = keys(sheet, asked, &rows);
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by(|a, b| compare(sheet, asked, (&rows[*a], &keys[*a]), (&rows[*b], &keys[*b])));
    let rows = places.into_iter().map(|place| rows[place].clone()).collect();
    match asked.limit {
        None => (rows, 0),
        Some(limit) if asked.grain == Grain::Total || asked.by.is_empty() => {
            first_rows(sheet, asked, rows, limit)
        }
        Some(limit) => first_groups(sheet, asked, rows, limit),
    }
}

/// The values by which rows are ordered, in the order of the measures that matter.
fn keys(sheet: &Sheet, asked: &SheetQuestion, rows: &[SheetRow]) -> Vec<Vec<f64>> {
    let mut measures: Vec<usize> = asked
        .order
        .iter()
        .filter_map(|order| match order.by {
            OrderBy::Measure(place) => Some(place),
            _ => None,
        })
        .collect();
    measures.push(0);
    let key = |row: &SheetRow| {
        measures.iter().map(|place| number(sheet.value(row, sheet.measures[*place]))).collect()
    };
    rows.iter().map(key).collect()
}

#[expect(clippy::cast_precision_loss, reason = "an order needs no 64 bits")]
fn number(value: Value) -> f64 {
    match value {
        Value::Unknown => f64::NEG_INFINITY,
        Value::Count(count) => count as f64,
        Value::Amount(amount) => amount,
    }
}

fn compare(
    sheet: &Sheet,
    asked: &SheetQuestion,
    (a, a_keys): (&SheetRow, &[f64]),
    (b, b_keys): (&SheetRow, &[f64]),
) -> Ordering {
    let mut measures = 0;
    for Order { by, descending } in &asked.order {
        let ordering = match by {
            OrderBy::Bucket => a.bucket.cmp(&b.bucket),
            OrderBy::Dimension(place) => sheet.name(a, *place).cmp(&sheet.name(b, *place)),
            OrderBy::Measure(_) => {
                measures += 1;
                a_keys[measures - 1].total_cmp(&b_keys[measures - 1])
            }
        };
        let ordering = if *descending { ordering.reverse() } else { ordering };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    let first = a_keys.len() - 1;
    let of_bucket = a.bucket.cmp(&b.bucket);
    of_bucket
        .then_with(|| b_keys[first].total_cmp(&a_keys[first]))
        .then_with(|| ids(sheet, a).cmp(&ids(sheet, b)))
}

/// Puts what the days of the comparison used beside the same groups, and adds the groups that have
/// no usage now.
fn add_before(sheet: &Sheet, before: &Before, rows: &mut Vec<SheetRow>) {
    let now = rows.iter().enumerate();
    let known: HashMap<(usize, Ids<'_>), usize> =
        now.map(|(place, row)| ((row.bucket, ids(sheet, row)), place)).collect();
    for then in &before.table.rows {
        let row = SheetRow::of(then.bucket, None, Some(*then));
        match known.get(&(row.bucket, ids(sheet, &row))) {
            Some(place) => rows[*place].before = row.before,
            None if row.bucket < sheet.table.buckets.len() => rows.push(row),
            None => {}
        }
    }
}

/// Adds a row for each group without one, in every bucket.
fn add_zeros(sheet: &Sheet, rows: &mut Vec<SheetRow>) {
    let groups: Vec<Option<&str>> = match sheet.by.as_slice() {
        [] => vec![None],
        _ => sheet.listed.iter().map(|team| Some(&*team.team_id)).collect(),
    };
    let there: HashSet<(usize, Option<&str>)> =
        rows.iter().map(|row| (row.bucket, ids(sheet, row)[0])).collect();
    for bucket in 0..sheet.table.buckets.len() {
        let missing = groups.iter().enumerate().filter(|(_, id)| !there.contains(&(bucket, **id)));
        rows.extend(missing.map(|(place, _)| SheetRow {
            filled: Some(place),
            ..SheetRow::of(bucket, None, None)
        }));
    }
}

fn first_rows(
    sheet: &Sheet,
    asked: &SheetQuestion,
    mut rows: Vec<SheetRow>,
    limit: usize,
) -> (Vec<SheetRow>, usize) {
    let others = rows.split_off(limit.min(rows.len()));
    if !asked.rest || others.is_empty() {
        return (rows, 0);
    }
    rows.push(together(sheet, others[0].bucket, others.iter()));
    (rows, others.len())
}

/// The rows of the groups that come first over all buckets, and each bucket's others.
fn first_groups(
    sheet: &Sheet,
    asked: &SheetQuestion,
    rows: Vec<SheetRow>,
    limit: usize,
) -> (Vec<SheetRow>, usize) {
    let mut sums: HashMap<Ids<'_>, f64> = HashMap::new();
    let (measure, sign) = match asked.order.iter().find_map(|order| match order.by {
        OrderBy::Measure(place) => Some((place, order.descending)),
        _ => None,
    }) {
        Some((place, descending)) => (place, if descending { 1.0 } else { -1.0 }),
        None => (0, 1.0),
    };
    for row in &rows {
        let value = match sheet.value(row, sheet.measures[measure]) {
            // What is not known in one bucket says nothing of the others.
            Value::Unknown if row.is_filled() => 0.0,
            value => number(value).max(f64::MIN),
        };
        *sums.entry(ids(sheet, row)).or_default() += sign * value;
    }
    let mut ranked: Vec<(Ids<'_>, f64)> = sums.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let group_count = ranked.len();
    let shown: HashSet<Ids<'_>> = ranked.into_iter().take(limit).map(|(ids, _)| ids).collect();
    let (mut kept, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| shown.contains(&ids(sheet, row)));
    if asked.rest {
        let mut by_bucket: Vec<Vec<&SheetRow>> = vec![Vec::new(); sheet.table.buckets.len()];
        others.iter().for_each(|row| by_bucket[row.bucket].push(row));
        for (bucket, others) in by_bucket.iter().enumerate().filter(|(_, all)| !all.is_empty()) {
            kept.push(together(sheet, bucket, others.iter().copied()));
        }
    }
    (kept, if asked.rest { group_count - shown.len() } else { 0 })
}

fn together<'a>(
    sheet: &Sheet,
    bucket: usize,
    rows: impl Iterator<Item = &'a SheetRow> + Clone,
) -> SheetRow {
    let now = sheet.table.sum_of(rows.clone().filter_map(|row| row.now));
    let before =
        sheet.before.as_ref().map(|before| before.table.sum_of(rows.filter_map(|row| row.before)));
    let others = Some(Box::new((now, before.unwrap_or_default())));
    SheetRow { others, ..SheetRow::of(bucket, None, None) }
}
