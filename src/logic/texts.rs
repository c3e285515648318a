//! Is there a text that some patterns match and others do not, in values that contain some
//! keywords and none of others? Owns the decision, exactly: keywords and patterns are regular
//! languages, and so is all that is asked of them together.
//!
//! The texts are searched letter by letter in the product of the automata of all that is asked
//! (Rabin and Scott, "Finite automata and their decision problems", 1959), the most promising
//! first (Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum
//! cost paths", 1968). The product is finite, so that a search that ends without a text is a proof
//! that there is none. What must not be in the text is taken into the product only once a text
//! was found that has it.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use regex_automata::hybrid::dfa::DFA;

use super::OutOfBudget;
use super::letters::{Letter, has_cased_pairs, letters};
use super::machine::{MATCHED, Machine, START, State};
use super::trie::{Node, ROOT, Trie};
use crate::ecma;
use crate::matcher::encoded_unit;

/// What one question may spend: a place of the product costs 1.
const WORK: u32 = 40_000;
/// What it costs to begin a search, and for each automaton in it.
const SEARCH: u32 = 20;
/// So many keywords cost 1.
const KEYWORDS: usize = 10;
/// Keywords that must occur, and values that must be there.
const MAX_BITS: usize = 64;

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

    fn spend(&self, cost: u32) -> Result<(), OutOfBudget> {
        self.0
            .set(self.0.get().checked_sub(cost).ok_or(OutOfBudget)?);
        Ok(())
    }
}

/// One thing that is asked of the values of a call.
#[derive(Clone, Copy)]
pub(super) enum Asked<'q> {
    /// Their text, joined, matches.
    Matches(&'q DFA, &'q ecma::Node),
    /// It does not.
    Fails(&'q DFA, &'q ecma::Node),
    /// One of them contains this keyword, which is in lower case.
    Contains(&'q str),
    /// None does.
    Lacks(&'q str),
    /// One of them is one of these; the number is the caller's.
    Has(usize, &'q [String]),
}

/// A value of a text that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Any text.
    Free(String),
    /// For the [`Asked::Has`] of this number, the text of this index.
    Given(usize, usize),
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
        |index: &usize| matches!(asked.get(*index), Some(Asked::Fails(..) | Asked::Lacks(_)));
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
    let texts = values.iter().map(|value| match value {
        Value::Free(text) => text.as_str(),
        Value::Given(number, text) => {
            let texts = asked.iter().find_map(|asked| match asked {
                Asked::Has(other, texts) if other == number => texts.get(*text),
                _ => None,
            });
            texts.map_or("", String::as_str)
        }
    });
    let texts: Vec<&str> = texts.collect();
    match asked.get(index) {
        Some(Asked::Lacks(word)) => {
            Ok(!texts.iter().any(|text| text.to_lowercase().contains(word)))
        }
        Some(Asked::Fails(automaton, _)) => {
            let mut machine = Machine::new(automaton, &[])?;
            let end = machine.read(START, &encoded(&texts.join(" ")))?;
            Ok(!machine.matches_at_end(end)?)
        }
        _ => Ok(true),
    }
}

fn encoded(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(encoded_unit).collect()
}

/// Values of which all of `asked` with these indices is true.
fn find_all(
    asked: &[Asked<'_>],
    indices: &[usize],
    work: &Work,
) -> Result<Option<Vec<Value>>, OutOfBudget> {
    let keywords = indices.len() / KEYWORDS;
    let automata = indices.iter().filter(|&&index| {
        matches!(
            asked.get(index),
            Some(Asked::Matches(..) | Asked::Fails(..))
        )
    });
    work.spend(SEARCH * (1 + automata.count() as u32) + keywords as u32)?;
    let mut search = Search::new(asked, indices, Halves::Paired)?;
    if let Some(values) = search.run(work)? {
        return Ok(Some(values));
    }
    // Half of a character is a text too, but not one that can be shown.
    if search.has_halves()
        && Search::new(asked, indices, Halves::Alone)?
            .run(work)?
            .is_some()
    {
        return Err(OutOfBudget);
    }
    Ok(None)
}

/// Whether surrogates stand in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halves {
    Paired,
    Alone,
}

/// A search through the product.
struct Search<'q> {
    letters: Vec<Letter>,
    halves: Halves,
    /// Patterns that must match, then those that must not.
    machines: Vec<Machine<'q>>,
    matching: usize,
    /// Keywords that must occur, then those that must not.
    words: Trie,
    lengths: Vec<u32>,
    /// Whether the empty keyword must not occur, so that there are no values at all.
    is_empty: bool,
    /// Values that must be there.
    given: Vec<Given>,
    places: Vec<Reached>,
    known: HashSet<Place>,
}

