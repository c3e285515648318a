//! What of a call becomes audit events: its decision, then its settlement if it needed one. Every
//! event of a run passes here, whether a log is written or not.

use std::time::Duration;

use super::settle::Settlement;
use super::{Decided, Source};
use crate::model::decision::Outcome;
use crate::model::event::{EventOutcome, effective, told};
use crate::model::request::Approval;
use crate::time::Timestamp;

/// One event of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When, if the recording says.
    pub time: Option<Timestamp>,
    /// What the event says was decided.
    pub outcome: EventOutcome,
    /// The code and the message that a settlement adds to the reasons of the decision.
    pub settled: Option<(&'static str, &'static str)>,
}

impl Decided {
    /// The events of the call, made at `time`; none if it cannot be decided.
    pub fn happenings(&self, time: Option<Timestamp>) -> impl Iterator<Item = Happening> {
        let outcome = match &self.source {
            Source::Rules(_, outcome) => Some((*outcome).into()),
            Source::Plugin(_, ruling) => {
                let reason = (ruling.code.as_ref(), ruling.message.as_str());
                Some(effective(ruling.outcome.into(), told([reason])))
            }
            Source::Undecidable(_) => None,
        };
        let decision = outcome.map(|outcome| Happening {
            time,
            outcome,
            settled: None,
        });
        decision.into_iter().chain(self.settled())
    }

    fn settled(&self) -> Option<Happening> {
        let outcome = match self.settlement {
            Settlement::Allowed | Settlement::Denied => return None,
            Settlement::Approved => EventOutcome::Approved,
            Settlement::Rejected => EventOutcome::Rejected,
            Settlement::TimedOut => EventOutcome::Timeout,
            Settlement::Unanswered => EventOutcome::Deny,
        };
        Some(Happening {
            time: self.settled_at,
            outcome,
            settled: Some(reason(self.outcome, self.settlement)),
        })
    }
}

/// The platform's code for how `asked` was settled, and what it means.
const fn reason(asked: Outcome, settlement: Settlement) -> (&'static str, &'static str) {
    use Outcome::{RequireHuman, RequireTicket, StepUp};
    match (settlement, asked) {
        (Settlement::Approved, StepUp) => ("STEP_UP_PASSED", "the caller authenticated again"),
        (Settlement::Approved, RequireTicket) => ("TICKET_VALIDATED", "the ticket is valid"),
        (Settlement::Approved, RequireHuman) => ("HUMAN_APPROVED", "a person agreed"),
        (Settlement::Approved, _) => ("APPROVED", "the approver agreed"),
        (Settlement::Rejected, StepUp) => {
            ("STEP_UP_FAILED", "the caller did not authenticate again")
        }
        (Settlement::Rejected, RequireTicket) => ("TICKET_MISSING", "no valid ticket was named"),
        (Settlement::Rejected, RequireHuman) => ("HUMAN_REJECTED", "a person declined"),
        (Settlement::Rejected, _) => ("REJECTED", "the approver declined"),
        (Settlement::TimedOut, StepUp) => ("STEP_UP_ERROR", "the authentication timed out"),
        (Settlement::TimedOut, RequireTicket) => ("TICKET_ERROR", "the ticket check timed out"),
        (Settlement::TimedOut, RequireHuman) => ("HUMAN_REVIEW_ERROR", "the review timed out"),
        (Settlement::TimedOut, _) => ("APPROVAL_TIMEOUT", "the approval timed out"),
        _ => (
            "APPROVAL_UNANSWERED",
            "the recording holds no answer, which denies",
        ),
    }
}

