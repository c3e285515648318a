//! The loops of an automaton: its strongly connected components. Owns Tarjan's algorithm, without
//! recursion.

use super::automaton::{ACCEPT, Automaton, Edge, INITIAL, StateId};

/// The strongly connected components of an automaton, all of whose states can be reached.
#[derive(Debug)]
pub(super) struct Components {
    /// The component of each state.
    of: Vec<u32>,
    /// The states of each component, ascending. An edge between components leads to one that
    /// comes earlier.
    members: Vec<Vec<StateId>>,
    /// Whether a component has an edge within.
    cyclic: Vec<bool>,
}

/// The component of a state not yet visited.
const NOWHERE: u32 = u32::MAX;

/// Which loops are of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loops {
    /// All.
    All,
    /// Those that a search can leave by failing: without the states in which the pattern accepts
    /// whatever follows, since what comes before them is never tried again.
    Failing,
}

impl Components {
    /// Tarjan's strongly connected components (SIAM J. Comput. 1:2, 1972).
    pub(super) fn of(automaton: &Automaton, loops: Loops) -> Self {
        let count = automaton.states.len();
        let mut search = Search {
            automaton,
            loops,
            index: vec![NOWHERE; count],
            low: vec![NOWHERE; count],
            stack: Vec::new(),
            found: Self {
                of: vec![NOWHERE; count],
                members: Vec::new(),
                cyclic: Vec::new(),
            },
            next: 0,
        };
        for state in INITIAL..count as StateId {
            if get(&search.index, state) == NOWHERE {
                search.visit(state);
            }
        }
        search.found
    }

    /// The number of components.
    pub(super) fn len(&self) -> u32 {
        self.members.len() as u32
    }

    /// The component of a state.
    pub(super) fn component(&self, state: StateId) -> u32 {
        self.of.get(state as usize).copied().unwrap_or(NOWHERE)
    }

    /// The states of a component, ascending.
    pub(super) fn members(&self, component: u32) -> &[StateId] {
        self.members
            .get(component as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a component is a loop.
    pub(super) fn is_cyclic(&self, component: u32) -> bool {
        self.cyclic
            .get(component as usize)
            .copied()
            .unwrap_or(false)
    }
}

struct Search<'a> {
    automaton: &'a Automaton,
    loops: Loops,
    /// The order of discovery, `NOWHERE` before it.
    index: Vec<u32>,
    low: Vec<u32>,
    stack: Vec<StateId>,
    found: Components,
    next: u32,
}

impl Search<'_> {
    fn edges(&self, state: StateId) -> &[Edge] {
        match self.loops {
            Loops::Failing if self.automaton.accepts_always(state) => &[],
            Loops::All | Loops::Failing => self.automaton.edges(state),
        }
    }

    fn visit(&mut self, start: StateId) {
        let mut path: Vec<(StateId, usize)> = vec![(start, 0)];
        self.discover(start);
        while let Some((state, done)) = path.pop() {
            let edges = self.edges(state);
            match edges.get(done).map(|edge| edge.target) {
                Some(target) => {
                    path.push((state, done + 1));
                    if target == ACCEPT {
                        continue;
                    }
                    if get(&self.index, target) == NOWHERE {
                        self.discover(target);
                        path.push((target, 0));
                    } else if self.found.component(target) == NOWHERE {
                        self.lower(state, get(&self.index, target));
                    }
                }
                None => {
                    let low = get(&self.low, state);
                    if low == get(&self.index, state) {
                        self.close(state);
                    }
                    if let Some(&(parent, _)) = path.last() {
                        self.lower(parent, low);
                    }
                }
            }
        }
    }

    fn discover(&mut self, state: StateId) {
        for slots in [&mut self.index, &mut self.low] {
            if let Some(slot) = slots.get_mut(state as usize) {
                *slot = self.next;
            }
        }
        self.next += 1;
        self.stack.push(state);
    }

    fn lower(&mut self, state: StateId, to: u32) {
        if let Some(slot) = self.low.get_mut(state as usize) {
            *slot = (*slot).min(to);
        }
    }

    fn close(&mut self, root: StateId) {
        let component = self.found.len();
        let start = self.stack.iter().rposition(|&state| state == root);
        let mut members = self.stack.split_off(start.unwrap_or(0));
        members.sort_unstable();
        for &state in &members {
            if let Some(slot) = self.found.of.get_mut(state as usize) {
                *slot = component;
            }
        }
        let cyclic = members.len() > 1 || self.edges(root).iter().any(|edge| edge.target == root);
        self.found.members.push(members);
        self.found.cyclic.push(cyclic);
    }
}

fn get(slots: &[u32], state: StateId) -> u32 {
    slots.get(state as usize).copied().unwrap_or(NOWHERE)
}
