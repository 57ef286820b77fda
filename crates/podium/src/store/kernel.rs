//! Sums over days and quarter hours in columns: only the measures that were asked for, in one pass
//! each, by codes until the end.

mod totals;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use self::totals::{Sign, Totals};
use super::Error;
use super::dictionary::{ALL, Dictionary, NOBODY, Series, Split};
use super::packed::{Packed, View};
use super::quarters::SpanRows;
use super::snapshot::FactColumns;
use crate::usage::{
    DIMENSIONS, DayRange, Dimension, Filter, Quarter, REST, Span, SumQuestion, Sums, Wanted,
    quarters_of_days,
};

/// Answers a question from the columns of one moment.
pub(super) fn sum(facts: &FactColumns, question: &SumQuestion) -> Result<Sums, Error> {
    let mut kernel = Kernel::new(facts, question);
    for (slot, spans) in (0_u32..).zip(&question.slots) {
        if kernel.totals.sums.rows.len() > question.most_rows {
            break;
        }
        for span in spans {
            match span {
                Span::Days(days) => kernel.add_days(*days)?,
                Span::Quarters(quarters) => kernel.add_quarters(quarters, Sign::Plus, false),
                Span::LessQuarters(quarters) => kernel.add_quarters(quarters, Sign::Minus, false),
                Span::Unexplained(days) => {
                    kernel.add_days(*days)?;
                    kernel.add_quarters(&quarters_of_days(*days), Sign::Minus, true);
                }
            }
        }
        kernel.totals.take(slot);
    }
    kernel.totals.sums.is_cut = kernel.totals.sums.rows.len() > question.most_rows;
    Ok(kernel.answer())
}

struct Kernel<'a> {
    facts: &'a FactColumns,
    groups: Groups<'a>,
    totals: Totals<'a>,
    split: Split,
    /// Whether quarter hours may be summed team by team.
    of_teams: bool,
    days: Placed,
    /// The day by whose codes `days` was placed.
    placed_as: Option<Packed>,
    quarters: Placed,
    unexplained: Placed,
}

/// The group of each code, as far as it was met.
#[derive(Default)]
struct Codes(Vec<u32>);

impl Codes {
    /// The group of `code`, which `find` finds where it was not met before.
    fn group(&mut self, code: u32, find: impl FnOnce() -> u32) -> u32 {
        let place = code as usize;
        if place >= self.0.len() {
            self.0.resize(place + 1, UNMET);
        }
        if self.0[place] == UNMET {
            self.0[place] = find();
        }
        self.0[place]
    }
}

/// Days that are summed by series before their groups are looked at.
const MOST_ALIKE: usize = 64;
const UNMET: u32 = u32::MAX;
/// The group of what does not count.
const NONE: u32 = 0;

/// The groups of some rows. Days often have the same series, so these are kept for the next.
#[derive(Default)]
struct Placed {
    known: Codes,
    groups: Vec<u32>,
    /// Those that occur, each once.
    distinct: Vec<u32>,
    /// When each group was last found to occur.
    seen: Vec<u32>,
    turn: u32,
}

impl Placed {
    /// Places rows by their codes, whose groups `find` finds.
    fn place(&mut self, codes: &[u32], mut find: impl FnMut(u32) -> u32) {
        let Self { known, groups, distinct, seen, turn } = self;
        groups.clear();
        groups.extend(codes.iter().map(|code| known.group(*code, || find(*code))));
        distinct.clear();
        *turn += 1;
        for group in groups.iter().copied() {
            let place = group as usize;
            if place >= seen.len() {
                seen.resize(place + 1, 0);
            }
            if seen[place] != *turn && group != NONE {
                seen[place] = *turn;
                distinct.push(group);
            }
        }
    }
}

impl<'a> Kernel<'a> {
    fn new(facts: &'a FactColumns, question: &'a SumQuestion) -> Self {
        let groups = Groups::new(&facts.dictionary, question);
        let is_used = |of: Dimension| question.used().any(|used| used == of);
        let mut facets = Dimension::facets_among(question.used());
        let split = match (facets.next(), facets.next()) {
            (Some(facet), None) => Split::Facet(facet),
            _ if is_used(Dimension::ApiKey) => Split::ApiKey,
            _ => Split::Team,
        };
        Self {
            facts,
            groups,
            totals: Totals::new(question),
            split,
            of_teams: question.used().all(|used| used == Dimension::Team),
            days: Placed::default(),
            placed_as: None,
            quarters: Placed::default(),
            unexplained: Placed::default(),
        }
    }

    fn add_days(&mut self, days: DayRange) -> Result<(), Error> {
        let mut alike: Vec<Packed> = Vec::new();
        let place = self.split.place();
        for (_, content) in self.facts.days.range(days.first()..=days.last()) {
            let day = self.facts.day(content)?;
            let goes_on = alike.last().is_none_or(|last| {
                alike.len() < MOST_ALIKE && day.split(place).has_codes_of(last.split(place))
            });
            if !goes_on {
                self.add_alike(&alike);
                alike.clear();
            }
            alike.push(day);
        }
        self.add_alike(&alike);
        Ok(())
    }

    /// Adds days whose rows have the same codes.
    fn add_alike(&mut self, days: &[Packed]) {
        let Some(first) = days.first() else { return };
        let Self { facts, groups, totals, split, placed_as, .. } = self;
        let (place, series) = (split.place(), facts.dictionary.series());
        let codes = first.split(place);
        if !placed_as.as_ref().is_some_and(|last| last.split(place).has_codes_of(codes)) {
            self.days.place(&codes.codes(), |code| {
                let series = series.get(code as usize).copied().unwrap_or(Series::NOTHING);
                groups.find(|dimension| match series.code(dimension) {
                    ALL => NOBODY,
                    code => code,
                })
            });
            *placed_as = Some(first.clone());
        }
        let views: Vec<View<'_>> = days.iter().map(|day| day.split(place)).collect();
        totals.add_alike(&self.days, &views);
    }

