//! A world in which every name and every figure is unmistakable, and its twin, which differs in
//! nothing but what is hidden from somebody.

use gateway_sim::{Counters, DailyRow, Fault, Request, Role, Simulator, Target, World, hash_token};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::harness::TODAY;

/// The days with usage, oldest first.
pub const DAYS: [&str; 4] = ["2026-11-21", "2026-11-22", "2026-11-23", TODAY];
/// The day whose parts and sums do not agree.
pub const DOUBTFUL: &str = "2026-11-22";

/// A team of the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Team {
    /// The gateway's id; nothing for usage without a team.
    pub id: Option<&'static str>,
    pub stem: &'static str,
    /// How many keys it has.
    pub keys: usize,
    /// The secrets of its first keys, of those who sign in.
    pub secrets: &'static [&'static str],
    pub is_deleted: bool,
}

pub const OTTERS: Team = Team {
    id: Some("canary-team-otters-4c1e"),
    stem: "otters",
    keys: 4,
    secrets: &["sk-canary-otter-1"],
    is_deleted: false,
};
pub const HERONS: Team = Team {
    id: Some("canary-team-herons-9d2b"),
    stem: "herons",
    keys: 3,
    secrets: &["sk-canary-heron-1"],
    is_deleted: false,
};
/// Too few to be told apart.
pub const VOLES: Team = Team {
    id: Some("canary-team-voles-7a3f"),
    stem: "voles",
    keys: 2,
    secrets: &[],
    is_deleted: false,
};
pub const MOTHS: Team = Team {
    id: Some("canary-team-moths-2e8c"),
    stem: "moths",
    keys: 3,
    secrets: &[],
    is_deleted: true,
};
/// Usage without a team.
pub const NOBODY: Team = Team {
    id: None,
    stem: "loose",
    keys: 3,
    secrets: &["sk-canary-loose-1", "sk-canary-loose-2"],
    is_deleted: false,
};
pub const TEAMS: [Team; 5] = [OTTERS, HERONS, VOLES, MOTHS, NOBODY];
const MODELS: usize = 2;

/// Whose usage somebody sees in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    Nothing,
    Team(Team),
    /// The first key of a team.
    Key(Team),
    Everything,
}

impl Own {
    pub fn has(self, team: Team, key: usize) -> bool {
        match self {
            Self::Nothing => false,
            Self::Team(own) => own == team,
            Self::Key(own) => own == team && key == 0,
            Self::Everything => true,
        }
    }

    fn has_some_of(self, team: Team) -> bool {
        (0..team.keys).any(|key| self.has(team, key))
    }
}

/// What somebody sees, as far as the stage and its twin are to be the same.
#[derive(Clone, Debug)]
pub struct Eyes {
    pub own: Own,
    /// Words of the policy, for teams that are not one's own.
    pub shown: &'static str,
}

impl Eyes {
    pub fn sees(&self, what: &str) -> bool {
        self.own == Own::Everything || self.shown.split(' ').any(|word| word == what)
    }

    /// Whether a team is in the lists that are shown of others.
    pub fn lists(&self, team: Team) -> bool {
        self.own == Own::Everything || (team.id.is_some() && !team.is_deleted && self.sees("rank"))
    }

    fn sees_keys_of(&self, team: Team) -> bool {
        self.lists(team) && self.sees("keys") && team.keys >= 3
    }
}

/// A stage before somebody's eyes: `twin` 0 is the world as it is, 1 the other one.
#[derive(Clone, Debug)]
pub struct Stage {
    pub eyes: Eyes,
    pub twin: u64,
}

/// The usage of a key and model on a day.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub day: &'static str,
    pub team: Team,
    pub key: usize,
    pub model: usize,
    pub prompt: i64,
    pub completion: i64,
    pub successes: i64,
    pub failures: i64,
    pub spend: f64,
}

/// Digits that come up nowhere else, always the same of the same.
fn digits(of: &str, digits: u32) -> i64 {
    let hash = hash_token(of);
    let number = u64::from_str_radix(&hash[..15], 16).expect("hexadecimal");
    let least = 10_u64.pow(digits - 1);
    i64::try_from(least + number % (9 * least)).expect("it fits")
}

impl Stage {
    pub fn twin_of(&self) -> Self {
        Self { twin: 1, ..self.clone() }
    }

