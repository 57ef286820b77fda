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

/// A UTC day's numbers: by series and by team alone, in spans of a quarter hour and longer, so that
/// few rows answer most questions.
#[derive(Debug, Default)]
pub(super) struct QuarterDay {
    pub(super) total: Metrics,
    first: i64,
    by_series: Spans,
    by_team: Spans,
}

/// The same rows in spans of growing length.
#[derive(Debug, Default)]
struct Spans([SpanRows; SPANS.len()]);

/// Spans in quarter hours; each is a multiple of the one before.
const SPANS: [i64; 4] = [1, 4, 24, 96];

/// Rows sorted by span and code, of a series or a team: row `i` of every column belongs to
/// `codes[i]`. A counter that is zero in all rows has an empty column.
#[derive(Debug, Default)]
struct SpanRows {
    /// Where each span's rows begin, and where the last one's end.
    offsets: Vec<usize>,
    codes: Vec<u32>,
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

impl SpanRows {
    /// Lays out rows of (span, code) in order.
    fn new(spans: i64, rows: impl Iterator<Item = ((i64, u32), QuarterFact)>) -> Self {
        let mut laid = Self { offsets: vec![0], ..Self::default() };
        for ((span, code), fact) in rows {
            let place = usize::try_from(span).unwrap_or_default();
            laid.offsets.resize((place + 1).max(laid.offsets.len()), laid.codes.len());
            laid.codes.push(code);
            laid.spend_usd.push(fact.metrics.spend_usd);
            for (column, count) in laid.counts.iter_mut().zip(fact.metrics.counts()) {
                column.push(count);
            }
            laid.durations.push(&fact.durations);
            laid.first_tokens.push(&fact.first_tokens);
        }
        let spans = usize::try_from(spans).unwrap_or_default();
        laid.offsets.resize(spans + 1, laid.codes.len());
        for column in &mut laid.counts {
            if column.iter().all(|count| *count == 0) {
                *column = Vec::new();
            }
        }
        laid
    }

    fn rows(&self, span: i64) -> Range<usize> {
        let place = usize::try_from(span).unwrap_or(usize::MAX);
        match (self.offsets.get(place), self.offsets.get(place.saturating_add(1))) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }

    fn fact(&self, row: usize) -> QuarterFact {
        let counts = std::array::from_fn(|i| self.counts[i].get(row).copied().unwrap_or_default());
        QuarterFact {
            metrics: Metrics::from_parts(self.spend_usd[row], counts),
            durations: self.durations.histogram(row),
            first_tokens: self.first_tokens.histogram(row),
        }
    }
}

impl Spans {
    /// Rows of (quarter of the day, code) in order, in all spans.
    fn new(rows: &BTreeMap<(i64, u32), QuarterFact>) -> Self {
        Self(SPANS.map(|span| {
            let spans = Quarter::PER_DAY / span;
            if span == 1 {
                return SpanRows::new(spans, rows.iter().map(|(at, fact)| (*at, fact.clone())));
            }
            let mut longer: BTreeMap<(i64, u32), QuarterFact> = BTreeMap::new();
            for ((quarter, code), fact) in rows {
                longer.entry((quarter / span, *code)).or_default().add(fact);
            }
            SpanRows::new(spans, longer.into_iter())
        }))
    }

    /// The rows that make up some quarters of the day, each in the longest span that fits.
    fn cover(&self, quarters: Range<i64>) -> impl Iterator<Item = (&SpanRows, Range<usize>)> {
        let mut next = quarters.start;
        std::iter::from_fn(move || {
            let (rows, span) = self
                .0
                .iter()
                .zip(SPANS)
                .rev()
                .find(|(_, span)| next % span == 0 && next + span <= quarters.end)?;
            let of_span = rows.rows(next / span);
            next += span;
            Some((rows, of_span))
        })
    }
}

impl QuarterDay {
    /// Lays out rows of one UTC day; `team_of` says whose a series is.
    pub(super) fn new(
        first: Quarter,
        rows: impl Iterator<Item = PlacedFact>,
        team_of: impl Fn(u32) -> u32,
    ) -> Self {
        let mut total = Metrics::default();
        let mut spend = ExactSum::default();
        let mut by_series = BTreeMap::new();
        let mut by_team: BTreeMap<(i64, u32), QuarterFact> = BTreeMap::new();
        for ((quarter, series), fact) in rows {
            let place = quarter.0 - first.0;
            total += &fact.metrics;
            spend.add(fact.metrics.spend_usd);
            by_team.entry((place, team_of(series))).or_default().add(&fact);
            by_series.insert((place, series), fact);
        }
        total.spend_usd = spend.value();
        let (by_series, by_team) = (Spans::new(&by_series), Spans::new(&by_team));
        Self { total, first: first.0, by_series, by_team }
    }

