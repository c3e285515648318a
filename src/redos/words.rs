//! Words that loop. Owns the search for a shortest word that leads several ways of an automaton at
//! once to where they are wanted (A*: Hart, Nilsson and Raphael, IEEE Trans. Systems Science and
//! Cybernetics 4:2, 1968); knows nothing of what the word is good for.

use super::alphabet::{Alphabet, Class, Order};
use super::automaton::{ACCEPT, Automaton, Edge, INITIAL, StateId};
use super::budget::{Budget, Exhausted};
use super::components::Components;
use super::hash::Map;
use super::labels::{Label, Labels};
use super::subsets::{SubsetId, Subsets};
use std::collections::VecDeque;

/// An automaton with what is known about it.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) automaton: &'a Automaton,
    pub(super) alphabet: &'a Alphabet,
    pub(super) components: &'a Components,
    pub(super) sources: &'a Sources,
}

/// The states that lead to each state, and the classes with which they do.
pub(super) struct Sources(Vec<Vec<(StateId, Label)>>);

impl Sources {
    pub(super) fn of(automaton: &Automaton) -> Self {
        let mut sources = vec![Vec::new(); automaton.states.len()];
        for state in INITIAL..automaton.states.len() as StateId {
            for edge in automaton.edges(state) {
                if let Some(sources) = sources.get_mut(edge.target as usize) {
                    sources.push((state, edge.label));
                }
            }
        }
        Self(sources)
    }
}

/// A set of classes, as bits.
pub(super) type Letters = Vec<u64>;

/// The classes with which each component leads from state to state within itself.
pub(super) fn letters(automaton: &Automaton, components: &Components) -> Vec<Letters> {
    let mut letters = vec![automaton.labels.bits(Labels::NONE).to_vec(); components.len() as usize];
    for state in INITIAL..automaton.states.len() as StateId {
        let component = components.component(state);
        for edge in automaton.edges(state) {
            if edge.target != ACCEPT
                && components.component(edge.target) == component
                && let Some(letters) = letters.get_mut(component as usize)
            {
                for (all, own) in letters.iter_mut().zip(automaton.labels.bits(edge.label)) {
                    *all |= own;
                }
            }
        }
    }
    letters
}

/// Where a way may go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Within<'w> {
    /// Anywhere.
    Anywhere,
    /// In one component.
    Component(u32),
    /// In components for which this holds, by their number.
    Components(&'w [bool]),
}

/// Two ways that have parted, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Parted {
    No,
    Yes,
}

/// The ways' places at a time, and the subset that the word has led to.
type Place = ([StateId; 3], Parted, SubsetId);

/// A place as one number.
const fn key((states, parted, subset): Place) -> u128 {
    let [a, b, c] = states;
    let parted = match parted {
        Parted::No => 0,
        Parted::Yes => 1,
    };
    (a as u128) << 96 | (b as u128) << 64 | (c as u128) << 32 | (subset as u128) << 1 | parted
}

/// Ways to be led by one word.
#[derive(Clone, Copy)]
pub(super) struct Search<'s> {
    pub(super) from: [StateId; 3],
    pub(super) to: [StateId; 3],
    pub(super) within: [Within<'s>; 3],
    /// How many of the three ways there are; the others stand still.
    pub(super) ways: usize,
    /// Whether the first two ways, which start and end alike, have to differ in between.
    pub(super) part: Part,
    /// The only classes of which the word can be, if that is known.
    pub(super) letters: Option<&'s [u64]>,
    /// Which of several classes is taken.
    pub(super) order: Order,
    /// Where the search of the pattern stands, if the first two ways have to stay alive in it.
    pub(super) alive: Option<Alive>,
    /// The most work.
    pub(super) limit: u64,
}

/// Where the search of the pattern stands, and what may happen to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alive {
    pub(super) subset: SubsetId,
    pub(super) tolerance: Tolerance,
}

/// What the pattern may match on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// Nothing.
    NoMatch,
    /// What is tried later than the ways.
    LaterMatch,
}

