//! For programs: one JSON document, indented, ended by a newline.

use std::io::{self, Write};

use serde::Serialize;

/// The name and version of this program, as every report carries them.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// This program.
pub const TOOL: Tool = Tool {
    name: "agent-spm",
    version: env!("CARGO_PKG_VERSION"),
};

/// The report as JSON text.
///
/// # Errors
/// If a map of the report has keys that are not strings, which none has.
pub fn render(report: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Writes the report as JSON text, piece by piece: it may be longer than what it is made of.
///
/// # Errors
/// If it cannot be written.
pub fn write(report: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    out.write_all(b"\n")
}
