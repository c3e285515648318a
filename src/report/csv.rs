//! Decisions as comma-separated values, for spreadsheets: a row a call, written as they come.
//!
//! Source: RFC 4180; OWASP, "CSV Injection": a cell that a spreadsheet takes for a formula gets an
//! apostrophe in front.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::{Map, Value};

use super::escape::terminal;

/// The columns: members of the lines of decisions.
const COLUMNS: [&str; 12] = [
    "source",
    "request_id",
    "timestamp",
    "agent_id",
    "tool_name",
    "recorded_tool_name",
    "outcome",
    "allowed",
    "code",
    "message",
    "plugin",
    "rule",
];

/// Takes decisions as lines of JSON and writes them as rows.
pub struct Decisions<W> {
    out: W,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    rows: Vec<u8>,
}

impl<W: Write> Decisions<W> {
    /// Writes the heading.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(format!("{}\r\n", COLUMNS.join(",")).as_bytes())?;
        Ok(Self {
            out,
            line: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// What the rows were written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Write for Decisions<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rows.clear();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(line);
            if line.ends_with(b"\n") {
                row(&self.line, &mut self.rows)?;
                self.line.clear();
            }
        }
        self.out.write_all(&self.rows)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn row(line: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
    let decision: Map<String, Value> = serde_json::from_slice(line)?;
    let reason = decision
        .get("reasons")
        .and_then(|reasons| reasons.get(0)?.get("message"));
    for (index, column) in COLUMNS.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let value = match column {
            "message" => reason,
            column => decision.get(column),
        };
        match value {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => cell_into(&guarded(text), out),
            Some(other) => out.extend_from_slice(other.to_string().as_bytes()),
        }
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// The text of a cell for spreadsheets: nothing hidden, and no formula.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    // Also the wide forms, which spreadsheets of some languages take for the narrow ones.
    let is_formula = cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}',
    ]);
    let shown = terminal(cell);
    if is_formula {
        Cow::Owned(format!("'{shown}"))
    } else {
        shown
    }
}

/// Appends a cell, quoted where it must be.
pub fn cell_into(cell: &str, out: &mut Vec<u8>) {
    let is_plain = !cell.contains([',', '"', '\r', '\n', ';', '\t'])
        && !cell.starts_with([' ', '\''])
        && !cell.ends_with(' ');
    if is_plain {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    for (index, part) in cell.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> String {
        let mut out = Vec::new();
        let mut csv = Decisions::new(&mut out).expect("writes");
        for line in lines {
            csv.write_all(line.as_bytes()).expect("writes");
        }
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_decision_is_a_row_however_its_line_comes() {
        let line = "{\"source\":\"a:1\",\"request_id\":\"r\",\"allowed\":true,\"rule\":3,\"plugin\":null,\"reasons\":[{\"code\":\"C\",\"message\":\"why\"}]}\n";
        let (first, second) = line.split_at(20);
        let expected = format!("{}\r\na:1,r,,,,,,true,,why,,3\r\n", COLUMNS.join(","));
        assert_eq!(rows(&[line]), expected);
        assert_eq!(rows(&[first, second]), expected);
    }

    #[test]
    fn no_cell_is_a_formula_or_leaves_its_row() {
        for (text, expected) in [
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("＝1", "\"'＝1\""),
            ("\t=1", "\"'\\u{9}=1\""),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("a\r\n=b", "a\\u{d}\\u{a}=b"),
            ("a\u{202E}b", "a\\u{202e}b"),
        ] {
            let mut out = Vec::new();
            cell_into(&guarded(text), &mut out);
            assert_eq!(String::from_utf8(out).as_deref(), Ok(expected), "{text}");
        }
    }
}
