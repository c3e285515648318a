//! Changes of a document in its text that leave every other byte as it is. Owns what a change is
//! and where it is written; does not know why anyone makes it.
//!
//! A text is never trusted to say what was meant: it is read again and compared with the tree that
//! the changes make of the old one.

mod elements;
pub mod members;
mod tree;

use serde_json::Value;

use super::locate::{Found, find_in};
use super::{Document, Draft, Limits, Node};
use crate::diagnostic::{Route, Span};

/// One change of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// A member gets another key.
    Rename {
        /// The object that has it.
        object: Route,
        /// Its key.
        key: String,
        /// Its new key.
        to: String,
    },
    /// A value becomes another one.
    Replace {
        /// The member or element.
        route: Route,
        /// Its new value.
        value: Value,
    },
    /// An element of a list goes.
    Remove {
        /// The list.
        list: Route,
        /// The element, from 0.
        index: usize,
    },
    /// A copy of an element of a list is put behind it, with other values of some of its members.
    Copy {
        /// The list.
        list: Route,
        /// The element, from 0.
        index: usize,
        /// The members, by their routes in the element, and their values in the copy.
        with: Vec<(Route, Value)>,
    },
}

impl Edit {
    /// What it is about: no other edit of the same text may be about it, or a part of it.
    pub fn route(&self) -> Route {
        match self {
            Self::Rename { object, key, .. } => object.key(key),
            Self::Replace { route, .. } => route.clone(),
            Self::Remove { list, index } | Self::Copy { list, index, .. } => list.index(*index),
        }
    }
}

/// The bytes of a text that another text takes the place of.
pub(super) type Change = (Span, String);

/// The text of a document after all of `edits`, none of which is about what another is about but
/// for copies of what is changed. `None` if the text is laid out so that it cannot be told, or if
/// it would say anything else than meant.
pub fn apply(document: &Document, edits: &[Edit], limits: Limits) -> Option<String> {
    let text = splice(document.source.text(), changes(document, edits)?)?;
    let expected = tree::edited(&document.root, edits)?;
    let (bytes, name) = (text.as_bytes(), document.source.name());
    let read = Draft::parse(bytes, name, document.format, limits).ok()?;
    read.root().says(&expected).then_some(text)
}

fn changes(document: &Document, edits: &[Edit]) -> Option<Vec<Change>> {
    let text = document.source.text();
    let mut changes = Vec::new();
    for edit in edits {
        match edit {
            Edit::Rename { to, .. } => {
                let Found::Member(member) = document.find(&edit.route())? else {
                    return None;
                };
                let old = text.get(member.key_span.start..member.key_span.end)?;
                changes.push((member.key_span, written(&Value::from(to.as_str()), old)));
            }
            Edit::Replace { route, value } => {
                let (holder, found) = find_in(&document.root, route)?;
                changes.push(replace(text, holder, found, value)?);
            }
            Edit::Copy { list, index, with } => {
                let items = document.find(list)?.node().as_array()?;
                let item = items.get(*index)?;
                let inner = with.iter().map(|(route, value)| {
                    let (holder, found) = find_in(item, route)?;
                    replace(text, holder, found, value)
                });
                let inner: Vec<Change> = inner.collect::<Option<_>>()?;
                changes.push(elements::copy(
                    text,
                    document.find(list)?.node(),
                    *index,
                    inner,
                )?);
            }
            Edit::Remove { .. } => {}
        }
    }
    let mut removed: Vec<(&Route, usize)> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Remove { list, index } => Some((list, *index)),
            _ => None,
        })
        .collect();
    removed.sort_unstable();
    for removed in removed.chunk_by(|(one, _), (other, _)| one == other) {
        let (list, _) = removed.first()?;
        let indices: Vec<usize> = removed.iter().map(|&(_, index)| index).collect();
        changes.extend(elements::remove(
            text,
            document.find(list)?.node(),
            &indices,
        )?);
    }
    Some(changes)
}

