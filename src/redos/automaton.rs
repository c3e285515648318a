//! The position automaton of a pattern: a state for each code unit that the pattern can consume,
//! an edge for each way from one to the next, in the order in which they are tried. Owns its
//! construction (Glushkov's, with the conditions on neighbours resolved on the edges); finds
//! nothing in it.

mod contexts;
mod demands;

use super::alphabet::Alphabet;
use super::budget::{Budget, Exhausted};
use super::graph::{Built, Neighbours, Step, StepId};
use super::hash::Map;
use super::labels::{Edge as End, Label, Labels};
use crate::diagnostic::Span;
use crate::ecma::{Assertion, Direction, UnitSet};
use contexts::Contexts;
use demands::{Demand, Demands};

/// An index into [`Automaton::states`].
pub(super) type StateId = u32;

/// The target of an edge that accepts.
pub(super) const ACCEPT: StateId = StateId::MAX;

/// Before the first code unit.
pub(super) const INITIAL: StateId = 0;

/// An automaton over the classes of an alphabet.
#[derive(Debug)]
pub(super) struct Automaton {
    pub(super) labels: Labels,
    pub(super) states: Vec<State>,
    edges: Vec<Edge>,
    /// Whether it checks all conditions of the pattern.
    pub(super) certainty: Certainty,
}

/// After a code unit has been consumed; or, for the states of the search, passed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// The bytes of the pattern that belong to it; `None` for the search.
    pub(super) span: Option<Span>,
    /// What the conditions on the code unit before can tell of the one consumed.
    pub(super) context: u16,
    ways: Ways,
}

/// The ways on from a state.
#[derive(Clone, Copy, Debug)]
struct Ways {
    /// The first of their edges, and the one beyond the last.
    from: u32,
    to: u32,
    /// The classes before which what a negative look-around looks for is complete.
    bars: Label,
}

impl Ways {
    const NONE: Self = Self {
        from: 0,
        to: 0,
        bars: Labels::NONE,
    };
}

/// A way to the next code unit, or to acceptance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) target: StateId,
    /// The classes with which it can be taken: of the code unit consumed, or, for acceptance, of
    /// the one that follows.
    pub(super) label: Label,
    /// Those with which it can be taken in two ways or more.
    pub(super) twice: Label,
}

/// Whether the pattern is tried from every position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Searching {
    Everywhere,
    AtStart,
}

/// Whether all conditions on the way are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Certainty {
    Sure,
    Unsure,
}

/// The automaton cannot be built within the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It has too many states.
    TooLarge,
    /// The work allowed is used up.
    Exhausted,
}

impl From<Exhausted> for Failure {
    fn from(_: Exhausted) -> Self {
        Self::Exhausted
    }
}

impl Automaton {
    /// The automaton of a graph, of at most `limit` states.
    pub(super) fn build(
        built: &Built,
        alphabet: &Alphabet,
        searching: Searching,
        limit: usize,
        budget: &mut Budget,
    ) -> Result<Self, Failure> {
        let labels = Labels::new(alphabet.len());
        let contexts = Contexts::of(alphabet, built);
        let mut construction = Construction {
            built,
            contexts,
            searching,
            limit,
            known: Map::default(),
            closures: Map::default(),
            word: Labels::NONE,
            no_word: Labels::NONE,
            end: Labels::NONE,
            ahead: Vec::new(),
            demands: Demands::new(),
            sets: Vec::new(),
            pending: Vec::new(),
            seen: Map::default(),
            places: Vec::new(),
            automaton: Self {
                labels,
                states: Vec::new(),
                edges: Vec::new(),
                certainty: Certainty::Sure,
            },
        };
        construction.name_labels(alphabet);
        construction.run(budget)?;
        Ok(construction.automaton)
    }

