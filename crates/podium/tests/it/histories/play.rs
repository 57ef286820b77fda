//! Plays a history and compares what is answered with what the gateway has and had.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_sim::{DailyRow, Simulator, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::config::DataDir;
use podium::gateway::Limits;
use podium::sync::Settings;
use podium::usage::friendly_model_name;

use super::oracle::{DayByTeam, Details, days, told_days};
use super::step::{Asked, KEYS, MODELS, Opening, Step, TEAMS, Write};
use crate::harness::{Answer, Podium, Setup, TODAY, TestClock, gateway_with_clock};
use crate::worlds::Use;

type Checked = Result<(), String>;

/// All states in which a day of the gateway ever was.
type States = Arc<Mutex<BTreeMap<Date, Vec<DayByTeam>>>>;

pub struct Play {
    opening: Opening,
    gateway: Arc<Simulator>,
    podium: Podium,
    directory: tempfile::TempDir,
    clock: TestClock,
    states: States,
    /// Makes each row's tokens unlike every other's.
    written: i64,
}

impl Play {
    pub async fn from_beginning_to_end(opening: &Opening, steps: &[Step]) -> Checked {
        let mut play = Self::begin(*opening).await;
        for (number, step) in steps.iter().enumerate() {
            play.step(step).await.map_err(|error| format!("step {number}, {step:?}: {error}"))?;
        }
        play.end().await
    }

    async fn begin(opening: Opening) -> Self {
        let mut world = World::empty(TODAY.parse().expect("a date"));
        for (n, team) in TEAMS.into_iter().enumerate().skip(1) {
            world.add_team(team, Some(if n < 3 { team } else { "Twins" }));
        }
        for key in KEYS {
            world.add_key(key, None, Some(TEAMS[1]));
        }
        let clock = TestClock::at(crate::harness::NOW);
        let gateway = gateway_with_clock(world, opening.version(), clock.clone()).await;
        let directory = tempfile::tempdir().expect("a directory");
        let podium = Podium::start(&gateway, setup(&clock, &directory)).await;
        let states = States::default();
        let gateway = Arc::new(gateway);
        let mut play = Self { opening, gateway, podium, directory, clock, states, written: 0 };
        play.end_faults();
        if opening.has_small_pages() {
            play.fill_pages();
        }
        play
    }

    /// Days that take two and three pages from the beginning.
    fn fill_pages(&mut self) {
        for number in 0..36 {
            let (team, key, model) = (number % 7, number % 5, number % 3);
            let days_ago = i32::from(number % 3 == 0);
            self.write(Write { days_ago, team, key, model, failures: 1 })();
        }
    }

    async fn step(&mut self, step: &Step) -> Checked {
        match step {
            Step::Write(write) => self.write(*write)(),
            Step::ClearDay(days_ago) => {
                let day = day_before(TODAY, *days_ago);
                change(&self.gateway, &self.states, |world| world.clear_day(day));
            }
            Step::AddTeam(_)
            | Step::DeleteTeam(_)
            | Step::RenameTeam(..)
            | Step::MoveKey(..)
            | Step::RenameKey(..) => self.gateway.change(|world| people(world, step)),
            Step::Ask(asked) => self.ask(*asked).await?,
            Step::AskWhileWriting(asked, write) => {
                let write = self.write(*write);
                let (asked, ()) = tokio::join!(self.ask(*asked), async {
                    tokio::task::yield_now().await;
                    write();
                });
                asked?;
            }
            Step::AskBetweenPages(asked, write) => self.ask_between_pages(*asked, *write).await?,
            // These may fail while faults last, and then nothing may have changed.
            Step::Look => drop(self.podium.look().await),
            Step::Audit => drop(self.podium.audit("").await),
            Step::Fault(trouble) => match trouble.calls {
                None => self.gateway.faults().set(trouble.target.clone(), trouble.fault.clone()),
                Some(calls) => {
                    let (target, fault) = (trouble.target.clone(), trouble.fault.clone());
                    self.gateway.faults().set_next(calls, target, fault);
                }
            },
            Step::EndOfFaults => self.end_faults(),
            Step::Restart => {
                self.podium.stop().await;
                self.podium =
                    Podium::start(&self.gateway, setup(&self.clock, &self.directory)).await;
            }
            Step::HoursPass(hours) => self.clock.advance(*hours),
        }
        Ok(())
    }

