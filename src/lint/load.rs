//! Why a document cannot be loaded, as findings like any other.

mod pages;

use super::finding::{Fault, Finding, Severity};
use super::fix::Effect;
use super::subject::Subject;
use crate::diagnostic::{Problem, Route};
use crate::document::Document;
use crate::document::edit::Edit;
use crate::document::locate::Found;

pub use pages::PROBLEMS;

/// The ids of such findings.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    PROBLEMS.iter().map(|(id, _)| *id)
}

/// What keeps a document from being loaded, as findings.
pub(super) fn findings(subject: &Subject) -> Vec<Finding> {
    let problems = subject.problems.iter();
    problems
        .map(|problem| finding(problem, &subject.document))
        .collect()
}

fn finding(problem: &Problem, document: &Document) -> Finding {
    let mut fault = Fault::new(problem.route.clone(), problem.message.clone());
    fault.help.clone_from(&problem.help);
    if let Some((title, edits)) = mended(problem, document) {
        fault = fault.fix(title, Effect::Mends, edits);
    }
    Finding {
        id: problem.code,
        severity: Severity::Error,
        fault,
        seen: Some(problem.span),
    }
}

/// How a problem is mended, if that is certain.
fn mended(problem: &Problem, document: &Document) -> Option<(String, Vec<Edit>)> {
    match problem.code {
        "unknown-key" => renamed(problem, document),
        "unknown-value" => corrected(problem, document),
        "expires-too-early" => swapped(document),
        _ => None,
    }
}

fn renamed(problem: &Problem, document: &Document) -> Option<(String, Vec<Edit>)> {
    let meant = problem.meant.as_deref()?;
    let Found::Member(member) = document.find(&problem.route)? else {
        return None;
    };
    let edit = Edit::Rename {
        object: problem.route.holder(&member.key)?,
        key: member.key.clone(),
        to: meant.to_owned(),
    };
    // Of a key that is given twice, a route leads to the first.
    let is_it = member.key_span == problem.span;
    is_it.then(|| (format!("write `{meant}` for `{}`", member.key), vec![edit]))
}

fn corrected(problem: &Problem, document: &Document) -> Option<(String, Vec<Edit>)> {
    let meant = problem.meant.as_deref()?;
    let node = document.find(&problem.route)?.node();
    let old = node.as_str()?;
    // A word that is nearly `ALLOW` is not taken for it: a guess must not open anything.
    if node.span != problem.span || (meant == "ALLOW" && !old.eq_ignore_ascii_case(meant)) {
        return None;
    }
    let edit = Edit::Replace {
        route: problem.route.clone(),
        value: meant.into(),
    };
    Some((format!("write `{meant}` for `{old}`"), vec![edit]))
}

/// The two dates of a document in the other order.
fn swapped(document: &Document) -> Option<(String, Vec<Edit>)> {
    const DATES: [&str; 2] = ["generated_at", "expires_at"];
    let [generated, expires] = DATES.map(|key| document.root.get(key)?.as_str());
    let replace = |key, date: &str| Edit::Replace {
        route: Route::root().key(key),
        value: date.into(),
    };
    let [first, second] = DATES;
    let edits = vec![replace(first, expires?), replace(second, generated?)];
    let title = "write the earlier date as `generated_at`, the later as `expires_at`";
    // Dates that are the same are in no order.
    let is_same = crate::time::Timestamp::parse(generated?.as_bytes())
        == crate::time::Timestamp::parse(expires?.as_bytes());
    (!is_same).then(|| (title.to_owned(), edits))
}
