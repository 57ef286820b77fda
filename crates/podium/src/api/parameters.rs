//! The parameters of a question of somebody's own, from a query string or a JSON object.

use serde_json::{Number, Value};

use super::query::{InvalidQuery, UsageQuery};
use crate::query::MOST_DIMENSIONS;
use crate::services::{Compare, Named, Order, OrderBy, SheetQuestion};
use crate::usage::{Day, DayRange, Dimension, Grain, MEASURES, Measure, WeekStart};

/// Rows of one JSON answer at most.
pub(super) const MOST_ROWS: usize = 100_000;
/// The grain of hours or days, whichever shows how usage went.
pub(super) const AUTO: &str = "auto";
/// Names that one filter may have.
const MOST_NAMES: usize = 1_000;

/// The parameters besides those of the dimensions.
pub(super) const COMMON: [&str; 20] = [
    "start_date",
    "end_date",
    "tz",
    "include",
    "measures",
    "by",
    "grain",
    "week_start",
    "order",
    "limit",
    "rest",
    "zeros",
    "compare",
    "compare_start",
    "compare_end",
    "format",
    "bom",
    "sep",
    "decimal",
    "download",
];

/// Those of them that may have several values.
const LISTS: [&str; 4] = ["include", "measures", "by", "order"];

/// A value as it was given: with commas between several, or as one whole.
#[derive(Clone, Debug)]
struct Given {
    name: String,
    value: String,
    is_whole: bool,
}

/// All parameters that were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<Given>);

/// The dimension that a parameter filters by.
fn filtered(name: &str) -> Option<Dimension> {
    let is_of = |dimension: &Dimension| {
        let info = dimension.info();
        [Some(info.name), Some(info.name_column), info.id].contains(&Some(name))
    };
    Dimension::ALL.into_iter().find(is_of)
}

/// The names of all parameters of a question.
fn known() -> Vec<&'static str> {
    let mut known = COMMON.to_vec();
    for dimension in Dimension::ALL {
        let info = dimension.info();
        known.extend([Some(info.name), Some(info.name_column), info.id].into_iter().flatten());
    }
    known.sort_unstable();
    known.dedup();
    known
}

/// The known name that is spelt most alike, if it is near, or that goes on where this one ends.
fn nearest<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |name: &&str| strsim::damerau_levenshtein(wrong, name);
    let near = known.iter().copied().min_by_key(distance);
    let begun = known.iter().copied().find(|name| !wrong.is_empty() && name.starts_with(wrong));
    near.filter(|name| distance(name) <= 1 + name.len() / 4).or(begun)
}

/// What is said of a name that nobody knows.
pub(super) fn unknown(kind: &str, wrong: &str, known: &[&str]) -> InvalidQuery {
    let wrong: String = wrong.chars().take(40).collect();
    let meant = nearest(&wrong, known)
        .map_or_else(|| ".".to_owned(), |name| format!("; did you mean {name}?"));
    InvalidQuery::Unknown(format!(
        "there is no {kind} {wrong:?}{meant} Known are: {}",
        known.join(", ")
    ))
}

/// Refuses parameters that an operation does not have.
pub(super) fn refuse_unknown(query: Option<&str>, known: &[&str]) -> Result<(), InvalidQuery> {
    for (name, _) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !known.contains(&&*name) {
            return Err(unknown("parameter", &name, known));
        }
    }
    Ok(())
}

/// A number as text; whole numbers without the `.0` with which JSON may write them.
pub(super) fn plain(number: &Number) -> String {
    match number.as_f64() {
        Some(whole) if number.is_f64() && whole.fract() == 0.0 && whole.abs() < 1e15 => {
            format!("{whole:.0}")
        }
        _ => number.to_string(),
    }
}

impl Parameters {
    /// Those of a query string.
    pub(super) fn of_query(query: Option<&str>) -> Result<Self, InvalidQuery> {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let given = pairs.map(|(name, value)| Given {
            name: name.into_owned(),
            value: value.into_owned(),
            is_whole: false,
        });
        Self(given.collect()).checked()
    }

