//! What can be checked of one record alone: members that must be there, members that say the same
//! twice, codes that contradict the outcome.

use std::hash::BuildHasher as _;

use super::form::{Canonical, MAX_SAFE_INTEGER};
use super::line::{ChainMember, Reading};
use super::member::{ALL_REQUIRED, Member, REQUIRED};
use super::{FindingKind, Leaves, Link, Part, Reader};
use crate::audit::leaf_hash;
use crate::digest::sha256;
use crate::model::event::{EventOutcome, effective, told};
use crate::replay::pack::{IdForm, Print};

impl Reading<'_, '_> {
    /// Checks what can be checked of one record, and keeps it.
    pub(super) fn finish(mut self, reader: &mut Reader<'_>, text: &str, leaves: Leaves) {
        self.note_twice(0);
        let telling = Member::EventId.bit() | Member::RequestId.bit() | Member::Outcome.bit();
        if self.seen & telling == 0 && self.chain.is_none() {
            return self.trouble(FindingKind::NotAnEvent, "it has no member of an event");
        }
        if self.seen & ALL_REQUIRED != ALL_REQUIRED {
            for (bit, member) in REQUIRED.iter().enumerate() {
                if self.seen & 1 << bit == 0 {
                    self.trouble(FindingKind::MissingMember, member);
                }
            }
        }
        self.record.line = self.number;
        self.record.text = Part::new(self.base, text.len());
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let reasons = self.lines.reasons.len() - self.first_reason;
        self.record.reasons = (count(self.first_reason), count(reasons));
        self.record.environment = self.payload.environment.unwrap_or_default();
        self.check_payload();
        self.settle_outcome();
        self.record.event_print = Print::of(self.text_of(self.record.event_id));
        self.record.request_print = Print::of(self.text_of(self.record.request_id));
        if self.seen & Member::EventId.bit() != 0 && self.record.event_print.form == IdForm::Other {
            self.trouble(FindingKind::IdForm, "");
        }
        if let Some(chain) = self.chain.take() {
            self.link(&chain, text, leaves);
        }
        let link = self.record.link.and(self.lines.links.last());
        let hash = link.and_then(|link| link.hash);
        self.record.digest = match hash {
            Some(hash) => reader.hasher.hash_one(hash),
            None => reader.hasher.hash_one(text),
        };
        self.screen(&mut reader.vocabulary);
        self.lines.records.push(self.record);
    }

    /// What `safe_payload` repeats must be as in the event.
    fn check_payload(&mut self) {
        let payload = &self.payload;
        let recorded = self.record.recorded.map(EventOutcome::as_str);
        let same = |given: Option<Part>, own: Part| {
            given.is_none_or(|given| self.text_of(given) == self.text_of(own))
        };
        let agent = same(payload.agent_id, self.record.agent_id);
        let tool = same(payload.tool_name, self.record.tool_name);
        let outcome = payload.outcome.map(|part| self.text_of(part));
        let outcome = outcome.is_none_or(|outcome| Some(outcome) == recorded);
        if agent && tool && outcome {
            return;
        }
        self.payload_differs = true;
        let has = |member: Member| self.seen & member.bit() != 0;
        let detail = if !agent && has(Member::AgentId) {
            "agent_id"
        } else if !tool && has(Member::ToolName) {
            "tool_name"
        } else if !outcome && recorded.is_some() {
            "outcome"
        } else {
            return;
        };
        self.trouble(FindingKind::PayloadMismatch, detail);
    }

    /// Finds out what the outcome comes to, and whether the codes agree with it.
    fn settle_outcome(&mut self) {
        let Some(recorded) = self.record.recorded else {
            return;
        };
        let reasons = self.lines.reasons_of(&self.record);
        let texts = reasons
            .iter()
            .map(|&[code, message]| (self.text_of(code), self.text_of(message)));
        let told = told(texts.clone());
        let effective = effective(recorded, told);
        let contradicts = match told {
            None => false,
            Some(EventOutcome::Approved) => !matches!(effective, EventOutcome::Approved),
            Some(told) => told != effective,
        };
        let last = texts.clone().next_back().map(|(code, _)| code);
        let default = last.and_then(|code| code.strip_prefix("DEFAULT_"));
        let default = default.and_then(EventOutcome::parse);
        let settles = matches!(
            effective,
            EventOutcome::Approved | EventOutcome::Rejected | EventOutcome::Timeout
        ) || last.is_some_and(is_settlement_code);
        let mismatch = contradicts || default.is_some_and(|default| default != recorded);
        self.record.effective = Some(effective);
        self.record.settles = settles;
        if mismatch {
            self.trouble(FindingKind::CodeMismatch, "");
        }
    }

    fn link(&mut self, chain: &ChainMember, text: &str, leaves: Leaves) {
        let (Some(uid), Some(seq), Some(previous)) = (chain.uid, chain.seq, chain.previous) else {
            return self.trouble(FindingKind::MissingMember, "chain");
        };
        let Canonical { text, large } = self.canonical.of(text);
        if large || seq > MAX_SAFE_INTEGER {
            self.trouble(FindingKind::LargeNumber, "");
        }
        let canonical = text.as_deref();
        let leaf = match leaves {
            Leaves::Hashed => canonical.map(leaf_hash),
            Leaves::Skipped => None,
        };
        self.record.link = u32::try_from(self.lines.links.len()).ok();
        self.lines.links.push(Link {
            uid,
            seq,
            previous,
            hash: canonical.map(sha256),
            leaf,
        });
    }
}

/// Codes of the platform's second events that tell nothing else.
fn is_settlement_code(code: &str) -> bool {
    matches!(
        code,
        "APPROVAL_TIMEOUT"
            | "APPROVAL_UNANSWERED"
            | "STEP_UP_ERROR"
            | "TICKET_ERROR"
            | "HUMAN_REVIEW_ERROR"
    )
}
