//! Sets members of a document's top-level object in its text, and leaves every other byte as it
//! is. Owns where a new line goes and how it looks; does not know what the members mean. Whoever
//! uses a text made here reads it again first.

use super::{Change, splice};
use crate::diagnostic::Span;
use crate::document::{Document, Member, NodeKind};

/// A member to set.
#[derive(Clone, Debug)]
pub struct Set {
    /// Its key, a plain word.
    pub key: &'static str,
    /// Its value as JSON text, which YAML reads alike.
    pub value: String,
    /// Which member a new one follows; the last if there is none of that key.
    pub after: &'static str,
}

/// Where a new member of a YAML block goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Behind the member that it follows.
    Behind,
    /// Before all others, where no value before it can swallow it.
    First,
}

/// The text with the members set. `None` if the document is no object with members.
pub fn set(document: &Document, members: &[Set], placement: Placement) -> Option<String> {
    let text = document.source.text();
    let NodeKind::Object(existing) = &document.root.kind else {
        return None;
    };
    let editor = Editor {
        text,
        existing,
        start: document.root.span.start,
        is_flow: text.get(document.root.span.start..)?.starts_with('{'),
        line_end: match text.split_once('\n') {
            Some((first, _)) if first.ends_with('\r') => "\r\n",
            _ => "\n",
        },
    };
    let mut changes = Vec::new();
    for member in members {
        changes.push(editor.change(member, placement)?);
    }
    splice(text, changes)
}

/// Puts the value of a member of a YAML block on its key's line, where a list before it may have
/// stood below.
pub(super) fn replace_in_block(text: &str, member: &Member, value: &str) -> Option<Change> {
    let span = member.value.span;
    let between = text.get(member.key_span.end..span.start)?;
    let (before, after) = between.split_once(':')?;
    if !after.is_empty() && !after.contains(['\n', '#']) {
        return Some((span, value.to_owned()));
    }
    let colon = member.key_span.end + before.len() + 1;
    let mut kept = after.trim_end();
    if matches!(member.value.kind, NodeKind::Array(_)) && !is_at(text, span.start, ['-', '[']) {
        // A list that is not indented: its first dash stands before its span.
        kept = kept.strip_suffix('-').unwrap_or(kept).trim_end();
    }
    // A comment between key and value stays; what is left of the old value's line goes.
    let comment = if kept.contains('#') { kept } else { "" };
    Some((Span::new(colon, span.end), format!(" {value}{comment}")))
}

fn is_at(text: &str, offset: usize, characters: [char; 2]) -> bool {
    let rest = text.get(offset..);
    rest.is_some_and(|rest| rest.starts_with(characters))
}

struct Editor<'a> {
    text: &'a str,
    existing: &'a [Member],
    start: usize,
    /// In braces, as in JSON.
    is_flow: bool,
    line_end: &'static str,
}

impl Editor<'_> {
    fn change(&self, set: &Set, placement: Placement) -> Option<Change> {
        let found = self.existing.iter().find(|member| member.key == set.key);
        match (found, self.is_flow) {
            (Some(member), true) => Some((member.value.span, set.value.clone())),
            (Some(member), false) => replace_in_block(self.text, member, &set.value),
            (None, true) => self.insert_in_flow(set),
            (None, false) if placement == Placement::First => Some(self.insert_first(set)),
            (None, false) => self.insert_in_block(set),
        }
    }

    /// The member that a new one follows.
    fn predecessor(&self, key: &str) -> Option<&Member> {
        let found = self.existing.iter().find(|member| member.key == key);
        found.or_else(|| self.existing.last())
    }

    /// Spaced as the member before it.
    fn insert_in_flow(&self, set: &Set) -> Option<Change> {
        let before = self.predecessor(set.after)?;
        let key_start = before.key_span.start;
        let head = self.text.get(self.start..key_start)?;
        let blank = head.len() - head.trim_end().len();
        let space = self.text.get(key_start - blank..key_start)?;
        let colon = self
            .text
            .get(before.key_span.end..before.value.span.start)
            .filter(|colon| colon.trim() == ":")
            .unwrap_or(": ");
        let quote = if is_at(self.text, key_start, ['"', '\'']) {
            "\""
        } else {
            ""
        };
        let member = format!("{quote}{}{quote}{colon}{}", set.key, set.value);
        let end = before.value.span.end;
        match self.line_after_comma(end) {
            Some(place) => Some((Span::new(place, place), format!("{space}{member},"))),
            None => Some((Span::new(end, end), format!(",{space}{member}"))),
        }
    }

    /// The end of the line on which a value ends, if nothing follows there but a comma and perhaps a
    /// comment on it.
    fn line_after_comma(&self, end: usize) -> Option<usize> {
        let rest = self.text.get(end..)?;
        let (line, _) = rest.split_once('\n')?;
        let line = line.trim_end_matches('\r');
        let comment = line.trim_start().strip_prefix(',')?.trim_start();
        (comment.is_empty() || comment.starts_with('#')).then_some(end + line.len())
    }

    /// On a line of its own, indented as the others.
    fn insert_in_block(&self, set: &Set) -> Option<Change> {
        let before = self.predecessor(set.after)?;
        let rest = self.text.get(before.value.span.end..)?;
        let line = rest.split('\n').next()?.trim_end_matches('\r');
        let end = before.value.span.end + line.len();
        let (line_end, indent) = (self.line_end, self.indent());
        let (key, value) = (set.key, &set.value);
        Some((
            Span::new(end, end),
            format!("{line_end}{indent}{key}: {value}"),
        ))
    }

    fn insert_first(&self, set: &Set) -> Change {
        let (line_end, indent) = (self.line_end, self.indent());
        let (key, value) = (set.key, &set.value);
        (
            Span::new(self.start, self.start),
            format!("{key}: {value}{line_end}{indent}"),
        )
    }

    /// The spaces before the first member.
    fn indent(&self) -> &str {
        let before = self.text.get(..self.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        if line.bytes().all(|byte| byte == b' ') {
            line
        } else {
            ""
        }
    }
}
