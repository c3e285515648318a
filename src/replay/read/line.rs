//! One line: the record on it, found in one pass, and whether the line is its own canonical form,
//! which saves making that form to hash it. A record is read by a form that was read before, or
//! else by its grammar.

use super::form::Form;
use super::member::Member;
use super::{FindingKind, Leaves, Lines, Part, Reader, Record};
use crate::json::{Error, ErrorKind, RawString, Scanner, Tape};
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// Reads the line at `range` of `text`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    lines: &mut Lines,
    text: &str,
    range: std::ops::Range<usize>,
    number: u64,
    leaves: Leaves,
) {
    let mut start = range.start;
    let mut line = text.get(range.clone()).unwrap_or_default();
    // One in the middle begins a file that was appended to another.
    if let Some(rest) = line.strip_prefix('\u{FEFF}') {
        lines.trouble(number, FindingKind::ByteOrderMark, "");
        start += line.len() - rest.len();
        line = rest;
    }
    let is_last = range.end == text.len();
    let mut rest = line;
    let mut records = 0;
    loop {
        let blank = rest.len() - rest.trim_ascii_start().len();
        start += blank;
        rest = rest.get(blank..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        if records > 0 {
            lines.trouble(number, FindingKind::GluedValues, "");
        }
        match one(reader, lines, rest, start, number, leaves) {
            Ok(length) => {
                start += length;
                rest = rest.get(length..).unwrap_or_default();
            }
            Err(error) => {
                let at = line.len() - rest.len() + error.at;
                let kind = unreadable(rest, error.kind, is_last);
                return lines.trouble(number, kind, format!("{} at byte {at}", error.kind));
            }
        }
        records += 1;
    }
    if is_last && records > 0 {
        lines.trouble(number, FindingKind::NoFinalNewline, "");
    }
}

/// Reads an array of events, which is the whole of `text`. What is damaged in it ends the reading:
/// there are no lines to go on with.
pub(super) fn read_array(reader: &mut Reader<'_>, lines: &mut Lines, text: &str, leaves: Leaves) {
    let mut at = text.find('[').map_or(text.len(), |at| at + 1);
    let (mut counted, mut number) = (0, 1);
    if text.starts_with('\u{FEFF}') {
        lines.trouble(number, FindingKind::ByteOrderMark, "");
    }
    let mut expected = Expected::ValueOrEnd;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += rest.len() - rest.trim_ascii_start().len();
        let passed = text.get(counted..at).unwrap_or_default();
        number += memchr::memchr_iter(b'\n', passed.as_bytes()).count() as u64;
        counted = at;
        let rest = text.get(at..).unwrap_or_default();
        match (rest.as_bytes(), expected) {
            ([b']', after @ ..], Expected::ValueOrEnd | Expected::CommaOrEnd) => {
                if !after.trim_ascii().is_empty() {
                    lines.trouble(number, FindingKind::UnreadableLine, "after the array");
                }
                return;
            }
            ([b',', ..], Expected::CommaOrEnd) => {
                expected = Expected::Value;
                at += 1;
            }
            ([_, ..], Expected::CommaOrEnd) => {
                return lines.trouble(number, FindingKind::UnreadableLine, "expected `,` or `]`");
            }
            _ => match one(reader, lines, rest, at, number, leaves) {
                Ok(length) => {
                    expected = Expected::CommaOrEnd;
                    at += length;
                }
                Err(error) => {
                    let kind = unreadable(rest, error.kind, true);
                    return lines.trouble(number, kind, error.kind.to_string());
                }
            },
        }
    }
}

/// What comes next in an array.
#[derive(Clone, Copy)]
enum Expected {
    ValueOrEnd,
    Value,
    CommaOrEnd,
}

fn unreadable(line: &str, error: ErrorKind, is_last: bool) -> FindingKind {
    match error {
        _ if line.contains('\0') => FindingKind::NulBytes,
        ErrorKind::UnexpectedEnd if is_last => FindingKind::TruncatedLine,
        _ => FindingKind::UnreadableLine,
    }
}