    fn end_faults(&self) {
        self.gateway.faults().clear();
        if let Some((target, fault)) = self.opening.nature() {
            self.gateway.faults().set(target, fault);
        }
    }

    /// Comes into the table when it is called.
    fn write(&mut self, write: Write) -> impl FnOnce() + Send + use<> {
        self.written += 1;
        let (row, states) = (row(write, self.written), Arc::clone(&self.states));
        let gateway = Arc::clone(&self.gateway);
        move || change(&gateway, &states, |world| world.record(row))
    }

    async fn ask_between_pages(&mut self, asked: Asked, write: Write) -> Checked {
        self.written += 1;
        let mut row = Some(row(write, self.written));
        let states = Arc::clone(&self.states);
        self.gateway.faults().between_pages(Box::new(move |world| {
            note(world, &states);
            if let Some(row) = row.take() {
                world.record(row);
                note(world, &states);
            }
        }));
        self.ask(asked).await
    }

    /// Whatever is answered was the gateway's state once, day by day.
    async fn ask(&self, asked: Asked) -> Checked {
        let answer = self.time_series(&range(asked)).await;
        if answer.status != 200 {
            return if answer.status == 502 { Ok(()) } else { Err(answer.text) };
        }
        let json = answer.json();
        let doubted: Vec<&str> = json["meta"]["incomplete_days"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|doubt| doubt["date"].as_str())
            .collect();
        let states = self.states.lock().expect("nobody panics with it");
        for (date, told) in told_days(&json) {
            let known = states.get(&date).map(Vec::as_slice).unwrap_or_default();
            if !known.contains(&told) && !doubted.contains(&date.to_string().as_str()) {
                return Err(format!("{date} was never like {told:?}, but like {known:?}"));
            }
        }
        Ok(())
    }

    async fn time_series(&self, range: &str) -> Answer {
        let include = "include=unassigned,deleted";
        self.podium.get(&format!("/tokens/timeseries?{range}&{include}")).await
    }

    /// One look and one audit without faults: now all figures are the gateway's.
    async fn end(self) -> Checked {
        self.end_faults();
        self.podium.look().await.map_err(|error| format!("the last look: {error}"))?;
        let everything = format!("start_date={}", day_before(TODAY, 10));
        let answer = self.time_series(&everything).await;
        if answer.status != 200 {
            return Err(format!("the last question: {}", answer.text));
        }
        let audit = self.podium.audit(&format!("?{everything}")).await;
        if audit.status != 200 {
            return Err(format!("the audit: {}", audit.text));
        }
        let json = self.time_series(&everything).await.json();
        if json["meta"]["complete"] != true {
            return Err(format!("not complete: {}", json["meta"]));
        }
        let theirs = self.gateway.change(|world| days(world));
        let ours = told_days(&json);
        if ours != theirs {
            return Err(format!("days: {ours:?}, and the gateway has {theirs:?}"));
        }
        self.details_are_equal(&everything).await
    }

