//! The forms of records: what stands between their values. A writer has few of them, so that a
//! record of a form that was read before is read by comparing a few stretches of text, several
//! times as fast as by its grammar. Owns the forms; what a value says is looked at all the same.

use super::Part;
use super::line::{ChainMember, Payload, Reading, Slot, from_hex};
use crate::json::Scanner;

/// Most stretches of text that are remembered; records of other forms are read by their grammar.
const MOST_NODES: usize = 512;

/// How many values a record of a form has at most.
const SLOTS: usize = 32;

/// Where values that reasons do not have end among the slots.
const FIRST_REASON: usize = 14;

/// The forms of the records that were read so far: a tree whose paths are the forms.
#[derive(Debug)]
pub(super) struct Forms {
    nodes: Vec<Node>,
}

/// What can follow a value.
#[derive(Debug, Default)]
struct Node {
    next: Vec<(Box<[u8]>, Next)>,
}

/// What follows a stretch of text.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A value by the number of its slot, and the node after it.
    Value(usize, usize),
    /// Nothing: the record ends. These members it has.
    End { seen: u32 },
}

/// The values of a record, as they are written.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// Where each stands in the record, by the number of its slot.
    parts: [(u32, u32); SLOTS],
    /// Which of them it has, a bit each.
    has: u32,
    /// Which of those have escapes.
    escaped: u32,
    /// The members that it has.
    seen: u32,
    length: usize,
}

impl Split {
    /// How long the record is.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    const fn has(&self, slot: usize) -> bool {
        self.has >> slot & 1 != 0
    }

    /// How many reasons it has. They have numbers without a gap, each a code.
    fn reasons(&self) -> usize {
        let reasons = self.has >> FIRST_REASON;
        (u32::BITS - reasons.leading_zeros()).div_ceil(2) as usize
    }
}

impl Slot {
    /// Its number; none if there are too many reasons.
    fn number(self) -> Option<usize> {
        let number = match self {
            Self::EventId => 0,
            Self::Timestamp => 1,
            Self::RequestId => 2,
            Self::AgentId => 3,
            Self::ToolName => 4,
            Self::Outcome => 5,
            Self::Plugin => 6,
            Self::PayloadAgent => 7,
            Self::PayloadTool => 8,
            Self::PayloadEnvironment => 9,
            Self::PayloadOutcome => 10,
            Self::ChainUid => 11,
            Self::ChainSeq => 12,
            Self::ChainPrevious => 13,
            Self::Code(reason) => FIRST_REASON + 2 * reason,
            Self::Message(reason) => FIRST_REASON + 2 * reason + 1,
        };
        (number < SLOTS).then_some(number)
    }
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }
}

impl Forms {
    /// Where every form begins.
    const START: usize = 0;

    /// The stretch at the beginning of `rest` that can follow at `node`, by its length, and what
    /// follows it.
    fn step(&self, node: usize, rest: &[u8]) -> Option<(usize, Next)> {
        let mut next = self.nodes.get(node)?.next.iter();
        let (text, next) = next.find(|(text, _)| begins_with(rest, text))?;
        Some((text.len(), *next))
    }

    /// Remembers the form of a record that was read by its grammar: the stretches before each of
    /// its values, the one after the last, and the members that it has.
    fn learn<'t>(&mut self, values: impl Iterator<Item = (&'t [u8], Slot)>, end: &[u8], seen: u32) {
        let mut node = Self::START;
        for (text, slot) in values {
            let Some(slot) = slot.number().filter(|_| self.nodes.len() < MOST_NODES) else {
                return;
            };
            let fresh = self.nodes.len();
            let Some(at) = self.nodes.get_mut(node) else {
                return;
            };
            let known = at.next.iter().find_map(|(known, next)| match next {
                Next::Value(of, after) if **known == *text => Some((*of, *after)),
                _ => None,
            });
            node = match known {
                Some((of, after)) if of == slot => after,
                // One stretch before two kinds of values cannot be told apart.
                Some(_) => return,
                None => {
                    at.next.push((text.into(), Next::Value(slot, fresh)));
                    self.nodes.push(Node::default());
                    fresh
                }
            };
        }
        if let Some(at) = self.nodes.get_mut(node)
            && !at.next.iter().any(|(known, _)| **known == *end)
        {
            at.next.push((end.into(), Next::End { seen }));
        }
    }
}

/// Whether `text` begins with `start`, compared by its first and its last bytes where these are all
/// of it: the stretches between values are short, so that calling for a comparison would take as
/// long as comparing.
#[inline]
fn begins_with(text: &[u8], start: &[u8]) -> bool {
    let Some(text) = text.get(..start.len()) else {
        return false;
    };
    match start.len() {
        16..=32 => {
            let word = |end: Option<&[u8; 16]>| end.map(|end| u128::from_ne_bytes(*end));
            word(text.first_chunk()) == word(start.first_chunk())
                && word(text.last_chunk()) == word(start.last_chunk())
        }
        8..=15 => {
            let word = |end: Option<&[u8; 8]>| end.map(|end| u64::from_ne_bytes(*end));
            word(text.first_chunk()) == word(start.first_chunk())
                && word(text.last_chunk()) == word(start.last_chunk())
        }
        _ => text == start,
    }
}