/// Reads the value at the start of `text`, which stands at `base` of the chunk; returns its length.
fn one(
    reader: &mut Reader<'_>,
    lines: &mut Lines,
    text: &str,
    base: usize,
    number: u64,
    leaves: Leaves,
) -> Result<usize, Error> {
    let mut scanner = Scanner::new(text.as_bytes());
    if scanner.peek()? != b'{' {
        scanner.skip(0)?;
        lines.trouble(number, FindingKind::NotAnEvent, "it is no object");
        return Ok(scanner.offset());
    }
    let before = Mark::of(lines);
    if let Some(()) = reader.forms.split(text.as_bytes(), &mut reader.split) {
        let mut reading = Reading::new(lines, text, base, number);
        if reading.fill(&reader.split).is_some() {
            let length = reader.split.length();
            reading.finish(reader, text.get(..length).unwrap_or_default(), leaves);
            return Ok(length);
        }
        before.restore(lines);
    }
    let mut reading = Reading::new(lines, text, base, number);
    if let Err(error) = reading.event(&mut scanner) {
        // What was said about parts of it is said about nothing now.
        before.restore(lines);
        return Err(error);
    }
    let length = scanner.offset();
    let text = text.get(..length).unwrap_or_default();
    if reading.lines.troubles.len() == before.troubles {
        reading.teach(&mut reader.forms, text);
    }
    reading.finish(reader, text, leaves);
    Ok(length)
}

/// Whether a record is read by the form of another.
#[cfg(test)]
pub(super) fn is_of_a_known_form(reader: &mut Reader<'_>, text: &str) -> bool {
    let mut lines = Lines::default();
    let mut reading = Reading::new(&mut lines, text, 0, 1);
    let split = reader.forms.split(text.as_bytes(), &mut reader.split);
    split.is_some() && reading.fill(&reader.split).is_some()
}

/// How much there was before a record was read.
#[derive(Clone, Copy)]
struct Mark {
    troubles: usize,
    leaks: usize,
    reasons: usize,
    decoded: usize,
}

impl Mark {
    fn of(lines: &Lines) -> Self {
        Self {
            troubles: lines.troubles.len(),
            leaks: lines.leaks.len(),
            reasons: lines.reasons.len(),
            decoded: lines.decoded.len(),
        }
    }

    fn restore(self, lines: &mut Lines) {
        lines.troubles.truncate(self.troubles);
        lines.leaks.truncate(self.leaks);
        lines.reasons.truncate(self.reasons);
        lines.decoded.truncate(self.decoded);
    }
}

/// One record that is being read.
pub(super) struct Reading<'l, 't> {
    pub(super) lines: &'l mut Lines,
    pub(super) text: &'t str,
    pub(super) base: usize,
    pub(super) number: u64,
    pub(super) record: Record,
    /// The members that were there, a bit each.
    pub(super) seen: u32,
    /// The names of members that events do not have.
    pub(super) unknown: Vec<Vec<u8>>,
    pub(super) payload: Payload,
    pub(super) payload_differs: bool,
    pub(super) chain: Option<ChainMember>,
    pub(super) canonical: Form,
    /// Members that events do not have, as they are written, and where they stand.
    pub(super) strange: Vec<(String, &'t str)>,
    /// What is given as the outcome, if it is none.
    pub(super) outcome: Option<Part>,
    pub(super) first_reason: usize,
    /// The values that were read, for the form of the record: where the text before each ends, and
    /// where the text after it begins.
    pub(super) values: Vec<(Slot, usize, usize)>,
}

/// A value of a record, by its member. Reasons have a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    EventId,
    Timestamp,
    RequestId,
    AgentId,
    ToolName,
    Outcome,
    Plugin,
    Code(usize),
    Message(usize),
    PayloadAgent,
    PayloadTool,
    PayloadEnvironment,
    PayloadOutcome,
    ChainUid,
    ChainSeq,
    ChainPrevious,
}

