//! Exponential ambiguity: two different ways from a state to itself over one word. Owns the exact
//! decision (Weber and Seidl, Theoretical Computer Science 88:2, 1991: EDA; Allauzen, Mohri and
//! Rastogi, CIAA 2008: by the square of the automaton); knows nothing of texts.

use super::automaton::{ACCEPT, Automaton, Edge, StateId};
use super::budget::{Budget, Exhausted};
use super::components::Components;
use super::hash::Map;
use super::labels::Labels;
use std::collections::VecDeque;

/// Whether the loop that is `component` is exponentially ambiguous.
///
/// Inside a strongly connected component it is enough that two different ways of one word lead
/// from some state to some state: the way back is then common to both.
pub(super) fn is_exponential(
    automaton: &Automaton,
    components: &Components,
    component: u32,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let members = components.members(component);
    let inside = |state: StateId| {
        automaton.edges(state).iter().filter(move |edge| {
            edge.target != ACCEPT && components.component(edge.target) == component
        })
    };
    if members
        .iter()
        .any(|&state| inside(state).any(|edge| edge.twice != Labels::NONE))
    {
        return Ok(true);
    }
    let local: Map<StateId, u32> = members.iter().copied().zip(0..).collect();
    let edges: Vec<Vec<(u32, Edge)>> = members
        .iter()
        .map(|&state| {
            inside(state)
                .filter_map(|edge| Some((*local.get(&edge.target)?, *edge)))
                .collect()
        })
        .collect();
    let edges_of = |state: u32| {
        edges
            .get(state as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    };
    let mut pairs = Pairs::new(members.len());
    let mut queue = VecDeque::new();
    // Where two ways part.
    for edges in &edges {
        for (index, (left, a)) in edges.iter().enumerate() {
            budget.spend(edges.len() as u64 + 1)?;
            for (right, b) in edges.iter().skip(index + 1) {
                if automaton.labels.intersect(a.label, b.label) && pairs.insert(*left, *right) {
                    queue.push_back((*left, *right));
                }
            }
        }
    }
    // Whether they meet again.
    while let Some((left, right)) = queue.pop_front() {
        for (next_left, a) in edges_of(left) {
            budget.spend(edges_of(right).len() as u64 + 1)?;
            for (next_right, b) in edges_of(right) {
                if !automaton.labels.intersect(a.label, b.label) {
                    continue;
                }
                if next_left == next_right {
                    return Ok(true);
                }
                if pairs.insert(*next_left, *next_right) {
                    queue.push_back((*next_left, *next_right));
                }
            }
        }
    }
    Ok(false)
}

/// A set of unordered pairs of numbers.
struct Pairs {
    size: usize,
    bits: Vec<u64>,
}

impl Pairs {
    fn new(size: usize) -> Self {
        Self {
            size,
            bits: vec![0; (size * size).div_ceil(64)],
        }
    }

    /// Whether the pair is new.
    fn insert(&mut self, a: u32, b: u32) -> bool {
        let index = a.min(b) as usize * self.size + a.max(b) as usize;
        let Some(word) = self.bits.get_mut(index / 64) else {
            return false;
        };
        let new = *word >> (index % 64) & 1 == 0;
        *word |= 1 << (index % 64);
        new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pairs_have_no_order_and_are_new_once() {
        const SIZE: u32 = 13;
        let mut pairs = Pairs::new(SIZE as usize);
        let mut known = BTreeSet::new();
        // Every pair, in an order that is none.
        for number in 0..SIZE * SIZE {
            let number = number * 45 % (SIZE * SIZE);
            let (a, b) = (number / SIZE, number % SIZE);
            let is_new = known.insert((a.min(b), a.max(b)));
            assert_eq!(pairs.insert(a, b), is_new, "{a} {b}");
            assert!(!pairs.insert(b, a), "{a} {b}");
        }
    }
}
