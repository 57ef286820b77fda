//! Which rows a question is about: its dates, its filters, and what its caller may see.

use jiff::civil::Date;

use crate::answer::Answer;
use crate::api::caller::Caller;
use crate::api::context::Context;
use crate::api::query::Query;
use crate::world::{Name, Row, World};

#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) start: Date,
    pub(super) end: Date,
    pub(super) rows: RowFilter,
}

/// The filters within a day. An empty list lets nothing through, `None` everything.
#[derive(Clone, Debug, Default)]
pub(super) struct RowFilter {
    teams: Option<Vec<Name>>,
    excluded_teams: Vec<Name>,
    model: Option<Name>,
    api_keys: Option<Vec<Name>>,
}

impl RowFilter {
    /// Reads `team_ids`, `exclude_team_ids`, `model` and `api_key`, and narrows them to a plain
    /// user's own keys and teams of today.
    pub(super) fn read(context: &Context<'_>) -> Result<RowFilter, Answer> {
        let Context { world, query, .. } = context;
        let mut filter = RowFilter {
            teams: query.filled("team_ids").map(|ids| codes(world, ids)),
            excluded_teams: query
                .filled("exclude_team_ids")
                .map(|ids| codes(world, ids))
                .unwrap_or_default(),
            model: query.filled("model").map(|model| world.names().find(model)),
            api_keys: query.filled("api_key").map(|key| vec![world.names().find(key)]),
        };
        match context.caller {
            Caller::User { user_id: _, sees } => filter.narrow(world, query, sees)?,
            Caller::Userless => return Err(Answer::detail_error(404, "User= None not found")),
            _ => {}
        }
        Ok(filter)
    }

    fn narrow(&mut self, world: &World, query: &Query, sees: &[String]) -> Result<(), Answer> {
        let own_teams: Vec<&str> =
            sees.iter().filter_map(|token| world.key(token)?.team_id.as_deref()).collect();
        match query.filled("team_ids") {
            None => {
                self.teams = Some(own_teams.iter().map(|team| world.names().find(team)).collect())
            }
            Some(ids) => {
                if let Some(foreign) = ids.split(',').find(|id| !own_teams.contains(id)) {
                    let message = format!(
                        "User does not belong to Team= {foreign}. Call `/user/info` to see user's teams"
                    );
                    return Err(Answer::detail_error(404, &message));
                }
            }
        }
        let asked = query.filled("api_key");
        let own_keys =
            sees.iter().filter(|token| asked.is_none_or(|asked| asked == token.as_str()));
        self.api_keys = Some(own_keys.map(|token| world.names().find(token)).collect());
        Ok(())
    }

    pub(super) fn lets_all_through(&self) -> bool {
        self.teams.is_none()
            && self.excluded_teams.is_empty()
            && self.model.is_none()
            && self.api_keys.is_none()
    }

    pub(super) fn lets_through(&self, row: &Row) -> bool {
        self.teams.as_ref().is_none_or(|teams| teams.contains(&row.team))
            && !self.excluded_teams.contains(&row.team)
            && self.model.is_none_or(|model| model == row.model)
            && self.api_keys.as_ref().is_none_or(|keys| keys.contains(&row.api_key))
    }
}

/// A list as the gateway splits it: at commas, without trimming.
fn codes(world: &World, list: &str) -> Vec<Name> {
    list.split(',').map(|text| world.names().find(text)).collect()
}

/// `start_date` and `end_date`: exactly `YYYY-MM-DD`, both included.
pub(super) fn read_dates(query: &Query) -> Result<(Date, Date), Answer> {
    let (Some(start), Some(end)) = (query.get("start_date"), query.get("end_date")) else {
        return Err(Answer::detail_error(400, "Please provide start_date and end_date"));
    };
    match (canonical_date(start), canonical_date(end)) {
        (Some(start), Some(end)) => Ok((start, end)),
        _ => {
            Err(Answer::detail_error(400, "start_date and end_date must be valid YYYY-MM-DD dates"))
        }
    }
}

/// Only the one spelling of a date that the table has.
fn canonical_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

impl Scope {
    /// The days of the scope that have rows, newest first.
    pub(super) fn days<'a>(&self, world: &'a World) -> impl Iterator<Item = (Date, &'a [Row])> {
        let range =
            (self.start <= self.end).then(|| world.days().range(self.start..=self.end).rev());
        range.into_iter().flatten().map(|(date, rows)| (*date, rows.as_slice()))
    }
}
