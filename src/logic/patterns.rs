//! The patterns that rules match values with. Owns an atom for each; knows no rules.

use std::collections::{BTreeMap, BTreeSet};

use super::sat::{Lit, Sat};

/// Patterns and the literals that say that the text of the call matches them.
pub(super) struct Patterns {
    literals: BTreeMap<String, Lit>,
}

impl Patterns {
    pub(super) fn new(texts: BTreeSet<&str>, sat: &mut Sat) -> Self {
        let literal = |text: &str| (text.to_owned(), sat.atom());
        Self {
            literals: texts.into_iter().map(literal).collect(),
        }
    }

    /// That the text matches; `None` for a pattern that was not given to [`Self::new`].
    pub(super) fn matches(&self, pattern: &str) -> Option<Lit> {
        self.literals.get(pattern).copied()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.literals.is_empty()
    }

    /// The patterns that match in the last model.
    pub(super) fn matching(&self, sat: &Sat) -> Vec<(&str, Lit)> {
        let all = self.literals.iter();
        all.filter(|&(_, &literal)| sat.holds(literal))
            .map(|(pattern, &literal)| (pattern.as_str(), literal))
            .collect()
    }
}
