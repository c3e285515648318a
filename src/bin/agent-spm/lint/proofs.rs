//! `lint --witness`, `--diff` and `--assertions`: what is proved about bundles, with requests.

use std::io;
use std::path::Path;

use agent_spm::document::Format as DocumentFormat;
use agent_spm::logic::{Logic, Proof, Reachability, diff as compare, prove};
use agent_spm::model::assertions::Assertions;
use agent_spm::model::bundle::load::LoadedBundle;
use agent_spm::report::proofs::{self, Diff, Proofs, Reach};
use agent_spm::report::{View, asserted, compact, github, json, junit, markdown, sarif};
use serde::Serialize;

use super::{Arguments, Format};
use crate::exit::{Answer, Failure};
use crate::load::Loader;
use crate::output;

/// Shows for each rule of the bundles a request that it decides, or why there is none.
pub(super) fn witness(arguments: &Arguments) -> Result<Answer, Failure> {
    let policies = policies(arguments)?;
    let reached: Vec<Vec<Reachability>> = policies
        .iter()
        .map(|policy| {
            let mut logic = Logic::new(&policy.bundle);
            let rules = 0..policy.bundle.rules.len();
            rules.map(|rule| logic.reachable(rule)).collect()
        })
        .collect();
    let all: Vec<Reach<'_>> = policies
        .iter()
        .zip(&reached)
        .map(|(policy, rules)| Reach { policy, rules })
        .collect();
    let is_dead = |found: &Reachability| {
        matches!(found, Reachability::Hidden(_) | Reachability::Impossible(_))
    };
    let is_unknown = |found: &Reachability| matches!(found, Reachability::Unknown(_));
    let rules = || reached.iter().flatten();
    let answer = answer(rules().any(is_dead), rules().any(is_unknown));
    give(
        arguments,
        answer,
        || proofs::reach_view(&all),
        &proofs::reach_report(&all),
        None,
    )
}

/// Shows what two bundles decide differently.
pub(super) fn diff(arguments: &Arguments, old: &str, new: &str) -> Result<Answer, Failure> {
    let loader = Loader::new(&arguments.base, arguments.size.limits());
    let old = loader.policy("old policy", old)?;
    let new = loader.policy("new policy", new)?;
    let comparison = &compare(&old.bundle, &new.bundle);
    let diff = Diff {
        old: &old,
        new: &new,
        comparison,
    };
    let answer = answer(
        !comparison.changes.is_empty(),
        comparison.undecided.is_some(),
    );
    give(arguments, answer, || diff.view(), &diff.report(), None)
}

/// Proves or refutes assertions about the bundles.
pub(super) fn assertions(arguments: &Arguments, path: &Path) -> Result<Answer, Failure> {
    let limits = arguments.size.limits();
    let (name, bytes) = Loader::new(&arguments.base, limits).file("assertions", path)?;
    let format = DocumentFormat::of(&name, &bytes);
    let (assertions, document) = Assertions::load(&bytes, &name, format, limits)?;
    let policies = policies(arguments)?;
    let found: Vec<Vec<Proof>> = policies
        .iter()
        .map(|policy| prove(&policy.bundle, &assertions.assertions))
        .collect();
    let all: Vec<Proofs<'_>> = policies
        .iter()
        .zip(&found)
        .map(|(policy, proofs)| Proofs {
            policy,
            assertions: &assertions.assertions,
            document: &document,
            proofs,
        })
        .collect();
    let proofs = || found.iter().flatten();
    let is_broken = |proof: &Proof| matches!(proof, Proof::Refuted(_) | Proof::Empty);
    let is_unknown = |proof: &Proof| matches!(proof, Proof::Unknown(_));
    let answer = answer(proofs().any(is_broken), proofs().any(is_unknown));
    give(
        arguments,
        answer,
        || proofs::proofs_view(&all),
        &proofs::proofs_report(&all),
        Some(&all),
    )
}

/// The bundles that are named.
fn policies(arguments: &Arguments) -> Result<Vec<LoadedBundle>, Failure> {
    let loader = Loader::new(&arguments.base, arguments.size.limits());
    let files = arguments.files.iter();
    files.map(|file| loader.bundle("policy", file)).collect()
}

/// What is not as it should be is the answer no, whatever else is unknown; nothing unknown is yes.
const fn answer(is_no: bool, is_unknown: bool) -> Answer {
    match (is_no, is_unknown) {
        (true, _) => Answer::No,
        (false, true) => Answer::None,
        (false, false) => Answer::Yes,
    }
}

/// Gives what was proved. Of assertions, those that do not hold can be shown as findings.
fn give(
    arguments: &Arguments,
    answer: Answer,
    view: impl FnOnce() -> View,
    report: &impl Serialize,
    assertions: Option<&[Proofs<'_>]>,
) -> Result<Answer, Failure> {
    let output = arguments.output.as_deref();
    let text = match (arguments.format, assertions) {
        (Format::Human, _) => output::for_people(&view(), output),
        (Format::Json, _) => json::render(report).map_err(io::Error::from)?,
        (Format::Markdown, _) => markdown::of_view(&view()),
        (Format::Compact, Some(all)) => compact::render(&asserted::findings(all)),
        (Format::Sarif, Some(all)) => {
            json::render(&sarif::log(&asserted::findings(all))).map_err(io::Error::from)?
        }
        (Format::Github, Some(all)) => {
            github::render(&github::of_findings(&asserted::findings(all)))
        }
        (Format::Junit, Some(all)) => junit::of_assertions(all),
        (Format::Compact | Format::Sarif | Format::Github | Format::Junit, None) => {
            return Err(Failure::Usage {
                message: "this form shows findings, not proofs".to_owned(),
                help: "take `--format human`, `json` or `markdown`",
            });
        }
    };
    match output::write(&text, output) {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        written => written.map(|()| answer),
    }
}
