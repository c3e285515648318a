//! What a lint says. Owns findings as data; a finding names places by routes and knows no bytes.

use serde_json::Value;

use super::Lint;
use super::fix::{Effect, Fix};
use crate::diagnostic::Span;
use crate::document::Document;
use crate::document::edit::Edit;
use crate::document::locate::Place;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Probably not what the author wants.
    Warning,
    /// The policy does not do what it says, or is open to attack.
    Error,
}

impl Severity {
    /// Every severity, the least first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// The severity as reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing wrong, and with which lint it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The lint, or the kind of problem that keeps a document from being loaded.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub fault: Fault,
    /// Where the reader of the text saw it, for what routes cannot name, such as the second of two
    /// equal keys.
    pub seen: Option<Span>,
}

impl Finding {
    /// What `lint` found.
    pub fn new(lint: &Lint, fault: Fault) -> Self {
        let severity = fault.severity.unwrap_or(lint.severity);
        debug_assert!(severity <= lint.worst, "{}: {}", lint.id, fault.message);
        Self {
            id: lint.id,
            severity,
            fault,
            seen: None,
        }
    }

    /// The bytes to mark in `document`, which has it.
    pub fn span(&self, document: &Document) -> Span {
        self.seen
            .unwrap_or_else(|| document.locate(&self.fault.place))
    }
}

/// One thing wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What is concerned.
    pub place: Place,
    /// What is wrong: lower case, no final period, the document's own words in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What else it has to do with.
    pub related: Vec<Related>,
    /// Proof and further facts, for people and for programs.
    pub details: Vec<Detail>,
    /// How much it matters, if that is not what the lint says.
    pub severity: Option<Severity>,
    /// How it can be mended without asking.
    pub fix: Option<Fix>,
}

/// A place that a finding has to do with.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The index of its document among those of the run; the finding's own if `None`.
    pub document: Option<usize>,
    /// The place.
    pub place: Place,
    /// What it has to do with it, a few words.
    pub message: String,
}

/// A fact about a finding, such as a request that proves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// What it is, snake_case.
    pub name: &'static str,
    /// For programs.
    pub value: Value,
    /// For people, where the value itself does not read well.
    pub text: Option<String>,
}

impl Fault {
    /// A fault at `place`.
    pub fn new(place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            help: None,
            related: Vec::new(),
            details: Vec::new(),
            severity: None,
            fix: None,
        }
    }

    /// That can be mended without asking.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, effect: Effect, edits: Vec<Edit>) -> Self {
        self.fix = Some(Fix {
            title: title.into(),
            edits,
            effect,
        });
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place of the same document.
    #[must_use]
    pub fn related(mut self, place: impl Into<Place>, message: impl Into<String>) -> Self {
        self.related.push(Related {
            document: None,
            place: place.into(),
            message: message.into(),
        });
        self
    }

    /// With a place of another document of the run.
    #[must_use]
    pub fn related_in(
        mut self,
        document: usize,
        place: impl Into<Place>,
        message: impl Into<String>,
    ) -> Self {
        self.related.push(Related {
            document: Some(document),
            place: place.into(),
            message: message.into(),
        });
        self
    }

    /// With a fact that people read as it is.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.push(Detail {
            name,
            value: value.into(),
            text: None,
        });
        self
    }

    /// With a fact that people read as `text`.
    #[must_use]
    pub fn detail_as(
        mut self,
        name: &'static str,
        value: impl Into<Value>,
        text: impl Into<String>,
    ) -> Self {
        self.details.push(Detail {
            name,
            value: value.into(),
            text: Some(text.into()),
        });
        self
    }

    /// That matters more or less than its lint says.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }
}
