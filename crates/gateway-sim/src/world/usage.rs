//! Writing and reading daily usage.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::World;
use super::counters::Counters;
use super::models::Model;
use super::rows::{DailyRow, Row};

impl World {
    /// Adds counters to the row of the same identity, or inserts the row.
    pub fn record(&mut self, row: DailyRow) {
        let names = &mut self.names;
        let mut coded = Row {
            id: 0,
            team: names.intern_nullable(row.team_id.as_deref()),
            api_key: names.intern(&row.api_key),
            model: names.intern_nullable(row.model.as_deref()),
            model_group: names.intern_nullable(row.model_group.as_deref()),
            provider: names.intern_nullable(row.provider.as_deref()),
            endpoint: names.intern_nullable(row.endpoint.as_deref()),
            mcp_tool: names.intern_nullable(row.mcp_tool.as_deref()),
            counters: row.counters,
        };
        coded.identify(&self.names, row.date);
        insert(self.days.entry(row.date).or_default(), coded);
    }

    /// A row of calls that a team's key made to a model; without an id until it is added.
    pub(crate) fn row(
        &mut self,
        team_id: &str,
        token: &str,
        model: &Model,
        counters: Counters,
    ) -> Row {
        let names = &mut self.names;
        Row {
            id: 0,
            team: names.intern(team_id),
            api_key: names.intern(token),
            model: names.intern(&model.provider_model),
            model_group: names.intern(&model.public_name),
            provider: names.intern(&model.provider),
            endpoint: names.intern("/chat/completions"),
            mcp_tool: names.intern_nullable(None),
            counters,
        }
    }

    /// Adds many rows to a day at once, those of one identity to each other.
    pub(crate) fn add_rows(&mut self, date: Date, mut rows: Vec<Row>) {
        for row in &mut rows {
            row.identify(&self.names, date);
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup_by(|later, earlier| {
            let same = later.same_identity(earlier);
            if same {
                earlier.counters += later.counters;
            }
            same
        });
        let day = self.days.entry(date).or_default();
        if day.is_empty() && rows.is_sorted_by(|one, next| one.id < next.id) {
            *day = rows;
            return;
        }
        for row in rows {
            insert(day, row);
        }
    }

    /// Deletes all rows of a day; logs of requests stay.
    pub fn clear_day(&mut self, day: Date) {
        self.days.remove(&day);
    }

    /// All rows, oldest day first, within a day in the order of pages.
    pub fn rows(&self) -> impl Iterator<Item = DailyRow> + '_ {
        self.days
            .iter()
            .flat_map(move |(date, rows)| rows.iter().map(move |row| row.spell(&self.names, *date)))
    }

    /// The rows of one day, in the order of pages.
    pub fn rows_of(&self, day: Date) -> impl Iterator<Item = DailyRow> + '_ {
        let rows = self.days.get(&day).map(Vec::as_slice).unwrap_or_default();
        rows.iter().map(move |row| row.spell(&self.names, day))
    }

    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.days.values().map(Vec::len).sum()
    }

    pub(crate) fn days(&self) -> &BTreeMap<Date, Vec<Row>> {
        &self.days
    }
}

/// Keeps `rows` sorted by id; two identities with one id would get neighbouring ids.
fn insert(rows: &mut Vec<Row>, mut row: Row) {
    loop {
        match rows.binary_search_by_key(&row.id, |row| row.id) {
            Ok(at) if rows[at].same_identity(&row) => {
                rows[at].counters += row.counters;
                return;
            }
            Ok(_) => row.id = row.id.wrapping_add(1),
            Err(at) => {
                rows.insert(at, row);
                return;
            }
        }
    }
}
