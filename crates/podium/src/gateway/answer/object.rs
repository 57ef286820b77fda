//! JSON objects, taken entry by entry.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess};
use serde::de::{SeqAccess, Visitor};

/// Who takes the entries of an object.
pub(super) trait Entries<'de> {
    /// Takes the value of `name`, which comes next.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;

    /// It is an object, not null.
    fn is_object(&mut self) {}
}

/// An object; null and an empty list are one without entries.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Entries<'de>> DeserializeSeed<'de> for Object<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Entries<'de>> Visitor<'de> for Object<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<T, A::Error> {
        self.0.is_object();
        while let Some(Name(name)) = map.next_key()? {
            self.0.take(&name, &mut map)?;
        }
        Ok(self.0)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<T, A::Error> {
        self.0.is_object();
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(self.0),
            Some(_) => Err(de::Error::custom("a list instead of an object")),
        }
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(self.0)
    }
}

/// The name of an entry, copied only where it is not written as it is meant.
pub(super) struct Name<'de>(Cow<'de, str>);

impl Name<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyName<'de>(PhantomData<&'de ()>);
        impl<'de> Visitor<'de> for AnyName<'de> {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(AnyName(PhantomData))
    }
}

/// Which known parts of an object were told: each may come once.
#[derive(Default)]
pub(super) struct Once(u16);

impl Once {
    pub(super) fn note<E: de::Error>(&mut self, part: u16) -> Result<(), E> {
        if self.0 & (1 << part) != 0 {
            return Err(E::custom("a part that comes twice"));
        }
        self.0 |= 1 << part;
        Ok(())
    }
}
