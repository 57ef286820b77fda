//! What a question looks like as a JSON object. Of lists, one text with commas says the same.

use std::borrow::Cow;

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{
    LISTED, TRUTHS, any_of, by, column, compare, day, decimal, dimensions, format, grain, include,
    limit, list_of, measure_names, measures, order, other_day, separator, text, week_start, zone,
};
use crate::api::parameters::MOST_ROWS;
use crate::query::MOST_DIMENSIONS;

/// The body of a question.
pub(in crate::api) struct QuestionBody;

impl PartialSchema for QuestionBody {
    fn schema() -> RefOr<Schema> {
        let only = AdditionalProperties::<Schema>::FreeForm(false);
        let object =
            ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(only));
        let named = dimensions().map(|name| (name, one_or_more_names()));
        let fields = fields().into_iter().chain(named);
        fields.fold(object, |object, (name, shape)| object.property(name, shape)).build().into()
    }
}

impl ToSchema for QuestionBody {
    fn name() -> Cow<'static, str> {
        "Question".into()
    }
}

/// The fields that are no names of dimensions.
fn fields() -> [(&'static str, Schema); 20] {
    let listed = LISTED.join("|");
    let measure_names: Vec<&str> = measure_names().collect();
    let dimension_names: Vec<&str> = dimensions().collect();
    [
        ("start_date", or_null(day())),
        ("end_date", or_null(day())),
        ("tz", or_null(zone())),
        ("include", one_or_more(include(), &listed, None)),
        ("measures", one_or_more(measures(), &measure_names.join("|"), None)),
        ("by", one_or_more(by(), &dimension_names.join("|"), Some(MOST_DIMENSIONS))),
        ("grain", or_null(grain())),
        ("week_start", or_null(week_start())),
        ("order", one_or_more(order(), &column(), None)),
        ("limit", or_null(limit(MOST_ROWS))),
        ("rest", truth()),
        ("zeros", truth()),
        ("compare", or_null(compare())),
        ("compare_start", or_null(other_day())),
        ("compare_end", or_null(other_day())),
        ("format", or_null(format())),
        ("bom", truth()),
        ("sep", or_null(separator())),
        ("decimal", or_null(decimal())),
        ("download", truth()),
    ]
}

fn null() -> Schema {
    ObjectBuilder::new().schema_type(Type::Null).build().into()
}

fn or_null(shape: Schema) -> Schema {
    any_of([shape, null()])
}

/// A list, or what is in it as one text.
fn one_or_more(list: Schema, item: &str, most: Option<usize>) -> Schema {
    let more = most.map_or_else(String::new, |most| (most - 1).to_string());
    let pattern = format!("^(({item})(,({item})){{0,{more}}})?$");
    any_of([list, text().pattern(Some(pattern)).build().into(), null()])
}

/// Names, where numbers and truths are names as well. In a list they are taken as they are.
fn one_or_more_names() -> Schema {
    let plain = || {
        let types = SchemaType::Array(vec![Type::Number, Type::Boolean]);
        ObjectBuilder::new().schema_type(types).build().into()
    };
    let name = text().min_length(Some(1)).build().into();
    let one = text().pattern(Some(super::NAME)).build().into();
    any_of([list_of(any_of([name, plain()])).build().into(), one, plain(), null()])
}

/// True or false, however it is said.
fn truth() -> Schema {
    let said = TRUTHS.into_iter().map(Value::from);
    let plain = [Value::from(true), Value::from(false), Value::from(1), Value::from(0)];
    let all = said.chain(plain).chain([Value::Null]);
    ObjectBuilder::new().schema_type(SchemaType::AnyValue).enum_values(Some(all)).build().into()
}
