//! Look-up by exact name. Owns the order that makes it cheap; knows nothing of what is looked up.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Something for each of some names.
#[derive(Clone, Debug)]
pub(super) struct NameTable<T> {
    /// In the order of [`compare`].
    entries: Vec<(Box<[u8]>, T)>,
}

impl<T> NameTable<T> {
    /// What belongs to a name.
    pub(super) fn get(&self, name: &[u8]) -> Option<&T> {
        let found = self
            .entries
            .binary_search_by(|(entry, _)| compare(entry, name));
        self.entries.get(found.ok()?).map(|(_, entry)| entry)
    }
}

impl<T> From<BTreeMap<Box<[u8]>, T>> for NameTable<T> {
    fn from(entries: BTreeMap<Box<[u8]>, T>) -> Self {
        let mut entries: Vec<(Box<[u8]>, T)> = entries.into_iter().collect();
        entries.sort_by(|(a, _), (b, _)| compare(a, b));
        Self { entries }
    }
}

/// Shorter names first: names that differ mostly do so in length, which is compared without a look
/// at their bytes.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        let names = ["", "b", "aa", "ab", "abc"];
        let entries = names.map(|name| (name.as_bytes().into(), name));
        let table = NameTable::from(BTreeMap::from(entries));
        for name in names {
            assert_eq!(table.get(name.as_bytes()), Some(&name));
        }
        for missing in ["a", "ac", "abcd", "B"] {
            assert_eq!(table.get(missing.as_bytes()), None);
        }
    }
}