    /// This day and what is new.
    pub(super) fn with(&self, delta: &Delta, team_of: impl Fn(u32) -> u32) -> Self {
        let mut facts: BTreeMap<(Quarter, u32), QuarterFact> = self.facts().collect();
        for (place, fact) in delta {
            facts.entry(*place).or_default().add(fact);
        }
        Self::new(Quarter(self.first), facts.into_iter(), team_of)
    }

    /// All rows in order.
    fn facts(&self) -> impl Iterator<Item = PlacedFact> + '_ {
        (0..Quarter::PER_DAY).flat_map(move |place| {
            let quarter = Quarter(self.first + place);
            self.facts_of(quarter).map(move |(series, fact)| ((quarter, series), fact))
        })
    }

    /// The rows of one quarter hour in order.
    pub(super) fn facts_of(
        &self,
        quarter: Quarter,
    ) -> impl Iterator<Item = (u32, QuarterFact)> + '_ {
        let rows = &self.by_series.0[0];
        rows.rows(quarter.0 - self.first).map(|row| (rows.codes[row], rows.fact(row)))
    }
}

/// Which rows are summed together: a group for each series or team, or none.
pub(super) struct QuarterGroups {
    by_code: Vec<u32>,
    /// Whether codes are of teams.
    of_teams: bool,
    pub(super) keys: Vec<QuarterSeries>,
}

/// Belongs to no group.
const NONE: u32 = u32::MAX;

impl QuarterGroups {
    /// `key` says what a series is summed under, if it counts at all. With `of_teams` these are
    /// one for each team, in the order of their codes.
    pub(super) fn new(
        series: impl Iterator<Item = QuarterSeries>,
        of_teams: bool,
        key: impl Fn(&QuarterSeries) -> Option<QuarterSeries>,
    ) -> Self {
        let mut keys = Vec::new();
        let mut known: HashMap<QuarterSeries, u32> = HashMap::new();
        let by_code = series
            .map(|series| {
                let Some(key) = key(&series) else { return NONE };
                *known.entry(key).or_insert_with(|| {
                    keys.push(key);
                    u32::try_from(keys.len() - 1).expect("there are no more groups than series")
                })
            })
            .collect();
        Self { by_code, of_teams, keys }
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
        let place = |quarter: Quarter| (quarter.0 - day.first).clamp(0, Quarter::PER_DAY);
        let spans = if self.groups.of_teams { &day.by_team } else { &day.by_series };
        for (rows, of_span) in spans.cover(place(quarters.start)..place(quarters.end)) {
            self.add_rows(rows, of_span);
        }
    }

    fn add_rows(&mut self, from: &SpanRows, rows: Range<usize>) {
        let by_code = &self.groups.by_code;
        for row in rows.clone() {
            let group = by_code[from.codes[row] as usize];
            let Some(sum) = self.sums.get_mut(group as usize) else { continue };
            if !sum.touched {
                sum.touched = true;
                self.touched.push(group);
            }
            sum.spend_usd.add(from.spend_usd[row]);
            if self.with_times {
                from.durations.of(row).iter().for_each(|(b, count)| sum.durations.add(*b, *count));
                let first = from.first_tokens.of(row).iter();
                first.for_each(|(band, count)| sum.first_tokens.add(*band, *count));
            }
        }
        for (counter, column) in from.counts.iter().enumerate() {
            let Some(column) = column.get(rows.clone()) else { continue };
            for (code, count) in from.codes[rows.clone()].iter().zip(column) {
                let group = by_code[*code as usize];
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
