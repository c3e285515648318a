//! Collects the problems of one document. Owns their number and order; knows no rule.

use std::collections::BTreeSet;

use crate::diagnostic::{Problem, Route, Span};

/// A hostile document could otherwise have a problem every few bytes, each with a long route.
const MAX_PROBLEMS: usize = 10_000;
const MAX_TEXT_BYTES: usize = 4 << 20;
/// Characters of the document's own text that a message repeats.
const MAX_QUOTED_CHARS: usize = 80;

/// The problems of one document.
#[derive(Clone, Debug)]
pub struct Problems {
    list: Vec<Problem>,
    spans: BTreeSet<Span>,
    text_bytes: usize,
    dropped: usize,
    /// Offsets of the line breaks of the document.
    newlines: Vec<usize>,
}

/// The members and elements on the way to a node, from the root.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The document itself.
    Root,
    /// A member of what the path before it names.
    Key(&'a Path<'a>, &'a str),
    /// An element of what the path before it names, from 0.
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// Whether the last step is the member `key`.
    pub fn ends_with(&self, key: &str) -> bool {
        matches!(self, Self::Key(_, last) if *last == key)
    }

    /// The path as a route. Walks as deep as the document is, which is limited.
    pub fn route(&self) -> Route {
        match self {
            Self::Root => Route::root(),
            Self::Key(parent, key) => parent.route().key(key),
            Self::Index(parent, index) => parent.route().index(*index),
        }
    }
}

impl Problems {
    /// None yet, for a document of that text.
    pub fn new(text: &str) -> Self {
        Self {
            list: Vec::new(),
            spans: BTreeSet::new(),
            text_bytes: 0,
            dropped: 0,
            newlines: memchr::memchr_iter(b'\n', text.as_bytes()).collect(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a problem about the bytes `span`.
    pub fn add(
        &mut self,
        code: &'static str,
        path: &Path<'_>,
        span: Span,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) {
        // The route of a problem that is dropped must cost nothing.
        if self.is_full() {
            self.dropped += 1;
            return;
        }
        self.report(Problem {
            code,
            message: message.into(),
            help: help.into(),
            route: path.route(),
            span,
            meant: None,
        });
    }

    /// Adds a problem about a word that is not known, for which `meant` may be meant, unless an
    /// earlier problem is about the same bytes.
    pub(super) fn add_unknown(
        &mut self,
        code: &'static str,
        path: &Path<'_>,
        span: Span,
        (message, help): (String, String),
        meant: Option<&str>,
    ) {
        if self.concern(span) {
            return;
        }
        if self.is_full() {
            self.dropped += 1;
            return;
        }
        self.report(Problem {
            code,
            message,
            help: Some(help),
            route: path.route(),
            span,
            meant: meant.map(Box::from),
        });
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.newlines.partition_point(|&newline| newline < offset) + 1
    }

    /// Whether a problem about exactly these bytes has been found.
    pub(super) fn concern(&self, span: Span) -> bool {
        self.spans.contains(&span)
    }

    /// All of them in the order of the text.
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.list.sort_by_key(|problem| problem.span);
        if self.dropped > 0 {
            let span = self
                .list
                .last()
                .map_or_else(Span::default, |last| last.span);
            self.list.push(Problem {
                code: "more-problems",
                message: format!("{} more problems are not listed", self.dropped),
                help: Some("mend those above first".to_owned()),
                route: Route::root(),
                span,
                meant: None,
            });
        }
        self.list
    }

    /// Whether further problems are only counted.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= MAX_PROBLEMS || self.text_bytes >= MAX_TEXT_BYTES
    }

    /// Adds a problem whose route is known already.
    pub(super) fn report(&mut self, problem: Problem) {
        if self.is_full() {
            self.dropped += 1;
            return;
        }
        self.text_bytes += problem.message.len()
            + problem.help.as_ref().map_or(0, String::len)
            + problem.route.as_str().len();
        self.spans.insert(problem.span);
        self.list.push(problem);
    }
}

/// The document's own words in backticks, cut where they are too long to be read.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
