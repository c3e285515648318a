//! What `sign` answers: what was signed by which keys, and whether that changed anything.

use serde::Serialize;

use super::json::{TOOL, Tool};
use super::{Column, Section, View};
use crate::signing::sign::Signed;

/// What was done to one file or directory.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its name, as it was given.
    pub file: String,
    /// What it says now.
    pub signed: Signed,
    /// What becomes of the files.
    pub effect: Effect,
}

/// What becomes of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// They were what they should be.
    Unchanged,
    /// They were written.
    Written,
    /// They would be written, but this is a check.
    Wanting,
}

impl Effect {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Written => "signed",
            Self::Wanting => "would change",
        }
    }
}

/// The result for people.
pub fn view(results: &[Done]) -> View {
    let rows = results.iter().map(|done| {
        let signed = &done.signed;
        vec![
            done.file.clone(),
            done.effect.as_str().to_owned(),
            signed.keyids.join(", "),
            signed
                .revision
                .map(|revision| revision.to_string())
                .unwrap_or_default(),
            signed.expires_at.clone(),
            signed.digest.clone(),
        ]
    });
    let notes = results.iter().flat_map(|done| {
        let notes = done.signed.notes.iter();
        notes.map(|note| vec![done.file.clone(), note.message()])
    });
    View {
        sections: vec![
            Section {
                title: "Signatures".to_owned(),
                columns: vec![
                    Column::text("file"),
                    Column::text("result"),
                    Column::text("keys"),
                    Column::number("revision"),
                    Column::text("expires"),
                    Column::text("digest"),
                ],
                rows: rows.collect(),
                note: None,
            },
            Section {
                title: "Notes".to_owned(),
                columns: vec![Column::text("file"), Column::text("note")],
                rows: notes.collect(),
                note: None,
            },
        ],
    }
}

/// The version of [`Report`]'s shape: members are only added within one.
pub const SCHEMA: &str = "agent-spm/sign/1";

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
    changed: bool,
    written: bool,
    keyids: &'a [String],
    digest: &'a str,
    expires_at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    notes: Vec<NoteEntry>,
}

#[derive(Debug, Serialize)]
struct NoteEntry {
    code: &'static str,
    message: String,
}

/// The result for programs.
pub fn report(results: &[Done]) -> Report<'_> {
    let entries = results.iter().map(|done| Entry {
        file: &done.file,
        changed: done.effect != Effect::Unchanged,
        written: done.effect == Effect::Written,
        keyids: &done.signed.keyids,
        digest: &done.signed.digest,
        expires_at: &done.signed.expires_at,
        revision: done.signed.revision,
        notes: done
            .signed
            .notes
            .iter()
            .map(|note| NoteEntry {
                code: note.code(),
                message: note.message(),
            })
            .collect(),
    });
    Report {
        schema: SCHEMA,
        tool: TOOL,
        results: entries.collect(),
    }
}

/// A key that was made.
#[derive(Debug, Serialize)]
pub struct NewKey {
    /// Its id.
    pub keyid: String,
    /// Its algorithm.
    pub algorithm: &'static str,
    /// Its files.
    pub files: Vec<String>,
}

/// The version of [`KeyReport`]'s shape.
pub const KEY_SCHEMA: &str = "agent-spm/generate-key/1";

/// A key that was made, for programs.
#[derive(Debug, Serialize)]
pub struct KeyReport<'a> {
    schema: &'static str,
    tool: Tool,
    #[serde(flatten)]
    key: &'a NewKey,
}

/// A key that was made, for programs.
pub const fn key_report(key: &NewKey) -> KeyReport<'_> {
    KeyReport {
        schema: KEY_SCHEMA,
        tool: TOOL,
        key,
    }
}

/// A key that was made, for people.
pub fn key_view(key: &NewKey) -> View {
    let files = key.files.iter();
    View {
        sections: vec![Section {
            title: "New key".to_owned(),
            columns: vec![
                Column::text("key"),
                Column::text("algorithm"),
                Column::text("file"),
            ],
            rows: files
                .map(|file| vec![key.keyid.clone(), key.algorithm.to_owned(), file.clone()])
                .collect(),
            note: None,
        }],
    }
}
