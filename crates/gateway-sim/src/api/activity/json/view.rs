//! What is needed to spell out sums.

use crate::version::Version;
use crate::world::World;

/// Names, and what this version tells.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) world: &'a World,
    pub(super) version: &'a Version,
}
