//! A UTC day's quarter hours in columns.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::columns::Rows;
use super::counted::Novelty;
use crate::usage::{Histogram, Metrics, MetricsSum, Quarter, Request, band_of};

/// What was used in one quarter hour of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct QuarterFact {
    pub(super) metrics: Metrics,
    pub(super) durations: Histogram,
    pub(super) first_tokens: Histogram,
}

impl QuarterFact {
    pub(super) fn count(&mut self, request: &Request, news: Novelty) {
        match news {
            Novelty::Nothing => return,
            Novelty::Tokens => {
                self.metrics += &request.metrics.without_requests();
                return;
            }
            Novelty::Everything => self.metrics += &request.metrics,
        }
        if let Some(ms) = request.duration_ms {
            self.durations.add(band_of(ms), 1);
        }
        if let Some(ms) = request.first_token_ms {
            self.first_tokens.add(band_of(ms), 1);
        }
    }

    fn add(&mut self, other: &Self) {
        self.metrics += &other.metrics;
        self.durations += &other.durations;
        self.first_tokens += &other.first_tokens;
    }
}

/// A fact and the quarter hour and series it belongs to.
pub(super) type PlacedFact = ((Quarter, u32), QuarterFact);

/// What is new, by quarter hour and series.
pub(super) type Delta = BTreeMap<(Quarter, u32), QuarterFact>;

/// A UTC day's numbers: by series and by team alone, in spans of a quarter hour and longer, so that
/// few rows answer most questions.
#[derive(Debug, Default)]
pub(super) struct QuarterDay {
    pub(super) total: Metrics,
    first: i64,
    by_series: Spans,
    by_team: Spans,
}

/// The same usage in spans of growing length. A day with news shares all spans that have none
/// with the day before it.
#[derive(Clone, Debug)]
struct Spans([Vec<Arc<SpanRows>>; SPANS.len()]);

/// Spans in quarter hours; each is a multiple of the one before.
const SPANS: [usize; 4] = [1, 4, 24, 96];
const QUARTERS: usize = 96;

/// What was used in one span, sorted by code, of a series or a team. Requests have no flat cost:
/// that is booked by the day.
#[derive(Debug, Default)]
pub(super) struct SpanRows {
    pub(super) sums: Rows,
    pub(super) durations: Bands,
    pub(super) first_tokens: Bands,
}

/// Facts of one span by code.
type ByCode = BTreeMap<u32, QuarterFact>;

/// The histograms of all rows, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Bands {
    offsets: Vec<u32>,
    bands: Vec<(u16, u32)>,
}

