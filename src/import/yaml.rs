//! Calls that people write by hand, in YAML: turned into JSON, each on the line on which it
//! stands, so that every shape reads them and every place is still right.

use crate::document::{self, Format, Limits, LoadError, NodeKind};

/// Largest document, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The document `text` as JSON lines: the elements of a list, or the one value that it is. Each
/// starts on the line on which it starts in `text`; lines between are empty.
///
/// # Errors
/// Whatever the strict subset of YAML refuses, with its places.
pub fn to_json_lines(text: &[u8], name: &str) -> Result<Vec<u8>, LoadError> {
    let limits = Limits {
        bytes: MAX_BYTES,
        depth: Limits::MAX_DEPTH,
        ..Limits::default()
    };
    let document = document::parse(text, name, Format::Yaml, limits)?;
    let records = match &document.root.kind {
        NodeKind::Array(elements) => elements.as_slice(),
        _ => std::slice::from_ref(&document.root),
    };
    let newlines: Vec<usize> = memchr::memchr_iter(b'\n', text).collect();
    let mut out = Vec::with_capacity(text.len());
    let mut line = 0;
    for record in records {
        let starts_on = newlines.partition_point(|&newline| newline < record.span.start);
        while line < starts_on {
            out.push(b'\n');
            line += 1;
        }
        // Plain data serialises, and writing to memory does not fail.
        let _ = serde_json::to_writer(&mut out, record);
    }
    out.push(b'\n');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(yaml: &str) -> String {
        let lines = to_json_lines(yaml.as_bytes(), "test").expect("YAML");
        String::from_utf8(lines).expect("UTF-8")
    }

    #[test]
    fn records_keep_their_lines_and_members_their_order() {
        let yaml = "# two calls\n- b: 1\n  a: [x, 2.50, null]\n\n- { z: true, c: \"q\\n\" }\n";
        assert_eq!(
            json(yaml),
            "\n{\"b\":1,\"a\":[\"x\",2.5,null]}\n\n\n{\"z\":true,\"c\":\"q\\n\"}\n"
        );
    }

    #[test]
    fn one_value_is_one_record() {
        assert_eq!(json("a: 1\nb: 2\n"), "{\"a\":1,\"b\":2}\n");
        assert!(to_json_lines(b"a: 1\na: 2\n", "test").is_err());
    }
}
