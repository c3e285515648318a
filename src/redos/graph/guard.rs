//! Look-around that asks for no more than one neighbouring code unit.

use crate::ecma::{Assertion, Direction, Node, NodeKind, Polarity, UnitSet};

/// A condition on the code unit before or after a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::redos) struct Neighbours {
    /// On which side.
    pub(in crate::redos) direction: Direction,
    /// The code units allowed there.
    pub(in crate::redos) allowed: UnitSet,
    /// Whether the end of the text on that side is allowed.
    pub(in crate::redos) edge: bool,
}

impl Neighbours {
    /// What a look-around asks for, when that is a condition on one neighbour.
    pub(super) fn of(body: &Node, direction: Direction, polarity: Polarity) -> Option<Self> {
        let (allowed, edge) = condition(body, direction)?;
        Some(match polarity {
            Polarity::Positive => Self {
                direction,
                allowed,
                edge,
            },
            Polarity::Negative => Self {
                direction,
                allowed: allowed.complement(),
                edge: !edge,
            },
        })
    }

    /// The same condition for a text read the other way round.
    pub(super) fn reversed(self) -> Self {
        Self {
            direction: match self.direction {
                Direction::Ahead => Direction::Behind,
                Direction::Behind => Direction::Ahead,
            },
            ..self
        }
    }
}

/// The neighbours with which `node` matches, whatever stands beyond them.
fn condition(node: &Node, direction: Direction) -> Option<(UnitSet, bool)> {
    if always(node) {
        return Some((UnitSet::full(), true));
    }
    match (&node.kind, direction) {
        (NodeKind::Set(set), _) => Some((set.clone(), false)),
        (NodeKind::Assertion(Assertion::End), Direction::Ahead)
        | (NodeKind::Assertion(Assertion::Start), Direction::Behind) => {
            Some((UnitSet::empty(), true))
        }
        (NodeKind::Group { node, .. } | NodeKind::Repeat { node, min: 1, .. }, _) => {
            condition(node, direction)
        }
        (NodeKind::Concat(parts), Direction::Ahead) => nearest_of(parts.iter(), direction),
        (NodeKind::Concat(parts), Direction::Behind) => nearest_of(parts.iter().rev(), direction),
        (NodeKind::Alternation(parts), _) => {
            let mut any = (UnitSet::empty(), false);
            for part in parts {
                let (allowed, edge) = condition(part, direction)?;
                any = (any.0.union(&allowed), any.1 || edge);
            }
            Some(any)
        }
        _ => None,
    }
}

/// The condition of the nearest part, when all the others match in any case.
fn nearest_of<'n>(
    mut parts: impl Iterator<Item = &'n Node>,
    direction: Direction,
) -> Option<(UnitSet, bool)> {
    let nearest = condition(parts.next()?, direction)?;
    parts.all(always).then_some(nearest)
}

/// Whether it matches the empty text anywhere.
fn always(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Empty => true,
        NodeKind::Repeat { node, min, .. } => *min == 0 || always(node),
        NodeKind::Group { node, .. } => always(node),
        NodeKind::Concat(parts) => parts.iter().all(always),
        NodeKind::Alternation(parts) => parts.iter().any(always),
        NodeKind::Set(_)
        | NodeKind::Look { .. }
        | NodeKind::Assertion(_)
        | NodeKind::Backreference(_) => false,
    }
}