    /// Those of a JSON object: texts, numbers and truths, and lists of them.
    pub(super) fn of_json(body: &[u8]) -> Result<Self, InvalidQuery> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|_| InvalidQuery::Unknown("the body is not JSON".to_owned()))?;
        let Value::Object(fields) = body else {
            return Err(InvalidQuery::Unknown("the body must be a JSON object".to_owned()));
        };
        let mut all = Self::default();
        for (name, value) in fields {
            match value {
                Value::Array(values) => all.push_list(&name, values)?,
                value => all.push(&name, value, false)?,
            }
        }
        all.checked()
    }

    /// The values of a list. Only names that mean several may have one.
    fn push_list(&mut self, name: &str, values: Vec<Value>) -> Result<(), InvalidQuery> {
        if filtered(name).is_none() && COMMON.contains(&name) && !LISTS.contains(&name) {
            return Err(InvalidQuery::Unknown(format!("{name} must be one value, not a list")));
        }
        if values.contains(&Value::Null) {
            return Err(InvalidQuery::Unknown(format!("{name} must not have null in its list")));
        }
        if values.iter().any(|value| value.as_str().is_some_and(|text| text.trim().is_empty())) {
            return Err(InvalidQuery::Unknown(format!(
                "{name} must not have an empty text in its list"
            )));
        }
        let from = self.0.len();
        for value in values {
            self.push(name, value, true)?;
        }
        // Of this one the last counts, as in a query string.
        if name == "include" && from < self.0.len() {
            let words: Vec<String> = self.0.drain(from..).map(|given| given.value).collect();
            self.push(name, Value::String(words.join(",")), false)?;
        }
        Ok(())
    }

    fn push(&mut self, name: &str, value: Value, is_whole: bool) -> Result<(), InvalidQuery> {
        let value = match value {
            Value::Null => return Ok(()),
            Value::String(text) => text,
            Value::Number(number) => plain(&number),
            Value::Bool(truth) => truth.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(InvalidQuery::Unknown(format!(
                    "{name} must be text, a number, true or false, or a list of these"
                )));
            }
        };
        self.0.push(Given { name: name.to_owned(), value, is_whole });
        Ok(())
    }

    fn checked(self) -> Result<Self, InvalidQuery> {
        let known = known();
        match self.0.iter().find(|given| !known.contains(&given.name.as_str())) {
            Some(given) => Err(unknown("parameter", &given.name, &known)),
            None => Ok(self),
        }
    }

    /// The last value of a name; an empty one counts as none.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        let last = self.0.iter().rev().find(|given| given.name == name);
        last.map(|given| given.value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a name, split at commas.
    fn list(&self, name: &str) -> Vec<String> {
        let given = self.0.iter().filter(|given| given.name == name);
        given.flat_map(Given::values).filter(|value| !value.is_empty()).collect()
    }

    /// What is true or false; nothing where it was not said.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, InvalidQuery> {
        match self.last(name) {
            None => Ok(None),
            Some("false" | "0" | "no") => Ok(Some(false)),
            Some("true" | "1" | "yes") => Ok(Some(true)),
            Some(_) => Err(InvalidQuery::Unknown(format!("{name} must be true or false"))),
        }
    }

    /// Days, zone and teams.
    pub(super) fn usage(&self) -> UsageQuery {
        let pairs = self.0.iter().map(|given| (given.name.as_str(), given.value.as_str()));
        UsageQuery::of(pairs.filter(|(name, _)| filtered(name).is_none()))
    }

    /// The question, apart from its days.
    pub(super) fn question(&self) -> Result<SheetQuestion, InvalidQuery> {
        let by = self.by()?;
        let measures = self.measures()?;
        let compare = self.compare()?;
        let (grain, prefers_hours) = self.grain()?;
        let zeros = self.flag("zeros")?.unwrap_or(false);
        if zeros && !matches!(by.as_slice(), [] | [Dimension::Team]) {
            return Err(InvalidQuery::Unknown(
                "zeros=true needs by=team, or no dimension: the gateway lists the teams, and no \
                 values of others that were not used"
                    .to_owned(),
            ));
        }
        let limit = self.last("limit").map(|text| match text.parse::<usize>() {
            Ok(limit) if (1..=MOST_ROWS).contains(&limit) => Ok(limit),
            _ => {
                Err(InvalidQuery::Unknown(format!("limit must be a number from 1 to {MOST_ROWS}")))
            }
        });
        if compare != Compare::No && (prefers_hours || !grain.is_of_days()) {
            return Err(InvalidQuery::Unknown(
                "compare needs a grain of total, 1d, 1w or 1mo".to_owned(),
            ));
        }
        if compare == Compare::PreviousToNow && grain != Grain::Total {
            return Err(InvalidQuery::Unknown(
                "compare=previous_to_now needs grain=total".to_owned(),
            ));
        }
        Ok(SheetQuestion {
            order: self.order(&by, &measures)?,
            filters: self.filters()?,
            grain,
            prefers_hours,
            by,
            measures,
            limit: limit.transpose()?,
            rest: self.flag("rest")?.unwrap_or(false),
            zeros,
            compare,
            most_rows: MOST_ROWS,
        })
    }

    fn by(&self) -> Result<Vec<Dimension>, InvalidQuery> {
        let names: Vec<&str> = Dimension::ALL.into_iter().map(Dimension::name).collect();
        let asked = self.list("by");
        if asked.len() > MOST_DIMENSIONS {
            return Err(InvalidQuery::Unknown(format!(
                "by may name {MOST_DIMENSIONS} dimensions at most"
            )));
        }
        let mut by = Vec::new();
        for name in asked {
            let dimension = Dimension::named(&name);
            let dimension = dimension.ok_or_else(|| unknown("dimension", &name, &names))?;
            if !by.contains(&dimension) {
                by.push(dimension);
            }
        }
        Ok(by)
    }

    fn measures(&self) -> Result<Vec<&'static Measure>, InvalidQuery> {
        let names: Vec<&str> = MEASURES.iter().map(|measure| measure.name).collect();
        let mut measures: Vec<&'static Measure> = Vec::new();
        for name in self.list("measures") {
            let measure = Measure::named(&name);
            let measure = measure.ok_or_else(|| unknown("measure", &name, &names))?;
            if !measures.iter().any(|known| known.name == measure.name) {
                measures.push(measure);
            }
        }
        if measures.is_empty() {
            measures = Measure::all_named(&["tokens", "requests", "failed_requests", "spend_usd"]);
        }
        Ok(measures)
    }

    /// The grain, and whether hours are wanted where they are few and known.
    fn grain(&self) -> Result<(Grain, bool), InvalidQuery> {
        let week = match self.last("week_start") {
            None | Some("monday") => WeekStart::Monday,
            Some("sunday") => WeekStart::Sunday,
            Some(other) => return Err(unknown("week_start", other, &["monday", "sunday"])),
        };
        let all = Grain::all(week);
        let wanted = self.last("grain").unwrap_or(Grain::Total.name());
        if wanted == AUTO {
            return Ok((Grain::Day, true));
        }
        let names: Vec<&str> = all.map(Grain::name).into_iter().chain([AUTO]).collect();
        let grain = all.into_iter().find(|grain| grain.name() == wanted);
        grain.map(|grain| (grain, false)).ok_or_else(|| unknown("grain", wanted, &names))
    }

    fn order(
        &self,
        by: &[Dimension],
        measures: &[&'static Measure],
    ) -> Result<Vec<Order>, InvalidQuery> {
        let columns: Vec<&str> = ["bucket"]
            .into_iter()
            .chain(by.iter().map(|dimension| dimension.name()))
            .chain(measures.iter().map(|measure| measure.name))
            .collect();
        let mut order = Vec::new();
        for named in self.list("order") {
            let (name, descending) = match named.strip_prefix('-') {
                Some(name) => (name, true),
                None => (named.trim_start_matches('+'), false),
            };
            let place = columns.iter().position(|column| *column == name);
            let place = place.ok_or_else(|| unknown("column to order by", name, &columns))?;
            let by = match place {
                0 => OrderBy::Bucket,
                place if place <= by.len() => OrderBy::Dimension(place - 1),
                place => OrderBy::Measure(place - 1 - by.len()),
            };
            order.push(Order { by, descending });
        }
        Ok(order)
    }

    fn compare(&self) -> Result<Compare, InvalidQuery> {
        let day = |name: &'static str| {
            self.last(name)
                .map(|text| Day::parse(text).map_err(|error| InvalidQuery::Format(error, name)))
        };
        let first = day("compare_start").transpose()?;
        let last = day("compare_end").transpose()?;
        let named = self.last("compare");
        match (first, last, named) {
            (None, None, None | Some("none")) => Ok(Compare::No),
            (None, None, Some("previous")) => Ok(Compare::Previous),
            (None, None, Some("previous_to_now")) => Ok(Compare::PreviousToNow),
            (None, None, Some(other)) => {
                Err(unknown("comparison", other, &["none", "previous", "previous_to_now"]))
            }
            (Some(first), Some(last), None) => DayRange::new(first, last).map(Compare::Days).ok_or(
                InvalidQuery::Unknown("compare_end must not be before compare_start".to_owned()),
            ),
            (_, _, Some(_)) => Err(InvalidQuery::Unknown(
                "compare and compare_start, compare_end exclude each other".to_owned(),
            )),
            _ => {
                Err(InvalidQuery::Unknown("compare_start and compare_end come together".to_owned()))
            }
        }
    }

    fn filters(&self) -> Result<Vec<(Dimension, Named)>, InvalidQuery> {
        let mut filters: Vec<(Dimension, Named)> = Vec::new();
        for dimension in Dimension::ALL {
            let mut named = Named::default();
            let of = self.0.iter().filter(|given| filtered(&given.name) == Some(dimension));
            for given in of {
                add_names(&mut named, dimension, given)?;
            }
            for names in [&mut named.only, &mut named.not] {
                // The same question whatever the order.
                names.sort_unstable();
                names.dedup();
            }
            if named.only.len() + named.not.len() > MOST_NAMES {
                return Err(InvalidQuery::Unknown(format!(
                    "a filter may have {MOST_NAMES} names at most"
                )));
            }
            if named != Named::default() {
                filters.push((dimension, named));
            }
        }
        Ok(filters)
    }
}