impl Forms {
    /// Finds the values of the record at the beginning of `text`, if it has a form that was read
    /// before.
    #[inline]
    pub(super) fn split(&self, text: &[u8], split: &mut Split) -> Option<()> {
        split.has = 0;
        split.escaped = 0;
        let mut scanner = Scanner::new(text);
        let mut node = Self::START;
        loop {
            let (length, next) = self.step(node, scanner.rest())?;
            scanner.advance(length);
            match next {
                Next::Value(slot, after) => {
                    let start = scanner.offset();
                    let end = if slot == SEQ {
                        start + scanner.number().ok()?.len()
                    } else {
                        let string = scanner.rest_of_string().ok()?;
                        split.escaped |= u32::from(string.plain().is_none()) << slot;
                        start + string.written().len()
                    };
                    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
                    *split.parts.get_mut(slot)? = (offset(start), offset(end));
                    split.has |= 1 << slot;
                    node = after;
                }
                Next::End { seen } => {
                    split.seen = seen;
                    split.length = scanner.offset();
                    return Some(());
                }
            }
        }
    }
}

/// The number of the one slot whose value is no string.
const SEQ: usize = 12;

impl Reading<'_, '_> {
    /// Takes the values of a record over; none if one does not say what one of its kind must.
    #[inline]
    pub(super) fn fill(&mut self, split: &Split) -> Option<()> {
        self.seen = split.seen;
        self.canonical.length = split.length;
        self.record.event_id = self.slot(split, Slot::EventId);
        self.record.request_id = self.slot(split, Slot::RequestId);
        self.record.agent_id = self.slot(split, Slot::AgentId);
        self.record.tool_name = self.slot(split, Slot::ToolName);
        self.record.plugin = self.slot_if_any(split, Slot::Plugin);
        self.payload = Payload {
            agent_id: self.slot_if_any(split, Slot::PayloadAgent),
            tool_name: self.slot_if_any(split, Slot::PayloadTool),
            environment: self.slot_if_any(split, Slot::PayloadEnvironment),
            outcome: self.slot_if_any(split, Slot::PayloadOutcome),
        };
        for number in 0..split.reasons() {
            let code = self.slot(split, Slot::Code(number));
            let message = self.slot(split, Slot::Message(number));
            self.lines.reasons.push([code, message]);
        }
        let time = self.slot_if_any(split, Slot::Timestamp);
        let outcome = self.slot_if_any(split, Slot::Outcome);
        let uid = self.slot_if_any(split, Slot::ChainUid);
        let seq = self.slot_if_any(split, Slot::ChainSeq);
        let previous = self.slot_if_any(split, Slot::ChainPrevious);
        if let Some(time) = time {
            self.set_time(time);
        }
        if let Some(outcome) = outcome {
            self.set_outcome(outcome);
        }
        if let (Some(seq), Some(previous)) = (seq, previous) {
            self.chain = Some(ChainMember {
                uid,
                seq: Some(self.text_of(seq).parse().ok()?),
                previous: Some(Some(from_hex(self.text_of(previous))?)),
            });
        }
        Some(())
    }

    /// The value of a slot, if the record has it.
    #[inline]
    fn slot_if_any(&mut self, split: &Split, slot: Slot) -> Option<Part> {
        let number = slot.number()?;
        split.has(number).then(|| self.slot(split, slot))
    }

    /// The value of a slot; empty if the record does not have it.
    #[inline]
    fn slot(&mut self, split: &Split, slot: Slot) -> Part {
        let number = slot.number().unwrap_or_default();
        let Some(&(start, end)) = split.parts.get(number).filter(|_| split.has(number)) else {
            return Part::default();
        };
        if split.escaped >> number & 1 != 0 {
            return self.escaped(start as usize);
        }
        Part::new(self.base + start as usize, (end - start) as usize)
    }

    /// A string that begins at `start` of the record and has escapes.
    #[cold]
    fn escaped(&mut self, start: usize) -> Part {
        let mut scanner = Scanner::new(self.text.as_bytes());
        scanner.advance(start);
        match scanner.rest_of_string() {
            Ok(string) => {
                let length = self.canonical.length;
                self.canonical.string(string);
                self.canonical.length = length;
                self.keep(&scanner, string)
            }
            Err(_) => Part::default(),
        }
    }

    /// Remembers the form of this record, if nothing but the values of others can differ from it.
    /// Of chained records that is one in canonical form, so that those others are, too, and one
    /// that is linked to another.
    pub(super) fn teach(&self, forms: &mut Forms, text: &str) {
        let is_canonical = self.canonical.holds && self.canonical.length == text.len();
        let is_strange = self.record.has_unknown_members || !self.unknown.is_empty();
        let is_linked = |chain: &ChainMember| {
            is_canonical
                && chain.uid.is_some()
                && chain.seq.is_some()
                && matches!(chain.previous, Some(Some(_)))
        };
        if is_strange || !self.chain.as_ref().is_none_or(is_linked) {
            return;
        }
        let mut done = 0;
        let values = self.values.iter().map(|&(slot, start, end)| {
            let before = text.as_bytes().get(done..start).unwrap_or_default();
            done = end;
            (before, slot)
        });
        let values: Vec<_> = values.collect();
        let end = text.as_bytes().get(done..).unwrap_or_default();
        // A form that begins or ends with a value, or has two side by side, is none.
        if !end.is_empty() && values.iter().all(|(before, _)| !before.is_empty()) {
            forms.learn(values.into_iter(), end, self.seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_is_compared_whatever_its_length() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..=text.len() {
            let start = &text[..length];
            assert!(begins_with(&text, start), "{length}");
            assert!(!begins_with(&start[..length.saturating_sub(1)], &text));
            for at in 0..length {
                let mut other = start.to_vec();
                other[at] ^= 1;
                assert!(!begins_with(&text, &other), "{length} {at}");
            }
        }
    }
}
