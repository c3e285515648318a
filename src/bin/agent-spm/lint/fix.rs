//! `lint --fix`: texts mended in place, or shown as a diff.

use std::path::Path;

use agent_spm::lint::{self, Examined, Fixed, Input, Order};
use agent_spm::report::diff;
use agent_spm::report::escape::terminal;
use agent_spm::report::findings::FixedFile;
use agent_spm::signing::directory::MANIFEST_NAME;
use agent_spm::source::BaseDir;

use super::Arguments;
use super::read::{Read, examine, stands_beside};
use crate::cli::Global;
use crate::exit::{Answer, Failure};
use crate::output;

/// A file that can be fixed.
pub(super) struct Plan {
    /// Its number among the documents.
    document: usize,
    name: String,
    fixed: Fixed,
}

/// What would be fixed in each file.
pub(super) fn plan(
    arguments: &Arguments,
    base: &BaseDir,
    read: &Read,
    order: &Order<'_>,
) -> Vec<Plan> {
    let limits = arguments.size.limits();
    let subjects = read.subjects.iter().enumerate();
    let plans = subjects.filter_map(|(document, subject)| {
        let name = subject.name.as_str();
        let mut fixed = lint::fix(
            Input {
                bytes: subject.document.source.text().as_bytes(),
                name,
                limits,
                beside: stands_beside(limits, Some(base), name),
            },
            order,
        )?;
        fixed.was_signed |= is_in_signed_directory(arguments, base, Path::new(name));
        Some(Plan {
            document,
            name: name.to_owned(),
            fixed,
        })
    });
    plans.collect()
}

/// Whether a directory around a file has a manifest, which lists what the files in it are.
fn is_in_signed_directory(arguments: &Arguments, base: &BaseDir, path: &Path) -> bool {
    let limit = arguments.size.limits().bytes;
    let mut directories = path.ancestors().skip(1);
    directories.any(|directory| base.read(&directory.join(MANIFEST_NAME), limit).is_ok())
}

/// Shows what would be changed.
pub(super) fn show(
    arguments: &Arguments,
    global: &Global,
    read: &Read,
    plans: &[Plan],
) -> Result<Answer, Failure> {
    let diffs = plans.iter().filter_map(|plan| {
        let old = read.subjects.get(plan.document)?.document.source.text();
        Some(diff::unified(&plan.name, old, &plan.fixed.text))
    });
    let text: String = diffs.collect();
    tell(
        global,
        plans,
        "would be fixed",
        "its signature would not hold any more",
    );
    let answer = match (read.is_unanswered, plans.is_empty()) {
        (true, _) => Answer::None,
        (false, true) => Answer::Yes,
        (false, false) => Answer::No,
    };
    match output::write(&text, arguments.output.as_deref()) {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        written => written.map(|()| answer),
    }
}

/// Writes what is changed, and reads it again. What was fixed is found to be so.
pub(super) fn write(
    arguments: &Arguments,
    global: &Global,
    base: &BaseDir,
    read: &mut Read,
    plans: Vec<Plan>,
) -> Result<Vec<FixedFile>, Failure> {
    let limits = arguments.size.limits();
    for plan in &plans {
        let (path, bytes) = (Path::new(&plan.name), plan.fixed.text.as_bytes());
        base.replace(path, bytes)
            .map_err(|error| output::not_written(path, error))?;
        if let Examined::Document(subject) = examine(limits, Some(base), &plan.name, bytes)
            && let Some(place) = read.subjects.get_mut(plan.document)
        {
            *place = *subject;
        }
    }
    tell(
        global,
        &plans,
        "fixed",
        "its signature does not hold any more: sign it anew",
    );
    let fixed = plans.into_iter().map(|plan| FixedFile {
        name: plan.name,
        done: plan.fixed.done,
        was_signed: plan.fixed.was_signed,
    });
    Ok(fixed.collect())
}

fn tell(global: &Global, plans: &[Plan], what: &str, unsigned: &str) {
    if global.quiet {
        return;
    }
    let mut text = String::new();
    for Plan { name, fixed, .. } in plans {
        let name = terminal(name);
        for done in &fixed.done {
            text.push_str(&format!(
                "{what}: `{name}`: {} ({})\n",
                terminal(&done.title),
                done.id
            ));
        }
        if fixed.was_signed {
            text.push_str(&format!("warning: `{name}`: {unsigned}\n"));
        }
    }
    output::say(&text);
}
