//! What an audit log says, as other products read it: decisions and incidents, one file a format.
//! Owns the registry of formats and what a decision or an incident means to a SIEM; finds and
//! judges nothing itself.
//!
//! A format is one file, one line in [`FORMATS`] and one fixture in `testdata/export`. Records are
//! written as they come, so that memory does not grow with the log.

mod alert;
mod cef;
mod csv;
mod decision;
mod ecs;
mod json;
mod jsonl;
mod leef;
mod ocsf;
mod syslog;
mod text;
mod timesketch;

use std::io::{self, Write};

pub use self::alert::Alert;
pub use self::decision::{Decision, Passage};
pub use self::syslog::{Framing, Host, Syslog};

use crate::replay::{Event, Receive};

/// Every format, in the order in which `--help` lists them.
pub const FORMATS: &[&dyn Format] = &[
    &cef::Cef,
    &leef::LEEF_1,
    &leef::LEEF_2,
    &ecs::Ecs,
    &ocsf::Ocsf,
    &timesketch::Timesketch,
    &jsonl::JsonLines,
    &csv::GUARDED,
    &csv::RAW,
];

/// The format of this name.
pub fn named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// Who records come from, as the headers of formats say it.
const PRODUCT: &str = "agent-spm";

/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How records are written.
pub trait Format: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// What it is, in a line.
    fn about(&self) -> &'static str;

    /// Whether each record says all by itself, so that it can be sent alone.
    fn records(&self) -> Records {
        Records::Alone
    }

    /// Appends what stands before the first record, with its line end.
    fn header(&self, _out: &mut Vec<u8>) {}

    /// Appends a decision without a line end.
    ///
    /// # Errors
    /// If the format has no place for it; then nothing is appended.
    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime>;

    /// Appends an incident without a line end.
    fn alert(&self, alert: &Alert, out: &mut Vec<u8>);
}

/// Whether records say all by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// They do.
    Alone,
    /// They are read by the header of their file.
    ByHeader,
}

/// An event without a time, in a format that must have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTime;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Decisions and settlements.
    pub decisions: u64,
    /// Incidents.
    pub alerts: u64,
    /// Decisions that were left out, since they have no time and the format must have one.
    pub without_time: u64,
}

/// As much is kept until it is written.
const BUFFER_BYTES: usize = 256 * 1024;

/// Writes records of one format.
pub struct Exporter<W> {
    format: &'static dyn Format,
    syslog: Option<Syslog>,
    exported: Exported,
    record: Vec<u8>,
    buffer: Vec<u8>,
    out: W,
}

impl<W: Write> Exporter<W> {
    /// Begins with what stands before the first record. With `syslog`, each record is a message of
    /// that protocol.
    pub fn new(format: &'static dyn Format, syslog: Option<Syslog>, out: W) -> Self {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES);
        format.header(&mut buffer);
        Self {
            format,
            syslog,
            exported: Exported::default(),
            record: Vec::new(),
            buffer,
            out,
        }
    }

    /// Writes an incident.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn alert(&mut self, alert: &Alert) -> io::Result<()> {
        self.record.clear();
        self.format.alert(alert, &mut self.record);
        self.exported.alerts += 1;
        let about = syslog::About::alert(alert);
        self.end(&about)
    }

    /// Writes what is still kept; what was written, and where to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<(Exported, W)> {
        self.out.write_all(&self.buffer)?;
        self.out.flush()?;
        Ok((self.exported, self.out))
    }

    fn end(&mut self, about: &syslog::About) -> io::Result<()> {
        match &self.syslog {
            Some(syslog) => syslog.frame(about, &self.record, &mut self.buffer),
            None => {
                self.buffer.extend_from_slice(&self.record);
                self.buffer.push(b'\n');
            }
        }
        if self.buffer.len() >= BUFFER_BYTES {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl<W: Write> Receive for Exporter<W> {
    fn event(&mut self, event: &Event<'_>, source: &str) -> io::Result<()> {
        let decision = Decision::new(event, source);
        self.record.clear();
        match self.format.decision(&decision, &mut self.record) {
            Ok(()) => self.exported.decisions += 1,
            Err(NoTime) => {
                self.exported.without_time += 1;
                return Ok(());
            }
        }
        self.end(&syslog::About::decision(&decision))
    }
}
