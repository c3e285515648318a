//! Bytes that are mostly few: names and keys that stand in tables, of which there may be a million.
//! Owns where they are kept.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// How many bytes are kept in place: a UUID as text, or the names of an agent and a tool.
const IN_PLACE: usize = 38;

/// Bytes that need no memory elsewhere if they are few, so that comparing them reads none. Equal
/// and hashed as the slices that they are.
#[derive(Clone)]
pub(crate) struct Short(Kept);

#[derive(Clone)]
enum Kept {
    InPlace(u8, [u8; IN_PLACE]),
    Elsewhere(Box<[u8]>),
}

impl From<&[u8]> for Short {
    fn from(bytes: &[u8]) -> Self {
        let mut kept = [0; IN_PLACE];
        Self(
            match (kept.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
                (Some(place), Ok(length)) => {
                    place.copy_from_slice(bytes);
                    Kept::InPlace(length, kept)
                }
                _ => Kept::Elsewhere(bytes.into()),
            },
        )
    }
}

impl Deref for Short {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::InPlace(length, bytes) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Kept::Elsewhere(bytes) => bytes,
        }
    }
}

impl Borrow<[u8]> for Short {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Short {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Short {}

impl Hash for Short {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn bytes_of_any_length_are_found_again() {
        assert_eq!(size_of::<Short>(), 40);
        let mut lengths = HashMap::new();
        let bytes: Vec<u8> = (0..100).collect();
        for length in 0..=bytes.len() {
            let name = bytes.split_at(length).0;
            assert_eq!(&*Short::from(name), name);
            assert_eq!(lengths.insert(Short::from(name), length), None);
        }
        for length in 0..=bytes.len() {
            let name = bytes.split_at(length).0;
            assert_eq!(lengths.get(name), Some(&length));
            assert_eq!(lengths.insert(Short::from(name), length), Some(length));
        }
    }
}
