//! The lint `regex-matches-everything`.

use crate::ecma::{Assertion, Node, NodeKind, UnitSet};
use crate::lint::{Context, Fault, PatternSubject};

lint! {
    /// A pattern matches every text.
    ///
    /// Patterns are searched for, anywhere in the text: one that can match the empty text matches all.
    ///
    /// # Why
    ///
    /// The condition holds for every call, so that it is no condition. Often a part was made optional
    /// that was not meant to be.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: TICKETS
    ///     description: with a ticket, deployments are fine
    ///     match: { tool_name: deploy, environment: prod }
    ///     when: { matches_regex: '(?:OPS-\d+)?' }
    ///     outcome: ALLOW
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: TICKETS
    ///     description: with a ticket, deployments are fine
    ///     match: { tool_name: deploy, environment: prod }
    ///     when: { matches_regex: 'OPS-\d+' }
    ///     outcome: ALLOW
    /// ```
    "regex-matches-everything": Warning, Pattern(check)
}

/// What `.` does not match.
fn line_breaks() -> UnitSet {
    UnitSet::dot().complement()
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let Ok(parsed) = &pattern.compiled.parsed else {
        return;
    };
    if pattern.compiled.refusal().is_some() {
        return;
    }
    let message = match reach(&parsed.root) {
        Reach::EveryText => "the pattern matches every text, the empty one too",
        Reach::NearlyEvery => "the pattern matches every text in which there is a character",
        Reach::Some => return,
    };
    let fault = Fault::new(pattern.route.clone(), message);
    faults.push(fault.help("write what must occur, or remove `matches_regex`"));
}

/// Which texts a pattern is found in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// In some, as far as this can tell.
    Some,
    /// In every text that has a character, line breaks aside.
    NearlyEvery,
    /// In every text.
    EveryText,
}

/// Never more than is true: what depends on the text around counts as [`Reach::Some`], but for `^`
/// and `$`, which hold somewhere in every text. Patterns nest less deep than the stack allows.
fn reach(node: &Node) -> Reach {
    match &node.kind {
        NodeKind::Empty => Reach::EveryText,
        NodeKind::Assertion(Assertion::Start | Assertion::End) => Reach::EveryText,
        NodeKind::Group { node, .. } => reach(node),
        NodeKind::Repeat { min: 0, .. } => Reach::EveryText,
        NodeKind::Repeat { node, min: 1, .. } => reach(node),
        NodeKind::Alternation(parts) => parts.iter().map(reach).max().unwrap_or(Reach::Some),
        NodeKind::Concat(parts) => concat(parts),
        NodeKind::Set(set) if set.union(&line_breaks()) == UnitSet::full() => Reach::NearlyEvery,
        _ => Reach::Some,
    }
}

/// Parts one after the other: all of them empty but for at most one, and not both ends of the text
/// at once.
fn concat(parts: &[Node]) -> Reach {
    let has = |end| {
        parts
            .iter()
            .any(|part| part.any(&|node| node.kind == NodeKind::Assertion(end)))
    };
    let (starts, ends) = (has(Assertion::Start), has(Assertion::End));
    if starts && ends {
        return both_ends(parts);
    }
    let mut whole = Reach::EveryText;
    for part in parts {
        whole = match (whole, reach(part)) {
            (Reach::EveryText, reach) => reach,
            (whole, Reach::EveryText) => whole,
            _ => Reach::Some,
        };
    }
    match whole {
        // The first or last character may be one that the set lacks.
        Reach::NearlyEvery if starts || ends => Reach::Some,
        whole => whole,
    }
}

/// `^[^]*$` and its like: between the ends a part that takes any text.
fn both_ends(parts: &[Node]) -> Reach {
    let [first, middle, last] = parts else {
        return Reach::Some;
    };
    let spans = first.kind == NodeKind::Assertion(Assertion::Start)
        && last.kind == NodeKind::Assertion(Assertion::End);
    match &middle.kind {
        NodeKind::Repeat {
            node,
            min,
            max: None,
            ..
        } if spans && node.kind == NodeKind::Set(UnitSet::full()) => match min {
            0 => Reach::EveryText,
            1 => Reach::NearlyEvery,
            _ => Reach::Some,
        },
        _ => Reach::Some,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    #[test]
    fn what_a_pattern_is_found_in() {
        for (text, expected) in [
            ("", Reach::EveryText),
            ("a*", Reach::EveryText),
            ("(?:a|b?)", Reach::EveryText),
            ("^", Reach::EveryText),
            ("^a*", Reach::EveryText),
            ("a*$", Reach::EveryText),
            ("(x)?(y)*", Reach::EveryText),
            ("^[^]*$", Reach::EveryText),
            ("^[^]+$", Reach::NearlyEvery),
            ("^.*$", Reach::Some),
            (".", Reach::NearlyEvery),
            (".+", Reach::NearlyEvery),
            ("[\\s\\S]", Reach::NearlyEvery),
            ("^.", Reach::Some),
            ("^$", Reach::Some),
            ("^a*$", Reach::Some),
            ("..", Reach::Some),
            ("\\b", Reach::Some),
            ("a", Reach::Some),
            ("(?=a)", Reach::Some),
            ("(?:^a|$)?b", Reach::Some),
        ] {
            assert_eq!(
                reach(&Pattern::parse(text).unwrap().root),
                expected,
                "{text}"
            );
        }
    }
}
