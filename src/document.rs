//! Strict JSON and YAML: one tree with spans for both, and typed values read from it. Owns what a
//! text must satisfy to be a document at all, and the walk along a schema; knows no particular
//! document.
//!
//! A policy must mean the same to everyone who reads it, so what two readers could take for
//! different values is refused: the rules are those of RFC 7493 (I-JSON) for JSON, and a subset of
//! YAML without everything that makes YAML 1.1 and 1.2 differ.

mod check;
pub mod edit;
mod json;
mod lines;
pub mod locate;
mod node;
mod plain;
mod problems;
mod read;
pub mod schema;
pub mod suggest;
mod validate;
mod yaml;

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::diagnostic::{Problem, Route, SourceText, Span};

pub use node::{Member, Members, Node, NodeKind};
pub use problems::{Path, Problems};

/// The greatest integer whose neighbours are doubles too: 2^53 - 1. (RFC 7493 §2.2)
pub const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, RFC 8259 as restricted by RFC 7493.
    Json,
    /// The strict subset of YAML 1.2.
    Yaml,
    /// A list of strings as they stand, one a line. No file name says so.
    Lines,
    /// A list of one string: the whole text. No file name says so.
    Text,
}

impl Format {
    /// The format of a text by its file name: `.json`, `.yaml`, `.yml`. Of any other name, such as
    /// `-` or `<stdin>`, by its first byte that is no white space: JSON if that is `{` or `[`.
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if extension.eq_ignore_ascii_case("json") {
            return Self::Json;
        }
        if extension.eq_ignore_ascii_case("yaml") || extension.eq_ignore_ascii_case("yml") {
            return Self::Yaml;
        }
        match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Yaml,
        }
    }
}

/// How large a document may be. Only the caller raises a limit, never the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the text, 1 MiB unless raised.
    pub bytes: usize,
    /// Lists and objects inside each other, 20 unless raised; more than [`Limits::MAX_DEPTH`]
    /// counts as that.
    pub depth: usize,
    /// Rules of a bundle, 1,000 unless raised.
    pub rules: usize,
}

impl Limits {
    /// The greatest depth that the parsers below agree on.
    pub const MAX_DEPTH: usize = 100;

    fn depth(self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 1 << 20,
            depth: 20,
            rules: 1000,
        }
    }
}

/// A text that was read without a problem.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text.
    pub source: SourceText,
    /// How it is written.
    pub format: Format,
    /// What it says.
    pub root: Node,
}

impl Document {
    /// What its reader objects to in all of it, after it was read.
    pub fn refused(self, code: &'static str, message: String) -> LoadError {
        LoadError {
            name: self.source.name().to_owned(),
            problems: vec![Problem {
                code,
                message,
                help: None,
                route: Route::root(),
                span: self.root.span,
                meant: None,
            }],
            source: Some(self.source),
        }
    }
}

/// A document that could not be loaded: everything that is wrong with it, in the order of the text.
#[derive(Clone, Debug)]
pub struct LoadError {
    /// What messages call the text.
    pub name: String,
    /// The text, unless it is too large to be shown. Bytes that are not UTF-8 are replaced in it.
    pub source: Option<SourceText>,
    /// What is wrong, at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be loaded", self.name)?;
        if let Some(first) = self.problems.first() {
            write!(f, ": {}", first.message)?;
        }
        match self.problems.len() {
            0 | 1 => Ok(()),
            count => write!(f, " (and {} more)", count - 1),
        }
    }
}

impl std::error::Error for LoadError {}

/// Reads a text into a tree.
///
/// # Errors
/// Everything that is wrong with it: only the first where the grammar is broken, since what follows
/// is guessing; all of them otherwise.
pub fn parse(
    bytes: &[u8],
    name: &str,
    format: Format,
    limits: Limits,
) -> Result<Document, LoadError> {
    let draft = Draft::parse(bytes, name, format, limits)?;
    draft.finish()
}

/// Reads a text into a value, by the schema of its type and by `check`, which adds what a schema
/// cannot say. `check` sees the tree even when the schema objects to it.
///
/// # Errors
/// Everything that is wrong with the text, as in [`parse`], with the schema and with `check`.
pub fn load<T: DeserializeOwned + JsonSchema>(
    bytes: &[u8],
    name: &str,
    format: Format,
    limits: Limits,
    check: impl FnOnce(&Node, &mut Problems),
) -> Result<(T, Document), LoadError> {
    let mut draft = Draft::parse(bytes, name, format, limits)?;
    draft.check::<T>(check);
    let document = draft.finish()?;
    match extract(&document) {
        Ok(value) => Ok((value, document)),
        Err(problem) => Err(LoadError {
            name: name.to_owned(),
            source: Some(document.source),
            problems: vec![problem],
        }),
    }
}

