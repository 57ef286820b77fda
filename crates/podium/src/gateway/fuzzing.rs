//! Ways in for fuzzing: what reads the gateway's bodies, without the HTTP around it.

use std::collections::HashMap;

use super::activity::can_be_asked_for;
use super::answer::{DaysRead, Head, read_answer};
use super::request_logs::read_page;
use super::{DayReading, Error, Reported};
use crate::usage::{Day, DayRange, Request};

/// All pages about a day, or about what one team used on it.
pub(crate) type Pages<'a> = &'a mut dyn FnMut(Option<&str>) -> Vec<Vec<u8>>;

/// A day out of all its pages, and those of each team that shares keys, as it is read over HTTP.
pub(crate) fn read_day(day: Day, pages: Pages<'_>) -> Result<DayReading, Error> {
    let (mut days, reported, count) = read_pages(day, None, pages)?;
    let parts = days.remove(&day).unwrap_or_default();
    let mut by_team = HashMap::new();
    for team_id in parts.teams_sharing_keys() {
        if can_be_asked_for(&team_id) {
            let (mut of_team, ..) = read_pages(day, Some(&team_id), pages)?;
            by_team.insert(team_id, of_team.remove(&day).unwrap_or_default());
        }
    }
    let implausible = parts.implausible();
    let (usage, consistent) = parts.join(day, by_team);
    Ok(DayReading { usage, reported, pages: count, consistent, implausible })
}

fn read_pages(
    day: Day,
    team: Option<&str>,
    pages: Pages<'_>,
) -> Result<(DaysRead, Reported, u32), Error> {
    let (mut days, mut reported, mut count) = (DaysRead::new(), None::<Reported>, 0);
    for page in pages(team) {
        let Head { metadata, .. } = read_answer(&page, DayRange::single(day), &mut days)?;
        match &mut reported {
            Some(reported) => reported.add(&metadata.reported()),
            None => reported = Some(metadata.reported()),
        }
        count += 1;
    }
    Ok((days, reported.unwrap_or_default(), count))
}

/// The requests of a page of logs.
pub(crate) fn read_log_page(bytes: &[u8]) -> Result<Vec<Request>, Error> {
    read_page(bytes).map(|page| page.requests)
}
