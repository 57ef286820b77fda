//! What somebody must not be told, computed from a table of what they may see.

use std::collections::{HashMap, HashSet};

use super::stage::{Eyes, Fact, Stage, TEAMS};

/// Numbers with fewer digits come up by chance.
const LEAST: i64 = 1_000_000;
/// Numbers from here on are unlike all sums and differences of others.
const UNLIKE_SUMS: i64 = 100_000_000_000;

/// Names and numbers, each with what it is.
#[derive(Debug, Default)]
pub struct Secrets {
    names: HashMap<String, String>,
    numbers: HashMap<i64, String>,
    /// Amounts of money, in hundredths of a cent.
    amounts: HashMap<i64, String>,
}

/// The sums of some facts.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    counts: [i64; 6],
    spend: f64,
}

impl Total {
    fn add(&mut self, fact: &Fact) {
        let Fact { prompt, completion, successes, failures, spend, .. } = *fact;
        let more =
            [prompt, completion, prompt + completion, successes, failures, successes + failures];
        self.counts.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        self.spend += spend;
    }
}

/// The facts of a sum: those of a day or of all, a team or all, a key or all, a model or all.
type Group = (Option<&'static str>, Option<usize>, Option<usize>, Option<usize>);

#[expect(clippy::cast_possible_truncation, reason = "amounts are small")]
fn amount(usd: f64) -> i64 {
    (usd * 1e4).round() as i64
}

impl Secrets {
    /// What those with some eyes must not be told.
    pub fn of(stage: &Stage) -> Self {
        let mut secrets = Self::default();
        secrets.add_names(stage);
        for (group, total) in totals(stage) {
            secrets.add_sums(&stage.eyes, group, total);
        }
        if stage.eyes.own != super::stage::Own::Everything {
            secrets.numbers.insert(stage.doubtful_sum(), "the doubtful day's sum".to_owned());
        }
        secrets
    }

    fn add_names(&mut self, stage: &Stage) {
        let eyes = &stage.eyes;
        for team in TEAMS {
            let owns_some = (0..team.keys).any(|key| eyes.own.has(team, key));
            let is_listed = owns_some || eyes.lists(team);
            let mut hide = |name: String, what: &str, is_shown: bool| {
                if !is_shown {
                    self.names.insert(name, format!("{what} of the {}", team.stem));
                }
            };
            hide(stage.team_name(team), "the name", owns_some || (is_listed && eyes.sees("name")));
            if let Some(id) = team.id {
                hide(id.to_owned(), "the id", owns_some || (is_listed && eyes.sees("name")));
            }
            let sees_models = owns_some || (is_listed && eyes.sees("models"));
            hide(stage.provider(team), "the provider", sees_models);
            for model in 0..2 {
                hide(stage.model(team, model), "a model", sees_models);
            }
            for key in 0..team.keys {
                let is_of_many = team.keys >= 3 && is_listed && eyes.sees("keys");
                let is_own = eyes.own != super::stage::Own::Everything && eyes.own.has(team, key);
                let hash = stage.key(team, key);
                hide(stage.key_name(team, key), "a key", is_own || is_of_many);
                let masked = format!("{}…{}", &hash[..4], &hash[60..]);
                hide(masked, "a masked key", is_own || is_of_many);
                hide(hash[4..60].to_owned(), "the middle of a key", false);
            }
        }
    }

    fn add_sums(&mut self, eyes: &Eyes, group: Group, total: Total) {
        let (day, team, key, model) = group;
        let teams =
            TEAMS.iter().enumerate().filter(|(place, _)| team.is_none_or(|of| of == *place));
        let sees_apart = |what: &str| {
            teams.clone().all(|(_, team)| {
                let keys = match key {
                    Some(key) => key..key + 1,
                    None => 0..team.keys,
                };
                let is_own = keys.into_iter().all(|key| eyes.own.has(*team, key));
                let is_viewer = eyes.own == super::stage::Own::Everything;
                let sees_keys = key.is_none() || (eyes.sees("keys") && team.keys >= 3);
                let sees_models = model.is_none() || eyes.sees("models");
                (is_own && (!is_viewer || sees_keys))
                    || (eyes.lists(*team) && eyes.sees(what) && sees_keys && sees_models)
            })
        };
        let what = format!("{day:?} of team {team:?}, key {key:?}, model {model:?}");
        if !sees_apart("tokens") {
            let told = total.counts.into_iter().filter(|count| *count >= LEAST);
            self.numbers.extend(told.map(|count| (count, format!("a count of {what}"))));
        }
        if !sees_apart("spend") {
            self.amounts.insert(amount(total.spend), format!("the spend of {what}"));
        }
    }

    /// What of it stands in a text, unless it was said by whoever asked.
    pub fn found_in(&self, text: &str, said: &str) -> Option<String> {
        let by_name =
            self.names.iter().find(|(name, _)| text.contains(*name) && !said.contains(*name));
        if let Some((name, what)) = by_name {
            return Some(format!("{what}: {name}"));
        }
        numbers(text).find_map(|number| {
            let whole = number.parse::<i64>().ok().and_then(|whole| self.numbers.get(&whole));
            let of_money = || {
                let usd = number.parse::<f64>().ok().filter(|_| number.contains('.'))?;
                self.amounts.get(&amount(usd))
            };
            let what = whole.or_else(of_money)?;
            Some(format!("{what}: {number}"))
        })
    }

    /// What of it follows from two numbers, by taking one from the other or adding both.
    pub fn follows_from(&self, told: &HashSet<i64>) -> Option<String> {
        let told: Vec<i64> = told.iter().copied().filter(|number| *number >= UNLIKE_SUMS).collect();
        let pairs = told.iter().flat_map(|a| told.iter().map(move |b| (*a, *b)));
        pairs.filter(|(a, b)| a > b).find_map(|(a, b)| {
            [(a - b, '-'), (a + b, '+')].into_iter().find_map(|(number, how)| {
                let what = self.numbers.get(&number).filter(|_| number >= UNLIKE_SUMS)?;
                Some(format!("{what}: {a} {how} {b}"))
            })
        })
    }
}

/// The sums of all groups.
fn totals(stage: &Stage) -> HashMap<Group, Total> {
    let mut totals: HashMap<Group, Total> = HashMap::new();
    for fact in stage.facts() {
        let place = TEAMS.iter().position(|team| *team == fact.team).expect("on the stage");
        for choice in 0..16 {
            let has = |bit: u8| choice & (1 << bit) != 0;
            // Keys and models are each team's own.
            if !has(1) && (has(2) || has(3)) {
                continue;
            }
            let group = (
                has(0).then_some(fact.day),
                has(1).then_some(place),
                has(2).then_some(fact.key),
                has(3).then_some(fact.model),
            );
            totals.entry(group).or_default().add(&fact);
        }
    }
    totals
}

/// All numbers of a text.
pub fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |character: char| character.is_ascii_digit() || character == '.';
    text.split(move |character| !is_part(character)).filter(|part| part.len() >= 7)
}