/// Adds what a parameter names. One that names nothing would silently be no filter.
fn add_names(named: &mut Named, dimension: Dimension, given: &Given) -> Result<(), InvalidQuery> {
    let values = given.values();
    if values.iter().all(String::is_empty) {
        let (name, rest) = (dimension.name(), dimension.info().rest);
        return Err(InvalidQuery::Unknown(format!(
            "{name} is empty; leave it out, or name what is meant (usage that belongs to none is \
             called {rest})"
        )));
    }
    for value in values.iter().filter(|value| !value.is_empty()) {
        match value.strip_prefix('!') {
            Some(other) => named.not.push(unescaped(other)),
            None => named.only.push(unescaped(value)),
        }
    }
    Ok(())
}

/// A name that begins with an exclamation mark is written with a backslash before it.
fn unescaped(value: &str) -> String {
    value.strip_prefix("\\!").map_or_else(|| value.to_owned(), |rest| format!("!{rest}"))
}

impl Given {
    /// Its values: what stands between commas, where these have no backslash before them.
    fn values(&self) -> Vec<String> {
        if self.is_whole {
            return vec![self.value.clone()];
        }
        let mut values = vec![String::new()];
        let mut characters = self.value.chars().peekable();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            let value = values.last_mut().expect("there is always one");
            match (character, next) {
                ('\\', Some(escaped @ (',' | '\\'))) => {
                    value.push(escaped);
                    characters.next();
                }
                (',', _) => values.push(String::new()),
                (other, _) => value.push(other),
            }
        }
        values.iter_mut().for_each(|value| *value = value.trim().to_owned());
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(query: &str) -> Result<SheetQuestion, String> {
        Parameters::of_query(Some(query))
            .and_then(|parameters| parameters.question())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn filters_may_be_repeated_listed_excluded_and_escaped() {
        let asked = question("team=a,b&team=!c&model=x\\,y&team_id=a&provider=\\!odd").unwrap();
        let of = |dimension| {
            let found = asked.filters.iter().find(|(of, _)| *of == dimension);
            found.map(|(_, named)| (named.only.clone(), named.not.clone())).unwrap()
        };
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(of(Dimension::Team), (texts(&["a", "b"]), texts(&["c"])));
        assert_eq!(of(Dimension::Model), (texts(&["x,y"]), texts(&[])));
        assert_eq!(of(Dimension::Provider), (texts(&["!odd"]), texts(&[])));
    }

    #[test]
    fn json_asks_the_same_and_its_lists_are_not_split() {
        let body = br#"{"by":["team","model"],"model":["x,y"],"limit":3,"rest":true,"tz":null}"#;
        let asked = Parameters::of_json(body).unwrap().question().unwrap();
        assert_eq!(asked.by, [Dimension::Team, Dimension::Model]);
        assert_eq!(asked.filters[0].1.only, ["x,y"]);
        assert_eq!((asked.limit, asked.rest), (Some(3), true));
    }

    #[test]
    fn lists_are_for_what_may_be_several() {
        let of = |body: &str| Parameters::of_json(body.as_bytes());
        let all = of(r#"{"include":["unassigned","deleted"]}"#).unwrap().usage().include().unwrap();
        assert!(all.unassigned && all.deleted);
        for (body, words) in [
            (r#"{"include":["nobody","deleted"]}"#, "include must be"),
            (r#"{"grain":["1d"]}"#, "grain must be one value"),
            (r#"{"decimal":[null,null]}"#, "decimal must be one value"),
            (r#"{"by":["team",null]}"#, "null"),
            (r#"{"order":[""]}"#, "order must not have an empty text"),
            (r#"{"team":["otters"," "]}"#, "team must not have an empty text"),
        ] {
            let asked = of(body).and_then(|asked| asked.usage().include());
            let error = asked.expect_err(body).to_string();
            assert!(error.contains(words), "{body}: {error}");
        }
    }

    #[test]
    fn whole_numbers_of_json_are_whole() {
        let limit = |body: &str| {
            Parameters::of_json(body.as_bytes()).map(|asked| asked.last("limit").map(str::to_owned))
        };
        for body in [r#"{"limit":10.0}"#, r#"{"limit":1e1}"#, r#"{"limit":10}"#] {
            assert_eq!(limit(body).unwrap().as_deref(), Some("10"), "{body}");
        }
        assert_eq!(limit(r#"{"limit":10.5}"#).unwrap().as_deref(), Some("10.5"));
    }

    #[test]
    fn what_is_misspelt_is_told_with_what_was_meant() {
        for (query, words) in [
            ("mesures=tokens", "did you mean measures?"),
            ("measures=token", "did you mean tokens?"),
            ("by=modell", "did you mean model?"),
            ("by=team,api_key,model,provider", "3 dimensions at most"),
            ("by=team,team,team,team", "3 dimensions at most"),
            ("grain=1y", "Known are: total, 15m"),
            ("order=-spend_usd&measures=tokens", "column to order by"),
            ("limit=0", "limit must be"),
            ("rest=maybe", "true or false"),
            ("api_key=", "called No key"),
            ("team=,", "team is empty"),
            ("zeros=2", "zeros must be true or false"),
            ("zeros=true&by=model", "zeros=true needs by=team"),
            ("zeros=true&by=team,model", "zeros=true needs by=team"),
            ("compare=previous&grain=auto", "compare needs"),
            ("compare=last", "comparison"),
            ("compare_start=2026-01-01", "come together"),
            ("compare=previous&grain=1h", "compare needs"),
            ("week_start=friday", "monday, sunday"),
        ] {
            let error = question(query).expect_err(query);
            assert!(error.contains(words), "{query}: {error}");
        }
    }
}
