//! The patterns of all documents, each compiled and analysed once, and only when a lint asks.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::Context;
use super::finding::{Fault, Severity};
use crate::diagnostic::Route;
use crate::document::Node;
use crate::ecma::{Pattern, PatternError};
use crate::matcher::{self, Refusal};
use crate::model::bundle::Rule;
use crate::model::decision::Outcome;
use crate::redos::{self, Analysis, Verdict};

/// A pattern where it stands.
#[derive(Clone, Debug)]
pub struct PatternSubject<'a> {
    /// Where it stands.
    pub route: Route,
    /// The pattern as the document says it.
    pub text: &'a str,
    /// What it is for.
    pub used: Use<'a>,
    /// What is known about it.
    pub compiled: Rc<Compiled>,
}

impl PatternSubject<'_> {
    /// Whether a call gets further when the pattern does not match.
    pub fn fails_open(&self) -> bool {
        match self.used {
            Use::Rule { rule, .. } => rule.outcome != Outcome::Allow,
            Use::Plugin(_) => true,
            Use::Unknown => false,
        }
    }

    /// What to write instead, if that is known and only whether something is found matters; else
    /// `advice`.
    pub(super) fn repair_or(&self, advice: &str) -> String {
        let repair = match self.used {
            Use::Rule { .. } | Use::Unknown => self.compiled.repair(),
            Use::Plugin(_) => None,
        };
        match repair {
            Some(repair) => {
                format!("write `{repair}`, which is proved to be found in the same texts")
            }
            None => advice.to_owned(),
        }
    }

    /// A fault by which the pattern never matches, with what comes of it.
    pub fn with_consequence(&self, fault: Fault) -> Fault {
        let rule = match self.used {
            Use::Rule { rule, .. } => rule,
            Use::Plugin(plugin) => {
                return fault.detail("consequence", format!("`{plugin}` never finds it"));
            }
            Use::Unknown => return fault,
        };
        let id = &rule.id;
        let fault = match rule.outcome {
            Outcome::Allow => fault.severity(Severity::Warning),
            _ => fault,
        };
        let consequence = match rule.outcome {
            Outcome::Allow => format!("rule `{id}` never fires"),
            Outcome::Deny => format!("rule `{id}` never fires, and denies nothing: it fails open"),
            outcome => format!(
                "rule `{id}` never fires, and what should be `{}` goes on to the rules after it",
                outcome.as_str()
            ),
        };
        fault.detail("consequence", consequence)
    }
}

/// What a pattern is for.
#[derive(Clone, Copy, Debug)]
pub enum Use<'a> {
    /// The condition of a rule.
    Rule {
        /// The index of the rule.
        index: usize,
        /// The rule.
        rule: &'a Rule,
    },
    /// What a plugin looks for.
    Plugin(&'static str),
    /// Whoever asks knows.
    Unknown,
}

/// Patterns that stand by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternList {
    /// The patterns in order.
    pub patterns: Vec<String>,
}

impl PatternList {
    /// The strings of a list.
    pub(super) fn new(list: &Node) -> Self {
        let items = list.as_array().unwrap_or_default().iter();
        Self {
            patterns: items.filter_map(Node::as_str).map(str::to_owned).collect(),
        }
    }

    pub(super) fn patterns(&self, context: &Context) -> Vec<PatternSubject<'_>> {
        let numbered = self.patterns.iter().enumerate();
        let subjects = numbered.map(|(index, text)| PatternSubject {
            route: Route::root().index(index),
            text,
            used: Use::Unknown,
            compiled: context.patterns.get(text),
        });
        subjects.collect()
    }
}

/// What is known about a pattern.
#[derive(Debug)]
pub struct Compiled {
    /// The pattern read, or why it is none.
    pub parsed: Result<Pattern, PatternError>,
    refusal: OnceCell<Option<Refusal>>,
    analysis: OnceCell<Option<Analysis>>,
    repair: OnceCell<Option<String>>,
    text: String,
}

impl Compiled {
    fn new(text: &str) -> Self {
        Self {
            parsed: Pattern::parse(text),
            refusal: OnceCell::new(),
            analysis: OnceCell::new(),
            repair: OnceCell::new(),
            text: text.to_owned(),
        }
    }

    /// Why evaluation never uses it, if it does not.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal
            .get_or_init(|| matcher::refusal(&self.text))
            .as_ref()
    }

    /// What it costs to search with it; `None` if it is no pattern.
    pub fn analysis(&self) -> Option<&Analysis> {
        self.analysis
            .get_or_init(|| self.parsed.as_ref().ok().map(redos::analyse))
            .as_ref()
    }

    /// A pattern that is found in the same texts at less cost, if there is a simple one.
    pub fn repair(&self) -> Option<&str> {
        self.repair
            .get_or_init(|| {
                let safe = |analysis: &Analysis| analysis.verdict == Verdict::Safe;
                let good = self.analysis().is_none_or(safe) && self.refusal().is_none();
                if good {
                    None
                } else {
                    redos::repaired(&self.text)
                }
            })
            .as_deref()
    }
}

/// All patterns of a run.
#[derive(Clone, Debug, Default)]
pub struct Patterns(RefCell<BTreeMap<String, Rc<Compiled>>>);

impl Patterns {
    /// What is known about a pattern.
    pub fn get(&self, text: &str) -> Rc<Compiled> {
        let mut patterns = self.0.borrow_mut();
        if let Some(compiled) = patterns.get(text) {
            return Rc::clone(compiled);
        }
        let compiled = Rc::new(Compiled::new(text));
        patterns.insert(text.to_owned(), Rc::clone(&compiled));
        compiled
    }
}