    /// The ways on from a state, those tried first first.
    pub(super) fn edges(&self, state: StateId) -> &[Edge] {
        self.states
            .get(state as usize)
            .and_then(|state| {
                self.edges
                    .get(state.ways.from as usize..state.ways.to as usize)
            })
            .unwrap_or_default()
    }

    /// The states in which what a negative look-around looks for is complete, each with the classes
    /// before which it is.
    pub(super) fn barring(&self) -> impl Iterator<Item = (StateId, Label)> {
        let states = self.states.iter().map(|state| state.ways.bars);
        let numbered = (INITIAL..).zip(states);
        numbered.filter(|&(_, bars)| bars != Labels::NONE)
    }

    /// Whether the pattern accepts in a state whatever follows.
    pub(super) fn accepts_always(&self, state: StateId) -> bool {
        self.edges(state)
            .iter()
            .any(|edge| edge.target == ACCEPT && edge.label == Labels::ALL)
    }

    /// Whether a state belongs to the search for a start and not to the pattern.
    pub(super) fn is_search(&self, state: StateId) -> bool {
        state != INITIAL
            && self
                .states
                .get(state as usize)
                .is_some_and(|state| state.span.is_none())
    }
}

/// Where a state goes on: a step, or the search.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    After(StepId, Certainty, Demand),
    Search,
}

/// A way so far from a place to the next code unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Way {
    step: StepId,
    marks: u64,
    certainty: Certainty,
    /// What the next code unit can be.
    label: Label,
    /// What the ones after it must be.
    demand: Demand,
}

/// What a guard that cannot hold asks for.
const NEVER: (Label, Demand) = (Labels::NONE, Demands::NOTHING);

struct Construction<'b> {
    built: &'b Built,
    contexts: Contexts,
    searching: Searching,
    limit: usize,
    known: Map<(StepId, u16, Certainty, Demand), StateId>,
    /// The edges of each place and context.
    closures: Map<(Place, u16), Ways>,
    word: Label,
    no_word: Label,
    end: Label,
    /// What each guard that looks ahead asks of the next code unit, and of the ones after it.
    ahead: Vec<(Label, Demand)>,
    demands: Demands,
    /// The label of each set within each context.
    sets: Vec<Vec<Label>>,
    /// States whose edges are still to be found.
    pending: Vec<(StateId, Place, u16)>,
    seen: Map<Way, u8>,
    /// The closure, by its first edge, that last led to each state, and by which edge.
    places: Vec<(u32, u32)>,
    automaton: Automaton,
}

