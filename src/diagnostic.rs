//! Problems and findings as data, and where they stand in a text. Owns spans, routes, lines and
//! columns; knows nothing of how anything is printed.

use std::fmt;
use std::sync::Arc;

/// A half-open range of bytes of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}

/// Where in a document something stands, by member names and indices: `rules[3].when.matches_regex`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(String);

impl Route {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The member `key` of the object that `self` names.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let plain = !key.is_empty()
            && key
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'$'));
        Self(match (self.0.is_empty(), plain) {
            (true, true) => key.to_owned(),
            (false, true) => format!("{}.{key}", self.0),
            (_, false) => format!("{}[{key:?}]", self.0),
        })
    }

    /// The element `index`, counted from 0, of the array that `self` names.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// Every element of the array that `self` names.
    #[must_use]
    pub fn any(&self) -> Self {
        Self(format!("{}[*]", self.0))
    }

    /// The object that has what `self` names, if that is its member `key`.
    pub fn holder(&self, key: &str) -> Option<Self> {
        let rest = self.0.strip_suffix(Self::root().key(key).as_str())?;
        Some(Self(rest.strip_suffix('.').unwrap_or(rest).to_owned()))
    }

    /// The route as written, empty for the document itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A named text, shared by everything that points into it.
#[derive(Clone, Debug)]
pub struct SourceText {
    name: Arc<str>,
    text: Arc<str>,
}

/// A place in a text as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in Unicode scalar values, from 1.
    pub column: usize,
}

impl SourceText {
    /// `name` is what messages call the text: a path as the user wrote it, or `<stdin>`.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// What messages call the text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; the end of the text for an offset beyond it.
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = self.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.bytes().filter(|&c| c == b'\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

/// Where the lines of a text begin, for whoever asks for many positions.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// Offsets of the first bytes of all lines but the first.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn new(text: &'t str) -> Self {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
        Self {
            text,
            starts: newlines.map(|newline| newline + 1).collect(),
        }
    }

    /// As [`SourceText::position`].
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset.min(self.text.len()));
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = match line.checked_sub(1) {
            Some(before) => self.starts.get(before).copied().unwrap_or_default(),
            None => 0,
        };
        Position {
            line: line + 1,
            column: self
                .text
                .get(start..offset)
                .unwrap_or_default()
                .chars()
                .count()
                + 1,
        }
    }
}

/// One thing wrong with a document that was to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Stable name of the kind of problem, kebab-case: `unknown-key`.
    pub code: &'static str,
    /// What is wrong: lower case, no final period, the document's own words in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The member concerned.
    pub route: Route,
    /// The bytes to mark.
    pub span: Span,
    /// The one word that can be meant by the key or value concerned, if that is clear.
    pub meant: Option<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_the_same_whoever_counts() {
        let text = "a\né\r\n\n😀b";
        let (source, lines) = (SourceText::new("t", text), Lines::new(text));
        for offset in 0..text.len() + 2 {
            assert_eq!(lines.position(offset), source.position(offset), "{offset}");
        }
        assert_eq!(lines.position(text.len()), Position { line: 4, column: 3 });
    }
}
