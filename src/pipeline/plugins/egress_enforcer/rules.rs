//! What becomes of what was found. Owns the order of rules and what of a rule holds when; knows not
//! how data is found.

use super::destination::Destination;
use super::findings::{Findings, KindSet, Labels};
use super::glob::Glob;
use crate::model::pipeline::egress::{
    Channel, EgressAction, EgressDefault, EgressEnforcer as Options, EgressRule,
};
use crate::model::request::Request;

/// The rules in order, and what becomes of what no rule decides.
pub(super) struct Rules {
    rules: Vec<Rule>,
    default: Option<Action>,
}

struct Rule {
    id: String,
    description: Option<String>,
    kinds: KindSet,
    labels: Vec<String>,
    channels: Vec<Channel>,
    blocked: Vec<Glob>,
    allowed: Vec<Glob>,
    action: Action,
}

/// What becomes of a call; the stricter one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Alert,
    Block,
}

/// Where data goes.
pub(super) struct Place {
    pub(super) channel: Channel,
    /// `None` if the tool's calls do not tell; none if this one does not although others do.
    pub(super) destinations: Option<Vec<Destination>>,
}

/// Why something becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// The kinds of data of which the same becomes.
    pub(super) kinds: KindSet,
    objection: Objection,
    /// The rule for the first of them; none for the default.
    rule: Option<usize>,
}

/// What a rule, or the default, has against a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Objection {
    /// That it is any.
    Anywhere,
    /// That it is blocked.
    Blocked,
    /// That it is not allowed.
    NotAllowed,
}

impl Rules {
    /// # Errors
    /// If a rule is about something unknown.
    pub(super) fn new(options: &Options, labels: &Labels) -> Result<Self, String> {
        let rules = options.rules.iter().map(|rule| Rule::new(rule, labels));
        Ok(Self {
            rules: rules.collect::<Result<_, _>>()?,
            default: match options.default_action.unwrap_or(EgressDefault::Block) {
                EgressDefault::Block => Some(Action::Block),
                EgressDefault::Alert => Some(Action::Alert),
                EgressDefault::Allow => None,
            },
        })
    }

    /// Whether a rule heeds the labels of calls.
    pub(super) fn heed_labels(&self) -> bool {
        self.rules.iter().any(|rule| !rule.labels.is_empty())
    }

    /// Whether a rule is about calls with these labels, whatever else they hold.
    pub(super) fn is_about_labels(&self, call: &Request) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.kinds == KindSet::LABELLED && rule.has_label(call))
    }

    /// What becomes of the call, the strictest for any kind of data in it; `None` for nothing.
    pub(super) fn decide(
        &self,
        call: &Request,
        findings: &Findings,
        place: &Place,
    ) -> Option<(Action, Reason)> {
        let mut strictest: Option<(Action, Reason)> = None;
        for kind in findings.kinds().members() {
            let Some((action, objection, rule)) = self.decide_kind(call, kind, place) else {
                continue;
            };
            match &mut strictest {
                Some((known, reason)) if *known == action => reason.kinds = reason.kinds.with(kind),
                Some((known, _)) if *known > action => {}
                _ => {
                    let reason = Reason {
                        kinds: kind,
                        objection,
                        rule,
                    };
                    strictest = Some((action, reason));
                }
            }
        }
        strictest
    }

    fn decide_kind(
        &self,
        call: &Request,
        kind: KindSet,
        place: &Place,
    ) -> Option<(Action, Objection, Option<usize>)> {
        for (index, rule) in self.rules.iter().enumerate() {
            let is_about = rule.kinds.intersects(kind)
                && (rule.channels.is_empty() || rule.channels.contains(&place.channel))
                && (rule.labels.is_empty() || rule.has_label(call));
            if !is_about {
                continue;
            }
            if let Some((action, objection)) = rule.object(place) {
                return Some((action, objection, Some(index)));
            }
        }
        let default = self.default.filter(|_| kind != KindSet::LABELLED)?;
        Some((default, Objection::Anywhere, None))
    }

    /// Who objects, and to what, as the end of a sentence.
    pub(super) fn explain(&self, reason: &Reason) -> String {
        let place = match reason.objection {
            Objection::Anywhere => "",
            Objection::Blocked => " to a blocked destination",
            Objection::NotAllowed => " to a destination that is not allowed",
        };
        let rule = reason.rule.and_then(|index| self.rules.get(index));
        match rule.map(|rule| (&rule.id, &rule.description)) {
            Some((id, Some(description))) => format!("{place}; rule `{id}`: {description}"),
            Some((id, None)) => format!("{place}; rule `{id}`"),
            None => format!("{place}; no rule is about it"),
        }
    }
}

impl Rule {
    fn new(rule: &EgressRule, labels: &Labels) -> Result<Self, String> {
        let globs = |patterns: &[String]| patterns.iter().map(|text| Glob::new(text)).collect();
        let mut kinds = KindSet::default();
        for classification in &rule.classifications {
            let meant = labels.meant(classification);
            let meant = meant.ok_or_else(|| {
                format!(
                    "rule `{}`: unknown classification `{classification}`",
                    rule.id
                )
            })?;
            kinds = kinds.with(meant);
        }
        if rule.classifications.is_empty() {
            kinds = KindSet::LABELLED;
        }
        Ok(Self {
            id: rule.id.clone(),
            description: rule.description.clone(),
            kinds,
            labels: rule.data_labels_any.clone(),
            channels: rule.channels.clone(),
            blocked: globs(&rule.blocked_destinations),
            allowed: globs(&rule.allowed_destinations),
            action: match rule.action {
                EgressAction::Block => Action::Block,
                EgressAction::Alert => Action::Alert,
            },
        })
    }

    fn has_label(&self, call: &Request) -> bool {
        let mut labels = call.data_labels.iter().map(|label| call.name(*label));
        labels.any(|label| self.labels.iter().any(|wanted| wanted.as_bytes() == label))
    }

    /// What the rule does about a place, if anything.
    fn object(&self, place: &Place) -> Option<(Action, Objection)> {
        if self.blocked.is_empty() && self.allowed.is_empty() {
            return Some((self.action, Objection::Anywhere));
        }
        let destinations = place.destinations.as_ref()?;
        let mut all = destinations.iter();
        if all.any(|destination| destination.is_blocked_by(&self.blocked)) {
            return Some((Action::Block, Objection::Blocked));
        }
        // A call that does not tell where to must not pass for one that does.
        let mut all = destinations.iter();
        let is_allowed = !destinations.is_empty()
            && all.all(|destination| destination.is_allowed_by(&self.allowed));
        let is_objected = !self.allowed.is_empty() && !is_allowed;
        is_objected.then_some((self.action, Objection::NotAllowed))
    }
}
