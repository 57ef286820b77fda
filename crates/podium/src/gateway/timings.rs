//! How long questions to the gateway take, by kind and by how they end.

use std::time::Duration;

use crate::meter::{DurationMeter, Durations};

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With an answer.
    Answered,
    /// With 401, 403 or 404.
    Refused,
    /// Without either.
    Failed,
}

const ENDINGS: [&str; 3] = ["answered", "refused", "failed"];

/// Counts the questions of each kind.
#[derive(Debug)]
pub(super) struct Timings<const KINDS: usize>([[DurationMeter; ENDINGS.len()]; KINDS]);

/// How long questions of one kind took that ended in one way, tries again counted each.
#[derive(Clone, Copy, Debug)]
pub struct QuestionTimes {
    /// The kind of question.
    pub kind: &'static str,
    /// `answered`, `refused` or `failed`.
    pub outcome: &'static str,
    /// From asking to the last byte.
    pub durations: Durations,
}

impl<const KINDS: usize> Default for Timings<KINDS> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Default::default()))
    }
}

impl<const KINDS: usize> Timings<KINDS> {
    /// Counts a question.
    pub(super) fn add(&self, kind: usize, ending: Ending, took: Duration) {
        if let Some(meters) = self.0.get(kind) {
            meters[ending as usize].add(took);
        }
    }

    /// What was counted, under the names of the kinds.
    pub(super) fn read(&self, kinds: [&'static str; KINDS]) -> Vec<QuestionTimes> {
        let of_kind = |(kind, meters): (&'static str, &[DurationMeter; ENDINGS.len()])| {
            let times = meters.iter().zip(ENDINGS);
            let told = times.map(|(meter, outcome)| QuestionTimes {
                kind,
                outcome,
                durations: meter.read(),
            });
            told.collect::<Vec<_>>()
        };
        kinds.into_iter().zip(&self.0).flat_map(of_kind).collect()
    }
}
