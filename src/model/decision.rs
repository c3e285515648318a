//! What is decided about a request: outcome, reasons, who decided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rule, the default or a plugin decides.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The call goes through.
    Allow,
    /// The call is refused.
    Deny,
    /// A named role must approve first.
    RequireApproval,
    /// The caller must authenticate again.
    StepUp,
    /// A change ticket must be given.
    RequireTicket,
    /// A person must look first.
    RequireHuman,
}

impl Outcome {
    /// Every outcome, in the order in which reports list them.
    pub const ALL: [Self; 6] = [
        Self::Allow,
        Self::Deny,
        Self::RequireApproval,
        Self::StepUp,
        Self::RequireTicket,
        Self::RequireHuman,
    ];

    /// The outcome that documents write so.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|outcome| outcome.as_str().as_bytes() == text)
    }

    /// The outcome as documents write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
            Self::RequireApproval => "REQUIRE_APPROVAL",
            Self::StepUp => "STEP_UP",
            Self::RequireTicket => "REQUIRE_TICKET",
            Self::RequireHuman => "REQUIRE_HUMAN",
        }
    }
}

/// Why something was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// A rule id, `DEFAULT_<OUTCOME>` or a plugin's code.
    pub code: String,
    /// For people.
    pub message: String,
}
