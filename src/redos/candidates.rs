//! Texts that may be expensive. Owns the way from loops of an automaton to texts that go through
//! them many times; whether they are expensive is for others to find out.

mod chains;
mod live;

use super::alphabet::{Class, Order};
use super::automaton::{Certainty, INITIAL, StateId};
use super::budget::{Budget, Exhausted};
use super::exponential::is_exponential;
use super::growth::Growth;
use super::subsets::{BEGINNING, SubsetId, Subsets};
use super::words::{self, Ground, Letters, Part, Search, Tolerance, Within};
use crate::diagnostic::Span;
use live::Aim;

/// Texts, each followed by a word to be repeated.
pub(super) type Pumps = Vec<(Vec<Class>, Vec<Class>)>;

/// A text with parts to be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) pumps: Pumps,
    /// The most that is to be expected of it.
    pub(super) promise: Growth,
    /// The loops that it goes through.
    pub(super) loops: Vec<Span>,
    /// Texts after which the pattern should not match.
    pub(super) endings: Vec<Vec<Class>>,
}

impl Candidate {
    /// The candidates that read the same backwards, one for each ending and each of `first`, which
    /// the text begins with.
    pub(super) fn mirrored(&self, first: &[Class]) -> Vec<Self> {
        let reversed = |text: &[Class]| -> Vec<Class> { text.iter().rev().copied().collect() };
        let mut endings = self.endings.clone();
        if endings.is_empty() {
            endings.push(Vec::new());
        }
        endings.extend(first.iter().map(|&class| vec![class]));
        let mirror = |ending: &Vec<Class>| {
            let mut before = reversed(ending);
            let mut pumps = Pumps::new();
            for (prefix, word) in self.pumps.iter().rev() {
                let prefix = reversed(prefix);
                pumps.push((std::mem::replace(&mut before, prefix), reversed(word)));
            }
            Self {
                pumps,
                promise: self.promise,
                loops: self.loops.clone(),
                endings: vec![before],
            }
        };
        endings.iter().map(mirror).collect()
    }
}

/// Whether the search for a start is a loop like the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SearchLoop {
    Counts,
    CountsNot,
}

/// Tries a candidate; gives the best growth confirmed so far.
pub(super) type Trial<'t> = dyn FnMut(&Candidate) -> Result<Option<Growth>, Exhausted> + 't;

/// Work for one search of a word.
const SEARCH_WORK: u64 = 150_000;
/// Work for all searches that may be given up.
const PATIENCE: u64 = 500_000;
/// How many states of a loop are tried as its start.
const MAX_ENTRIES: usize = 12;
/// The longest ending sought, and how many subsets are visited for it.
const LONGEST_ENDING: usize = 4;
const MOST_ENDINGS: usize = 60;

/// Finds candidates in an automaton and tries them, until nothing better is to be expected.
pub(super) fn find(
    ground: Ground<'_>,
    searching: SearchLoop,
    budget: &mut Budget,
    trial: &mut Trial<'_>,
) -> Result<(), Exhausted> {
    let subsets = Subsets::new(ground.automaton, ground.alphabet.len());
    let mut finder = Finder {
        ground,
        searching,
        efforts: match ground.automaton.certainty {
            Certainty::Sure => &EFFORTS,
            Certainty::Unsure => &UNCERTAIN_EFFORTS,
        },
        letters: words::letters(ground.automaton, ground.components),
        ambiguous: Vec::new(),
        subsets,
        budget,
        trial,
        best: None,
        patience: Budget::new(PATIENCE),
        complete: true,
    };
    finder.exponential()?;
    if finder.best < Some(Growth::Exponential) {
        finder.polynomial()?;
    }
    if finder.complete {
        Ok(())
    } else {
        Err(Exhausted)
    }
}

/// What is done to keep the loops of a candidate alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    /// The first word found, after a text chosen for it.
    Quick,
    /// The first word found, whatever else the search does.
    Alone,
    /// A word chosen for it.
    Thorough(Tolerance),
    /// The first word found of the code units that the rest of the pattern has least to do with.
    Rare,
}

