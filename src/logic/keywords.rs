//! Keywords, in lower case, that values contain or do not. Owns which keywords come with which
//! others; knows neither rules nor values.
//!
//! Whatever contains a keyword contains every keyword inside of that. Nothing else relates
//! keywords: take any set of them that is closed in this way, and as many values as it has
//! members, each one of them; these contain exactly the members of the set. (A keyword in lower
//! case is its own lower case.)

use std::collections::{BTreeMap, BTreeSet};

use super::sat::{Lit, Sat};
use super::trie::{ROOT, Trie};

/// Keywords and the literals that say that some value contains them.
pub(super) struct Keywords {
    texts: Vec<String>,
    literals: Vec<Lit>,
    numbers: BTreeMap<String, usize>,
    /// The empty keyword, which every value contains.
    empty: Option<Lit>,
    trie: Trie,
}

impl Keywords {
    /// `texts` are in lower case.
    pub(super) fn new(texts: BTreeSet<String>, sat: &mut Sat) -> Self {
        let texts: Vec<String> = texts.into_iter().collect();
        let literals: Vec<Lit> = texts.iter().map(|_| sat.atom()).collect();
        let trie = Trie::new(texts.iter().map(|text| text.encode_utf16().collect()));
        let numbers: BTreeMap<String, usize> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| (text.clone(), number))
            .collect();
        let empty = numbers
            .get("")
            .and_then(|&number| literals.get(number).copied());
        let keywords = Self {
            texts,
            literals,
            numbers,
            empty,
            trie,
        };
        for (number, (text, &literal)) in keywords.texts.iter().zip(&keywords.literals).enumerate()
        {
            for inner in keywords.inside(text, Some(number)) {
                sat.imply(literal, inner);
            }
        }
        keywords
    }

    /// That some value contains this keyword; `None` for one that was not given to [`Self::new`].
    pub(super) fn occurs(&self, text: &str) -> Option<Lit> {
        self.literals.get(*self.numbers.get(text)?).copied()
    }

    /// That there is a value, if any keyword depends on it.
    pub(super) const fn some_value(&self) -> Option<Lit> {
        self.empty
    }

    /// Literals of keywords inside a text in lower case, among them all that are inside no other
    /// keyword there.
    pub(super) fn inside_text(&self, text: &str) -> BTreeSet<Lit> {
        self.inside(text, None)
    }

    fn inside(&self, text: &str, but: Option<usize>) -> BTreeSet<Lit> {
        let mut found: BTreeSet<Lit> = self.empty.into_iter().collect();
        let mut node = ROOT;
        for unit in text.encode_utf16() {
            node = self.trie.step(node, unit);
            // What else ends here is inside of the longest keyword that does.
            let longest = self.trie.words(node).find(|&word| Some(word) != but);
            found.extend(longest.and_then(|number| self.literals.get(number)));
        }
        if let Some(but) = but.and_then(|but| self.literals.get(but)) {
            found.remove(but);
        }
        found
    }

    /// The keywords of the last model that occur, each with its literal.
    pub(super) fn occurring(&self, sat: &Sat) -> Vec<(&str, Lit)> {
        let all = self.texts.iter().zip(&self.literals);
        all.filter(|&(_, &literal)| sat.holds(literal))
            .map(|(text, &literal)| (text.as_str(), literal))
            .collect()
    }

    /// The keywords of the last model that do not occur, each with its literal.
    pub(super) fn absent(&self, sat: &Sat) -> Vec<(&str, Lit)> {
        let all = self.texts.iter().zip(&self.literals);
        all.filter(|&(_, &literal)| !sat.holds(literal))
            .map(|(text, &literal)| (text.as_str(), literal))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::super::sat::Verdict;
    use super::*;

    proptest! {
        /// The sets of keywords that can occur are those that values contain: unions of what is
        /// inside of single keywords.
        #[test]
        fn occurrences_are_those_of_values(
            texts in btree_set("[ab]{0,3}", 0..6),
            wanted in btree_set(0..6_usize, 0..6),
        ) {
            let mut sat = Sat::new();
            let keywords = Keywords::new(texts.clone(), &mut sat);
            let wanted: Vec<&String> = texts
                .iter()
                .enumerate()
                .filter(|(number, _)| wanted.contains(number))
                .map(|(_, text)| text)
                .collect();
            let closed = texts.iter().all(|text| {
                wanted.contains(&text) || !wanted.iter().any(|outer| outer.contains(text.as_str()))
            });
            let assumptions: Vec<Lit> = texts
                .iter()
                .map(|text| keywords.occurs(text).unwrap().apply_sign(wanted.contains(&text)))
                .collect();
            prop_assert_eq!(sat.solve(&assumptions) == Verdict::Model, closed);
        }

        #[test]
        fn what_is_inside_a_text_is_found(
            texts in btree_set("[ab]{0,4}", 0..8),
            text in "[ab]{0,6}",
        ) {
            let mut sat = Sat::new();
            let keywords = Keywords::new(texts.clone(), &mut sat);
            let inside: Vec<Lit> = keywords.inside_text(&text).into_iter().collect();
            prop_assert_eq!(sat.solve(&inside), Verdict::Model);
            for keyword in &texts {
                // False is what is left open.
                let holds = sat.holds(keywords.occurs(keyword).unwrap());
                prop_assert_eq!(holds, text.contains(keyword.as_str()), "{}", keyword);
            }
        }
    }
}
