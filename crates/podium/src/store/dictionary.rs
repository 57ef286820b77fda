//! Codes for names: a series is what one number of a day belongs to.

use std::collections::HashMap;
use std::sync::Arc;

use super::seal::Seal;
use crate::usage::{DIMENSIONS, Dimension};

/// Summed over: the series stands for all values of this dimension.
pub(super) const ALL: u32 = u32::MAX;
/// Attributed to no value of this dimension.
pub(super) const NOBODY: u32 = u32::MAX - 1;

/// So many codes in a row may be unreadable in a file.
const MOST_CODES_LOST: usize = 4_096;

/// What one number of a day belongs to: a team, an API key of it, and a value of one facet, by
/// code. With the value [`ALL`], or key and value, it stands for a key's or a team's own total,
/// which the gateway reports apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Series {
    pub(super) team: u32,
    pub(super) api_key: u32,
    /// What `value` is a value of.
    pub(super) facet: Dimension,
    pub(super) value: u32,
}

/// What a fact of a quarter hour belongs to: codes of the first dimensions, which requests know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct QuarterSeries(pub(super) [u32; QUARTER_DIMENSIONS]);

/// Requests know so many of the dimensions, the first ones.
pub(super) const QUARTER_DIMENSIONS: usize = 5;

/// Which rows of a day tell of the same usage: each split adds up to the same total.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Split {
    Team,
    ApiKey,
    Facet(Dimension),
}

impl Split {
    /// Its place among all splits.
    pub(super) fn place(self) -> usize {
        match self {
            Self::Team => 0,
            Self::ApiKey => 1,
            Self::Facet(facet) => facet as usize,
        }
    }
}

impl Series {
    /// A series that no file speaks of.
    pub(super) const NOTHING: Self =
        Self { team: ALL, api_key: ALL, facet: Dimension::Model, value: ALL };

    pub(super) fn split(self) -> Split {
        match (self.api_key, self.value) {
            (ALL, _) => Split::Team,
            (_, ALL) => Split::ApiKey,
            _ => Split::Facet(self.facet),
        }
    }

    /// Its code in a dimension; [`NOBODY`] in facets that it does not tell.
    pub(super) fn code(self, dimension: Dimension) -> u32 {
        match dimension {
            Dimension::Team => self.team,
            Dimension::ApiKey => self.api_key,
            facet if facet == self.facet && self.value != ALL => self.value,
            _ => NOBODY,
        }
    }
}

impl QuarterSeries {
    pub(super) const NOTHING: Self = Self([ALL; QUARTER_DIMENSIONS]);

    /// Its code in a dimension; [`NOBODY`] in those that requests do not tell.
    pub(super) fn code(self, dimension: Dimension) -> u32 {
        self.0.get(dimension as usize).copied().unwrap_or(NOBODY)
    }
}

/// Names to codes and back; codes are never given up.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: Vec<Arc<str>>,
    codes: HashMap<Arc<str>, u32>,
}

impl Names {
    pub(super) fn code(&mut self, name: &str) -> u32 {
        if let Some(code) = self.codes.get(name) {
            return *code;
        }
        let name: Arc<str> = Arc::from(name);
        let code =
            u32::try_from(self.names.len()).expect("four billion names do not fit in memory");
        self.names.push(Arc::clone(&name));
        self.codes.insert(name, code);
        code
    }

    pub(super) fn known(&self, name: &str) -> Option<u32> {
        self.codes.get(name).copied()
    }

    /// All names, by code.
    pub(super) fn all(&self) -> &[Arc<str>] {
        &self.names
    }

    /// How many names have a code: all below this.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of `code`; `None` for [`ALL`] and [`NOBODY`].
    pub(super) fn name(&self, code: u32) -> Option<Arc<str>> {
        self.names.get(code as usize).cloned()
    }
}

/// All codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    names: [Names; DIMENSIONS],
    series: Vec<Series>,
    /// A hash of what each series stands for.
    meanings: Vec<u128>,
    series_codes: HashMap<Series, u32>,
    quarter_series: Vec<QuarterSeries>,
    quarter_series_codes: HashMap<QuarterSeries, u32>,
}

/// A value of a facet by name.
pub(super) type FacetValue<'a> = (Dimension, &'a str);

impl Dictionary {
    /// The names of a dimension's values.
    pub(super) fn names(&self, dimension: Dimension) -> &Names {
        &self.names[dimension as usize]
    }

    fn code(&mut self, dimension: Dimension, name: &str) -> u32 {
        self.names[dimension as usize].code(name)
    }

    fn series_of(
        &mut self,
        team: &str,
        api_key: Option<&str>,
        value: Option<FacetValue<'_>>,
    ) -> Series {
        Series {
            team: self.code(Dimension::Team, team),
            api_key: api_key.map_or(ALL, |name| self.code(Dimension::ApiKey, name)),
            facet: value.map_or(Dimension::Model, |(facet, _)| facet),
            value: value.map_or(ALL, |(facet, name)| self.code(facet, name)),
        }
    }

    fn quarter_series_of(&mut self, names: [&str; QUARTER_DIMENSIONS]) -> QuarterSeries {
        let mut codes = [ALL; QUARTER_DIMENSIONS];
        for ((code, dimension), name) in codes.iter_mut().zip(Dimension::ALL).zip(names) {
            *code = self.code(dimension, name);
        }
        QuarterSeries(codes)
    }

    /// The series by code.
    pub(super) fn series(&self) -> &[Series] {
        &self.series
    }