/// One value of several texts.
struct Given {
    number: usize,
    /// As patterns see it, and as keywords do.
    texts: Vec<(Vec<u8>, Vec<u16>)>,
}

/// Where all automata stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    within: Within,
    word: Node,
    /// The keywords that occurred, as bits.
    occurred: u64,
    /// The given values that are there, as bits.
    there: u64,
    states: Box<[State]>,
}

/// In which part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Within {
    /// At the beginning of a value.
    Beginning,
    /// In a value made of letters.
    Letters,
    /// The same, after the first half of a character.
    Half,
    /// After a given value.
    Given,
}

/// A place and the way to it.
struct Reached {
    place: Place,
    before: usize,
    by: Step,
    length: u32,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Nothing,
    Letter(usize),
    Space,
    Given(usize, usize),
}

impl<'q> Search<'q> {
    fn new(asked: &[Asked<'q>], indices: &[usize], halves: Halves) -> Result<Self, OutOfBudget> {
        let asked = indices.iter().filter_map(|&index| asked.get(index));
        let (mut matching, mut failing) = (Vec::new(), Vec::new());
        let (mut wanted, mut forbidden) = (Vec::new(), Vec::new());
        let mut given = Vec::new();
        for asked in asked {
            match *asked {
                Asked::Matches(automaton, node) => matching.push((automaton, node)),
                Asked::Fails(automaton, node) => failing.push((automaton, node)),
                Asked::Contains(word) => wanted.push(word),
                Asked::Lacks(word) => forbidden.push(word),
                Asked::Has(number, texts) => given.push(Given {
                    number,
                    texts: texts
                        .iter()
                        .map(|text| {
                            let lowered = text.to_lowercase().encode_utf16().collect();
                            (encoded(text), lowered)
                        })
                        .collect(),
                }),
            }
        }
        let is_empty = forbidden.contains(&"");
        // What contains another keyword contains the empty one too, and any value will do for it.
        wanted.retain(|word| !word.is_empty());
        let mut words = wanted.iter().chain(&forbidden);
        let has_cased_pairs = words.any(|word| has_cased_pairs(word));
        if has_cased_pairs || wanted.len() > MAX_BITS || given.len() > MAX_BITS {
            return Err(OutOfBudget);
        }
        let nodes: Vec<&ecma::Node> = matching
            .iter()
            .chain(&failing)
            .map(|&(_, node)| node)
            .collect();
        let letters = letters(&nodes, &wanted, &forbidden);
        let machines = matching.iter().chain(&failing);
        let machines: Result<Vec<Machine<'q>>, OutOfBudget> = machines
            .map(|(automaton, _)| Machine::new(automaton, &letters))
            .collect();
        let mut machines = machines?;
        for machine in machines.iter_mut().take(matching.len()) {
            machine.measure()?;
        }
        let units = |word: &&str| -> Vec<u16> { word.encode_utf16().collect() };
        Ok(Self {
            halves,
            machines,
            matching: matching.len(),
            words: Trie::new(wanted.iter().chain(&forbidden).map(units)),
            lengths: wanted.iter().map(|word| units(word).len() as u32).collect(),
            is_empty,
            given,
            letters,
            places: Vec::new(),
            known: HashSet::new(),
        })
    }

    fn has_halves(&self) -> bool {
        self.letters.iter().any(|letter| is_half(letter.unit))
    }

    /// The values of a text, found first where least seems to be missing.
    fn run(&mut self, work: &Work) -> Result<Option<Vec<Value>>, OutOfBudget> {
        let mut queue = BinaryHeap::new();
        self.reach(
            Place {
                within: Within::Beginning,
                word: ROOT,
                occurred: 0,
                there: 0,
                states: vec![START; self.machines.len()].into(),
            },
            (0, Step::Nothing),
            &mut queue,
        );
        while let Some((_, Reverse(number))) = queue.pop() {
            let Some(place) = self.places.get(number).map(|reached| reached.place.clone()) else {
                continue;
            };
            if self.accepts(&place)? {
                return Ok(Some(self.values(number)));
            }
            if self.is_empty {
                break;
            }
            work.spend(1)?;
            for step in self.steps(place.within) {
                if let Some(next) = self.after(&place, step)? {
                    self.reach(next, (number, step), &mut queue);
                }
            }
        }
        Ok(None)
    }

    /// What can come next.
    fn steps(&self, within: Within) -> Vec<Step> {
        let letters = (0..self.letters.len()).map(Step::Letter);
        let given = self.given.iter().enumerate().flat_map(|(number, given)| {
            (0..given.texts.len()).map(move |text| Step::Given(number, text))
        });
        match within {
            Within::Beginning => given.chain(letters).chain([Step::Space]).collect(),
            Within::Letters => letters.chain([Step::Space]).collect(),
            Within::Half => letters.collect(),
            Within::Given => vec![Step::Space],
        }
    }

    /// The place after a step; `None` if nothing leads on from there.
    fn after(&mut self, place: &Place, step: Step) -> Result<Option<Place>, OutOfBudget> {
        let mut next = place.clone();
        let lowered: &[u16] = match step {
            Step::Nothing => return Ok(None),
            Step::Letter(letter) => {
                let Some(letter) = self.letters.get(letter) else {
                    return Ok(None);
                };
                next.within = match (self.halves, letter.unit, place.within) {
                    (Halves::Alone, ..) => Within::Letters,
                    (_, 0xDC00..=0xDFFF, Within::Half) => Within::Letters,
                    (_, 0xDC00..=0xDFFF, _) | (_, _, Within::Half) => return Ok(None),
                    (_, 0xD800..=0xDBFF, _) => Within::Half,
                    _ => Within::Letters,
                };
                &letter.lowered
            }
            Step::Space => {
                next.within = Within::Beginning;
                next.word = ROOT;
                &[]
            }
            Step::Given(number, text) => {
                let given = self
                    .given
                    .get(number)
                    .and_then(|given| given.texts.get(text));
                let Some((_, lowered)) = given.filter(|_| place.there >> number & 1 == 0) else {
                    return Ok(None);
                };
                next.within = Within::Given;
                next.there |= 1 << number;
                lowered
            }
        };
        for &unit in lowered {
            next.word = self.words.step(next.word, unit);
            for word in self.words.words(next.word) {
                if word >= self.lengths.len() {
                    return Ok(None);
                }
                next.occurred |= 1 << word;
            }
        }
        if let Step::Given(..) = step {
            next.word = ROOT;
        }
        let space = self.letters.len();
        for (number, (machine, state)) in self.machines.iter_mut().zip(&mut next.states).enumerate()
        {
            *state = match step {
                Step::Letter(letter) => machine.step(*state, letter)?,
                Step::Given(number, text) => {
                    let given = self
                        .given
                        .get(number)
                        .and_then(|given| given.texts.get(text));
                    machine.read(*state, given.map_or(&[], |(encoded, _)| encoded))?
                }
                Step::Space | Step::Nothing => machine.step(*state, space)?,
            };
            let is_dead = match number < self.matching {
                true => machine.distance(*state).is_none(),
                false => *state == MATCHED,
            };
            if is_dead {
                return Ok(None);
            }
        }
        Ok(Some(next))
    }

    fn reach(
        &mut self,
        place: Place,
        (before, by): (usize, Step),
        queue: &mut BinaryHeap<(Reverse<u32>, Reverse<usize>)>,
    ) {
        if !self.known.insert(place.clone()) {
            return;
        }
        let length = self
            .places
            .get(before)
            .map_or(0, |reached| reached.length + 1);
        queue.push((
            Reverse(length + self.missing(&place)),
            Reverse(self.places.len()),
        ));
        self.places.push(Reached {
            place,
            before,
            by,
            length,
        });
    }

    /// How many steps seem to be missing.
    fn missing(&self, place: &Place) -> u32 {
        let matching = self.machines.iter().zip(&place.states).take(self.matching);
        let matching = matching.filter_map(|(machine, &state)| machine.distance(state));
        let words = self.lengths.iter().enumerate();
        let words = words.filter(|(word, _)| place.occurred >> word & 1 == 0);
        let given = self.given.len() as u32 - place.there.count_ones();
        matching.sum::<u32>() + words.map(|(_, length)| length).sum::<u32>() + given
    }

    /// Whether a text that ends here is one that is looked for.
    fn accepts(&mut self, place: &Place) -> Result<bool, OutOfBudget> {
        let everything = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
        if place.within == Within::Half
            || place.occurred != everything(self.lengths.len())
            || place.there != everything(self.given.len())
        {
            return Ok(false);
        }
        for (number, (machine, &state)) in self.machines.iter_mut().zip(&place.states).enumerate() {
            if machine.matches_at_end(state)? != (number < self.matching) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The values on the way to a place.
    fn values(&self, number: usize) -> Vec<Value> {
        let mut steps = Vec::new();
        let mut at = number;
        while let Some(reached) = self.places.get(at).filter(|_| at != 0) {
            steps.push(reached.by);
            at = reached.before;
        }
        let mut values = Vec::new();
        if steps.is_empty() && self.is_empty {
            return values;
        }
        let mut units: Vec<u16> = Vec::new();
        let mut given = None;
        let mut end = |units: &mut Vec<u16>, given: &mut Option<Value>| {
            let free = Value::Free(String::from_utf16_lossy(units));
            values.push(given.take().unwrap_or(free));
            units.clear();
        };
        for step in steps.into_iter().rev() {
            match step {
                Step::Letter(letter) => {
                    units.extend(self.letters.get(letter).map(|letter| letter.unit))
                }
                Step::Given(number, text) => {
                    let number = self.given.get(number).map(|given| given.number);
                    given = number.map(|number| Value::Given(number, text));
                }
                Step::Space => end(&mut units, &mut given),
                Step::Nothing => {}
            }
        }
        end(&mut units, &mut given);
        values
    }
}

/// Whether a code unit is half of a character above U+FFFF.
fn is_half(unit: u16) -> bool {
    (0xD800..0xE000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::ecma::{Program, Search as Searched};
    use crate::logic::patterns::Language;

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
                let root = &language.pattern.root;
                // Patterns without an automaton are left out, on both sides.
                let automaton = language.automaton().expect("an automaton");
                asked.push(match number < self.matching.len() {
                    true => Asked::Matches(automaton, root),
                    false => Asked::Fails(automaton, root),
                });
            }
            asked.extend(self.contained.iter().map(|word| Asked::Contains(word)));
            asked.extend(self.lacking.iter().map(|word| Asked::Lacks(word)));
            asked.extend(
                given
                    .iter()
                    .enumerate()
                    .map(|(number, texts)| Asked::Has(number, texts)),
            );
            match find(&asked, &Work::default()).expect("not much work") {
                Found::Values(values) => Some(
                    values
                        .into_iter()
                        .map(|value| match value {
                            Value::Free(text) => text,
                            Value::Given(number, text) => given[number][text].clone(),
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
            let has_automata = case.matching.iter().chain(&case.failing).all(|text| Language::read(text).automaton().is_some());
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
