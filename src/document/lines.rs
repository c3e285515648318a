//! Texts that are neither JSON nor YAML: strings as they stand.

use super::{Node, NodeKind};
use crate::diagnostic::Span;

/// A list of the lines. The last line break ends the last line, and CR LF is one.
pub(super) fn lines(text: &str) -> Node {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let written = line.strip_suffix('\n').unwrap_or(line);
        let written = written.strip_suffix('\r').unwrap_or(written);
        let node = string(start, written);
        start += line.len();
        node
    });
    let kind = NodeKind::Array(lines.collect());
    Node {
        span: Span::new(0, text.len()),
        kind,
    }
}

/// A list of the whole text.
pub(super) fn whole(text: &str) -> Node {
    Node {
        span: Span::new(0, text.len()),
        kind: NodeKind::Array(vec![string(0, text)]),
    }
}

fn string(start: usize, text: &str) -> Node {
    Node {
        span: Span::new(start, start + text.len()),
        kind: NodeKind::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_string() {
        let read = |text: &str| -> Vec<(usize, String)> {
            let node = lines(text);
            let lines = node.as_array().unwrap_or_default().iter();
            lines
                .map(|line| (line.span.start, line.as_str().unwrap_or("?").to_owned()))
                .collect()
        };
        let all = |lines: &[(usize, &str)]| -> Vec<(usize, String)> {
            let lines = lines.iter();
            lines
                .map(|&(start, text)| (start, text.to_owned()))
                .collect()
        };
        assert_eq!(read(""), []);
        assert_eq!(read("a"), all(&[(0, "a")]));
        assert_eq!(read("\"a\n\n#b\n"), all(&[(0, "\"a"), (3, ""), (4, "#b")]));
        assert_eq!(read("a\r\nb\r"), all(&[(0, "a"), (3, "b")]));
    }
}
