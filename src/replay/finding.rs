//! What can be wrong with a log. Owns the kinds and which of them prove something; where and how
//! often is counted elsewhere.

/// What is wrong at some place of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A line is no JSON.
    UnreadableLine,
    /// The last line ends inside a record.
    TruncatedLine,
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
    /// The file begins with a byte-order mark.
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
            Self::UnreadableLine => "unreadable_line",
            Self::TruncatedLine => "truncated_line",
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
}
