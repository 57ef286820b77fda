//! What the preview of a link shows: the ranking, one team, or usage over time.

use jiff::Timestamp;

use super::{ActivityQuestion, ActivitySeries, Question, SeriesOf, activity};
use crate::query::{Query, Table};
use crate::store::Error;
use crate::usage::{DayRange, Dimension, Filter, Grain, Measure, Sum, Value, WeekStart};

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewOf {
    /// The ranking of the teams.
    Board,
    /// One team, by id.
    Team(String),
    /// Usage over time, by team.
    Time,
}

/// A question for a preview.
#[derive(Clone, Debug)]
pub struct PreviewQuestion {
    /// What it is of.
    pub of: PreviewOf,
    /// What teams are ranked by, or what is shown over time.
    pub measure: &'static Measure,
    /// What counts.
    pub filter: Filter,
}

/// The figures of a preview.
#[derive(Debug)]
pub struct Preview {
    /// What teams are ranked by, or what is shown over time.
    pub measure: &'static Measure,
    /// The days that were asked for.
    pub days: DayRange,
    /// The canonical name of their zone.
    pub tz: String,
    /// The moment at which the figures were computed.
    pub now: Timestamp,
    /// Whether every day is read and up to date.
    pub complete: bool,
    /// What is shown.
    pub content: PreviewContent,
}

/// What a preview shows.
#[derive(Debug)]
pub enum PreviewContent {
    /// The teams with a value, the best first, and the value of all together.
    Board {
        /// The teams.
        ranked: Vec<Ranked>,
        /// All together.
        total: Value,
    },
    /// A team.
    Team {
        /// Its name.
        name: String,
        /// Its rank, and how many teams have one; nothing where it has no usage.
        rank: Option<(usize, usize)>,
        /// What it used.
        figures: Vec<(&'static Measure, Value)>,
        /// Its tokens over time.
        tokens: Vec<Value>,
    },
    /// Usage over time.
    Time {
        /// Each team with usage, most first.
        series: Vec<ActivitySeries>,
        /// All together.
        total: Value,
    },
}

/// A team and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Its place in the list of teams.
    pub place: usize,
    /// What it is called.
    pub name: String,
    /// From 1; teams with the same value share it.
    pub rank: usize,
    /// What it is ranked by.
    pub value: f64,
}

const FIGURES: [&str; 4] = ["tokens", "requests", "spend_usd", "success_rate"];
/// More days are told apart by week: the picture is narrow.
const MOST_DAYS: usize = 120;

/// The figures of a preview; of a team that is not listed, or not shown, those of the board.
pub async fn preview(question: Question<'_>, asked: &PreviewQuestion) -> Result<Preview, Error> {
    let content = match &asked.of {
        PreviewOf::Time => over_time(question, asked).await?,
        PreviewOf::Board => board(question, asked).await?,
        PreviewOf::Team(id) => match team(question, asked, id).await? {
            Some(team) => team,
            None => board(question, asked).await?,
        },
    };
    Ok(Preview {
        measure: asked.measure,
        days: question.asked,
        tz: question.tz.to_owned(),
        now: question.view.now,
        complete: question.freshness.doubts.is_empty(),
        content,
    })
}

async fn board(question: Question<'_>, asked: &PreviewQuestion) -> Result<PreviewContent, Error> {
    let table = by_team(question, asked, &[]).await?;
    let ranked = ranking(question, &table, asked.measure);
    Ok(PreviewContent::Board { ranked, total: table.total_value(asked.measure) })
}

async fn team(
    question: Question<'_>,
    asked: &PreviewQuestion,
    id: &str,
) -> Result<Option<PreviewContent>, Error> {
    let table = by_team(question, asked, &FIGURES).await?;
    let Some(place) = table.teams.place(id) else { return Ok(None) };
    let ranked = ranking(question, &table, asked.measure);
    let rank = ranked.iter().find(|ranked| ranked.place == place).map(|team| team.rank);
    let used = question.sums_by_place(&table)[place];
    let sum = Sum { metrics: &used, all: &table.total, times: None };
    let figures = Measure::all_named(&FIGURES);
    let figures = figures.into_iter().map(|measure| (measure, measure.value(sum))).collect();
    let only = asked.filter.clone().only(Dimension::Team, vec![id.to_owned()]);
    let tokens = Measure::all_named(&["tokens"]);
    let mut series = series(question, SeriesOf::total(), tokens, only).await?;
    let tokens = series.pop().and_then(|mut total| total.values.remove("tokens"));
    Ok(Some(PreviewContent::Team {
        name: table.teams.name(id).unwrap_or(id).to_owned(),
        rank: rank.map(|rank| (rank, ranked.len())),
        figures,
        tokens: tokens.unwrap_or_default(),
    }))
}

