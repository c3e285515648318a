//! Audit events written down: one JSON line each, chained, and anchored by signed checkpoints.
//! Owns the log's form; what an event says was decided elsewhere, and an argument never gets here.
//!
//! - A line is its event's RFC 8785 form, so that the bytes of a line are what is hashed.
//! - `chain` links each line to the one before: see [`Chain`](crate::model::event::Chain).
//! - A [`checkpoint`](Checkpoint) is the number of records and the root of the Merkle tree over
//!   them (RFC 6962 §2.1), in a signed note (C2SP `tlog-checkpoint`). A chain alone says nothing
//!   about a log whose end is cut off, or that was linked anew after an edit.
//! - Nothing is random and nothing is read from a clock: ids are UUIDs of version 5 (RFC 9562
//!   §5.5), so that the same calls under the same policy make the same log.

mod checkpoint;
mod line;
mod merkle;

use std::io::{self, Write};

use uuid::Uuid;

pub use self::checkpoint::{CHECKPOINT_SUFFIX, Checkpoint, notes};
pub use self::line::write_text;
pub use self::merkle::{Hash, Tree, leaf_hash};
use crate::digest::{hex, sha256};
use crate::model::event::EventOutcome;
use crate::signing::note::Signer;
use crate::time::Timestamp;

/// The namespace of the ids of logs; made for this.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_9a52_4f0e_4b6a_9d37_2b8e_51c4_a0d3);

/// How many records stand between two checkpoints, which is how finely a verifier can tell where
/// a log was changed and linked anew.
const RECORDS_PER_CHECKPOINT: u64 = 1024;

/// Whose call events are about. Text is WTF-8, and empty where the recording does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The caller's id of the call; a call without one gets one.
    pub request_id: &'a [u8],
    /// Who called.
    pub agent_id: &'a [u8],
    /// What was called.
    pub tool_name: &'a [u8],
    /// Where the agent runs.
    pub environment: &'a [u8],
}

/// What an event says of a call.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// When, if the recording says.
    pub time: Option<Timestamp>,
    /// What was decided.
    pub outcome: EventOutcome,
    /// Why: code and message.
    pub reasons: &'a [(&'a str, &'a str)],
    /// The plugin that decided.
    pub plugin: Option<&'a str>,
}

/// A log that is being written.
///
/// ```
/// use agent_spm::audit::{Log, Record, Subject};
/// use agent_spm::model::event::{Event, EventOutcome};
///
/// let mut lines = Vec::new();
/// let mut log = Log::new("digest of the policy", &mut lines);
/// let subject = Subject { request_id: b"r1", agent_id: b"a", tool_name: b"search", environment: b"prod" };
/// let reasons = [("DEFAULT_DENY", "no rule matched; the default is DENY")];
/// let record = Record { time: None, outcome: EventOutcome::Deny, reasons: &reasons, plugin: None };
/// log.append(&subject, &[record])?;
/// log.finish()?;
/// let event: Event = serde_json::from_slice(&lines)?;
/// assert_eq!(event.chain.map(|chain| chain.seq), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Log<'a> {
    ids: Ids,
    previous: Option<[u8; 32]>,
    events: &'a mut dyn Write,
    notes: Option<Notes<'a>>,
    line: Vec<u8>,
}

/// The ids of a log's events, which do not need the log: for what speaks of events that nobody
/// wrote down.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: String,
    uid: Option<Uuid>,
    records: u64,
    name: Vec<u8>,
}

struct Notes<'a> {
    signer: Signer<'a>,
    tree: Tree,
    signed: u64,
    written: u64,
    out: &'a mut dyn Write,
}

/// What became of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The log's own name: the `uid` of its chain, the origin of its checkpoints.
    pub uid: String,
    /// How many records it has.
    pub records: u64,
    /// How many checkpoints were signed; none without a key.
    pub checkpoints: u64,
    /// The root of the Merkle tree over all records, in lower-case hexadecimal, if checkpoints
    /// were signed.
    pub root: Option<String>,
}

