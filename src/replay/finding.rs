//! What can be wrong with a log. Owns the kinds, which of them prove something, and a bounded list
//! of where each was found.

use std::collections::{BTreeMap, BTreeSet};

/// How many places of each kind are listed; all are counted.
const LISTED_PER_KIND: usize = 100;

/// What is wrong at some place of a log.
///
/// A *proof* cannot come about by the platform writing a log and somebody shipping it; an
/// *indicator* can have an innocent reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A record is not the one that the record after it was linked to: one of them was edited.
    HashMismatch,
    /// Records are missing between two others.
    SequenceGap,
    /// A record stands after one that was written later, or comes again.
    SequenceBack,
    /// The first records of the log are missing.
    HeadMissing,
    /// The last records of the log are missing: a checkpoint knows of more.
    TailMissing,
    /// A record without a place in the chain of the others.
    UnchainedRecord,
    /// A second chain begins in the same file.
    SecondChain,
    /// The records are not those that a checkpoint was signed over.
    CheckpointMismatch,
    /// A signature under a checkpoint names a known key, and is not that key's.
    CheckpointForged,
    /// The checkpoints beside a log are those of another log.
    CheckpointOfOtherLog,
    /// Two checkpoints of one size have different roots, or a later one is smaller.
    CheckpointFork,
    /// A note that holds no checkpoint.
    CheckpointDamaged,
    /// A checkpoint is signed by nobody who is known.
    CheckpointUnverified,
    /// Two events with one id say different things.
    ConflictingEvent,
    /// An event comes again, word for word.
    RepeatedEvent,
    /// A request was decided again.
    RepeatedRequest,
    /// An approval that nobody asked for.
    SettlementWithoutRequest,
    /// A request was settled again.
    SecondSettlement,
    /// A request was settled for another agent or tool than it was asked for.
    SettlementMismatch,
    /// Other events stand between a request and its settlement.
    Interleaved,
    /// A request that waits for an answer to the end of the log.
    Pending,
    /// Time goes back.
    ClockBack,
    /// Nothing was logged for long.
    TimeGap,
    /// An event is of the future.
    FutureTime,
    /// The log has exactly as many events as a log in memory keeps.
    BoundedLog,
    /// A line is no JSON.
    UnreadableLine,
    /// The last line ends inside a record.
    TruncatedLine,
    /// The compression of an input is damaged or ends early: what follows is lost.
    DamagedCompression,
    /// A line is longer than what is read.
    LineTooLong,
    /// A line holds NUL bytes: a block of the file was never written.
    NulBytes,
    /// A line is not UTF-8.
    InvalidUtf8,
    /// A string holds half of a character.
    InvalidUnicode,
    /// An object has the same key twice: programs disagree about which one counts.
    DuplicateKey,
    /// A JSON value is no event.
    NotAnEvent,
    /// An event lacks a member.
    MissingMember,
    /// A member is of another type.
    WrongType,
    /// An outcome is none that events have.
    UnknownOutcome,
    /// Several values stand on one line.
    GluedValues,
    /// A line begins with a byte-order mark.
    ByteOrderMark,
    /// The last line has no end.
    NoFinalNewline,
    /// `safe_payload` says something else than the event.
    PayloadMismatch,
    /// `safe_payload` has a member that it should not have.
    UnexpectedMember,
    /// A reason code contradicts the outcome.
    CodeMismatch,
    /// A time is not RFC 3339.
    InvalidTimestamp,
    /// A time is written in another form than the platform writes.
    TimestampForm,
    /// An event has no time.
    NoTimestamp,
    /// An event's id is no UUID.
    IdForm,
    /// A number in a chained record is beyond what its canonical form can tell apart.
    LargeNumber,
}

