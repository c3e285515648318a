//! The rules of a bundle, taken together: what the lints of their logic ask about. Owns which rules
//! of a document that does not load can be reasoned about.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::finding::Fault;
use super::subject::BundleSubject;
use crate::diagnostic::Route;
use crate::document::edit::Edit;
use crate::logic::{Logic, Witness};
use crate::model::bundle::{Bundle, Defaults, Rule};
use crate::model::decision::Outcome;

/// The rules of a bundle that can be read, by their number among these.
#[derive(Debug)]
pub struct Reasoning {
    logic: RefCell<Logic>,
    /// The place of each in the document, and the rule.
    rules: Vec<(usize, Rule)>,
    /// How much of the bundle they are.
    pub coverage: Coverage,
}

/// How much of a bundle could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All that decides.
    Whole,
    /// Rules or the default are missing. What hides a rule still does.
    Part,
}

impl Reasoning {
    fn new(subject: &BundleSubject) -> Self {
        let rules: Vec<(usize, Rule)> = subject
            .rules()
            .map(|(index, rule)| (index, rule.clone()))
            .collect();
        let is_whole = subject.default.is_some() && rules.len() == subject.rules.len();
        // Nothing else of a bundle decides anything.
        let bundle = Bundle {
            version: String::new(),
            generated_at: String::new(),
            expires_at: String::new(),
            revision: None,
            rules: rules.iter().map(|(_, rule)| rule.clone()).collect(),
            defaults: Defaults {
                outcome: subject.default.unwrap_or(Outcome::Deny),
            },
            metadata: None,
            signature: None,
        };
        Self {
            logic: RefCell::new(Logic::new(&bundle)),
            rules,
            coverage: if is_whole {
                Coverage::Whole
            } else {
                Coverage::Part
            },
        }
    }

    /// What answers questions.
    pub fn logic(&self) -> RefMut<'_, Logic> {
        self.logic.borrow_mut()
    }

    /// The rules with their numbers.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        self.rules.iter().map(|(_, rule)| rule).enumerate()
    }

    /// A rule.
    pub fn rule(&self, number: usize) -> Option<&Rule> {
        self.rules.get(number).map(|(_, rule)| rule)
    }

    /// Where a rule stands in the document.
    pub fn route(&self, number: usize) -> Route {
        let index = self.rules.get(number).map_or(number, |&(index, _)| index);
        BundleSubject::route(index)
    }

    /// The change that takes a rule out of the document.
    pub fn removal(&self, number: usize) -> Edit {
        Edit::Remove {
            list: Route::root().key("rules"),
            index: self.rules.get(number).map_or(number, |&(index, _)| index),
        }
    }

    /// The id of a rule, in backticks.
    pub fn id(&self, number: usize) -> String {
        let id = self.rule(number).map(|rule| rule.id.as_str());
        format!("`{}`", id.unwrap_or_default())
    }

    /// The ids of rules as a sentence lists them.
    pub fn ids(&self, numbers: &[usize]) -> String {
        let mut ids: Vec<String> = numbers.iter().map(|&number| self.id(number)).collect();
        match (ids.pop(), ids.as_slice()) {
            (None, _) => String::new(),
            (Some(only), []) => only,
            (Some(last), others) => format!("{} and {last}", others.join(", ")),
        }
    }
}

/// The reasoning about each bundle of a run, by the number of its document, begun only when a lint
/// asks.
#[derive(Debug, Default)]
pub(super) struct Reasonings(RefCell<BTreeMap<usize, Rc<Reasoning>>>);

impl Reasonings {
    pub(super) fn about(&self, document: usize, bundle: &BundleSubject) -> Rc<Reasoning> {
        let mut all = self.0.borrow_mut();
        let reasoning = all
            .entry(document)
            .or_insert_with(|| Rc::new(Reasoning::new(bundle)));
        Rc::clone(reasoning)
    }
}

impl Fault {
    /// With a call that proves it.
    #[must_use]
    pub fn witness(self, witness: &Witness) -> Self {
        self.detail_as("witness", witness.value(), witness.line())
    }
}
