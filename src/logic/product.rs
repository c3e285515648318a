//! The product of the automata of patterns and keywords, in which a text is spelled letter by
//! letter. Owns the search; does not know why a text is looked for.
//!
//! A place of the product says where each automaton stands after some letters (Rabin and Scott,
//! "Finite automata and their decision problems", 1959). The most promising is gone on from first
//! (Hart, Nilsson and Raphael, "A formal basis for the heuristic determination of minimum cost
//! paths", 1968; the estimate is not admissible, since a short text is not asked for). There are
//! finitely many places, so that a search that ends without a text is a proof that there is none.

use std::cell::RefMut;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::HashSet;

use super::OutOfBudget;
use super::decimal::{self, Spelled, Spellings};
use super::letters::{FIRST_HALVES, HALVES, Letter, SECOND_HALVES, letters, lowered_pair};
use super::machine::{MATCHED, Machine, START, State};
use super::patterns::Language;
use super::texts::{Asked, Value, Work};
use super::trie::{Node, ROOT, Trie};
use super::units::Text;
use crate::ecma;
use crate::redos::Class;

/// Most keywords that must occur, and most values that must be there.
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
    spelled: Spelled,
    /// Patterns that must match, then those that must not.
    machines: Vec<Reader<'q>>,
    matching: usize,
    /// Keywords that must occur, then those that must not.
    words: Trie,
    lengths: Vec<u32>,
    /// Whether the empty keyword must not occur, so that there are no values at all.
    is_empty: bool,
    /// Values that must be there.
    given: Vec<Given>,
    places: Vec<Reached>,
    known: HashSet<Place, foldhash::fast::FixedState>,
}

/// The automaton of a pattern.
struct Reader<'q> {
    machine: RefMut<'q, Machine>,
    /// The class of each letter, and last of the space between values.
    classes: Vec<Class>,
}

