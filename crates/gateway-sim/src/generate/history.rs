//! Daily rows of the past.

use jiff::civil::Date;

use super::cast::{Cast, CastTeam};
use super::cell::Cell;
use super::dice::{day_number, dice};
use super::logs::split;
use super::rhythm::Rhythm;
use super::rivals;
use super::story::{Trouble, mistakes, trouble};
use super::temperament::Temperament;
use crate::clock::{start_of, utc_date};
use crate::spec::Spec;
use crate::world::{Counters, Model, Row, World};

/// One team's part in the generation, with everything that does not change from day to day.
struct Player<'a> {
    /// Its place in the cast.
    number: usize,
    team: &'a CastTeam,
    temperament: Temperament,
    fondness: Vec<f64>,
    diligence: Vec<f64>,
}

/// Writes the rows of all days, and the logs of the last ones.
pub(super) fn play(world: &mut World, spec: &Spec, cast: &Cast) {
    let models = world.models().to_vec();
    let players: Vec<Player<'_>> = cast
        .teams
        .iter()
        .enumerate()
        .map(|(number, team)| {
            let temperament = Temperament::of(spec.seed, &team.team_id);
            Player {
                number,
                fondness: models.iter().map(|model| temperament.fondness(model)).collect(),
                diligence: team.tokens.iter().map(|token| temperament.diligence(token)).collect(),
                team,
                temperament,
            }
        })
        .collect();
    let mut date = spec.until;
    for days_ago in 0..spec.days {
        let done = share_of_day(spec, date);
        let mut rows = Vec::with_capacity(spec.teams * spec.keys_per_team * models.len());
        for player in &players {
            play_day(
                world,
                spec,
                player,
                &models,
                Day { date, done, logged: days_ago < spec.log_days },
                &mut rows,
            );
        }
        world.add_rows(date, rows);
        if days_ago == 0 && spec.workshop.is_some() {
            rivals::catch_up(world, spec, cast, date);
        }
        let Ok(yesterday) = date.yesterday() else { return };
        date = yesterday;
    }
}

struct Day {
    date: Date,
    /// How much of the day's work is done.
    done: f64,
    logged: bool,
}

fn play_day(
    world: &mut World,
    spec: &Spec,
    player: &Player<'_>,
    models: &[Model],
    day: Day,
    rows: &mut Vec<Row>,
) {
    let expected = player.temperament.requests_on(day.date, spec) * day.done;
    for (token, diligence) in player.team.tokens.iter().zip(&player.diligence) {
        for (place, (model, fondness)) in models.iter().zip(&player.fondness).enumerate() {
            let trouble = trouble(spec, day.date, place);
            let besides = mistakes(spec, player.number, place) + of_the_day(spec, &day, trouble);
            for team_id in player.team.teams_on(token, day.date) {
                let names = [token.as_str(), &model.public_name, &model.provider_model, team_id];
                let mut dice = dice(spec.seed, &names, day_number(day.date));
                let drawn = draw_count(expected * diligence * fondness, &mut dice);
                let requests = if spec.dense { drawn.max(1) } else { drawn };
                if requests == 0 {
                    continue;
                }
                let cell = Cell {
                    trouble,
                    ..draw_cell(&player.temperament, model, requests, besides, &mut dice)
                };
                rows.push(world.row(team_id, token, model, cell.counters));
                if day.logged {
                    for request in split(spec, team_id, token, model, day.date, cell, &mut dice) {
                        world.log_request(request);
                    }
                }
            }
        }
    }
}

/// A whole number near an expected one; 0 where little is expected, most of the time.
fn draw_count(expected: f64, dice: &mut fastrand::Rng) -> i64 {
    (expected * (0.3 + 1.4 * dice.f64()) + dice.f64()) as i64
}

fn draw_cell(
    temperament: &Temperament,
    model: &Model,
    requests: i64,
    besides: f64,
    dice: &mut fastrand::Rng,
) -> Cell {
    // Each of a few requests may fail; of many, the usual share does.
    let tried = requests.min(12);
    let failed_of_tried = (0..tried).filter(|_| temperament.fails(besides, dice)).count();
    let failed = i64::try_from(failed_of_tried).unwrap_or_default() * requests / tried;
    let successful = requests - failed;
    let prompt = temperament.prompt(dice);
    let successful_prompts = successful * prompt;
    let failed_prompts = failed * prompt / 2;
    let cached = temperament.cached(model, successful_prompts, dice);
    let completions = successful * temperament.completion(dice);
    let counters = Counters {
        spend: model.price(successful_prompts, cached, completions),
        flat_cost: 0.0,
        prompt_tokens: successful_prompts + failed_prompts,
        completion_tokens: completions,
        cache_read_input_tokens: cached,
        cache_creation_input_tokens: 0,
        api_requests: requests,
        successful_requests: successful,
        failed_requests: failed,
        total_response_time_ms: successful * dice.i64(400..6_000),
        timed_requests: successful,
    };
    Cell { counters, failed_prompt_tokens: failed_prompts, trouble: None }
}

/// How much of a date's usual work is done at `spec.now`: all of a past date's.
fn share_of_day(spec: &Spec, date: Date) -> f64 {
    let Some(now) = spec.now.filter(|now| utc_date(*now) == date) else { return 1.0 };
    let hours = (now.as_second() - start_of(date).as_second()) as f64 / 3600.0;
    let rhythm = Rhythm::on(spec, date);
    rhythm.done_by(hours) / rhythm.done_by(24.0)
}

/// The share of a day's requests that fail for a trouble of some of its hours.
fn of_the_day(spec: &Spec, day: &Day, trouble: Option<Trouble>) -> f64 {
    let Some(trouble) = trouble else { return 0.0 };
    let rhythm = Rhythm::on(spec, day.date);
    let (from, until) = trouble.hours();
    let done = rhythm.done_by(24.0) * day.done;
    let meanwhile = (rhythm.done_by(until) - rhythm.done_by(from)).min(done);
    if done > 0.0 { trouble.failures * meanwhile / done } else { 0.0 }
}