/// The text with all changes, in the order given where they are at one place. `None` if two of them
/// overlap.
pub(super) fn splice(text: &str, mut changes: Vec<Change>) -> Option<String> {
    changes.sort_by_key(|(span, _)| *span);
    let mut out = String::with_capacity(text.len() + 200);
    let mut done = 0;
    for (span, new) in changes {
        out.push_str(text.get(done..span.start)?);
        out.push_str(&new);
        done = span.end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Another value in place of one. `holder` has it.
fn replace(text: &str, holder: &Node, found: Found<'_>, value: &Value) -> Option<Change> {
    let span = found.node().span;
    let new = written(value, text.get(span.start..span.end)?);
    match found {
        Found::Member(member) if !is_flow(text, holder) => {
            members::replace_in_block(text, member, &new)
        }
        _ => Some((span, new)),
    }
}

/// Whether an object or a list is written in brackets, as in JSON.
fn is_flow(text: &str, node: &Node) -> bool {
    let rest = text.get(node.span.start..);
    rest.is_some_and(|rest| rest.starts_with(['{', '[']))
}

/// Plain words that are no strings in YAML, or were none in YAML 1.1.
const NO_STRINGS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A value as text, quoted as the text was whose place it takes, where it can be.
fn written(value: &Value, old: &str) -> String {
    let json = value.to_string();
    let Some(text) = value.as_str() else {
        return json;
    };
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
    let is_string = !NO_STRINGS
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    let was_plain = old.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if was_plain && is_word && is_string {
        text.to_owned()
    } else if old.starts_with('\'') && text.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'\'')
    {
        format!("'{text}'")
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, parse};
    use serde_json::json;

    fn edited(text: &str, edits: &[Edit]) -> Option<String> {
        let format = Format::of("t", text.as_bytes());
        let document = parse(text.as_bytes(), "t", format, Limits::default()).expect("a document");
        apply(&document, edits, Limits::default())
    }

    fn root() -> Route {
        Route::root()
    }

    #[test]
    fn keys_and_values_keep_their_quotes() {
        for (text, expected) in [
            ("a: b # c\n", "x: z # c\n"),
            ("'a':   'b'\n", "'x':   'z'\n"),
            ("{\"a\":\"b\"}", "{\"x\":\"z\"}"),
            ("# c\n{a: b}\n", "# c\n{x: z}\n"),
            ("a:\n  b\n", "x: z\n"),
            ("a: >-\n  b\n  c\nd: 1\n", "x: \"z\"\nd: 1\n"),
        ] {
            let edits = [
                Edit::Rename {
                    object: root(),
                    key: "a".to_owned(),
                    to: "x".to_owned(),
                },
                Edit::Replace {
                    route: root().key("a"),
                    value: json!("z"),
                },
            ];
            assert_eq!(edited(text, &edits).as_deref(), Some(expected), "{text}");
        }
        let no = [Edit::Replace {
            route: root().key("a"),
            value: json!("no"),
        }];
        assert_eq!(edited("a: b\n", &no).as_deref(), Some("a: \"no\"\n"));
    }

    #[test]
    fn elements_go_with_their_lines_or_commas() {
        let removed = |text: &str, indices: &[usize]| {
            let remove = |&index: &usize| Edit::Remove {
                list: root().key("l"),
                index,
            };
            edited(text, &indices.iter().map(remove).collect::<Vec<_>>())
        };
        for (text, indices, expected) in [
            ("{\"l\": [1, 2, 3]}", &[0][..], "{\"l\": [2, 3]}"),
            ("{\"l\": [1, 2, 3]}", &[2], "{\"l\": [1, 2]}"),
            ("{\"l\": [1, 2, 3]}", &[1, 2], "{\"l\": [1]}"),
            ("{\"l\": [1, 2, 3]}", &[0, 2], "{\"l\": [2]}"),
            ("{\"l\": [1]}", &[0], "{\"l\": []}"),
            ("{\"l\": [\n  1,\n  2\n]}", &[1], "{\"l\": [\n  1\n]}"),
            (
                "l:\n  - 1 # one\n  # two\n  - 2\n",
                &[0],
                "l:\n  # two\n  - 2\n",
            ),
            (
                "l:\n- a: |\n    x\n\n- b: 1\nm: 1\n",
                &[0],
                "l:\n\n- b: 1\nm: 1\n",
            ),
            ("l:\n- a: 1\n- b: 1", &[1], "l:\n- a: 1"),
            ("l:\n-\n  a: 1\n-\n  b: 1\n", &[0], "l:\n-\n  b: 1\n"),
            ("l: [a, b] # c\n", &[0], "l: [b] # c\n"),
        ] {
            assert_eq!(removed(text, indices).as_deref(), Some(expected), "{text}");
        }
        // A list without a bracket cannot be empty.
        assert_eq!(removed("l:\n  - 1\n", &[0]), None);
        // Two dashes on a line.
        let inner = Edit::Remove {
            list: root().key("l").index(0),
            index: 0,
        };
        assert_eq!(edited("l:\n  - - 1\n    - 2\n", &[inner]), None);
    }

    #[test]
    fn copies_look_like_what_they_are_copies_of() {
        let copied = |text: &str| {
            let with = vec![
                (root().key("id"), json!("B")),
                (root().key("m").key("t"), json!("x*")),
            ];
            let copy = Edit::Copy {
                list: root().key("l"),
                index: 0,
                with,
            };
            let remove = Edit::Remove {
                list: root().key("l").index(0).key("m").key("t"),
                index: 1,
            };
            edited(text, &[copy, remove])
        };
        for (text, expected) in [
            (
                "l:\n  - id: A # first\n    m:\n      t:\n        - a\n        - x*\n  - id: C\n",
                "l:\n  - id: A # first\n    m:\n      t:\n        - a\n  - id: B # first\n    m:\n      t: \"x*\"\n  - id: C\n",
            ),
            (
                "l:\n- id: A\n  m: { t: [a, x*] }",
                "l:\n- id: A\n  m: { t: [a] }\n- id: B\n  m: { t: \"x*\" }",
            ),
            (
                "{\"l\": [\n  {\"id\": \"A\", \"m\": {\"t\": [\"a\", \"x*\"]}},\n  1\n]}",
                "{\"l\": [\n  {\"id\": \"A\", \"m\": {\"t\": [\"a\"]}},\n  {\"id\": \"B\", \"m\": {\"t\": \"x*\"}},\n  1\n]}",
            ),
            (
                "{\"l\":[{\"id\":\"A\",\"m\":{\"t\":[\"a\",\"x*\"]}}]}",
                "{\"l\":[{\"id\":\"A\",\"m\":{\"t\":[\"a\"]}},{\"id\":\"B\",\"m\":{\"t\":\"x*\"}}]}",
            ),
            (
                "l:\r\n  - id: A\r\n    m: { t: [a, x*] }\r\n",
                "l:\r\n  - id: A\r\n    m: { t: [a] }\r\n  - id: B\r\n    m: { t: \"x*\" }\r\n",
            ),
        ] {
            assert_eq!(copied(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_a_text_must_not_say_is_not_written() {
        let rename = [Edit::Rename {
            object: root().key("a"),
            key: "b".to_owned(),
            to: "c".to_owned(),
        }];
        assert_eq!(
            edited("a: { b: 1 }\n", &rename).as_deref(),
            Some("a: { c: 1 }\n")
        );
        let missing = [Edit::Replace {
            route: root().key("z"),
            value: json!(1),
        }];
        assert_eq!(edited("a: 1\n", &missing), None);
    }
}
