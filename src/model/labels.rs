//! Labels of recorded sessions: which were attacks. Owns their shape; judges nothing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{self, Document, Format, Limits, LoadError};

/// What the sessions of a recording were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// What each session was, by its id.
    pub sessions: BTreeMap<String, Label>,
}

/// What a session was.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Somebody made the agent do harm, or tried to: the policy should stop it.
    Attack,
    /// What the agent is for: the policy should not be in its way.
    Benign,
}

impl Labels {
    /// Reads a file of labels. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<(Self, Document), LoadError> {
        document::load(bytes, name, format, limits, |_, _| {})
    }
}
