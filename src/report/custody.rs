//! What a report was made from: whoever has the same files, options and version of this program
//! gets the same report. Owns how that is said, for people and for programs.

use serde::Serialize;
use serde_json::{Map, Value};

use super::json::TOOL;
use super::{Column, Section};

/// What a report was made from, beside its inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Custody {
    /// The files that were read beside the inputs, in the order in which they were read.
    pub files: Vec<SourceFile>,
    /// What was asked for, by the names of the options; what was not given is not there. Options
    /// that change no answer, such as the number of threads, are left out.
    pub options: Map<String, Value>,
}

/// A file that was read beside the inputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceFile {
    /// What it was read as, such as `policy`.
    pub role: &'static str,
    /// Its name, as it was given.
    pub name: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
}

impl Custody {
    /// As a section; `digests` are further ones, by what they are of.
    pub fn section(&self, digests: &[(&str, String)]) -> Section {
        let row = |what: &str, value: String| vec![what.to_owned(), value];
        let mut rows = vec![row("tool", format!("{} {}", TOOL.name, TOOL.version))];
        rows.extend(
            digests
                .iter()
                .map(|(what, digest)| row(what, digest.clone())),
        );
        for file in &self.files {
            rows.push(row(
                file.role,
                format!("{} sha256:{}", file.name, file.sha256),
            ));
        }
        for (option, value) in &self.options {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            rows.push(row(&format!("--{option}"), value));
        }
        Section {
            title: "Made from".to_owned(),
            columns: vec![Column::text(""), Column::text("")],
            rows,
            note: Some(
                "the same files, options and version make the same report, byte for byte"
                    .to_owned(),
            ),
        }
    }
}
