//! Ids of events that come up twice. Owns the comparison of all ids with each other, in bounded
//! memory.

use std::io;

use super::event::Event;
use super::finding::{FindingKind, Findings, Place};
use super::pack::Unpacker;
use super::scatter::Scatter;

/// The id's number, where the event stands, and a hash of its line.
const BYTES: usize = 16 + 8 + 8;

/// The ids of all events.
#[derive(Debug, Default)]
pub(super) struct Ids(Scatter<BYTES>);

impl Ids {
    pub(super) fn see(&mut self, event: &Event<'_>, place: Place) -> io::Result<()> {
        if event.event_id.is_empty() {
            return Ok(());
        }
        self.0.push(&event.event_print.number, |record| {
            record.place(place).u64(event.digest);
        })
    }

    /// Reports the events whose id was there before: the same again, or something else.
    pub(super) fn finish(self, findings: &mut Findings) -> io::Result<()> {
        let mut first: Option<([u8; 16], u64, Place)> = None;
        self.0.drain(|record| {
            let mut record = Unpacker(record);
            let id = record.bytes();
            let (place, digest) = (record.place(), record.u64());
            match first {
                Some((same, other, before)) if same == id => {
                    let kind = if other == digest {
                        FindingKind::RepeatedEvent
                    } else {
                        FindingKind::ConflictingEvent
                    };
                    findings.add(kind, place, format!("as on line {}", before.line));
                }
                _ => first = Some((id, digest, place)),
            }
            Ok(())
        })
    }
}
