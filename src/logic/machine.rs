//! The automaton of one pattern, run on code units: states with small numbers, built as far as
//! searches go, and kept from one search to the next. Owns that numbering and how far a match is;
//! knows nothing of other patterns.

use std::collections::VecDeque;

use hashbrown::HashMap;
use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};

use super::OutOfBudget;
use crate::ecma::Node;
use crate::matcher::encoded_unit;
use crate::redos::{Alphabet, Class};

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
/// More memory than this is given back after a search.
const KEPT_BYTES: usize = 128 << 10;

/// A pattern's automaton and the states that were reached.
pub(super) struct Machine {
    automaton: DFA,
    alphabet: Alphabet,
    /// A code unit of each class, encoded as patterns see it.
    classes: Vec<Vec<u8>>,
    reached: Reached,
}

struct Reached {
    cache: Cache,
    numbers: HashMap<LazyStateID, State, foldhash::fast::FixedState>,
    states: Vec<LazyStateID>,
    /// For each state and class of code units the next state.
    next: Vec<State>,
    /// For each state how many code units the shortest way to a match has, once measured; `None` if
    /// there is no way.
    distances: Option<Vec<Option<u32>>>,
}

impl Reached {
    fn new(automaton: &DFA, classes: usize) -> Self {
        Self {
            cache: automaton.create_cache(),
            numbers: HashMap::default(),
            states: vec![LazyStateID::default()],
            next: vec![MATCHED; classes],
            distances: None,
        }
    }
}

impl Machine {
    /// `automaton` is that of the pattern with this tree.
    pub(super) fn new(automaton: DFA, pattern: &Node) -> Self {
        let alphabet = Alphabet::of(&[pattern]);
        let units = alphabet.readable(&|_| true);
        let classes: Vec<Vec<u8>> = units
            .into_iter()
            .map(|unit| encoded_unit(unit.unwrap_or_default()))
            .collect();
        Self {
            reached: Reached::new(&automaton, classes.len()),
            automaton,
            alphabet,
            classes,
        }
    }

    /// Makes it ready for a search: there is the state [`START`].
    pub(super) fn begin(&mut self) -> Result<(), OutOfBudget> {
        if self.memory() > KEPT_BYTES {
            self.reached = Reached::new(&self.automaton, self.classes.len());
        }
        if self.reached.states.len() == 1 {
            let start = self
                .automaton
                .start_state_forward(&mut self.reached.cache, &Input::new(b""))
                .map_err(|_| OutOfBudget)?;
            self.number(start);
        }
        Ok(())
    }

    fn memory(&self) -> usize {
        let Reached { cache, next, .. } = &self.reached;
        cache.memory_usage() + next.len() * size_of::<State>()
    }

    fn number(&mut self, state: LazyStateID) -> State {
        if state.is_match() {
            return MATCHED;
        }
        let Reached {
            numbers,
            states,
            next,
            ..
        } = &mut self.reached;
        *numbers.entry(state).or_insert_with(|| {
            states.push(state);
            next.resize(states.len() * self.classes.len(), UNKNOWN);
            states.len() as State - 1
        })
    }

    /// The class of a code unit.
    pub(super) fn class(&self, unit: u16) -> Class {
        self.alphabet.class(unit)
    }

    /// The state after one more code unit of a class.
    pub(super) fn step(&mut self, state: State, class: Class) -> Result<State, OutOfBudget> {
        let place = state as usize * self.classes.len() + usize::from(class);
        match self.reached.next.get(place) {
            Some(&UNKNOWN) => {}
            known => return Ok(known.copied().unwrap_or(MATCHED)),
        }
        let next = self.compute(state, class)?;
        if let Some(known) = self.reached.next.get_mut(place) {
            *known = next;
        }
        Ok(next)
    }

    fn compute(&mut self, state: State, class: Class) -> Result<State, OutOfBudget> {
        let (Some(&before), Some(unit)) = (
            self.reached.states.get(state as usize),
            self.classes.get(usize::from(class)),
        ) else {
            return Ok(MATCHED);
        };
        let mut at = before;
        for &byte in unit {
            at = self
                .automaton
                .next_state(&mut self.reached.cache, at, byte)
                .map_err(|_| OutOfBudget)?;
            if at.is_match() {
                return Ok(MATCHED);
            }
        }
        Ok(self.number(at))
    }

    /// The state after more text.
    pub(super) fn read(&mut self, state: State, text: &[u16]) -> Result<State, OutOfBudget> {
        text.iter()
            .try_fold(state, |state, &unit| self.step(state, self.class(unit)))
    }

    /// Whether the pattern matches if the text ends here.
    pub(super) fn matches_at_end(&mut self, state: State) -> Result<bool, OutOfBudget> {
        let Reached { cache, states, .. } = &mut self.reached;
        let Some(&before) = states.get(state as usize).filter(|_| state != MATCHED) else {
            return Ok(true);
        };
        let end = self.automaton.next_eoi_state(cache, before);
        Ok(end.map_err(|_| OutOfBudget)?.is_match())
    }

    /// Finds out from how many states how far a match is.
    pub(super) fn measure(&mut self) -> Result<(), OutOfBudget> {
        if self.reached.distances.is_some() {
            return Ok(());
        }
        let mut before: Vec<Vec<State>> = vec![Vec::new(); 2];
        let mut state = START;
        while (state as usize) < self.reached.states.len() {
            if self.reached.states.len() > MAX_MEASURED {
                self.reached.distances = Some(Vec::new());
                return Ok(());
            }
            for class in 0..self.classes.len() {
                let next = self.step(state, class as Class)?;
                before.resize(self.reached.states.len(), Vec::new());
                if let Some(before) = before.get_mut(next as usize) {
                    before.push(state);
                }
            }
            state += 1;
        }
        let mut distances = vec![None; self.reached.states.len()];
        let mut ready = VecDeque::new();
        for state in 0..self.reached.states.len() as State {
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
        self.reached.distances = Some(distances);
        Ok(())
    }

    /// How many code units at least are missing for a match; `None` if there cannot be one.
    pub(super) fn distance(&self, state: State) -> Option<u32> {
        let distances = self.reached.distances.as_ref();
        let known = distances.and_then(|distances| distances.get(state as usize).copied());
        known.unwrap_or(Some(0))
    }
}
