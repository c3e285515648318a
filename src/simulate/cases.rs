//! Recorded calls that say what must be decided: the tests of a policy. Owns the verdicts.

use serde::Serialize;

use super::tally::Place;
use super::trace::Trace;
use crate::model::decision::Outcome;
use crate::model::request::{ExpectedPlugin, Request};

/// The most cases that are listed by name; all are counted.
const LISTED: usize = 10_000;

/// The verdicts on all test cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TestCases {
    /// Cases decided as expected.
    pub passed: u64,
    /// Cases decided otherwise, or not at all.
    pub failed: u64,
    /// The cases in recorded order, at most 10,000.
    pub cases: Vec<TestCase>,
}

/// One test case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TestCase {
    /// The call's id; empty if the recording does not say.
    pub request_id: String,
    /// Where it stands.
    pub place: Place,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<CaseFailure>>,
}

/// Why a test case failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CaseFailure {
    /// What must be decided.
    pub expected: Expectation,
    /// What was decided; without an outcome if nothing could be.
    pub got: Got,
    /// The decision, step by step.
    pub trace: Trace,
}

/// What must be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// The outcome.
    pub outcome: Outcome,
    /// The code of the first reason; any if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Who decides: a plugin's name, `null` for the rules; anyone if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plugin: Option<Option<String>>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Got {
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The code of the first reason, or why nothing could be decided.
    pub code: String,
    /// The plugin that decided; `null` for the rules.
    pub plugin: Option<String>,
}

impl Expectation {
    /// What a call that is a test case expects.
    pub(super) fn of(call: &Request) -> Option<Self> {
        let expected = call.expected?;
        let text = |name| String::from_utf8_lossy(call.name(name)).into_owned();
        Some(Self {
            outcome: expected.outcome,
            code: expected.code.map(text),
            plugin: match expected.plugin {
                ExpectedPlugin::Any => None,
                ExpectedPlugin::Rules => Some(None),
                ExpectedPlugin::Named(name) => Some(Some(text(name))),
            },
        })
    }

    /// Whether what was decided is as expected.
    fn is_met_by(&self, got: &Got) -> bool {
        got.outcome == Some(self.outcome)
            && self.code.as_ref().is_none_or(|code| *code == got.code)
            && self
                .plugin
                .as_ref()
                .is_none_or(|plugin| *plugin == got.plugin)
    }
}

impl TestCases {
    /// Judges a case; `trace` is asked for if it failed.
    pub(super) fn judge(
        &mut self,
        request_id: &[u8],
        place: Place,
        expected: &Expectation,
        got: Got,
        trace: impl FnOnce() -> Trace,
    ) {
        let failure = if expected.is_met_by(&got) {
            self.passed += 1;
            None
        } else {
            self.failed += 1;
            Some(Box::new(CaseFailure {
                expected: expected.clone(),
                got,
                trace: trace(),
            }))
        };
        if self.cases.len() < LISTED {
            self.cases.push(TestCase {
                request_id: String::from_utf8_lossy(request_id).into_owned(),
                place,
                failure,
            });
        }
    }
}
