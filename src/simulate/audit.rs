//! The audit events of a run: counted, and written if a log is wanted. Owns how a rule becomes a
//! reason; what happened is the pipeline's to say, how an event is written the log's.

use std::io;

use uuid::Uuid;

use crate::audit::{Ids, Log, Record, Subject, Written};
use crate::model::bundle::{Bundle, Rule};
use crate::pipeline::{Decided, Facts, Source};

/// How many audit events there were, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSummary {
    /// Decisions and settlements.
    pub events: u64,
    /// How many the platform's runtime would have kept in memory; 0 for all.
    pub max_events: u64,
    /// How many it would have dropped, the oldest first.
    pub dropped: u64,
    /// The log, if one was written.
    pub log: Option<Written>,
}

/// The events of a run.
pub(super) struct Trail<'p, 'a> {
    rules: &'p [Rule],
    default_code: String,
    default_message: String,
    kept: Kept<'a>,
    events: u64,
}

/// What is kept of the events besides their number.
pub(super) enum Kept<'a> {
    /// All of it.
    Log(Log<'a>),
    /// Their ids.
    Ids(Ids),
    Nothing,
}

impl<'p, 'a> Trail<'p, 'a> {
    pub(super) fn new(bundle: &'p Bundle, kept: Kept<'a>) -> Self {
        let outcome = bundle.defaults.outcome.as_str();
        Self {
            rules: &bundle.rules,
            default_code: format!("DEFAULT_{outcome}"),
            default_message: format!("no rule matched; the default is {outcome}"),
            kept,
            events: 0,
        }
    }

    /// Takes the events of a call that `plugin` or a rule decided; their ids, if those are kept.
    pub(super) fn follow(
        &mut self,
        call: &Facts<'_>,
        environment: &[u8],
        plugin: Option<&str>,
        decided: &Decided,
    ) -> io::Result<Vec<Uuid>> {
        if let Kept::Nothing = self.kept {
            self.events += decided.happenings(call.time).count() as u64;
            return Ok(Vec::new());
        }
        let subject = Subject {
            request_id: call.request,
            agent_id: call.agent,
            tool_name: call.tool,
            environment,
        };
        let decision = match &decided.source {
            Source::Rules(rule, _) => match rule.and_then(|index| self.rules.get(index)) {
                Some(rule) => (rule.id.as_str(), rule.description.as_str()),
                None => (self.default_code.as_str(), self.default_message.as_str()),
            },
            Source::Plugin(_, ruling) => (ruling.code.as_ref(), ruling.message.as_str()),
            Source::Undecidable(_) => return Ok(Vec::new()),
        };
        let settlement = decided
            .happenings(call.time)
            .find_map(|event| event.settled);
        let reasons = [decision, settlement.unwrap_or(decision)];
        let (only_decision, _) = reasons.split_at(1);
        let records: Vec<Record<'_>> = decided
            .happenings(call.time)
            .map(|event| Record {
                time: event.time,
                outcome: event.outcome,
                reasons: match event.settled {
                    Some(_) => &reasons,
                    None => only_decision,
                },
                plugin,
            })
            .collect();
        self.events += records.len() as u64;
        match &mut self.kept {
            Kept::Log(log) => log.append(&subject, &records),
            Kept::Ids(ids) => Ok(ids.append(&subject, &records)),
            Kept::Nothing => Ok(Vec::new()),
        }
    }

    /// Ends the log; `max_events` is how many events the platform's runtime would keep.
    pub(super) fn finish(self, max_events: u64) -> io::Result<AuditSummary> {
        let dropped = match max_events {
            0 => 0,
            kept => self.events.saturating_sub(kept),
        };
        Ok(AuditSummary {
            events: self.events,
            max_events,
            dropped,
            log: match self.kept {
                Kept::Log(log) => Some(log.finish()?),
                Kept::Ids(_) | Kept::Nothing => None,
            },
        })
    }
}
