//! Requests and what became of them: an event that asks, and the one that settles it. Owns the
//! comparison of all requests with each other, in bounded memory.

use std::io;

use super::event::{Event, Role};
use super::finding::{FindingKind, Findings, Place};
use super::pack::{Packer, Unpacker};
use super::scatter::Scatter;
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// See [`Entry`].
const BYTES: usize = 16 + 8 + 4 + 8 + 3 + 5 * 4 + 8;

/// What of an event concerns its request.
#[derive(Clone, Copy, Debug)]
struct Entry {
    request: [u8; 16],
    place: Place,
    /// The number of the event, which tells whether others stand between two.
    number: u32,
    time: Option<Timestamp>,
    recorded: EventOutcome,
    effective: EventOutcome,
    role: Role,
    is_plugins: bool,
    is_matched: bool,
    names: Names,
    /// What tells the event's line from others.
    digest: u64,
}

/// The numbers of the names of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) agent: u32,
    pub(super) tool: u32,
    pub(super) environment: u32,
    pub(super) code: u32,
    pub(super) plugin: u32,
}

/// A request and what became of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    /// Of the decision.
    pub(super) names: Names,
    /// What was decided.
    pub(super) decided: EventOutcome,
    /// What it came to in the end; none if it waits.
    pub(super) settled: Option<EventOutcome>,
    /// How long the answer took, in microseconds.
    pub(super) latency: Option<u64>,
    /// Whether one of its events is among those asked for.
    pub(super) is_matched: bool,
}

/// The requests of all events.
#[derive(Debug, Default)]
pub(super) struct Requests {
    entries: Scatter<BYTES>,
    events: u32,
}

impl Requests {
    pub(super) fn see(
        &mut self,
        event: &Event<'_>,
        place: Place,
        names: Names,
        is_matched: bool,
    ) -> io::Result<()> {
        self.events = self.events.wrapping_add(1);
        let request = if event.request_id.is_empty() {
            // Of events without one, each is a request of its own.
            (u128::from(u64::MAX) << 64 | u128::from(self.events)).to_be_bytes()
        } else {
            event.request_print.number
        };
        let entry = Entry {
            request,
            place,
            number: self.events,
            time: event.time,
            recorded: event.recorded,
            effective: event.effective,
            role: event.role,
            is_plugins: event.plugin.is_some(),
            is_matched,
            names,
            digest: event.digest,
        };
        self.entries.push(&request, |record| entry.pack(record))
    }

    /// Reports what does not belong together, and gives each request to `take`, in no order that
    /// means anything but always the same.
    pub(super) fn finish(
        self,
        findings: &mut Findings,
        mut take: impl FnMut(&Request),
    ) -> io::Result<()> {
        let mut group: Option<Group> = None;
        self.entries.drain(|record| {
            let entry = Entry::unpack(record);
            match &mut group {
                Some(group) if group.request == entry.request => {
                    group.see(&entry, findings, &mut take);
                }
                _ => {
                    if let Some(group) = group.take() {
                        group.finish(findings, &mut take);
                    }
                    group = Some(Group::new(&entry, findings, &mut take));
                }
            }
            Ok::<(), io::Error>(())
        })?;
        if let Some(group) = group {
            group.finish(findings, &mut take);
        }
        Ok(())
    }
}

impl Entry {
    /// Writes what follows the request's id.
    #[inline]
    fn pack(&self, record: &mut Packer<'_>) {
        let flag = |set: bool, bit: u8| u8::from(set) << bit;
        let flags = flag(self.role == Role::Settlement, 0)
            | flag(self.is_plugins, 1)
            | flag(self.is_matched, 2);
        record
            .place(self.place)
            .u32(self.number)
            .time(self.time)
            .u8(self.recorded as u8)
            .u8(self.effective as u8)
            .u8(flags)
            .u32(self.names.agent)
            .u32(self.names.tool)
            .u32(self.names.environment)
            .u32(self.names.code)
            .u32(self.names.plugin)
            .u64(self.digest);
    }

