//! Says in words what a node must be.

use super::shape::{Id, Shape, Shapes};

/// `a string or a list of strings`
pub(super) fn describe(shapes: &Shapes, id: Id) -> String {
    let mut parts = Vec::new();
    phrases(shapes, id, Number::One, &mut parts);
    join(&parts, "or")
}

/// Words in backticks: "`a`, `b` and `c`".
pub(super) fn list(words: impl IntoIterator<Item = impl AsRef<str>>, last: &str) -> String {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect();
    join(&words, last)
}

#[derive(Clone, Copy)]
enum Number {
    One,
    Many,
}

fn join(parts: &[String], last: &str) -> String {
    match parts {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

fn phrases(shapes: &Shapes, id: Id, number: Number, parts: &mut Vec<String>) {
    let (one, many) = match shapes.get(id) {
        Shape::Any => ("any value", "any values"),
        Shape::Null => ("`null`", "`null`"),
        Shape::Bool => ("`true` or `false`", "`true` or `false`"),
        Shape::Number { whole: true, .. } => ("a whole number", "whole numbers"),
        Shape::Number { .. } => ("a number", "numbers"),
        Shape::String { is_date: true, .. } => {
            ("an RFC 3339 date and time", "RFC 3339 dates and times")
        }
        Shape::String { .. } => ("a string", "strings"),
        Shape::Object(_) => ("an object", "objects"),
        Shape::Words(words) => return parts.push(list(words, "or")),
        Shape::Array { items, .. } => {
            let mut of = Vec::new();
            phrases(shapes, *items, Number::Many, &mut of);
            let of = join(&of, "or");
            return parts.push(match number {
                Number::One => format!("a list of {of}"),
                Number::Many => format!("lists of {of}"),
            });
        }
        Shape::Choice(branches) => {
            for &branch in branches {
                phrases(shapes, branch, number, parts);
            }
            return;
        }
    };
    parts.push(match number {
        Number::One => one.to_owned(),
        Number::Many => many.to_owned(),
    });
}
