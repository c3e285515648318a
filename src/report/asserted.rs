//! What was proved about assertions, as findings: for the forms that show those, in continuous
//! integration and code review. A finding stands at the rule that refutes the assertion.

use super::findings::{self, File, Findings, Shown};
use super::proofs::{self, Decision, Proofs};
use crate::diagnostic::Lines;
use crate::document::locate::Place;
use crate::lint::Detail;
use crate::logic::{Counterexample, Proof};
use crate::model::assertions::Assertion;
use crate::model::bundle::load::LoadedBundle;

/// The assertions about each policy that do not hold, or of which it is not known.
pub fn findings(policies: &[Proofs<'_>]) -> Findings {
    Findings {
        files: policies.iter().map(file).collect(),
        ..Findings::default()
    }
}

fn file(about: &Proofs<'_>) -> File {
    let proofs = about.assertions.iter().zip(about.proofs);
    File {
        name: about.policy.document.source.name().to_owned(),
        kind: Some("bundle"),
        source: Some(about.policy.document.source.clone()),
        findings: proofs
            .flat_map(|(assertion, proof)| faults(about.policy, assertion, proof))
            .collect(),
    }
}

/// What is wrong with a policy by an assertion; nothing if that is proved.
pub(super) fn faults(policy: &LoadedBundle, assertion: &Assertion, proof: &Proof) -> Vec<Shown> {
    let id = &assertion.id;
    match proof {
        Proof::Proved => Vec::new(),
        Proof::Refuted(found) => {
            let lines = Lines::new(policy.document.source.text());
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
    policy: &LoadedBundle,
    assertion: &Assertion,
    found: &Counterexample,
    lines: &Lines<'_>,
) -> Shown {
    let decision = Decision::of(policy, found.decided);
    let message = format!(
        "`{}` is refuted: {} decides {}; the claim: {}",
        assertion.id,
        decision.by(),
        decision.outcome,
        assertion.description,
    );
    let route = proofs::route(found.decided);
    let span = policy.document.locate(&Place::value(route.clone()));
    Shown {
        route: route.to_string(),
        range: Some(findings::range(lines, span)),
        details: vec![Detail {
            name: "request",
            value: found.witness.value(),
            text: None,
        }],
        help: Some(format!("this request refutes it: {}", found.witness.line())),
        ..Shown::error("refuted-assertion", message)
    }
}