    /// A hash of what a series stands for by name; nothing where its code stands for nothing.
    pub(super) fn meaning(&self, code: u32) -> Option<u128> {
        let is_known = self.series.get(code as usize).is_some_and(|at| *at != Series::NOTHING);
        is_known.then(|| self.meanings[code as usize])
    }

    fn push_series(&mut self, series: Series) {
        let [team, api_key, value] = self.names_of_series(series);
        let seal = Seal::of("series").optional(team.as_deref()).optional(api_key.as_deref());
        let seal = seal.optional(value.as_deref());
        self.meanings.push(match series.facet {
            // As it was before there were other facets.
            Dimension::Model => seal.done(),
            facet => seal.text(facet.name()).done(),
        });
        self.series.push(series);
    }

    /// The code under which a key's own total goes; with the key [`ALL`], a team's.
    pub(super) fn total_code(&self, team: u32, api_key: u32) -> Option<u32> {
        let series = Series { team, api_key, facet: Dimension::Model, value: ALL };
        self.series_codes.get(&series).copied()
    }

    /// The code of the series of these names; the empty option sums over the dimension.
    pub(super) fn series_code(
        &mut self,
        team: &str,
        api_key: Option<&str>,
        value: Option<FacetValue<'_>>,
    ) -> u32 {
        let series = self.series_of(team, api_key, value);
        if let Some(code) = self.series_codes.get(&series) {
            return *code;
        }
        let code =
            u32::try_from(self.series.len()).expect("four billion series do not fit in memory");
        self.push_series(series);
        self.series_codes.insert(series, code);
        code
    }

    /// Puts a series at the code that it has in the file. Codes that are left out stand for nothing;
    /// one far beyond the others is left out itself.
    pub(super) fn restore_series(
        &mut self,
        code: u32,
        team: &str,
        api_key: Option<&str>,
        value: Option<FacetValue<'_>>,
    ) {
        let code = code as usize;
        if code < self.series.len() || code > self.series.len() + MOST_CODES_LOST {
            return;
        }
        while self.series.len() < code {
            self.push_series(Series::NOTHING);
        }
        let series = self.series_of(team, api_key, value);
        self.push_series(series);
        self.series_codes.entry(series).or_insert(u32::try_from(code).unwrap_or(ALL));
    }

    /// The team, API key and facet's value of a series; `None` where it sums over one.
    pub(super) fn names_of_series(&self, series: Series) -> [Option<Arc<str>>; 3] {
        [
            self.names(Dimension::Team).name(series.team),
            self.names(Dimension::ApiKey).name(series.api_key),
            self.names(series.facet).name(series.value),
        ]
    }

    /// The same for a series of quarter hours.
    pub(super) fn restore_quarter_series(&mut self, code: u32, names: [&str; QUARTER_DIMENSIONS]) {
        let code = code as usize;
        if code < self.quarter_series.len() || code > self.quarter_series.len() + MOST_CODES_LOST {
            return;
        }
        self.quarter_series.resize(code, QuarterSeries::NOTHING);
        let series = self.quarter_series_of(names);
        self.quarter_series.push(series);
        self.quarter_series_codes.entry(series).or_insert(u32::try_from(code).unwrap_or(ALL));
    }

    /// The code of the series of these names, if it has one already.
    pub(super) fn known_series_code(
        &self,
        team: &str,
        api_key: Option<&str>,
        value: Option<FacetValue<'_>>,
    ) -> Option<u32> {
        let code = |dimension, name: Option<&str>| match name {
            None => Some(ALL),
            Some(name) => self.names(dimension).known(name),
        };
        let facet = value.map_or(Dimension::Model, |(facet, _)| facet);
        let series = Series {
            team: self.names(Dimension::Team).known(team)?,
            api_key: code(Dimension::ApiKey, api_key)?,
            facet,
            value: code(facet, value.map(|(_, name)| name))?,
        };
        self.series_codes.get(&series).copied()
    }

    /// The series of quarter hours by code.
    pub(super) fn quarter_series(&self) -> &[QuarterSeries] {
        &self.quarter_series
    }

    /// The code of the series of a team, API key, model group, model and provider.
    pub(super) fn quarter_series_code(&mut self, names: [&str; QUARTER_DIMENSIONS]) -> u32 {
        let series = self.quarter_series_of(names);
        if let Some(code) = self.quarter_series_codes.get(&series) {
            return *code;
        }
        let code = u32::try_from(self.quarter_series.len())
            .expect("four billion series do not fit in memory");
        self.quarter_series.push(series);
        self.quarter_series_codes.insert(series, code);
        code
    }

    /// The code of such a series, if it has one already.
    pub(super) fn known_quarter_series_code(
        &self,
        names: [&str; QUARTER_DIMENSIONS],
    ) -> Option<u32> {
        let mut codes = [ALL; QUARTER_DIMENSIONS];
        for ((code, dimension), name) in codes.iter_mut().zip(Dimension::ALL).zip(names) {
            *code = self.names(dimension).known(name)?;
        }
        self.quarter_series_codes.get(&QuarterSeries(codes)).copied()
    }

    /// The team of a series.
    pub(super) fn team_of_quarter_series(&self, series: u32) -> u32 {
        self.quarter_series.get(series as usize).map_or(ALL, |series| series.0[0])
    }

    /// The names of a series, in the order of [`Dictionary::quarter_series_code`].
    pub(super) fn names_of(&self, series: QuarterSeries) -> [Arc<str>; QUARTER_DIMENSIONS] {
        std::array::from_fn(|place| self.names[place].name(series.0[place]).unwrap_or_default())
    }
}
