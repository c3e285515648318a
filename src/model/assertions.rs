//! Assertions: what an author claims of a policy, whatever its rules are. Owns their shape; proves
//! nothing.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bundle::{Match, When};
use super::decision::Outcome;
use crate::document::{self, Document, Format, Limits, LoadError, Node, Path, Problems};

/// Claims about the decisions of a policy, each of which is proved or refuted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assertions {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The claims.
    #[schemars(length(min = 1))]
    pub assertions: Vec<Assertion>,
}

/// A claim about all requests of some kind. It has one of `never` and `always`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// What reports call it; no two share one.
    #[schemars(length(min = 1))]
    pub id: String,
    /// What is claimed, in words.
    pub description: String,
    /// Who calls what, where, as in a rule.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What the call must hold, as in a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// Requests that nothing is claimed of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Exception>,
    /// No such request has this outcome, or one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Outcomes>,
    /// Every such request has this outcome, or one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub always: Option<Outcomes>,
}

/// Requests that an assertion claims nothing of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Who calls what, where, as in a rule.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What the call must hold, as in a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// One outcome, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Outcomes {
    /// One outcome.
    One(Outcome),
    /// Any of these.
    Many(Vec<Outcome>),
}

impl Assertions {
    /// Reads a file of assertions. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, an id given
    /// twice, and a claim that has both or neither of `never` and `always`.
    pub fn load(
        bytes: &[u8],
        name: &str,
        format: Format,
        limits: Limits,
    ) -> Result<(Self, Document), LoadError> {
        document::load(bytes, name, format, limits, check)
    }
}

impl Assertion {
    /// Whether the claim is kept by a request that has this outcome.
    pub fn allows(&self, outcome: Outcome) -> bool {
        let among = |outcomes: &Outcomes| match outcomes {
            Outcomes::One(only) => *only == outcome,
            Outcomes::Many(several) => several.contains(&outcome),
        };
        !self.never.as_ref().is_some_and(among) && self.always.as_ref().is_none_or(among)
    }
}

/// Adds what [`Assertions::load`] objects to beside the schema.
fn check(root: &Node, problems: &mut Problems) {
    let all = root.get("assertions").and_then(Node::as_array);
    let path = Path::Key(&Path::Root, "assertions");
    let mut seen = BTreeMap::new();
    for (index, assertion) in all.unwrap_or(&[]).iter().enumerate() {
        let path = Path::Index(&path, index);
        if assertion.get("never").is_some() == assertion.get("always").is_some() {
            problems.add(
                "not-one-claim",
                &path,
                assertion.span,
                "an assertion has one of `never` and `always`",
                "say which outcomes no such request has, or which all of them have".to_owned(),
            );
        }
        let Some(node) = assertion.get("id") else {
            continue;
        };
        let Some(id) = node.as_str() else { continue };
        if let Some(line) = seen.get(id) {
            problems.add(
                "duplicate-assertion-id",
                &Path::Key(&path, "id"),
                node.span,
                format!("assertion id `{id}` is taken on line {line}"),
                "give every assertion its own id".to_owned(),
            );
        } else {
            seen.insert(id, problems.line(node.span.start));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Assertions, Vec<&'static str>> {
        let loaded = Assertions::load(text.as_bytes(), "a.yaml", Format::Yaml, Limits::default());
        loaded
            .map(|(assertions, _)| assertions)
            .map_err(|error| error.problems.iter().map(|problem| problem.code).collect())
    }

    fn text(members: &str) -> String {
        format!(
            "version: 1\nassertions:\n  - id: A\n    description: x\n    \
             match: {{tool_name: pay, environment: prod}}\n    {members}\n"
        )
    }

    #[test]
    fn a_claim_is_one_of_two() {
        let never = load(&text("never: ALLOW")).unwrap();
        assert!(!never.assertions[0].allows(Outcome::Allow));
        assert!(never.assertions[0].allows(Outcome::Deny));
        let always = load(&text("always: [DENY, REQUIRE_APPROVAL]")).unwrap();
        assert!(!always.assertions[0].allows(Outcome::Allow));
        assert!(always.assertions[0].allows(Outcome::RequireApproval));
        assert_eq!(load(&text("when: {}")), Err(vec!["not-one-claim"]));
        let both = text("never: ALLOW\n    always: DENY");
        assert_eq!(load(&both), Err(vec!["not-one-claim"]));
    }

    #[test]
    fn ids_are_given_once() {
        let one = text("never: ALLOW");
        let second = one.split_once("assertions:\n").unwrap().1;
        assert_eq!(
            load(&format!("{one}{second}")),
            Err(vec!["duplicate-assertion-id"])
        );
    }
}
