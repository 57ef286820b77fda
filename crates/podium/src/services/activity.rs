//! Usage over time, in buckets of a quarter hour to a month.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::local::has_quarters;
use super::{Meta, Question};
use crate::store::{Error, UsageReader};
use crate::usage::{
    Aggregate, Bucket, Day, DayRange, Dimension, Filter, Grain, Histogram, Metrics, Quarter,
    QuarterAggregate, iso,
};

/// The answer of `/api/v1/activity`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// How long the buckets are: `15m`, `1h`, `1d`, `1w` or `1mo`.
    pub grain: &'static str,
    /// What the series are of: `team`, `api_key`, `model`, `provider_model`, `provider` or
    /// `total`.
    pub by: &'static str,
    /// The time zone of days and hours.
    pub tz: String,
    /// The buckets, oldest first, without gaps.
    pub buckets: Vec<ActivityBucket>,
    /// The series with usage, most tokens first.
    pub series: Vec<ActivitySeries>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// A span of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityBucket {
    /// When it begins, with its zone's offset.
    #[schema(format = DateTime)]
    pub start: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub end: String,
    /// Whether it is over and known.
    pub state: BucketState,
}

/// How a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BucketState {
    /// It is over.
    Complete,
    /// It has not ended yet.
    Unfinished,
    /// What was used in it is not known, or not yet.
    Unknown,
}

/// What a team, key, model or provider used over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivitySeries {
    /// The team's id, the key's hash, the model's or provider's name; `total`.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// By measure, a value for each bucket; `null` where it is not known.
    #[schema(value_type = HashMap<String, Vec<Option<f64>>>)]
    pub values: BTreeMap<&'static str, Vec<Value>>,
}

/// What the series are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesOf {
    /// Teams of the lists.
    Team,
    /// API keys.
    ApiKey,
    /// Model groups.
    Model,
    /// Models by their providers' names.
    ProviderModel,
    /// Providers.
    Provider,
    /// Everything.
    Total,
}

/// A figure of a bucket.
#[derive(Clone, Copy, Debug)]
pub enum Measure {
    /// A counter or spend.
    Sum(&'static str, fn(&Metrics) -> Value),
    /// A quantile of durations.
    Duration(&'static str, f64),
    /// A quantile of times to the first token.
    FirstToken(&'static str, f64),
}

/// A value of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// It is not known: `null`.
    Unknown,
    /// Exact.
    Count(i64),
    /// US dollars, or milliseconds.
    Amount(f64),
}

/// All measures by name.
pub const MEASURES: [Measure; 17] = [
    Measure::Sum("tokens", |m| Value::Count(m.total_tokens)),
    Measure::Sum("prompt_tokens", |m| Value::Count(m.prompt_tokens)),
    Measure::Sum("completion_tokens", |m| Value::Count(m.completion_tokens)),
    Measure::Sum("cache_read_tokens", |m| Value::Count(m.cache_read_tokens)),
    Measure::Sum("cache_creation_tokens", |m| Value::Count(m.cache_creation_tokens)),
    Measure::Sum("requests", |m| Value::Count(m.requests)),
    Measure::Sum("successful_requests", |m| Value::Count(m.successful_requests)),
    Measure::Sum("failed_requests", |m| Value::Count(m.failed_requests)),
    Measure::Sum("spend_usd", |m| Value::Amount(m.cost_usd())),
    Measure::Sum("request_spend_usd", |m| Value::Amount(m.spend_usd)),
    Measure::Sum("flat_cost_usd", |m| Value::Amount(m.flat_cost_usd)),
    Measure::Duration("duration_p50_ms", 0.50),
    Measure::Duration("duration_p95_ms", 0.95),
    Measure::Duration("duration_p99_ms", 0.99),
    Measure::FirstToken("ttft_p50_ms", 0.50),
    Measure::FirstToken("ttft_p95_ms", 0.95),
    Measure::FirstToken("ttft_p99_ms", 0.99),
];

impl Measure {
    /// The measure's name.
    pub fn name(&self) -> &'static str {
        let (Self::Sum(name, _) | Self::Duration(name, _) | Self::FirstToken(name, _)) = self;
        name
    }

    /// Whether only quarter hours know it.
    pub fn is_of_times(&self) -> bool {
        !matches!(self, Self::Sum(..))
    }

    fn value(&self, cell: &Cell) -> Value {
        let milliseconds = |histogram: &Histogram, share| {
            // Bands are 10 % wide: more digits would only look exact.
            let quantile = histogram.quantile(share);
            quantile.map_or(Value::Unknown, |ms| Value::Amount(ms.round()))
        };
        match self {
            Self::Sum(_, of) => of(&cell.metrics),
            Self::Duration(_, share) => milliseconds(&cell.durations, *share),
            Self::FirstToken(_, share) => milliseconds(&cell.first_tokens, *share),
        }
    }
}

/// A question about usage over time.
#[derive(Debug)]
pub struct ActivityQuestion {
    /// How long buckets are.
    pub grain: Grain,
    /// What the series are of.
    pub of: SeriesOf,
    /// What is told.
    pub measures: Vec<Measure>,
    /// What counts.
    pub filter: Filter,
}

impl ActivityQuestion {
    /// Whether only quarter hours can answer.
    pub fn needs_quarters(&self) -> bool {
        !self.grain.is_of_days()
            || matches!(self.of, SeriesOf::Provider | SeriesOf::ProviderModel)
            || !self.filter.providers.is_empty()
            || self.measures.iter().any(Measure::is_of_times)
    }