/// Reads a value out of a document, by the schema of its type.
///
/// # Errors
/// Every place where the document is not what the schema says.
pub fn read<T: DeserializeOwned + JsonSchema>(document: &Document) -> Result<T, Vec<Problem>> {
    let mut problems = Problems::new(document.source.text());
    let schema = schema::json_schema::<T>();
    validate::validate(&schema, &document.root, &mut problems);
    if problems.is_empty() {
        extract(document).map_err(|problem| vec![problem])
    } else {
        Err(problems.into_sorted())
    }
}

/// The schema has been checked, so a refusal here is a difference between the schema and the type.
fn extract<T: DeserializeOwned>(document: &Document) -> Result<T, Problem> {
    T::deserialize(&document.root).map_err(|error| Problem {
        code: "wrong-shape",
        message: error.to_string(),
        help: None,
        route: Route::root(),
        span: document.root.span,
        meant: None,
    })
}

/// A text that was read as a tree, and what is wrong with it so far: for whoever reports on
/// documents that cannot be loaded.
pub struct Draft {
    source: SourceText,
    format: Format,
    root: Node,
    problems: Problems,
}

impl Draft {
    /// Reads a text as far as it can be read.
    ///
    /// # Errors
    /// When there is no tree: the grammar is broken, or the text is no UTF-8 or too large.
    pub fn parse(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<Self, LoadError> {
        if bytes.len() > limits.bytes {
            return Err(LoadError {
                name: name.to_owned(),
                source: None,
                problems: vec![too_large(bytes.len(), limits.bytes)],
            });
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                return Err(LoadError {
                    name: name.to_owned(),
                    source: Some(SourceText::new(name, String::from_utf8_lossy(bytes))),
                    problems: vec![not_utf8(bytes, error.valid_up_to())],
                });
            }
        };
        let mut problems = Problems::new(text);
        let root = match format {
            Format::Json => json::parse(text, limits, &mut problems),
            Format::Yaml => yaml::parse(text, limits, &mut problems),
            Format::Lines => Some(lines::lines(text)),
            Format::Text => Some(lines::whole(text)),
        };
        let source = SourceText::new(name, text);
        match root {
            Some(root) => Ok(Self {
                source,
                format,
                root,
                problems,
            }),
            None => Err(LoadError {
                name: name.to_owned(),
                source: Some(source),
                problems: problems.into_sorted(),
            }),
        }
    }

    /// What the text says, wrong or not.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Adds what the schema of `T` objects to, and what `check` does.
    pub fn check<T: JsonSchema>(&mut self, check: impl FnOnce(&Node, &mut Problems)) {
        let schema = schema::json_schema::<T>();
        validate::validate(&schema, &self.root, &mut self.problems);
        check(&self.root, &mut self.problems);
    }

    /// The document as far as it could be read, and everything that is wrong with it, in the order
    /// of the text. Where there are problems it must not be acted upon.
    pub fn into_parts(self) -> (Document, Vec<Problem>) {
        let document = Document {
            source: self.source,
            format: self.format,
            root: self.root,
        };
        (document, self.problems.into_sorted())
    }

    fn finish(self) -> Result<Document, LoadError> {
        if self.problems.is_empty() {
            Ok(Document {
                source: self.source,
                format: self.format,
                root: self.root,
            })
        } else {
            Err(LoadError {
                name: self.source.name().to_owned(),
                source: Some(self.source),
                problems: self.problems.into_sorted(),
            })
        }
    }
}

fn too_large(len: usize, limit: usize) -> Problem {
    Problem {
        code: "too-large",
        message: format!("the document has {len} bytes, more than the {limit} allowed"),
        help: Some("split it, or raise the limit on the command line".to_owned()),
        route: Route::root(),
        span: Span::default(),
        meant: None,
    }
}

fn not_utf8(bytes: &[u8], offset: usize) -> Problem {
    let utf16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    Problem {
        code: "not-utf8",
        message: if utf16 {
            "the document is written in UTF-16".to_owned()
        } else {
            format!("the byte at offset {offset} is not UTF-8")
        },
        help: Some("save the document as UTF-8".to_owned()),
        route: Route::root(),
        // The replacement character is three bytes long in the text that is shown.
        span: Span::new(offset, offset + 3),
        meant: None,
    }
}