impl Construction<'_> {
    fn name_labels(&mut self, alphabet: &Alphabet) {
        let labels = &mut self.automaton.labels;
        if self.built.graph.boundaries {
            self.word = labels.of(&alphabet.members(&UnitSet::word()), End::Forbidden);
        }
        self.no_word = labels.without(Labels::ALL, self.word);
        self.end = labels.of(&[], End::Allowed);
        for guard in &self.built.guards {
            let edge = if guard.edge {
                End::Allowed
            } else {
                End::Forbidden
            };
            let label = labels.of(&alphabet.members(&guard.allowed), edge);
            let beyond = guard.beyond.iter();
            let beyond = beyond.map(|set| labels.of(&alphabet.members(set), End::Forbidden));
            let demand = self.demands.of(beyond.collect());
            self.ahead.push((label, demand));
        }
        for set in &self.built.graph.sets {
            let whole = labels.of(&alphabet.members(set), End::Forbidden);
            let within = self
                .contexts
                .members
                .iter()
                .map(|context| {
                    let context = labels.of(context, End::Forbidden);
                    labels.meet(whole, context)
                })
                .collect();
            self.sets.push(within);
        }
    }

    fn run(&mut self, budget: &mut Budget) -> Result<(), Failure> {
        self.add(None, self.contexts.start())?;
        self.pending
            .push((INITIAL, Place::Search, self.contexts.start()));
        if self.searching == Searching::Everywhere {
            for context in 0..self.contexts.len() {
                let state = self.add(None, context)?;
                self.pending.push((state, Place::Search, context));
            }
        }
        while let Some((state, place, context)) = self.pending.pop() {
            let ways = match self.closures.get(&(place, context)) {
                Some(&ways) => ways,
                None => {
                    let ways = self.closure(place, context, budget)?;
                    self.closures.insert((place, context), ways);
                    ways
                }
            };
            if let Some(state) = self.automaton.states.get_mut(state as usize) {
                state.ways = ways;
            }
        }
        Ok(())
    }

    fn add(&mut self, span: Option<Span>, context: u16) -> Result<StateId, Failure> {
        if self.automaton.states.len() >= self.limit {
            return Err(Failure::TooLarge);
        }
        self.places.push((u32::MAX, 0));
        self.automaton.states.push(State {
            span,
            context,
            ways: Ways::NONE,
        });
        Ok(self.automaton.states.len() as StateId - 1)
    }

    /// Follows, from one place, every way to a code unit or to acceptance, in the order of trying.
    /// A step is passed at most twice alike: that is enough to tell one way from several.
    fn closure(
        &mut self,
        place: Place,
        context: u16,
        budget: &mut Budget,
    ) -> Result<Ways, Failure> {
        let from = self.automaton.edges.len() as u32;
        let mut bars = Labels::NONE;
        let (entry, certainty, demand) = match place {
            Place::After(step, certainty, demand) => (step, certainty, demand),
            Place::Search => (self.built.graph.entry, Certainty::Sure, Demands::NOTHING),
        };
        let (label, demand) = self.demands.split(demand);
        self.seen.clear();
        let mut stack = vec![Way {
            step: entry,
            marks: 0,
            certainty,
            label,
            demand,
        }];
        while let Some(way) = stack.pop() {
            budget.spend(4)?;
            if way.label == Labels::NONE {
                continue;
            }
            let Some(&step) = self.built.graph.steps.get(way.step as usize) else {
                continue;
            };
            // Only where ways can meet is it worth counting how often.
            let visits = self.seen.entry(way).or_insert(0);
            if *visits >= 2 {
                continue;
            }
            *visits += 1;
            let to = |step| Way { step, ..way };
            match step {
                Step::Unit {
                    set, next, span, ..
                } => self.consume((set, next, span), way, from)?,
                Step::Split { first, second } => stack.extend([to(second), to(first)]),
                Step::Assert { assertion, next } => {
                    let allowed = self.assertion(assertion, context);
                    let label = self.automaton.labels.meet(way.label, allowed);
                    stack.push(Way { label, ..to(next) });
                }
                Step::Guard { neighbours, next } => {
                    let (allowed, demand) = self.guard(neighbours, context);
                    let labels = &mut self.automaton.labels;
                    stack.push(Way {
                        label: labels.meet(way.label, allowed),
                        demand: self.demands.both(way.demand, demand, labels),
                        ..to(next)
                    });
                }
                Step::Tick { next }
                | Step::Look { next, .. }
                | Step::Save { next, .. }
                | Step::Forget { next, .. }
                | Step::Refer { next, .. } => stack.push(to(next)),
                Step::Mark { depth, next } => stack.push(Way {
                    marks: way.marks | 1 << depth,
                    ..to(next)
                }),
                Step::Progress { depth, next } => {
                    if way.marks >> depth & 1 == 0 {
                        stack.push(to(next));
                    }
                }
                Step::Unsure { next } => {
                    self.automaton.certainty = Certainty::Unsure;
                    let certainty = Certainty::Unsure;
                    stack.push(Way {
                        certainty,
                        ..to(next)
                    });
                }
                // What is not certain must not cut off anything.
                Step::Match if way.demand != Demands::NOTHING => {
                    self.automaton.certainty = Certainty::Unsure;
                }
                Step::Match if way.certainty == Certainty::Sure => self.accept(way.label, from),
                Step::Match => {}
                Step::Fail => {}
                Step::Bar => bars = self.automaton.labels.join(bars, way.label),
            }
        }
        if place == Place::Search && self.searching == Searching::Everywhere {
            for context in 0..self.contexts.len() {
                let members = self.contexts.members.get(usize::from(context));
                let members = members.map(Vec::as_slice).unwrap_or_default();
                let label = self.automaton.labels.of(members, End::Forbidden);
                self.automaton.edges.push(Edge {
                    target: StateId::from(context) + 1,
                    label,
                    twice: Labels::NONE,
                });
            }
        }
        let to = self.automaton.edges.len() as u32;
        Ok(Ways { from, to, bars })
    }

    fn consume(
        &mut self,
        (set, next, span): (u32, StepId, Span),
        way: Way,
        from: u32,
    ) -> Result<(), Failure> {
        for context in 0..self.contexts.len() {
            let within = self
                .sets
                .get(set as usize)
                .and_then(|labels| labels.get(usize::from(context)))
                .copied()
                .unwrap_or(Labels::NONE);
            let label = self.automaton.labels.meet(within, way.label);
            if label == Labels::NONE {
                continue;
            }
            let key = (way.step, context, way.certainty, way.demand);
            let target = match self.known.get(&key) {
                Some(&state) => state,
                None => {
                    let state = self.add(Some(span), context)?;
                    self.known.insert(key, state);
                    let place = Place::After(next, way.certainty, way.demand);
                    self.pending.push((state, place, context));
                    state
                }
            };
            let Automaton { edges, labels, .. } = &mut self.automaton;
            let place = self.places.get_mut(target as usize);
            let edge = match &place {
                Some(place) if place.0 == from => edges.get_mut(place.1 as usize),
                _ => None,
            };
            match (edge, place) {
                (Some(edge), _) => {
                    let both = labels.meet(edge.label, label);
                    edge.twice = labels.join(edge.twice, both);
                    edge.label = labels.join(edge.label, label);
                }
                (None, place) => {
                    if let Some(place) = place {
                        *place = (from, edges.len() as u32);
                    }
                    edges.push(Edge {
                        target,
                        label,
                        twice: Labels::NONE,
                    });
                }
            }
        }
        Ok(())
    }

    fn accept(&mut self, label: Label, from: u32) {
        let Automaton { edges, labels, .. } = &mut self.automaton;
        let mut rest = label;
        for edge in edges.get(from as usize..).unwrap_or_default() {
            if edge.target == ACCEPT {
                rest = labels.without(rest, edge.label);
            }
        }
        if rest != Labels::NONE {
            edges.push(Edge {
                target: ACCEPT,
                label: rest,
                twice: Labels::NONE,
            });
        }
    }

    /// The next classes with which an assertion holds.
    fn assertion(&self, assertion: Assertion, context: u16) -> Label {
        let after_word = self.contexts.after_word(context);
        match assertion {
            Assertion::Start if context == self.contexts.start() => Labels::ALL,
            Assertion::Start => Labels::NONE,
            Assertion::End => self.end,
            Assertion::WordBoundary if after_word => self.no_word,
            Assertion::WordBoundary => self.word,
            Assertion::NotWordBoundary if after_word => self.word,
            Assertion::NotWordBoundary => self.no_word,
        }
    }

    /// The next classes with which a guard holds, and what must follow them.
    fn guard(&self, index: u32, context: u16) -> (Label, Demand) {
        let guard: Option<&Neighbours> = self.built.guards.get(index as usize);
        match guard.map(|guard| guard.direction) {
            Some(Direction::Ahead) => {
                let asked = self.ahead.get(index as usize);
                asked.copied().unwrap_or(NEVER)
            }
            Some(Direction::Behind) if self.contexts.answer(context, index as usize + 1) => {
                (Labels::ALL, Demands::NOTHING)
            }
            _ => NEVER,
        }
    }
}
