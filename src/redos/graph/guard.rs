//! Look-around that asks for neighbouring code units, a fixed number of them.

use crate::ecma::{Assertion, Direction, Node, NodeKind, Polarity, UnitSet};

/// A condition on the code units before or after a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::redos) struct Neighbours {
    /// On which side.
    pub(in crate::redos) direction: Direction,
    /// The code units allowed there.
    pub(in crate::redos) allowed: UnitSet,
    /// Whether the end of the text on that side is allowed.
    pub(in crate::redos) edge: bool,
    /// The code units required beyond that one, the nearest first.
    pub(in crate::redos) beyond: Vec<UnitSet>,
}

impl Neighbours {
    /// What a look-around asks for, when that is a condition on one neighbour.
    pub(super) fn of(body: &Node, direction: Direction, polarity: Polarity) -> Option<Self> {
        let (allowed, edge) = condition(body, direction)?;
        let (allowed, edge) = match polarity {
            Polarity::Positive => (allowed, edge),
            Polarity::Negative => (allowed.complement(), !edge),
        };
        Some(Self {
            direction,
            allowed,
            edge,
            beyond: Vec::new(),
        })
    }

    /// What a positive look-around for a sequence of code units asks for.
    pub(super) fn sequence(body: &Node, direction: Direction) -> Option<Self> {
        let mut sets = Vec::new();
        collect_sets(body, &mut sets)?;
        if direction == Direction::Behind {
            sets.reverse();
        }
        if sets.is_empty() || sets.len() > LONGEST {
            return None;
        }
        Some(Self {
            direction,
            allowed: sets.remove(0),
            edge: false,
            beyond: sets,
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

/// The longest sequence that is a condition.
const LONGEST: usize = 8;

/// Appends the sets of a sequence of code units; `None` for anything else.
fn collect_sets(node: &Node, sets: &mut Vec<UnitSet>) -> Option<()> {
    match &node.kind {
        NodeKind::Set(set) => sets.push(set.clone()),
        NodeKind::Concat(parts) => {
            for part in parts {
                collect_sets(part, sets)?;
            }
        }
        NodeKind::Group { node, .. } => collect_sets(node, sets)?,
        _ => return None,
    }
    Some(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    fn asked(body: &str, direction: Direction, polarity: Polarity) -> Option<(UnitSet, bool)> {
        let body = Pattern::parse(body).unwrap().root;
        let of = Neighbours::of(&body, direction, polarity)?;
        assert_eq!(of.direction, direction);
        Some((of.allowed, of.edge))
    }

    fn set(text: &str) -> UnitSet {
        match Pattern::parse(text).unwrap().root.kind {
            NodeKind::Set(set) => set,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_neighbour_is_asked_for() {
        use Direction::{Ahead, Behind};
        for (body, direction, expected) in [
            ("a", Ahead, Some((set("a"), false))),
            ("ab*", Ahead, Some((set("a"), false))),
            ("a(?:b|)(?:c*d?)", Ahead, Some((set("a"), false))),
            ("b*a", Behind, Some((set("a"), false))),
            ("a|b", Ahead, Some((set("[ab]"), false))),
            ("(?:a|$)b?", Ahead, Some((set("a"), true))),
            ("$|a", Ahead, Some((set("a"), true))),
            ("^|a", Behind, Some((set("a"), true))),
            ("a+", Ahead, Some((set("a"), false))),
            ("a*", Ahead, Some((UnitSet::full(), true))),
            ("", Behind, Some((UnitSet::full(), true))),
            // More than one, or none on this side.
            ("ab", Ahead, None),
            ("ab", Behind, None),
            ("ab*", Behind, None),
            ("b*a", Ahead, None),
            ("a{2}", Ahead, None),
            ("a|bc", Ahead, None),
            ("^", Ahead, None),
            ("$", Behind, None),
            ("a\\b", Ahead, None),
            ("(?=a)", Ahead, None),
        ] {
            let positive = asked(body, direction, Polarity::Positive);
            assert_eq!(positive, expected, "{body} {direction:?}");
            let opposite = expected.map(|(allowed, edge)| (allowed.complement(), !edge));
            let negative = asked(body, direction, Polarity::Negative);
            assert_eq!(negative, opposite, "{body} {direction:?}");
        }
    }

    #[test]
    fn several_neighbours_are_asked_for() {
        use Direction::{Ahead, Behind};
        for (body, direction, nearest, beyond) in [
            ("abc", Ahead, "a", &["b", "c"][..]),
            ("abc", Behind, "c", &["b", "a"]),
            ("(?:[ab](c))d", Ahead, "[ab]", &["c", "d"]),
            ("abcdefgh", Ahead, "a", &["b", "c", "d", "e", "f", "g", "h"]),
        ] {
            let body = Pattern::parse(body).unwrap().root;
            let asked = Neighbours::sequence(&body, direction).unwrap();
            assert_eq!((asked.direction, asked.edge), (direction, false));
            assert_eq!(asked.allowed, set(nearest));
            let beyond: Vec<UnitSet> = beyond.iter().map(|text| set(text)).collect();
            assert_eq!(asked.beyond, beyond);
        }
        for body in ["", "ab*", "a(?:b|cd)", "ab$", "abcdefghi"] {
            let body = Pattern::parse(body).unwrap().root;
            assert_eq!(Neighbours::sequence(&body, Ahead), None, "{body:?}");
        }
    }

    #[test]
    fn a_text_read_backwards_has_its_neighbours_on_the_other_side() {
        let before = Neighbours {
            direction: Direction::Behind,
            allowed: set("a"),
            edge: true,
            beyond: vec![set("b")],
        };
        let after = before.clone().reversed();
        assert_eq!(after.direction, Direction::Ahead);
        assert_eq!((&after.allowed, after.edge), (&before.allowed, true));
        assert_eq!(after.beyond, before.beyond);
        assert_eq!(after.reversed(), before);
    }
}
