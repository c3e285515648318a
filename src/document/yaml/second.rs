//! The second opinion: a parser of the libyaml family must read the same value, or the document is
//! refused. It runs last, on text that is known to be small, shallow and without aliases, which is
//! where that family takes exponential or quadratic time.

use super::super::plain::Plain;
use super::{Node, NodeKind, Path, Problems};
use crate::diagnostic::Span;

const HELP: &str = "write it in plainer YAML: quote the text, or use JSON";

/// Adds a problem where the second parser reads something else than `root`.
pub(super) fn compare(text: &str, root: &Node, problems: &mut Problems) {
    match serde_yaml::from_str::<Plain>(text) {
        Ok(second) => {
            node(root, &second, &Path::Root, problems);
        }
        Err(error) => {
            let start = error
                .location()
                .map_or(0, |location| location.index().min(text.len()));
            let end = text
                .get(start..)
                .and_then(|rest| rest.chars().next())
                .map_or(start, |c| start + c.len_utf8());
            // The place is the span's business; the parser appends it to the message.
            let message = error.to_string();
            let message = message
                .split_once(" at line ")
                .map_or(message.as_str(), |(message, _)| message);
            problems.add(
                "ambiguous-yaml",
                &Path::Root,
                Span::new(start, end),
                format!("another YAML parser refuses this: {message}"),
                HELP.to_owned(),
            );
        }
    }
}

fn node(first: &Node, second: &Plain, path: &Path<'_>, problems: &mut Problems) {
    let same = match (&first.kind, second) {
        (NodeKind::Null, Plain::Null) => true,
        (NodeKind::Bool(first), Plain::Bool(second)) => first == second,
        (NodeKind::Number(first), Plain::Number(second)) => first == second,
        (NodeKind::String(first), Plain::String(second)) => first == second,
        (NodeKind::Array(items), Plain::Array(others)) if items.len() == others.len() => {
            for (index, (item, other)) in items.iter().zip(others).enumerate() {
                node(item, other, &Path::Index(path, index), problems);
            }
            true
        }
        (NodeKind::Object(members), Plain::Object(others)) if members.len() == others.len() => {
            for (member, (key, other)) in members.iter().zip(others) {
                let here = Path::Key(path, &member.key);
                if member.key == *key {
                    node(&member.value, other, &here, problems);
                } else {
                    differs(member.key_span, &here, problems);
                }
            }
            true
        }
        _ => false,
    };
    if !same {
        differs(first.span, path, problems);
    }
}

fn differs(span: Span, path: &Path<'_>, problems: &mut Problems) {
    problems.add(
        "ambiguous-yaml",
        path,
        span,
        "two YAML parsers read this differently",
        HELP.to_owned(),
    );
}
