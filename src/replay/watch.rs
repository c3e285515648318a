//! The guardian on a log: every event in the order of time, whatever order the lines have. Owns the
//! sorting, in bounded memory, and what finds an event again; what is out of the ordinary is the
//! guardian's to know.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use uuid::Uuid;

use super::event::{Event, Role};
use super::finding::Place;
use super::names::Names;
use super::pack::{IdForm, Packer, Unpacker};
use super::sorter::Sorter;
use crate::digest::hex;
use crate::guardian::{Collected, Guardian, Listing, Mark, Part, Seen, Verdict};
use crate::model::event::EventOutcome;
use crate::model::pipeline::guardian::GuardianOptions;
use crate::time::Timestamp;

/// The time, where the event stands, who called what, the event's id, and what it says.
const BYTES: usize = 8 + 8 + 4 + 4 + 16 + 1;

/// How many bytes of ids that are no UUIDs are kept; events beyond that are told by a number.
const MOST_ID_BYTES: usize = 1 << 20;

/// How many events of one instant are looked through for ones that were delivered twice.
const MOST_OF_AN_INSTANT: usize = 1 << 16;

/// An event and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPlace {
    id: Id,
    /// Where.
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Id {
    /// As it is usually written.
    Uuid([u8; 16]),
    Other(Arc<str>),
}

impl Mark for EventPlace {
    fn event_id(&self) -> Cow<'_, str> {
        match &self.id {
            Id::Uuid(bytes) => Cow::Owned(Uuid::from_bytes(*bytes).to_string()),
            Id::Other(text) => Cow::Borrowed(text),
        }
    }
}

/// What a guardian found in a log.
pub type Incidents = Listing<EventPlace>;

/// A guardian that is waiting for the end of the log.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    options: &'a GuardianOptions,
    events: Sorter<BYTES>,
    without_time: u64,
    ids: Ids,
}

/// The ids that are no UUIDs, by their fingerprints.
#[derive(Debug, Default)]
struct Ids {
    texts: HashMap<[u8; 16], Arc<str>, foldhash::fast::RandomState>,
    bytes: usize,
}

/// The events of one instant. One that was delivered twice, which is the same id at the same time,
/// counts once.
#[derive(Debug, Default)]
struct Instant {
    time: Option<Timestamp>,
    /// The first, which mostly is the only one.
    first: Option<[u8; 16]>,
    others: HashSet<[u8; 16], foldhash::fast::RandomState>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(options: &'a GuardianOptions) -> Self {
        Self {
            options,
            events: Sorter::default(),
            without_time: 0,
            ids: Ids::default(),
        }
    }

    /// Takes the next event, whose agent and tool have these numbers.
    pub(super) fn see(
        &mut self,
        event: &Event<'_>,
        place: Place,
        agent: u32,
        tool: u32,
    ) -> io::Result<()> {
        if event.time.is_none() {
            self.without_time += u64::from(event.role == Role::Decision);
            return Ok(());
        }
        let id = event.event_print;
        let is_usual = id.form == IdForm::Usual;
        if !is_usual {
            self.ids.keep(id.number, event.event_id);
        }
        let flags = u8::from(is_usual) << 3
            | u8::from(event.role == Role::Settlement) << 2
            | verdict(event) as u8;
        self.events.push(|record| {
            Packer::new(record)
                .time(event.time)
                .place(place)
                .u32(agent)
                .u32(tool)
                .bytes(&id.number)
                .u8(flags);
        })
    }

    /// Lets the guardian see them all.
    pub(super) fn finish(self, names: &Names) -> io::Result<Incidents> {
        let Self {
            options,
            events,
            without_time,
            ids,
        } = self;
        let mut guardian = Guardian::new(options);
        let mut collected = Collected::default();
        let mut instant = Instant::default();
        events.drain(|record| {
            let mut record = Unpacker(record);
            let time = record.time();
            let place = record.place();
            let (agent, tool) = (record.u32(), record.u32());
            let (id, flags) = (record.bytes(), record.u8());
            if !instant.is_new(time, id) {
                return Ok(());
            }
            guardian.observe(&Seen {
                agent: names.name(agent).as_bytes(),
                tool: names.name(tool).as_bytes(),
                time,
                part: match flags & 4 {
                    0 => Part::Request,
                    _ => Part::Settlement,
                },
                verdict: match flags & 3 {
                    0 => Verdict::Allowed,
                    1 => Verdict::Denied,
                    _ => Verdict::Pending,
                },
                mark: EventPlace {
                    id: ids.of(id, flags & 8 != 0),
                    place,
                },
            });
            collected.add(guardian.take_incidents());
            Ok::<(), io::Error>(())
        })?;
        let found = collected.finish(guardian.finish(), |mark| mark);
        Ok(Listing {
            without_time,
            ..found
        })
    }
}

impl Instant {
    /// Whether an event, no earlier than the one before, was not seen yet.
    fn is_new(&mut self, time: Option<Timestamp>, id: [u8; 16]) -> bool {
        if self.time != time || self.first.is_none() {
            (self.time, self.first) = (time, Some(id));
            self.others.clear();
            return true;
        }
        if self.others.len() >= MOST_OF_AN_INSTANT {
            return true;
        }
        self.first != Some(id) && self.others.insert(id)
    }
}

impl Ids {
    /// Keeps an id whose number does not tell how it is written.
    fn keep(&mut self, print: [u8; 16], id: &str) {
        if self.bytes + id.len() <= MOST_ID_BYTES && !self.texts.contains_key(&print) {
            self.bytes += id.len();
            self.texts.insert(print, id.into());
        }
    }

    fn of(&self, print: [u8; 16], is_usual: bool) -> Id {
        match self.texts.get(&print) {
            _ if is_usual => Id::Uuid(print),
            Some(text) => Id::Other(Arc::clone(text)),
            None => Id::Other(hex(&print).into()),
        }
    }
}

/// What an event says of its request. A plugin that asks has denied: nobody answers it.
fn verdict(event: &Event<'_>) -> Verdict {
    match event.effective {
        EventOutcome::Allow | EventOutcome::Approved => Verdict::Allowed,
        EventOutcome::RequireApproval
        | EventOutcome::StepUp
        | EventOutcome::RequireTicket
        | EventOutcome::RequireHuman
            if event.plugin.is_none() =>
        {
            Verdict::Pending
        }
        _ => Verdict::Denied,
    }
}
