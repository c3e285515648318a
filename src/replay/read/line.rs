//! One line: the record on it, found in one pass, and whether the line is its own canonical form,
//! which saves making that form to hash it.

use super::form::Form;
use super::member::Member;
use super::{FindingKind, Leaves, Lines, Part, Record};
use crate::json::{Error, ErrorKind, RawString, Scanner, Tape};
use crate::model::event::EventOutcome;
use crate::time::Timestamp;

/// Reads the line at `range` of `text`.
pub(super) fn read(
    lines: &mut Lines,
    text: &str,
    range: std::ops::Range<usize>,
    number: u64,
    leaves: Leaves,
) {
    let mut start = range.start;
    let mut line = text.get(range.clone()).unwrap_or_default();
    if number == 1
        && let Some(rest) = line.strip_prefix('\u{FEFF}')
    {
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
        match one(lines, rest, start, number, leaves) {
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
pub(super) fn read_array(lines: &mut Lines, text: &str, leaves: Leaves) {
    let mut at = text.find('[').map_or(text.len(), |at| at + 1);
    let (mut counted, mut number) = (0, 1);
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
            _ => match one(lines, rest, at, number, leaves) {
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
    let troubles = lines.troubles.len();
    let first_reason = lines.reasons.len();
    let mut reading = Reading {
        lines,
        text,
        base,
        number,
        record: Record::default(),
        seen: 0,
        unknown: Vec::new(),
        payload: Payload::default(),
        chain: None,
        canonical: Form::default(),
    };
    let whole = reading.event(&mut scanner);
    if let Err(error) = whole {
        // What was said about parts of it is said about nothing now.
        lines.troubles.truncate(troubles);
        lines.reasons.truncate(first_reason);
        return Err(error);
    }
    let length = scanner.offset();
    reading.record.line = number;
    reading.record.text = part(base, length);
    reading.record.reasons = first_reason..reading.lines.reasons.len();
    reading.finish(text.get(..length).unwrap_or_default(), leaves);
    Ok(length)
}

/// Where a piece of the chunk is. Chunks are far shorter than 4 GiB.
fn part(start: usize, length: usize) -> Part {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Part {
        start: offset(start),
        end: offset(start + length),
        decoded: false,
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
    pub(super) chain: Option<ChainMember>,
    pub(super) canonical: Form,
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

impl<'t> Reading<'_, 't> {
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
                Member::EventId => self.record.event_id = self.string(scanner, name)?,
                Member::Timestamp => self.timestamp(scanner)?,
                Member::RequestId => self.record.request_id = self.string(scanner, name)?,
                Member::AgentId => self.record.agent_id = self.string(scanner, name)?,
                Member::ToolName => self.record.tool_name = self.string(scanner, name)?,
                Member::Outcome => self.outcome(scanner)?,
                Member::Reasons => self.reasons(scanner)?,
                Member::SafePayload => self.payload(scanner)?,
                Member::PluginSource => self.record.plugin = self.optional(scanner, name)?,
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

    fn duplicate(&mut self, member: &'static str) {
        self.trouble(FindingKind::DuplicateKey, member);
        self.canonical.holds = false;
    }

    /// A string member; empty, and noted, if it is something else.
    fn string(&mut self, scanner: &mut Scanner<'t>, name: &'static str) -> Result<Part, Error> {
        Ok(self.optional(scanner, name)?.unwrap_or_default())
    }

    fn optional(
        &mut self,
        scanner: &mut Scanner<'t>,
        name: &'static str,
    ) -> Result<Option<Part>, Error> {
        if scanner.peek()? != b'"' {
            self.trouble(FindingKind::WrongType, name);
            self.skip(scanner)?;
            return Ok(None);
        }
        let string = scanner.string()?;
        self.canonical.string(string);
        Ok(Some(self.keep(scanner, string)))
    }

    /// Where a string that was just read is, or is decoded to.
    fn keep(&mut self, scanner: &Scanner<'_>, string: RawString<'_>) -> Part {
        if string.plain().is_some() {
            let length = string.written().len();
            return part(self.base + scanner.offset() - 1 - length, length);
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
        let start = self.lines.decoded.len();
        self.lines.decoded.push_str(&decoded);
        Part {
            decoded: true,
            ..part(start, decoded.len())
        }
    }

    /// A value of no use, which nevertheless must not have a key twice.
    fn skip(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        self.canonical.holds = false;
        let mut again = scanner.clone();
        if let Err(error) = Tape::default().read(&mut again)
            && error.kind == ErrorKind::DuplicateKey
        {
            self.trouble(FindingKind::DuplicateKey, "in a member");
        }
        scanner.skip(2)
    }

    fn unknown(
        &mut self,
        scanner: &mut Scanner<'t>,
        name: &[u8],
        inside: &'static str,
    ) -> Result<(), Error> {
        self.record.has_unknown_members = true;
        if inside == "safe_payload" {
            let name = String::from_utf8_lossy(name).into_owned();
            self.lines
                .trouble(self.number, FindingKind::UnexpectedMember, name);
        }
        self.unknown.push([inside.as_bytes(), b".", name].concat());
        self.skip(scanner)
    }

    fn timestamp(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? == b'n' {
            self.canonical.length += "null".len();
            self.trouble(FindingKind::NoTimestamp, "");
            return scanner.null();
        }
        let Some(part) = self.optional(scanner, "timestamp")? else {
            return Ok(());
        };
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
        Ok(())
    }

    fn outcome(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        let Some(part) = self.optional(scanner, "outcome")? else {
            return Ok(());
        };
        let text = self.text_of(part);
        let outcome = EventOutcome::parse(text);
        if outcome.is_none() {
            let text = text.to_owned();
            self.lines
                .trouble(self.number, FindingKind::UnknownOutcome, text);
        }
        self.record.recorded = outcome;
        Ok(())
    }

    fn reasons(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'[' {
            self.trouble(FindingKind::WrongType, "reasons");
            return self.skip(scanner);
        }
        // The brackets; each element brings its comma, but the first.
        self.canonical.length += 2;
        let mut first = true;
        scanner.array(|scanner| {
            self.canonical.length += usize::from(!std::mem::take(&mut first));
            self.reason(scanner)
        })
    }

    fn reason(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "reasons");
            return self.skip(scanner);
        }
        let mut last = &b""[..];
        let (mut code, mut message) = (None, None);
        let unknown = self.unknown.len();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let twice = match key.decoded(&mut buffer) {
                b"code" => code.replace(self.string(scanner, "code")?).is_some(),
                b"message" => message.replace(self.string(scanner, "message")?).is_some(),
                name => return self.unknown(scanner, name, "reasons"),
            };
            if twice {
                self.duplicate("reasons");
            }
            Ok(())
        })?;
        self.note_twice(unknown);
        self.canonical.length += 1;
        if code.is_none() {
            self.trouble(FindingKind::MissingMember, "code");
        }
        let reason = [code.unwrap_or_default(), message.unwrap_or_default()];
        self.lines.reasons.push(reason);
        Ok(())
    }

    fn payload(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "safe_payload");
            return self.skip(scanner);
        }
        let mut last = &b""[..];
        let mut payload = Payload::default();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let (member, name) = match key.decoded(&mut buffer) {
                b"agent_id" => (&mut payload.agent_id, "agent_id"),
                b"tool_name" => (&mut payload.tool_name, "tool_name"),
                b"environment" => (&mut payload.environment, "environment"),
                b"outcome" => (&mut payload.outcome, "outcome"),
                name => return self.unknown(scanner, name, "safe_payload"),
            };
            let twice = member.is_some();
            *member = self.optional(scanner, name)?;
            if twice {
                self.duplicate("safe_payload");
            }
            Ok(())
        })?;
        self.canonical.length += 1;
        self.payload = payload;
        Ok(())
    }

    fn chain(&mut self, scanner: &mut Scanner<'t>) -> Result<(), Error> {
        if scanner.peek()? != b'{' {
            self.trouble(FindingKind::WrongType, "chain");
            return self.skip(scanner);
        }
        let mut last = &b""[..];
        let mut chain = ChainMember::default();
        scanner.object(|scanner, key| {
            self.canonical.key(key, &mut last);
            let mut buffer = Vec::new();
            let twice = match key.decoded(&mut buffer) {
                b"uid" => match self.optional(scanner, "chain.uid")? {
                    Some(uid) => chain.uid.replace(uid).is_some(),
                    None => false,
                },
                b"seq" => match self.seq(scanner)? {
                    Some(seq) => chain.seq.replace(seq).is_some(),
                    None => false,
                },
                b"prev_hash" => match self.previous(scanner)? {
                    Some(previous) => chain.previous.replace(previous).is_some(),
                    None => false,
                },
                name => return self.unknown(scanner, name, "chain"),
            };
            if twice {
                self.duplicate("chain");
            }
            Ok(())
        })?;
        self.canonical.length += 1;
        self.chain = Some(chain);
        Ok(())
    }

    fn seq(&mut self, scanner: &mut Scanner<'t>) -> Result<Option<u64>, Error> {
        if !scanner.peek()?.is_ascii_digit() {
            self.trouble(FindingKind::WrongType, "chain.seq");
            self.skip(scanner)?;
            return Ok(None);
        }
        let written = scanner.number()?;
        self.canonical.length += written.len();
        let seq = std::str::from_utf8(written).unwrap_or_default().parse();
        if seq.is_err() {
            self.trouble(FindingKind::WrongType, "chain.seq");
            self.canonical.holds = false;
        }
        Ok(seq.ok())
    }

    /// The hash that is given: `Some(None)` for `null`.
    fn previous(&mut self, scanner: &mut Scanner<'t>) -> Result<Option<Option<[u8; 32]>>, Error> {
        if scanner.peek()? == b'n' {
            self.canonical.length += "null".len();
            scanner.null()?;
            return Ok(Some(None));
        }
        let Some(part) = self.optional(scanner, "chain.prev_hash")? else {
            return Ok(None);
        };
        let hash = from_hex(self.text_of(part));
        if hash.is_none() {
            self.trouble(FindingKind::WrongType, "chain.prev_hash");
        }
        Ok(hash.map(Some))
    }

    pub(super) fn text_of(&self, part: Part) -> &str {
        if part.decoded {
            return self.lines.part(part);
        }
        let from = |at: u32| (at as usize).saturating_sub(self.base);
        let text = self.text.get(from(part.start)..from(part.end));
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
fn from_hex(text: &str) -> Option<[u8; 32]> {
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