/// Whether two ways have to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Required,
    Irrelevant,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Word(Vec<Class>),
    /// There is no such word.
    Nothing,
    /// There may be one beyond the limits of the search.
    TooMuch,
}

/// The most places remembered.
const MAX_PLACES: usize = 60_000;

impl Search<'_> {
    /// The shortest word, of at least one code unit; an error when the whole budget is used up.
    pub(super) fn run(
        &self,
        ground: Ground<'_>,
        subsets: &mut Subsets<'_>,
        budget: &mut Budget,
    ) -> Result<Found, Exhausted> {
        let mut own = budget.take(self.limit);
        let found = self.best_first(ground, subsets, &mut own);
        budget.put_back(own);
        match found {
            Ok(found) => Ok(found),
            Err(Exhausted) => budget.spend(1).map(|()| Found::TooMuch),
        }
    }

    fn best_first(
        &self,
        ground: Ground<'_>,
        subsets: &mut Subsets<'_>,
        budget: &mut Budget,
    ) -> Result<Found, Exhausted> {
        let labels = &ground.automaton.labels;
        let far = self.distances(ground, budget)?;
        // At least so many code units are still to come.
        let least = |at: &[StateId; 3]| -> Option<usize> {
            far.iter()
                .zip(at)
                .map(|(far, &state)| far.get(&state).copied())
                .try_fold(0, |most, far| Some(most.max(far?)))
        };
        let first: Place = (
            self.from,
            Parted::No,
            self.alive.map_or(0, |alive| alive.subset),
        );
        let mut places: Vec<(Place, u32, Class)> = vec![(first, 0, 0)];
        let mut known: Map<u128, ()> = Map::default();
        known.insert(key(first), ());
        // Places by the least length of a word through them, and the length so far.
        let mut queues: Vec<VecDeque<(u32, usize)>> = vec![VecDeque::from([(0, 0)])];
        let mut shortest = 0;
        let mut fan: [Vec<Edge>; 3] = [Vec::new(), Vec::new(), Vec::new()];
        while shortest < queues.len() {
            let next = queues.get_mut(shortest).and_then(VecDeque::pop_front);
            let Some((parent, length)) = next else {
                shortest += 1;
                continue;
            };
            let Some(&((at, parted, subset), ..)) = places.get(parent as usize) else {
                continue;
            };
            for ((fan, &state), within) in fan.iter_mut().zip(&at).zip(&self.within) {
                fan.clear();
                fan.extend(
                    ground
                        .automaton
                        .edges(state)
                        .iter()
                        .filter(|edge| within.allows(ground, edge.target)),
                );
            }
            for (way, fan) in fan.iter_mut().enumerate() {
                if way >= self.ways {
                    fan.clear();
                    fan.push(Edge {
                        target: at.get(way).copied().unwrap_or(0),
                        label: Labels::ALL,
                        twice: Labels::NONE,
                    });
                }
            }
            let [firsts, seconds, thirds] = &fan;
            budget.spend(firsts.len() as u64 + 4)?;
            for third in thirds {
                for first in firsts {
                    budget.spend(seconds.len() as u64 + 1)?;
                    if !labels.intersect(first.label, third.label) {
                        continue;
                    }
                    for second in seconds {
                        // Ways that have not parted are alike in either order.
                        let halves = self.part == Part::Required && parted == Parted::No;
                        if (halves && first.target > second.target)
                            || !labels.intersect3(first.label, second.label, third.label)
                        {
                            continue;
                        }
                        let targets = [first.target, second.target, third.target];
                        let Some(least) = least(&targets) else {
                            continue;
                        };
                        for &class in ground.alphabet.ordered(self.order) {
                            let all = [first, second, third]
                                .iter()
                                .all(|edge| labels.contains(edge.label, class));
                            if !all || self.letters.is_some_and(|all| !contains(all, class)) {
                                continue;
                            }
                            let apart = parted == Parted::Yes
                                || self.part == Part::Required
                                    && (first.target != second.target
                                        || at[0] == at[1] && labels.contains(first.twice, class));
                            let parted = if apart { Parted::Yes } else { Parted::No };
                            let to = match self.alive {
                                None => 0,
                                Some(Alive { tolerance, .. }) => {
                                    budget.spend(2)?;
                                    let step = subsets.step(subset, class, budget)?;
                                    if step.accepted && tolerance == Tolerance::NoMatch {
                                        continue;
                                    }
                                    let to = step.to;
                                    // The third way starts where the second one ends, and so
                                    // comes alive with the first repetition only.
                                    if !targets
                                        .iter()
                                        .take(self.ways.min(2))
                                        .all(|&state| subsets.is_live(to, state))
                                    {
                                        continue;
                                    }
                                    to
                                }
                            };
                            let place = (targets, parted, to);
                            let arrived =
                                targets == self.to && (apart || self.part == Part::Irrelevant);
                            if arrived {
                                return Ok(Found::Word(word(&places, parent, class)));
                            }
                            if known.insert(key(place), ()).is_none() {
                                if places.len() >= MAX_PLACES {
                                    return Ok(Found::TooMuch);
                                }
                                let whole = length + 1 + least;
                                if queues.len() <= whole {
                                    queues.resize(whole + 1, VecDeque::new());
                                }
                                if let Some(queue) = queues.get_mut(whole) {
                                    queue.push_back((places.len() as u32, length + 1));
                                }
                                places.push((place, parent, class));
                            }
                            if self.alive.is_none() && self.part == Part::Irrelevant {
                                break;
                            }
                        }
                    }
                }
            }
        }
        Ok(Found::Nothing)
    }
}

