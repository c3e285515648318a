//! Is there a text that some patterns match and others do not, in values that contain some
//! keywords and none of others? Owns the decision, exactly: keywords and patterns are regular
//! languages, and so is all that is asked of them together.
//!
//! Each question is a search through the product of automata (`product`). What must not be in the
//! text is taken into the product only once a text was found that has it.

use std::cell::Cell;

use super::OutOfBudget;
use super::decimal::{self, Range, Spelled};
use super::machine::START;
use super::patterns::Language;
use super::product::{Halves, Search};
use super::units::Text;

/// What one question may spend: a place of the product costs 1.
const WORK: u32 = 200_000;
/// What it costs to begin a search, and for each automaton in it.
const SEARCH: u32 = 20;
/// So many keywords cost 1.
const KEYWORDS: usize = 10;
/// What may still be spent on a question.
#[derive(Debug)]
pub(super) struct Work(Cell<u32>);

impl Default for Work {
    fn default() -> Self {
        Self(Cell::new(WORK))
    }
}

impl Work {
    /// Makes it that of a new question.
    pub(super) fn renew(&self) {
        self.0.set(WORK);
    }

    pub(super) fn spend(&self, cost: u32) -> Result<(), OutOfBudget> {
        self.0
            .set(self.0.get().checked_sub(cost).ok_or(OutOfBudget)?);
        Ok(())
    }
}

