//! A UTC day's quarter hours in columns.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::dictionary::QuarterSeries;
use crate::usage::{COUNTS, ExactSum, Histogram, Metrics, Quarter, Request, band_of};

/// What is new about a request that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    /// It was counted before.
    Nothing,
    /// It was counted without tokens, which LiteLLM leaves out when it pushes a failed request,
    /// though its logs have them (1.106).
    Tokens,
    /// It was never counted.
    Everything,
}

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
        for (mine, theirs) in
            [(&mut self.durations, &other.durations), (&mut self.first_tokens, &other.first_tokens)]
        {
            theirs.bands().iter().for_each(|(band, count)| mine.add(*band, *count));
        }
    }
}

/// A fact and the quarter hour and series it belongs to.
pub(super) type PlacedFact = ((Quarter, u32), QuarterFact);

/// What is new, by quarter hour and series.
pub(super) type Delta = BTreeMap<(Quarter, u32), QuarterFact>;

/// A day's numbers, sorted by quarter hour and series: row `i` of every column belongs to
/// `series[i]`. A counter that is zero in all rows has an empty column.
#[derive(Debug, Default)]
pub(super) struct QuarterDay {
    pub(super) total: Metrics,
    first: i64,
    /// Where each quarter hour's rows begin, and where the last one's end.
    offsets: Vec<usize>,
    series: Vec<u32>,
    spend_usd: Vec<f64>,
    counts: [Vec<i64>; COUNTS],
    durations: Bands,
    first_tokens: Bands,
}

/// The histograms of all rows, one behind the other.
#[derive(Debug, Default)]
struct Bands {
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

    fn of(&self, row: usize) -> &[(u16, u32)] {
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

impl QuarterDay {
    /// Lays out rows that are sorted by quarter hour and series, all of one UTC day.
    pub(super) fn new(first: Quarter, rows: impl Iterator<Item = PlacedFact>) -> Self {
        let mut day = Self { first: first.0, offsets: vec![0], ..Self::default() };
        let mut spend = ExactSum::default();
        for ((quarter, series), fact) in rows {
            let place = usize::try_from(quarter.0 - day.first).unwrap_or_default();
            day.offsets.resize((place + 1).max(day.offsets.len()), day.series.len());
            day.series.push(series);
            day.spend_usd.push(fact.metrics.spend_usd);
            for (column, count) in day.counts.iter_mut().zip(fact.metrics.counts()) {
                column.push(count);
            }
            day.durations.push(&fact.durations);
            day.first_tokens.push(&fact.first_tokens);
            day.total += &fact.metrics;
            spend.add(fact.metrics.spend_usd);
        }
        day.total.spend_usd = spend.value();
        let quarters = usize::try_from(Quarter::PER_DAY).unwrap_or_default();
        day.offsets.resize(quarters + 1, day.series.len());
        for column in &mut day.counts {
            if column.iter().all(|count| *count == 0) {
                *column = Vec::new();
            }
        }
        day
    }

    /// This day and what is new.
    pub(super) fn with(&self, first: Quarter, delta: &Delta) -> Self {
        let mut mine = self.facts().peekable();
        let mut new = delta.iter().peekable();
        let merged = std::iter::from_fn(move || {
            let order = match (mine.peek(), new.peek()) {
                (None, None) => return None,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((mine, _)), Some((new, _))) => mine.cmp(new),
            };
            match order {
                std::cmp::Ordering::Less => mine.next(),
                std::cmp::Ordering::Greater => {
                    new.next().map(|(place, fact)| (*place, fact.clone()))
                }
                std::cmp::Ordering::Equal => {
                    let (place, mut fact) = mine.next()?;
                    fact.add(new.next()?.1);
                    Some((place, fact))
                }
            }
        });
        Self::new(first, merged)
    }

    /// All rows in order.
    pub(super) fn facts(&self) -> impl Iterator<Item = PlacedFact> + '_ {
        self.offsets.windows(2).enumerate().flat_map(move |(place, rows)| {
            let quarter = Quarter(self.first + i64::try_from(place).unwrap_or_default());
            (rows[0]..rows[1]).map(move |row| ((quarter, self.series[row]), self.fact(row)))
        })
    }

