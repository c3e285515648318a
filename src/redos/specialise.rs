//! Back-references to one code unit, resolved. Owns writing `(["'])…\1` as `(")…"|(')…'`, which
//! an automaton can tell apart; any other back-reference stays.

use crate::ecma::{Node, NodeKind, UnitSet};

/// The most code units, letters in either case counted once, that a group is resolved for.
const MAX_CHOICES: usize = 4;

/// The most parts that a resolved pattern may have.
const MAX_PARTS: usize = 3_000;

/// The pattern with back-references resolved where a group that stands once takes one of few code
/// units and all that refer to it come after it in the same sequence. It matches the same texts.
pub(super) fn specialised(root: &Node) -> Node {
    let mut references = Vec::new();
    collect(root, &mut references);
    if references.is_empty() {
        return root.clone();
    }
    let mut left = MAX_PARTS.saturating_sub(size(root));
    resolve(root, &references, &mut left)
}

/// The numbers of the groups referred to, as often as they are.
fn collect(node: &Node, references: &mut Vec<u32>) {
    if let NodeKind::Backreference(numbers) = &node.kind {
        references.extend_from_slice(numbers);
    }
    for child in node.children() {
        collect(child, references);
    }
}

fn size(node: &Node) -> usize {
    node.children()
        .iter()
        .map(size)
        .fold(1, usize::saturating_add)
}

fn resolve(node: &Node, references: &[u32], left: &mut usize) -> Node {
    if let NodeKind::Concat(parts) = &node.kind {
        for (at, part) in parts.iter().enumerate() {
            let Some((before, rest)) = parts.split_at_checked(at) else {
                continue;
            };
            if let Some(resolved) = resolved(node, before, part, rest, references, left) {
                return resolve(&resolved, references, left);
            }
        }
    }
    with_children(node, &mut |child| resolve(child, references, left))
}

/// The sequence `before rest`, whose group `part` comes first in `rest`, for each code unit of it.
fn resolved(
    node: &Node,
    before: &[Node],
    part: &Node,
    rest: &[Node],
    references: &[u32],
    left: &mut usize,
) -> Option<Node> {
    let NodeKind::Group {
        node: body,
        capture: Some(number),
    } = &part.kind
    else {
        return None;
    };
    let all = references.iter().filter(|&other| other == number).count();
    let mut here = Vec::new();
    for later in rest {
        collect(later, &mut here);
    }
    let here = here.iter().filter(|&other| other == number).count();
    if all == 0 || here != all {
        return None;
    }
    let choices = choices(&single(body)?)?;
    let more = size(node).checked_mul(choices.len())?;
    *left = left.checked_sub(more)?;
    let alternatives = choices
        .iter()
        .map(|choice| Node {
            span: node.span,
            kind: NodeKind::Concat(
                before
                    .iter()
                    .cloned()
                    .chain(rest.iter().map(|later| substituted(later, *number, choice)))
                    .collect(),
            ),
        })
        .collect();
    Some(Node {
        span: node.span,
        kind: NodeKind::Alternation(alternatives),
    })
}

/// The code units of a part that takes exactly one.
fn single(node: &Node) -> Option<UnitSet> {
    match &node.kind {
        NodeKind::Set(set) => Some(set.clone()),
        NodeKind::Group {
            node,
            capture: None,
        } => single(node),
        NodeKind::Alternation(parts) => {
            let mut sets = parts.iter().map(single);
            let first = sets.next()??;
            sets.try_fold(first, |all, set| Some(all.union(&set?)))
        }
        _ => None,
    }
}

/// Few code units, each with those that are equal to it but for case.
fn choices(set: &UnitSet) -> Option<Vec<UnitSet>> {
    if set.len() > 2 * MAX_CHOICES {
        return None;
    }
    let mut choices: Vec<UnitSet> = Vec::new();
    for unit in set.iter() {
        if !choices.iter().any(|choice| choice.contains(unit)) {
            choices.push(UnitSet::singleton(unit).fold());
        }
    }
    (1..=MAX_CHOICES)
        .contains(&choices.len())
        .then_some(choices)
}