/// One thing that is asked of the values of a call.
#[derive(Clone, Copy)]
pub(super) enum Asked<'q> {
    /// Their text, joined, matches.
    Matches(&'q Language),
    /// It does not.
    Fails(&'q Language),
    /// One of them contains this keyword, which is in lower case.
    Contains(&'q str),
    /// None does.
    Lacks(&'q str),
    /// One of them is one of these, or a number of the range; the number is the caller's.
    Has(usize, &'q [String], Option<Range>),
}

/// A value of a text that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Any text.
    Free(Text),
    /// The text for the [`Asked::Has`] of this number.
    Given(usize, String),
}

/// Whether there is such a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The values, in order.
    Values(Vec<Value>),
    /// There is none, because of these indices of what is asked; none can be left out.
    Nothing(Vec<usize>),
}

/// Looks for values of which all of `asked` is true.
pub(super) fn find(asked: &[Asked<'_>], work: &Work) -> Result<Found, OutOfBudget> {
    let is_negative =
        |index: &usize| matches!(asked.get(*index), Some(Asked::Fails(_) | Asked::Lacks(_)));
    let (mut pending, mut needed): (Vec<usize>, Vec<usize>) =
        (0..asked.len()).partition(is_negative);
    loop {
        let Some(values) = find_all(asked, &needed, work)? else {
            return Ok(Found::Nothing(fewest(asked, needed, work)?));
        };
        let mut violated = Vec::new();
        for &index in &pending {
            if !is_true(asked, index, &values)? {
                violated.push(index);
            }
        }
        if violated.is_empty() {
            return Ok(Found::Values(values));
        }
        pending.retain(|index| !violated.contains(index));
        needed.extend(violated);
    }
}

/// Of what excludes each other, as much as is needed for that.
fn fewest(
    asked: &[Asked<'_>],
    mut needed: Vec<usize>,
    work: &Work,
) -> Result<Vec<usize>, OutOfBudget> {
    for at in (0..needed.len()).rev() {
        let mut fewer = needed.clone();
        fewer.remove(at);
        if find_all(asked, &fewer, work)?.is_none() {
            needed = fewer;
        }
    }
    needed.sort_unstable();
    Ok(needed)
}

/// Whether one negative thing is true of values.
fn is_true(asked: &[Asked<'_>], index: usize, values: &[Value]) -> Result<bool, OutOfBudget> {
    match asked.get(index) {
        Some(Asked::Lacks(word)) => Ok(!values.iter().any(|value| value.text().contains(word))),
        Some(Asked::Fails(language)) => {
            let mut machine = language.borrow_machine().ok_or(OutOfBudget)?;
            machine.begin()?;
            let texts: Vec<Text> = values.iter().map(Value::text).collect();
            let texts: Vec<&[u16]> = texts.iter().map(Text::units).collect();
            let end = machine.read(START, &texts.join(&u16::from(b' ')))?;
            Ok(!machine.matches_at_end(end)?)
        }
        _ => Ok(true),
    }
}

impl Value {
    fn text(&self) -> Text {
        match self {
            Self::Free(text) => text.clone(),
            Self::Given(_, text) => text.as_str().into(),
        }
    }
}

/// Values of which all of `asked` with these indices is true.
fn find_all(
    asked: &[Asked<'_>],
    indices: &[usize],
    work: &Work,
) -> Result<Option<Vec<Value>>, OutOfBudget> {
    let keywords = indices.len() / KEYWORDS;
    let automata = indices
        .iter()
        .filter(|&&index| matches!(asked.get(index), Some(Asked::Matches(_) | Asked::Fails(_))));
    work.spend(SEARCH * (1 + automata.count() as u32) + keywords as u32)?;
    // Texts with halves of characters are possible, but nothing to look at.
    for halves in [Halves::Paired, Halves::Alone] {
        let mut search = Search::new(asked, indices, halves, Spelled::All)?;
        if halves == Halves::Alone && !search.has_halves() {
            break;
        }
        let Some(values) = search.run(work)? else {
            continue;
        };
        drop(search);
        if has_numbers(asked, &values) {
            return Ok(Some(values));
        }
        for spelled in [Spelled::Certain, Spelled::Each] {
            let mut search = Search::new(asked, indices, halves, spelled)?;
            if let Some(values) = search.run(work)? {
                return Ok(Some(values));
            }
        }
    }
    Ok(None)
}

/// Whether the values that are said to be numbers are texts of numbers.
fn has_numbers(asked: &[Asked<'_>], values: &[Value]) -> bool {
    values.iter().all(|value| {
        let Value::Given(number, text) = value else {
            return true;
        };
        let is_number =
            |asked: &Asked<'_>| matches!(asked, Asked::Has(other, _, Some(_)) if other == number);
        !asked.iter().any(is_number) || decimal::text(decimal::read(text)) == *text
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::ecma::{self, Program, Search as Searched};

    /// A pattern over few letters, now and then anchored.
    fn pattern() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(
            &[
                "a", "b", "k", " ", "1", "[^a]", r"\w", r"\s", ".", r"\b", r"\B", "^", "$",
            ][..],
        );
        let tree = atom.prop_map(str::to_owned).prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                3 => vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                1 => vec(inner.clone(), 2..3).prop_map(|parts| format!("(?:{})", parts.join("|"))),
                1 => (inner, prop::sample::select(&["*", "+?", "?", "{2}"][..]))
                    .prop_map(|(inner, turns)| format!("(?:{inner}){turns}")),
            ]
        });
        (tree, 0..4).prop_map(|(tree, anchors)| match anchors {
            0 => format!("^(?:{tree})$"),
            1 => format!("^(?:{tree})"),
            _ => tree,
        })
    }

    /// What is asked, as data.
    #[derive(Clone, Debug, Default)]
    struct Case {
        matching: Vec<String>,
        failing: Vec<String>,
        contained: Vec<String>,
        lacking: Vec<String>,
        given: Vec<String>,
    }

    fn case() -> impl Strategy<Value = Case> {
        let words = || {
            vec(
                prop::sample::select(&["a", "ab", "k", "1", " ", "", "b a"][..]),
                0..3,
            )
        };
        let given = vec(prop::sample::select(&["Ab", "", "true", "1"][..]), 0..2);
        (
            vec(pattern(), 0..3),
            vec(pattern(), 0..3),
            words(),
            words(),
            given,
        )
            .prop_map(|(matching, failing, contained, lacking, given)| {
                let owned = |words: Vec<&str>| -> Vec<String> {
                    let words: std::collections::BTreeSet<&str> = words.into_iter().collect();
                    words.into_iter().map(str::to_owned).collect()
                };
                let mut case = Case {
                    matching,
                    failing,
                    contained: owned(contained),
                    lacking: owned(lacking),
                    given: owned(given),
                };
                case.lacking.retain(|word| !case.contained.contains(word));
                case
            })
    }

    impl Case {
        fn is_true_of(&self, values: &[String]) -> bool {
            let joined: Vec<u16> = values.join(" ").encode_utf16().collect();
            let matches = |pattern: &String| {
                let pattern = ecma::Pattern::parse(pattern).unwrap();
                let program = Program::compile(&pattern).unwrap();
                matches!(program.search(&joined, 1_000_000).0, Searched::Found { .. })
            };
            let lowered: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
            let contained = |word: &String| lowered.iter().any(|value| value.contains(word));
            self.given.iter().all(|given| values.contains(given))
                && self.contained.iter().all(contained)
                && !self.lacking.iter().any(contained)
                && self.matching.iter().all(matches)
                && !self.failing.iter().any(matches)
        }

        fn ask(&self) -> Option<Vec<String>> {
            let languages: Vec<_> = self
                .matching
                .iter()
                .chain(&self.failing)
                .map(|text| Language::read(text))
                .collect();
            let given: Vec<[String; 1]> = self.given.iter().map(|text| [text.clone()]).collect();
            let mut asked = Vec::new();
            for (number, language) in languages.iter().enumerate() {
                asked.push(match number < self.matching.len() {
                    true => Asked::Matches(language),
                    false => Asked::Fails(language),
                });
            }
            asked.extend(self.contained.iter().map(|word| Asked::Contains(word)));
            asked.extend(self.lacking.iter().map(|word| Asked::Lacks(word)));
            asked.extend(
                given
                    .iter()
                    .enumerate()
                    .map(|(number, texts)| Asked::Has(number, texts, None)),
            );
            match find(&asked, &Work::default()).expect("not much work") {
                Found::Values(values) => Some(
                    values
                        .into_iter()
                        .map(|value| match value {
                            Value::Free(text) => {
                                String::from_utf16(text.units()).expect("characters")
                            }
                            Value::Given(_, text) => text,
                        })
                        .collect(),
                ),
                Found::Nothing(needed) => {
                    let without = |left_out: usize| -> Vec<Asked<'_>> {
                        needed
                            .iter()
                            .filter(|&&index| index != left_out)
                            .map(|&index| asked[index])
                            .collect()
                    };
                    for &left_out in &needed {
                        assert!(
                            matches!(
                                find(&without(left_out), &Work::default()),
                                Ok(Found::Values(_))
                            ),
                            "{left_out} is not needed"
                        );
                    }
                    None
                }
            }
        }
    }

    /// Lists of short values.
    fn some_values() -> Vec<Vec<String>> {
        let mut texts = vec![String::new()];
        let mut start = 0;
        for _ in 0..3 {
            let end = texts.len();
            for at in start..end {
                for letter in ["a", "b", "1", " ", "k", "\u{212A}"] {
                    texts.push(format!("{}{letter}", texts[at]));
                }
            }
            start = end;
        }
        let mut short: Vec<String> = texts
            .iter()
            .filter(|text| text.chars().count() < 2)
            .cloned()
            .collect();
        short.extend(["ab", "Ab", "true", "b a", "aa"].map(str::to_owned));
        let pairs = short
            .iter()
            .flat_map(|a| short.iter().map(|b| vec![a.clone(), b.clone()]));
        let pairs: Vec<_> = pairs.collect();
        let triples = pairs.iter().flat_map(|pair| {
            ["Ab", "", "true", "1"].map(|third| {
                let mut values = pair.clone();
                values.push(third.to_owned());
                values
            })
        });
        let triples: Vec<_> = triples.collect();
        let single = texts.into_iter().map(|text| vec![text]);
        single
            .chain([Vec::new()])
            .chain(pairs)
            .chain(triples)
            .collect()
    }

    proptest! {
        /// What is found is true; where nothing is, no short text is overlooked.
        #[test]
        fn texts_are_found_exactly_where_there_are_some(case in case()) {
            let has_automata = case.matching.iter().chain(&case.failing).all(|text| Language::read(text).is_regular());
            prop_assume!(has_automata);
            match case.ask() {
                Some(values) => prop_assert!(case.is_true_of(&values), "{values:?}"),
                None => for values in some_values() {
                    prop_assert!(!case.is_true_of(&values), "{values:?}");
                },
            }
        }
    }
}