    /// The rows of one quarter hour in order.
    pub(super) fn facts_of(
        &self,
        quarter: Quarter,
    ) -> impl Iterator<Item = (u32, QuarterFact)> + '_ {
        self.rows(quarter..Quarter(quarter.0 + 1)).map(|row| (self.series[row], self.fact(row)))
    }

    fn fact(&self, row: usize) -> QuarterFact {
        let counts = std::array::from_fn(|i| self.counts[i].get(row).copied().unwrap_or_default());
        QuarterFact {
            metrics: Metrics::from_parts(self.spend_usd[row], counts),
            durations: self.durations.histogram(row),
            first_tokens: self.first_tokens.histogram(row),
        }
    }

    /// The rows of some quarter hours, as far as they lie in this day.
    fn rows(&self, quarters: Range<Quarter>) -> Range<usize> {
        let last = self.offsets.len().saturating_sub(1);
        let place = |quarter: Quarter| {
            let place = usize::try_from((quarter.0 - self.first).max(0)).unwrap_or(last);
            self.offsets.get(place.min(last)).copied().unwrap_or_default()
        };
        let (start, end) = (place(quarters.start), place(quarters.end));
        start..end.max(start)
    }
}

/// Which rows are summed together: a group for each series, or none.
pub(super) struct QuarterGroups {
    by_series: Vec<u32>,
    pub(super) keys: Vec<QuarterSeries>,
}

/// Belongs to no group.
const NONE: u32 = u32::MAX;

impl QuarterGroups {
    /// `key` says what a series is summed under, if it counts at all.
    pub(super) fn new(
        series: &[QuarterSeries],
        key: impl Fn(&QuarterSeries) -> Option<QuarterSeries>,
    ) -> Self {
        let mut keys = Vec::new();
        let mut known: HashMap<QuarterSeries, u32> = HashMap::new();
        let by_series = series
            .iter()
            .map(|series| {
                let Some(key) = key(series) else { return NONE };
                *known.entry(key).or_insert_with(|| {
                    keys.push(key);
                    u32::try_from(keys.len() - 1).expect("there are no more groups than series")
                })
            })
            .collect();
        Self { by_series, keys }
    }
}

#[derive(Clone, Default)]
struct Sum {
    counts: [i64; COUNTS],
    spend_usd: ExactSum,
    durations: Histogram,
    first_tokens: Histogram,
    touched: bool,
}

/// Sums of groups; those without usage cost nothing when they are taken.
pub(super) struct QuarterSums<'a> {
    groups: &'a QuarterGroups,
    sums: Vec<Sum>,
    touched: Vec<u32>,
    with_times: bool,
}

impl<'a> QuarterSums<'a> {
    pub(super) fn new(groups: &'a QuarterGroups, with_times: bool) -> Self {
        let sums = vec![Sum::default(); groups.keys.len()];
        Self { groups, sums, touched: Vec::new(), with_times }
    }

    pub(super) fn add(&mut self, day: &QuarterDay, quarters: Range<Quarter>) {
        let rows = day.rows(quarters);
        let by_series = &self.groups.by_series;
        for row in rows.clone() {
            let group = by_series[day.series[row] as usize];
            let Some(sum) = self.sums.get_mut(group as usize) else { continue };
            if !sum.touched {
                sum.touched = true;
                self.touched.push(group);
            }
            sum.spend_usd.add(day.spend_usd[row]);
            if self.with_times {
                day.durations.of(row).iter().for_each(|(b, count)| sum.durations.add(*b, *count));
                let first = day.first_tokens.of(row).iter();
                first.for_each(|(band, count)| sum.first_tokens.add(*band, *count));
            }
        }
        for (counter, column) in day.counts.iter().enumerate() {
            let Some(column) = column.get(rows.clone()) else { continue };
            for (series, count) in day.series[rows.clone()].iter().zip(column) {
                let group = by_series[*series as usize];
                if let Some(sum) = self.sums.get_mut(group as usize) {
                    sum.counts[counter] = sum.counts[counter].saturating_add(*count);
                }
            }
        }
    }

    /// The groups with usage, and their sums; all are zero afterwards.
    pub(super) fn take(&mut self, mut each: impl FnMut(&QuarterSeries, QuarterFact)) {
        for group in std::mem::take(&mut self.touched) {
            let sum = std::mem::take(&mut self.sums[group as usize]);
            let fact = QuarterFact {
                metrics: Metrics::from_parts(sum.spend_usd.value(), sum.counts),
                durations: sum.durations,
                first_tokens: sum.first_tokens,
            };
            each(&self.groups.keys[group as usize], fact);
        }
    }
}
