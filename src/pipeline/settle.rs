//! Settles what needs an approval, from the answer that the recording holds. Asks nobody.

use crate::model::decision::Outcome;
use crate::model::request::Approval;

/// How a decision was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// ALLOW: nothing to settle.
    Allowed,
    /// DENY, or no decision, or one that a plugin took before the rules: nothing to settle.
    Denied,
    /// Who was asked agreed.
    Approved,
    /// Who was asked declined, or named no ticket where one is needed.
    Rejected,
    /// The answer came too late.
    TimedOut,
    /// The recording holds no answer, which denies.
    Unanswered,
}

impl Settlement {
    /// Whether the call goes through.
    pub fn allows(self) -> bool {
        matches!(self, Self::Allowed | Self::Approved)
    }
}

/// Settles `outcome` by `approval`, which must not have taken longer than `timeout_ms`. A latency
/// that is not a number of milliseconds from 0 up counts as too long if there is a timeout.
pub fn settle(outcome: Outcome, approval: Option<Approval>, timeout_ms: Option<u64>) -> Settlement {
    match outcome {
        Outcome::Allow => return Settlement::Allowed,
        Outcome::Deny => return Settlement::Denied,
        Outcome::RequireApproval
        | Outcome::StepUp
        | Outcome::RequireTicket
        | Outcome::RequireHuman => {}
    }
    let Some(approval) = approval else {
        return Settlement::Unanswered;
    };
    if let (Some(latency), Some(timeout)) = (approval.latency_ms, timeout_ms)
        && !(0.0..=timeout as f64).contains(&latency)
    {
        return Settlement::TimedOut;
    }
    match outcome {
        Outcome::RequireTicket if !approval.has_ticket => Settlement::Rejected,
        _ if approval.approved => Settlement::Approved,
        _ => Settlement::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(approved: bool, latency_ms: Option<f64>, has_ticket: bool) -> Option<Approval> {
        Some(Approval {
            approved,
            latency_ms,
            has_ticket,
        })
    }

    #[test]
    fn only_an_answer_in_time_lets_a_call_through() {
        let human = |approval| settle(Outcome::RequireHuman, approval, Some(1000));
        assert_eq!(human(None), Settlement::Unanswered);
        assert_eq!(human(answer(true, None, false)), Settlement::Approved);
        assert_eq!(
            human(answer(true, Some(1000.0), false)),
            Settlement::Approved
        );
        assert_eq!(
            human(answer(true, Some(1000.5), false)),
            Settlement::TimedOut
        );
        assert_eq!(human(answer(true, Some(-1.0), false)), Settlement::TimedOut);
        assert_eq!(human(answer(false, Some(1.0), false)), Settlement::Rejected);
        assert_eq!(human(answer(false, Some(2e9), false)), Settlement::TimedOut);
    }

    #[test]
    fn a_ticket_is_needed_where_one_is_asked_for() {
        let ticket = |approval| settle(Outcome::RequireTicket, approval, None);
        assert_eq!(ticket(answer(true, Some(9e9), true)), Settlement::Approved);
        assert_eq!(ticket(answer(true, None, false)), Settlement::Rejected);
        assert_eq!(ticket(answer(false, None, true)), Settlement::Rejected);
    }

    #[test]
    fn what_is_decided_needs_no_answer() {
        let refused = answer(false, None, false);
        assert_eq!(settle(Outcome::Allow, refused, None), Settlement::Allowed);
        let agreed = answer(true, None, true);
        assert_eq!(settle(Outcome::Deny, agreed, None), Settlement::Denied);
    }
}
