//! What would change in a file, as a unified diff.

use std::fmt::Write as _;

use similar::TextDiff;

use super::escape::terminal;

/// Unchanged lines shown around each change.
const CONTEXT: usize = 3;

/// The difference between two texts of a file, as `git apply` and `patch -p1` read it, unless
/// characters had to be made visible.
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let name = terminal(name.strip_prefix("./").unwrap_or(name));
    let diff = TextDiff::from_lines(old, new);
    let diff = diff
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string();
    let mut out = String::with_capacity(diff.len());
    for line in diff.split_inclusive('\n') {
        let end = line.trim_end_matches(['\r', '\n']).len();
        let (line, line_end) = line.split_at_checked(end).unwrap_or((line, ""));
        // Tabs indent lines, and are as harmless as spaces.
        let shown: Vec<_> = line.split('\t').map(terminal).collect();
        let _ = write!(out, "{}{line_end}", shown.join("\t"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn a_diff_is_one_and_acts_on_no_terminal() {
        let (old, new) = ("a\r\n\tb\u{1B}[31m\nc", "a\r\n\td\nc");
        assert_eq!(
            unified("./x\u{202E}.yaml", old, new),
            "--- a/x\\u{202e}.yaml\n+++ b/x\\u{202e}.yaml\n@@ -1,3 +1,3 @@\n a\r\n-\tb\\u{1b}[31m\n+\td\n c\n\\ No newline at end of file\n"
        );
    }
}
