//! What a policy decides otherwise than a baseline: another policy, or what the live system
//! decided then. Owns the counts; their size depends on the numbers of rules, agents, tools and
//! sessions whose calls change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::tally::Place;
use crate::model::decision::Outcome;

/// How many examples each transition keeps.
const EXAMPLES: usize = 3;

/// How many sessions are told apart; the changes of further ones are counted together.
const MAX_SESSIONS: usize = 10_000;

/// One side of a comparison: what is decided about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Side<'a> {
    /// The outcome.
    pub(super) outcome: Outcome,
    /// Whether the call goes through.
    pub(super) allowed: bool,
    /// The code of the first reason; empty if a recording does not say.
    pub(super) code: &'a str,
}

/// Who called what, as the comparison groups by it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller<'a> {
    pub(super) agent: &'a [u8],
    pub(super) tool: &'a [u8],
    pub(super) session: &'a [u8],
}

/// What a change means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It was not let through and now is.
    NewlyAllowed,
    /// It was let through and now is not.
    NewlyDenied,
    /// The outcome differs; whether it goes through does not.
    OtherOutcome,
    /// Nothing differs, but perhaps who decides.
    Unchanged,
}

impl Effect {
    fn of(before: Side<'_>, after: Side<'_>) -> Self {
        match (before.allowed, after.allowed) {
            (false, true) => Self::NewlyAllowed,
            (true, false) => Self::NewlyDenied,
            _ if before.outcome == after.outcome => Self::Unchanged,
            _ => Self::OtherOutcome,
        }
    }
}

/// Calls that went from one outcome to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// What it means for them.
    pub effect: Effect,
    /// What the baseline decides.
    pub from: Outcome,
    /// What the policy decides.
    pub to: Outcome,
    /// How many.
    pub count: u64,
    /// The first of them, at most three.
    pub examples: Vec<Place>,
}

/// Calls whose decision changed from one rule's or plugin's to another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodeChange {
    /// What it means for them.
    pub effect: Effect,
    /// The baseline's reason code; empty if the recording does not say.
    pub from: String,
    /// The policy's reason code.
    pub to: String,
    /// How many.
    pub count: u64,
    /// The first of them, at most three.
    pub examples: Vec<Place>,
}

/// An agent, a tool or a session, and how many of its calls changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeCounts {
    /// Its name; empty if the recording does not say.
    pub name: String,
    /// Calls that were not let through and now are.
    pub newly_allowed: u64,
    /// Calls that were let through and now are not.
    pub newly_denied: u64,
    /// Calls with another outcome that fare the same.
    pub other_outcome: u64,
}

impl ChangeCounts {
    fn changes(&self) -> u64 {
        self.newly_allowed + self.newly_denied + self.other_outcome
    }
}

/// A policy beside a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Calls that both sides decide.
    pub compared: u64,
    /// Calls that only one side decides: the recording does not say what was decided then, or
    /// lacks what one of the policies asks for.
    pub not_comparable: u64,
    /// Calls that were not let through and now are.
    pub newly_allowed: u64,
    /// Calls that were let through and now are not.
    pub newly_denied: u64,
    /// Calls with another outcome that fare the same.
    pub other_outcome: u64,
    /// Calls with the same outcome by another rule or plugin.
    pub other_reason: u64,
    /// All pairs of outcomes that came up: newly allowed first, then newly denied, then other
    /// outcomes, then unchanged; most calls first within each.
    pub transitions: Vec<Transition>,
    /// The changes by reason codes, in the same order; nothing unchanged.
    pub codes: Vec<CodeChange>,
    /// The agents whose calls changed, most changes first.
    pub agents: Vec<ChangeCounts>,
    /// The tools, in the same order.
    pub tools: Vec<ChangeCounts>,
    /// The sessions, in the same order, at most 10,000 of them.
    pub sessions: Vec<ChangeCounts>,
    /// Changed calls of further sessions.
    pub further_sessions: u64,
}

impl Comparison {
    /// Calls that fare otherwise or have another outcome.
    pub fn changed(&self) -> u64 {
        self.newly_allowed + self.newly_denied + self.other_outcome
    }
}

/// How many calls, and the first of them.
type Counted = (u64, Vec<Place>);

/// Counts a comparison call by call.
#[derive(Default)]
pub(super) struct Comparing {
    totals: Comparison,
    transitions: BTreeMap<(Effect, Outcome, Outcome), Counted>,
    /// By the baseline's code, then by the policy's.
    codes: BTreeMap<(Effect, String), BTreeMap<String, Counted>>,
    agents: Changes,
    tools: Changes,
    sessions: Changes,
}

impl Comparing {
    /// Counts a call that only one side decides.
    pub(super) fn not_comparable(&mut self) {
        self.totals.not_comparable += 1;
    }

    /// Counts a call that both sides decide.
    pub(super) fn call(
        &mut self,
        caller: Caller<'_>,
        before: Side<'_>,
        after: Side<'_>,
        place: impl Fn() -> Place,
    ) {
        let effect = Effect::of(before, after);
        self.totals.compared += 1;
        let key = (effect, before.outcome, after.outcome);
        add(self.transitions.entry(key).or_default(), &place);
        match effect {
            Effect::Unchanged => {
                let differs = before.code != after.code && !before.code.is_empty();
                self.totals.other_reason += u64::from(differs);
                return;
            }
            Effect::NewlyAllowed => self.totals.newly_allowed += 1,
            Effect::NewlyDenied => self.totals.newly_denied += 1,
            Effect::OtherOutcome => self.totals.other_outcome += 1,
        }
        let from = self
            .codes
            .entry((effect, before.code.to_owned()))
            .or_default();
        match from.get_mut(after.code) {
            Some(count) => add(count, &place),
            None => add(from.entry(after.code.to_owned()).or_default(), &place),
        }
        self.agents.count(caller.agent, effect, usize::MAX);
        self.tools.count(caller.tool, effect, usize::MAX);
        if !self.sessions.count(caller.session, effect, MAX_SESSIONS) {
            self.totals.further_sessions += 1;
        }
    }

