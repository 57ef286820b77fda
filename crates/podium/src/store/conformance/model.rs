//! The plain model: lists, and loops over them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

use super::worlds::{self, Operation};
use super::{Sum, equal};
use crate::store::{Added, DayState, LogDay, Reader};
use crate::usage::{
    AMOUNTS, COUNTS, Columns, Day, DayRange, DayUsage, Dimension, Filter, Finding, Histogram,
    Metrics, Quarter, REST, Request, Span, SumQuestion, Team, band_of, quarters_of_days,
};

/// Everything that was done, as far as it still counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    days: BTreeMap<Day, (DayUsage, DayState)>,
    teams: Option<Vec<Team>>,
    team_aliases: HashMap<String, String>,
    key_aliases: HashMap<String, String>,
    model_names: HashMap<String, String>,
    empty_before: Option<Day>,
    findings: Vec<Finding>,
    log_days: BTreeMap<Day, LogDay>,
    counted: Vec<Request>,
    /// Identity and beginning of those that are known, and whether with tokens.
    seen: HashMap<(u128, Timestamp), bool>,
    seen_from: Option<Day>,
    /// What became of the last batch of requests.
    pub(super) added: Added,
}

/// Usage with the ids of its dimensions.
struct Fact {
    ids: HashMap<Dimension, String>,
    metrics: Metrics,
}

impl Model {
    /// Does it too, and says whether a figure or a name changed.
    pub(super) fn apply(&mut self, operation: &Operation) -> bool {
        match operation.clone() {
            Operation::ReplaceDay(usage, state) => self.replace_day(*usage, state),
            Operation::Check(days, at) => {
                for day in days {
                    self.days.entry(day).and_modify(|(_, state)| state.checked_at = at);
                }
                false
            }
            Operation::List(teams, _) => self.list(teams),
            Operation::NameModels(names) => {
                let changed = self.model_names != names;
                self.model_names = names;
                changed
            }
            Operation::EmptyBefore(day) => {
                self.empty_before = Some(day);
                false
            }
            Operation::Find(findings) => {
                self.findings.extend(findings);
                false
            }
            Operation::Add(requests, log_days) => self.add(requests, log_days),
            Operation::Forget(keep_from, seen_from) => self.forget(keep_from, seen_from),
            Operation::Restart => false,
        }
    }

    /// What is not kept over a restart.
    pub(super) fn restart(&mut self) {
        self.model_names.clear();
    }

    fn replace_day(&mut self, usage: DayUsage, state: DayState) -> bool {
        self.key_aliases.extend(usage.key_aliases.clone());
        let listed = self.teams.clone().unwrap_or_default();
        let is_listed = |id: &str| listed.iter().any(|team| team.team_id == id);
        let names = usage.team_aliases.clone().into_iter().filter(|(id, _)| !is_listed(id));
        self.team_aliases.extend(names);
        self.days.insert(usage.day, (usage, state));
        true
    }

    fn list(&mut self, teams: Vec<Team>) -> bool {
        let changed = self.teams.as_ref() != Some(&teams);
        for Team { team_id, alias } in &teams {
            match alias {
                Some(alias) => self.team_aliases.insert(team_id.clone(), alias.clone()),
                None => self.team_aliases.remove(team_id),
            };
        }
        self.teams = Some(teams);
        changed
    }

    fn add(&mut self, requests: Vec<Request>, log_days: Vec<(Day, LogDay)>) -> bool {
        for (day, news) in log_days {
            let known = self.log_days.entry(day).or_default();
            known.read_until = known.read_until.max(news.read_until);
            known.read_at = known.read_at.max(news.read_at);
            known.pushed |= news.pushed;
        }
        self.added = Added::default();
        let mut changed = false;
        for request in requests {
            let day = Day::of(request.started_at);
            if self.seen_from.is_some_and(|first| day < first) {
                self.added.too_old += 1;
                continue;
            }
            if let Some(alias) = &request.key_alias {
                self.key_aliases.insert(request.api_key.clone(), alias.clone());
            }
            // A day of which requests are known has a state, if only an empty one.
            self.log_days.entry(day).or_default();
            let has_tokens = request.metrics.total_tokens > 0;
            let known = self.seen.insert((request.identity, request.started_at), has_tokens);
            match known {
                None => {
                    self.added.new += 1;
                    changed = true;
                    self.counted.push(request);
                }
                Some(had_tokens) => {
                    self.added.repeated += 1;
                    let key = (request.identity, request.started_at);
                    self.seen.insert(key, had_tokens || has_tokens);
                    if has_tokens && !had_tokens {
                        changed = true;
                        let metrics = request.metrics.without_requests();
                        let (duration_ms, first_token_ms) = (None, None);
                        let request = Request { metrics, duration_ms, first_token_ms, ..request };
                        self.counted.push(request);
                    }
                }
            }
        }
        changed
    }