impl FindingKind {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HashMismatch => "hash_mismatch",
            Self::SequenceGap => "sequence_gap",
            Self::SequenceBack => "sequence_back",
            Self::HeadMissing => "head_missing",
            Self::TailMissing => "tail_missing",
            Self::UnchainedRecord => "unchained_record",
            Self::SecondChain => "second_chain",
            Self::CheckpointMismatch => "checkpoint_mismatch",
            Self::CheckpointForged => "checkpoint_forged",
            Self::CheckpointOfOtherLog => "checkpoint_of_other_log",
            Self::CheckpointFork => "checkpoint_fork",
            Self::CheckpointDamaged => "checkpoint_damaged",
            Self::CheckpointUnverified => "checkpoint_unverified",
            Self::ConflictingEvent => "conflicting_event",
            Self::RepeatedEvent => "repeated_event",
            Self::RepeatedRequest => "repeated_request",
            Self::SettlementWithoutRequest => "settlement_without_request",
            Self::SecondSettlement => "second_settlement",
            Self::SettlementMismatch => "settlement_mismatch",
            Self::Interleaved => "interleaved",
            Self::Pending => "pending",
            Self::ClockBack => "clock_back",
            Self::TimeGap => "time_gap",
            Self::FutureTime => "future_time",
            Self::BoundedLog => "bounded_log",
            Self::UnreadableLine => "unreadable_line",
            Self::TruncatedLine => "truncated_line",
            Self::DamagedCompression => "damaged_compression",
            Self::LineTooLong => "line_too_long",
            Self::NulBytes => "nul_bytes",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidUnicode => "invalid_unicode",
            Self::DuplicateKey => "duplicate_key",
            Self::NotAnEvent => "not_an_event",
            Self::MissingMember => "missing_member",
            Self::WrongType => "wrong_type",
            Self::UnknownOutcome => "unknown_outcome",
            Self::GluedValues => "glued_values",
            Self::ByteOrderMark => "byte_order_mark",
            Self::NoFinalNewline => "no_final_newline",
            Self::PayloadMismatch => "payload_mismatch",
            Self::UnexpectedMember => "unexpected_member",
            Self::CodeMismatch => "code_mismatch",
            Self::InvalidTimestamp => "invalid_timestamp",
            Self::TimestampForm => "timestamp_form",
            Self::NoTimestamp => "no_timestamp",
            Self::IdForm => "id_form",
            Self::LargeNumber => "large_number",
        }
    }

    /// What it is, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::HashMismatch => "a record is not the one that the next was linked to",
            Self::SequenceGap => "records are missing",
            Self::SequenceBack => "a record is out of order, or comes again",
            Self::HeadMissing => "the first records are missing",
            Self::TailMissing => "the last records are missing",
            Self::UnchainedRecord => "a record has no place in the chain",
            Self::SecondChain => "a second chain begins in the same file",
            Self::CheckpointMismatch => "the records are not those that were signed",
            Self::CheckpointForged => "a signature is not that of the key it names",
            Self::CheckpointOfOtherLog => "the checkpoints are those of another log",
            Self::CheckpointFork => "two checkpoints contradict each other",
            Self::CheckpointDamaged => "a note holds no checkpoint",
            Self::CheckpointUnverified => "a checkpoint is signed by no known key",
            Self::ConflictingEvent => "two events with one id say different things",
            Self::RepeatedEvent => "an event comes again, word for word",
            Self::RepeatedRequest => "a request was decided again",
            Self::SettlementWithoutRequest => "an approval that nobody asked for",
            Self::SecondSettlement => "a request was settled again",
            Self::SettlementMismatch => "a request was settled for another agent or tool",
            Self::Interleaved => "other events stand between a request and its settlement",
            Self::Pending => "a request waits for its answer to the end of the log",
            Self::ClockBack => "time goes back",
            Self::TimeGap => "nothing was logged for long",
            Self::FutureTime => "an event is of the future",
            Self::BoundedLog => "there are exactly as many events as a log in memory keeps",
            Self::UnreadableLine => "a line is no JSON",
            Self::TruncatedLine => "the last line ends inside a record",
            Self::DamagedCompression => "the compression is damaged, and what follows is lost",
            Self::LineTooLong => "a line is too long to be read",
            Self::NulBytes => "a line holds NUL bytes",
            Self::InvalidUtf8 => "a line is not UTF-8",
            Self::InvalidUnicode => "a string holds half of a character",
            Self::DuplicateKey => "an object has the same key twice",
            Self::NotAnEvent => "a value is no event",
            Self::MissingMember => "an event lacks a member",
            Self::WrongType => "a member is of another type",
            Self::UnknownOutcome => "an outcome is none that events have",
            Self::GluedValues => "several values stand on one line",
            Self::ByteOrderMark => "a line begins with a byte-order mark",
            Self::NoFinalNewline => "the last line has no end",
            Self::PayloadMismatch => "`safe_payload` contradicts the event",
            Self::UnexpectedMember => "`safe_payload` has a member that it should not have",
            Self::CodeMismatch => "a reason code contradicts the outcome",
            Self::InvalidTimestamp => "a time cannot be read",
            Self::TimestampForm => "a time is not written as the platform writes it",
            Self::NoTimestamp => "an event has no time",
            Self::IdForm => "an event's id is no UUID",
            Self::LargeNumber => "a number is too large to be told from others",
        }
    }

    /// Whether it takes an event away: the line, or a value on it, was not read as one.
    pub const fn is_unreadable(self) -> bool {
        matches!(
            self,
            Self::UnreadableLine
                | Self::TruncatedLine
                | Self::DamagedCompression
                | Self::LineTooLong
                | Self::NulBytes
                | Self::NotAnEvent
        )
    }

    /// Whether it cannot have come about by logging and shipping alone.
    pub const fn is_proof(self) -> bool {
        match self {
            Self::HashMismatch
            | Self::SequenceGap
            | Self::SequenceBack
            | Self::HeadMissing
            | Self::TailMissing
            | Self::UnchainedRecord
            | Self::CheckpointMismatch
            | Self::CheckpointForged
            | Self::CheckpointOfOtherLog
            | Self::CheckpointFork
            | Self::ConflictingEvent
            | Self::SecondSettlement
            | Self::SettlementMismatch
            | Self::UnreadableLine
            | Self::TruncatedLine
            | Self::DamagedCompression
            | Self::NulBytes
            | Self::InvalidUtf8
            | Self::DuplicateKey
            | Self::PayloadMismatch
            | Self::CodeMismatch => true,
            Self::SecondChain
            | Self::CheckpointDamaged
            | Self::CheckpointUnverified
            | Self::RepeatedEvent
            | Self::RepeatedRequest
            | Self::SettlementWithoutRequest
            | Self::Interleaved
            | Self::Pending
            | Self::ClockBack
            | Self::TimeGap
            | Self::FutureTime
            | Self::BoundedLog
            | Self::LineTooLong
            | Self::InvalidUnicode
            | Self::NotAnEvent
            | Self::MissingMember
            | Self::WrongType
            | Self::UnknownOutcome
            | Self::GluedValues
            | Self::ByteOrderMark
            | Self::NoFinalNewline
            | Self::UnexpectedMember
            | Self::InvalidTimestamp
            | Self::TimestampForm
            | Self::NoTimestamp
            | Self::IdForm
            | Self::LargeNumber => false,
        }
    }
}

