//! What an audit finds: our figures of a day beside the gateway's.

use jiff::Timestamp;

use super::{Day, Metrics};

/// A day as it is stored and as the gateway says, at the time of an audit.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditedDay {
    /// The day.
    pub day: Day,
    /// The stored total; `None` if the day was never read.
    pub ours: Option<Metrics>,
    /// The gateway's total.
    pub gateway: Metrics,
    /// Why they differ, or that they do not.
    pub cause: Cause,
}

/// What an audit says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Day and teams are as the gateway says.
    Equal,
    /// The gateway's figures are others than when the day was read; it was read again.
    Moved,
    /// Totals agree, but the day's parts did not add up when it was read.
    Unverified,
    /// The day was never read.
    NotStored,
}

impl Cause {
    /// All causes.
    pub const ALL: [Self; 4] = [Self::Equal, Self::Moved, Self::Unverified, Self::NotStored];

    /// The cause as one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Moved => "moved",
            Self::Unverified => "unverified",
            Self::NotStored => "not_stored",
        }
    }
}

impl AuditedDay {
    /// The gateway's total less ours.
    pub fn difference(&self) -> Metrics {
        self.gateway.minus(&self.ours.unwrap_or_default())
    }
}

/// A difference that an audit found, kept as a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// When it was found.
    pub found_at: Timestamp,
    /// What was found.
    pub found: AuditedDay,
}