/// One value of several texts.
struct Given {
    number: usize,
    texts: Vec<String>,
    /// More texts.
    spellings: Option<Spellings>,
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
    /// The same, after the first half of a character, a letter of this number. What keywords see of
    /// it depends on what follows.
    Half(usize),
    /// In the text of a number, which is a given value.
    Number(usize, decimal::State),
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

#[derive(Clone, Debug)]
enum Step {
    Nothing,
    Letter(usize),
    Space,
    /// A given value, or a part of it; then where its spelling stands.
    Given(usize, String, Option<decimal::State>),
}

impl<'q> Search<'q> {
    /// A search for texts of which all of `asked` with these indices is true.
    pub(super) fn new(
        asked: &[Asked<'q>],
        indices: &[usize],
        halves: Halves,
        spelled: Spelled,
    ) -> Result<Self, OutOfBudget> {
        let asked = indices.iter().filter_map(|&index| asked.get(index));
        let (mut matching, mut failing) = (Vec::new(), Vec::new());
        let (mut wanted, mut forbidden) = (Vec::new(), Vec::new());
        let mut given = Vec::new();
        for asked in asked {
            match *asked {
                Asked::Matches(language) => matching.push(language),
                Asked::Fails(language) => failing.push(language),
                Asked::Contains(word) => wanted.push(word),
                Asked::Lacks(word) => forbidden.push(word),
                Asked::Has(number, texts, range) => given.push(Given {
                    number,
                    texts: texts.to_vec(),
                    spellings: range.map(|range| Spellings::new(range, spelled)),
                }),
            }
        }
        let is_empty = forbidden.contains(&"");
        // What contains another keyword contains the empty one too, and any value will do for it.
        wanted.retain(|word| !word.is_empty());
        if wanted.len() > MAX_BITS || given.len() > MAX_BITS {
            return Err(OutOfBudget);
        }
        let languages = || matching.iter().chain(&failing).copied();
        let nodes: Vec<&ecma::Node> = languages().map(|language| &language.pattern.root).collect();
        let letters = letters(&nodes, &wanted, &forbidden);
        let mut machines = Vec::new();
        for (number, language) in languages().enumerate() {
            let reader = Reader::new(language, &letters)?;
            machines.push(reader);
            if let Some(reader) = machines.last_mut().filter(|_| number < matching.len()) {
                reader.machine.measure()?;
            }
        }
        let units = |word: &&str| -> Vec<u16> { word.encode_utf16().collect() };
        Ok(Self {
            halves,
            spelled,
            machines,
            matching: matching.len(),
            words: Trie::new(wanted.iter().chain(&forbidden).map(units)),
            lengths: wanted.iter().map(|word| units(word).len() as u32).collect(),
            is_empty,
            given,
            letters,
            places: Vec::new(),
            known: HashSet::default(),
        })
    }

    /// Whether letters are halves of characters.
    pub(super) fn has_halves(&self) -> bool {
        self.letters
            .iter()
            .any(|letter| HALVES.contains(&letter.unit))
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
        while let Some((_, _, number)) = queue.pop() {
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
            for step in self.steps(&place) {
                if let Some(next) = self.after(&place, &step)? {
                    self.reach(next, (number, step), &mut queue);
                }
            }
        }
        Ok(None)
    }

    /// What can come next.
    fn steps(&self, place: &Place) -> Vec<Step> {
        let letters = (0..self.letters.len()).map(Step::Letter);
        match place.within {
            Within::Beginning => {
                let given = self.given.iter().enumerate();
                let missing = given.filter(|(number, _)| place.there >> number & 1 == 0);
                let given = missing.flat_map(|(number, given)| given.first(number));
                given.chain(letters).chain([Step::Space]).collect()
            }
            Within::Letters => letters.chain([Step::Space]).collect(),
            Within::Half(_) if self.halves == Halves::Paired => letters.collect(),
            Within::Half(_) => letters.chain([Step::Space]).collect(),
            Within::Number(number, state) => {
                let given = self.given.get(number);
                given.map_or_else(Vec::new, |given| given.next(number, state))
            }
            Within::Given => vec![Step::Space],
        }
    }

    /// The place after a step; `None` if nothing leads on from there.
    fn after(&mut self, place: &Place, step: &Step) -> Result<Option<Place>, OutOfBudget> {
        let mut next = place.clone();
        let mut lowered: Vec<u16> = Vec::new();
        match step {
            Step::Nothing => return Ok(None),
            Step::Letter(number) => match self.letter(place.within, *number, &mut lowered) {
                Some(within) => next.within = within,
                None => return Ok(None),
            },
            // No keyword ends with half of a character.
            Step::Space => next.within = Within::Beginning,
            Step::Given(number, text, state) => {
                next.within = match state {
                    None | Some(decimal::State::End) => Within::Given,
                    Some(state) => Within::Number(*number, *state),
                };
                next.there |= 1 << number;
                lowered.extend(text.to_lowercase().encode_utf16());
            }
        }
        for unit in lowered {
            next.word = self.words.step(next.word, unit);
            for word in self.words.words(next.word) {
                if word >= self.lengths.len() {
                    return Ok(None);
                }
                next.occurred |= 1 << word;
            }
        }
        if matches!(next.within, Within::Beginning | Within::Given) {
            next.word = ROOT;
        }
        let read: Vec<u16> = match step {
            Step::Given(_, text, _) => text.encode_utf16().collect(),
            _ => Vec::new(),
        };
        for (number, (reader, state)) in self.machines.iter_mut().zip(&mut next.states).enumerate()
        {
            let Reader { machine, classes } = reader;
            let class = match step {
                Step::Letter(letter) => classes.get(*letter),
                _ => classes.last(),
            };
            *state = match step {
                Step::Given(..) => machine.read(*state, &read)?,
                _ => machine.step(*state, class.copied().unwrap_or_default())?,
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

    /// Where a letter leads within a value, and what keywords see.
    fn letter(&self, within: Within, number: usize, lowered: &mut Vec<u16>) -> Option<Within> {
        let letter = self.letters.get(number)?;
        let before = match within {
            Within::Half(before) => Some(self.letters.get(before)?.unit),
            _ => None,
        };
        let is_second = SECOND_HALVES.contains(&letter.unit);
        if self.halves == Halves::Paired && before.is_some() != is_second {
            return None;
        }
        match before {
            Some(before) if is_second => lowered.extend(lowered_pair(before, letter.unit)),
            before => {
                lowered.extend(before);
                if FIRST_HALVES.contains(&letter.unit) {
                    return Some(Within::Half(number));
                }
                lowered.extend(&letter.lowered);
            }
        }
        Some(Within::Letters)
    }

    fn reach(
        &mut self,
        place: Place,
        (before, by): (usize, Step),
        queue: &mut BinaryHeap<(Reverse<u32>, Reverse<usize>, usize)>,
    ) {
        if !self.known.insert(place.clone()) {
            return;
        }
        let number = self.places.len();
        let before_length = self.places.get(before).map(|reached| reached.length);
        // Where each text of a number counts, there are too many beginnings to look at them all: one
        // of them is followed to its end.
        let is_deep = self.spelled == Spelled::Each;
        let cost = match by {
            Step::Given(..) if is_deep => 0,
            _ => 1,
        };
        let length = before_length.map_or(0, |length| length + cost);
        let order = if is_deep { usize::MAX - number } else { number };
        queue.push((
            Reverse(length + self.missing(&place)),
            Reverse(order),
            number,
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
        let matching = matching.filter_map(|(reader, &state)| reader.machine.distance(state));
        let words = self.lengths.iter().enumerate();
        let words = words.filter(|(word, _)| place.occurred >> word & 1 == 0);
        let given = self.given.len() as u32 - place.there.count_ones();
        matching.sum::<u32>() + words.map(|(_, length)| length).sum::<u32>() + given
    }

    /// Whether a text that ends here is one that is looked for.
    fn accepts(&mut self, place: &Place) -> Result<bool, OutOfBudget> {
        let everything = |count: usize| u64::MAX.checked_shr(64 - count as u32).unwrap_or(0);
        let is_within = match place.within {
            Within::Half(_) => self.halves == Halves::Paired,
            Within::Number(..) => true,
            _ => false,
        };
        if is_within
            || place.occurred != everything(self.lengths.len())
            || place.there != everything(self.given.len())
        {
            return Ok(false);
        }
        for (number, (reader, &state)) in self.machines.iter_mut().zip(&place.states).enumerate() {
            if reader.machine.matches_at_end(state)? != (number < self.matching) {
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
            steps.push(&reached.by);
            at = reached.before;
        }
        let mut values = Vec::new();
        if steps.is_empty() && self.is_empty {
            return values;
        }
        let mut units: Vec<u16> = Vec::new();
        let mut given: Option<(usize, String)> = None;
        let mut end = |units: &mut Vec<u16>, given: &mut Option<(usize, String)>| {
            values.push(match given.take() {
                Some((number, text)) => Value::Given(number, text),
                None => Value::Free(Text::new(std::mem::take(units))),
            });
        };
        for step in steps.into_iter().rev() {
            match step {
                Step::Letter(letter) => {
                    units.extend(self.letters.get(*letter).map(|letter| letter.unit))
                }
                Step::Given(number, text, _) => {
                    let number = self.given.get(*number).map_or(0, |given| given.number);
                    let (_, spelled) = given.get_or_insert((number, String::new()));
                    spelled.push_str(text);
                }
                Step::Space => end(&mut units, &mut given),
                Step::Nothing => {}
            }
        }
        end(&mut units, &mut given);
        values
    }
}

impl<'q> Reader<'q> {
    fn new(language: &'q Language, letters: &[Letter]) -> Result<Self, OutOfBudget> {
        let mut machine = language.borrow_machine().ok_or(OutOfBudget)?;
        machine.begin()?;
        let units = letters.iter().map(|letter| letter.unit);
        let classes = units
            .chain([u16::from(b' ')])
            .map(|unit| machine.class(unit));
        Ok(Self {
            classes: classes.collect(),
            machine,
        })
    }
}

impl Given {
    /// How the given value of this number can begin.
    fn first(&self, number: usize) -> Vec<Step> {
        let texts = self.texts.iter();
        let texts = texts.map(|text| Step::Given(number, text.clone(), None));
        let spelled = self.spellings.iter().flat_map(Spellings::first);
        let spelled = spelled.map(|(text, state)| Step::Given(number, text, Some(state)));
        texts.chain(spelled).collect()
    }

    fn next(&self, number: usize, state: decimal::State) -> Vec<Step> {
        let spelled = self
            .spellings
            .iter()
            .flat_map(|spellings| spellings.next(state));
        spelled
            .map(|(text, state)| Step::Given(number, text, Some(state)))
            .collect()
    }
}
