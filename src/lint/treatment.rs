//! What becomes of findings: how much they matter to the project, whether they are accepted for a
//! while, and whether they were there before. Nothing is dropped: what does not count is marked.

use super::baseline::{Absent, Baseline, Before};
use super::finding::{Fault, Finding};
use super::identity::{self, Identity};
use super::rules::{expired_suppression, unused_suppression};
use super::settings::{self, LoadedSettings};
use super::{Options, Subject};
use crate::model::settings::Suppress;
use crate::time::Timestamp;

/// A finding, and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Treated {
    /// The finding, as much as it matters to the project.
    pub finding: Finding,
    /// What it is about.
    pub identity: Identity,
    /// Why it is accepted, if it is.
    pub suppressed: Option<Suppressed>,
    /// What the baseline says of it, if there is one.
    pub before: Option<Before>,
}

/// Why a finding is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// What the project says.
    pub reason: String,
    /// Until when, as it says.
    pub until: String,
}

/// What becomes of all findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Treatment {
    /// The findings of each document.
    pub documents: Vec<Vec<Treated>>,
    /// What is found in the settings themselves.
    pub settings: Vec<Treated>,
    /// What the baseline has and is not there any more.
    pub absent: Vec<Absent>,
}

impl Treated {
    /// Whether it counts: neither accepted nor known.
    pub fn counts(&self) -> bool {
        self.suppressed.is_none() && self.before != Some(Before::Unchanged)
    }
}

/// Applies settings and a baseline to what was found in the documents.
pub fn treat(
    subjects: &[Subject],
    found: Vec<Vec<Finding>>,
    settings: Option<&LoadedSettings>,
    baseline: Option<&Baseline>,
    options: &Options,
) -> Treatment {
    let mut used = vec![false; settings.map_or(0, |settings| settings.lint.suppress.len())];
    let mut treatment = Treatment::default();
    for (subject, found) in subjects.iter().zip(found) {
        let identities = identity::of(&subject.document, &found);
        let treated = found
            .into_iter()
            .zip(identities)
            .map(|(finding, identity)| {
                let suppressed = settings.and_then(|settings| {
                    accepted(
                        settings, subject, &finding, &identity, options.at, &mut used,
                    )
                });
                let mut treated = Treated {
                    finding,
                    identity,
                    suppressed,
                    before: None,
                };
                if let Some(settings) = settings {
                    let own = treated.finding.severity;
                    treated.finding.severity = settings.severity(treated.finding.id, own);
                }
                treated.before = baseline.map(|baseline| baseline.before(&subject.name, &treated));
                treated
            });
        treatment.documents.push(treated.collect());
    }
    if let Some(settings) = settings {
        treatment.settings = judge(settings, subjects, &used, baseline, options);
    }
    if let Some(baseline) = baseline {
        let linted = subjects
            .iter()
            .map(|subject| subject.name.as_str())
            .collect();
        let still = subjects.iter().zip(&treatment.documents);
        let still = still.flat_map(|(subject, treated)| {
            treated
                .iter()
                .map(|treated| (subject.name.as_str(), treated))
        });
        treatment.absent = baseline.absent(&linted, still);
    }
    treatment
}

/// Why a finding is accepted, by the first suppression that says so.
fn accepted(
    settings: &LoadedSettings,
    subject: &Subject,
    finding: &Finding,
    identity: &Identity,
    at: Timestamp,
    used: &mut [bool],
) -> Option<Suppressed> {
    let mut accepted = None;
    for (index, suppress, end) in settings.suppressions() {
        if settings::is_about(suppress, &subject.name)
            && settings::accepts(suppress, finding.id, identity)
        {
            if let Some(used) = used.get_mut(index) {
                *used = true;
            }
            if end >= at && accepted.is_none() {
                accepted = Some(Suppressed {
                    reason: suppress.reason.clone(),
                    until: suppress.until.clone(),
                });
            }
        }
    }
    accepted
}

/// What is wrong with the suppressions.
fn judge(
    settings: &LoadedSettings,
    subjects: &[Subject],
    used: &[bool],
    baseline: Option<&Baseline>,
    options: &Options,
) -> Vec<Treated> {
    let mut findings = Vec::new();
    for ((index, suppress, end), used) in settings.suppressions().zip(used) {
        let route = LoadedSettings::route(index);
        if end < options.at {
            let fault = Fault::new(route.key("until"), expired(suppress))
                .help("mend what it hides, or look at it anew and set another day");
            findings.push(Finding::new(&expired_suppression::LINT, fault));
        } else if !used && concerns(suppress, subjects) {
            let fault = Fault::new(
                route,
                format!(
                    "nothing is found any more of what `{}` is accepted for",
                    suppress.lint
                ),
            );
            let finding = fault.help("remove the entry");
            findings.push(Finding::new(&unused_suppression::LINT, finding));
        }
    }
    let identities = identity::of(&settings.document, &findings);
    let name = settings.document.source.name();
    let treated = findings
        .into_iter()
        .zip(identities)
        .map(|(mut finding, identity)| {
            finding.severity = settings.severity(finding.id, finding.severity);
            let mut treated = Treated {
                finding,
                identity,
                suppressed: None,
                before: None,
            };
            treated.before = baseline.map(|baseline| baseline.before(name, &treated));
            treated
        });
    treated.collect()
}

fn expired(suppress: &Suppress) -> String {
    format!("`{}` was accepted until {}", suppress.lint, suppress.until)
}

/// Whether a suppression could have been used: one of the files was linted.
fn concerns(suppress: &Suppress, subjects: &[Subject]) -> bool {
    let mut subjects = subjects.iter();
    subjects.any(|subject| settings::is_about(suppress, &subject.name))
}
