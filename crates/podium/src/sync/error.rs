//! Why days or teams could not be had.

use std::sync::Arc;

use crate::{gateway, store};

/// Why days or teams could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The list of teams could not be read.
    #[error("{0}")]
    Teams(gateway::Error),
    /// Usage could not be read.
    #[error("{0}")]
    Usage(gateway::Error),
    /// What was read could not be kept.
    #[error("{0}")]
    Store(Arc<store::Error>),
    /// Podium is ending.
    #[error("Podium is shutting down")]
    ShuttingDown,
}

impl Error {
    /// The same failure, met while usage was to be read.
    pub(super) fn of_usage(self) -> Self {
        match self {
            Self::Teams(error) => Self::Usage(error),
            other => other,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}
