//! What the gateway reports, added up in the simplest way.
//!
//! A day that is read on its own tells each team and each of its keys; a team that is read on
//! its own tells its keys and model groups. Together they hold every figure, also of keys that
//! changed their team, without a join.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::future::join_all;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::answers::Range;
use crate::differences::Differences;
use crate::gateway::{Gateway, Page, Team};
use crate::sums::Sums;

/// Under this name the gateway reports usage that has no team.
const UNASSIGNED: &str = "Unassigned";
/// The gateway's sums reach over a year at most.
const MOST_DAYS_AT_ONCE: i32 = 365;
/// So many days are read at least, with usage or without.
const DAYS: i32 = 63;

/// Team, API key, model group.
pub(crate) type Cell = (String, String, String);

/// Everything, by day.
pub(crate) struct Truth {
    pub(crate) teams: Vec<Team>,
    pub(crate) days: BTreeMap<Date, DayTruth>,
    pub(crate) key_aliases: HashMap<String, String>,
}

/// A day on which the gateway has usage.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct DayTruth {
    pub(crate) total: Sums,
    /// What the pages' own sums add up to.
    reported: Sums,
    pub(crate) teams: BTreeMap<String, Sums>,
    pub(crate) keys: BTreeMap<(String, String), Sums>,
    /// Of teams that were read on their own: all but Unassigned.
    pub(crate) cells: BTreeMap<Cell, Sums>,
    /// The keys once more, as the teams that were read on their own tell them.
    keys_of_teams: BTreeMap<(String, String), Sums>,
}

impl Truth {
    /// Everything up to `today`.
    pub(crate) async fn read(gateway: &Gateway, today: Date) -> Truth {
        let mut truth = Truth {
            teams: gateway.teams().await,
            days: BTreeMap::new(),
            key_aliases: HashMap::new(),
        };
        let recent = today - (DAYS - 1).days();
        let oldest = gateway.oldest_day(today).await.unwrap_or(today);
        truth.read_again(gateway, oldest.min(recent), today).await;
        truth
    }

    /// Reads the teams and the days from `first` to `last`, the newest, again; says whether any
    /// of these days moved.
    pub(crate) async fn read_again(&mut self, gateway: &Gateway, first: Date, last: Date) -> bool {
        self.teams = gateway.teams().await;
        let dates: Vec<Date> = first.series(1.day()).take_while(|date| *date <= last).collect();
        let days = join_all(dates.iter().map(|date| gateway.pages(*date, *date, None))).await;
        let mut read: BTreeMap<Date, DayTruth> = BTreeMap::new();
        for pages in days {
            self.add_days(&mut read, pages);
        }
        let team_ids: BTreeSet<String> = read
            .values()
            .flat_map(|day| day.teams.keys().cloned())
            .filter(|team_id| team_id != UNASSIGNED)
            .collect();
        let teams = team_ids.iter().map(|team_id| gateway.pages(first, last, Some(team_id)));
        for (team_id, pages) in team_ids.iter().zip(join_all(teams).await) {
            self.add_team(&mut read, team_id, pages);
        }
        let moved = self.days.split_off(&first) != read;
        self.days.extend(read);
        moved
    }

    fn add_days(&mut self, read: &mut BTreeMap<Date, DayTruth>, pages: Vec<Page>) {
        for page in pages {
            let sums = page.metadata.sums();
            // A page that was asked for one day and holds none is empty.
            if let Some(part) = page.results.first() {
                read.entry(part.date).or_default().reported += sums;
            }
            for part in page.results {
                let day = read.entry(part.date).or_default();
                day.total += part.metrics;
                for (team_id, team) in part.breakdown.entities {
                    *day.teams.entry(team_id.clone()).or_default() += team.metrics;
                    for (api_key, key) in team.api_key_breakdown {
                        self.key_aliases
                            .extend(key.metadata.key_alias.map(|alias| (api_key.clone(), alias)));
                        *day.keys.entry((team_id.clone(), api_key)).or_default() += key.metrics;
                    }
                }
            }
        }
    }

    fn add_team(&mut self, read: &mut BTreeMap<Date, DayTruth>, team_id: &str, pages: Vec<Page>) {
        for part in pages.into_iter().flat_map(|page| page.results) {
            let day = read.entry(part.date).or_default();
            for (model_group, part) in part.breakdown.model_groups {
                for (api_key, key) in part.api_key_breakdown {
                    let cell = (team_id.to_owned(), api_key, model_group.clone());
                    *day.cells.entry(cell).or_default() += key.metrics;
                }
            }
            for (_, team) in part.breakdown.entities {
                for (api_key, key) in team.api_key_breakdown {
                    *day.keys_of_teams.entry((team_id.to_owned(), api_key)).or_default() +=
                        key.metrics;
                }
            }
        }
    }

    /// The gateway's ways of telling a day must agree before Podium is measured by them.
    pub(crate) fn compare_with_itself(&self, differences: &mut Differences) {
        for (date, day) in &self.days {
            differences.up_to(*date);
            let mut teams = Sums::default();
            day.teams.values().for_each(|sums| teams += *sums);
            differences.compare_sums(|| format!("{date}: sum of teams"), &teams, &day.total);
            differences.compare_sums(|| format!("{date}: pages"), &day.reported, &day.total);
            let keys = day.keys.iter().filter(|((team, _), _)| team != UNASSIGNED);
            let keys: BTreeMap<_, _> = keys.map(|(key, sums)| (key.clone(), *sums)).collect();
            differences.compare(
                || format!("{date}: keys of all teams, and of each team"),
                &keys,
                &day.keys_of_teams,
            );
        }
    }

    /// The days on which a key spent under two teams.
    pub(crate) fn days_with_moved_keys(&self) -> Vec<Date> {
        let moved = |day: &DayTruth| {
            let keys: BTreeSet<&String> = day.keys.keys().map(|(_, api_key)| api_key).collect();
            keys.len() < day.keys.len()
        };
        self.days.iter().filter(|(_, day)| moved(day)).map(|(date, _)| *date).collect()
    }

    pub(crate) fn summary(&self) -> String {
        let listed: BTreeSet<&String> = self.teams.iter().map(|team| &team.team_id).collect();
        let seen: BTreeSet<&String> = self.days.values().flat_map(|day| day.teams.keys()).collect();
        format!(
            "{} days with usage, {} listed teams, {} teams with usage that are not listed, \
             {} key and model figures, keys changed their team on {} days",
            self.days.len(),
            listed.len(),
            seen.difference(&listed).count(),
            self.days.values().map(|day| day.cells.len()).sum::<usize>(),
            self.days_with_moved_keys().len()
        )
    }
}

/// The gateway's own sum of each range; `None` where it cannot tell.
pub(crate) async fn wholes(gateway: &Gateway, ranges: &[Range]) -> Vec<Option<Sums>> {
    join_all(ranges.iter().map(async |range| {
        let mut whole = Sums::default();
        let mut first = range.first;
        while first <= range.last {
            let last = (first + (MOST_DAYS_AT_ONCE - 1).days()).min(range.last);
            whole += gateway.whole(first, last).await?;
            first = last.tomorrow().ok()?;
        }
        Some(whole)
    }))
    .await
}
