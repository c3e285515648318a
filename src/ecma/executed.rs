//! The tree as V8 executes it. Owns the rewritings that V8 applies before it compiles, as far as
//! they change what a search costs; none changes what it finds.

use super::backtrack::Starts;
use super::quick_check::{self, Texts, Tried};
use super::tree::{Direction, Node, NodeKind, Pattern, Polarity};
use super::units::UnitSet;
use crate::diagnostic::Span;

/// What code units the text has, which V8 compiles separately for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// None above U+00FF: parts that need one are cut away beforehand.
    OneByte,
    /// Any.
    TwoByte,
}

pub(super) const LATIN_1: u16 = 0xFF;

impl Pattern {
    /// The pattern as V8 executes it on such a text, with all that it checks beforehand; `None`
    /// when it cannot match there.
    pub fn executed(&self, subject: Subject) -> Option<Node> {
        let tree = self.root.executed(subject)?;
        Some(self.with_checks(tree, Texts::Of(subject)))
    }

    /// The same for texts of any kind, with checks that no text passes unless it passes V8's.
    pub(crate) fn outline(&self) -> Option<Node> {
        let tree = self.root.executed(Subject::TwoByte)?;
        Some(self.with_checks(tree, Texts::OfAnyKind))
    }

    fn with_checks(&self, root: Node, texts: Texts) -> Node {
        if !quick_check::matters(&root) {
            return root;
        }
        let tried = match Starts::of(self) {
            Starts::First => Tried::Once,
            Starts::Every | Starts::Last(_) => Tried::Often,
        };
        quick_check::checked(root, texts, tried)
    }
}

impl Node {
    /// The part as V8 executes it on such a text, `None` when it cannot match there
    /// (`RegExpDisjunction::ToNode`, `RegExpBuilder::AddQuantifierToAtom`,
    /// `RegExpNode::FilterOneByte`).
    pub(super) fn executed(&self, subject: Subject) -> Option<Node> {
        let kind = match &self.kind {
            NodeKind::Set(set) => {
                let lowest = set.first();
                if subject == Subject::OneByte && lowest.is_some_and(|unit| unit > LATIN_1) {
                    return None;
                }
                NodeKind::Set(set.clone())
            }
            NodeKind::Concat(parts) => NodeKind::Concat(
                parts
                    .iter()
                    .map(|part| part.executed(subject))
                    .collect::<Option<_>>()?,
            ),
            NodeKind::Alternation(parts) => {
                let mut parts = optimised(parts);
                parts = parts
                    .iter()
                    .filter_map(|part| part.executed(subject))
                    .collect();
                match parts.pop() {
                    None => return None,
                    Some(only) if parts.is_empty() => return Some(only),
                    Some(last) => parts.push(last),
                }
                NodeKind::Alternation(parts)
            }
            NodeKind::Repeat {
                node,
                min,
                max,
                greediness,
            } => match node.executed(subject) {
                None if *min > 0 => return None,
                None => NodeKind::Empty,
                // What matches the empty text at most is tried once or, if it need not be, never.
                Some(body) if body.max_width() == Some(0) => match min {
                    0 => NodeKind::Empty,
                    _ => return Some(body),
                },
                Some(body) => NodeKind::Repeat {
                    node: Box::new(body),
                    min: *min,
                    max: *max,
                    greediness: *greediness,
                },
            },
            NodeKind::Group { node, capture } => NodeKind::Group {
                node: Box::new(node.executed(subject)?),
                capture: *capture,
            },
            NodeKind::Look {
                node,
                direction,
                polarity,
            } => look(node.executed(subject), *direction, *polarity)?,
            other @ (NodeKind::Empty | NodeKind::Assertion(_) | NodeKind::Backreference(_)) => {
                other.clone()
            }
        };
        Some(Node {
            span: self.span,
            kind,
        })
    }
}

fn look(body: Option<Node>, direction: Direction, polarity: Polarity) -> Option<NodeKind> {
    match (body, polarity) {
        (Some(body), _) => Some(NodeKind::Look {
            node: Box::new(body),
            direction,
            polarity,
        }),
        (None, Polarity::Positive) => None,
        (None, Polarity::Negative) => Some(NodeKind::Empty),
    }
}

/// Three alternatives or more are rearranged where literal texts stand next to each other: those
/// with the same first character come together and share a common prefix, and single characters
/// become one class.
fn optimised(parts: &[Node]) -> Vec<Node> {
    if parts.len() < 3 {
        return parts.to_vec();
    }
    let mut arranged = Vec::with_capacity(parts.len());
    for run in parts.chunk_by(|a, b| literal(a).is_some() == literal(b).is_some()) {
        if run.first().and_then(literal).is_none() {
            arranged.extend_from_slice(run);
            continue;
        }
        let mut run = run.to_vec();
        run.sort_by_key(first_character);
        for same in run.chunk_by(|a, b| first_character(a) == first_character(b)) {
            match same {
                [_, _, _, ..] => arranged.push(with_common_prefix(same)),
                _ => arranged.extend_from_slice(same),
            }
        }
    }
    let mut merged = Vec::with_capacity(arranged.len());
    for run in arranged.chunk_by(|a, b| single(a).is_some() && single(b).is_some()) {
        let sets: Vec<&UnitSet> = run.iter().filter_map(single).collect();
        match sets.as_slice() {
            [_, _, ..] => merged.push(Node {
                span: spanned(run),
                kind: NodeKind::Set(
                    sets.iter()
                        .flat_map(|set| set.ranges().iter().copied())
                        .collect(),
                ),
            }),
            _ => merged.extend_from_slice(run),
        }
    }
    merged
}

