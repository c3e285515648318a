//! What is sensitive in the events of a log: counted, and the first places of it. Owns no text: what
//! it is given is masked.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Place;
use super::read::Leak;
use crate::classify::Kind;

/// How many are listed, those of the first places; all are counted.
const MAX_LISTED: usize = 1000;

/// What is sensitive in the events of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// How often what was found; `None` counts members of `safe_payload` that it must not have.
    pub counts: BTreeMap<Option<Kind>, u64>,
    /// The first of it by place, at most 1,000.
    pub listed: BTreeSet<Exposed>,
}

/// Something sensitive at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    /// Where.
    pub place: Place,
    /// The member that holds it, such as `reasons[0].message`.
    pub path: String,
    /// What it is; none for a member of `safe_payload` that it must not have.
    pub kind: Option<Kind>,
    /// As it may be shown.
    pub shown: String,
}

impl Redaction {
    pub(super) fn add(&mut self, input: usize, leak: &Leak) {
        *self.counts.entry(leak.kind).or_default() += 1;
        if self.listed.len() >= MAX_LISTED {
            return;
        }
        self.listed.insert(Exposed {
            place: Place {
                input,
                line: leak.line,
            },
            path: leak.path.clone(),
            kind: leak.kind,
            shown: leak.shown.clone(),
        });
    }

    /// How much was found.
    pub fn count(&self) -> u64 {
        self.counts.values().sum()
    }
}