impl Bands {
    fn push(&mut self, histogram: &Histogram) {
        if self.offsets.is_empty() {
            self.offsets.push(0);
        }
        self.bands.extend_from_slice(histogram.bands());
        self.offsets.push(u32::try_from(self.bands.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn of(&self, row: usize) -> &[(u16, u32)] {
        match (self.offsets.get(row), self.offsets.get(row + 1)) {
            (Some(start), Some(end)) => &self.bands[*start as usize..*end as usize],
            _ => &[],
        }
    }

    fn histogram(&self, row: usize) -> Histogram {
        let mut histogram = Histogram::default();
        self.of(row).iter().for_each(|(band, count)| histogram.add(*band, *count));
        histogram
    }
}

impl SpanRows {
    fn new(facts: ByCode) -> Self {
        let metrics: Vec<Metrics> = facts.values().map(|fact| fact.metrics).collect();
        let mut rows =
            Self { sums: Rows::new(facts.keys().copied().collect(), &metrics), ..Self::default() };
        for fact in facts.values() {
            rows.durations.push(&fact.durations);
            rows.first_tokens.push(&fact.first_tokens);
        }
        rows
    }

    fn facts(&self) -> impl Iterator<Item = (u32, QuarterFact)> + '_ {
        self.sums.codes.iter().enumerate().map(|(row, code)| (*code, self.fact(row)))
    }

    fn fact(&self, row: usize) -> QuarterFact {
        QuarterFact {
            metrics: self.sums.metrics(row),
            durations: self.durations.histogram(row),
            first_tokens: self.first_tokens.histogram(row),
        }
    }
}

impl Default for Spans {
    fn default() -> Self {
        let nothing = Arc::new(SpanRows::default());
        Self(SPANS.map(|span| vec![Arc::clone(&nothing); QUARTERS / span]))
    }
}

impl Spans {
    /// Adds what is new in some quarters of the day, and makes the longer spans that hold them
    /// anew.
    fn add(&mut self, news: BTreeMap<usize, ByCode>) {
        let mut touched: Vec<usize> = news.keys().copied().collect();
        for (quarter, news) in news {
            let mut facts: ByCode = self.0[0][quarter].facts().collect();
            for (code, fact) in news {
                facts.entry(code).or_default().add(&fact);
            }
            self.0[0][quarter] = Arc::new(SpanRows::new(facts));
        }
        for level in 1..SPANS.len() {
            let parts = SPANS[level] / SPANS[level - 1];
            touched.iter_mut().for_each(|place| *place /= parts);
            touched.dedup();
            for place in &touched {
                let mut facts = ByCode::new();
                for part in &self.0[level - 1][place * parts..(place + 1) * parts] {
                    part.facts().for_each(|(code, fact)| facts.entry(code).or_default().add(&fact));
                }
                self.0[level][*place] = Arc::new(SpanRows::new(facts));
            }
        }
    }

    /// The spans that make up some quarters of the day, as long as they fit.
    fn cover(&self, quarters: Range<usize>) -> impl Iterator<Item = &SpanRows> {
        let mut next = quarters.start;
        std::iter::from_fn(move || {
            let fits = |span: &usize| next.is_multiple_of(*span) && next + span <= quarters.end;
            let level = SPANS.iter().rposition(fits)?;
            let rows = &self.0[level][next / SPANS[level]];
            next += SPANS[level];
            Some(&**rows)
        })
    }
}

impl QuarterDay {
    /// A day from whose first quarter hour on nothing was used.
    pub(super) fn empty(first: Quarter) -> Self {
        Self { first: first.0, ..Self::default() }
    }

    /// This day and what is new; `team_of` says whose a series is.
    pub(super) fn with(
        &self,
        news: impl Iterator<Item = PlacedFact>,
        team_of: impl Fn(u32) -> u32,
    ) -> Self {
        let mut by_series: BTreeMap<usize, ByCode> = BTreeMap::new();
        let mut by_team: BTreeMap<usize, ByCode> = BTreeMap::new();
        for ((quarter, series), fact) in news {
            let place = self.place(quarter);
            let team = by_team.entry(place).or_default().entry(team_of(series)).or_default();
            team.add(&fact);
            by_series.entry(place).or_default().entry(series).or_default().add(&fact);
        }
        let mut day = Self {
            total: Metrics::default(),
            first: self.first,
            by_series: self.by_series.clone(),
            by_team: self.by_team.clone(),
        };
        day.by_series.add(by_series);
        day.by_team.add(by_team);
        let mut total = MetricsSum::default();
        let facts = day.by_team.cover(0..QUARTERS).flat_map(SpanRows::facts);
        facts.for_each(|(_, fact)| total.add(&fact.metrics));
        day.total = total.value();
        day
    }

    /// The rows that make up some quarter hours, of this day or beyond: by series, or by team.
    pub(super) fn cover(
        &self,
        quarters: &Range<Quarter>,
        of_teams: bool,
    ) -> impl Iterator<Item = &SpanRows> {
        let spans = if of_teams { &self.by_team } else { &self.by_series };
        spans.cover(self.place(quarters.start)..self.place(quarters.end))
    }

    /// Where a quarter hour lies in the day; the nearest place for those of other days.
    fn place(&self, quarter: Quarter) -> usize {
        usize::try_from(quarter.0 - self.first).unwrap_or_default().min(QUARTERS)
    }

    /// The facts of one quarter hour, by series.
    pub(super) fn facts_of(
        &self,
        quarter: Quarter,
    ) -> impl Iterator<Item = (u32, QuarterFact)> + '_ {
        let rows = self.by_series.0[0].get(self.place(quarter));
        rows.into_iter().flat_map(|rows| rows.facts())
    }
}
