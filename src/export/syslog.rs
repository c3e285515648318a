//! Records as messages of the syslog protocol. Owns header and framing.
//!
//! Source: RFC 5424 §6 (format; facility 13 is "log audit", `-` is nil) and RFC 6587 §3.4.1 (octet
//! counting), §3.4.2 (non-transparent framing). There is no byte-order mark before the message: it
//! would hide the record's own first characters from those who look for them.

use std::io::Write as _;

use super::{Alert, Decision, PRODUCT};
use crate::time::Timestamp;

/// How messages are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// How one message is told from the next.
    pub framing: Framing,
    /// The name of the host that they come from.
    pub host: Option<Host>,
}

/// How one message is told from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By the line end after it: for files, and what reads lines.
    Lines,
    /// By its length before it: for TCP and TLS.
    Octets,
}

/// The name of a host: 1 to 255 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// The host of this name, if it can be one.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=255).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(name.to_owned()))
    }
}

/// The facility "log audit".
const FACILITY: u8 = 13;

/// What the header says about a record.
pub(super) struct About {
    score: u8,
    time: Option<Timestamp>,
    id: &'static str,
}

impl About {
    pub(super) fn decision(decision: &Decision<'_>) -> Self {
        Self {
            score: decision.event.severity_score(),
            time: decision.event.time,
            id: "decision",
        }
    }

    pub(super) fn alert(alert: &Alert) -> Self {
        Self {
            score: alert.severity_score(),
            time: Some(alert.detected),
            id: "incident",
        }
    }

    /// Critical, warning, notice or informational.
    const fn severity(&self) -> u8 {
        match self.score {
            9.. => 2,
            7..=8 => 4,
            4..=6 => 5,
            0..=3 => 6,
        }
    }
}

impl Syslog {
    /// Appends a message with `record` in it.
    pub(super) fn frame(&self, about: &About, record: &[u8], out: &mut Vec<u8>) {
        let priority = FACILITY * 8 + about.severity();
        let time = about.time.map(|time| time.to_string());
        let time = time.as_deref().unwrap_or("-");
        let host = self.host.as_ref().map_or("-", |host| &host.0);
        let id = about.id;
        let header = format!("<{priority}>1 {time} {host} {PRODUCT} - {id} - ");
        if self.framing == Framing::Octets {
            // Writing to a `Vec` cannot fail.
            let _ = write!(out, "{} ", header.len() + record.len());
        }
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(record);
        if self.framing == Framing::Lines {
            out.push(b'\n');
        }
    }
}
