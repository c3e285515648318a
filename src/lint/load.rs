//! Why a document cannot be loaded, as findings like any other.

mod pages;

use super::finding::{Fault, Finding, Severity};
use super::subject::Subject;
use crate::diagnostic::Problem;

pub use pages::PROBLEMS;

/// The ids of such findings.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    PROBLEMS.iter().map(|(id, _)| *id)
}

/// What keeps a document from being loaded, as findings.
pub(super) fn findings(subject: &Subject) -> Vec<Finding> {
    subject.problems.iter().map(finding).collect()
}

fn finding(problem: &Problem) -> Finding {
    let mut fault = Fault::new(problem.route.clone(), problem.message.clone());
    fault.help.clone_from(&problem.help);
    Finding {
        id: problem.code,
        severity: Severity::Error,
        fault,
        seen: Some(problem.span),
    }
}
