//! Look-behind as searches of their own, read backwards. Owns what stands around the position that
//! one looks from; finds no loops.

use crate::diagnostic::Span;
use crate::ecma::{Direction, Node, NodeKind, Polarity, UnitSet, begins};

/// A part read on its own, and which way.
pub(super) type Read = (Direction, Node);

/// What look-behind with loops looks for, and look-ahead inside it, each once as it is and then in
/// its context.
pub(super) fn looks_behind(root: &Node) -> Vec<Read> {
    let mut found = Vec::new();
    let place = Place {
        before: &[],
        after: &[],
        reading: Direction::Ahead,
    };
    collect(root, place, &mut found);
    found
}

/// What stands around a part, as far as the look-around that it belongs to, and which way that is
/// read.
#[derive(Clone, Copy)]
struct Place<'p, 'n> {
    before: &'p [&'n Node],
    after: &'p [&'n Node],
    reading: Direction,
}

fn collect<'n>(node: &'n Node, at: Place<'_, 'n>, found: &mut Vec<Read>) {
    match &node.kind {
        NodeKind::Look {
            node: body,
            direction: Direction::Behind,
            ..
        } => {
            if body.max_width().is_none() {
                found.push((Direction::Behind, (**body).clone()));
                in_context(node, body, at, found);
            }
            // It ends where what follows it begins.
            let inside = Place {
                before: &[],
                reading: Direction::Behind,
                ..at
            };
            collect(body, inside, found);
        }
        NodeKind::Look { node: body, .. } => {
            if at.reading == Direction::Behind && body.max_width().is_none() {
                // Read backwards, what follows it comes first.
                let first = begins(at.after);
                for many in CONTEXTS_AFTER {
                    let first = first.iter().take(many).cloned().collect();
                    let follows = condition(Direction::Ahead, first, node.span);
                    add(
                        (Direction::Ahead, sequence(&[follows, node.clone()])),
                        found,
                    );
                }
            }
            let inside = Place {
                after: &[],
                reading: Direction::Ahead,
                ..at
            };
            collect(body, inside, found);
        }
        NodeKind::Concat(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if part.any(&is_look_behind) || at.reading == Direction::Behind {
                    let (earlier, rest) = parts.split_at(index);
                    let before: Vec<&Node> = at.before.iter().copied().chain(earlier).collect();
                    let later = rest.iter().skip(1);
                    let after: Vec<&Node> = later.chain(at.after.iter().copied()).collect();
                    let inside = Place {
                        before: &before,
                        after: &after,
                        ..at
                    };
                    collect(part, inside, found);
                }
            }
        }
        _ => {
            for child in node.children() {
                collect(child, at, found);
            }
        }
    }
}

const fn is_look_behind(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Look {
            direction: Direction::Behind,
            ..
        }
    )
}

/// Adds what is not the same as what was added last.
fn add(read: Read, found: &mut Vec<Read>) {
    if found.last() != Some(&read) {
        found.push(read);
    }
}

/// How many code units before a look-behind are made sure of, and how many after it, each tried.
const CONTEXT_BEFORE: usize = 4;
const CONTEXTS_AFTER: [usize; 3] = [0, 1, 4];

/// The look-behind `look` for `body` between what must stand around the position that it looks
/// from.
fn in_context(look: &Node, body: &Node, at: Place<'_, '_>, found: &mut Vec<Read>) {
    let span = look.span;
    // What a negative one looks for, found, bars the way past it.
    let looked = match &look.kind {
        NodeKind::Look {
            polarity: Polarity::Negative,
            ..
        } => look,
        _ => body,
    };
    let mut looked = vec![looked.clone()];
    let assertions = at.before.iter().rev();
    let assertions = assertions.take_while(|part| matches!(part.kind, NodeKind::Assertion(_)));
    looked.extend(assertions.map(|&part| part.clone()));
    let mut last = Vec::new();
    ends(at.before, &mut last);
    last.truncate(CONTEXT_BEFORE);
    if !last.is_empty() {
        last.reverse();
        looked.push(condition(Direction::Behind, last, span));
    }
    let first = begins(at.after);
    for many in CONTEXTS_AFTER {
        let follows = first.iter().take(many).cloned();
        let follows = follows.map(|set| set_at(span, set));
        let whole = sequence(&[looked.clone(), follows.collect()].concat());
        add((Direction::Behind, whole), found);
    }
}

/// Appends what the last code units of every match of `parts` can be, the last first, as far as
/// that is plain; whether there may be more before them.
fn ends(parts: &[&Node], last: &mut Vec<UnitSet>) -> bool {
    parts.iter().rev().all(|part| match &part.kind {
        NodeKind::Empty | NodeKind::Assertion(_) | NodeKind::Look { .. } => true,
        NodeKind::Set(set) => {
            last.push(set.clone());
            true
        }
        NodeKind::Concat(parts) => ends(&parts.iter().collect::<Vec<_>>(), last),
        NodeKind::Group { node, .. } => ends(&[node], last),
        NodeKind::Repeat { node, min, max, .. } => {
            *min > 0 && ends(&[node], last) && *max == Some(1)
        }
        NodeKind::Alternation(_) | NodeKind::Backreference(_) => false,
    })
}

/// The condition that code units of these sets come before, or after.
fn condition(direction: Direction, sets: Vec<UnitSet>, span: Span) -> Node {
    let text = sets.into_iter().map(|set| set_at(span, set));
    let text = NodeKind::Concat(text.collect());
    let kind = NodeKind::Look {
        node: Box::new(Node { span, kind: text }),
        direction,
        polarity: Polarity::Positive,
    };
    Node { span, kind }
}

/// What a look-behind looks for, behind something that is nowhere.
pub(super) fn never_held(node: &Node) -> Node {
    sequence(&[set_at(node.span, UnitSet::empty()), node.clone()])
}

const fn set_at(span: Span, set: UnitSet) -> Node {
    let kind = NodeKind::Set(set);
    Node { span, kind }
}

fn sequence(parts: &[Node]) -> Node {
    let spans = parts.iter().map(|part| part.span);
    Node {
        span: spans
            .reduce(|a, b| Span::new(a.start, b.end))
            .unwrap_or_default(),
        kind: NodeKind::Concat(parts.to_vec()),
    }
}
