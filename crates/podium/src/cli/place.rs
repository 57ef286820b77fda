//! Where what is kept is found: the same gateway and directory as the server's.

use anyhow::Context as _;

use crate::app::{gateway_name, location_of};
use crate::config::Kept;
use crate::store::Location;

/// What is stored of one gateway.
pub(super) struct StoredAt {
    pub(super) location: Location,
    /// What backups and exports call the gateway.
    pub(super) gateway: String,
}

impl StoredAt {
    pub(super) fn of(kept: &Kept) -> anyhow::Result<Self> {
        let location =
            location_of(&kept.data, &kept.base_url).context("this user has no home directory")?;
        Ok(Self { location, gateway: gateway_name(&kept.base_url) })
    }
}