    /// The twin's number where something of a team is hidden, else 0.
    fn if_hidden(&self, team: Team, what: &str) -> u64 {
        let is_shown =
            self.eyes.own.has_some_of(team) || (self.eyes.lists(team) && self.eyes.sees(what));
        if is_shown { 0 } else { self.twin }
    }

    pub fn team_name(&self, team: Team) -> String {
        let twin = self.if_hidden(team, "name");
        format!("canary-{}-{}", team.stem, &hash_token(&format!("{} {twin}", team.stem))[..4])
    }

    pub fn model(&self, team: Team, model: usize) -> String {
        let twin = self.if_hidden(team, "models");
        format!("canary-model-{}-{model}{twin}", team.stem)
    }

    pub fn provider(&self, team: Team) -> String {
        format!("canary-provider-{}-{}", team.stem, self.if_hidden(team, "models"))
    }

    fn is_key_shown(&self, team: Team, key: usize) -> bool {
        let is_own = self.eyes.own != Own::Everything && self.eyes.own.has(team, key);
        is_own || self.eyes.sees_keys_of(team)
    }

    pub fn key_name(&self, team: Team, key: usize) -> String {
        let twin = if self.is_key_shown(team, key) { 0 } else { self.twin };
        format!("canary-key-{}-{key}-{twin}", team.stem)
    }

    /// The hash of a key: nobody but admins sees its middle.
    pub fn key(&self, team: Team, key: usize) -> String {
        if let Some(secret) = team.secrets.get(key) {
            return hash_token(secret);
        }
        let shown = if self.is_key_shown(team, key) { 0 } else { self.twin };
        let ends = hash_token(&format!("{} {key} {shown}", team.stem));
        let middle = hash_token(&format!("{} {key} middle {}", team.stem, self.twin));
        format!("{}{}{}", &ends[..4], &middle[4..60], &ends[60..])
    }

