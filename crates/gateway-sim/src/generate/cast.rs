//! Teams, keys and models of a generated world.

use jiff::civil::Date;
use jiff::{SignedDuration, Span};

use super::words::{ADJECTIVES, MODELS, NOUNS, PEOPLE, TEAMS};
use crate::clock::start_of;
use crate::spec::Spec;
use crate::world::{Model, Role, World, hash_token};

/// Who takes part: team ids, and for each team the tokens of its keys.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) teams: Vec<CastTeam>,
}

#[derive(Clone, Debug)]
pub(super) struct CastTeam {
    pub(super) team_id: String,
    pub(super) tokens: Vec<String>,
    /// The first key leaves for another team.
    leaving: Option<Leaving>,
}

#[derive(Clone, Debug)]
struct Leaving {
    to: String,
    /// On this day the key works for both teams.
    on: Date,
}

impl CastTeam {
    /// The teams that a key of this team works for on a day.
    pub(super) fn teams_on(&self, token: &str, date: Date) -> impl Iterator<Item = &str> {
        let leaving = self
            .leaving
            .as_ref()
            .filter(|_| self.tokens.first().is_some_and(|first| first == token));
        let stays = leaving.is_none_or(|leaving| date <= leaving.on);
        let left = leaving.filter(|leaving| date >= leaving.on);
        stays
            .then_some(self.team_id.as_str())
            .into_iter()
            .chain(left.map(|leaving| leaving.to.as_str()))
    }
}

impl Cast {
    pub(super) fn assemble(world: &mut World, spec: &Spec) -> Cast {
        add_models(world, spec.models);
        let teams = (0..spec.teams).map(|number| add_team(world, spec, number)).collect();
        if spec.workshop.is_some() {
            add_hosts(world);
        }
        Cast { teams }
    }

    /// The n-th team, counted from 1.
    pub(super) fn team(&self, number: usize) -> Option<&CastTeam> {
        self.teams.get(number - 1)
    }

    /// Lets the first key of a team work for another team from the middle day on, and sets its
    /// team of today.
    pub(super) fn move_first_key(
        &mut self,
        world: &mut World,
        spec: &Spec,
        from: usize,
        to: usize,
    ) {
        let half = Span::new().days(i32::try_from(spec.days / 2).unwrap_or_default());
        let (Some(to), Ok(on)) =
            (self.team(to).map(|team| team.team_id.clone()), spec.until.checked_sub(half))
        else {
            return;
        };
        if let Some(team) = self.teams.get_mut(from - 1) {
            if let Some(token) = team.tokens.first() {
                world.move_key(token, Some(&to));
            }
            team.leaving = Some(Leaving { to, on });
        }
    }
}

fn add_team(world: &mut World, spec: &Spec, number: usize) -> CastTeam {
    let name = team_name(number);
    let team_id = uuid_of(&name);
    if spec.oddities {
        let created_at = start_of(spec.until) - SignedDuration::from_hours(24 * 90);
        world.add_team_created_at(&team_id, Some(&name), created_at);
    } else {
        world.add_team(&team_id, Some(&name));
    }
    let slug = name.to_lowercase().replace(' ', "-");
    let tokens = (0..spec.keys_per_team).map(|key| {
        let person =
            PEOPLE.get(key).map_or_else(|| format!("key-{key}"), |person| (*person).to_owned());
        let alias = format!("{slug}-{person}");
        // The secrets are public on purpose: they open nothing but a simulator.
        let secret = match (spec.workshop, key) {
            (Some(_), 0) => format!("sk-demo-{slug}"),
            _ => format!("sk-{alias}"),
        };
        let token = hash_token(&secret);
        world.add_key(&token, Some(&alias), Some(&team_id));
        token
    });
    CastTeam { tokens: tokens.collect(), team_id, leaving: None }
}

/// Those who run a workshop, with the keys `sk-demo-admin` and `sk-demo-viewer`.
fn add_hosts(world: &mut World) {
    for (name, role) in [("admin", Role::Admin), ("viewer", Role::AdminViewer)] {
        let alias = format!("demo-{name}");
        let token = hash_token(&format!("sk-{alias}"));
        world.add_user(&alias, Some(&format!("{name}@example.com")), role, &[]);
        world.add_key(&token, Some(&alias), None);
        world.give_key(&token, Some(&alias));
    }
}

/// The name of the n-th team, never the same twice.
fn team_name(number: usize) -> String {
    let Some(further) = number.checked_sub(TEAMS.len()) else {
        return TEAMS[number].to_owned();
    };
    let pair = format!(
        "{} {}",
        ADJECTIVES[further % ADJECTIVES.len()],
        NOUNS[further / ADJECTIVES.len() % NOUNS.len()]
    );
    match further / (ADJECTIVES.len() * NOUNS.len()) {
        0 => pair,
        round => format!("{pair} {}", round + 1),
    }
}

/// An id in the form of a UUID.
fn uuid_of(name: &str) -> String {
    let hex = hash_token(name);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32])
}

fn add_models(world: &mut World, count: usize) {
    let per_million = 1e-6;
    for number in 0..count {
        let model = match MODELS.get(number) {
            Some((public_name, provider_model, provider, input, output, cached)) => Model {
                public_name: (*public_name).to_owned(),
                provider_model: (*provider_model).to_owned(),
                provider: (*provider).to_owned(),
                input_price: input * per_million,
                output_price: output * per_million,
                cached_input_price: cached.map(|price| price * per_million),
            },
            None => Model {
                public_name: format!("acme/OpenAI/model-{number}"),
                provider_model: format!("openai/model-{number}"),
                provider: "openai".to_owned(),
                input_price: per_million,
                output_price: 4.0 * per_million,
                cached_input_price: None,
            },
        };
        world.add_model(model);
    }
}
