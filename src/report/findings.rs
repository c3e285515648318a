//! Findings as every format shows them: with their places in texts resolved. Owns what formats
//! need to know; knows no format, and no lint.

use std::collections::BTreeMap;

use crate::diagnostic::{Lines, Position, SourceText, Span};
use crate::document::locate::Place;
use crate::document::{Document, LoadError};
use crate::lint::{
    Absent, Applied, Before, Detail, Effect, Severity, Subject, Suppressed, Treated,
};

/// The findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The files in the order in which they were named, with their findings.
    pub files: Vec<File>,
    /// What was named or found and not linted.
    pub passed_over: Vec<PassedOver>,
    /// What the baseline has and is not found any more.
    pub absent: Vec<Absent>,
    /// What was mended before the findings were looked for.
    pub fixed: Vec<FixedFile>,
}

/// A file that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// The file, as it was named.
    pub name: String,
    /// What was done.
    pub done: Vec<Applied>,
    /// Whether it was signed: then the signature does not hold any more.
    pub was_signed: bool,
}

/// A file that was not linted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file, as it was named.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// A file and what was found in it.
#[derive(Clone, Debug)]
pub struct File {
    /// The file, as it was named.
    pub name: String,
    /// What kind of document it is, if it is one.
    pub kind: Option<&'static str>,
    /// Its text, unless it is too large to be shown.
    pub source: Option<SourceText>,
    /// What was found, in the order of the text.
    pub findings: Vec<Shown>,
}

/// A finding and where it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Which lint found it.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong. Text is as it was read: formats escape it.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The member concerned.
    pub route: String,
    /// Where it is marked; nowhere in a text that is not shown.
    pub range: Option<Range>,
    /// What else it has to do with.
    pub related: Vec<ShownRelated>,
    /// Proof and further facts.
    pub details: Vec<Detail>,
    /// How it can be mended without asking, if it can.
    pub fix: Option<ShownFix>,
    /// What tells the finding from others of its file, whatever line it stands on; none if the
    /// file is no document.
    pub fingerprint: Option<String>,
    /// Why it is accepted, if it is.
    pub suppressed: Option<Suppressed>,
    /// What the baseline says of it, if there is one.
    pub before: Option<Before>,
}

impl Shown {
    /// An error that stands nowhere and has nothing to it but this.
    pub(super) fn error(id: &'static str, message: String) -> Self {
        Self {
            id,
            severity: Severity::Error,
            message,
            help: None,
            route: String::new(),
            range: None,
            related: Vec::new(),
            details: Vec::new(),
            fix: None,
            fingerprint: None,
            suppressed: None,
            before: None,
        }
    }

    /// Whether it counts: neither accepted nor known.
    pub fn counts(&self) -> bool {
        self.suppressed.is_none() && self.before != Some(Before::Unchanged)
    }
}

/// How a finding can be mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownFix {
    /// What is done.
    pub title: String,
    /// What it may do to the policy.
    pub effect: Effect,
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its bytes.
    pub span: Span,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the position after its last character.
    pub end: Position,
}

/// A place that a finding has to do with.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownRelated {
    /// The index of its file among [`Findings::files`]; the finding's own if `None`.
    pub file: Option<usize>,
    /// The member.
    pub route: String,
    /// Where it is.
    pub range: Range,
    /// What it has to do with it.
    pub message: String,
}

impl Findings {
    /// All findings, with their files.
    pub fn all(&self) -> impl Iterator<Item = (&File, &Shown)> {
        let files = self.files.iter();
        files.flat_map(|file| file.findings.iter().map(move |shown| (file, shown)))
    }

    /// How many findings count, of each severity.
    pub fn counts(&self) -> BTreeMap<Severity, u64> {
        let mut counts: BTreeMap<_, _> = Severity::ALL.map(|severity| (severity, 0)).into();
        for (_, shown) in self.all().filter(|(_, shown)| shown.counts()) {
            *counts.entry(shown.severity).or_default() += 1;
        }
        counts
    }
}

/// What was found in documents. `found` has the findings of each.
pub fn of_documents(subjects: &[Subject], found: Vec<Vec<Treated>>) -> Vec<File> {
    let lines: Vec<Lines<'_>> = subjects
        .iter()
        .map(|subject| Lines::new(subject.document.source.text()))
        .collect();
    let locate = |index: usize, place: &Place| {
        let span = subjects.get(index)?.document.locate(place);
        Some(range(lines.get(index)?, span))
    };
    let files = subjects.iter().zip(&lines).zip(found).enumerate();
    files
        .map(|(index, ((subject, lines), found))| {
            let locate = |file: Option<usize>, place: &Place| locate(file.unwrap_or(index), place);
            let found = found.into_iter();
            File {
                name: subject.name.clone(),
                kind: Some(subject.content.kind().as_str()),
                source: Some(subject.document.source.clone()),
                findings: found
                    .map(|treated| shown(treated, &subject.document, lines, &locate))
                    .collect(),
            }
        })
        .collect()
}

/// What was found in the settings.
pub fn of_settings(document: &Document, found: Vec<Treated>) -> File {
    let lines = Lines::new(document.source.text());
    let locate = |_, place: &Place| Some(range(&lines, document.locate(place)));
    File {
        name: document.source.name().to_owned(),
        kind: Some("settings"),
        source: Some(document.source.clone()),
        findings: found
            .into_iter()
            .map(|treated| shown(treated, document, &lines, &locate))
            .collect(),
    }
}

fn shown(
    treated: Treated,
    document: &Document,
    lines: &Lines<'_>,
    locate: &dyn Fn(Option<usize>, &Place) -> Option<Range>,
) -> Shown {
    let finding = treated.finding;
    let range = range(lines, finding.span(document));
    let related = finding.fault.related.into_iter().filter_map(|related| {
        Some(ShownRelated {
            file: related.document,
            route: related.place.route.as_str().to_owned(),
            range: locate(related.document, &related.place)?,
            message: related.message,
        })
    });
    Shown {
        id: finding.id,
        severity: finding.severity,
        route: finding.fault.place.route.as_str().to_owned(),
        range: Some(range),
        message: finding.fault.message,
        help: finding.fault.help,
        related: related.collect(),
        details: finding.fault.details,
        fix: finding.fault.fix.map(|fix| ShownFix {
            title: fix.title,
            effect: fix.effect,
        }),
        fingerprint: Some(treated.identity.fingerprint),
        suppressed: treated.suppressed,
        before: treated.before,
    }
}

/// What is wrong with a text that is no document.
pub fn of_broken(error: LoadError) -> File {
    let lines = error
        .source
        .as_ref()
        .map(|source| Lines::new(source.text()));
    let shown = error.problems.into_iter().map(|problem| Shown {
        help: problem.help,
        route: problem.route.as_str().to_owned(),
        range: lines.as_ref().map(|lines| range(lines, problem.span)),
        ..Shown::error(problem.code, problem.message)
    });
    let findings = shown.collect();
    File {
        name: error.name,
        kind: None,
        source: error.source,
        findings,
    }
}

/// A part of a text, with its positions.
pub(super) fn range(lines: &Lines<'_>, span: Span) -> Range {
    Range {
        span,
        start: lines.position(span.start),
        end: lines.position(span.end),
    }
}