async fn over_time(
    question: Question<'_>,
    asked: &PreviewQuestion,
) -> Result<PreviewContent, Error> {
    let total = by_team(question, asked, &[]).await?.total_value(asked.measure);
    let (by_team, filter) = (SeriesOf::default(), asked.filter.clone());
    let mut series = series(question, by_team, vec![asked.measure], filter).await?;
    let sum = |series: &ActivitySeries| {
        series.values.values().flatten().filter_map(|value| value.number()).sum::<f64>()
    };
    series.sort_by(|a, b| sum(b).total_cmp(&sum(a)));
    Ok(PreviewContent::Time { series, total })
}

async fn by_team(
    question: Question<'_>,
    asked: &PreviewQuestion,
    measures: &[&str],
) -> Result<Table, Error> {
    let measures = [measures, &[asked.measure.name]].concat();
    let by_team = question.query(&[Dimension::Team], &measures);
    question.ask(&Query { filter: asked.filter.clone(), ..by_team }).await
}

async fn series(
    question: Question<'_>,
    of: SeriesOf,
    measures: Vec<&'static Measure>,
    filter: Filter,
) -> Result<Vec<ActivitySeries>, Error> {
    let grain = match question.hours_or_days() {
        Grain::Day if question.asked.day_count() > MOST_DAYS => Grain::Week(WeekStart::Monday),
        grain => grain,
    };
    let asked = ActivityQuestion { grain, of, measures, filter };
    Ok(activity(question, &asked).await?.series)
}

/// The listed teams that have a value, the best first.
fn ranking(question: Question<'_>, table: &Table, measure: &Measure) -> Vec<Ranked> {
    let teams = table.teams.iter().zip(question.sums_by_place(table)).enumerate();
    let valued = teams.filter_map(|(place, (team, used))| {
        let sum = Sum { metrics: &used, all: &table.total, times: None };
        let value = measure.value(sum).number()?;
        Some(Ranked { place, name: team.name.to_string(), rank: 0, value })
    });
    ranked(measure, valued.collect())
}

/// Ranks teams. Nothing used is no value.
fn ranked(measure: &Measure, mut teams: Vec<Ranked>) -> Vec<Ranked> {
    teams.retain(|team| team.value > 0.0 || !measure.is_additive());
    teams.sort_by(|a, b| {
        let (first, second) = if measure.is_price() { (a, b) } else { (b, a) };
        first.value.total_cmp(&second.value).then_with(|| a.name.cmp(&b.name))
    });
    for at in 0..teams.len() {
        let shares = at > 0 && teams[at].value.total_cmp(&teams[at - 1].value).is_eq();
        teams[at].rank = if shares { teams[at - 1].rank } else { at + 1 };
    }
    teams
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranks(measure: &str, teams: &[(&str, f64)]) -> Vec<(String, usize)> {
        let measure = Measure::named(measure).expect("a measure");
        let teams = teams.iter().enumerate().map(|(place, (name, value))| Ranked {
            place,
            name: (*name).to_owned(),
            rank: 0,
            value: *value,
        });
        ranked(measure, teams.collect()).into_iter().map(|team| (team.name, team.rank)).collect()
    }

    #[test]
    fn equals_share_a_rank_and_nothing_has_none() {
        let teams = [("c", 5.0), ("b", 7.0), ("a", 5.0), ("d", 1.0), ("idle", 0.0)];
        let told = [("b", 1), ("a", 2), ("c", 2), ("d", 4)];
        assert_eq!(ranks("tokens", &teams), told.map(|(name, rank)| (name.to_owned(), rank)));
    }

    #[test]
    fn the_lowest_price_is_best_and_no_success_is_a_value() {
        let teams = [("dear", 2.0), ("cheap", 0.5)];
        assert_eq!(ranks("usd_per_1k_tokens", &teams)[0].0, "cheap");
        let rates = [("none", 0.0), ("all", 100.0)];
        let told = [("all", 1), ("none", 2)];
        assert_eq!(ranks("success_rate", &rates), told.map(|(name, rank)| (name.to_owned(), rank)));
    }
}