    async fn details_are_equal(&self, everything: &str) -> Checked {
        let has_groups = self.opening.version().model_groups;
        let name = |row: &DailyRow| match &row.model_group {
            Some(group) if has_groups => group.clone(),
            _ => friendly_model_name(row.model.as_deref().unwrap_or_default()),
        };
        let theirs = self.gateway.change(|world| Details::of(world, name));
        let include = "include=unassigned,deleted";
        let tokens = self.podium.get(&format!("/tokens?{everything}&{include}")).await.figures();
        let mut ours = BTreeMap::new();
        for team in tokens["teams"].as_array().expect("teams") {
            for key in team["breakdown"]["api_keys"].as_array().expect("keys") {
                // Aggregated answers leave refused calls out, pages have them.
                if key["api_key"] == "" {
                    continue;
                }
                for model in key["models"].as_array().expect("models") {
                    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
                    let place =
                        (text(&team["team_id"]), text(&key["api_key"]), text(&model["model_name"]));
                    ours.insert(place, model["total_tokens"].as_i64().expect("a count"));
                }
            }
        }
        if ours != theirs.tokens {
            return Err(format!("keys: {ours:?}, and the gateway has {:?}", theirs.tokens));
        }
        let path = format!("/tokens/cost-efficiency?{everything}&{include}");
        let costs = self.podium.get(&path).await.figures();
        let cells = costs["cells"].as_array().expect("cells");
        let mut spend = theirs.spend;
        for cell in cells {
            let text = |field: &str| cell[field].as_str().expect("text").to_owned();
            let ours = cell["total_cost_unrounded"].as_f64().expect("money");
            let theirs = spend.remove(&(text("team_id"), text("model"))).unwrap_or_default();
            if (ours - theirs).abs() > 1e-9 * theirs.abs() + 1e-12 {
                return Err(format!("spend: {cell}, and the gateway has {theirs}"));
            }
        }
        if spend.is_empty() { Ok(()) } else { Err(format!("spend without a cell: {spend:?}")) }
    }
}

fn setup(clock: &TestClock, directory: &tempfile::TempDir) -> Setup {
    let silence = Duration::from_secs(10);
    Setup {
        clock: clock.clone(),
        data: DataDir::At(directory.path().to_owned()),
        settings: Settings { backfill_days: 5, ..Setup::default().settings },
        limits: Limits { retries: 0, silence, ..Limits::default() },
        ..Setup::default()
    }
}

fn day_before(day: &str, days: i32) -> Date {
    day.parse::<Date>().expect("a date") - days.days()
}

fn range(Asked { days_ago, days }: Asked) -> String {
    let last = day_before(TODAY, days_ago);
    format!("start_date={}&end_date={last}", last - (days - 1).days())
}

fn row(write: Write, number: i64) -> DailyRow {
    let date: &'static str = String::leak(day_before(TODAY, write.days_ago).to_string());
    let usage = Use {
        date,
        team: TEAMS.get(write.team).copied(),
        key: KEYS[write.key],
        model: MODELS[write.model],
        // Sums tell which rows are in them.
        prompt: 1_000 * number + number % 7,
        completion: number,
        spend: 0.001 * f64::from(i32::try_from(number).expect("a short history")),
        successes: 1,
        failures: write.failures,
    };
    let mut row = usage.row();
    if write.team > TEAMS.len() {
        row.team_id = Some(String::new());
    }
    if row.api_key.is_empty() {
        row = DailyRow {
            team_id: Some(String::new()),
            model: None,
            model_group: None,
            provider: None,
            endpoint: None,
            ..row
        };
    }
    row
}

/// Changes the table and notes in which states its days were.
fn change(gateway: &Simulator, states: &States, change: impl FnOnce(&mut World)) {
    gateway.change(|world| {
        note(world, states);
        change(world);
        note(world, states);
    });
}

fn note(world: &World, states: &States) {
    let mut states = states.lock().expect("nobody panics with it");
    for (date, day) in days(world) {
        let known = states.entry(date).or_default();
        if known.last() != Some(&day) {
            known.push(day);
        }
    }
}

fn people(world: &mut World, step: &Step) {
    const ALIASES: [Option<&str>; 3] = [Some("Twins"), None, Some("Other")];
    match *step {
        Step::AddTeam(team) => world.add_team(TEAMS[team], Some("Twins")),
        Step::DeleteTeam(team) => world.delete_team(TEAMS[team]),
        Step::RenameTeam(team, alias) => world.rename_team(TEAMS[team], ALIASES[alias]),
        Step::MoveKey(key, team) => world.move_key(KEYS[key], Some(TEAMS[team])),
        Step::RenameKey(key, alias) => world.rename_key(KEYS[key], ALIASES[alias]),
        _ => unreachable!("not about people"),
    }
}
