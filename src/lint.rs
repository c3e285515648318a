//! Everything wrong with a policy, as findings. Owns the lints, each with its manual, what they are
//! told about a document, and the order of what they find; opens no file and prints nothing.
//!
//! A lint is one file in `rules`, one line in `registry` and one folder of fixtures. It speaks in
//! routes; bytes come when findings are shown.

mod baseline;
mod examine;
mod finding;
mod fix;
mod glob;
mod identity;
mod inclusion;
mod load;
mod manual;
mod mcp;
mod pattern_cost;
mod patterns;
mod reasoning;
mod registry;
mod rules;
mod settings;
mod subject;
mod text;
mod treatment;

use std::rc::Rc;
use std::time::Duration;

use self::reasoning::Reasonings;
use crate::signing::keys::KeySet;
use crate::time::Timestamp;

pub use baseline::{Absent, Baseline, Before};
pub use examine::{Examined, Input, PatternFormat, examine, patterns};
pub use finding::{Detail, Fault, Finding, Related, Severity};
pub use fix::{Allowed, Applied, Effect, Fix, Fixed, Order, fix};
pub use identity::Identity;
pub use load::PROBLEMS;
pub use manual::{Example, Manual};
pub use pattern_cost::{attack_value, growth};
pub use patterns::{Compiled, PatternList, PatternSubject, Patterns, Use};
pub use reasoning::{Coverage, Reasoning};
pub use registry::{LINTS, Page, manual, named};
pub use settings::LoadedSettings;
pub use subject::{
    Beside, BundleSubject, Content, Extent, Kind, ManifestSubject, NamedFile, PipelineSubject,
    ProvenanceSubject, RegistrySubject, Subject,
};
pub use treatment::{Suppressed, Treated, Treatment, treat};

/// One check of documents, with its manual.
#[derive(Debug)]
pub struct Lint {
    /// Stable name of the fault, kebab-case, never reused.
    pub id: &'static str,
    /// How much it matters unless the settings or the finding itself say otherwise.
    pub severity: Severity,
    /// How much its findings matter at most, unless the settings say otherwise.
    pub worst: Severity,
    /// What, why, a bad and a good example, as [`Manual::parse`] reads them.
    pub manual: &'static str,
    /// What it looks at.
    pub checks: &'static [Check],
}