    fn unpack(record: &[u8; BYTES]) -> Self {
        let mut record = Unpacker(record);
        let outcome = |number: u8| {
            let outcome = EventOutcome::ALL.get(usize::from(number)).copied();
            outcome.unwrap_or(EventOutcome::Deny)
        };
        let request = record.bytes();
        let place = record.place();
        let number = record.u32();
        let time = record.time();
        let (recorded, effective) = (outcome(record.u8()), outcome(record.u8()));
        let flags = record.u8();
        Self {
            request,
            place,
            number,
            time,
            recorded,
            effective,
            role: if flags & 1 != 0 {
                Role::Settlement
            } else {
                Role::Decision
            },
            is_plugins: flags & 2 != 0,
            is_matched: flags & 4 != 0,
            names: Names {
                agent: record.u32(),
                tool: record.u32(),
                environment: record.u32(),
                code: record.u32(),
                plugin: record.u32(),
            },
            digest: record.u64(),
        }
    }

    /// Whether it asks somebody. A plugin that asks has denied: nobody answers it.
    fn asks(&self) -> bool {
        !self.is_plugins
            && matches!(
                self.recorded,
                EventOutcome::RequireApproval
                    | EventOutcome::RequireHuman
                    | EventOutcome::RequireTicket
                    | EventOutcome::StepUp
            )
    }
}

/// The events of one request id, in the order of their places.
struct Group {
    request: [u8; 16],
    /// The last decision.
    decision: Option<Entry>,
    settlement: Option<Entry>,
    last: Entry,
    is_matched: bool,
}

impl Group {
    fn new(first: &Entry, findings: &mut Findings, take: &mut impl FnMut(&Request)) -> Self {
        let mut group = Self {
            request: first.request,
            decision: None,
            settlement: None,
            last: *first,
            is_matched: false,
        };
        group.follow(first, findings, take);
        group
    }

    fn see(&mut self, entry: &Entry, findings: &mut Findings, take: &mut impl FnMut(&Request)) {
        // The same event delivered twice is the business of ids.
        if entry.digest == self.last.digest {
            if let Some(decision) = &mut self.decision
                && decision.digest == entry.digest
            {
                decision.number = entry.number;
            }
            return;
        }
        self.follow(entry, findings, take);
        self.last = *entry;
    }

    fn follow(&mut self, entry: &Entry, findings: &mut Findings, take: &mut impl FnMut(&Request)) {
        match entry.role {
            Role::Decision => {
                if self.decision.is_some() {
                    findings.add(FindingKind::RepeatedRequest, entry.place, "");
                    self.close(findings, take);
                }
                self.decision = Some(*entry);
            }
            Role::Settlement => self.settle(entry, findings),
        }
        self.is_matched |= entry.is_matched;
    }

    fn settle(&mut self, entry: &Entry, findings: &mut Findings) {
        let mut found = |kind, detail: String| findings.add(kind, entry.place, detail);
        if let Some(before) = self.settlement {
            let detail = format!("settled on line {}", before.place.line);
            return found(FindingKind::SecondSettlement, detail);
        }
        self.settlement = Some(*entry);
        let Some(asked) = self.decision.filter(Entry::asks) else {
            return found(FindingKind::SettlementWithoutRequest, String::new());
        };
        let asked_at = format!("asked on line {}", asked.place.line);
        let same = |name: fn(&Names) -> u32| name(&asked.names) == name(&entry.names);
        if !same(|names| names.agent) || !same(|names| names.tool) {
            found(FindingKind::SettlementMismatch, asked_at);
        } else if entry.number != asked.number.wrapping_add(1) {
            found(FindingKind::Interleaved, asked_at);
        }
        if let (Some(settled), Some(asked)) = (entry.time, asked.time)
            && settled < asked
        {
            found(
                FindingKind::ClockBack,
                "settled before it was asked".to_owned(),
            );
        }
    }

    /// Ends a request.
    fn close(&mut self, findings: &mut Findings, take: &mut impl FnMut(&Request)) {
        let (decision, settlement) = (self.decision.take(), self.settlement.take());
        let Some(first) = decision.or(settlement) else {
            return;
        };
        let waits = settlement.is_none() && first.asks();
        if waits {
            findings.add(FindingKind::Pending, first.place, "");
        }
        let took = |asked: Entry, settled: Entry| {
            let micros = |entry: Entry| entry.time.map(Timestamp::micros);
            micros(settled)?
                .checked_sub(micros(asked)?)?
                .try_into()
                .ok()
        };
        take(&Request {
            names: first.names,
            decided: first.effective,
            settled: (!waits).then(|| settlement.unwrap_or(first).effective),
            latency: decision.zip(settlement).and_then(|(a, b)| took(a, b)),
            is_matched: std::mem::take(&mut self.is_matched),
        });
    }

    fn finish(mut self, findings: &mut Findings, take: &mut impl FnMut(&Request)) {
        self.close(findings, take);
    }
}