/// What `safe_payload` says.
#[derive(Default)]
pub(super) struct Payload {
    pub(super) agent_id: Option<Part>,
    pub(super) tool_name: Option<Part>,
    pub(super) environment: Option<Part>,
    pub(super) outcome: Option<Part>,
}

#[derive(Default)]
pub(super) struct ChainMember {
    pub(super) uid: Option<Part>,
    pub(super) seq: Option<u64>,
    /// Given, and if so, not null.
    pub(super) previous: Option<Option<[u8; 32]>>,
}

impl<'l, 't> Reading<'l, 't> {
    fn new(lines: &'l mut Lines, text: &'t str, base: usize, number: u64) -> Self {
        Self {
            first_reason: lines.reasons.len(),
            lines,
            text,
            base,
            number,
            record: Record::default(),
            seen: 0,
            unknown: Vec::new(),
            payload: Payload::default(),
            payload_differs: false,
            chain: None,
            canonical: Form::default(),
            strange: Vec::new(),
            outcome: None,
            values: Vec::new(),
        }
    }

    fn event(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        let mut last = &b""[..];
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let name = key.decoded(&mut buffer);
            let Some((member, name)) = Member::named(name) else {
                return self.unknown(scanner, name, "");
            };
            if self.seen & member.bit() != 0 {
                self.duplicate(name);
            }
            self.seen |= member.bit();
            match member {
                Member::EventId => {
                    self.record.event_id = self.string(scanner, name, Slot::EventId)?;
                }
                Member::Timestamp => self.timestamp(scanner)?,
                Member::RequestId => {
                    self.record.request_id = self.string(scanner, name, Slot::RequestId)?;
                }
                Member::AgentId => {
                    self.record.agent_id = self.string(scanner, name, Slot::AgentId)?;
                }
                Member::ToolName => {
                    self.record.tool_name = self.string(scanner, name, Slot::ToolName)?;
                }
                Member::Outcome => {
                    if let Some(part) = self.optional(scanner, name, Slot::Outcome)? {
                        self.set_outcome(part);
                    }
                }
                Member::Reasons => self.reasons(scanner)?,
                Member::SafePayload => self.payload(scanner)?,
                Member::PluginSource => {
                    self.record.plugin = self.optional(scanner, name, Slot::Plugin)?;
                }
                Member::Chain => self.chain(scanner)?,
            }
            Ok(())
        })?;
        self.canonical.length += 1;
        Ok(())
    }

    pub(super) fn trouble(&mut self, kind: FindingKind, detail: &'static str) {
        self.lines.trouble(self.number, kind, detail);
    }

    pub(super) fn duplicate(&mut self, member: &'static str) {
        self.trouble(FindingKind::DuplicateKey, member);
        self.canonical.holds = false;
    }

    /// A string member; empty, and noted, if it is something else.
    pub(super) fn string(
        &mut self,
        scanner: &mut Scanner<'t>,
        name: &'static str,
        slot: Slot,
    ) -> Result<Part, Error> {
        Ok(self.optional(scanner, name, slot)?.unwrap_or_default())
    }

    pub(super) fn optional(
        &mut self,
        scanner: &mut Scanner<'t>,
        name: &'static str,
        slot: Slot,
    ) -> Result<Option<Part>, Error> {
        if scanner.peek()? != b'"' {
            self.trouble(FindingKind::WrongType, name);
            self.skip(scanner)?;
            return Ok(None);
        }
        let string = scanner.string()?;
        self.canonical.string(string);
        let end = scanner.offset();
        self.values
            .push((slot, end - 1 - string.written().len(), end));
        Ok(Some(self.keep(scanner, string)))
    }

    /// Where a string that was just read is, or is decoded to.
    #[inline]
    pub(super) fn keep(&mut self, scanner: &Scanner<'_>, string: RawString<'_>) -> Part {
        if string.plain().is_some() {
            let length = string.written().len();
            return Part::new(self.base + scanner.offset() - 1 - length, length);
        }
        let mut decoded = Vec::new();
        string.append_to(&mut decoded);
        let decoded = match String::from_utf8(decoded) {
            Ok(decoded) => decoded,
            Err(error) => {
                self.trouble(FindingKind::InvalidUnicode, "");
                self.canonical.holds = false;
                replace_surrogates(error.as_bytes())
            }
        };
        self.decoded(&decoded)
    }

    /// Keeps a text that does not stand in the chunk.
    pub(super) fn decoded(&mut self, text: &str) -> Part {
        let start = self.lines.decoded.len();
        self.lines.decoded.push_str(text);
        let part = Part::new(start, text.len());
        Part {
            end: part.end | Part::DECODED,
            ..part
        }
    }

    /// A value of no use, which nevertheless must not have a key twice.
    pub(super) fn skip(&mut self, scanner: &mut Scanner<'t>) -> Result<&'t str, Error> {
        self.canonical.holds = false;
        let mut again = scanner.clone();
        if let Err(error) = Tape::default().read(&mut again)
            && error.kind == ErrorKind::DuplicateKey
        {
            self.trouble(FindingKind::DuplicateKey, "in a member");
        }
        let start = scanner.offset();
        scanner.skip(2)?;
        Ok(self.text.get(start..scanner.offset()).unwrap_or_default())
    }

    pub(super) fn unknown(
        &mut self,
        scanner: &mut Scanner<'t>,
        name: &[u8],
        inside: &'static str,
    ) -> Result<(), Error> {
        self.record.has_unknown_members = true;
        self.unknown.push([inside.as_bytes(), b".", name].concat());
        let name = String::from_utf8_lossy(name).into_owned();
        let value = self.skip(scanner)?;
        self.strange.push(match inside {
            "" => (name, value),
            _ => (format!("{inside}.{name}"), value),
        });
        Ok(())
    }

    fn timestamp(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? == b'n' {
            self.canonical.length += "null".len();
            self.trouble(FindingKind::NoTimestamp, "");
            return scanner.null();
        }
        if let Some(part) = self.optional(scanner, "timestamp", Slot::Timestamp)? {
            self.set_time(part);
        }
        Ok(())
    }

    pub(super) fn set_time(&mut self, part: Part) {
        self.record.timestamp = part;
        let text = self.text_of(part);
        let time = Timestamp::parse(text.as_bytes());
        let usual = matches!(text.as_bytes(), [.., b'Z'] if text.len() == 24);
        let form = match time {
            None => Some(FindingKind::InvalidTimestamp),
            Some(time) if !usual && time.to_string() != text => Some(FindingKind::TimestampForm),
            Some(_) => None,
        };
        self.record.time = time;
        if let Some(kind) = form {
            self.trouble(kind, "");
        }
    }

    pub(super) fn set_outcome(&mut self, part: Part) {
        let outcome = EventOutcome::parse(self.text_of(part));
        self.record.recorded = outcome;
        if outcome.is_none() {
            self.outcome = Some(part);
        }
    }

    #[inline]
    pub(super) fn text_of(&self, part: Part) -> &str {
        if part.is_decoded() {
            return self.lines.part(part);
        }
        let range = part.range();
        let from = |at: usize| at.saturating_sub(self.base);
        let text = self.text.get(from(range.start)..from(range.end));
        text.unwrap_or_default()
    }

    /// Notes names that came up twice among those from `first` on, and forgets them.
    pub(super) fn note_twice(&mut self, first: usize) {
        let mut names = self.unknown.split_off(first);
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            self.duplicate("a member that events do not have");
        }
    }
}

/// WTF-8 with U+FFFD for each lone surrogate.
fn replace_surrogates(text: &[u8]) -> String {
    let mut written = Vec::new();
    crate::audit::write_text(text, &mut written);
    serde_json::from_slice(&written).unwrap_or_default()
}

/// The bytes of 64 lower-case hexadecimal digits.
pub(super) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}
