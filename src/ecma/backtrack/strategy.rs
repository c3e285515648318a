//! Where V8 starts a search. All of it is decided by the look of the pattern, not its meaning.

use crate::ecma::executed::Subject;
use crate::ecma::tree::{Assertion, Direction, Node, NodeKind, Pattern, Polarity};
use std::ops::RangeInclusive;

/// The positions at which a search tries to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Starts {
    /// The start of the text only.
    First,
    /// All.
    Every,
    /// Those at most that many code units before the end.
    Last(u32),
}

/// From this width on V8 searches forwards even for a pattern that ends in `$`
/// (`kMaxBacksearchLimit`).
const MAX_BACKSEARCH: u32 = 1024;

impl Starts {
    /// Those positions of a text of so many code units.
    pub(crate) fn positions(self, length: u32) -> RangeInclusive<u32> {
        match self {
            Self::First => 0..=0,
            Self::Every => 0..=length,
            Self::Last(width) => length.saturating_sub(width)..=length,
        }
    }

    /// V8's choice (`RegExpImpl::Compile`).
    pub(crate) fn of(pattern: &Pattern) -> Self {
        let executed = pattern.root.executed(Subject::TwoByte);
        let root = executed.as_ref().unwrap_or(&pattern.root);
        if anchored_at_start(root) {
            return Self::First;
        }
        match root.max_width() {
            Some(width) if width < MAX_BACKSEARCH && anchored_at_end(root) => Self::Last(width),
            _ => Self::Every,
        }
    }
}

/// Whether every way through begins, but for parts of no width, with `^`.
fn anchored_at_start(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Assertion(assertion) => *assertion == Assertion::Start,
        NodeKind::Alternation(parts) => parts.iter().all(anchored_at_start),
        NodeKind::Concat(parts) => anchored_part(parts.iter(), anchored_at_start),
        NodeKind::Group { node, .. } => anchored_at_start(node),
        NodeKind::Look {
            node,
            direction,
            polarity,
        } => {
            *direction == Direction::Ahead
                && *polarity == Polarity::Positive
                && anchored_at_start(node)
        }
        NodeKind::Empty
        | NodeKind::Set(_)
        | NodeKind::Repeat { .. }
        | NodeKind::Backreference(_) => false,
    }
}

/// Whether every way through ends, but for parts of no width, with `$`.
fn anchored_at_end(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Assertion(assertion) => *assertion == Assertion::End,
        NodeKind::Alternation(parts) => parts.iter().all(anchored_at_end),
        NodeKind::Concat(parts) => anchored_part(parts.iter().rev(), anchored_at_end),
        NodeKind::Group { node, .. } => anchored_at_end(node),
        NodeKind::Empty
        | NodeKind::Set(_)
        | NodeKind::Repeat { .. }
        | NodeKind::Look { .. }
        | NodeKind::Backreference(_) => false,
    }
}

fn anchored_part<'n>(
    parts: impl Iterator<Item = &'n Node>,
    anchored: impl Fn(&Node) -> bool,
) -> bool {
    for part in parts {
        if anchored(part) {
            return true;
        }
        if part.max_width() != Some(0) {
            return false;
        }
    }
    false
}
