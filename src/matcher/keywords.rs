//! Which of many literals occur in a text, in one pass whatever their number. Owns the choice of
//! the algorithm; knows nothing of what a literal is for.
//!
//! Few literals go to Teddy, the SIMD algorithm of the `aho-corasick` crate. Many go to q-gram
//! filters ([`grams`]): an automaton's walk is a chain of dependent loads, one a byte, while a
//! filter's tests are independent of each other. Literals too short for either are looked for one
//! by one, or by an automaton when there are many.

mod grams;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Span, packed};
use memchr::memmem::Finder;

use self::grams::{LongGrams, ShortGrams};
use super::bits::{self, Bits};
use super::rows::Rows;

/// Up to so many literals Teddy is faster than a filter (measured at 16, 224 and 2,000).
const TEDDY_LITERALS: usize = 24;
/// Shortest literal for which Teddy's fingerprints are selective.
const TEDDY_LENGTH: usize = 3;
/// Up to so many short literals are looked for one by one.
const SINGLE_LITERALS: usize = 8;

/// Where a literal may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// Inside one value.
    Value,
    /// Anywhere in the joined values, across the space between two of them as well.
    Text,
}

/// A literal to look for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Literal {
    bytes: Box<[u8]>,
    scope: Scope,
}

/// Literals being collected, each once.
#[derive(Debug, Default)]
pub(super) struct LiteralSet {
    numbers: BTreeMap<Literal, usize>,
}

impl LiteralSet {
    /// The number of a literal, which must be in lower case: 0 for the first, and so on.
    pub(super) fn add(&mut self, bytes: &[u8], scope: Scope) -> usize {
        // What has no space cannot reach across one.
        let scope = if bytes.contains(&b' ') {
            scope
        } else {
            Scope::Value
        };
        let literal = Literal {
            bytes: bytes.into(),
            scope,
        };
        let next = self.numbers.len();
        *self.numbers.entry(literal).or_insert(next)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// The text of a call, twice, byte for byte of the same length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Haystack<'a> {
    /// Values that a byte ends which is in no literal.
    pub(super) values: &'a [u8],
    /// The same with a space in place of that byte.
    pub(super) joined: &'a [u8],
}

impl<'a> Haystack<'a> {
    /// The text in which a literal occurs that may stand across two values, or may not.
    fn of(self, across: bool) -> &'a [u8] {
        if across { self.joined } else { self.values }
    }
}

/// Literals ready to be looked for.
pub(super) struct Keywords {
    literals: Rows<u8>,
    /// Those that may occur across two values.
    across: Bits,
    /// Occurs wherever there is a value.
    empty: Option<usize>,
    teddy: Option<Teddy>,
    long: Option<LongGrams>,
    short: Option<ShortGrams>,
    rest: Rest,
}

/// A few literals and the searcher for them.
struct Teddy {
    searcher: packed::Searcher,
    /// For each literal that the searcher knows those that may begin where it does, itself
    /// included: one of the two begins with the other.
    alike: Rows<usize>,
}

/// How literals are looked for that are too short for a filter.
enum Rest {
    OneByOne(Vec<Single>),
    Automaton(Vec<usize>, AhoCorasick),
}

/// A literal that is looked for by itself.
struct Single {
    number: usize,
    across: bool,
    finder: Finder<'static>,
}

impl Keywords {
    /// Prepares the search for all literals of a set.
    pub(super) fn new(set: LiteralSet) -> Self {
        let mut literals: Vec<(Literal, usize)> = set.numbers.into_iter().collect();
        literals.sort_by_key(|&(_, number)| number);
        let literals: Vec<Literal> = literals.into_iter().map(|(literal, _)| literal).collect();

        let mut across = bits::none(literals.len());
        for (number, literal) in literals.iter().enumerate() {
            if literal.scope == Scope::Text {
                bits::insert(&mut across, number);
            }
        }
        let bytes = |&number: &usize| {
            let literal = literals.get(number);
            literal.map_or(&[][..], |literal| &literal.bytes)
        };
        let mut left: Vec<usize> = (0..literals.len()).collect();
        let mut take = |lengths: RangeInclusive<usize>, most: usize| -> Vec<usize> {
            let fits = |number: &usize| lengths.contains(&bytes(number).len());
            if left.iter().filter(|number| fits(number)).count() > most {
                return Vec::new();
            }
            left.extract_if(.., |number| fits(number)).collect()
        };
        let empty = take(0..=0, 1).first().copied();
        // Teddy takes all that it can if they are few, else those that no long gram is in.
        let mut few = take(TEDDY_LENGTH..=usize::MAX, TEDDY_LITERALS);
        if few.is_empty() {
            few = take(TEDDY_LENGTH..=LongGrams::SHORTEST - 1, TEDDY_LITERALS);
        }
        let long = take(LongGrams::SHORTEST..=usize::MAX, usize::MAX);
        let short = take(ShortGrams::SHORTEST..=usize::MAX, usize::MAX);
        let numbered = |numbers: &[usize]| -> Vec<(usize, &[u8])> {
            let numbers = numbers.iter();
            numbers.map(|number| (*number, bytes(number))).collect()
        };
        let teddy = Teddy::new(&numbered(&few));
        if teddy.is_none() {
            // Teddy is not for every processor.
            left.append(&mut few);
        }
        Self {
            empty,
            long: (!long.is_empty()).then(|| LongGrams::new(&numbered(&long))),
            short: (!short.is_empty()).then(|| ShortGrams::new(&numbered(&short))),
            rest: Rest::new(&numbered(&left), &across),
            teddy,
            across,
            literals: literals.into_iter().map(|literal| literal.bytes).collect(),
        }
    }

