//! Facts that have one name, or none that matters: environments, agent types, providers, tools.
//! Owns which names and beginnings of names exclude or imply each other; knows no rules.
//!
//! There are more names than any bundle can list, so that for each fact "some other name" is a
//! case of its own; a missing value is like some other name, since neither matches anything.

use std::collections::{BTreeMap, BTreeSet};

use super::sat::{Lit, Sat};

/// A fact with at most one of some names.
pub(super) struct Names {
    literals: BTreeMap<String, Lit>,
}

impl Names {
    pub(super) fn new(names: BTreeSet<&str>, sat: &mut Sat) -> Self {
        let literals: BTreeMap<String, Lit> = names
            .into_iter()
            .map(|name| (name.to_owned(), sat.atom()))
            .collect();
        sat.at_most_one(&literals.values().copied().collect::<Vec<_>>());
        Self { literals }
    }

    /// That the fact has this name; `None` for a name that was not given to [`Self::new`].
    pub(super) fn is(&self, name: &str) -> Option<Lit> {
        self.literals.get(name).copied()
    }

    /// The name in the last model, `None` for some other one.
    pub(super) fn chosen(&self, sat: &Sat) -> Option<&str> {
        let mut literals = self.literals.iter();
        let chosen = literals.find(|&(_, &literal)| sat.holds(literal));
        chosen.map(|(name, _)| name.as_str())
    }

    /// The first of `candidates` that is none of the names, or one made up from the last.
    pub(super) fn other(&self, candidates: &[&str]) -> String {
        let free = |name: &str| !self.literals.contains_key(name);
        let plain = candidates.iter().find(|candidate| free(candidate));
        let last = candidates.last().copied().unwrap_or_default();
        // Among one number more than there are names, one is free.
        plain.map_or_else(
            || {
                let mut made_up = (2..).map(|number| format!("{last}-{number}"));
                made_up.find(|name| free(name)).unwrap_or_default()
            },
            |&name| name.to_owned(),
        )
    }
}

/// The name of a tool, of which rules may ask for a beginning.
pub(super) struct ToolNames {
    exact: BTreeMap<String, Lit>,
    prefixes: BTreeMap<String, Lit>,
}

impl ToolNames {
    /// `prefixes` without the empty one, which all names begin with.
    ///
    /// The prefixes form a tree, since two that begin one name begin each other, and the exact
    /// names are its leaves. A name lies below all prefixes that begin it; of those that hang
    /// from one prefix, at most one lies on the way to it.
    pub(super) fn new(exact: BTreeSet<&str>, prefixes: BTreeSet<&str>, sat: &mut Sat) -> Self {
        let mut names = Self {
            exact: BTreeMap::new(),
            prefixes: BTreeMap::new(),
        };
        // A prefix comes before all that it begins, also before a name that is equal to it.
        let mut all: Vec<(&str, bool)> = prefixes.iter().map(|&prefix| (prefix, false)).collect();
        all.extend(exact.iter().map(|&name| (name, true)));
        all.sort_unstable();
        let mut siblings: BTreeMap<&str, Vec<Lit>> = BTreeMap::new();
        let mut above: Vec<(&str, Lit)> = Vec::new();
        for (text, is_exact) in all {
            while above
                .pop_if(|(prefix, _)| !text.starts_with(*prefix))
                .is_some()
            {}
            let literal = sat.atom();
            let parent = above.last();
            if let Some(&(_, parent)) = parent {
                sat.imply(literal, parent);
            }
            let parent = parent.map_or("", |&(prefix, _)| prefix);
            siblings.entry(parent).or_default().push(literal);
            if is_exact {
                names.exact.insert(text.to_owned(), literal);
            } else {
                names.prefixes.insert(text.to_owned(), literal);
                above.push((text, literal));
            }
        }
        for literals in siblings.values() {
            sat.at_most_one(literals);
        }
        names
    }

    /// That the tool has this name; `None` for a name that was not given to [`Self::new`].
    pub(super) fn is(&self, name: &str) -> Option<Lit> {
        self.exact.get(name).copied()
    }

    /// That the tool's name begins so; `None` for a prefix that was not given to [`Self::new`].
    pub(super) fn begins_with(&self, prefix: &str) -> Option<Lit> {
        self.prefixes.get(prefix).copied()
    }

