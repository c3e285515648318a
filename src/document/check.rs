//! What must hold in a tree of either syntax: one member a key, numbers that every reader has,
//! text that every reader can hold. (RFC 7493)

use std::collections::BTreeMap;

use super::MAX_SAFE_INTEGER;
use super::node::{Member, Node, NodeKind};
use super::problems::{Path, Problems, quoted};
use crate::diagnostic::Span;

/// Adds everything that RFC 7493 forbids in `root`.
pub(super) fn check(root: &Node, problems: &mut Problems) {
    node(root, &Path::Root, problems);
}

/// The first noncharacter of a text: a code point that is never assigned. (Unicode 16, §23.7)
fn noncharacter(text: &str) -> Option<char> {
    if text.is_ascii() {
        return None;
    }
    text.chars().find(|&c| {
        let point = u32::from(c);
        point & 0xFFFE == 0xFFFE || (0xFDD0..=0xFDEF).contains(&point)
    })
}

fn node(node: &Node, path: &Path<'_>, problems: &mut Problems) {
    match &node.kind {
        NodeKind::Number(value) => number(*value, node.span, path, problems),
        NodeKind::String(value) => text(value, node.span, path, problems),
        NodeKind::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                self::node(item, &Path::Index(path, index), problems);
            }
        }
        NodeKind::Object(members) => object(members, path, problems),
        NodeKind::Null | NodeKind::Bool(_) => {}
    }
}

fn object(members: &[Member], path: &Path<'_>, problems: &mut Problems) {
    let mut seen = BTreeMap::new();
    for member in members {
        let here = Path::Key(path, &member.key);
        text(&member.key, member.key_span, &here, problems);
        if let Some(first) = seen.get(member.key.as_str()) {
            problems.add(
                "duplicate-key",
                &here,
                member.key_span,
                format!(
                    "key {} is given twice, first on line {}",
                    quoted(&member.key),
                    problems.line(*first)
                ),
                "remove one of them; readers differ on which one counts".to_owned(),
            );
        } else {
            seen.insert(member.key.as_str(), member.key_span.start);
        }
        node(&member.value, &here, problems);
    }
}

fn number(value: f64, span: Span, path: &Path<'_>, problems: &mut Problems) {
    // Doubles beyond 2^53 are whole however they are spelled, and stand for several integers.
    if !value.is_finite() || value.abs() > MAX_SAFE_INTEGER {
        problems.add(
            "number-range",
            path,
            span,
            "the number is beyond ±9007199254740991, where readers round it differently",
            "write it as a string".to_owned(),
        );
    }
}

fn text(value: &str, span: Span, path: &Path<'_>, problems: &mut Problems) {
    if let Some(c) = noncharacter(value) {
        problems.add(
            "noncharacter",
            path,
            span,
            format!(
                "the text holds U+{:04X}, which is no character",
                u32::from(c)
            ),
            "remove it".to_owned(),
        );
    }
}
