//! All that a search is trying at once, as one state: the subset automaton, each subset in the
//! order of trying, built as far as it is asked for. Owns what a leftmost match cuts off; knows
//! nothing of loops.

use super::alphabet::Class;
use super::automaton::{ACCEPT, Automaton, INITIAL, StateId};
use super::budget::{Budget, Exhausted};
use super::hash::Map;

/// The number of a subset.
pub(super) type SubsetId = u32;

/// The subsets of an automaton's states that texts lead to.
///
/// A subset holds the states that a backtracking search still can visit, the first tried first.
/// Where the pattern accepts, everything tried later is cut off, since the search would end there;
/// what is tried earlier stays.
#[derive(Debug)]
pub(super) struct Subsets<'a> {
    automaton: &'a Automaton,
    classes: usize,
    subsets: Vec<Vec<StateId>>,
    known: Map<Vec<StateId>, SubsetId>,
    /// For each subset and class: where it leads, once asked for.
    steps: Vec<Option<Move>>,
    /// The last move that reached each state.
    reached: Vec<u32>,
    moves: u32,
    scratch: Vec<StateId>,
}

/// Where a code unit leads from a subset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Move {
    pub(super) to: SubsetId,
    /// Whether the pattern accepted before that code unit, or accepts now whatever follows, and
    /// by that cut something off.
    pub(super) accepted: bool,
}

/// The most subsets built.
const MAX_SUBSETS: usize = 4_000;

/// Before any text.
pub(super) const BEGINNING: SubsetId = 0;

impl<'a> Subsets<'a> {
    pub(super) fn new(automaton: &'a Automaton, classes: usize) -> Self {
        let mut subsets = Self {
            automaton,
            classes,
            subsets: Vec::new(),
            known: Map::default(),
            steps: Vec::new(),
            reached: vec![0; automaton.states.len()],
            moves: 0,
            scratch: Vec::new(),
        };
        subsets.intern(vec![INITIAL]);
        subsets
    }

    fn intern(&mut self, subset: Vec<StateId>) -> SubsetId {
        if let Some(&id) = self.known.get(&subset) {
            return id;
        }
        let id = self.subsets.len() as SubsetId;
        self.known.insert(subset.clone(), id);
        self.subsets.push(subset);
        self.steps.resize(self.steps.len() + self.classes, None);
        id
    }

    /// The subset of one state.
    pub(super) fn only(&mut self, state: StateId) -> SubsetId {
        self.intern(vec![state])
    }

    /// The states of a subset, the first tried first.
    pub(super) fn states(&self, subset: SubsetId) -> &[StateId] {
        self.subsets
            .get(subset as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a search may still visit a state.
    pub(super) fn is_live(&self, subset: SubsetId, state: StateId) -> bool {
        self.states(subset).contains(&state)
    }

    /// Where a class of code unit leads.
    pub(super) fn step(
        &mut self,
        subset: SubsetId,
        class: Class,
        budget: &mut Budget,
    ) -> Result<Move, Exhausted> {
        let slot = subset as usize * self.classes + usize::from(class);
        if let Some(Some(known)) = self.steps.get(slot) {
            return Ok(*known);
        }
        if self.subsets.len() >= MAX_SUBSETS {
            return Err(Exhausted);
        }
        self.moves += 1;
        let mut next = std::mem::take(&mut self.scratch);
        next.clear();
        let mut accepted = false;
        let mut work = 8;
        'threads: for &state in self.subsets.get(subset as usize).into_iter().flatten() {
            for edge in self.automaton.edges(state) {
                work += 1;
                if !self.automaton.labels.contains(edge.label, class) {
                    continue;
                }
                if edge.target == ACCEPT {
                    accepted = true;
                    break 'threads;
                }
                if let Some(reached) = self.reached.get_mut(edge.target as usize)
                    && *reached != self.moves
                {
                    *reached = self.moves;
                    next.push(edge.target);
                    if self.automaton.accepts_always(edge.target) {
                        accepted = true;
                        break 'threads;
                    }
                }
            }
        }
        budget.spend(work)?;
        let to = match self.known.get(&next) {
            Some(&known) => known,
            None => self.intern(next.clone()),
        };
        self.scratch = next;
        let step = Move { to, accepted };
        if let Some(slot) = self.steps.get_mut(slot) {
            *slot = Some(step);
        }
        Ok(step)
    }

    /// Where a text leads.
    pub(super) fn run(
        &mut self,
        from: SubsetId,
        text: &[Class],
        budget: &mut Budget,
    ) -> Result<SubsetId, Exhausted> {
        let mut subset = from;
        for &class in text {
            subset = self.step(subset, class, budget)?.to;
        }
        Ok(subset)
    }

    /// The states of a subset up to the last of `states`: nothing tried after them matters to
    /// them.
    pub(super) fn truncated(&mut self, subset: SubsetId, states: [StateId; 2]) -> SubsetId {
        let all = self.states(subset);
        let last = all.iter().rposition(|state| states.contains(state));
        let kept = last.map_or(0, |last| last + 1);
        let kept: Vec<StateId> = all.iter().take(kept).copied().collect();
        self.intern(kept)
    }

    /// Whether the pattern accepts when the text ends here.
    pub(super) fn accepts_at_end(&self, subset: SubsetId) -> bool {
        self.states(subset).iter().any(|&state| {
            self.automaton
                .edges(state)
                .iter()
                .any(|edge| edge.target == ACCEPT && self.automaton.labels.allows_end(edge.label))
        })
    }
}
