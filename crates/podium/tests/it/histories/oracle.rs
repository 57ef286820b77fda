//! What the gateway has, and had: sums over the simulator's own rows.

use std::collections::BTreeMap;

use gateway_sim::{Counters, DailyRow, World};
use jiff::civil::Date;
use serde_json::Value;

/// The figures of one group; spend is compared apart, since it is no integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub tokens: i64,
    pub requests: i64,
    pub successes: i64,
    pub failures: i64,
}

impl Figures {
    fn add(&mut self, counters: &Counters) {
        self.tokens += counters.total_tokens();
        self.requests += counters.api_requests;
        self.successes += counters.successful_requests;
        self.failures += counters.failed_requests;
    }
}

/// A day by team; teams without usage are left out.
pub type DayByTeam = BTreeMap<String, Figures>;

/// How the gateway calls usage without a team.
const UNASSIGNED: &str = "Unassigned";

fn entity(row: &DailyRow) -> String {
    row.team_id.clone().filter(|id| !id.is_empty()).unwrap_or_else(|| UNASSIGNED.to_owned())
}

/// All days as they are now.
pub fn days(world: &World) -> BTreeMap<Date, DayByTeam> {
    let mut days: BTreeMap<Date, DayByTeam> = BTreeMap::new();
    for row in world.rows() {
        days.entry(row.date).or_default().entry(entity(&row)).or_default().add(&row.counters);
    }
    days
}

/// Tokens by (team, key, model), and spend by (team, model), of all calls that were not refused.
/// A model's name is `name` of its row.
pub struct Details {
    pub tokens: BTreeMap<(String, String, String), i64>,
    pub spend: BTreeMap<(String, String), f64>,
}

impl Details {
    pub fn of(world: &World, name: impl Fn(&DailyRow) -> String) -> Self {
        let mut details = Self { tokens: BTreeMap::new(), spend: BTreeMap::new() };
        for row in world.rows() {
            let is_of_model = row.model.is_some();
            let model = if is_of_model { name(&row) } else { "All Models".to_owned() };
            let team = entity(&row);
            *details.spend.entry((team.clone(), model.clone())).or_default() += row.counters.spend;
            // What is of no model here is of no key either.
            if !is_of_model {
                continue;
            }
            *details.tokens.entry((team, row.api_key, model)).or_default() +=
                row.counters.prompt_tokens + row.counters.completion_tokens;
        }
        details
    }
}

/// The days of a time series, as far as it has usage.
pub fn told_days(time_series: &Value) -> BTreeMap<Date, DayByTeam> {
    let days = time_series["timeseries"].as_array().expect("a list of days");
    days.iter()
        .map(|day| {
            let date = day["date"].as_str().expect("a date").parse().expect("a date");
            let teams = day["teams"].as_array().expect("a list of teams").iter();
            let by_team = teams.map(|team| {
                let count = |field: &str| team[field].as_i64().expect("a count");
                let figures = Figures {
                    tokens: count("tokens"),
                    requests: count("total_requests"),
                    successes: count("successful_requests"),
                    failures: count("failed_requests"),
                };
                (team["team_id"].as_str().expect("an id").to_owned(), figures)
            });
            (date, by_team.filter(|(_, figures)| *figures != Figures::default()).collect())
        })
        .collect()
}
