//! Tokens and requests of each team, day by day.

use std::io::{self, Write};

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::{ListedTeam, Query, View, utc_days};
use crate::store::Error;
use crate::usage::{COUNT_NAMES, Day, DayRange, Dimension, Grain};

/// The answer of `/tokens/timeseries`.
#[derive(Debug, ToSchema)]
pub struct TimeSeries {
    /// The days on which the gateway has usage, newest first.
    #[schema(value_type = Vec<TimeSeriesDay>)]
    pub timeseries: Days,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// Figures of each listed team by day.
#[derive(Debug)]
pub struct Days {
    teams: Vec<ListedTeam>,
    /// The figures in the order of the teams.
    days: Vec<(Day, Vec<[i64; FIGURES.len()]>)>,
}

/// The figures of a team and the counters that they are, in the order of the answer.
const FIGURES: [(&str, &str); 4] = [
    ("tokens", "total_tokens"),
    ("total_requests", "requests"),
    ("successful_requests", "successful_requests"),
    ("failed_requests", "failed_requests"),
];

/// One day.
#[derive(Serialize, ToSchema)]
pub struct TimeSeriesDay {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// All listed teams, in the gateway's order.
    pub teams: Vec<TimeSeriesTeam>,
}

/// A team on one day.
#[derive(Serialize, ToSchema)]
pub struct TimeSeriesTeam {
    /// The team's name, unlike every other in the list.
    pub name: String,
    /// The gateway's id of the team.
    pub team_id: String,
    /// Present and true if the gateway no longer lists the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The gateway's total of the team's tokens.
    pub tokens: i64,
    /// All requests.
    pub total_requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
}

/// Tokens and requests by day and team.
pub async fn time_series(question: Question<'_>) -> Result<TimeSeries, Error> {
    let measures = ["tokens", "requests", "successful_requests", "failed_requests"];
    let by_team = question.query(&[Dimension::Team], &measures);
    let table = question.ask(&Query { grain: Grain::Day, ..by_team }).await?;
    let (View { reader, now, .. }, listed) = (question.view, &table.teams);
    let places: Vec<Option<usize>> = table.ids(0).iter().map(|id| listed.place(id)).collect();
    let counters = FIGURES.map(|(_, counter)| {
        COUNT_NAMES.iter().position(|name| *name == counter).expect("figures are counters")
    });
    let mut rows = table.rows.iter().peekable();
    let mut days = Vec::new();
    for (bucket, planned) in table.buckets.iter().enumerate() {
        let mut by_place = vec![[0; FIGURES.len()]; listed.len()];
        while let Some(row) = rows.next_if(|row| row.bucket == bucket) {
            if let Some(place) = places[table.code(*row, 0)] {
                by_place[place] = counters.map(|counter| table.count(*row, counter));
            }
        }
        let utc = utc_days(planned.days, question.zone, Day::of(now));
        let state = |day| reader.ledger.day_state(day);
        let is_used = |days: DayRange| days.newest_first().filter_map(state).any(|s| s.has_usage);
        if utc.is_some_and(is_used) {
            days.push((planned.days.first(), by_place));
        }
    }
    days.reverse();
    let timeseries = Days { teams: listed.iter().cloned().collect(), days };
    Ok(TimeSeries { timeseries, meta: Meta::of(question, &table) })
}

impl TimeSeries {
    /// Writes it as JSON: [`TimeSeriesDay`] and [`TimeSeriesTeam`] say what. It is the longest of
    /// all answers, and nearly all of its text is the same for every day.
    pub fn write_json(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(b"{\"timeseries\":")?;
        self.timeseries.write_json(to)?;
        to.write_all(b",\"meta\":")?;
        serde_json::to_writer(&mut *to, &self.meta)?;
        to.write_all(b"}")
    }
}

impl Days {
    fn write_json(&self, to: &mut impl Write) -> io::Result<()> {
        let begun: Vec<String> = self.teams.iter().map(begin_team).collect();
        let labels = FIGURES.map(|(figure, _)| format!(",\"{figure}\":"));
        to.write_all(b"[")?;
        for (at, (day, figures)) in self.days.iter().enumerate() {
            to.write_all(if at == 0 { b"{\"date\":" } else { b",{\"date\":" })?;
            serde_json::to_writer(&mut *to, day)?;
            to.write_all(b",\"teams\":[")?;
            for (place, (begun, of_team)) in begun.iter().zip(figures).enumerate() {
                to.write_all(&begun.as_bytes()[usize::from(place == 0)..])?;
                for (label, figure) in labels.iter().zip(of_team) {
                    to.write_all(label.as_bytes())?;
                    serde_json::to_writer(&mut *to, figure)?;
                }
                to.write_all(b"}")?;
            }
            to.write_all(b"]}")?;
        }
        to.write_all(b"]")
    }
}

/// What stands before a team's figures on each day, with the comma before it.
fn begin_team(team: &ListedTeam) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let deleted = if team.deleted { ",\"deleted\":true" } else { "" };
    format!(",{{\"name\":{},\"team_id\":{}{deleted}", text(&team.name), text(&team.team_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_documented() {
        let team = |name: &str, deleted| ListedTeam::new(&format!("id of {name}"), name, deleted);
        let teams = vec![team("a \"b\" \u{1}\\", false), team("Zoë", true)];
        let day = |text: &str| Day::parse(text).expect("a day");
        let days = vec![
            (day("2026-11-24"), vec![[1, 2, 3, 4], [0, 0, 0, 0]]),
            (day("2026-11-23"), vec![[i64::MAX, i64::MIN, -1, 10], [5, 6, 7, 8]]),
        ];
        let documented: Vec<TimeSeriesDay> = days
            .iter()
            .map(|(date, figures)| TimeSeriesDay {
                date: *date,
                teams: teams
                    .iter()
                    .zip(figures)
                    .map(|(team, figures)| TimeSeriesTeam {
                        name: team.name.to_string(),
                        team_id: team.team_id.to_string(),
                        deleted: team.deleted,
                        tokens: figures[0],
                        total_requests: figures[1],
                        successful_requests: figures[2],
                        failed_requests: figures[3],
                    })
                    .collect(),
            })
            .collect();
        let written = |days: Days| {
            let mut written = Vec::new();
            days.write_json(&mut written).expect("memory takes it");
            String::from_utf8(written).expect("JSON is text")
        };
        let json = serde_json::to_string(&documented).expect("it is JSON");
        assert_eq!(written(Days { teams: teams.clone(), days }), json);
        assert_eq!(written(Days { teams, days: Vec::new() }), "[]");
    }
}
