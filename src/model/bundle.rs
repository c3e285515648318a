//! The policy bundle: ordered rules, of which the first that matches decides. Owns its shape;
//! [`load`] owns what must hold in it besides.

pub mod load;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::decision::Outcome;

/// Longest `matches_regex` that is evaluated, in UTF-16 code units.
pub const MAX_PATTERN_UNITS: usize = 512;

/// A policy bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The author's name for this state of the policy.
    #[schemars(length(min = 1))]
    pub version: String,
    /// When the bundle was made, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub generated_at: String,
    /// From when on the bundle is refused, RFC 3339, later than `generated_at`.
    #[schemars(extend("format" = "date-time"))]
    pub expires_at: String,
    /// A number that only ever grows, for rollback protection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_u64))]
    pub revision: Option<u64>,
    /// The rules in order; the first that matches decides.
    pub rules: Vec<Rule>,
    /// What is decided when no rule matches.
    pub defaults: Defaults,
    /// The author's own notes: signed, never evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<serde_json::Map<String, serde_json::Value>>,
    /// The signature, or one signature a signer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// What is decided when no rule matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The default outcome; anything but `DENY` leaves unknown calls open.
    pub outcome: Outcome,
}

/// A signature as the bundle carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Signature {
    /// HMAC-SHA256 of the payload in hexadecimal, the platform's plain form.
    Plain(String),
    /// One entry a signer.
    Keyed(Vec<KeyedSignature>),
}

/// One signer's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyedSignature {
    /// A hint at the key; it decides nothing.
    pub keyid: String,
    /// The signature.
    pub sig: String,
}

/// One rule: which requests it is about, on which condition, and what it decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The reason code of its decisions; no two rules share one.
    #[schemars(length(min = 1))]
    pub id: String,
    /// The reason message of its decisions.
    pub description: String,
    /// Who calls what, where. All members must hold.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What the call must hold. All members must hold; none always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What the rule decides.
    pub outcome: Outcome,
    /// Who must approve, for `REQUIRE_APPROVAL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver_role: Option<String>,
    /// Handed to the caller with the decision, never evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraints: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Who calls what, where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// `"*"` for every tool, `"prefix*"`, an exact name, or a list of exact names.
    pub tool_name: Names,
    /// An exact environment, or `"*"` for every one.
    pub environment: String,
    /// An exact agent type, or a list of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_type: Option<Names>,
    /// The lowest trust level that matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_level_min: Option<TrustLevel>,
    /// The agent must have one of these roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agent_roles_any: Vec<String>,
    /// An exact tool provider, or a list of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_provider: Option<Names>,
}

/// One name, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Names {
    /// One name.
    One(String),
    /// Any of these.
    Many(Vec<String>),
}

/// What the call must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// One of these is a substring of a value, upper and lower case alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains_any: Vec<String>,
    /// None of these is a substring of a value, upper and lower case alike.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_contains: Vec<String>,
    /// The call carries one of these data labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_labels_any: Vec<String>,
    /// An ECMAScript pattern, case-insensitive, of at most 512 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches_regex: Option<String>,
    /// What single arguments must be; all must hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tool_args_match: BTreeMap<String, ArgumentCondition>,
}

/// What one argument must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ArgumentCondition {
    /// Equal to a value of the same type.
    Equals(Scalar),
    /// All of these comparisons hold.
    Compare(Comparisons),
}

/// A value that arguments are compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; `1` and `1.0` are the same.
    Number(f64),
    /// A string.
    String(String),
}

/// Comparisons of one argument; at least one is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub struct Comparisons {
    /// A number greater than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gt: Option<f64>,
    /// A number greater than or equal to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gte: Option<f64>,
    /// A number less than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lt: Option<f64>,
    /// A number less than or equal to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lte: Option<f64>,
    /// Equal to this, of the same type.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub eq: Option<Scalar>,
    /// Not equal to this, of another type, or missing.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub neq: Option<Scalar>,
}

/// Reads a member that is given: `null` is a value to compare with here, not an absent member.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Scalar>, D::Error> {
    Scalar::deserialize(deserializer).map(Some)
}

/// How far an agent is trusted, lowest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum TrustLevel {
    /// Nothing is known of it.
    Untrusted,
    /// Registered.
    Basic,
    /// Its identity was checked.
    Verified,
    /// May do what harms when misused.
    Privileged,
    /// Part of the platform.
    System,
}

impl TrustLevel {
    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [
        Self::Untrusted,
        Self::Basic,
        Self::Verified,
        Self::Privileged,
        Self::System,
    ];

    /// The level as documents write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::Basic => "basic",
            Self::Verified => "verified",
            Self::Privileged => "privileged",
            Self::System => "system",
        }
    }

    /// The level that documents write so; case matters.
    pub fn parse(text: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str().as_bytes() == text)
    }
}