    fn forget(&mut self, keep_from: Day, seen_from: Day) -> bool {
        let count = self.counted.len();
        self.counted.retain(|request| Day::of(request.started_at) >= keep_from);
        self.log_days.retain(|day, _| *day >= keep_from);
        let before = self.seen_from.unwrap_or(seen_from);
        let seen_from = before.max(seen_from).max(keep_from);
        self.seen_from = Some(seen_from);
        self.seen.retain(|(_, started_at), _| Day::of(*started_at) >= seen_from);
        self.counted.len() != count
    }

    fn explained(&self, day: Day) -> Metrics {
        let mut sum = Metrics::default();
        let of_day = self.counted.iter().filter(|request| Day::of(request.started_at) == day);
        of_day.for_each(|request| sum += &request.metrics);
        sum
    }

    /// Compares everything that the ledger says.
    pub(super) fn compare(&self, reader: &Reader) -> Result<(), String> {
        let ledger = &reader.ledger;
        equal("teams", ledger.teams(), self.teams.as_deref())?;
        equal("nothing before", ledger.empty_before(), self.empty_before)?;
        let with_usage = self.days.iter().find(|(_, (_, state))| state.has_usage);
        let with_requests = self.counted.iter().map(|request| Day::of(request.started_at));
        let first = with_usage.map(|(day, _)| *day).into_iter().chain(with_requests).min();
        equal("the first day with usage", ledger.first_used(), first)?;
        let stored: Vec<Day> = ledger.stored_days(worlds::days()).iter().map(|(d, _)| *d).collect();
        equal("stored days", stored, self.days.keys().rev().copied().collect())?;
        let findings = self.findings.iter().rev().cloned().collect();
        equal("findings", ledger.findings(worlds::days()), findings)?;
        for day in worlds::days().newest_first() {
            self.compare_day(reader, day).map_err(|fault| format!("{day}: {fault}"))?;
        }
        self.compare_names(reader)
    }

    fn compare_day(&self, reader: &Reader, day: Day) -> Result<(), String> {
        let (ledger, known) = (&reader.ledger, self.days.get(&day));
        equal("state", ledger.day_state(day), known.map(|(_, state)| state))?;
        equal("total", ledger.day_total(day), known.map(|(usage, _)| usage.total))?;
        equal("totals", reader.totals(day), known.map(|(usage, _)| usage.totals()))?;
        equal("facets are missing", ledger.lacks_facets(day), false)?;
        let is_known = known.is_some() || self.empty_before.is_some_and(|first| day < first);
        equal("is known", ledger.knows(day), is_known)?;
        equal("logs", ledger.log_day(day), self.log_days.get(&day).copied())?;
        let (ours, theirs) = (ledger.explained(day), self.explained(day));
        if ours.matches(&theirs) { Ok(()) } else { equal("explained", ours, theirs) }
    }

    fn compare_names(&self, reader: &Reader) -> Result<(), String> {
        let used: HashSet<Arc<str>> =
            Dimension::ALL.into_iter().flat_map(|of| reader.facts.ids(of)).collect();
        for id in used {
            let (team, key) = (reader.ledger.team_alias(&id), reader.ledger.key_alias(&id));
            equal("a team's name", team, self.team_aliases.get(&*id).map(String::as_str))?;
            equal("a key's name", key.as_deref(), self.key_aliases.get(&*id).map(String::as_str))?;
            let model = reader.ledger.public_model_name(&id);
            equal("a model's name", model, self.model_names.get(&*id).map(String::as_str))?;
        }
        Ok(())
    }

    /// Adds up row by row.
    pub(super) fn sum(&self, question: &SumQuestion) -> Sum {
        let mut sum = Sum::new();
        for (slot, spans) in (0_u32..).zip(&question.slots) {
            for span in spans {
                self.add_span(&mut sum, slot, span, question);
            }
        }
        for (metrics, ..) in sum.values_mut() {
            *metrics = chosen(metrics, question.columns);
        }
        sum
    }

    fn add_span(&self, sum: &mut Sum, slot: u32, span: &Span, question: &SumQuestion) {
        let facets: Vec<Dimension> = Dimension::facets_among(question.used()).collect();
        match span {
            Span::Days(days) => self.add_days(sum, slot, *days, question),
            Span::Quarters(quarters) => self.add_quarters(sum, slot, quarters, question, 1),
            Span::LessQuarters(quarters) => self.add_quarters(sum, slot, quarters, question, -1),
            Span::Unexplained(days) => {
                debug_assert!(facets.len() < 2, "two facets are known to requests alone");
                self.add_days(sum, slot, *days, question);
                self.add_quarters(sum, slot, &quarters_of_days(*days), question, -1);
            }
        }
    }

