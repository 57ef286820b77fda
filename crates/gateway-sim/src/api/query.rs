//! Query parameters, read and refused as FastAPI does.

use crate::answer::Answer;

/// Decoded `name=value` pairs in the order they were sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Query {
        Query(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The value of a parameter; the last one where it is repeated.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, `None` also where it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// A whole number of any size.
    pub(crate) fn int(&self, name: &str, default: i64) -> Result<i64, Answer> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.trim().parse().map_err(|_| {
            let message = "Input should be a valid integer, unable to parse string as an integer";
            Answer::invalid_parameter(name, "int_parsing", message)
        })
    }

    /// A whole number between two bounds, both included.
    pub(crate) fn int_within(
        &self,
        name: &str,
        default: i64,
        least: i64,
        most: Option<i64>,
    ) -> Result<i64, Answer> {
        let number = self.int(name, default)?;
        if number < least {
            let message = format!("Input should be greater than or equal to {least}");
            return Err(Answer::invalid_parameter(name, "greater_than_equal", &message));
        }
        if let Some(most) = most.filter(|most| number > *most) {
            let message = format!("Input should be less than or equal to {most}");
            return Err(Answer::invalid_parameter(name, "less_than_equal", &message));
        }
        Ok(number)
    }
}
