//! What was accepted before, so that nothing older is accepted again. Owns the file's format and
//! the four rules; knows neither keys nor where the file is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{self, Format, Limits, LoadError, Path};

/// Most bytes of a state file.
pub const MAX_STATE_BYTES: usize = 16 << 20;

/// The version of the file's shape.
const SCHEMA: &str = "agent-spm/state/1";

/// What was accepted before: the newest bundle, and the newest state of each directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    schema: String,
    /// The newest bundle: one file keeps the floor of one policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle: Option<Floor>,
    /// The newest manifest of each directory, by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    directories: BTreeMap<String, Floor>,
}

/// The newest state that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// Its revision.
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_u64))]
    pub revision: u64,
    /// SHA-256 of its payload, as 64 lower-case hexadecimal digits.
    pub digest: String,
}

/// Whose floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// The one of bundles.
    Bundle,
    /// The one of the directory with this id.
    Directory(&'a str),
}

/// How a revision stands to its floor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Newer, or the first: to be accepted and recorded.
    New,
    /// The one that was accepted.
    Same,
    /// Its revision was accepted with another content.
    OtherContent,
    /// Older than what was accepted.
    Older(Floor),
}

impl Default for Floors {
    fn default() -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            bundle: None,
            directories: BTreeMap::new(),
        }
    }
}

impl Floors {
    /// Reads a state file. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with it: a floor that cannot be read is no reason to go without.
    pub fn load(bytes: &[u8], name: &str) -> Result<Self, LoadError> {
        let limits = Limits {
            bytes: MAX_STATE_BYTES,
            ..Limits::default()
        };
        let check = |root: &document::Node, problems: &mut document::Problems| {
            let Some(schema) = root.get("schema") else {
                return;
            };
            if schema.as_str() != Some(SCHEMA) {
                problems.add(
                    "unknown-schema",
                    &Path::Key(&Path::Root, "schema"),
                    schema.span,
                    format!("a state file of this program has the schema `{SCHEMA}`"),
                    "name the file that an earlier run wrote, or a new one".to_owned(),
                );
            }
        };
        document::load(bytes, name, Format::Json, limits, check).map(|(floors, _)| floors)
    }

    /// The file's content, ended by a newline.
    ///
    /// # Errors
    /// Never: all keys are strings.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// How a revision with this payload digest stands.
    pub fn standing(&self, line: Line<'_>, revision: u64, digest: &str) -> Standing {
        let floor = match line {
            Line::Bundle => self.bundle.as_ref(),
            Line::Directory(id) => self.directories.get(id),
        };
        match floor {
            None => Standing::New,
            Some(floor) if revision > floor.revision => Standing::New,
            Some(floor) if revision < floor.revision => Standing::Older(floor.clone()),
            Some(floor) if floor.digest == digest => Standing::Same,
            Some(_) => Standing::OtherContent,
        }
    }

    /// Raises a floor to what has been verified. It never lowers one.
    pub(super) fn raise(&mut self, line: Line<'_>, revision: u64, digest: &str) {
        if self.standing(line, revision, digest) != Standing::New {
            return;
        }
        let floor = Floor {
            revision,
            digest: digest.to_owned(),
        };
        match line {
            Line::Bundle => self.bundle = Some(floor),
            Line::Directory(id) => {
                self.directories.insert(id.to_owned(), floor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_rules() {
        let mut floors = Floors::default();
        for line in [
            Line::Bundle,
            Line::Directory("prod"),
            Line::Directory("dev"),
        ] {
            assert_eq!(floors.standing(line, 0, "a"), Standing::New);
            floors.raise(line, 5, "a");
            assert_eq!(floors.standing(line, 6, "b"), Standing::New);
            assert_eq!(floors.standing(line, 5, "a"), Standing::Same);
            assert_eq!(floors.standing(line, 5, "b"), Standing::OtherContent);
            let floor = Floor {
                revision: 5,
                digest: "a".to_owned(),
            };
            assert_eq!(floors.standing(line, 4, "a"), Standing::Older(floor));
        }
    }

    #[test]
    fn a_floor_is_never_lowered() {
        let mut floors = Floors::default();
        floors.raise(Line::Bundle, 5, "a");
        floors.raise(Line::Bundle, 4, "b");
        floors.raise(Line::Bundle, 5, "b");
        assert_eq!(floors.standing(Line::Bundle, 5, "a"), Standing::Same);
    }

    #[test]
    fn floors_are_read_as_they_are_written() {
        let mut floors = Floors::default();
        floors.raise(Line::Bundle, 5, "a");
        floors.raise(Line::Directory("prod"), 1, "b");
        let text = floors.to_text().expect("text");
        assert_eq!(
            Floors::load(text.as_bytes(), "state").expect("reads"),
            floors
        );
        let empty = Floors::default().to_text().expect("text");
        assert_eq!(
            Floors::load(empty.as_bytes(), "state").expect("reads"),
            Floors::default()
        );
    }

    #[test]
    fn a_broken_state_is_no_state() {
        for text in [
            "",
            "{}",
            "null",
            "{\"schema\":\"agent-spm/state/1\"",
            "{\"schema\":\"agent-spm/state/2\"}",
            "{\"schema\":\"agent-spm/state/1\",\"bundle\":{\"revision\":-1,\"digest\":\"\"}}",
            "{\"schema\":\"agent-spm/state/1\",\"bundle\":{\"revision\":1}}",
            "{\"schema\":\"agent-spm/state/1\",\"bundles\":{}}",
        ] {
            assert!(Floors::load(text.as_bytes(), "state").is_err(), "{text:?}");
        }
    }
}
