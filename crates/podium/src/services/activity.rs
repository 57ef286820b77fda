//! Usage over time, in buckets of a quarter hour to a month.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::{self, BucketState, Query, Row, Table};
use crate::store::Error;
use crate::usage::{Dimension, Filter, Grain, Histogram, Measure, Metrics, REST, Sum, Value};

/// The answer of `/api/v1/activity`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Activity {
    /// How long the buckets are: `15m`, `1h`, `1d`, `1w` or `1mo`.
    pub grain: &'static str,
    /// What the series are of: a dimension, or `total`.
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

/// What a team, key, model or provider used over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivitySeries {
    /// The team's id, the key's hash, the model's or provider's name; `total`. `All Models`,
    /// `Unknown` and the like for what the gateway attributes to none.
    pub id: String,
    /// What to call it.
    pub name: String,
    /// By measure, a value for each bucket; `null` where it is not known.
    #[schema(value_type = HashMap<String, Vec<Option<f64>>>)]
    pub values: BTreeMap<&'static str, Vec<Value>>,
    /// Of buckets shorter than a day: what was used on these days in hours that nobody knows.
    #[schema(value_type = HashMap<String, f64>)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown_hour: BTreeMap<&'static str, Value>,
}

/// What the series are of: a dimension, or everything together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesOf(Option<Dimension>);

impl Default for SeriesOf {
    fn default() -> Self {
        Self(Some(Dimension::Team))
    }
}

/// A question about usage over time.
#[derive(Clone, Debug)]
pub struct ActivityQuestion {
    /// How long the buckets are.
    pub grain: Grain,
    /// What the series are of.
    pub of: SeriesOf,
    /// What is told.
    pub measures: Vec<&'static Measure>,
    /// What counts.
    pub filter: Filter,
}

impl ActivityQuestion {
    /// The question as a text: equal for equal questions.
    pub fn parameters(&self) -> String {
        let measures: Vec<&str> = self.measures.iter().map(|measure| measure.name).collect();
        format!("{:?}", (self.grain, self.of, measures, &self.filter))
    }

    /// Whether request logs have to be known for it.
    pub fn needs_requests(&self) -> bool {
        let used = self.of.dimension().into_iter().chain(self.filter.dimensions());
        query::needs_requests(self.grain, used, &self.measures)
    }

    fn query(&self, question: Question<'_>) -> Query {
        let mut measures = self.measures.clone();
        // Series with most tokens come first.
        measures.extend(Measure::named("tokens"));
        let by = self.of.dimension();
        let everything = question.query(by.as_slice(), &[]);
        let (days, filter) = (question.asked, self.filter.clone());
        Query { days, grain: self.grain, filter, measures, ..everything }
    }
}

impl SeriesOf {
    /// All, by the names that parameters have for them.
    pub fn named(name: &str) -> Option<Self> {
        if name == TOTAL {
            return Some(Self::total());
        }
        Dimension::named(name).map(|dimension| Self(Some(dimension)))
    }

    /// Everything together.
    pub fn total() -> Self {
        Self(None)
    }

    /// The dimension; none for the total.
    pub fn dimension(self) -> Option<Dimension> {
        self.0
    }

    fn name(self) -> &'static str {
        self.0.map_or(TOTAL, Dimension::name)
    }
}

const TOTAL: &str = "total";

/// Usage over time.
pub async fn activity(question: Question<'_>, asked: &ActivityQuestion) -> Result<Activity, Error> {
    let query = asked.query(question);
    let table = question.ask(&query).await?;
    let mut by_series: Vec<Vec<Row>> = Vec::new();
    for row in &table.rows {
        let code = if query.by.is_empty() { 0 } else { table.code(*row, 0) };
        if code >= by_series.len() {
            by_series.resize_with(code + 1, Vec::new);
        }
        by_series[code].push(*row);
    }
    let rows = by_series.into_iter().filter(|rows| !rows.is_empty());
    let mut series: Vec<(i64, ActivitySeries)> = rows
        .map(|rows| {
            let tokens = rows.iter().map(|row| table.metrics(*row).total_tokens).sum();
            (tokens, one_series(question, asked, &table, &rows))
        })
        .collect();
    series.sort_unstable_by(|a, b| (Reverse(a.0), &a.1.id).cmp(&(Reverse(b.0), &b.1.id)));
    let in_order = table.buckets.iter().filter_map(|bucket| {
        let (start, end) = bucket.bounds.clone()?;
        Some(ActivityBucket { start, end, state: bucket.state })
    });
    Ok(Activity {
        grain: asked.grain.name(),
        by: asked.of.name(),
        tz: question.tz.to_owned(),
        buckets: in_order.collect(),
        series: series.into_iter().map(|(_, series)| series).collect(),
        meta: Meta::of(question, &table),
    })
}

/// The series of some rows, one a bucket at most.
fn one_series(
    question: Question<'_>,
    asked: &ActivityQuestion,
    table: &Table,
    rows: &[Row],
) -> ActivitySeries {
    let id = match asked.of.dimension() {
        None => TOTAL,
        Some(dimension) => match &**table.id(rows[0], 0) {
            REST => dimension.info().rest,
            id => id,
        },
    };
    let nothing = (Metrics::default(), (Histogram::default(), Histogram::default()));
    let mut values = BTreeMap::new();
    let mut unknown_hour = BTreeMap::new();
    for measure in &asked.measures {
        let mut rows = rows.iter().peekable();
        let mut of_buckets = Vec::with_capacity(table.buckets.len());
        for (place, bucket) in table.buckets.iter().enumerate() {
            let row = rows.next_if(|row| row.bucket == place);
            let zero = Sum { metrics: &nothing.0, all: &table.total, times: Some(&nothing.1) };
            let value = row.map_or_else(|| measure.value(zero), |row| table.value(*row, measure));
            match bucket.state {
                BucketState::UnknownHour if measure.is_additive() => {
                    unknown_hour.insert(measure.name, value);
                }
                BucketState::UnknownHour => {}
                BucketState::Unknown => of_buckets.push(Value::Unknown),
                _ => of_buckets.push(value),
            }
        }
        values.insert(measure.name, of_buckets);
    }
    let name =
        asked.of.dimension().and_then(|of| question.name_of(table, of, table.id(rows[0], 0)));
    let name = name.unwrap_or_else(|| id.to_owned());
    ActivitySeries { id: id.to_owned(), name, values, unknown_hour }
}
