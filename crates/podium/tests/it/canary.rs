//! Nobody is told what is hidden from them: not a name, not a figure, in no format, header, warning,
//! picture or sum.
//!
//! Each story has a world and its twin, which differs in nothing but what is hidden from somebody.
//! Whatever they ask, both must answer the same, byte by byte; and nothing that is hidden may stand
//! in what they are told, or follow from two of its numbers. Somebody who sees more asks the same
//! before them or after them, so that no cache tells what it heard from others.

mod ask;
mod found;
mod people;
mod questions;
mod secrets;
mod stage;
mod stories;
