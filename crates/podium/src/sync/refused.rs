//! Requests that are not counted, wherever they come from.

use jiff::Timestamp;

use crate::usage::{Refusal, Request};

/// How many were taken out, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) in_future: usize,
    pub(super) too_long: usize,
}

impl Refused {
    /// Takes out of `requests` what is not to be counted at `now`.
    pub(super) fn take_out_of(requests: &mut Vec<Request>, now: Timestamp) -> Self {
        let mut refused = Self::default();
        requests.retain(|request| {
            match request.refusal(now) {
                None => return true,
                Some(Refusal::InFuture) => refused.in_future += 1,
                Some(Refusal::TooLong) => refused.too_long += 1,
            }
            false
        });
        refused
    }

    pub(super) fn count(self) -> usize {
        self.in_future + self.too_long
    }
}
