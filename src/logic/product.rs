//! The product of the automata of patterns and keywords, in which a text is spelled letter by
//! letter. Owns the search; does not know why a text is looked for.
//!
//! A place of the product says where each automaton stands after some letters (Rabin and Scott,
//! "Finite automata and their decision problems", 1959). The most promising is gone on from first
//! (Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum cost
//! paths", 1968; the estimate is not admissible, since a short text is not asked for). There are
//! finitely many places, so that a search that ends without a text is a proof that there is none.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::OutOfBudget;
use super::letters::{Letter, has_cased_pairs, letters};
use super::machine::{MATCHED, Machine, START, State};
use super::texts::{Asked, Value, Work, encoded};
use super::trie::{Node, ROOT, Trie};
use crate::ecma;

/// Keywords that must occur, and values that must be there.
const MAX_BITS: usize = 64;

/// Whether surrogates stand in pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halves {
    Paired,
    Alone,
}

/// A search through the product.
pub(super) struct Search<'q> {
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
    /// A search for texts of which all of `asked` with these indices is true.
    pub(super) fn new(
        asked: &[Asked<'q>],
        indices: &[usize],
        halves: Halves,
    ) -> Result<Self, OutOfBudget> {
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

    /// Whether letters are halves of characters.
    pub(super) fn has_halves(&self) -> bool {
        self.letters.iter().any(|letter| is_half(letter.unit))
    }

    /// The values of a text, found first where least seems to be missing.
    pub(super) fn run(&mut self, work: &Work) -> Result<Option<Vec<Value>>, OutOfBudget> {
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