/// In the order of their cost.
const EFFORTS: [Effort; 4] = [
    Effort::Quick,
    Effort::Alone,
    Effort::Thorough(Tolerance::NoMatch),
    Effort::Thorough(Tolerance::LaterMatch),
];

/// The same where the automaton leaves conditions unchecked.
const UNCERTAIN_EFFORTS: [Effort; 5] = [
    Effort::Quick,
    Effort::Rare,
    Effort::Alone,
    Effort::Thorough(Tolerance::NoMatch),
    Effort::Thorough(Tolerance::LaterMatch),
];

struct Finder<'a, 't> {
    ground: Ground<'a>,
    searching: SearchLoop,
    efforts: &'static [Effort],
    /// The classes within each component.
    letters: Vec<Letters>,
    /// The loops that are exponentially ambiguous.
    ambiguous: Vec<u32>,
    subsets: Subsets<'a>,
    budget: &'t mut Budget,
    trial: &'t mut Trial<'t>,
    best: Option<Growth>,
    /// The work left for what may be given up.
    patience: Budget,
    /// Whether nothing was given up.
    complete: bool,
}

/// A text so far: where the way of interest stands, and the whole search.
#[derive(Clone, Copy)]
struct At {
    state: StateId,
    subset: SubsetId,
}

const BEFORE_TEXT: At = At {
    state: INITIAL,
    subset: BEGINNING,
};

/// A word to be repeated, what comes before it, and where many repetitions lead.
struct Pumped {
    prefix: Vec<Class>,
    word: Vec<Class>,
    end: At,
}

impl Finder<'_, '_> {
    fn loop_span(&self, component: u32) -> Option<Span> {
        let first = self.ground.components.members(component).first()?;
        self.ground.automaton.states.get(*first as usize)?.span
    }

    fn is_search(&self, component: u32) -> bool {
        let first = self.ground.components.members(component).first();
        first.is_some_and(|&first| self.ground.automaton.is_search(first))
    }

    fn try_out(&mut self, candidate: &Candidate) -> Result<(), Exhausted> {
        self.best = (self.trial)(candidate)?;
        Ok(())
    }

