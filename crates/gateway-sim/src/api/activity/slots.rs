//! A map that keeps the order in which keys came, as Python's dictionaries do.

use std::collections::HashMap;

use crate::world::{Name, NumberHashing};

#[derive(Clone, Debug)]
pub(super) struct Slots<T> {
    entries: Vec<(Name, T)>,
    places: HashMap<Name, u32, NumberHashing>,
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { entries: Vec::new(), places: HashMap::default() }
    }
}

impl<T: Default> Slots<T> {
    pub(super) fn slot(&mut self, name: Name) -> &mut T {
        let end = self.entries.len();
        let place =
            *self.places.entry(name).or_insert(u32::try_from(end).expect("fewer names than 2^32"));
        if place as usize == end {
            self.entries.push((name, T::default()));
        }
        &mut self.entries[place as usize].1
    }
}

impl<T> Slots<T> {
    pub(super) fn entries(&self) -> &[(Name, T)] {
        &self.entries
    }

    pub(super) fn into_entries(self) -> Vec<(Name, T)> {
        self.entries
    }
}