    /// The question as a text: equal for equal questions.
    pub fn parameters(&self) -> String {
        let measures: Vec<&str> = self.measures.iter().map(Measure::name).collect();
        format!("{:?}", (self.grain, self.of, measures, &self.filter))
    }

    fn dimension(&self) -> Option<Dimension> {
        match self.of {
            SeriesOf::Team | SeriesOf::Total => None,
            SeriesOf::ApiKey => Some(Dimension::ApiKey),
            SeriesOf::Model => Some(Dimension::ModelGroup),
            SeriesOf::ProviderModel => Some(Dimension::Model),
            SeriesOf::Provider => Some(Dimension::Provider),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Cell {
    metrics: Metrics,
    durations: Histogram,
    first_tokens: Histogram,
}

/// The cells of a series by bucket, oldest first; buckets without usage have none.
type CellsOfSeries = Vec<(usize, Cell)>;

/// Sums by series.
#[derive(Default)]
struct Cells {
    places: HashMap<Arc<str>, usize>,
    series: Vec<(Arc<str>, CellsOfSeries)>,
}

impl Cells {
    fn place(&mut self, id: Arc<str>) -> usize {
        if let Some(place) = self.places.get(&id) {
            return *place;
        }
        self.places.insert(Arc::clone(&id), self.series.len());
        self.series.push((id, Vec::new()));
        self.series.len() - 1
    }

    /// The cell of a bucket; cheapest for those who come oldest or newest first.
    fn cell(&mut self, series: usize, bucket: usize) -> &mut Cell {
        let cells = &mut self.series[series].1;
        let place = match cells.last() {
            Some((last, _)) if *last == bucket => cells.len() - 1,
            Some((last, _)) if *last > bucket => {
                match cells.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
                    Ok(place) => place,
                    Err(place) => {
                        cells.insert(place, (bucket, Cell::default()));
                        place
                    }
                }
            }
            _ => {
                cells.push((bucket, Cell::default()));
                cells.len() - 1
            }
        };
        &mut cells[place].1
    }
}

/// Usage over time.
pub async fn activity(
    question: Question<'_>,
    asked: &ActivityQuestion,
    buckets: &[Bucket],
    now: Timestamp,
) -> Result<Activity, Error> {
    let reader = question.reader;
    let cells = if asked.needs_quarters() {
        of_quarters(question, asked, buckets).await?
    } else {
        of_days(question, asked, buckets).await?
    };
    let states: Vec<BucketState> =
        buckets.iter().map(|bucket| state(reader, bucket, asked, now)).collect();
    let mut series: Vec<(i64, ActivitySeries)> = cells
        .series
        .into_iter()
        .filter(|(_, cells)| !cells.is_empty())
        .map(|(id, cells)| {
            let tokens = cells.iter().map(|(_, cell)| cell.metrics.total_tokens).sum();
            let nothing = Cell::default();
            let values = asked.measures.iter().map(|measure| {
                let mut cells = cells.iter().peekable();
                let of_buckets = states.iter().enumerate().map(|(bucket, state)| {
                    let cell = cells.next_if(|(of, _)| *of == bucket);
                    match state {
                        BucketState::Unknown => Value::Unknown,
                        _ => measure.value(cell.map_or(&nothing, |(_, cell)| cell)),
                    }
                });
                (measure.name(), of_buckets.collect())
            });
            let name = name(question, asked.of, &id);
            (tokens, ActivitySeries { name, values: values.collect(), id: id.to_string() })
        })
        .collect();
    series.sort_unstable_by(|a, b| (Reverse(a.0), &a.1.id).cmp(&(Reverse(b.0), &b.1.id)));
    let buckets = buckets.iter().zip(states).map(|(bucket, state)| ActivityBucket {
        start: iso(&bucket.start),
        end: iso(&bucket.end),
        state,
    });
    Ok(Activity {
        grain: grain_name(asked.grain),
        by: of_name(asked.of),
        tz: question.basis.tz.clone(),
        buckets: buckets.collect(),
        series: series.into_iter().map(|(_, series)| series).collect(),
        meta: Meta::of(question).await?,
    })
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Quarter => "15m",
        Grain::Hour => "1h",
        Grain::Day => "1d",
        Grain::Week => "1w",
        Grain::Month => "1mo",
    }
}

fn of_name(of: SeriesOf) -> &'static str {
    match of {
        SeriesOf::Team => "team",
        SeriesOf::ApiKey => "api_key",
        SeriesOf::Model => "model",
        SeriesOf::ProviderModel => "provider_model",
        SeriesOf::Provider => "provider",
        SeriesOf::Total => "total",
    }
}

/// The row's series, if it counts: only teams of the lists do.
fn series_of(
    question: Question<'_>,
    of: SeriesOf,
    team_id: Option<Arc<str>>,
    other: Option<Arc<str>>,
) -> Option<Arc<str>> {
    let team_id = team_id.filter(|team_id| question.teams.place(team_id).is_some())?;
    match of {
        SeriesOf::Team => Some(team_id),
        SeriesOf::Total => Some(Arc::from("total")),
        _ => other,
    }
}

async fn of_quarters(
    question: Question<'_>,
    asked: &ActivityQuestion,
    buckets: &[Bucket],
) -> Result<Cells, Error> {
    let by = [Dimension::Team].into_iter().chain(asked.dimension()).collect();
    let slots = buckets.iter().map(|bucket| vec![bucket.quarters()]).collect();
    let with_times = asked.measures.iter().any(Measure::is_of_times);
    let of_quarters = QuarterAggregate { slots, by, filter: asked.filter.clone(), with_times };
    let sums = question.reader.aggregate_quarters(&of_quarters).await?;
    let mut cells = Cells::default();
    let places: Vec<Option<usize>> = sums
        .groups
        .into_iter()
        .map(|group| {
            let other = group.api_key.or(group.model_group).or(group.model).or(group.provider);
            Some(cells.place(series_of(question, asked.of, group.team_id, other)?))
        })
        .collect();
    for row in sums.rows {
        let Some(place) = places[row.group] else { continue };
        let cell = cells.cell(place, row.slot);
        cell.metrics += &row.metrics;
        cell.durations += &row.durations;
        cell.first_tokens += &row.first_tokens;
    }
    Ok(cells)
}

async fn of_days(
    question: Question<'_>,
    asked: &ActivityQuestion,
    buckets: &[Bucket],
) -> Result<Cells, Error> {
    use Dimension::{ApiKey, ModelGroup, Team};
    let Filter { team_ids, api_keys, model_groups, .. } = &asked.filter;
    let has_keys = asked.of == SeriesOf::ApiKey || !api_keys.is_empty();
    let has_models = asked.of == SeriesOf::Model || !model_groups.is_empty();
    let by: &[Dimension] = match (has_keys, has_models) {
        (false, false) => &[Dimension::Day, Team],
        (true, false) => &[Dimension::Day, Team, ApiKey],
        (false, true) => &[Dimension::Day, Team, ModelGroup],
        (true, true) => &[Dimension::Day, Team, ApiKey, ModelGroup],
    };
    let counts = |names: &[String], name: &Option<Arc<str>>| {
        names.is_empty()
            || name.as_ref().is_some_and(|name| names.iter().any(|wanted| **wanted == **name))
    };
    let mut cells = Cells::default();
    for row in question.reader.aggregate(&Aggregate { range: question.range, by }).await? {
        let is_asked_for = counts(team_ids, &row.team_id)
            && counts(api_keys, &row.api_key)
            && counts(model_groups, &row.model_group);
        let bucket = row.day.and_then(|day| bucket_of(buckets, day));
        let Some(bucket) = bucket.filter(|_| is_asked_for) else { continue };
        let other = if asked.of == SeriesOf::ApiKey { row.api_key } else { row.model_group };
        let Some(id) = series_of(question, asked.of, row.team_id, other) else { continue };
        let place = cells.place(id);
        cells.cell(place, bucket).metrics += &row.metrics;
    }
    Ok(cells)
}

fn bucket_of(buckets: &[Bucket], day: Day) -> Option<usize> {
    let after = buckets.partition_point(|bucket| bucket.first <= day);
    after.checked_sub(1).filter(|place| day <= buckets[*place].last)
}

/// A bucket is known if all its days are; of quarter hours, up to where logs are read.
fn state(
    reader: &dyn UsageReader,
    bucket: &Bucket,
    asked: &ActivityQuestion,
    now: Timestamp,
) -> BucketState {
    let Range { start, end } = bucket.quarters();
    if start.start() > now {
        return BucketState::Unknown;
    }
    let is_known = if asked.needs_quarters() {
        let last = Quarter(end.0 - 1).day().min(Day::of(now));
        DayRange::new(start.day(), last)
            .is_none_or(|days| days.newest_first().all(|day| has_quarters(reader, day, now)))
    } else {
        let last = bucket.last.min(Day::of(now));
        DayRange::new(bucket.first, last)
            .is_none_or(|days| days.newest_first().all(|day| reader.knows(day)))
    };
    match (is_known, bucket.end.timestamp() > now) {
        (false, _) => BucketState::Unknown,
        (true, true) => BucketState::Unfinished,
        (true, false) => BucketState::Complete,
    }
}

fn name(question: Question<'_>, of: SeriesOf, id: &str) -> String {
    match of {
        SeriesOf::Team => question.teams.name(id).unwrap_or(id).to_owned(),
        SeriesOf::ApiKey => {
            question.reader.key_alias(id).map_or_else(|| id.to_owned(), |alias| alias.to_string())
        }
        _ => id.to_owned(),
    }
}