    fn exponential(&mut self) -> Result<(), Exhausted> {
        let Ground {
            automaton,
            components,
            ..
        } = self.ground;
        for component in 0..components.len() {
            if !components.is_cyclic(component)
                || self.is_search(component)
                || !is_exponential(automaton, components, component, self.budget)?
            {
                continue;
            }
            self.ambiguous.push(component);
            let first = self.any_loop(component)?;
            for &effort in self.efforts {
                let Some(pumped) = self.pumped_loop(component, &first, effort)? else {
                    continue;
                };
                let endings = self.endings(pumped.end, pumped.end.state)?;
                self.try_out(&Candidate {
                    pumps: vec![(pumped.prefix, pumped.word)],
                    promise: Growth::Exponential,
                    loops: self.loop_span(component).into_iter().collect(),
                    endings,
                })?;
                if self.best == Some(Growth::Exponential) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn pumped_loop(
        &mut self,
        component: u32,
        first: &Option<(StateId, Vec<Class>)>,
        effort: Effort,
    ) -> Result<Option<Pumped>, Exhausted> {
        if let Effort::Thorough(tolerance) = effort {
            return self.thoroughly(|finder| finder.thorough_loop(component, tolerance));
        }
        let Some((state, word)) = first else {
            return Ok(None);
        };
        let aim = loop_aim(component, *state);
        match effort {
            Effort::Alone => self.lonely(&aim, word, BEFORE_TEXT),
            Effort::Rare => self.rare(&aim, BEFORE_TEXT),
            _ => self.quick(&aim, word, BEFORE_TEXT, Order::Readable),
        }
    }

    /// Does something that may be given up when it takes too long.
    fn thoroughly<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<Option<T>, Exhausted>,
    ) -> Result<Option<T>, Exhausted> {
        let rest = self.budget.take(u64::MAX);
        *self.budget = std::mem::replace(&mut self.patience, rest);
        let done = work(self);
        std::mem::swap(self.budget, &mut self.patience);
        done.or_else(|Exhausted| {
            self.complete = false;
            Ok(None)
        })
    }

    /// A state of a loop and an ambiguous word from there to itself.
    fn any_loop(&mut self, component: u32) -> Result<Option<(StateId, Vec<Class>)>, Exhausted> {
        for &state in self.ground.components.members(component) {
            if let Some(word) = self.run(&loop_aim(component, state).search)? {
                return Ok(Some((state, word)));
            }
        }
        Ok(None)
    }

    /// The loop with any word that leaves it alive.
    fn thorough_loop(
        &mut self,
        component: u32,
        tolerance: Tolerance,
    ) -> Result<Option<Pumped>, Exhausted> {
        let members = self.ground.components.members(component);
        for &state in members.iter().take(MAX_ENTRIES) {
            let aim = loop_aim(component, state);
            if let Some(pumped) = self.thorough(&aim, BEFORE_TEXT, tolerance)? {
                return Ok(Some(pumped));
            }
        }
        Ok(None)
    }

    /// Short texts after which a loop fails: at best the pattern has not matched and does not, at
    /// least nothing tried before the loop has given up matches.
    fn endings(&mut self, at: At, state: StateId) -> Result<Vec<Vec<Class>>, Exhausted> {
        let mut endings = self.failures(at.subset)?;
        if endings.is_empty() {
            let within = self.subsets.truncated(at.subset, [at.state, state]);
            endings = self.failures(within)?;
        }
        endings.extend(self.barring(at.state)?);
        Ok(endings)
    }

    /// The shortest text after which a negative look-around finds what it looks for.
    fn barring(&mut self, from: StateId) -> Result<Option<Vec<Class>>, Exhausted> {
        let Ground {
            automaton,
            alphabet,
            ..
        } = self.ground;
        let mut shortest: Option<Vec<Class>> = None;
        for (state, label) in automaton.barring().take(MAX_ENTRIES) {
            let Some(mut text) = self.any_path(from, state)? else {
                continue;
            };
            let labels = &automaton.labels;
            if !labels.allows_end(label) {
                let mut preferred = alphabet.preferred().iter();
                text.extend(preferred.find(|&&class| labels.contains(label, class)));
            }
            if shortest
                .as_ref()
                .is_none_or(|known| text.len() < known.len())
            {
                shortest = Some(text);
            }
        }
        Ok(shortest)
    }

    /// Up to two short texts on which no state of a subset accepts.
    fn failures(&mut self, from: SubsetId) -> Result<Vec<Vec<Class>>, Exhausted> {
        let mut endings = Vec::new();
        let mut queue: Vec<(SubsetId, Vec<Class>)> = vec![(from, Vec::new())];
        let mut next = 0;
        while let Some((subset, text)) = queue.get(next).cloned() {
            next += 1;
            if !self.subsets.accepts_at_end(subset) {
                endings.push(text.clone());
                if endings.len() == 2 {
                    break;
                }
            }
            if text.len() == LONGEST_ENDING || next > MOST_ENDINGS {
                continue;
            }
            for &class in self.ground.alphabet.preferred() {
                let step = match self.subsets.step(subset, class, self.budget) {
                    Ok(step) => step,
                    Err(Exhausted) => return self.budget.spend(1).map(|()| endings),
                };
                if !step.accepted && !queue.iter().any(|&(known, _)| known == step.to) {
                    let mut longer = text.clone();
                    longer.push(class);
                    queue.push((step.to, longer));
                }
            }
        }
        Ok(endings)
    }
}

/// An ambiguous word of a loop from a state to itself.
fn loop_aim(component: u32, state: StateId) -> Aim<'static> {
    Aim {
        p: state,
        q: state,
        search: Search {
            from: [state; 3],
            to: [state; 3],
            within: [Within::Component(component); 3],
            ways: 2,
            part: Part::Required,
            letters: None,
            order: Order::Readable,
            alive: None,
            limit: SEARCH_WORK,
        },
    }
}