/// When a call that was made at `time` was settled: as long after it as the answer took, but not
/// later than the timeout.
pub(super) fn settled_at(
    time: Option<Timestamp>,
    approval: Option<Approval>,
    timeout_ms: Option<u64>,
) -> Option<Timestamp> {
    let time = time?;
    let latency = approval.and_then(|approval| approval.latency_ms);
    let waited = match (latency, timeout_ms) {
        (Some(latency), Some(timeout)) => latency.min(timeout as f64),
        (latency, _) => latency.unwrap_or_default(),
    };
    let waited = Duration::try_from_secs_f64(waited / 1000.0).unwrap_or_default();
    Some(time.after(waited).unwrap_or(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Ruling, settle};

    fn time(text: &str) -> Option<Timestamp> {
        Timestamp::parse(text.as_bytes())
    }

    fn events(source: Source, approval: Option<Approval>) -> Vec<Happening> {
        let outcome = match &source {
            Source::Rules(_, outcome) => *outcome,
            Source::Plugin(_, ruling) => ruling.outcome,
            Source::Undecidable(_) => Outcome::Deny,
        };
        let settlement = match &source {
            Source::Rules(..) => settle(outcome, approval, Some(1000)),
            _ => Settlement::Denied,
        };
        let start = time("2026-01-15T10:30:00Z");
        let decided = Decided {
            alerts: Vec::new(),
            source,
            outcome,
            settlement,
            settled_at: settled_at(start, approval, Some(1000)),
        };
        decided.happenings(start).collect()
    }

    fn answer(approved: bool, latency_ms: Option<f64>) -> Option<Approval> {
        Some(Approval {
            approved,
            latency_ms,
            has_ticket: true,
        })
    }

    #[test]
    fn only_what_was_asked_and_settled_has_a_second_event() {
        for outcome in Outcome::ALL {
            let asked = !matches!(outcome, Outcome::Allow | Outcome::Deny);
            let by_rule = events(Source::Rules(None, outcome), None);
            assert_eq!(by_rule.len(), 1 + usize::from(asked), "{outcome:?}");
            assert_eq!(by_rule[0].outcome, outcome.into());
            let ruling = Ruling {
                outcome,
                code: "C".into(),
                message: String::new(),
            };
            assert_eq!(events(Source::Plugin(0, ruling), None).len(), 1);
        }
        assert!(events(Source::Undecidable("no_timestamp"), None).is_empty());
    }

    #[test]
    fn the_code_of_a_settlement_tells_its_outcome() {
        for asked in Outcome::ALL {
            for approval in [
                None,
                answer(true, None),
                answer(false, Some(5.0)),
                answer(true, Some(2000.0)),
            ] {
                let events = events(Source::Rules(None, asked), approval);
                let Some(settled) = events.get(1) else {
                    continue;
                };
                // What the platform's runtime would have recorded.
                let recorded = match settled.outcome {
                    EventOutcome::Approved => EventOutcome::Allow,
                    _ => EventOutcome::Deny,
                };
                assert_eq!(effective(recorded, told(settled.settled)), settled.outcome);
            }
        }
    }

    #[test]
    fn settlements_have_the_codes_of_the_platform() {
        use Outcome::{RequireHuman, RequireTicket, StepUp};
        let late = answer(true, Some(2000.0));
        for (asked, passed, refused, timed_out) in [
            (StepUp, "STEP_UP_PASSED", "STEP_UP_FAILED", "STEP_UP_ERROR"),
            (
                RequireTicket,
                "TICKET_VALIDATED",
                "TICKET_MISSING",
                "TICKET_ERROR",
            ),
            (
                RequireHuman,
                "HUMAN_APPROVED",
                "HUMAN_REJECTED",
                "HUMAN_REVIEW_ERROR",
            ),
            (
                Outcome::RequireApproval,
                "APPROVED",
                "REJECTED",
                "APPROVAL_TIMEOUT",
            ),
        ] {
            let code = |approval| {
                let events = events(Source::Rules(None, asked), approval);
                events[1].settled.map(|(code, _)| code)
            };
            assert_eq!(code(answer(true, None)), Some(passed));
            assert_eq!(code(answer(false, None)), Some(refused));
            assert_eq!(code(late), Some(timed_out));
            assert_eq!(code(None), Some("APPROVAL_UNANSWERED"));
        }
    }

    #[test]
    fn plugins_that_switch_off_or_limit_say_so() {
        let outcome = |code| events(Source::Plugin(0, Ruling::deny(code, "")), None)[0].outcome;
        assert_eq!(outcome("AGENT_KILL_SWITCH"), EventOutcome::KillSwitch);
        assert_eq!(outcome("RATE_LIMIT_TOOL"), EventOutcome::RateLimited);
        assert_eq!(outcome("AGENT_REVOKED"), EventOutcome::Deny);
    }

    #[test]
    fn an_answer_comes_as_late_as_it_took() {
        let at = |approval| {
            let events = events(Source::Rules(None, Outcome::RequireHuman), approval);
            events[1].time
        };
        assert_eq!(
            at(answer(true, Some(250.5))),
            time("2026-01-15T10:30:00.250500Z")
        );
        assert_eq!(at(answer(true, Some(1e300))), time("2026-01-15T10:30:01Z"));
        assert_eq!(at(answer(true, Some(9000.0))), time("2026-01-15T10:30:01Z"));
        assert_eq!(at(answer(true, Some(-1.0))), time("2026-01-15T10:30:00Z"));
        assert_eq!(at(answer(true, None)), time("2026-01-15T10:30:00Z"));
        assert_eq!(at(None), time("2026-01-15T10:30:00Z"));
    }
}
