//! Log Event Extended Format: IBM QRadar.
//!
//! Source: IBM, "Log Event Extended Format (LEEF)", versions 1.0 and 2.0, and its predefined
//! attributes. Neither version has escapes: tabs and line ends are spaces, the pipe is `/` in the
//! header, and what else is hidden is shown as `\u{202e}`.

use std::borrow::Cow;
use std::io::Write as _;

use super::alert::millis;
use super::text::bounded;
use super::{Alert, Decision, Format, NoTime, PRODUCT, VERSION};
use crate::report::escape::terminal;
use crate::time::Timestamp;

/// Log Event Extended Format of one version.
pub(super) struct Leef {
    name: &'static str,
    about: &'static str,
    version: &'static str,
    /// The sixth field of the header with its pipe, which version 1.0 lacks.
    delimiter: &'static str,
}

/// Version 1.0, which every reader knows.
pub(super) const LEEF_1: Leef = Leef {
    name: "leef",
    about: "LEEF 1.0 (IBM QRadar)",
    version: "1.0",
    delimiter: "",
};

/// Version 2.0, which names its delimiter.
pub(super) const LEEF_2: Leef = Leef {
    name: "leef2",
    about: "LEEF 2.0 with the delimiter written as x09 (IBM QRadar)",
    version: "2.0",
    delimiter: "x09|",
};

/// The longest `EventID`, in characters.
const EVENT_ID: usize = 255;
/// The longest name of a user that QRadar keeps.
const USER: usize = 255;
/// Longer values are no use in a line of a log.
const VALUE: usize = 4000;

impl Format for Leef {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        self.header(decision.class(), out);
        let mut attributes = Attributes::new(out);
        attributes.time(event.time);
        attributes.text("cat", event.effective.as_str(), VALUE);
        attributes.number("sev", u64::from(event.severity_score()));
        attributes.text("usrName", event.agent_id, USER);
        attributes.text("resource", event.tool_name, VALUE);
        attributes.text("policy", decision.code, VALUE);
        attributes.text("msg", decision.message, VALUE);
        attributes.text("eventUid", event.event_id, VALUE);
        attributes.text("requestId", event.request_id, VALUE);
        attributes.text("environment", event.environment, VALUE);
        attributes.text("plugin", event.plugin.unwrap_or_default(), VALUE);
        let recorded = decision.recorded().unwrap_or_default();
        attributes.text("recordedOutcome", recorded, VALUE);
        if let Some(chain) = &event.chain {
            attributes.text("chainUid", chain.uid, VALUE);
            attributes.number("chainSeq", chain.seq);
        }
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        self.header(alert.kind.as_str(), out);
        let mut attributes = Attributes::new(out);
        attributes.time(Some(alert.detected));
        attributes.text("cat", "incident", VALUE);
        attributes.number("sev", u64::from(alert.severity_score()));
        attributes.text("usrName", &alert.agent_id, USER);
        attributes.text("msg", &alert.summary, VALUE);
        attributes.text("incidentUid", &alert.id, VALUE);
        attributes.text("startTime", &alert.start.to_string(), VALUE);
        attributes.text("endTime", &alert.end.to_string(), VALUE);
        attributes.number("requests", alert.count);
        attributes.number("allowed", alert.allowed);
        if let Some(measure) = &alert.measure {
            attributes.number(measure.label, measure.most);
            attributes.number("threshold", measure.threshold);
        }
        attributes.text("eventUids", &alert.events.join(" "), VALUE);
    }
}

impl Leef {
    fn header(&self, class: &str, out: &mut Vec<u8>) {
        let class = one_line(class).replace('|', "/");
        // Writing to a `Vec` cannot fail.
        let _ = write!(
            out,
            "LEEF:{}|{PRODUCT}|{PRODUCT}|{VERSION}|{}|{}",
            self.version,
            bounded(class.trim(), EVENT_ID),
            self.delimiter,
        );
    }
}

/// The attributes that are being written.
struct Attributes<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'o> Attributes<'o> {
    const fn new(out: &'o mut Vec<u8>) -> Self {
        Self {
            out,
            is_first: true,
        }
    }

    /// An attribute; none if the value is empty.
    fn text(&mut self, key: &str, value: &str, most: usize) {
        let value = one_line(value);
        let value = bounded(value.trim(), most);
        if value.is_empty() {
            return;
        }
        if !self.is_first {
            self.out.push(b'\t');
        }
        self.is_first = false;
        let _ = write!(self.out, "{key}={value}");
    }

    fn number(&mut self, key: &str, value: u64) {
        self.text(key, &value.to_string(), VALUE);
    }

    /// The time as 13 digits, which need no pattern, or, before 2001 and after 2286, with one.
    fn time(&mut self, time: Option<Timestamp>) {
        let Some(time) = time else { return };
        let millis = millis(time);
        if (1_000_000_000_000..10_000_000_000_000).contains(&millis) {
            self.text("devTime", &millis.to_string(), VALUE);
        } else {
            let time = Timestamp::from_micros(millis * 1000);
            self.text("devTime", &time.to_string(), VALUE);
            self.text("devTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSX", VALUE);
        }
    }
}

/// The text on one line, with what else is hidden shown.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\t', '\r', '\n']) {
        let spaced = text.replace(['\t', '\r', '\n'], " ");
        return Cow::Owned(terminal(&spaced).into_owned());
    }
    terminal(text)
}
