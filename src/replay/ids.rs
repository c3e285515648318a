//! Ids of events that come up twice. Owns the comparison of all ids with each other, in bounded
//! memory.

use std::io;

use super::event::Event;
use super::finding::{FindingKind, Findings, Place};
use super::pack::{Packer, Unpacker, fingerprint};
use super::sorter::Sorter;

/// The id's fingerprint, where the event stands, and a hash of its line.
const BYTES: usize = 16 + 4 + 8 + 16;

/// The ids of all events.
#[derive(Debug, Default)]
pub(super) struct Ids(Sorter<BYTES>);

impl Ids {
    pub(super) fn see(&mut self, event: &Event<'_>, place: Place) -> io::Result<()> {
        if event.event_id.is_empty() {
            return Ok(());
        }
        let record = Packer::<BYTES>::new()
            .bytes(&fingerprint(event.event_id))
            .u32(u32::try_from(place.input).unwrap_or(u32::MAX))
            .u64(place.line)
            .bytes(&event.digest);
        self.0.push(record.done())
    }

    /// Reports the events whose id was there before: the same again, or something else.
    pub(super) fn finish(self, findings: &mut Findings) -> io::Result<()> {
        let mut first: Option<([u8; 16], [u8; 16], Place)> = None;
        self.0.drain(|record| {
            let mut record = Unpacker(record);
            let id = record.bytes();
            let place = Place {
                input: record.u32() as usize,
                line: record.u64(),
            };
            let digest = record.bytes();
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
