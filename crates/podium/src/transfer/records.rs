//! Records as rows of values, and back.

use std::sync::Arc;

use jiff::Timestamp;

use crate::store::{DayRecord, DayState, Discrepancy, QuarterRecord, RequestRecord, UsageRecord};
use crate::usage::{AMOUNTS, AuditedDay, COUNTS, Cause, Day, Finding, Histogram, Metrics, Quarter};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Absent,
    Text(Arc<str>),
    /// Days since 1970.
    Date(i32),
    /// A number, or microseconds since 1970.
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Bytes(Vec<u8>),
    Integers(Vec<i64>),
}

impl From<Option<Arc<str>>> for Value {
    fn from(text: Option<Arc<str>>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        Self::Date(day.days_since_1970())
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Absent, Self::from)
    }
}

impl From<Timestamp> for Value {
    fn from(at: Timestamp) -> Self {
        // Milliseconds are all that is kept.
        Self::Integer(at.as_millisecond().saturating_mul(1_000))
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(Arc::from(text))
}

/// All measures, amounts first.
pub(super) fn measures(metrics: &Metrics) -> impl Iterator<Item = Value> + use<> {
    let amounts = metrics.amounts().map(Value::Number).into_iter();
    amounts.chain(metrics.counts().map(Value::Integer))
}

fn no_measures() -> impl Iterator<Item = Value> {
    std::iter::repeat_n(Value::Absent, AMOUNTS + COUNTS)
}

fn maybe_measures(metrics: Option<Metrics>) -> Vec<Value> {
    metrics.map_or_else(|| no_measures().collect(), |metrics| measures(&metrics).collect())
}

pub(super) fn day_row(record: &DayRecord) -> Vec<Value> {
    let DayState { fetched_at, checked_at, has_usage, discrepancy } = &record.state;
    let mut row = vec![
        record.day.into(),
        (*fetched_at).into(),
        (*checked_at).into(),
        Value::Boolean(*has_usage),
        Value::Boolean(record.with_facets),
        Value::Boolean(discrepancy.is_some()),
    ];
    row.extend(measures(&record.total));
    row.extend(maybe_measures(discrepancy.map(|both| both.read)));
    row.extend(maybe_measures(discrepancy.map(|both| both.gateway)));
    row
}

/// The names of what was used, as far as a table has columns for them, and the measures.
pub(super) fn usage_row(
    day: Day,
    facet: Option<&str>,
    record: &UsageRecord,
    names: usize,
) -> Vec<Value> {
    let UsageRecord { team_id, api_key, value, is_told, metrics } = record.clone();
    let mut row = vec![day.into()];
    row.extend(facet.map(text));
    let all = [Value::Text(team_id), api_key.into(), value.into()];
    row.extend(all.into_iter().take(names));
    if names > 1 {
        row.push(Value::Boolean(!is_told));
    }
    row.extend(measures(&metrics));
    row
}

pub(super) fn quarter_row(record: &QuarterRecord) -> Vec<Value> {
    let mut row = vec![record.quarter.start().into()];
    row.extend(record.names.iter().cloned().map(Value::Text));
    row.push(Value::Number(record.metrics.spend_usd));
    row.extend(record.metrics.counts().map(Value::Integer));
    for histogram in [&record.durations, &record.first_tokens] {
        let bands = histogram.bands().iter();
        row.push(Value::Integers(bands.clone().map(|(band, _)| i64::from(*band)).collect()));
        row.push(Value::Integers(bands.map(|(_, count)| i64::from(*count)).collect()));
    }
    row
}

pub(super) fn request_row(day: Day, request: &RequestRecord) -> Vec<Value> {
    let mut row = vec![
        day.into(),
        Value::Bytes(request.identity.to_be_bytes().to_vec()),
        Value::Integer(request.started_ms.saturating_mul(1_000)),
    ];
    row.extend(request.seen.map(Value::Boolean));
    row
}

pub(super) fn finding_row(Finding { found_at, found }: &Finding) -> Vec<Value> {
    let mut row = vec![
        (*found_at).into(),
        found.day.into(),
        text(found.cause.name()),
        Value::Boolean(found.ours.is_some()),
    ];
    row.extend(maybe_measures(found.ours));
    row.extend(measures(&found.gateway));
    row
}

/// A row on its way back. Each step takes the next value; `None` where it is none of that kind.
pub(super) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    pub(super) fn text(&mut self) -> Option<Arc<str>> {
        match self.0.next()? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn maybe_text(&mut self) -> Option<Option<Arc<str>>> {
        match self.0.next()? {
            Value::Text(text) => Some(Some(text)),
            Value::Absent => Some(None),
            _ => None,
        }
    }

    pub(super) fn day(&mut self) -> Option<Day> {
        match self.0.next()? {
            Value::Date(days) => {
                let day = Quarter(i64::from(days).checked_mul(Quarter::PER_DAY)?).day();
                // Beyond the calendar there is none.
                (day.days_since_1970() == days && Day::parse(&day.to_string()).is_ok())
                    .then_some(day)
            }
            _ => None,
        }
    }

    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.0.next()? {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn maybe_integer(&mut self) -> Option<Option<i64>> {
        match self.0.next()? {
            Value::Integer(number) => Some(Some(number)),
            Value::Absent => Some(None),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<f64> {
        match self.0.next()? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        match self.0.next()? {
            Value::Boolean(truth) => Some(truth),
            _ => None,
        }
    }

    /// Milliseconds since 1970.
    pub(super) fn milliseconds(&mut self) -> Option<i64> {
        milliseconds(self.integer()?)
    }

    pub(super) fn instant(&mut self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.milliseconds()?).ok()
    }

    pub(super) fn maybe_instant(&mut self) -> Option<Option<Timestamp>> {
        match self.maybe_integer()? {
            None => Some(None),
            Some(us) => Timestamp::from_millisecond(milliseconds(us)?).ok().map(Some),
        }
    }

    pub(super) fn measures(&mut self) -> Option<Metrics> {
        let (mut amounts, mut counts) = ([0.0; AMOUNTS], [0; COUNTS]);
        for amount in &mut amounts {
            *amount = self.number()?;
        }
        for count in &mut counts {
            *count = self.integer()?;
        }
        Some(Metrics::from_parts(amounts, counts))
    }

    /// The measures where they are there, as `are_there` says; nothing at all otherwise.
    fn maybe_measures(&mut self, are_there: bool) -> Option<Option<Metrics>> {
        if are_there {
            return self.measures().map(Some);
        }
        let none = |_| self.0.next().filter(|value| *value == Value::Absent);
        (0..AMOUNTS + COUNTS).map(none).collect::<Option<Vec<_>>>().map(|_| None)
    }

    pub(super) fn day_record(&mut self) -> Option<DayRecord> {
        let (day, fetched_at, checked_at) = (self.day()?, self.instant()?, self.instant()?);
        let (has_usage, with_facets, is_unverified) =
            (self.boolean()?, self.boolean()?, self.boolean()?);
        let total = self.measures()?;
        let read = self.maybe_measures(is_unverified)?;
        let gateway = self.maybe_measures(is_unverified)?;
        let discrepancy = read.zip(gateway).map(|(read, gateway)| Discrepancy { read, gateway });
        let state = DayState { fetched_at, checked_at, has_usage, discrepancy };
        Some(DayRecord { day, state, total, with_facets })
    }

    /// What follows the day, and the facet where there is one: so many names, and the measures.
    pub(super) fn usage(&mut self, names: usize) -> Option<UsageRecord> {
        let team_id = self.text()?;
        let api_key = if names > 1 { self.maybe_text()? } else { None };
        let value = if names > 2 { self.maybe_text()? } else { None };
        let is_told = names == 1 || !self.boolean()?;
        let metrics = self.measures()?;
        // What is told has all of its names; a rest lacks the last of them.
        let last = [Some(&team_id), api_key.as_ref(), value.as_ref()][names - 1];
        let fits = last.is_some() == is_told && !(api_key.is_none() && value.is_some());
        fits.then_some(UsageRecord { team_id, api_key, value, is_told, metrics })
    }

    pub(super) fn quarter(&mut self) -> Option<QuarterRecord> {
        let starts_at = self.instant()?;
        let quarter = Quarter::of(starts_at);
        let names = [self.text()?, self.text()?, self.text()?, self.text()?, self.text()?];
        let spend_usd = self.number()?;
        let mut counts = [0; COUNTS];
        for count in &mut counts {
            *count = self.integer()?;
        }
        let metrics = Metrics::from_parts([spend_usd, 0.0], counts);
        let (durations, first_tokens) = (self.histogram()?, self.histogram()?);
        (quarter.start() == starts_at).then_some(QuarterRecord {
            quarter,
            names,
            metrics,
            durations,
            first_tokens,
        })
    }

    fn histogram(&mut self) -> Option<Histogram> {
        let (Value::Integers(bands), Value::Integers(counts)) = (self.0.next()?, self.0.next()?)
        else {
            return None;
        };
        if bands.len() != counts.len() || !bands.is_sorted_by(|a, b| a < b) {
            return None;
        }
        let mut histogram = Histogram::default();
        for (band, count) in bands.iter().zip(counts) {
            let band = u16::try_from(*band).ok().filter(|band| *band < MOST_BAND)?;
            histogram.add(band, u32::try_from(count).ok()?);
        }
        Some(histogram)
    }

    pub(super) fn request(&mut self) -> Option<(Day, RequestRecord)> {
        let day = self.day()?;
        let Value::Bytes(identity) = self.0.next()? else { return None };
        let identity = u128::from_be_bytes(identity.try_into().ok()?);
        let started_ms = self.milliseconds()?;
        let seen = [self.boolean()?, self.boolean()?, self.boolean()?];
        Some((day, RequestRecord { identity, started_ms, seen }))
    }

    pub(super) fn finding(&mut self) -> Option<Finding> {
        let (found_at, day, cause) = (self.instant()?, self.day()?, self.text()?);
        let cause = Cause::ALL.into_iter().find(|known| known.name() == &*cause)?;
        let is_stored = self.boolean()?;
        let ours = self.maybe_measures(is_stored)?;
        let gateway = self.measures()?;
        Some(Finding { found_at, found: AuditedDay { day, ours, gateway, cause } })
    }
}

/// The longest duration lies in a band before this.
const MOST_BAND: u16 = 1_000;

/// Milliseconds of whole ones in microseconds.
fn milliseconds(microseconds: i64) -> Option<i64> {
    (microseconds % 1_000 == 0).then_some(microseconds / 1_000)
}
