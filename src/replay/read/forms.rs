//! The forms of records: what stands between their values. A writer has few of them, so that a
//! record of a form that was read before is read by comparing a few stretches of text, several
//! times as fast as by its grammar. Owns the forms; what a value says is looked at all the same.

use super::Part;
use super::line::{ChainMember, Reading, Slot, from_hex};
use crate::json::Scanner;

/// Most stretches of text that are remembered; records of other forms are read by their grammar.
const MOST_NODES: usize = 512;

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
    /// A value, and the node after it.
    Value(Slot, usize),
    /// Nothing: the record ends. These members it has.
    End { seen: u32 },
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
        let (text, next) = next.find(|(text, _)| rest.starts_with(text))?;
        Some((text.len(), *next))
    }

    /// Remembers the form of a record that was read by its grammar: the stretches before each of
    /// its values, the one after the last, and the members that it has.
    fn learn<'t>(&mut self, values: impl Iterator<Item = (&'t [u8], Slot)>, end: &[u8], seen: u32) {
        let mut node = Self::START;
        for (text, slot) in values {
            if self.nodes.len() >= MOST_NODES {
                return;
            }
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

impl<'t> Reading<'_, 't> {
    /// Reads the record by a form that was read before; false if it has none, or if a value does
    /// not say what one of its kind must. The length of the canonical form is the record's then.
    pub(super) fn by_form(&mut self, forms: &Forms, scanner: &mut Scanner<'t>) -> bool {
        let mut node = Forms::START;
        loop {
            let Some((length, next)) = forms.step(node, scanner.rest()) else {
                return false;
            };
            scanner.advance(length);
            match next {
                Next::Value(slot, after) => {
                    if self.value(slot, scanner).is_none() {
                        return false;
                    }
                    node = after;
                }
                Next::End { seen } => {
                    self.seen = seen;
                    self.canonical.length = scanner.offset();
                    return true;
                }
            }
        }
    }

    /// Reads a value, whose opening quote was read.
    #[inline]
    fn value(&mut self, slot: Slot, scanner: &mut Scanner<'t>) -> Option<()> {
        if slot == Slot::ChainSeq {
            let written = scanner.number().ok()?;
            let seq = std::str::from_utf8(written).ok()?.parse().ok()?;
            self.chain.get_or_insert_default().seq = Some(seq);
            return Some(());
        }
        let string = scanner.rest_of_string().ok()?;
        if string.plain().is_none() {
            self.canonical.string(string);
        }
        let part = self.keep(scanner, string);
        match slot {
            Slot::EventId => self.record.event_id = part,
            Slot::Timestamp => self.set_time(part),
            Slot::RequestId => self.record.request_id = part,
            Slot::AgentId => self.record.agent_id = part,
            Slot::ToolName => self.record.tool_name = part,
            Slot::Outcome => self.set_outcome(part),
            Slot::Plugin => self.record.plugin = Some(part),
            Slot::Code(number) => self.reason(number)?[0] = part,
            Slot::Message(number) => self.reason(number)?[1] = part,
            Slot::PayloadAgent => self.payload.agent_id = Some(part),
            Slot::PayloadTool => self.payload.tool_name = Some(part),
            Slot::PayloadEnvironment => self.payload.environment = Some(part),
            Slot::PayloadOutcome => self.payload.outcome = Some(part),
            Slot::ChainUid => self.chain.get_or_insert_default().uid = Some(part),
            Slot::ChainPrevious => {
                let hash = from_hex(self.text_of(part))?;
                self.chain.get_or_insert_default().previous = Some(Some(hash));
            }
            Slot::ChainSeq => {}
        }
        Some(())
    }

    /// The reason of that number, which may be new.
    fn reason(&mut self, number: usize) -> Option<&mut [Part; 2]> {
        let at = self.first_reason + number;
        if self.lines.reasons.len() <= at {
            self.lines.reasons.resize(at + 1, <[Part; 2]>::default());
        }
        self.lines.reasons.get_mut(at)
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
