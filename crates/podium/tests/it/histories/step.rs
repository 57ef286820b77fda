//! What can happen in a history.

use std::ops::Range;

use gateway_sim::{ErrorBody, Fault, Target, Version};
use proptest::prelude::*;
use serde_json::json;

/// Days are counted back from the day on which a history begins.
pub const DAYS: Range<i32> = 0..7;
pub const TEAMS: [&str; 5] = ["t-alpha", "t-beta", "t & # / gamma", "t-twin-1", "t-twin-2"];
/// The last one is no key: a call that the gateway refused, which has neither team nor model.
pub const KEYS: [&str; 6] = ["key-1", "key-2", "key-3", "key-4", "key-5", ""];
pub const MODELS: [&str; 3] =
    ["acme/OpenAI/gpt-5.2", "acme/Anthropic/claude-sonnet-4.5", "acme/Meta/llama-4"];

/// The gateway of a history.
#[derive(Clone, Copy, Debug)]
pub enum Opening {
    Current,
    /// Tells totals, but its aggregated answers are cut, so that days are read in pages.
    CutToPages,
    Older,
    /// Its pages come in another order at each read.
    OlderUnstable,
    OlderSmallPages,
    /// Without model groups.
    Oldest,
}

impl Opening {
    pub fn version(self) -> Version {
        let max_page_size = Some(10);
        match self {
            Self::Current => Version::CURRENT,
            Self::CutToPages => Version { max_page_size, ..Version::CURRENT },
            Self::Older | Self::OlderUnstable => Version::OLDER,
            Self::OlderSmallPages => Version { max_page_size, ..Version::OLDER },
            Self::Oldest => Version::OLDEST,
        }
    }

    /// Whether days are cut into pages of ten rows.
    pub fn has_small_pages(self) -> bool {
        self.version().max_page_size == Some(10)
    }

    /// What is so from the beginning to the end.
    pub fn nature(self) -> Option<(Target, Fault)> {
        match self {
            Self::OlderUnstable => {
                Some((Target::exact("/team/daily/activity"), Fault::UnstablePages))
            }
            Self::CutToPages => Some((
                Target::exact("/team/daily/activity/aggregated").with("api_key_limit", "1000"),
                Fault::edit(|answer| answer["metadata"]["total_api_keys"] = json!(1_001)),
            )),
            _ => None,
        }
    }
}

/// Usage that comes into the gateway's table.
#[derive(Clone, Copy, Debug)]
pub struct Write {
    pub days_ago: i32,
    /// The last two are no team at all, as old and new releases write it.
    pub team: usize,
    pub key: usize,
    pub model: usize,
    pub failures: i64,
}

/// Which days are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    pub days_ago: i32,
    pub days: i32,
}

#[derive(Clone, Debug)]
pub enum Step {
    Write(Write),
    /// The table of a day is emptied, as when a database is restored from a backup.
    ClearDay(i32),
    AddTeam(usize),
    DeleteTeam(usize),
    RenameTeam(usize, usize),
    MoveKey(usize, usize),
    RenameKey(usize, usize),
    Ask(Asked),
    /// Usage comes in while a question is being answered.
    AskWhileWriting(Asked, Write),
    /// Usage comes in between two pages.
    AskBetweenPages(Asked, Write),
    Look,
    Audit,
    Fault(Trouble),
    EndOfFaults,
    Restart,
    HoursPass(i64),
}

pub const KINDS: usize = 16;

impl Step {
    pub fn kind(&self) -> String {
        let debug = format!("{self:?}");
        debug.split('(').next().unwrap_or_default().to_owned()
    }
}

/// What goes wrong, and where.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub target: Target,
    pub fault: Fault,
    /// How many calls it strikes; `None`: all, until the faults end.
    pub calls: Option<usize>,
}

fn write() -> impl Strategy<Value = Write> {
    // Most is written today and yesterday, under a few keys.
    let days_ago = prop_oneof![4 => Just(0), 2 => Just(1), 3 => DAYS];
    (days_ago, 0..TEAMS.len() + 2, 0..KEYS.len(), 0..MODELS.len(), 0..3_i64).prop_map(
        |(days_ago, team, key, model, failures)| Write { days_ago, team, key, model, failures },
    )
}

fn asked() -> impl Strategy<Value = Asked> {
    (DAYS, 1..8_i32).prop_map(|(days_ago, days)| Asked { days_ago, days })
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let activity = || Target::prefix("/team/daily/activity");
    let target = prop_oneof![
        Just(Target::prefix("")),
        Just(activity()),
        Just(Target::exact("/team/daily/activity/aggregated")),
        Just(activity().with("page", "2")),
        Just(activity().with("team_ids", "t-beta")),
        Just(Target::prefix("/v2/team/list")),
    ];
    let fault = prop_oneof![
        Just(Fault::Status(500, ErrorBody::Plain("oops"))),
        Just(Fault::Status(502, ErrorBody::Html)),
        Just(Fault::TooManyRequests { retry_after_s: 0 }),
        Just(Fault::EchoKey { status: 401 }),
        Just(Fault::DatabaseAway),
        Just(Fault::ResetBefore),
        Just(Fault::ResetAfter { bytes: 100 }),
        Just(Fault::Truncated),
        Just(Fault::Malformed),
        Just(Fault::OtherJson(json!(null))),
        Just(Fault::OtherJson(json!([]))),
        Just(Fault::Without("results")),
    ];
    (target, fault, prop_oneof![Just(None), (1..4_usize).prop_map(Some)])
        .prop_map(|(target, fault, calls)| Trouble { target, fault, calls })
}

/// Any step; writes and questions are the most frequent ones.
pub fn any() -> impl Strategy<Value = Step> {
    let (team, key) = (0..TEAMS.len(), 0..KEYS.len());
    prop_oneof![
        12 => write().prop_map(Step::Write),
        1 => DAYS.prop_map(Step::ClearDay),
        1 => team.clone().prop_map(Step::AddTeam),
        1 => team.clone().prop_map(Step::DeleteTeam),
        1 => (team.clone(), 0..3_usize).prop_map(|(team, alias)| Step::RenameTeam(team, alias)),
        1 => (key.clone(), team).prop_map(|(key, team)| Step::MoveKey(key, team)),
        1 => (key, 0..3_usize).prop_map(|(key, alias)| Step::RenameKey(key, alias)),
        4 => asked().prop_map(Step::Ask),
        2 => (asked(), write()).prop_map(|(asked, write)| Step::AskWhileWriting(asked, write)),
        2 => (asked(), write()).prop_map(|(asked, write)| Step::AskBetweenPages(asked, write)),
        3 => Just(Step::Look),
        1 => Just(Step::Audit),
        2 => trouble().prop_map(Step::Fault),
        2 => Just(Step::EndOfFaults),
        1 => Just(Step::Restart),
        1 => (1..30_i64).prop_map(Step::HoursPass),
    ]
}
