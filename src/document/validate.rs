//! Walks a tree along a JSON Schema and reports every difference in words.

mod describe;
mod shape;

use std::collections::BTreeMap;

use serde_json::Value;

use self::describe::{describe, list};
use self::shape::{Id, Object, Shape, Shapes};
use super::node::{Member, Node, NodeKind};
use super::problems::{Path, Problems, quoted};
use super::suggest::{certain, nearest};
use crate::diagnostic::Span;
use crate::time::Timestamp;

/// Adds a problem for everything in `root` that `schema` does not allow, except where an earlier
/// problem is about the same bytes.
pub(super) fn validate(schema: &Value, root: &Node, problems: &mut Problems) {
    let shapes = Shapes::new(schema);
    let mut validator = Validator {
        shapes: &shapes,
        problems,
    };
    validator.node(shapes.root, root, &Path::Root);
}

struct Validator<'s, 'p> {
    shapes: &'s Shapes,
    problems: &'p mut Problems,
}

impl<'s> Validator<'s, '_> {
    /// Recurses as deep as the document is, which is limited.
    fn node(&mut self, id: Id, node: &Node, path: &Path<'_>) {
        match (self.shapes.get(id), &node.kind) {
            (Shape::Any, _) => {}
            (Shape::Object(object), NodeKind::Object(members)) => {
                self.object(object, node, members, path);
            }
            (&Shape::Array { min_items, items }, NodeKind::Array(elements)) => {
                if elements.len() < min_items {
                    self.add(
                        "too-short",
                        path,
                        node.span,
                        "the list is empty".to_owned(),
                        "give at least one element".to_owned(),
                    );
                }
                for (index, element) in elements.iter().enumerate() {
                    self.node(items, element, &Path::Index(path, index));
                }
            }
            (
                &Shape::String {
                    min_length,
                    is_date,
                },
                NodeKind::String(text),
            ) => self.string(min_length, is_date, text, node.span, path),
            (
                &Shape::Number {
                    minimum, maximum, ..
                },
                &NodeKind::Number(number),
            ) if self.shapes.takes(id, node) => {
                self.number(minimum, maximum, number, node.span, path);
            }
            (Shape::Words(words), NodeKind::String(text)) => {
                self.word(words, text, node.span, path);
            }
            (Shape::Choice(branches), _) => {
                // The branches take different types, so that at most one is about this node.
                match branches.iter().find(|&&id| self.shapes.takes(id, node)) {
                    Some(&branch) => self.node(branch, node, path),
                    None => self.wrong_type(id, node, path),
                }
            }
            _ if self.shapes.takes(id, node) => {}
            _ => self.wrong_type(id, node, path),
        }
    }

    fn object(&mut self, object: &'s Object, node: &Node, members: &[Member], path: &Path<'_>) {
        let mut meant = Vec::new();
        let mut free = None;
        for member in members {
            let here = Path::Key(path, &member.key);
            match (object.properties.get(&member.key), object.others) {
                (Some(&id), _) | (None, Some(id)) => self.node(id, &member.value, &here),
                (None, None) => {
                    let free = free.get_or_insert_with(|| not_given(&object.properties, members));
                    meant.extend(self.unknown_key(object, free, member, &here));
                }
            }
        }
        if members.len() < object.min_properties {
            self.add(
                "empty-object",
                path,
                node.span,
                "the object is empty".to_owned(),
                format!(
                    "give at least one of {}",
                    list(object.properties.keys(), "and")
                ),
            );
        }
        for key in &object.required {
            let given = members.iter().any(|member| member.key == *key);
            // A key that was merely mistyped is one problem, not two.
            if !given && !meant.contains(&key.as_str()) {
                let wanted = object
                    .properties
                    .get(key)
                    .map_or_else(String::new, |&id| describe(self.shapes, id));
                self.problems.add(
                    "missing-key",
                    path,
                    opening(node, members),
                    format!("key `{key}` is missing"),
                    format!("add `{key}`: {wanted}"),
                );
            }
        }
    }

    /// Reports an unknown key and returns the known one that was probably meant.
    fn unknown_key(
        &mut self,
        object: &'s Object,
        free: &[&'s str],
        member: &Member,
        path: &Path<'_>,
    ) -> Option<&'s str> {
        let meant = nearest(&member.key, free.iter().copied());
        let unknown = format!("unknown key {}", quoted(&member.key));
        let (message, help) = match meant {
            Some(meant) => (
                format!("{unknown}, did you mean `{meant}`?"),
                format!("write `{meant}`"),
            ),
            None => (
                unknown,
                format!(
                    "remove it; known keys are {}",
                    list(object.properties.keys(), "and")
                ),
            ),
        };
        let (span, text) = (member.key_span, (message, help));
        let certain = certain(&member.key, free.iter().copied());
        self.problems
            .add_unknown("unknown-key", path, span, text, certain);
        meant
    }

    fn string(
        &mut self,
        min_length: usize,
        is_date: bool,
        text: &str,
        span: Span,
        path: &Path<'_>,
    ) {
        if min_length > 0 && text.chars().take(min_length).count() < min_length {
            self.add(
                "too-short",
                path,
                span,
                "the string is empty".to_owned(),
                "write at least one character".to_owned(),
            );
        }
        if is_date && Timestamp::parse(text.as_bytes()).is_none() {
            self.add(
                "wrong-format",
                path,
                span,
                format!("{} is no RFC 3339 date and time", quoted(text)),
                "write it as in `2026-01-15T10:30:00Z`".to_owned(),
            );
        }
    }

    fn number(
        &mut self,
        minimum: Option<f64>,
        maximum: Option<f64>,
        number: f64,
        span: Span,
        path: &Path<'_>,
    ) {
        let help = match (minimum, maximum) {
            (Some(minimum), _) if number < minimum => format!("give at least {minimum}"),
            (_, Some(maximum)) if number > maximum => format!("give at most {maximum}"),
            _ => return,
        };
        let message = format!("{number} is out of range");
        self.add("out-of-range", path, span, message, help);
    }

    fn word(&mut self, words: &[String], text: &str, span: Span, path: &Path<'_>) {
        if words.iter().any(|word| word == text) {
            return;
        }
        let unknown = format!("unknown value {}", quoted(text));
        let message = match nearest(text, words.iter().map(String::as_str)) {
            Some(meant) => format!("{unknown}, did you mean `{meant}`?"),
            None => unknown,
        };
        let help = format!("write {}", list(words, "or"));
        let certain = certain(text, words.iter().map(String::as_str));
        let text = (message, help);
        self.problems
            .add_unknown("unknown-value", path, span, text, certain);
    }

    fn wrong_type(&mut self, id: Id, node: &Node, path: &Path<'_>) {
        let wanted = describe(self.shapes, id);
        let found = match (self.shapes.get(id), &node.kind) {
            (Shape::Number { .. }, NodeKind::Number(number)) => format!("{number}"),
            _ => node.type_name().to_owned(),
        };
        self.add(
            "wrong-type",
            path,
            node.span,
            format!("expected {wanted}, found {found}"),
            format!("write {wanted}"),
        );
    }

    fn add(
        &mut self,
        code: &'static str,
        path: &Path<'_>,
        span: Span,
        message: String,
        help: String,
    ) {
        if !self.problems.concern(span) {
            self.problems.add(code, path, span, message, help);
        }
    }
}

/// The known keys that an unknown one may stand for.
fn not_given<'s>(known: &'s BTreeMap<String, Id>, members: &[Member]) -> Vec<&'s str> {
    known
        .keys()
        .map(String::as_str)
        .filter(|key| members.iter().all(|member| member.key != **key))
        .collect()
}

/// The opening bracket of an object, or the first key of one that has none.
fn opening(node: &Node, members: &[Member]) -> Span {
    match members.first() {
        Some(first) if first.key_span.start == node.span.start => first.key_span,
        _ => Span::new(
            node.span.start,
            (node.span.start + 1).min(node.span.end.max(node.span.start)),
        ),
    }
}