impl Ids {
    /// The ids of an empty log: see [`Log::new`].
    pub fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            uid: None,
            records: 0,
            name: Vec::new(),
        }
    }

    /// The ids of the events of one call, as [`Log::append`] would write them.
    pub fn append(&mut self, subject: &Subject<'_>, records: &[Record<'_>]) -> Vec<Uuid> {
        let Some(first) = records.first() else {
            return Vec::new();
        };
        let uid = self.named(subject, first);
        let assigned = self.missing_request_id(uid, subject);
        let subject = with_request_id(subject, assigned.as_deref());
        let records = records.iter();
        records
            .map(|record| self.next(uid, &subject, record))
            .collect()
    }

    /// The log's own name, which the first event settles.
    fn named(&mut self, subject: &Subject<'_>, first: &Record<'_>) -> Uuid {
        *self.uid.get_or_insert_with(|| {
            let mut name = self.seed.clone().into_bytes();
            line::write_identity(subject, first, &mut name);
            Uuid::new_v5(&NAMESPACE, &name)
        })
    }

    /// The id of a call that has none.
    fn missing_request_id(&self, uid: Uuid, subject: &Subject<'_>) -> Option<String> {
        subject.request_id.is_empty().then(|| {
            let name = format!("request {}", self.records);
            Uuid::new_v5(&uid, name.as_bytes()).to_string()
        })
    }

    fn next(&mut self, uid: Uuid, subject: &Subject<'_>, record: &Record<'_>) -> Uuid {
        self.name.clear();
        self.name.extend_from_slice(&self.records.to_be_bytes());
        line::write_identity(subject, record, &mut self.name);
        self.records += 1;
        Uuid::new_v5(&uid, &self.name)
    }
}

impl<'a> Log<'a> {
    /// An empty log. What decides, such as the digest of the policy, is the `seed` of its name,
    /// as is the first event.
    pub fn new(seed: &str, events: &'a mut dyn Write) -> Self {
        Self {
            ids: Ids::new(seed),
            previous: None,
            events,
            notes: None,
            line: Vec::new(),
        }
    }

    /// The same log with signed checkpoints, written to `out`.
    #[must_use]
    pub fn with_checkpoints(mut self, signer: Signer<'a>, out: &'a mut dyn Write) -> Self {
        self.notes = Some(Notes {
            signer,
            tree: Tree::default(),
            signed: 0,
            written: 0,
            out,
        });
        self
    }

    /// Writes the events of one call: the decision, then its settlement if there is one. Their ids
    /// are returned.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn append(
        &mut self,
        subject: &Subject<'_>,
        records: &[Record<'_>],
    ) -> io::Result<Vec<Uuid>> {
        let Some(first) = records.first() else {
            return Ok(Vec::new());
        };
        let uid = self.ids.named(subject, first);
        let assigned = self.ids.missing_request_id(uid, subject);
        let subject = with_request_id(subject, assigned.as_deref());
        let records = records.iter();
        records
            .map(|record| self.record(uid, &subject, record))
            .collect()
    }

    fn record(
        &mut self,
        uid: Uuid,
        subject: &Subject<'_>,
        record: &Record<'_>,
    ) -> io::Result<Uuid> {
        let seq = self.ids.records;
        let event_id = self.ids.next(uid, subject, record);
        let event = line::Event {
            event_id,
            uid,
            seq,
            previous: self.previous,
            subject,
            record,
        };
        self.line.clear();
        event.write(&mut self.line);
        self.previous = Some(sha256(&self.line));
        if let Some(notes) = &mut self.notes {
            notes.tree.push(leaf_hash(&self.line));
            if self.ids.records.is_multiple_of(RECORDS_PER_CHECKPOINT) {
                notes.sign(uid)?;
            }
        }
        self.line.push(b'\n');
        self.events.write_all(&self.line)?;
        Ok(event_id)
    }

    /// Ends the log: its last checkpoint is signed.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub fn finish(mut self) -> io::Result<Written> {
        let ids = &self.ids;
        let uid = ids
            .uid
            .unwrap_or_else(|| Uuid::new_v5(&NAMESPACE, ids.seed.as_bytes()));
        let mut written = Written {
            uid: uid.to_string(),
            records: ids.records,
            checkpoints: 0,
            root: None,
        };
        if let Some(notes) = &mut self.notes {
            if notes.signed < ids.records || notes.written == 0 {
                notes.sign(uid)?;
            }
            written.checkpoints = notes.written;
            written.root = Some(hex(&notes.tree.root()));
        }
        Ok(written)
    }
}

/// The subject with the id that was made for it, if one was.
fn with_request_id<'s>(subject: &Subject<'s>, assigned: Option<&'s str>) -> Subject<'s> {
    Subject {
        request_id: assigned.map_or(subject.request_id, str::as_bytes),
        ..*subject
    }
}

impl Notes<'_> {
    fn sign(&mut self, uid: Uuid) -> io::Result<()> {
        let checkpoint = Checkpoint {
            origin: uid.to_string(),
            size: self.tree.size(),
            root: self.tree.root(),
        };
        if self.written > 0 {
            self.out.write_all(b"\n")?;
        }
        self.signed = checkpoint.size;
        self.written += 1;
        let note = self.signer.sign(&checkpoint.text());
        self.out.write_all(note.as_bytes())
    }
}

#[cfg(test)]
mod tests;
