//! Findings that were there before: a file that lists them, so that a run can tell what is new.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::treatment::Treated;
use crate::document::{self, Format, Limits, LoadError};

const SCHEMA: &str = "agent-spm/lint-baseline/1";

/// The findings of an earlier run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, String>,
}

/// File, lint, fingerprint.
type Key = (String, String, String);

/// What a baseline says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It was not there.
    New,
    /// It was.
    Unchanged,
}

/// A finding that was there before and is not any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// The file that had it.
    pub file: String,
    /// The lint.
    pub id: String,
    /// What it was about.
    pub fingerprint: String,
    /// What it said.
    pub message: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    schema: String,
    findings: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Entry {
    file: String,
    id: String,
    fingerprint: String,
    message: String,
}

impl Baseline {
    /// Reads a baseline. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says, and a version that this
    /// program does not know.
    pub fn load(bytes: &[u8], name: &str, limits: Limits) -> Result<Self, LoadError> {
        let format = Format::of(name, bytes);
        let (file, document): (BaselineFile, _) =
            document::load(bytes, name, format, limits, |_, _| {})?;
        if file.schema != SCHEMA {
            let message = format!("this is no baseline of this program, which writes `{SCHEMA}`");
            return Err(document.refused("unknown-schema", message));
        }
        let entries = file.findings.into_iter();
        Ok(Self {
            entries: entries
                .map(|entry| ((entry.file, entry.id, entry.fingerprint), entry.message))
                .collect(),
        })
    }

    /// A baseline of these findings, by file. What is suppressed does not need one.
    pub fn of<'a>(findings: impl Iterator<Item = (&'a str, &'a Treated)>) -> Self {
        let kept = findings.filter(|(_, treated)| treated.suppressed.is_none());
        Self {
            entries: kept
                .map(|(file, treated)| {
                    let message = treated.finding.fault.message.clone();
                    (key(file, treated), message)
                })
                .collect(),
        }
    }

    /// Whether a finding was there before.
    pub fn before(&self, file: &str, treated: &Treated) -> Before {
        match self.entries.contains_key(&key(file, treated)) {
            true => Before::Unchanged,
            false => Before::New,
        }
    }

    /// What was there before and is none of these findings any more, of the files that were
    /// linted.
    pub fn absent<'a>(
        &self,
        linted: &BTreeSet<&str>,
        findings: impl Iterator<Item = (&'a str, &'a Treated)>,
    ) -> Vec<Absent> {
        let still: BTreeSet<Key> = findings.map(|(file, treated)| key(file, treated)).collect();
        let entries = self.entries.iter();
        entries
            .filter(|(key, _)| linted.contains(key.0.as_str()) && !still.contains(key))
            .map(|((file, id, fingerprint), message)| Absent {
                file: file.clone(),
                id: id.clone(),
                fingerprint: fingerprint.clone(),
                message: message.clone(),
            })
            .collect()
    }

    /// Adds what another baseline has of files that were not linted.
    pub fn keep_others(&mut self, other: Self, linted: &BTreeSet<&str>) {
        let others = other.entries.into_iter();
        let kept = others.filter(|(key, _)| !linted.contains(key.0.as_str()));
        self.entries.extend(kept);
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The baseline as its file.
    ///
    /// # Errors
    /// None: its keys are strings.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let entries = self.entries.iter();
        let file = BaselineFile {
            schema: SCHEMA.to_owned(),
            findings: entries
                .map(|((file, id, fingerprint), message)| Entry {
                    file: file.clone(),
                    id: id.clone(),
                    fingerprint: fingerprint.clone(),
                    message: message.clone(),
                })
                .collect(),
        };
        let mut text = serde_json::to_string_pretty(&file)?;
        text.push('\n');
        Ok(text)
    }
}

fn key(file: &str, treated: &Treated) -> Key {
    (
        file.to_owned(),
        treated.finding.id.to_owned(),
        treated.identity.fingerprint.clone(),
    )
}