/// A line of one of the inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which of the inputs, from 0.
    pub input: usize,
    /// The line, from 1; 0 for what stands on no line.
    pub line: u64,
}

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: FindingKind,
    /// More about it; may be empty.
    pub detail: String,
}

/// What is wrong with a log: everything counted, and the first places of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    counts: BTreeMap<FindingKind, u64>,
    listed: BTreeMap<FindingKind, BTreeSet<(Place, String)>>,
}

impl Findings {
    /// Adds a finding, in any order of places.
    pub fn add(&mut self, kind: FindingKind, place: Place, detail: impl Into<String>) {
        *self.counts.entry(kind).or_default() += 1;
        let listed = self.listed.entry(kind).or_default();
        if listed.len() < LISTED_PER_KIND {
            listed.insert((place, detail.into()));
        } else if listed.last().is_some_and(|(last, _)| place < *last) {
            listed.insert((place, detail.into()));
            listed.pop_last();
        }
    }

    /// How often each kind was found, those that prove something first.
    pub fn counts(&self) -> impl Iterator<Item = (FindingKind, u64)> {
        let mut counts: Vec<_> = self
            .counts
            .iter()
            .map(|(kind, count)| (*kind, *count))
            .collect();
        counts.sort_by_key(|(kind, _)| !kind.is_proof());
        counts.into_iter()
    }

    /// How often a kind was found.
    pub fn count(&self, kind: FindingKind) -> u64 {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    /// The first of one kind, in the order of places.
    pub fn of(&self, kind: FindingKind) -> impl Iterator<Item = (Place, &str)> {
        let listed = self.listed.get(&kind).into_iter().flatten();
        listed.map(|(place, detail)| (*place, detail.as_str()))
    }

    /// Those that are listed, proofs first, in the order of kinds, and of places within one.
    pub fn listed(&self) -> impl Iterator<Item = Finding> {
        self.counts().flat_map(|(kind, _)| {
            self.of(kind).map(move |(place, detail)| Finding {
                place,
                kind,
                detail: detail.to_owned(),
            })
        })
    }

    /// Whether anything proves that the log is not as it was written.
    pub fn has_proof(&self) -> bool {
        self.counts.keys().any(|kind| kind.is_proof())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_listed() {
        let mut findings = Findings::default();
        for line in (0..500).rev() {
            let place = Place { input: 0, line };
            findings.add(FindingKind::IdForm, place, line.to_string());
        }
        assert_eq!(findings.count(FindingKind::IdForm), 500);
        assert!(!findings.has_proof());
        let listed: Vec<u64> = findings
            .of(FindingKind::IdForm)
            .map(|(at, _)| at.line)
            .collect();
        assert_eq!(listed, (0..100).collect::<Vec<u64>>());
        findings.add(FindingKind::HashMismatch, Place::default(), "");
        assert!(findings.has_proof());
        assert_eq!(
            findings.listed().next().map(|one| one.kind),
            Some(FindingKind::HashMismatch)
        );
    }
}