    /// With `as_days`, facets count as far as days know them.
    fn add_quarters(&mut self, quarters: &Range<Quarter>, sign: Sign, as_days: bool) {
        if quarters.start >= quarters.end {
            return;
        }
        let days = quarters.start.day()..=Quarter(quarters.end.0 - 1).day();
        for (_, day) in self.facts.quarters.range(days) {
            for rows in day.cover(quarters, self.of_teams) {
                self.add_span(rows, sign, as_days);
            }
        }
    }

    fn add_span(&mut self, rows: &'a SpanRows, sign: Sign, as_days: bool) {
        let Self { facts, groups, totals, split, of_teams, .. } = self;
        let series = facts.dictionary.quarter_series();
        let is_known = |dimension: Dimension| {
            !as_days || !dimension.is_facet() || *split == Split::Facet(dimension)
        };
        // Which facets count differs between the two.
        let placed = if as_days { &mut self.unexplained } else { &mut self.quarters };
        placed.place(&rows.sums.codes, |code| {
            groups.find(|dimension| match dimension {
                _ if *of_teams => code,
                known if is_known(known) => series[code as usize].code(known),
                _ => NOBODY,
            })
        });
        totals.add(placed, &rows.sums, sign);
        totals.add_times(&placed.groups, rows);
    }

    fn answer(self) -> Sums {
        let (values, groups) = self.groups.named();
        Sums { values, groups, ..self.totals.sums }
    }
}

/// Which codes of a dimension count.
struct Choice {
    dimension: Dimension,
    /// By code; what is beyond counts if no code does so alone.
    counts: Vec<bool>,
    others: bool,
    nobody: bool,
}

impl Choice {
    fn new(dictionary: &Dictionary, dimension: Dimension, wanted: &Wanted) -> Self {
        let names = dictionary.names(dimension);
        let others = wanted.only.is_none();
        let mut choice =
            Self { dimension, counts: vec![others; names.len()], others, nobody: others };
        let only = wanted.only.iter().flatten().map(|id| (id, true));
        for (id, counts) in only.chain(wanted.not.iter().map(|id| (id, false))) {
            if id == REST {
                choice.nobody = counts;
            } else if let Some(code) = names.known(id) {
                choice.counts[code as usize] = counts;
            }
        }
        choice
    }

    fn has(&self, code: u32) -> bool {
        match code {
            NOBODY => self.nobody,
            code => self.counts.get(code as usize).copied().unwrap_or(self.others),
        }
    }
}

/// The groups that were met: group `n + 1` has the codes `keys[n]`.
struct Groups<'a> {
    dictionary: &'a Dictionary,
    by: &'a [Dimension],
    choices: Vec<Choice>,
    /// The code that stands for no name in each dimension, as requests have it.
    nameless: [u32; DIMENSIONS],
    known: HashMap<[u32; 3], u32>,
    keys: Vec<[u32; 3]>,
}

impl<'a> Groups<'a> {
    fn new(dictionary: &'a Dictionary, question: &'a SumQuestion) -> Self {
        let Filter(filter) = &question.filter;
        let choice =
            |(dimension, wanted): &(Dimension, Wanted)| Choice::new(dictionary, *dimension, wanted);
        let nameless = Dimension::ALL
            .map(|dimension| dictionary.names(dimension).known(REST).unwrap_or(NOBODY));
        Self {
            dictionary,
            by: &question.by,
            choices: filter.iter().map(choice).collect(),
            nameless,
            known: HashMap::new(),
            keys: Vec::new(),
        }
    }

    /// The group of what has these codes; [`NONE`] if it does not count.
    fn find(&mut self, code: impl Fn(Dimension) -> u32) -> u32 {
        let nameless = &self.nameless;
        let code = |dimension| {
            let code = code(dimension);
            if code == nameless[dimension as usize] { NOBODY } else { code }
        };
        if !self.choices.iter().all(|choice| choice.has(code(choice.dimension))) {
            return NONE;
        }
        let mut key = [NOBODY; 3];
        for (of, dimension) in key.iter_mut().zip(self.by) {
            *of = code(*dimension);
        }
        let keys = &mut self.keys;
        *self.known.entry(key).or_insert_with(|| {
            keys.push(key);
            u32::try_from(keys.len()).expect("there are no more groups than series")
        })
    }

    /// The names of the codes, and the groups in codes of these names.
    fn named(self) -> (Vec<Vec<Arc<str>>>, Vec<[u32; 3]>) {
        let mut keys = self.keys;
        let mut values = Vec::with_capacity(self.by.len());
        for (place, dimension) in self.by.iter().enumerate() {
            let names = self.dictionary.names(*dimension);
            let mut places = Codes::default();
            let mut found: Vec<Arc<str>> = Vec::new();
            let mut nobody = None;
            for key in &mut keys {
                let code = key[place];
                let add = || {
                    found.push(names.name(code).unwrap_or_else(|| Arc::from(REST)));
                    u32::try_from(found.len() - 1).expect("there are no more names than series")
                };
                key[place] = match code {
                    NOBODY => *nobody.get_or_insert_with(add),
                    code => places.group(code, add),
                };
            }
            values.push(found);
        }
        (values, keys)
    }
}
