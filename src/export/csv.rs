//! Comma-separated values: one table of decisions and incidents.
//!
//! Source: RFC 4180 for the form (with LF line ends, which every reader takes), OWASP, "CSV
//! Injection", for the guard: a cell that a spreadsheet would take for a formula begins with `'`.

use super::{Alert, Decision, Format, NoTime, Records};
use crate::report::csv::{cell_into, guarded};

/// Comma-separated values for one kind of reader.
pub(super) struct Csv {
    name: &'static str,
    about: &'static str,
    reader: Reader,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Spreadsheet,
    Program,
}

/// For spreadsheets and people: no formulas, one line a row, nothing hidden.
pub(super) const GUARDED: Csv = Csv {
    name: "csv",
    about: "CSV for spreadsheets: no formulas, a line a row, hidden characters shown",
    reader: Reader::Spreadsheet,
};

/// For programs: every value as it is.
pub(super) const RAW: Csv = Csv {
    name: "csv-raw",
    about: "CSV for programs: RFC 4180, every value as it was, but what is sensitive masked",
    reader: Reader::Program,
};

/// The columns. An incident has its kind for `code`, the number of its requests for `count`, and
/// its start and end for `timestamp` and `end`.
const COLUMNS: [&str; 18] = [
    "type",
    "timestamp",
    "end",
    "severity",
    "agent_id",
    "tool_name",
    "environment",
    "outcome",
    "recorded_outcome",
    "code",
    "message",
    "plugin_source",
    "count",
    "request_id",
    "event_id",
    "incident_id",
    "source",
    "line",
];

impl Format for Csv {
    fn name(&self) -> &'static str {
        self.name
    }

    fn about(&self) -> &'static str {
        self.about
    }

    fn records(&self) -> Records {
        Records::ByHeader
    }

    fn header(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(COLUMNS.join(",").as_bytes());
        out.push(b'\n');
    }

    fn decision(&self, decision: &Decision<'_>, out: &mut Vec<u8>) -> Result<(), NoTime> {
        let event = decision.event;
        let time = event.time.map(|time| time.to_string());
        self.row(
            [
                "decision",
                // A time that cannot be read is shown as it is written.
                time.as_deref().unwrap_or(event.timestamp),
                "",
                event.severity().as_str(),
                event.agent_id,
                event.tool_name,
                event.environment,
                event.effective.as_str(),
                event.recorded.as_str(),
                decision.code,
                decision.message,
                event.plugin.unwrap_or_default(),
                "",
                event.request_id,
                event.event_id,
                "",
                decision.source,
                itoa::Buffer::new().format(event.line),
            ],
            out,
        );
        Ok(())
    }

    fn alert(&self, alert: &Alert, out: &mut Vec<u8>) {
        self.row(
            [
                "incident",
                &alert.start.to_string(),
                &alert.end.to_string(),
                alert.severity.as_str(),
                &alert.agent_id,
                "",
                "",
                "",
                "",
                alert.kind.as_str(),
                &alert.summary,
                "",
                itoa::Buffer::new().format(alert.count),
                "",
                alert.events.first().map_or("", String::as_str),
                &alert.id,
                "",
                "",
            ],
            out,
        );
    }
}

impl Csv {
    fn row(&self, cells: [&str; COLUMNS.len()], out: &mut Vec<u8>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match self.reader {
                Reader::Spreadsheet => cell_into(&guarded(cell), out),
                Reader::Program => cell_into(cell, out),
            }
        }
    }
}
