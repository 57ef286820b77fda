//! Days of which all rows are known, in whatever clothes the gateway tells them: what is read are the
//! rows.

use std::collections::BTreeMap;

use gateway_sim::{Counters, DailyRow, Version, World};
use serde::Deserialize;

use super::activity::adds_up;
use super::dress::Dresser;
use super::stage::{DAY, NOW, day, instant};
use crate::gateway::DayReading;
use crate::gateway::fuzzing::read_day;
use crate::usage::{Dimension, Metrics, UNASSIGNED};

/// A day to play: its rows, and how they are told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Play {
    rows: Vec<PlayRow>,
    /// Which liberties the answers take, see [`Dresser`].
    dress: Vec<u8>,
    /// Rows a page; 0: the answer that is never cut.
    page_rows: u8,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PlayRow {
    team: Option<String>,
    key: String,
    group: Option<String>,
    model: Option<String>,
    provider: Option<String>,
    endpoint: Option<String>,
    tool: Option<String>,
    prompt: u32,
    completion: u32,
    answered: u16,
    failed: u16,
    /// In 1,024ths of a dollar, so that sums are exact.
    spend: i32,
}

const MOST_ROWS: usize = 40;

impl PlayRow {
    fn into_row(self) -> DailyRow {
        let (answered, failed) = (i64::from(self.answered), i64::from(self.failed));
        DailyRow {
            date: DAY.parse().expect("a date"),
            team_id: self.team,
            api_key: self.key,
            model: self.model,
            model_group: self.group,
            provider: self.provider,
            endpoint: self.endpoint,
            mcp_tool: self.tool,
            counters: Counters {
                spend: f64::from(self.spend) / 1_024.0,
                prompt_tokens: self.prompt.into(),
                completion_tokens: self.completion.into(),
                api_requests: answered + failed,
                successful_requests: answered,
                failed_requests: failed,
                ..Counters::default()
            },
        }
    }
}

/// Plays a day: JSON of a [`Play`].
pub(super) fn run(bytes: &[u8]) {
    let Ok(play) = serde_json::from_slice::<Play>(bytes) else { return };
    let mut world = World::empty("2026-11-24".parse().expect("a date"));
    let rows = play.rows.into_iter().take(MOST_ROWS).map(PlayRow::into_row);
    rows.for_each(|row| world.record(row));
    let truth = Truth::of(&world);
    let mut dresser = Dresser::new(play.dress);
    let mut pages = |team: Option<&str>| ask(&mut world, team, play.page_rows, &mut dresser);
    let reading = read_day(day(DAY), &mut pages).expect("what the gateway says can be read");
    truth.compare(&reading);
    adds_up(&reading);
}

fn ask(world: &mut World, team: Option<&str>, rows: u8, dresser: &mut Dresser) -> Vec<Vec<u8>> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("start_date", DAY).append_pair("end_date", DAY);
    if let Some(team) = team {
        query.append_pair("team_ids", team);
    }
    let query = query.finish();
    let mut get = |path: &str, more: &str| {
        let query = format!("{query}&{more}");
        let (status, body) = world.get(&Version::CURRENT, instant(NOW), path, &query);
        assert_eq!(status, 200, "the simulator answers");
        body
    };
    if rows == 0 {
        let body = get("/team/daily/activity/aggregated", "api_key_limit=1000");
        return vec![dresser.dress(&body)];
    }
    let pages = 1..=MOST_ROWS.div_ceil(rows.into());
    let page = |page| get("/team/daily/activity", &format!("page={page}&page_size={rows}"));
    pages.map(page).map(|body| dresser.dress(&body)).collect()
}

type Parts = BTreeMap<(String, String, Dimension, String), Metrics>;

/// What the rows say.
#[derive(Default)]
struct Truth {
    total: Metrics,
    teams: BTreeMap<String, Metrics>,
    keys: BTreeMap<(String, String), Metrics>,
    parts: Parts,
}

impl Truth {
    fn of(world: &World) -> Self {
        let mut truth = Self::default();
        for row in world.rows() {
            truth.add(&row);
        }
        truth
    }

    fn add(&mut self, row: &DailyRow) {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let metrics = metrics(&row.counters);
        let team = filled(&row.team_id).unwrap_or_else(|| UNASSIGNED.to_owned());
        self.total += &metrics;
        *self.teams.entry(team.clone()).or_default() += &metrics;
        // The gateway does not list usage without a key by key.
        if row.api_key.is_empty() {
            return;
        }
        *self.keys.entry((team.clone(), row.api_key.clone())).or_default() += &metrics;
        let model = filled(&row.model);
        let values = [
            (Dimension::Model, filled(&row.model_group).or_else(|| model.clone())),
            (Dimension::ProviderModel, model),
            (Dimension::Provider, filled(&row.provider).filter(|name| name != "unknown")),
            (Dimension::Endpoint, filled(&row.endpoint)),
            (Dimension::McpTool, filled(&row.mcp_tool)),
        ];
        for (dimension, value) in values {
            let Some(value) = value else { continue };
            let place = (team.clone(), row.api_key.clone(), dimension, value);
            *self.parts.entry(place).or_default() += &metrics;
        }
    }

    fn compare(&self, reading: &DayReading) {
        let usage = &reading.usage;
        assert_eq!(usage.total, self.total, "the day");
        assert_eq!(reading.implausible, 0);
        let (mut teams, mut keys, mut parts) = (BTreeMap::new(), BTreeMap::new(), Parts::new());
        for team in &usage.teams {
            teams.insert(team.team_id.clone(), team.metrics);
            for key in team.keys.iter().filter(|key| !key.api_key.is_empty()) {
                keys.insert((team.team_id.clone(), key.api_key.clone()), key.metrics);
                for (dimension, value, metrics) in key.parts() {
                    let (team, key) = (team.team_id.clone(), key.api_key.clone());
                    parts.insert((team, key, dimension, value.to_owned()), *metrics);
                }
            }
        }
        assert_eq!(teams, self.teams, "teams");
        assert_eq!(keys, self.keys, "keys");
        // Of a key that several teams share which cannot be asked for, nobody knows what was whose.
        if reading.consistent {
            let is_used = |metrics: &Metrics| !metrics.is_zero();
            parts.retain(|_, metrics| is_used(metrics));
            let used = self.parts.clone().into_iter().filter(|(_, metrics)| is_used(metrics));
            assert_eq!(parts, used.collect(), "parts of keys");
        }
    }
}

fn metrics(counters: &Counters) -> Metrics {
    Metrics {
        spend_usd: counters.spend,
        prompt_tokens: counters.prompt_tokens,
        completion_tokens: counters.completion_tokens,
        total_tokens: counters.total_tokens(),
        requests: counters.api_requests,
        successful_requests: counters.successful_requests,
        failed_requests: counters.failed_requests,
        ..Metrics::default()
    }
}