    /// Adds to `found` the number of each literal that occurs, and calls `report` with it once.
    #[inline]
    pub(super) fn search(
        &self,
        haystack: Haystack<'_>,
        found: &mut [u64],
        mut report: impl FnMut(usize),
    ) {
        let mut check = |number: usize, start: usize| {
            if bits::contains(found, number) {
                return;
            }
            let text = haystack.of(bits::contains(&self.across, number));
            let text = text.get(start..).unwrap_or_default();
            if text.starts_with(self.literals.get(number)) {
                bits::insert(found, number);
                report(number);
            }
        };
        if let Some(empty) = self.empty.filter(|_| !haystack.values.is_empty()) {
            check(empty, 0);
        }
        if let Some(long) = &self.long {
            long.search(haystack.joined, &mut check);
        }
        if let Some(short) = &self.short {
            short.search(haystack.joined, &mut check);
        }
        if let Some(teddy) = &self.teddy {
            teddy.search(haystack.joined, &mut check);
        }
        self.rest.search(haystack, &mut check);
    }
}

impl Teddy {
    /// None without literals, and on processors for which Teddy is not made.
    fn new(literals: &[(usize, &[u8])]) -> Option<Self> {
        let searcher = packed::Config::new()
            .builder()
            .extend(literals.iter().map(|(_, bytes)| bytes))
            .build()?;
        let alike = |(_, one): &(usize, &[u8])| -> Vec<usize> {
            let begins = |other: &[u8]| one.starts_with(other) || other.starts_with(one);
            let alike = literals.iter().filter(|(_, other)| begins(other));
            alike.map(|&(number, _)| number).collect()
        };
        Some(Self {
            searcher,
            alike: literals.iter().map(alike).collect(),
        })
    }

    #[inline]
    fn search(&self, text: &[u8], check: &mut impl FnMut(usize, usize)) {
        let mut start = 0;
        while let Some(hit) = self.searcher.find_in(text, Span::from(start..text.len())) {
            // One literal a position is reported; others may begin there as well.
            for &number in self.alike.get(hit.pattern().as_usize()) {
                check(number, hit.start());
            }
            start = hit.start() + 1;
        }
    }
}

impl Rest {
    fn new(literals: &[(usize, &[u8])], across: &[u64]) -> Self {
        if literals.len() > SINGLE_LITERALS {
            let automaton = AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::DFA))
                .build(literals.iter().map(|(_, bytes)| bytes));
            // Literals of a few bytes cannot make too large an automaton.
            if let Ok(automaton) = automaton {
                let numbers = literals.iter().map(|&(number, _)| number).collect();
                return Self::Automaton(numbers, automaton);
            }
        }
        let finder = |&(number, bytes): &(usize, &[u8])| Single {
            number,
            across: bits::contains(across, number),
            finder: Finder::new(bytes).into_owned(),
        };
        Self::OneByOne(literals.iter().map(finder).collect())
    }

    fn search(&self, haystack: Haystack<'_>, check: &mut impl FnMut(usize, usize)) {
        match self {
            Self::OneByOne(literals) => {
                for literal in literals {
                    if let Some(start) = literal.finder.find(haystack.of(literal.across)) {
                        check(literal.number, start);
                    }
                }
            }
            Self::Automaton(numbers, automaton) => {
                for hit in automaton.find_overlapping_iter(haystack.joined) {
                    if let Some(&number) = numbers.get(hit.pattern().as_usize()) {
                        check(number, hit.start());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn literal() -> impl Strategy<Value = (String, Scope)> {
        let text = prop_oneof!["[ab]{0,4}", "[ab ]{3,7}", "[abc ]{8,14}", "[a-e ]{5,30}"];
        (text, prop_oneof![Just(Scope::Value), Just(Scope::Text)])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(192))]

        /// From none to many literals, so that each way to look for them has its turn.
        #[test]
        fn what_occurs_is_found(
            few in vec(literal(), 0..30),
            many in prop_oneof![Just(Vec::new()), vec(literal(), 0..200)],
            values in vec("[a-e ]{0,40}", 0..6),
        ) {
            let literals = [few, many].concat();
            let mut set = LiteralSet::default();
            let numbers: Vec<usize> =
                literals.iter().map(|(text, scope)| set.add(text.as_bytes(), *scope)).collect();
            let mut found = bits::none(set.len());
            let keywords = Keywords::new(set);
            let joined: String = values.iter().flat_map(|value| [value, " "]).collect();
            let ended: Vec<u8> =
                values.iter().flat_map(|value| [value.as_bytes(), &[0xFF]].concat()).collect();
            let haystack = Haystack { values: &ended, joined: joined.as_bytes() };
            let mut reported = Vec::new();
            keywords.search(haystack, &mut found, |number| reported.push(number));
            reported.sort_unstable();
            let mut expected: Vec<usize> = numbers
                .iter()
                .zip(&literals)
                .filter(|(_, (text, scope))| match scope {
                    Scope::Value => values.iter().any(|value| value.contains(text)),
                    Scope::Text => joined.contains(text) && !values.is_empty(),
                })
                .map(|(&number, _)| number)
                .collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(reported, expected);
        }
    }
}
