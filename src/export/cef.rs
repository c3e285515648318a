//! Common Event Format: ArcSight, Microsoft Sentinel and most others.
//!
//! Source: CEF Implementation Standard, version 27: the header's and the extension's escapes, the
//! dictionary of keys with their types and lengths. What neither can hold, control characters and
//! what hides or turns other text around, is shown as `\u{202e}`.

use std::io::Write as _;

use super::alert::millis;
use super::text::bounded;
use super::{Alert, Decision, Format, NoTime, PRODUCT, VERSION};
use crate::report::escape::terminal;

/// Common Event Format.
pub(super) struct Cef;

/// The longest `Device Event Class ID`, in characters.
const CLASS: usize = 1023;

impl Format for Cef {
    fn name(&self) -> &'static str {
        "cef"
    }

    fn about(&self) -> &'static str {
        "Common Event Format (ArcSight, Microsoft Sentinel, most SIEMs)"
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        header(
            out,
            decision.class(),
            decision.title(),
            event.severity_score(),
        );
        let mut pairs = Pairs::new(out);
        if let Some(time) = event.time {
            pairs.number("rt", millis(time));
        }
        pairs.text("externalId", event.event_id, 40);
        pairs.text("act", event.effective.as_str(), 63);
        pairs.text("outcome", decision.passage().outcome(), 63);
        pairs.text("reason", decision.code, 1023);
        pairs.text("msg", decision.message, 1023);
        pairs.text("suid", event.agent_id, 1023);
        pairs.text("suser", event.agent_id, 1023);
        pairs.custom(["cs1", "cs1Label"], "requestId", event.request_id);
        pairs.custom(["cs2", "cs2Label"], "toolName", event.tool_name);
        pairs.custom(["cs3", "cs3Label"], "environment", event.environment);
        let plugin = event.plugin.unwrap_or_default();
        pairs.custom(["cs4", "cs4Label"], "pluginSource", plugin);
        let recorded = decision.recorded().unwrap_or_default();
        pairs.custom(["cs5", "cs5Label"], "recordedOutcome", recorded);
        if let Some(chain) = &event.chain {
            pairs.custom(["cs6", "cs6Label"], "chainUid", chain.uid);
            pairs.custom_number(["cn1", "cn1Label"], "chainSeq", chain.seq);
        }
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        header(
            out,
            alert.kind.as_str(),
            alert.kind.title(),
            alert.severity_score(),
        );
        let mut pairs = Pairs::new(out);
        pairs.number("start", millis(alert.start));
        pairs.number("end", millis(alert.end));
        pairs.number("rt", millis(alert.detected));
        // A correlation of other events.
        pairs.number("type", 2);
        pairs.number("cnt", alert.count.min(i32::MAX as u64) as i64);
        pairs.text("externalId", &alert.id, 40);
        pairs.text("act", "logged", 63);
        pairs.text("msg", &alert.summary, 1023);
        pairs.text("suid", &alert.agent_id, 1023);
        pairs.text("suser", &alert.agent_id, 1023);
        if let Some(measure) = &alert.measure {
            pairs.custom_number(["cn1", "cn1Label"], measure.label, measure.most);
            pairs.custom_number(["cn2", "cn2Label"], "threshold", measure.threshold);
        }
        pairs.custom_number(["cn3", "cn3Label"], "allowed", alert.allowed);
        pairs.custom(["cs1", "cs1Label"], "eventIds", &alert.events.join(" "));
    }
}

fn header(out: &mut Vec<u8>, class: &str, title: &str, severity: u8) {
    // Writing to a `Vec` cannot fail.
    let _ = write!(out, "CEF:0|{PRODUCT}|{PRODUCT}|{VERSION}|");
    let class = terminal(class);
    for character in bounded(class.trim(), CLASS).chars() {
        match character {
            // What rules of ArcSight take for something else; `reason` has the code as it is.
            '=' | '%' | '#' => out.push(b'_'),
            '|' | '\\' => escaped(out, character),
            other => push(out, other),
        }
    }
    let _ = write!(out, "|{title}|{severity}|");
}

/// The extension that is being written.
struct Pairs<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'o> Pairs<'o> {
    const fn new(out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            is_first: true,
        }
    }

    fn key(&mut self, key: &str) {
        if !self.is_first {
            self.out.push(b' ');
        }
        self.is_first = false;
        self.out.extend_from_slice(key.as_bytes());
        self.out.push(b'=');
    }

    fn number(&mut self, key: &str, value: i64) {
        self.key(key);
        let _ = write!(self.out, "{value}");
    }

    /// A pair; none if the value is empty. White space around a value would be read as part of the
    /// pair before or after it, or not at all.
    fn text(&mut self, key: &str, value: &str, most: usize) {
        let value = shown(value.trim());
        let value = bounded(&value, most);
        if value.is_empty() {
            return;
        }
        self.key(key);
        for character in value.chars() {
            match character {
                '=' | '\\' => escaped(self.out, character),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '\r' => self.out.extend_from_slice(b"\\r"),
                other => push(self.out, other),
            }
        }
    }

    /// One of the keys that carry what the dictionary has no key for, and what it is.
    fn custom(&mut self, [key, label]: [&str; 2], name: &str, value: &str) {
        if !value.trim().is_empty() {
            self.text(label, name, 1023);
            self.text(key, value, 4000);
        }
    }

    fn custom_number(&mut self, [key, label]: [&str; 2], name: &str, value: u64) {
        self.text(label, name, 1023);
        self.number(key, i64::try_from(value).unwrap_or(i64::MAX));
    }
}

/// The text with what is hidden shown, except for line ends, of which CRLF is one.
fn shown(value: &str) -> String {
    let value = value.replace("\r\n", "\n");
    let mut out = String::with_capacity(value.len());
    for piece in value.split_inclusive(['\n', '\r']) {
        let text = piece.trim_end_matches(['\n', '\r']);
        out.push_str(&terminal(text));
        out.push_str(piece.get(text.len()..).unwrap_or_default());
    }
    out
}

fn escaped(out: &mut Vec<u8>, character: char) {
    out.push(b'\\');
    push(out, character);
}

fn push(out: &mut Vec<u8>, character: char) {
    let mut buffer = [0; 4];
    out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
}
