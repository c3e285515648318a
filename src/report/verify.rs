//! What `verify` answers: which files are verified, which are not and why, and what to do.

use serde::Serialize;

use super::github::{Annotation, Level};
use super::json::{TOOL, Tool};
use super::{Column, Section, View};
use crate::diagnostic::Position;
use crate::signing::verify::{Covering, Evidence, Note, Refusal, Refused};

/// The answer about one file or directory.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its name, as it was given.
    pub file: String,
    /// The answer.
    pub verdict: Verdict,
}

/// The answer about one file or directory.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Yes.
    Verified(Evidence),
    /// No.
    Refused(Box<Refused>),
    /// None.
    Unanswered(Unanswered),
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Stable name of the reason.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where in the file.
    pub position: Option<Position>,
}

/// The result for people.
pub fn view(results: &[Checked]) -> View {
    let mut sections = vec![verified(results), refused(results), unanswered(results)];
    sections.extend(results.iter().filter_map(shallow));
    sections.push(notes(results));
    View { sections }
}

fn verified(results: &[Checked]) -> Section {
    let rows = results.iter().filter_map(|result| match &result.verdict {
        Verdict::Verified(evidence) => Some(vec![
            result.file.clone(),
            evidence.keyids.join(", "),
            covers(evidence.covering).to_owned(),
            revision(evidence),
            evidence.expires_at.clone().unwrap_or_default(),
            evidence.digest.clone(),
        ]),
        _ => None,
    });
    Section {
        title: "Verified".to_owned(),
        columns: vec![
            Column::text("file"),
            Column::text("signed by"),
            Column::text("covered"),
            Column::number("revision"),
            Column::text("expires"),
            Column::text("digest"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

const fn covers(covering: Covering) -> &'static str {
    match covering {
        Covering::Content => "content",
        Covering::File => "file, comments included",
        Covering::Directory => "directory",
        Covering::Report => "report",
    }
}

fn revision(evidence: &Evidence) -> String {
    evidence
        .revision
        .map(|revision| revision.to_string())
        .unwrap_or_default()
}

fn refused(results: &[Checked]) -> Section {
    let rows = results.iter().filter_map(|result| match &result.verdict {
        Verdict::Refused(refused) => Some(vec![
            result.file.clone(),
            refused.refusal.code().to_owned(),
            match &refused.refusal {
                // The members have a table of their own.
                Refusal::SignatureShallow(_) => "runtime 0.3 made the signature, which leaves \
                                                 nearly everything open (see below)"
                    .to_owned(),
                refusal => refusal.to_string(),
            },
            refused.refusal.help().to_owned(),
        ]),
        _ => None,
    });
    Section {
        title: "Not verified".to_owned(),
        columns: vec![
            Column::text("file"),
            Column::text("code"),
            Column::text("why"),
            Column::text("what to do"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

fn unanswered(results: &[Checked]) -> Section {
    let rows = results.iter().filter_map(|result| match &result.verdict {
        Verdict::Unanswered(unanswered) => Some(vec![
            result.file.clone(),
            unanswered.code.clone(),
            unanswered.message.clone(),
            unanswered.help.clone().unwrap_or_default(),
        ]),
        _ => None,
    });
    Section {
        title: "No answer".to_owned(),
        columns: vec![
            Column::text("file"),
            Column::text("code"),
            Column::text("why"),
            Column::text("what to do"),
        ],
        rows: rows.collect(),
        note: None,
    }
}

/// What a shallow signature leaves open, member by member.
fn shallow(result: &Checked) -> Option<Section> {
    let Verdict::Refused(refused) = &result.verdict else {
        return None;
    };
    let Refusal::SignatureShallow(coverage) = &refused.refusal else {
        return None;
    };
    let open = coverage
        .uncovered
        .iter()
        .map(|route| (route, "anybody could have changed it"));
    let closed = coverage.covered.iter().map(|route| (route, "covered"));
    Some(Section {
        title: format!("What the signature of {} covers", result.file),
        columns: vec![Column::text("member"), Column::text("")],
        rows: open
            .chain(closed)
            .map(|(route, what)| vec![route.clone(), what.to_owned()])
            .collect(),
        note: None,
    })
}

fn notes(results: &[Checked]) -> Section {
    let rows = results.iter().flat_map(|result| {
        evidence(&result.verdict)
            .into_iter()
            .flat_map(|evidence| &evidence.notes)
            .map(|note| vec![result.file.clone(), note.message()])
    });
    Section {
        title: "Notes".to_owned(),
        columns: vec![Column::text("file"), Column::text("note")],
        rows: rows.collect(),
        note: None,
    }
}

fn evidence(verdict: &Verdict) -> Option<&Evidence> {
    match verdict {
        Verdict::Verified(evidence) => Some(evidence),
        Verdict::Refused(refused) => refused.evidence.as_ref(),
        Verdict::Unanswered(_) => None,
    }
}

/// The result for GitHub: what is not verified, and what should be known.
pub fn annotations(results: &[Checked]) -> Vec<Annotation> {
    let mut annotations = Vec::new();
    for result in results {
        let annotation = |level, position, title: &str, message| Annotation {
            level,
            file: result.file.clone(),
            position,
            title: title.to_owned(),
            message,
        };
        match &result.verdict {
            Verdict::Verified(_) => {}
            Verdict::Refused(refused) => {
                let Refused {
                    refusal, position, ..
                } = refused.as_ref();
                let message = format!("{refusal}; {}", refusal.help());
                annotations.push(annotation(Level::Error, *position, refusal.code(), message));
            }
            Verdict::Unanswered(unanswered) => {
                let message = match &unanswered.help {
                    Some(help) => format!("{}; {help}", unanswered.message),
                    None => unanswered.message.clone(),
                };
                let position = unanswered.position;
                annotations.push(annotation(
                    Level::Error,
                    position,
                    &unanswered.code,
                    message,
                ));
            }
        }
        for note in evidence(&result.verdict).map_or(&[][..], |evidence| &evidence.notes) {
            let level = match note {
                Note::LayoutNotCovered => Level::Notice,
                Note::WeakKey { .. } | Note::OtherSignature { .. } => Level::Warning,
            };
            annotations.push(annotation(level, None, note.code(), note.message()));
        }
    }
    annotations
}

/// The version of [`Report`]'s shape: members are only added within one.
pub const SCHEMA: &str = "agent-spm/verify/1";

/// The result for programs.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    tool: Tool,
    results: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    file: &'a str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    keyids: &'a [String],
    digest: Option<&'a str>,
    expires_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covers: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    covered: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uncovered: Option<&'a [String]>,
    notes: Vec<NoteEntry>,
}

#[derive(Debug, Serialize)]
struct NoteEntry {
    code: &'static str,
    message: String,
}

/// The result for programs.
pub fn report(results: &[Checked]) -> Report<'_> {
    Report {
        schema: SCHEMA,
        tool: TOOL,
        results: results.iter().map(entry).collect(),
    }
}

fn entry(result: &Checked) -> Entry<'_> {
    let known = evidence(&result.verdict);
    let mut entry = Entry {
        file: &result.file,
        ok: false,
        code: None,
        message: None,
        help: None,
        line: None,
        column: None,
        id: known.and_then(|evidence| evidence.directory_id.as_deref()),
        keyids: known.map_or(&[], |evidence| &evidence.keyids),
        digest: known.map(|evidence| evidence.digest.as_str()),
        expires_at: known.and_then(|evidence| evidence.expires_at.as_deref()),
        revision: known.and_then(|evidence| evidence.revision),
        covers: None,
        covered: None,
        uncovered: None,
        notes: known
            .map_or(&[][..], |evidence| &evidence.notes)
            .iter()
            .map(|note| NoteEntry {
                code: note.code(),
                message: note.message(),
            })
            .collect(),
    };
    let position = match &result.verdict {
        Verdict::Verified(evidence) => {
            entry.ok = true;
            entry.covers = Some(match evidence.covering {
                Covering::Content => "content",
                Covering::File => "file",
                Covering::Directory => "directory",
                Covering::Report => "report",
            });
            None
        }
        Verdict::Refused(refused) => {
            entry.code = Some(refused.refusal.code());
            entry.message = Some(refused.refusal.to_string());
            entry.help = Some(refused.refusal.help());
            if let Refusal::SignatureShallow(coverage) = &refused.refusal {
                entry.covered = Some(&coverage.covered);
                entry.uncovered = Some(&coverage.uncovered);
            }
            refused.position
        }
        Verdict::Unanswered(unanswered) => {
            entry.code = Some(&unanswered.code);
            entry.message = Some(unanswered.message.clone());
            entry.help = unanswered.help.as_deref();
            unanswered.position
        }
    };
    entry.line = position.map(|position| position.line);
    entry.column = position.map(|position| position.column);
    entry
}