/// The part with a group of that number, and all that refer to it, taking one code unit.
fn substituted(node: &Node, number: u32, choice: &UnitSet) -> Node {
    match &node.kind {
        NodeKind::Backreference(numbers) if numbers.as_slice() == [number] => Node {
            span: node.span,
            kind: NodeKind::Set(choice.clone()),
        },
        NodeKind::Group {
            node: body,
            capture: Some(own),
        } if *own == number => Node {
            span: node.span,
            kind: NodeKind::Group {
                node: Box::new(Node {
                    span: body.span,
                    kind: NodeKind::Set(choice.clone()),
                }),
                // It is no longer referred to, and stands in several places.
                capture: None,
            },
        },
        _ => with_children(node, &mut |child| substituted(child, number, choice)),
    }
}

fn with_children(node: &Node, change: &mut impl FnMut(&Node) -> Node) -> Node {
    let kind = match &node.kind {
        NodeKind::Concat(parts) => NodeKind::Concat(parts.iter().map(&mut *change).collect()),
        NodeKind::Alternation(parts) => {
            NodeKind::Alternation(parts.iter().map(&mut *change).collect())
        }
        NodeKind::Repeat {
            node,
            min,
            max,
            greediness,
        } => NodeKind::Repeat {
            node: Box::new(change(node)),
            min: *min,
            max: *max,
            greediness: *greediness,
        },
        NodeKind::Group { node, capture } => NodeKind::Group {
            node: Box::new(change(node)),
            capture: *capture,
        },
        NodeKind::Look {
            node,
            direction,
            polarity,
        } => NodeKind::Look {
            node: Box::new(change(node)),
            direction: *direction,
            polarity: *polarity,
        },
        other @ (NodeKind::Empty
        | NodeKind::Set(_)
        | NodeKind::Assertion(_)
        | NodeKind::Backreference(_)) => other.clone(),
    };
    Node {
        span: node.span,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    fn references(text: &str) -> usize {
        let root = Pattern::parse(text).unwrap().root;
        let mut left = Vec::new();
        collect(&specialised(&root), &mut left);
        left.len()
    }

    #[test]
    fn quotes_are_told_apart() {
        for text in [
            r#"(["'])(?:(?!\1)[^\\]|\\.)*\1"#,
            r#"(?:x("|')a\1)+(?<n>[ab])\k<n>"#,
            r#"(a)\1"#,
            r#"(["'])(\w)(?:[^\2]|\1)*"#,
            r"((?:a|(?:b)))\1",
        ] {
            assert_eq!(references(text), 0, "{text}");
        }
    }

    #[test]
    fn other_references_stay() {
        for text in [
            r"(a*)\1",
            r"([abcdefgh])\1",
            r"(?:(a)|b)\1",
            r"\1(a)",
            r"(?:(a)b)*\1",
        ] {
            assert_eq!(references(text), 1, "{text}");
        }
    }

    /// Whether some part takes either quote.
    fn is_undecided(node: &Node) -> bool {
        let both = |set: &UnitSet| [b'"', b'\''].iter().all(|&c| set.contains(u16::from(c)));
        matches!(&node.kind, NodeKind::Set(set) if both(set))
            || node.children().iter().any(is_undecided)
    }

    #[test]
    fn the_group_takes_what_is_referred_to() {
        let quoted = Pattern::parse(r#"(["'])x*\1"#).unwrap().root;
        assert!(is_undecided(&quoted));
        assert!(!is_undecided(&specialised(&quoted)));
        let two = Pattern::parse(r#"(["'])x*\1(["'])"#).unwrap().root;
        assert!(is_undecided(&specialised(&two)), "nothing refers to it");
    }

    #[test]
    fn many_groups_are_not_all_resolved() {
        let text: String = (1..=40).map(|group| format!(r"([ab])\{group}")).collect();
        assert!(references(&text) > 0);
        let root = specialised(&Pattern::parse(&text).unwrap().root);
        fn parts(node: &Node) -> usize {
            1 + node.children().iter().map(parts).sum::<usize>()
        }
        assert!(parts(&root) <= MAX_PARTS, "{}", parts(&root));
    }
}
