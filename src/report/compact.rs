//! Findings one a line, as compilers print them: for editors, `grep` and narrow logs.

use std::fmt::Write as _;

use super::escape::terminal;
use super::findings::Findings;

/// `file:line:column: severity[lint]: message`. What does not count is left out.
pub fn render(findings: &Findings) -> String {
    let mut out = String::new();
    for (file, shown) in findings.all().filter(|(_, shown)| shown.counts()) {
        out.push_str(&terminal(&file.name));
        if let Some(range) = shown.range {
            let _ = write!(out, ":{}:{}", range.start.line, range.start.column);
        }
        let (severity, id) = (shown.severity.as_str(), shown.id);
        let _ = writeln!(out, ": {severity}[{id}]: {}", terminal(&shown.message));
    }
    for passed in &findings.passed_over {
        let (file, reason) = (terminal(&passed.file), terminal(&passed.reason));
        let _ = writeln!(out, "{file}: not linted: {reason}");
    }
    out
}
