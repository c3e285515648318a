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

/// One thing that a report was made from: its name and its value.
pub type Property = (String, String);

/// A property of its parts.
pub fn property(name: &str, value: String) -> Property {
    (name.to_owned(), value)
}

/// The properties as a section.
pub fn section(properties: Vec<Property>) -> Section {
    Section {
        title: "Made from".to_owned(),
        columns: vec![Column::text(""), Column::text("")],
        rows: properties
            .into_iter()
            .map(|(name, value)| vec![name, value])
            .collect(),
        note: Some(
            "the same files, options and version make the same report, byte for byte".to_owned(),
        ),
    }
}

impl SourceFile {
    fn property(&self) -> Property {
        property(self.role, format!("{} sha256:{}", self.name, self.sha256))
    }
}

impl Custody {
    /// As names and values: the program, the files with their digests, the options.
    pub fn properties(&self) -> Vec<Property> {
        let tool = property("tool", format!("{} {}", TOOL.name, TOOL.version));
        let files = self.files.iter().map(SourceFile::property);
        let options = self.options.iter().map(|(option, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            property(&format!("--{option}"), value)
        });
        std::iter::once(tool).chain(files).chain(options).collect()
    }
}