/// What a lint looks at.
#[derive(Debug)]
pub enum Check {
    /// Each document, whatever its kind.
    Document(fn(&Subject, &Context, &mut Vec<Fault>)),
    /// Each bundle.
    Bundle(fn(&BundleSubject, &Context, &mut Vec<Fault>)),
    /// Each pipeline file.
    Pipeline(fn(&PipelineSubject, &Context, &mut Vec<Fault>)),
    /// Each registry of agents and tools, in a file of its own or in a pipeline.
    Registry(fn(&RegistrySubject, &Context, &mut Vec<Fault>)),
    /// Each manifest of an MCP server.
    Manifest(fn(&ManifestSubject, &Context, &mut Vec<Fault>)),
    /// The rules of each bundle, taken together.
    Rules(fn(&Reasoning, &Context, &mut Vec<Fault>)),
    /// Each pattern of any document.
    Pattern(fn(&PatternSubject<'_>, &Context, &mut Vec<Fault>)),
    /// All documents together.
    Together(fn(&[Subject], &Context, &mut Vec<FaultIn>)),
}

/// A fault, and the index of the document that has it.
pub type FaultIn = (usize, Fault);

/// What a run is told beside its documents.
#[derive(Clone, Debug)]
pub struct Options {
    /// The present.
    pub at: Timestamp,
    /// How long before its end a document is reported.
    pub expiry_warning: Duration,
    /// What is made of what an analysis could not find out.
    pub undecided: Undecided,
    /// The keys that signatures are tried with, if there are any.
    pub keys: Option<Rc<KeySet>>,
}

/// What is made of what an analysis could not find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// A note.
    Noted,
    /// An error.
    Refused,
}

/// What every lint is told, and what they share.
#[derive(Debug)]
pub struct Context {
    /// The options of the run.
    pub options: Options,
    /// Patterns, each compiled and analysed once a run.
    pub patterns: Patterns,
    reasonings: Reasonings,
}

/// What all lints find in the documents: for each document its findings, in the order of its text.
pub fn run(subjects: &[Subject], options: &Options) -> Vec<Vec<Finding>> {
    run_with(subjects, options, Patterns::default())
}

/// As [`run`], with what is known about patterns already.
pub fn run_with(subjects: &[Subject], options: &Options, patterns: Patterns) -> Vec<Vec<Finding>> {
    run_those(subjects, options, patterns, |_| true)
}

/// As [`run`], without the lints of which no finding is an error by the settings. Findings of the
/// others that are none are among what is returned.
pub fn run_for_errors(
    subjects: &[Subject],
    options: &Options,
    settings: Option<&LoadedSettings>,
) -> Vec<Vec<Finding>> {
    let worst = |lint: &Lint| match settings {
        Some(settings) => settings.severity(lint.id, lint.worst),
        None => lint.worst,
    };
    run_those(subjects, options, Patterns::default(), |lint| {
        worst(lint) == Severity::Error
    })
}

fn run_those(
    subjects: &[Subject],
    options: &Options,
    patterns: Patterns,
    is_wanted: impl Fn(&Lint) -> bool,
) -> Vec<Vec<Finding>> {
    let context = Context {
        options: options.clone(),
        patterns,
        reasonings: Reasonings::default(),
    };
    let mut findings: Vec<Vec<Finding>> = subjects.iter().map(load::findings).collect();
    for lint in LINTS.iter().filter(|lint| is_wanted(lint)) {
        for check in lint.checks {
            for (index, fault) in faults(check, subjects, &context) {
                if let Some(findings) = findings.get_mut(index) {
                    findings.push(Finding::new(lint, fault));
                }
            }
        }
    }
    for (subject, findings) in subjects.iter().zip(&mut findings) {
        findings.sort_by_cached_key(|finding| {
            let span = finding.span(&subject.document);
            (span, finding.id, finding.fault.message.clone())
        });
    }
    findings
}

fn faults(check: &Check, subjects: &[Subject], context: &Context) -> Vec<FaultIn> {
    let mut all = Vec::new();
    if let Check::Together(check) = check {
        check(subjects, context, &mut all);
        return all;
    }
    for (index, subject) in subjects.iter().enumerate() {
        let mut faults = Vec::new();
        match (check, &subject.content) {
            (Check::Document(check), _) => check(subject, context, &mut faults),
            (Check::Bundle(check), Content::Bundle(bundle)) => check(bundle, context, &mut faults),
            (Check::Rules(check), Content::Bundle(bundle)) => {
                let reasoning = context.reasonings.about(index, bundle);
                check(&reasoning, context, &mut faults);
            }
            (Check::Pipeline(check), Content::Pipeline(pipeline)) => {
                check(pipeline, context, &mut faults);
            }
            (Check::Registry(check), content) => {
                if let Some(registry) = content.registry() {
                    check(registry, context, &mut faults);
                }
            }
            (Check::Manifest(check), Content::Manifest(manifest)) => {
                check(manifest, context, &mut faults);
            }
            (Check::Pattern(check), content) => {
                for pattern in content.patterns(context) {
                    check(&pattern, context, &mut faults);
                }
            }
            _ => {}
        }
        all.extend(faults.into_iter().map(|fault| (index, fault)));
    }
    all
}

/// The manifests among the documents of a run, with their indices.
fn manifests(subjects: &[Subject]) -> impl Iterator<Item = (usize, &ManifestSubject)> {
    let subjects = subjects.iter().enumerate();
    subjects.filter_map(|(index, subject)| match &subject.content {
        Content::Manifest(manifest) => Some((index, manifest.as_ref())),
        _ => None,
    })
}