    fn add_days(&self, sum: &mut Sum, slot: u32, days: DayRange, question: &SumQuestion) {
        let facet = Dimension::facets_among(question.used()).next();
        for (usage, _) in self.days.range(days.first()..=days.last()).map(|(_, stored)| stored) {
            for fact in facts_of(usage, facet) {
                add(sum, slot, &fact, question, 1);
            }
        }
    }

    fn add_quarters(
        &self,
        sum: &mut Sum,
        slot: u32,
        quarters: &Range<Quarter>,
        question: &SumQuestion,
        sign: i64,
    ) {
        for request in &self.counted {
            if !quarters.contains(&Quarter::of(request.started_at)) {
                continue;
            }
            let fact = Fact { ids: ids_of(request), metrics: request.metrics };
            let Some((_, durations, first_tokens)) = add(sum, slot, &fact, question, sign) else {
                continue;
            };
            if question.with_times {
                let bands =
                    [(durations, request.duration_ms), (first_tokens, request.first_token_ms)];
                for (histogram, ms) in bands {
                    ms.into_iter().for_each(|ms| histogram.add(band_of(ms), 1));
                }
            }
        }
    }
}

fn ids_of(request: &Request) -> HashMap<Dimension, String> {
    let ids = [
        (Dimension::Team, &request.team_id),
        (Dimension::ApiKey, &request.api_key),
        (Dimension::Model, &request.model_group),
        (Dimension::ProviderModel, &request.model),
        (Dimension::Provider, &request.provider),
    ];
    ids.into_iter().map(|(dimension, id)| (dimension, id.clone())).collect()
}

/// A day split by one facet, or by none, so that it adds up to its teams.
fn facts_of(usage: &DayUsage, facet: Option<Dimension>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut push = |team: &str, key: &str, value: &str, metrics: Metrics| {
        let ids = [(Dimension::Team, team), (Dimension::ApiKey, key)].into_iter();
        let ids = ids.chain(facet.map(|facet| (facet, value)));
        facts.push(Fact { ids: ids.map(|(of, id)| (of, id.to_owned())).collect(), metrics });
    };
    for team in &usage.teams {
        let mut rest_of_team = team.metrics;
        for key in &team.keys {
            rest_of_team = rest_of_team.minus(&key.metrics);
            let mut rest_of_key = key.metrics;
            for (_, value, metrics) in key.parts().filter(|(of, ..)| Some(*of) == facet) {
                rest_of_key = rest_of_key.minus(metrics);
                push(&team.team_id, &key.api_key, value, *metrics);
            }
            push(&team.team_id, &key.api_key, REST, rest_of_key);
        }
        push(&team.team_id, REST, REST, rest_of_team);
    }
    facts
}

/// Adds usage to its row; nothing where it does not count.
fn add<'a>(
    sum: &'a mut Sum,
    slot: u32,
    fact: &Fact,
    question: &SumQuestion,
    sign: i64,
) -> Option<&'a mut (Metrics, Histogram, Histogram)> {
    let id = |of: &Dimension| fact.ids.get(of).map_or(REST, String::as_str);
    let Filter(filter) = &question.filter;
    let counts = filter.iter().all(|(dimension, wanted)| {
        let is = |named: &String| named == id(dimension);
        wanted.only.as_ref().is_none_or(|only| only.iter().any(is)) && !wanted.not.iter().any(is)
    });
    if !counts {
        return None;
    }
    let ids = question.by.iter().map(|of| id(of).to_owned()).collect();
    let row = sum.entry((slot, ids)).or_default();
    if sign > 0 {
        row.0 += &fact.metrics
    } else {
        row.0 = row.0.minus(&fact.metrics)
    }
    Some(row)
}

/// Only the measures that were asked for.
fn chosen(metrics: &Metrics, columns: Columns) -> Metrics {
    let (amounts, counts) = (metrics.amounts(), metrics.counts());
    let amount = |place: usize| if columns.has_amount(place) { amounts[place] } else { 0.0 };
    let count = |place: usize| if columns.has_count(place) { counts[place] } else { 0 };
    Metrics::from_parts(
        std::array::from_fn::<_, AMOUNTS, _>(amount),
        std::array::from_fn::<_, COUNTS, _>(count),
    )
}