    /// A name as the last model has it: the exact one, or one that begins with the longest prefix
    /// that holds and with no longer one.
    pub(super) fn chosen(&self, sat: &Sat) -> String {
        let exact = self.exact.iter().find(|&(_, &literal)| sat.holds(literal));
        if let Some((name, _)) = exact {
            return name.clone();
        }
        let prefixes = self
            .prefixes
            .iter()
            .filter(|&(_, &literal)| sat.holds(literal));
        let prefix = prefixes
            .map(|(prefix, _)| prefix.as_str())
            .max_by_key(|prefix| prefix.len());
        self.other(prefix.unwrap_or_default())
    }

    /// A name that begins with `prefix`, with no longer prefix, and is no exact name.
    fn other(&self, prefix: &str) -> String {
        /// What makes a plausible name of a prefix, the first for the empty one.
        const ENDINGS: [&str; 5] = ["some_tool", "other_tool", "any", "thing", "x"];
        let endings = ENDINGS.iter().skip(if prefix.is_empty() { 0 } else { 2 });
        let plausible = endings.map(|ending| format!("{prefix}{ending}"));
        // Every name that begins with `prefix` and one of more characters than there are names
        // and prefixes is none of them and begins with no longer one.
        let certain = ('a'..).map(|character| format!("{prefix}{character}"));
        plausible
            .chain(certain)
            .find(|name| self.is_other(name, prefix))
            .unwrap_or_default()
    }

    fn is_other(&self, name: &str, prefix: &str) -> bool {
        let longer = name
            .char_indices()
            .map(|(start, character)| start + character.len_utf8())
            .filter(|&end| end > prefix.len());
        !self.exact.contains_key(name)
            && longer
                .filter_map(|end| name.get(..end))
                .all(|beginning| !self.prefixes.contains_key(beginning))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sat::Verdict;
    use super::*;

    #[test]
    fn names_exclude_each_other() {
        let mut sat = Sat::new();
        let names = Names::new(BTreeSet::from(["dev", "prod", "test"]), &mut sat);
        let [dev, prod] = ["dev", "prod"].map(|name| names.is(name).unwrap());
        assert_eq!(sat.solve(&[dev, prod]), Verdict::Conflict(vec![dev, prod]));
        assert_eq!(sat.solve(&[prod]), Verdict::Model);
        assert_eq!(names.chosen(&sat), Some("prod"));
        assert_eq!(names.is("qa"), None);
        assert_eq!(names.other(&["dev", "qa"]), "qa");
        assert_eq!(names.other(&["dev", "test"]), "test-2");
    }

    /// Every set of answers that some name gives is a model, and no other is.
    #[test]
    fn prefixes_and_names_hold_together_as_some_name_has_them() {
        let exact = ["", "a", "ab", "abc", "b", "ba"];
        let prefixes = ["a", "ab", "abd", "b", "*"];
        let mut sat = Sat::new();
        let names = ToolNames::new(exact.into(), prefixes.into(), &mut sat);
        let literals: Vec<Lit> = exact
            .iter()
            .map(|name| names.is(name).unwrap())
            .chain(
                prefixes
                    .iter()
                    .map(|prefix| names.begins_with(prefix).unwrap()),
            )
            .collect();
        let answers = |name: &str| -> Vec<bool> {
            let equal = exact.iter().map(|exact| *exact == name);
            equal
                .chain(prefixes.iter().map(|prefix| name.starts_with(prefix)))
                .collect()
        };
        let universe = [
            "", "a", "ab", "abc", "abd", "abdx", "abx", "ax", "b", "ba", "bax", "bx", "x", "*x",
        ];
        for bits in 0..1_u32 << literals.len() {
            let wanted: Vec<bool> = (0..literals.len()).map(|at| bits >> at & 1 == 1).collect();
            let assumptions: Vec<Lit> = literals
                .iter()
                .zip(&wanted)
                .map(|(literal, &holds)| literal.apply_sign(holds))
                .collect();
            let possible = universe.iter().any(|name| answers(name) == wanted);
            let verdict = sat.solve(&assumptions);
            assert_eq!(verdict == Verdict::Model, possible, "{wanted:?}");
            if possible {
                assert_eq!(answers(&names.chosen(&sat)), wanted);
            }
        }
    }
}
