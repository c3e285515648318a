//! One decision, step by step: every plugin, every rule before the deciding one and the first of
//! its conditions that failed. Owns the shape of a trace; what happened is told to it.

use serde::Serialize;

use super::tally::Place;
use crate::matcher::{Explained, Explainer};
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::model::request::Request;
use crate::pipeline::{Run, Settlement, Source};

/// Which decisions are traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracing<'a> {
    /// Those that a test case did not expect.
    Failures,
    /// Those and the ones about calls with this id.
    Request(&'a str),
    /// All.
    Everything,
}

/// One decision, step by step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Where the call stands.
    pub place: Place,
    /// The call's id; empty if the recording does not say.
    pub request_id: String,
    /// Who called.
    pub agent_id: String,
    /// What was called.
    pub tool_name: String,
    /// What the recording calls it, if that is another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_tool_name: Option<String>,
    /// The plugins in their order, and what each said.
    pub plugins: Vec<PluginStep>,
    /// The rules in their order, up to the deciding one; none if a plugin decided before them.
    pub rules: Vec<RuleStep>,
    /// The outcome; none if the call cannot be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Whether the call goes through.
    pub allowed: bool,
    /// The reason code, or why the call cannot be decided.
    pub code: String,
    /// How the outcome was settled.
    pub settlement: &'static str,
}

/// What a plugin said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PluginStep {
    /// Its name.
    pub plugin: String,
    /// `passed`, `decided`, or `not asked` because an earlier one decided.
    pub said: &'static str,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleStep {
    /// Its id.
    pub rule: String,
    /// Whether it matched.
    pub matched: bool,
    /// The first of its conditions that does not hold, such as `match.environment`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// Explains what rules do; made when the first explanation is wanted.
#[derive(Default)]
pub(super) struct Rules(Option<Explainer>);

impl Rules {
    /// What becomes of the rules for a call as the plugins left it.
    pub(super) fn steps(&mut self, bundle: &Bundle, request: &Request) -> Vec<RuleStep> {
        let explainer = self.0.get_or_insert_with(|| Explainer::new(bundle));
        let step = |Explained { rule, failed }: Explained<'_>| {
            Some(RuleStep {
                rule: bundle.rules.get(rule)?.id.clone(),
                matched: failed.is_none(),
                failed: failed.map(|condition| condition.route.clone()),
            })
        };
        let explained = explainer.explain(request).into_iter();
        explained.filter_map(step).collect()
    }

    /// Whether each condition holds of the rules up to the one that matches, and of that one.
    pub(super) fn holding(&mut self, bundle: &Bundle, request: &Request) -> Vec<bool> {
        let explainer = self.0.get_or_insert_with(|| Explainer::new(bundle));
        let mut holding = explainer.holding(request);
        let mut reached = 0;
        let conditions = explainer.conditions();
        for own in conditions.chunk_by(|one, other| one.rule == other.rule) {
            let before = reached;
            reached += own.len();
            let own = holding.get(before..reached).unwrap_or_default();
            if own.iter().all(|holds| *holds) {
                break;
            }
        }
        holding.truncate(reached);
        holding
    }
}

/// What each plugin said, given where the decision comes from.
pub(super) fn plugins(pipeline: &Run<'_>, source: &Source) -> Vec<PluginStep> {
    let decider = match source {
        Source::Plugin(position, _) => *position,
        Source::Rules(..) | Source::Undecidable(_) => usize::MAX,
    };
    let names: Vec<&str> = pipeline.plugin_names().collect();
    // The guardian has the position after the plugins and stops a call before they are asked.
    let guardian = (decider == names.len()).then(|| PluginStep {
        plugin: pipeline.plugin_name(decider).to_owned(),
        said: "decided",
    });
    let stopped = guardian.is_some();
    let steps = names.iter().enumerate().map(|(position, name)| PluginStep {
        plugin: (*name).to_owned(),
        said: match position.cmp(&decider) {
            _ if stopped => "not asked",
            std::cmp::Ordering::Less => "passed",
            std::cmp::Ordering::Equal => "decided",
            std::cmp::Ordering::Greater => "not asked",
        },
    });
    guardian.into_iter().chain(steps).collect()
}

/// How an outcome was settled, in a few words.
pub(super) const fn settled(settlement: Settlement) -> &'static str {
    match settlement {
        Settlement::Allowed => "allowed",
        Settlement::Denied => "denied",
        Settlement::Approved => "approved",
        Settlement::Rejected => "rejected",
        Settlement::TimedOut => "timed out",
        Settlement::Unanswered => "nobody answered",
    }
}