/// The sets of a text of literal characters. A class of one character counts as literal, which
/// V8 does not do and which changes nothing but the order.
fn literal(node: &Node) -> Option<Vec<&UnitSet>> {
    let character = |node: &'_ Node| match &node.kind {
        NodeKind::Set(set) => {
            let lowest = set.first()?;
            (set.len() <= 4 && UnitSet::singleton(lowest).fold() == *set).then_some(())
        }
        _ => None,
    };
    let sets = |nodes: &'_ [Node]| nodes.iter().all(|node| character(node).is_some());
    match &node.kind {
        NodeKind::Set(set) => sets(std::slice::from_ref(node)).then(|| vec![set]),
        NodeKind::Concat(parts) if sets(parts) => Some(
            parts
                .iter()
                .filter_map(|part| match &part.kind {
                    NodeKind::Set(set) => Some(set),
                    _ => None,
                })
                .collect(),
        ),
        _ => None,
    }
}

fn single(node: &Node) -> Option<&UnitSet> {
    match (&node.kind, literal(node)) {
        (NodeKind::Set(set), Some(_)) => Some(set),
        _ => None,
    }
}

fn first_character(node: &Node) -> Option<u16> {
    literal(node)?.first()?.iter().last()
}

/// `abc|abd|ab` as `ab(?:c|d|)`.
fn with_common_prefix(parts: &[Node]) -> Node {
    let letters: Vec<&[Node]> = parts.iter().map(characters).collect();
    let first = letters.first().copied().unwrap_or_default();
    let mut shared = first.len();
    for other in &letters {
        let equal = first
            .iter()
            .zip(*other)
            .take_while(|(a, b)| a.kind == b.kind)
            .count();
        shared = shared.min(equal);
    }
    let span = spanned(parts);
    let prefix = first.iter().take(shared).cloned();
    let suffixes = letters
        .iter()
        .zip(parts)
        .map(|(letters, part)| {
            let mut rest: Vec<Node> = letters.iter().skip(shared).cloned().collect();
            match (rest.pop(), rest.is_empty()) {
                (None, _) => Node {
                    span: part.span,
                    kind: NodeKind::Empty,
                },
                (Some(only), true) => only,
                (Some(last), false) => {
                    rest.push(last);
                    Node {
                        span: part.span,
                        kind: NodeKind::Concat(rest),
                    }
                }
            }
        })
        .collect();
    let choice = Node {
        span,
        kind: NodeKind::Alternation(suffixes),
    };
    Node {
        span,
        kind: NodeKind::Concat(prefix.chain([choice]).collect()),
    }
}

fn characters(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Concat(parts) => parts,
        _ => std::slice::from_ref(node),
    }
}

fn spanned(nodes: &[Node]) -> Span {
    let start = nodes.iter().map(|node| node.span.start).min();
    let end = nodes.iter().map(|node| node.span.end).max();
    Span::new(start.unwrap_or(0), end.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn executed(text: &str, subject: Subject) -> Option<NodeKind> {
        let root = Pattern::parse(text).unwrap().root.executed(subject)?;
        Some(strip(&root).kind)
    }

    /// Without spans and groups, to compare shapes.
    fn strip(node: &Node) -> Node {
        let parts = |parts: &[Node]| parts.iter().map(strip).collect();
        let kind = match &node.kind {
            NodeKind::Group { node, .. } => return strip(node),
            NodeKind::Concat(nodes) => NodeKind::Concat(parts(nodes)),
            NodeKind::Alternation(nodes) => NodeKind::Alternation(parts(nodes)),
            NodeKind::Repeat {
                node,
                min,
                max,
                greediness,
            } => NodeKind::Repeat {
                node: Box::new(strip(node)),
                min: *min,
                max: *max,
                greediness: *greediness,
            },
            NodeKind::Look {
                node,
                direction,
                polarity,
            } => NodeKind::Look {
                node: Box::new(strip(node)),
                direction: *direction,
                polarity: *polarity,
            },
            other => other.clone(),
        };
        Node {
            span: Span::default(),
            kind,
        }
    }

    #[test]
    fn alternatives_are_rearranged() {
        for (written, meant) in [
            ("a|a", "a|a"),
            ("a|a|b", "[ab]"),
            ("a|b|ab", "a|ab|b"),
            ("ab|c|ad|A", "a(?:[bd]|)|c"),
            ("abc|abd|abe|x", "ab[cde]|x"),
            ("a|a|a", "a(?:||)"),
            ("a|\\d|b|c", "a|\\d|[bc]"),
            ("(?:a)|b|c", "(?:a)|[bc]"),
        ] {
            let meant = Pattern::parse(meant).unwrap().root;
            assert_eq!(
                executed(written, Subject::TwoByte),
                Some(strip(&meant).kind),
                "{written}"
            );
        }
    }

    #[test]
    fn what_cannot_match_is_cut() {
        for (written, meant) in [
            ("a|Ā", Some("a")),
            ("aĀ", None),
            ("(?:Ā)*a", Some("(?:)a")),
            ("(?:Ā)+a", None),
            ("(?!Ā)a", Some("(?:)a")),
            ("(?=Ā)a", None),
            ("[^a]", Some("[^a]")),
            ("ÿ", Some("ÿ")),
            ("[]", Some("[]")),
        ] {
            let meant = meant.map(|text| strip(&Pattern::parse(text).unwrap().root).kind);
            assert_eq!(executed(written, Subject::OneByte), meant, "{written}");
        }
    }

    #[test]
    fn repetitions_of_nothing_are_dropped() {
        for (written, meant) in [("(?=a)*b", "(?:)b"), ("(?=a){2,}b", "(?=a)b")] {
            let meant = Pattern::parse(meant).unwrap().root;
            assert_eq!(
                executed(written, Subject::TwoByte),
                Some(strip(&meant).kind)
            );
        }
    }
}
