//! Which groups matter where. Owns finding out what a part of a pattern may set, and what may still
//! be asked for from a step on; knows nothing of texts.

use super::super::{Node, Pricer};

/// The most passes to find out what is asked for; few are needed, as nodes come after those that
/// they lead to.
const PASSES: usize = 32;

/// For each part, the groups that it may set or forget.
pub(super) fn set(pricer: &Pricer) -> Vec<u64> {
    let mut sets = Vec::with_capacity(pricer.parts.len());
    for part in &pricer.parts {
        let mut set = 0_u64;
        let mut seen = vec![false; pricer.nodes.len()];
        let mut stack = vec![part.entry];
        while let Some(id) = stack.pop() {
            match seen.get_mut(id as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match pricer.nodes.get(id as usize).copied() {
                Some(Node::Match | Node::Fail) | None => {}
                Some(Node::Unit { next, .. } | Node::Assert { next, .. } | Node::Tick { next }) => {
                    stack.push(next)
                }
                Some(Node::Split { first, second }) => stack.extend([first, second]),
                Some(Node::Look { part, next, .. }) => {
                    // Parts come before those that they stand in.
                    set |= sets.get(part as usize).copied().unwrap_or(0);
                    stack.push(next);
                }
                Some(Node::Save { bound, next }) => {
                    set |= bit(bound.group);
                    stack.push(next);
                }
                Some(Node::Forget {
                    first,
                    beyond,
                    next,
                }) => {
                    set |= (first..beyond).map(bit).fold(0, |a, b| a | b);
                    stack.push(next);
                }
                Some(Node::Refer {
                    consumed, empty, ..
                }) => stack.extend([consumed, empty]),
            }
        }
        sets.push(set);
    }
    sets
}

/// The bit of a group.
const fn bit(group: u32) -> u64 {
    1 << (group & 63)
}

/// For each node, the groups that a back-reference may ask for from there on.
pub(super) fn asked(pricer: &Pricer, set: &[u64]) -> Vec<u64> {
    let mut asked = vec![0_u64; pricer.nodes.len()];
    // What a look-around has set may be asked for after it.
    let looks = set.split_last().map_or(&[][..], |(_, looks)| looks);
    let after = looks.iter().fold(0, |a, b| a | b);
    for _ in 0..PASSES {
        let mut changed = false;
        for (id, node) in pricer.nodes.iter().enumerate() {
            let of = |node: u32| asked.get(node as usize).copied().unwrap_or(0);
            let bits = match *node {
                Node::Match => after,
                Node::Fail => 0,
                Node::Unit { next, .. }
                | Node::Assert { next, .. }
                | Node::Tick { next }
                | Node::Save { next, .. }
                | Node::Forget { next, .. } => of(next),
                Node::Split { first, second } => of(first) | of(second),
                Node::Look { part, next, .. } => {
                    let entry = pricer.parts.get(part as usize).map(|part| part.entry);
                    of(next) | entry.map_or(0, of)
                }
                Node::Refer {
                    reference,
                    consumed,
                    empty,
                    ..
                } => {
                    let groups = pricer.references.get(reference as usize);
                    let own = groups.into_iter().flatten().map(|&group| bit(group));
                    own.fold(0, |a, b| a | b) | of(consumed) | of(empty)
                }
            };
            if let Some(slot) = asked.get_mut(id)
                && *slot != bits
            {
                *slot = bits;
                changed = true;
            }
        }
        if !changed {
            return asked;
        }
    }
    // Too much remembered is only slower.
    asked.fill(u64::MAX);
    asked
}
