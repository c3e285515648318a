//! What became of a part of an input, as far as that is known without the parts before it. Owns
//! the buffers, which are kept from part to part.

use super::cases::Expectation;
use super::seen::Identity;
use super::suggest::Evidence;
use super::trace::RuleStep;
use crate::model::decision::Outcome;
use crate::model::request::Approval;
use crate::pipeline::{Prepared, Raised, Standing};
use crate::time::Timestamp;

/// What a test case has. Whatever else has it and cannot be read counts as one: a run that fails
/// once too often is looked at.
const EXPECTATION: &[u8] = b"\"expect\"";

/// How many unreadable lines of a chunk are described; all are counted.
const TROUBLES_DESCRIBED: usize = 100;

/// What became of one chunk.
#[derive(Default)]
pub(super) struct Decided {
    /// The calls, in order.
    pub(super) calls: Vec<Call>,
    /// What `calls` points into.
    pub(super) text: Vec<u8>,
    /// Calls of which too little is known to be one of those: why, and on which line.
    pub(super) not_replayable: Vec<(&'static str, u64)>,
    /// The lines of calls that another record of the same chunk reports as well.
    pub(super) duplicates: Vec<u64>,
    /// Other things worth counting.
    pub(super) notes: Vec<&'static str>,
    /// The first values that could not be read.
    pub(super) troubles: Vec<Trouble>,
    /// All values that could not be read.
    pub(super) unreadable: u64,
    /// Those of them that speak of an expectation.
    pub(super) cases_unreadable: u64,
    /// Rules whose pattern ran out of steps, and how often.
    pub(super) out_of_steps: Vec<(usize, u64)>,
    /// What was seen of the calls, if a policy is to be drafted.
    pub(super) evidence: Evidence,
}

/// A call, decided as far as it can be without those before it.
pub(super) struct Call {
    pub(super) line: u64,
    /// What makes it itself.
    pub(super) identity: Option<Identity>,
    pub(super) request: Part,
    pub(super) agent: Part,
    pub(super) environment: Part,
    pub(super) tool: Part,
    /// What the recording calls the tool, if that is another name.
    pub(super) recorded_tool: Option<Part>,
    pub(super) session: Part,
    pub(super) time: Option<Timestamp>,
    pub(super) approval: Option<Approval>,
    /// The beginning of the decision's output line, if those are wanted.
    pub(super) head: Part,
    /// What was found out about it.
    pub(super) prepared: Both,
    /// What plugins report of what the tool returned.
    pub(super) results: Vec<Raised>,
    /// What the baseline says of it, if there is one and it says something.
    pub(super) before: Option<Before>,
    /// What must be decided, if it is a test case.
    pub(super) expected: Option<Box<Expectation>>,
    /// What becomes of the rules, if the decision may be traced.
    pub(super) rules: Option<Vec<RuleStep>>,
    /// Which conditions hold of the rules that it reaches, if that is to be counted.
    pub(super) holding: Option<Vec<bool>>,
}

/// What was found out about a call without looking at other calls.
pub(super) struct Both {
    pub(super) usual: Prepared,
    /// What is decided instead if the agent was denied too often, where that differs.
    pub(super) many_denials: Option<Box<Prepared>>,
}

impl Both {
    /// What was found out about the call of an agent that stands so.
    pub(super) fn of(&self, standing: impl FnOnce() -> Standing) -> &Prepared {
        match &self.many_denials {
            Some(prepared) if standing() == Standing::ManyDenials => prepared,
            _ => &self.usual,
        }
    }
}

/// What a baseline says of a call.
pub(super) enum Before {
    /// What another policy decides.
    Decided(Both),
    /// What the live system decided then, and its reason code.
    Recorded(Outcome, Part),
}

/// A range of [`Decided::text`].
#[derive(Clone, Copy)]
pub(super) struct Part {
    start: usize,
    end: usize,
}

/// A value that could not be read.
pub(super) struct Trouble {
    pub(super) line: u64,
    /// In characters, from 1.
    pub(super) column: u64,
    pub(super) message: String,
}

impl Decided {
    /// The bytes of a part.
    pub(super) fn part(&self, part: Part) -> &[u8] {
        self.text.get(part.start..part.end).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.calls.clear();
        self.text.clear();
        self.not_replayable.clear();
        self.duplicates.clear();
        self.notes.clear();
        self.troubles.clear();
        self.unreadable = 0;
        self.cases_unreadable = 0;
        self.out_of_steps.clear();
        self.evidence = Evidence::default();
    }

    /// Keeps what `write` appends.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Part {
        let start = self.text.len();
        write(&mut self.text);
        Part {
            start,
            end: self.text.len(),
        }
    }

    /// Counts a value in `text`, which begins on `line`, that cannot be read from `at` on.
    pub(super) fn trouble(&mut self, line: u64, text: &[u8], at: usize, message: String) {
        self.unreadable += 1;
        let is_case = memchr::memmem::find(text, EXPECTATION).is_some();
        self.cases_unreadable += u64::from(is_case);
        if self.troubles.len() < TROUBLES_DESCRIBED {
            let before = text.get(..at).unwrap_or(text);
            let is_start = |byte: &&u8| **byte & 0xC0 != 0x80;
            let lines = memchr::memchr_iter(b'\n', before).count() as u64;
            let begin = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
            let before = before.get(begin..).unwrap_or_default();
            self.troubles.push(Trouble {
                line: line + lines,
                column: before.iter().filter(is_start).count() as u64 + 1,
                message,
            });
        }
    }
}