    /// All usage.
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        for day in DAYS {
            for team in TEAMS {
                for key in 0..team.keys {
                    for model in 0..MODELS {
                        facts.push(self.fact(day, team, key, model));
                    }
                }
            }
        }
        facts
    }

    fn fact(&self, day: &'static str, team: Team, key: usize, model: usize) -> Fact {
        let of = |what: &str| format!("{day} {} {key} {model} {what}", team.stem);
        let mut fact = Fact {
            day,
            team,
            key,
            model,
            prompt: digits(&of("prompt"), 13),
            completion: digits(&of("completion"), 12),
            // With as many requests as tokens nobody could read the logs.
            successes: digits(&of("successes"), 2),
            failures: digits(&of("failures"), 1),
            // Sums of these are exact, in whichever order.
            spend: digits(&of("spend"), 9) as f64 / 1_024.0,
        };
        if self.twin > 0 {
            self.change(&mut fact);
        }
        fact
    }

    /// What the twin has otherwise: sums that are hidden altogether are a little greater, so that no
    /// rank is another one; what is hidden of keys and models moves among them.
    fn change(&self, fact: &mut Fact) {
        let Fact { team, key, model, .. } = *fact;
        if self.eyes.own.has(team, key) && self.eyes.own != Own::Everything {
            return;
        }
        let (eyes, is_seen) = (&self.eyes, self.eyes.lists(team));
        if !is_seen || !eyes.sees("tokens") {
            fact.prompt += 31;
            fact.completion += 17;
            fact.successes += 3;
            fact.failures += 2;
        }
        if !is_seen || !eyes.sees("spend") {
            fact.spend += 1.25;
        }
        // The last two keys are nobody's own.
        let sign = match team.keys - key {
            1 => 1,
            2 => -1,
            _ => 0,
        };
        let in_teams_of_others =
            !eyes.own.has(team, team.keys - 1) && !eyes.own.has(team, team.keys - 2);
        let is_of_everybody = eyes.own == Own::Everything;
        if !eyes.sees_keys_of(team) && (in_teams_of_others || is_of_everybody) && team.id.is_some()
        {
            fact.prompt += sign * 1_000_003;
            fact.successes += sign;
            fact.spend += sign as f64 * 0.5;
        }
        if !is_of_everybody && (!is_seen || !eyes.sees("models")) {
            let sign = if model == 0 { 1 } else { -1 };
            fact.prompt += sign * 2_000_003;
            fact.failures += sign;
            fact.spend += sign as f64 * 0.25;
        }
    }

    pub fn world(&self) -> World {
        let mut world = World::empty(TODAY.parse().expect("a date"));
        for team in TEAMS {
            if let Some(id) = team.id {
                world.add_team(id, Some(&self.team_name(team)));
            }
            for key in 0..team.keys {
                let (hash, name) = (self.key(team, key), self.key_name(team, key));
                world.add_key(&hash, Some(&name), team.id);
            }
        }
        for (secret, role) in [("viewer", Role::AdminViewer), ("admin", Role::Admin)] {
            let hash = hash_token(&format!("sk-canary-{secret}"));
            world.add_user(secret, Some(&format!("{secret}@example.test")), role, &[]);
            world.add_key(&hash, Some(secret), None);
            world.give_key(&hash, Some(secret));
        }
        self.facts().iter().for_each(|fact| world.record(self.row(fact)));
        for day in &DAYS[1..] {
            self.log(&mut world, day);
        }
        world.delete_team(MOTHS.id.expect("an id"));
        world
    }

    fn row(&self, fact: &Fact) -> DailyRow {
        DailyRow {
            date: fact.day.parse().expect("a date"),
            team_id: Some(fact.team.id.unwrap_or_default().to_owned()),
            api_key: self.key(fact.team, fact.key),
            model: Some(format!("up/{}", self.model(fact.team, fact.model))),
            model_group: Some(self.model(fact.team, fact.model)),
            provider: Some(self.provider(fact.team)),
            endpoint: Some("/chat/completions".to_owned()),
            mcp_tool: None,
            counters: Counters {
                spend: fact.spend,
                prompt_tokens: fact.prompt,
                completion_tokens: fact.completion,
                api_requests: fact.successes + fact.failures,
                successful_requests: fact.successes,
                failed_requests: fact.failures,
                ..Counters::default()
            },
        }
    }

    /// A request of each team's first key, whose hour is known.
    fn log(&self, world: &mut World, day: &str) {
        for (hour, team) in TEAMS.into_iter().enumerate() {
            let request = self.request(team, &format!("{day}T{:02}:00:00Z", hour + 2));
            world.log_request(request);
        }
    }

    fn request(&self, team: Team, at: &str) -> Request {
        let started_at: Timestamp = at.parse().expect("a time");
        let is_own = self.eyes.own.has(team, 0);
        let is_same = is_own || (self.eyes.lists(team) && self.eyes.sees("tokens"));
        let more = if is_same { 0 } else { i64::try_from(self.twin).expect("0 or 1") };
        Request {
            request_id: format!("{} {at}", team.stem),
            call_type: "acompletion".to_owned(),
            api_key: self.key(team, 0),
            team_id: team.id.map(str::to_owned),
            model: format!("up/{}", self.model(team, 0)),
            model_group: self.model(team, 0),
            provider: self.provider(team),
            user: String::new(),
            started_at,
            ended_at: started_at + SignedDuration::from_millis(1_500 + 250 * more),
            success: true,
            spend: 0.5,
            prompt_tokens: digits(&format!("{} {at} logged", team.stem), 11) + more * 41,
            completion_tokens: 0,
            cache_read_input_tokens: 0,
        }
    }

    /// More of everybody's usage, later on today.
    pub fn go_on(&self, world: &mut World) {
        for team in [OTTERS, HERONS, VOLES, NOBODY] {
            world.record_request(self.request(team, &format!("{TODAY}T11:30:00Z")));
        }
    }

    /// Still more of it.
    pub fn go_on_again(&self, world: &mut World) {
        for team in [OTTERS, HERONS, VOLES, NOBODY] {
            world.record_request(self.request(team, &format!("{TODAY}T11:45:00Z")));
        }
    }

    /// Makes a day doubtful: the gateway's sums of it are others than those of its parts.
    pub fn bring_in_doubt(&self, simulator: &Simulator) {
        let sum = digits(&format!("doubtful {}", self.doubt()), 15);
        let target = Target::exact("/team/daily/activity/aggregated")
            .with("api_key_limit", "1000")
            .with("start_date", DOUBTFUL);
        let spoil = Fault::edit(move |answer| answer["metadata"]["total_tokens"] = json!(sum));
        simulator.faults().set(target, spoil);
    }

    /// Who sees everything sees the sums that do not agree.
    fn doubt(&self) -> u64 {
        if self.eyes.own == Own::Everything { 0 } else { self.twin }
    }

    /// The gateway's sum of the doubtful day.
    pub fn doubtful_sum(&self) -> i64 {
        digits(&format!("doubtful {}", self.doubt()), 15)
    }
}
