//! What was proved about assertions, as findings: for the forms that show those, in continuous
//! integration and code review. A finding stands at the rule that refutes the assertion.

use super::findings::{self, File, Findings, Shown};
use super::proofs::Proofs;
use crate::diagnostic::{Lines, Route};
use crate::document::locate::Place;
use crate::lint::Detail;
use crate::logic::{Counterexample, Proof};
use crate::model::assertions::Assertion;

/// The assertions about each policy that do not hold, or of which it is not known.
pub fn findings(policies: &[Proofs<'_>]) -> Findings {
    Findings {
        files: policies.iter().map(file).collect(),
        ..Findings::default()
    }
}

fn file(policy: &Proofs<'_>) -> File {
    let proofs = policy.assertions.iter().zip(policy.proofs);
    File {
        name: policy.policy.document.source.name().to_owned(),
        kind: Some("bundle"),
        source: Some(policy.policy.document.source.clone()),
        findings: proofs
            .flat_map(|(assertion, proof)| faults(policy, assertion, proof))
            .collect(),
    }
}

/// What is wrong with a policy by an assertion; nothing if that is proved.
pub(super) fn faults(policy: &Proofs<'_>, assertion: &Assertion, proof: &Proof) -> Vec<Shown> {
    let id = &assertion.id;
    match proof {
        Proof::Proved => Vec::new(),
        Proof::Refuted(found) => {
            let lines = Lines::new(policy.policy.document.source.text());
            let faults = found.iter();
            faults
                .map(|found| refutation(policy, assertion, found, &lines))
                .collect()
        }
        Proof::Empty => vec![Shown::error(
            "empty-assertion",
            format!("`{id}` says nothing: there are no such requests"),
        )],
        Proof::Unknown(why) => vec![Shown::error(
            "unknown-assertion",
            format!("whether `{id}` holds is not known: {why}"),
        )],
    }
}

/// The finding at a rule that refutes the assertion.
fn refutation(
    policy: &Proofs<'_>,
    assertion: &Assertion,
    found: &Counterexample,
    lines: &Lines<'_>,
) -> Shown {
    let decided = found.decided;
    let route = match decided.rule {
        Some(rule) => Route::root().key("rules").index(rule),
        None => Route::root().key("defaults").key("outcome"),
    };
    let by = decided
        .rule
        .and_then(|rule| policy.policy.bundle.rules.get(rule));
    let by = by.map_or("the default".to_owned(), |rule| format!("`{}`", rule.id));
    let message = format!(
        "`{}` is refuted: {by} decides {}; the claim: {}",
        assertion.id,
        decided.outcome.as_str(),
        assertion.description,
    );
    let request = found.witness.line();
    let span = policy.policy.document.locate(&Place::value(route.clone()));
    Shown {
        route: route.to_string(),
        range: Some(findings::range(lines, span)),
        details: vec![Detail {
            name: "request",
            value: serde_json::from_str(&request).unwrap_or_default(),
            text: None,
        }],
        help: Some(format!("this request refutes it: {request}")),
        ..Shown::error("refuted-assertion", message)
    }
}