    /// The result.
    pub(super) fn finish(self) -> Comparison {
        let transitions = self.transitions.into_iter();
        let transitions = transitions.map(|((effect, from, to), (count, examples))| Transition {
            effect,
            from,
            to,
            count,
            examples,
        });
        let mut transitions: Vec<Transition> = transitions.collect();
        transitions.sort_by_key(|transition| (transition.effect, Reverse(transition.count)));
        let mut codes = Vec::new();
        for ((effect, from), all) in self.codes {
            codes.extend(all.into_iter().map(|(to, (count, examples))| CodeChange {
                effect,
                from: from.clone(),
                to,
                count,
                examples,
            }));
        }
        codes.sort_by_key(|change| (change.effect, Reverse(change.count)));
        Comparison {
            transitions,
            codes,
            agents: self.agents.sorted(),
            tools: self.tools.sorted(),
            sessions: self.sessions.sorted(),
            ..self.totals
        }
    }
}

fn add(counted: &mut Counted, place: impl Fn() -> Place) {
    counted.0 += 1;
    if counted.1.len() < EXAMPLES {
        counted.1.push(place());
    }
}

/// Names with the changes of their calls.
#[derive(Default)]
struct Changes {
    counts: HashMap<Box<[u8]>, ChangeCounts, foldhash::fast::RandomState>,
}

impl Changes {
    /// Counts a change unless the name is new and there are `most` already; says whether it did.
    fn count(&mut self, name: &[u8], effect: Effect, most: usize) -> bool {
        if !self.counts.contains_key(name) {
            if self.counts.len() >= most {
                return false;
            }
            let counts = ChangeCounts {
                name: String::from_utf8_lossy(name).into_owned(),
                ..ChangeCounts::default()
            };
            self.counts.insert(name.into(), counts);
        }
        if let Some(counts) = self.counts.get_mut(name) {
            match effect {
                Effect::NewlyAllowed => counts.newly_allowed += 1,
                Effect::NewlyDenied => counts.newly_denied += 1,
                Effect::OtherOutcome | Effect::Unchanged => counts.other_outcome += 1,
            }
        }
        true
    }

    /// Most changes first, then by name.
    fn sorted(self) -> Vec<ChangeCounts> {
        let mut counts: Vec<(Box<[u8]>, ChangeCounts)> = self.counts.into_iter().collect();
        counts.sort_by(|(a_name, a), (b_name, b)| {
            let order = b.changes().cmp(&a.changes());
            order.then_with(|| a_name.cmp(b_name))
        });
        counts.into_iter().map(|(_, counts)| counts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            source: "f".to_owned(),
            line: 1,
        }
    }

    fn side(outcome: Outcome, allowed: bool, code: &str) -> Side<'_> {
        Side {
            outcome,
            allowed,
            code,
        }
    }

    const CALLER: Caller<'_> = Caller {
        agent: b"a",
        tool: b"t",
        session: b"s",
    };

    #[test]
    fn what_widens_a_policy_comes_first() {
        let mut comparing = Comparing::default();
        let allow = side(Outcome::Allow, true, "A");
        let deny = side(Outcome::Deny, false, "D");
        let human = side(Outcome::RequireHuman, false, "H");
        for _ in 0..5 {
            comparing.call(CALLER, allow, deny, place);
        }
        comparing.call(CALLER, human, side(Outcome::RequireHuman, true, "H"), place);
        comparing.call(CALLER, deny, human, place);
        comparing.call(CALLER, allow, side(Outcome::Allow, true, "B"), place);
        comparing.not_comparable();
        let comparison = comparing.finish();
        let effects: Vec<Effect> = comparison.transitions.iter().map(|t| t.effect).collect();
        assert_eq!(
            effects,
            [
                Effect::NewlyAllowed,
                Effect::NewlyDenied,
                Effect::OtherOutcome,
                Effect::Unchanged
            ]
        );
        assert_eq!(comparison.transitions[1].examples.len(), 3);
        assert_eq!((comparison.compared, comparison.not_comparable), (8, 1));
        assert_eq!(comparison.changed(), 7);
        assert_eq!(comparison.other_reason, 1);
        assert_eq!(comparison.codes.len(), 3, "nothing unchanged");
        assert_eq!(comparison.agents[0].newly_denied, 5);
    }

    #[test]
    fn sessions_beyond_the_most_are_counted_together() {
        let mut comparing = Comparing::default();
        for number in 0..MAX_SESSIONS + 2 {
            let session = number.to_string();
            let caller = Caller {
                session: session.as_bytes(),
                ..CALLER
            };
            let deny = side(Outcome::Deny, false, "D");
            comparing.call(caller, deny, side(Outcome::Allow, true, "A"), place);
        }
        let comparison = comparing.finish();
        assert_eq!(comparison.sessions.len(), MAX_SESSIONS);
        assert_eq!(comparison.further_sessions, 2);
    }
}
