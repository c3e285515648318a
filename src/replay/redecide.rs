//! What is in the log, decided again by a policy. Owns the comparison and its ledger: every event
//! is decided as it was logged, is a divergence, or could not be decided again for a reason.
//!
//! Where a recording holds the call, the whole pipeline decides it again, exactly as `simulate`
//! does, and its events are compared with those of the log. An event by itself does not hold the
//! call: then only what its tool and its environment rule out is a divergence.

mod calls;
mod possible;
mod texts;

use std::collections::BTreeMap;
use std::io;

use self::calls::Calls;
use self::possible::{Possible, Verdict};
use super::event::{Event, Role};
use super::finding::Place;
use crate::classify::Classifier;
use crate::model::bundle::Bundle;
use crate::model::event::EventOutcome;
use crate::simulate::{self, SimulateError};
use crate::source::stream::Input;

/// How many divergences are listed, those of the first places; all are counted.
const MAX_LISTED: usize = 1000;

/// By what events are decided again.
#[derive(Clone, Copy)]
pub struct Deciding<'a> {
    /// The policy.
    pub bundle: &'a Bundle,
    /// The names of the plugins around it, if a pipeline was given.
    pub plugins: Option<&'a [&'a str]>,
    /// Recordings that hold the calls, and how they are decided.
    pub calls: Option<(&'a [Input], &'a simulate::Options<'a>)>,
}

/// What came of deciding again.
#[derive(Clone, Debug, Default)]
pub struct Redecided {
    /// Events that say what is decided now.
    pub same: u64,
    /// Those that do not, by kind.
    pub counts: BTreeMap<DivergenceKind, u64>,
    /// The first of them by place, at most 1,000.
    pub divergences: Vec<Divergence>,
    /// Events that could not be decided again, by reason.
    pub not_replayable: BTreeMap<&'static str, u64>,
    /// What was found in recordings, if any were given.
    pub calls: Option<CallCounts>,
}

/// The calls of the recordings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Decisions about them.
    pub decided: u64,
    /// Those of which the log says nothing.
    pub not_logged: u64,
}

/// An event that says something else than is decided now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// Where.
    pub place: Place,
    /// How it differs.
    pub kind: DivergenceKind,
    /// The request.
    pub request_id: String,
    /// Who called, as the log says.
    pub agent_id: String,
    /// What, as the log says.
    pub tool_name: String,
    /// What was logged.
    pub recorded: Said,
    /// What is decided now. Of an event by itself, all that could be; the first rule that could
    /// have matched comes first.
    pub decided: Vec<Said>,
}

/// A decision and its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The decision.
    pub outcome: EventOutcome,
    /// The reason code.
    pub code: String,
}

/// How an event differs from what is decided now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DivergenceKind {
    /// Another outcome.
    Outcome,
    /// The same outcome for another reason.
    Reason,
    /// It is about another agent, tool or environment than the call.
    Subject,
    /// It names a rule that the policy does not have.
    UnknownRule,
    /// It names a plugin that the pipeline does not have.
    UnknownPlugin,
}

impl DivergenceKind {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::Subject => "subject",
            Self::UnknownRule => "unknown_rule",
            Self::UnknownPlugin => "unknown_plugin",
        }
    }
}

/// The ledger.
#[derive(Debug, Default)]
struct Ledger {
    same: u64,
    counts: BTreeMap<DivergenceKind, u64>,
    listed: BTreeMap<Place, Divergence>,
    not_replayable: BTreeMap<&'static str, u64>,
}

impl Ledger {
    fn not_replayable(&mut self, reason: &'static str) {
        *self.not_replayable.entry(reason).or_default() += 1;
    }

    /// Counts a divergence; `make` is asked for it if it is listed.
    fn diverges<E>(
        &mut self,
        kind: DivergenceKind,
        place: Place,
        make: impl FnOnce() -> Result<Divergence, E>,
    ) -> Result<(), E> {
        *self.counts.entry(kind).or_default() += 1;
        let last = self.listed.last_key_value().map(|(last, _)| *last);
        if self.listed.len() < MAX_LISTED || last.is_some_and(|last| place < last) {
            self.listed.insert(place, make()?);
        }
        if self.listed.len() > MAX_LISTED {
            self.listed.pop_last();
        }
        Ok(())
    }
}

/// A log that is being decided again.
pub(super) struct Redecision<'a> {
    possible: Possible<'a>,
    calls: Option<Calls>,
    ledger: Ledger,
}

impl<'a> Redecision<'a> {
    /// Decides the calls of the recordings, if there are any.
    ///
    /// # Errors
    /// If a recording cannot be read, or the disk refuses.
    pub(super) fn new(
        deciding: &Deciding<'a>,
        classifier: &Classifier,
    ) -> Result<Self, SimulateError> {
        let calls = match deciding.calls {
            Some((inputs, options)) => Some(Calls::decide(inputs, options, classifier)?),
            None => None,
        };
        Ok(Self {
            possible: Possible::new(deciding.bundle, deciding.plugins),
            calls,
            ledger: Ledger::default(),
        })
    }

    /// Looks at the next event.
    pub(super) fn see(&mut self, event: &Event<'_>, place: Place) -> io::Result<()> {
        match &mut self.calls {
            Some(calls) => calls.see(event, place),
            None => {
                let facts = Facts::of(event);
                let verdict = self.possible.judge(&facts);
                let request = || Ok(event.request_id.to_owned());
                enter(&mut self.ledger, place, &facts, verdict, request)
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<Redecided> {
        let Self {
            mut possible,
            calls,
            mut ledger,
        } = self;
        let counts = match calls {
            Some(calls) => Some(calls.finish(&mut possible, &mut ledger)?),
            None => None,
        };
        Ok(Redecided {
            same: ledger.same,
            counts: ledger.counts,
            divergences: ledger.listed.into_values().collect(),
            not_replayable: ledger.not_replayable,
            calls: counts,
        })
    }
}

/// What of an event is compared.
#[derive(Clone, Copy, Debug)]
struct Facts<'e> {
    agent: &'e str,
    tool: &'e str,
    environment: &'e str,
    role: Role,
    recorded: EventOutcome,
    effective: EventOutcome,
    code: &'e str,
    plugin: Option<&'e str>,
}

impl<'e> Facts<'e> {
    fn of(event: &Event<'e>) -> Self {
        Self {
            agent: event.agent_id,
            tool: event.tool_name,
            environment: event.environment,
            role: event.role,
            recorded: event.recorded,
            effective: event.effective,
            code: event.reason().map_or("", |reason| reason.code),
            plugin: event.plugin,
        }
    }
}

/// Enters what became of an event into the ledger.
fn enter<E>(
    ledger: &mut Ledger,
    place: Place,
    facts: &Facts<'_>,
    verdict: Verdict,
    request_id: impl FnOnce() -> Result<String, E>,
) -> Result<(), E> {
    let (kind, decided) = match verdict {
        Verdict::Same => {
            ledger.same += 1;
            return Ok(());
        }
        Verdict::Unknown(reason) => {
            ledger.not_replayable(reason);
            return Ok(());
        }
        Verdict::Differs(kind, decided) => (kind, decided),
    };
    ledger.diverges(kind, place, || {
        Ok(Divergence {
            place,
            kind,
            request_id: request_id()?,
            agent_id: facts.agent.to_owned(),
            tool_name: facts.tool.to_owned(),
            recorded: Said {
                outcome: facts.effective,
                code: facts.code.to_owned(),
            },
            decided,
        })
    })
}
