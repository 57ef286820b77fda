//! Codes for names: a series is what one number of a day belongs to.

use std::collections::HashMap;
use std::sync::Arc;

/// No name: the series sums over this dimension.
pub(super) const ALL: u32 = u32::MAX;

/// So many codes in a row may be unreadable in a file.
const MOST_CODES_LOST: usize = 4_096;

/// Team, API key and model group by code. With the last or the last two of them [`ALL`] it
/// stands for a key's or a team's own total, which the gateway reports apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Series {
    pub(super) team: u32,
    pub(super) api_key: u32,
    pub(super) model_group: u32,
}

/// What a fact of a quarter hour belongs to. In a question's answer, [`ALL`] stands for the
/// dimensions that were summed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct QuarterSeries {
    pub(super) team: u32,
    pub(super) api_key: u32,
    pub(super) model_group: u32,
    pub(super) model: u32,
    pub(super) provider: u32,
}

/// How fine a series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Team,
    ApiKey,
    ModelGroup,
}

impl Series {
    pub(super) fn level(self) -> Level {
        match (self.api_key, self.model_group) {
            (ALL, _) => Level::Team,
            (_, ALL) => Level::ApiKey,
            _ => Level::ModelGroup,
        }
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

    /// The names that begin so.
    pub(super) fn names_with(&self, beginning: &'static str) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref).filter(move |name: &&str| name.starts_with(beginning))
    }

    /// How many names have a code: all below this.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The name of `code`; `None` for [`ALL`].
    pub(super) fn name(&self, code: u32) -> Option<Arc<str>> {
        self.names.get(code as usize).cloned()
    }
}

/// All codes.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    pub(super) teams: Names,
    pub(super) api_keys: Names,
    pub(super) model_groups: Names,
    pub(super) models: Names,
    pub(super) providers: Names,
    series: Vec<Series>,
    series_codes: HashMap<Series, u32>,
    quarter_series: Vec<QuarterSeries>,
    quarter_series_codes: HashMap<QuarterSeries, u32>,
}

impl Dictionary {
    fn series_of(
        &mut self,
        team: &str,
        api_key: Option<&str>,
        model_group: Option<&str>,
    ) -> Series {
        Series {
            team: self.teams.code(team),
            api_key: api_key.map_or(ALL, |name| self.api_keys.code(name)),
            model_group: model_group.map_or(ALL, |name| self.model_groups.code(name)),
        }
    }

    fn quarter_series_of(&mut self, names: [&str; 5]) -> QuarterSeries {
        let [team, api_key, model_group, model, provider] = names;
        QuarterSeries {
            team: self.teams.code(team),
            api_key: self.api_keys.code(api_key),
            model_group: self.model_groups.code(model_group),
            model: self.models.code(model),
            provider: self.providers.code(provider),
        }
    }

    /// The series by code.
    pub(super) fn series(&self) -> &[Series] {
        &self.series
    }

    /// The code of the series of these names; the empty option sums over the dimension.
    pub(super) fn series_code(
        &mut self,
        team: &str,
        api_key: Option<&str>,
        model_group: Option<&str>,
    ) -> u32 {
        let series = self.series_of(team, api_key, model_group);
        if let Some(code) = self.series_codes.get(&series) {
            return *code;
        }
        let code =
            u32::try_from(self.series.len()).expect("four billion series do not fit in memory");
        self.series.push(series);
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
        model_group: Option<&str>,
    ) {
        let code = code as usize;
        if code < self.series.len() || code > self.series.len() + MOST_CODES_LOST {
            return;
        }
        self.series.resize(code, Series { team: ALL, api_key: ALL, model_group: ALL });
        let series = self.series_of(team, api_key, model_group);
        self.series.push(series);
        self.series_codes.entry(series).or_insert(u32::try_from(code).unwrap_or(ALL));
    }

    /// The team, API key and model group of a series; `None` where it sums over one.
    pub(super) fn names_of_series(&self, series: Series) -> [Option<Arc<str>>; 3] {
        [
            self.teams.name(series.team),
            self.api_keys.name(series.api_key),
            self.model_groups.name(series.model_group),
        ]
    }

    /// The same for a series of quarter hours.
    pub(super) fn restore_quarter_series(&mut self, code: u32, names: [&str; 5]) {
        let code = code as usize;
        if code < self.quarter_series.len() || code > self.quarter_series.len() + MOST_CODES_LOST {
            return;
        }
        let nothing =
            QuarterSeries { team: ALL, api_key: ALL, model_group: ALL, model: ALL, provider: ALL };
        self.quarter_series.resize(code, nothing);
        let series = self.quarter_series_of(names);
        self.quarter_series.push(series);
        self.quarter_series_codes.entry(series).or_insert(u32::try_from(code).unwrap_or(ALL));
    }

    /// The code of the series of these names, if it has one already.
    pub(super) fn known_series_code(
        &self,
        team: &str,
        api_key: Option<&str>,
        model_group: Option<&str>,
    ) -> Option<u32> {
        let code = |names: &Names, name: Option<&str>| match name {
            None => Some(ALL),
            Some(name) => names.known(name),
        };
        let series = Series {
            team: self.teams.known(team)?,
            api_key: code(&self.api_keys, api_key)?,
            model_group: code(&self.model_groups, model_group)?,
        };
        self.series_codes.get(&series).copied()
    }

    /// The series of quarter hours by code.
    pub(super) fn quarter_series(&self) -> &[QuarterSeries] {
        &self.quarter_series
    }

    /// The code of the series of a team, API key, model group, model and provider.
    pub(super) fn quarter_series_code(&mut self, names: [&str; 5]) -> u32 {
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
    pub(super) fn known_quarter_series_code(&self, names: [&str; 5]) -> Option<u32> {
        let [team, api_key, model_group, model, provider] = names;
        let series = QuarterSeries {
            team: self.teams.known(team)?,
            api_key: self.api_keys.known(api_key)?,
            model_group: self.model_groups.known(model_group)?,
            model: self.models.known(model)?,
            provider: self.providers.known(provider)?,
        };
        self.quarter_series_codes.get(&series).copied()
    }

    /// The team of a series.
    pub(super) fn team_of_quarter_series(&self, series: u32) -> u32 {
        self.quarter_series.get(series as usize).map_or(ALL, |series| series.team)
    }

    /// The names of a series, in the order of [`Dictionary::quarter_series_code`].
    pub(super) fn names_of(&self, series: QuarterSeries) -> [Arc<str>; 5] {
        let name = |names: &Names, code| names.name(code).unwrap_or_default();
        [
            name(&self.teams, series.team),
            name(&self.api_keys, series.api_key),
            name(&self.model_groups, series.model_group),
            name(&self.models, series.model),
            name(&self.providers, series.provider),
        ]
    }
}
