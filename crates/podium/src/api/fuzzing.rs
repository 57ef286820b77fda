//! Ways in for fuzzing: questions in other words, deltas, and packed bodies.

use serde_json::{Map, Value};

use super::delta;
use super::link::Link;
use super::parameters::{COMMON, Parameters};
use super::query::UsageQuery;
use super::routes::ingest::unpack;
use super::routes::query::operation;
use crate::usage::{Day, buckets};

/// A pushed body without its packing, as far as it may go.
pub(crate) fn unpacked(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    unpack(bytes, most).ok()
}

/// Whether what is told of one text and another makes the one the other.
pub(crate) fn delta_holds(from: &str, to: &str) -> bool {
    delta::apply(from, &delta::steps(from, to)) == to
}

/// What a query string asks: all that decides about its answer, in words; an error in words, too.
pub(crate) fn meant(query: &str, now: jiff::Timestamp) -> Result<String, String> {
    told(Parameters::of_query(Some(query)), now)
}

/// What a JSON object asks.
pub(crate) fn meant_by_json(body: &[u8], now: jiff::Timestamp) -> Result<String, String> {
    told(Parameters::of_json(body), now)
}

fn told(
    given: Result<Parameters, super::query::InvalidQuery>,
    now: jiff::Timestamp,
) -> Result<String, String> {
    let told = || {
        let given = given?;
        let (usage, question) = (given.usage(), given.question()?);
        let (zone, name) = usage.zone()?;
        let range = usage.resolve(Day::at(now, &zone))?;
        let compared = question.compare.days(range);
        let count = buckets(range, question.grain, &zone, 5_000).map(|buckets| buckets.len());
        let include = usage.include()?;
        let flags = (given.flag("download")?, given.flag("bom")?);
        let texts = ["format", "sep", "decimal"].map(|name| given.last(name).map(str::to_owned));
        let operation = operation(&question);
        Ok(format!(
            "{name} {range} {compared:?} {count:?} {include:?} {flags:?} {texts:?} {operation:?}"
        ))
    };
    told().map_err(|error: super::query::InvalidQuery| error.to_string())
}

/// The same question as a JSON object; nothing where an object cannot say it.
pub(crate) fn as_json(query: &str) -> Option<Vec<u8>> {
    const LISTS: [&str; 3] = ["by", "measures", "order"];
    let mut fields = Map::new();
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    for (name, value) in &pairs {
        let is_list = LISTS.contains(&&**name) || !COMMON.contains(&&**name);
        let is_repeated = pairs.iter().filter(|(other, _)| other == name).count() > 1;
        if is_list && is_repeated {
            // The values of a list are not split at commas, and those of a repeated parameter are.
            if value.contains([',', '\\']) || value.trim() != value {
                return None;
            }
            let values = fields.entry(name.to_string()).or_insert_with(|| Value::Array(Vec::new()));
            values.as_array_mut()?.push(Value::from(value.to_string()));
        } else {
            fields.insert(name.to_string(), Value::from(value.to_string()));
        }
    }
    serde_json::to_vec(&fields).ok()
}

/// Reads a query string as each of the other operations does; nothing of it may panic.
pub(crate) fn read_otherwise(query: &str, now: jiff::Timestamp) -> String {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let usage = UsageQuery::of(pairs.iter().map(|(name, value)| (&**name, &**value)));
    let days = usage.resolve(Day::of(now)).map(|days| days.to_string());
    let others = (usage.grain(), usage.series_of().is_ok(), usage.measures().is_ok());
    format!("{days:?} {others:?} {:?}", Link::read(query, now))
}
