//! The automaton of one pattern, run on letters: states with small numbers, built as far as a
//! search goes. Owns that numbering and how far a match is; knows nothing of other patterns.

use std::collections::{BTreeMap, VecDeque};

use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};

use super::OutOfBudget;
use super::letters::Letter;
use crate::matcher::encoded_unit;

/// A state by its number.
pub(super) type State = u32;

/// Something of the text read so far matches, whatever follows.
pub(super) const MATCHED: State = 0;
/// Nothing is read yet.
pub(super) const START: State = 1;
/// Not yet asked for.
const UNKNOWN: State = State::MAX;

/// States for which it is found out how far a match is.
const MAX_MEASURED: usize = 2_000;

/// A pattern's automaton and the states that were reached.
pub(super) struct Machine<'p> {
    automaton: &'p DFA,
    cache: Cache,
    numbers: BTreeMap<LazyStateID, State>,
    states: Vec<LazyStateID>,
    /// The text of each letter.
    letters: Vec<Vec<u8>>,
    /// For each state and letter the next state.
    next: Vec<State>,
    /// For each state how many letters the shortest way to a match has, once measured; `None` if
    /// there is no way.
    distances: Vec<Option<u32>>,
}

impl<'p> Machine<'p> {
    /// The letters have the numbers from 0; the space between values has the last.
    pub(super) fn new(automaton: &'p DFA, letters: &[Letter]) -> Result<Self, OutOfBudget> {
        let mut cache = automaton.create_cache();
        let start = automaton
            .start_state_forward(&mut cache, &Input::new(b""))
            .map_err(|_| OutOfBudget)?;
        let texts = letters.iter().map(|letter| encoded_unit(letter.unit));
        let mut machine = Self {
            automaton,
            cache,
            numbers: BTreeMap::new(),
            states: vec![LazyStateID::default()],
            letters: texts.chain([vec![b' ']]).collect(),
            next: Vec::new(),
            distances: Vec::new(),
        };
        machine.next = vec![MATCHED; machine.letters.len()];
        machine.number(start);
        Ok(machine)
    }

    fn number(&mut self, state: LazyStateID) -> State {
        if state.is_match() {
            return MATCHED;
        }
        *self.numbers.entry(state).or_insert_with(|| {
            self.states.push(state);
            self.next
                .resize(self.states.len() * self.letters.len(), UNKNOWN);
            self.states.len() as State - 1
        })
    }

    /// The state after one more letter.
    pub(super) fn step(&mut self, state: State, letter: usize) -> Result<State, OutOfBudget> {
        let place = state as usize * self.letters.len() + letter;
        match self.next.get(place) {
            Some(&UNKNOWN) => {}
            known => return Ok(known.copied().unwrap_or(MATCHED)),
        }
        let text = self.letters.get(letter).cloned().unwrap_or_default();
        let next = self.read(state, &text)?;
        if let Some(known) = self.next.get_mut(place) {
            *known = next;
        }
        Ok(next)
    }

    /// The state after more text, encoded as patterns see it.
    pub(super) fn read(&mut self, state: State, text: &[u8]) -> Result<State, OutOfBudget> {
        let Some(&before) = self.states.get(state as usize).filter(|_| state != MATCHED) else {
            return Ok(MATCHED);
        };
        let mut at = before;
        for &byte in text {
            at = self
                .automaton
                .next_state(&mut self.cache, at, byte)
                .map_err(|_| OutOfBudget)?;
            if at.is_match() {
                return Ok(MATCHED);
            }
        }
        Ok(self.number(at))
    }

    /// Whether the pattern matches if the text ends here.
    pub(super) fn matches_at_end(&mut self, state: State) -> Result<bool, OutOfBudget> {
        let Some(&before) = self.states.get(state as usize).filter(|_| state != MATCHED) else {
            return Ok(true);
        };
        let end = self.automaton.next_eoi_state(&mut self.cache, before);
        Ok(end.map_err(|_| OutOfBudget)?.is_match())
    }

    /// Finds out from how many states how far a match is.
    pub(super) fn measure(&mut self) -> Result<(), OutOfBudget> {
        let mut before: Vec<Vec<State>> = vec![Vec::new(); 2];
        let mut state = START;
        while (state as usize) < self.states.len() {
            if self.states.len() > MAX_MEASURED {
                return Ok(());
            }
            for letter in 0..self.letters.len() {
                let next = self.step(state, letter)?;
                before.resize(self.states.len(), Vec::new());
                if let Some(before) = before.get_mut(next as usize) {
                    before.push(state);
                }
            }
            state += 1;
        }
        let mut distances = vec![None; self.states.len()];
        let mut ready = VecDeque::new();
        for state in 0..self.states.len() as State {
            if self.matches_at_end(state)? {
                ready.push_back((state, 0));
            }
        }
        while let Some((state, distance)) = ready.pop_front() {
            let Some(known @ None) = distances.get_mut(state as usize) else {
                continue;
            };
            *known = Some(distance);
            let before = before.get(state as usize).into_iter().flatten();
            ready.extend(before.map(|&state| (state, distance + 1)));
        }
        self.distances = distances;
        Ok(())
    }

    /// How many letters at least are missing for a match; `None` if there cannot be one.
    pub(super) fn distance(&self, state: State) -> Option<u32> {
        self.distances
            .get(state as usize)
            .copied()
            .unwrap_or(Some(0))
    }
}
