//! What parameters look like, for the OpenAPI document, from the registries.
//!
//! What no shape can say (that days lie in order and not in the future, which parameters go
//! together) is left to words. Where an empty value counts as none, the shape says so.

mod body;

use axum::http::Method;
use utoipa::openapi::path::{Operation, ParameterStyle};
use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, Type};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder, OpenApi, RefOr, Response, Schema};

pub(super) use self::body::QuestionBody;
use super::formats::Format;
use super::gate::{self, Need};
use super::live::TOPICS;
use super::parameters::{AUTO, MOST_ROWS};
use super::routes::access_log::MOST_LINES;
use crate::query::MOST_DIMENSIONS;
use crate::usage::{Dimension, Grain, MEASURES, WeekStart};

/// A name that is one: more than spaces and commas.
const NAME: &str = r"[^\s,\u0085]";
/// What is true and what is false; an empty value is neither.
const TRUTHS: [&str; 7] = ["true", "false", "1", "0", "yes", "no", ""];
const LISTED: [&str; 2] = ["unassigned", "deleted"];
/// The grains of activity.
const GRAINS: [&str; 5] = ["15m", "1h", "1d", "1w", "1mo"];

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn any_of<const N: usize>(shapes: [Schema; N]) -> Schema {
    shapes.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).build().into()
}

/// One of these, or none of them by being empty.
fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Schema {
    text().enum_values(Some(names.into_iter().chain([""]))).build().into()
}

fn list_of(item: Schema) -> ArrayBuilder {
    ArrayBuilder::new().items(RefOr::T(item))
}

/// Some of these, with commas between them.
fn some_of<'a>(names: impl IntoIterator<Item = &'a str>) -> ArrayBuilder {
    list_of(text().enum_values(Some(names)).build().into())
}

fn dimensions() -> impl Iterator<Item = &'static str> {
    Dimension::ALL.into_iter().map(Dimension::name)
}

fn measure_names() -> impl Iterator<Item = &'static str> {
    MEASURES.iter().map(|measure| measure.name)
}

fn day() -> Schema {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build().into()
}

/// A day, where an empty one counts as none.
fn other_day() -> Schema {
    any_of([day(), text().enum_values(Some([""])).build().into()])
}

fn zone() -> Schema {
    text().pattern(Some("^[A-Za-z0-9/_+-]*$")).build().into()
}

fn include() -> Schema {
    some_of(LISTED).build().into()
}

fn measures() -> Schema {
    some_of(measure_names()).build().into()
}

fn by() -> Schema {
    some_of(dimensions()).max_items(Some(MOST_DIMENSIONS)).build().into()
}

fn grain() -> Schema {
    one_of(Grain::all(WeekStart::Monday).map(Grain::name).into_iter().chain([AUTO]))
}

fn week_start() -> Schema {
    one_of(["monday", "sunday"])
}

/// A column in whose order rows come.
fn column() -> String {
    let columns: Vec<&str> = dimensions().chain(measure_names()).collect();
    format!("[+-]?(bucket|{})", columns.join("|"))
}

fn order() -> Schema {
    list_of(text().pattern(Some(format!("^{}$", column()))).build().into()).build().into()
}

fn limit(most: usize) -> Schema {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    number.minimum(Some(1)).maximum(Some(most)).build().into()
}

fn flag() -> Schema {
    text().enum_values(Some(TRUTHS)).build().into()
}

fn compare() -> Schema {
    one_of(["none", "previous", "previous_to_now"])
}

fn format() -> Schema {
    one_of(Format::NAMES.into_iter().chain(["md"]))
}

fn separator() -> Schema {
    one_of(["comma", ",", "semicolon", ";", "tab", "\t"])
}

fn decimal() -> Schema {
    one_of(["point", ".", "comma", ","])
}

/// Names that a dimension is filtered by.
fn names() -> Schema {
    list_of(text().pattern(Some(NAME)).build().into()).build().into()
}

/// Makes the shapes of parameters in query strings exact, and tells of the gate's refusals where it
/// may refuse.
pub(super) fn sharpen(document: &mut OpenApi) {
    let refusals = refusals(document);
    for (path, item) in &mut document.paths.paths {
        let asked = [
            (Method::GET, &mut item.get),
            (Method::POST, &mut item.post),
            (Method::DELETE, &mut item.delete),
        ];
        for (method, operation) in asked {
            let Some(operation) = operation else { continue };
            sharpen_parameters(operation);
            if gate::need(&method, path) != Need::Nothing {
                let responses = &mut operation.responses.responses;
                for (status, refusal) in &refusals {
                    responses.entry(status.clone()).or_insert_with(|| refusal.clone());
                }
            }
        }
    }
}

/// 401 and 403, as they are written at the operation that has both for no other reasons.
fn refusals(document: &OpenApi) -> Vec<(String, RefOr<Response>)> {
    let log = document.paths.paths.get("/api/v1/access-log").and_then(|item| item.get.as_ref());
    let all = log.into_iter().flat_map(|log| log.responses.responses.clone());
    all.filter(|(status, _)| matches!(status.as_str(), "401" | "403")).collect()
}

fn sharpen_parameters(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let Some(shape) = shape_of(&id, &parameter.name) else { continue };
        let is_list = matches!(shape, Schema::Array(_));
        // Names of dimensions may be repeated; other lists are one value with commas.
        if is_list && Dimension::named(&parameter.name).is_none() {
            parameter.style = Some(ParameterStyle::Form);
            parameter.explode = Some(false);
        }
        parameter.schema = Some(shape.into());
    }
}

/// The shape of a parameter of an operation; nothing where what is written at it says all.
fn shape_of(operation: &str, name: &str) -> Option<Schema> {
    match (operation, name) {
        // What makes no sense in a link counts as not said.
        ("get_preview", _) => None,
        ("get_activity", "by") => Some(one_of(dimensions().chain(["total"]))),
        ("get_activity", "grain") => Some(one_of(GRAINS)),
        ("get_access_log", "limit") => Some(limit(MOST_LINES)),
        ("get_events", "topics") => Some(some_of(TOPICS).build().into()),
        ("get_events", "patch") => Some(one_of(["true", "false"])),
        (_, "start_date" | "end_date") => Some(day()),
        (_, "tz") => Some(zone()),
        (_, "include") => Some(include()),
        (_, "measures") => Some(measures()),
        ("get_query", name) => shape_of_question(name),
        _ => None,
    }
}

fn shape_of_question(name: &str) -> Option<Schema> {
    Some(match name {
        "by" => by(),
        "grain" => grain(),
        "week_start" => week_start(),
        "order" => order(),
        "limit" => limit(MOST_ROWS),
        "rest" | "zeros" | "bom" | "download" => flag(),
        "compare" => compare(),
        "compare_start" | "compare_end" => other_day(),
        "format" => format(),
        "sep" => separator(),
        "decimal" => decimal(),
        name if Dimension::named(name).is_some() => names(),
        _ => return None,
    })
}
