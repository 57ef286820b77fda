//! Usage, as far as whoever asks sees it.

use jiff::Timestamp;

use super::exposition::Exposition;
use crate::access::Scope;
use crate::query::{Include, ListedTeams, Today, View, today};
use crate::services::{COUNTED, CountedUsage, USD_PARTS};
use crate::store::{Error, Reader};
use crate::usage::{Day, DayRange};

/// A metric of the counters: its name behind the subject, what it counts, and the sums that it shows,
/// each under its kind.
struct Counter {
    names: [&'static str; 4],
    helps: [&'static str; 4],
    kinds: &'static [(&'static str, &'static str)],
}

/// The subjects: all together, and each dimension that has series.
const LABELS: [&str; 4] = ["", "team", "model", "provider"];

/// The metrics, in the order of the subjects.
const COUNTERS: [Counter; 5] = [
    Counter {
        names: [
            "podium_usage_tokens",
            "podium_team_tokens",
            "podium_model_tokens",
            "podium_provider_tokens",
        ],
        helps: [
            "Tokens used of the gateway's models, booked since Podium counts",
            "Tokens by team; sum over kinds for all tokens",
            "Tokens by model group; sum over kinds for all tokens",
            "Tokens by provider; sum over kinds for all tokens",
        ],
        kinds: &[("prompt", "prompt_tokens"), ("completion", "completion_tokens")],
    },
    Counter {
        names: [
            "podium_usage_cache_tokens",
            "podium_team_cache_tokens",
            "podium_model_cache_tokens",
            "podium_provider_cache_tokens",
        ],
        helps: [
            "Prompt tokens that providers read from or wrote to their caches; part of the prompt tokens",
            "The same by team",
            "The same by model group",
            "The same by provider",
        ],
        kinds: &[("read", "cache_read_tokens"), ("creation", "cache_creation_tokens")],
    },
    Counter {
        names: [
            "podium_usage_requests",
            "podium_team_requests",
            "podium_model_requests",
            "podium_provider_requests",
        ],
        helps: [
            "Requests to the gateway's models, failed ones included",
            "The same by team",
            "The same by model group",
            "The same by provider",
        ],
        kinds: &[("", "requests")],
    },
    Counter {
        names: [
            "podium_usage_failed_requests",
            "podium_team_failed_requests",
            "podium_model_failed_requests",
            "podium_provider_failed_requests",
        ],
        helps: [
            "Requests to the gateway's models that failed",
            "The same by team",
            "The same by model group",
            "The same by provider",
        ],
        kinds: &[("", "failed_requests")],
    },
    Counter {
        names: [
            "podium_usage_spend_usd",
            "podium_team_spend_usd",
            "podium_model_spend_usd",
            "podium_provider_spend_usd",
        ],
        helps: [
            "What was paid in US dollars, reserved capacity included",
            "The same by team",
            "The same by model group",
            "The same by provider",
        ],
        kinds: &[("", "spend_usd")],
    },
];

/// Tells what was counted.
pub(in crate::api) fn tell_usage(to: &mut Exposition, counted: &CountedUsage) {
    for counter in &COUNTERS {
        for (subject, label) in LABELS.iter().enumerate() {
            let mut family = to.counters(counter.names[subject], counter.helps[subject]);
            let mut add = |labels: &[(&'static str, &str)], counts: &[Option<u64>]| {
                for (kind, measure) in counter.kinds {
                    let place = COUNTED.iter().position(|counted| counted == measure);
                    let Some(count) = place.and_then(|place| counts[place]) else { continue };
                    let kind = Some(("kind", *kind)).filter(|(_, kind)| !kind.is_empty());
                    let labels: Vec<_> = labels.iter().copied().chain(kind).collect();
                    if *measure == "spend_usd" {
                        family.add(&labels, usd(count));
                    } else {
                        family.add(&labels, count);
                    }
                }
            };
            if subject == 0 {
                add(&[], &counted.whole);
                continue;
            }
            for name in &counted.facets[subject - 1] {
                let id = name.id.as_deref().map(|id| ("team_id", id));
                let labels: Vec<_> = [(*label, &*name.name)].into_iter().chain(id).collect();
                add(&labels, &name.counts);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "beyond 9 million dollars the last digit goes")]
fn usd(parts: u64) -> f64 {
    parts as f64 / USD_PARTS
}

/// Tells of today's sums, as far as they are shown.
pub(in crate::api) async fn tell_today(
    to: &mut Exposition,
    reader: &Reader,
    now: Timestamp,
    scope: &Scope,
) -> Result<(), Error> {
    let date = Day::of(now);
    let total = if scope.sees_everything() {
        let of_day = reader.ledger.day_total(date).unwrap_or_default();
        [Some(of_day.total_tokens), Some(of_day.requests), Some(of_day.failed_requests)]
    } else {
        let days = DayRange::single(date);
        let teams = ListedTeams::of(reader, days, Include::default(), scope).await?;
        let Today { total, .. } = today(View { reader, teams: &teams, now }, scope, date).await?;
        [total.tokens(), total.requests(), total.failed_requests()]
    };
    let named = [
        ("podium_today_tokens", "Tokens of today in UTC"),
        ("podium_today_requests", "Requests of today in UTC"),
        ("podium_today_failed_requests", "Failed requests of today in UTC"),
    ];
    for ((name, help), count) in named.into_iter().zip(total) {
        if let Some(count) = count {
            to.gauge(name, help, u64::try_from(count).unwrap_or_default());
        }
    }
    if scope.sees_everything() {
        let explained = reader.ledger.explained(date).total_tokens;
        to.gauge(
            "podium_today_explained_tokens",
            "Tokens of today of which request logs tell when they were used",
            u64::try_from(explained).unwrap_or_default(),
        );
    }
    Ok(())
}