/// Whether a class is among some.
fn contains(letters: &[u64], class: Class) -> bool {
    let word = letters.get(usize::from(class) / 64);
    word.is_some_and(|word| word >> (class % 64) & 1 == 1)
}

impl Search<'_> {
    /// How far each way at least still has to go, from each state from which it can get there.
    fn distances(
        &self,
        ground: Ground<'_>,
        budget: &mut Budget,
    ) -> Result<[Map<StateId, usize>; 3], Exhausted> {
        let mut distances: [Map<StateId, usize>; 3] = Default::default();
        for (way, ((far, &goal), within)) in distances
            .iter_mut()
            .zip(&self.to)
            .zip(&self.within)
            .enumerate()
        {
            far.insert(goal, 0);
            if way >= self.ways {
                continue;
            }
            let mut queue = VecDeque::from([(goal, 0)]);
            while let Some((state, distance)) = queue.pop_front() {
                let sources = ground.sources.0.get(state as usize);
                for &(source, label) in sources.into_iter().flatten() {
                    budget.spend(1)?;
                    let possible = |letters| ground.automaton.labels.meets(label, letters);
                    if !self.letters.is_none_or(possible) {
                        continue;
                    }
                    // Only where a way starts may it be outside of its bounds.
                    let inside = within.allows(ground, source) || self.from.contains(&source);
                    if inside && !far.contains_key(&source) {
                        far.insert(source, distance + 1);
                        queue.push_back((source, distance + 1));
                    }
                }
            }
        }
        Ok(distances)
    }
}

/// The word that led to the last place, read back from place to place.
fn word(places: &[(Place, u32, Class)], last: u32, class: Class) -> Vec<Class> {
    let mut word = vec![class];
    let mut at = last;
    while at != 0 {
        let Some(&(_, parent, class)) = places.get(at as usize) else {
            break;
        };
        word.push(class);
        at = parent;
    }
    word.reverse();
    word
}

impl Within<'_> {
    fn allows(&self, ground: Ground<'_>, state: StateId) -> bool {
        if state == ACCEPT {
            return false;
        }
        match self {
            Self::Anywhere => true,
            Self::Component(component) => ground.components.component(state) == *component,
            Self::Components(allowed) => {
                let component = ground.components.component(state) as usize;
                allowed.get(component).copied().unwrap_or(false)
            }
        }
    }
}
