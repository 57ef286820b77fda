//! Who asks, and what they may see: the only place where a [`Scope`] is made.

/// The usage that somebody may see. It is part of every question and of every cached answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope(Extent);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Extent {
    Everything,
}

/// What anybody may see, as long as nobody signs in: everything.
pub fn anybody() -> Scope {
    Scope(Extent::Everything)
}
