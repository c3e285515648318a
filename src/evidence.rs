//! What a log, a policy and a pipeline show of what laws and frameworks ask for, and how risky a
//! fleet's agents and tools are. Owns which facts speak for or against a requirement; says of none
//! that it is met: that is for people to judge, and nothing here is a share or a score of it.
//!
//! The requirements are data, in one table: [`REQUIREMENTS`]. Each fact is measured in one place,
//! with numbers and with ids by which it can be looked up.

mod facts;
mod fleet;
mod requirements;

use crate::model::bundle::Bundle;
use crate::model::pipeline::PipelineFile;
use crate::replay::Replay;

pub use self::facts::{Fact, Found};
pub use self::fleet::{Factor, Fleet, Level, Scored, Subject};
pub use self::requirements::{REQUIREMENTS, Requirement};

/// Said above every list of evidence.
pub const DISCLAIMER: &str = "evidence, not a compliance assessment or legal advice";

/// What evidence is looked for in.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The log.
    pub replay: &'a Replay,
    /// The policy that was in force, if one was given.
    pub policy: Option<&'a Bundle>,
    /// The pipeline around it, if one was given.
    pub pipeline: Option<&'a PipelineFile>,
}

/// What the inputs show of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// These inputs cannot say anything about it.
    NotAssessable,
    /// They could, and do not.
    NoEvidence,
    /// A policy or pipeline provides for it.
    Configured,
    /// It happened.
    Observed,
    /// Something speaks against it.
    Contradicted,
}

/// A requirement and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// What the inputs show of it.
    pub state: State,
    /// What that is.
    pub found: Vec<Found>,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::NotAssessable,
        Self::NoEvidence,
        Self::Configured,
        Self::Observed,
        Self::Contradicted,
    ];

    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAssessable => "not_assessable",
            Self::NoEvidence => "no_evidence",
            Self::Configured => "configured",
            Self::Observed => "observed",
            Self::Contradicted => "contradicted",
        }
    }

    /// The name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotAssessable => "not assessable",
            Self::NoEvidence => "no evidence",
            Self::Configured => "configured",
            Self::Observed => "observed",
            Self::Contradicted => "contradicted",
        }
    }
}

/// What a log and what was given beside it show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// Every requirement with what the inputs show of it.
    pub rows: Vec<Row>,
    /// The agents and tools, and how risky each is.
    pub fleet: Fleet,
}

/// Looks for evidence, and at the fleet.
pub fn assess(inputs: &Inputs<'_>) -> Assessment {
    Assessment {
        rows: rows(inputs),
        fleet: fleet::fleet(inputs),
    }
}

/// Every requirement with what the inputs show of it. What speaks against one outweighs what
/// happened, and that what is merely configured.
fn rows(inputs: &Inputs<'_>) -> Vec<Row> {
    let rows = REQUIREMENTS.iter().map(|requirement| {
        let facts = requirement.facts.iter();
        let found: Vec<Found> = facts.filter_map(|fact| fact.look(inputs)).collect();
        let nothing = match requirement.facts {
            [] => State::NotAssessable,
            _ => State::NoEvidence,
        };
        let states = found.iter().map(|found| found.state);
        Row {
            requirement,
            state: states.fold(nothing, State::max),
            found,
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_unique_and_say_what_they_do_not_show() {
        let mut ids: Vec<_> = REQUIREMENTS
            .iter()
            .map(|requirement| (requirement.framework, requirement.id))
            .collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for requirement in REQUIREMENTS {
            assert!(!requirement.does_not_show.is_empty(), "{}", requirement.id);
        }
    }

    #[test]
    fn nothing_claims_compliance() {
        for requirement in REQUIREMENTS {
            let text = format!("{} {}", requirement.title, requirement.does_not_show);
            let claims = ["compliant", "conforms", "certified", "%"];
            assert!(!claims.iter().any(|claim| text.contains(claim)), "{text}");
        }
    }
}
