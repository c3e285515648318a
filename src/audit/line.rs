//! One event as its line: the RFC 8785 form, written at once. Owns the order of members, which is
//! that of their names' UTF-16 code units.

use uuid::Uuid;

use super::{Record, Subject};
use crate::json::write_string;

/// An event with its place in the log.
pub(super) struct Event<'a> {
    pub(super) event_id: Uuid,
    pub(super) uid: Uuid,
    pub(super) seq: u64,
    pub(super) previous: Option<[u8; 32]>,
    pub(super) subject: &'a Subject<'a>,
    pub(super) record: &'a Record<'a>,
}

impl Event<'_> {
    /// Appends the event without a newline.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self {
            subject, record, ..
        } = self;
        member(b"{\"agent_id\":", subject.agent_id, out);
        out.extend_from_slice(b",\"chain\":{\"prev_hash\":");
        match &self.previous {
            Some(hash) => write_hex(hash, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"seq\":");
        out.extend_from_slice(itoa::Buffer::new().format(self.seq).as_bytes());
        out.extend_from_slice(b",\"uid\":\"");
        write_uuid(self.uid, out);
        out.extend_from_slice(b"\"},\"event_id\":\"");
        write_uuid(self.event_id, out);
        let outcome = record.outcome.as_str().as_bytes();
        member(b"\",\"outcome\":", outcome, out);
        if let Some(plugin) = record.plugin {
            member(b",\"plugin_source\":", plugin.as_bytes(), out);
        }
        out.extend_from_slice(b",\"reasons\":[");
        for (index, (code, message)) in record.reasons.iter().enumerate() {
            let open: &[u8] = if index > 0 {
                b",{\"code\":"
            } else {
                b"{\"code\":"
            };
            member(open, code.as_bytes(), out);
            member(b",\"message\":", message.as_bytes(), out);
            out.push(b'}');
        }
        member(b"],\"request_id\":", subject.request_id, out);
        member(b",\"safe_payload\":{\"agent_id\":", subject.agent_id, out);
        member(b",\"environment\":", subject.environment, out);
        member(b",\"outcome\":", outcome, out);
        member(b",\"tool_name\":", subject.tool_name, out);
        out.extend_from_slice(b"},\"timestamp\":");
        match record.time {
            Some(time) => member(b"", time.to_string().as_bytes(), out),
            None => out.extend_from_slice(b"null"),
        }
        member(b",\"tool_name\":", subject.tool_name, out);
        out.push(b'}');
    }
}

/// Appends what an event's id is made of beside its place: parts that end where the next begins.
pub(super) fn write_identity(subject: &Subject<'_>, record: &Record<'_>, out: &mut Vec<u8>) {
    for part in [
        subject.request_id,
        subject.agent_id,
        subject.tool_name,
        subject.environment,
        record.outcome.as_str().as_bytes(),
        record.plugin.unwrap_or_default().as_bytes(),
    ] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    let micros = record.time.map(|time| time.micros().to_be_bytes());
    out.extend_from_slice(micros.as_ref().map_or(&[], |micros| &micros[..]));
    for (code, _) in record.reasons {
        out.extend_from_slice(code.as_bytes());
        out.push(0);
    }
}

fn member(open: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(open);
    write_text(text, out);
}

/// Appends a text, given as WTF-8, as RFC 8785 writes a string. A lone surrogate, which has no
/// place there, becomes U+FFFD.
pub fn write_text(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    let is_lone = |at: &usize| matches!(rest.get(at + 1), Some(0xA0..=0xBF));
    if !memchr::memchr_iter(0xED, rest).any(|at| is_lone(&at)) {
        return write_string(rest, out);
    }
    let mut replaced = Vec::with_capacity(text.len());
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [0xED, 0xA0..=0xBF, _, tail @ ..] => {
                replaced.extend_from_slice("\u{FFFD}".as_bytes());
                tail
            }
            _ => {
                replaced.push(*first);
                tail
            }
        };
    }
    write_string(&replaced, out);
}

fn write_uuid(id: Uuid, out: &mut Vec<u8>) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    out.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
}

fn write_hex(hash: &[u8; 32], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or(b'0');
    out.push(b'"');
    for byte in hash {
        out.extend([digit(byte >> 4), digit(byte & 0x0F)]);
    }
    out.push(b'"');
}
