//! Private keys between their header and their footer. Owns where one ends; knows no algorithms.

use std::ops::Range;

use super::ascii::{at as byte_at, part, run_end, run_start};

/// Most bytes between the dashes of a header and the words `PRIVATE KEY`.
const LABEL_BYTES: usize = 30;
/// The longest body of a key that is taken along, in bytes.
const KEY_BYTES: usize = 16 << 10;
/// The least bytes of a line of a body that has no footer, but for its last.
const LINE_BYTES: usize = 16;

/// The private key whose header has the words from `start` to `end` (RFC 7468; also the forms of
/// OpenSSH, OpenPGP and SSH2): up to its footer or, without one, as far as lines of base64 go.
pub(super) fn at(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let label = run_start(text, start, LABEL_BYTES, in_label);
    let words = part(text, label, start);
    let begin = words.strip_prefix(b" ").unwrap_or(words);
    let dashes = run_start(text, label, 5, |byte| byte == b'-');
    let is_header = begin.starts_with(b"BEGIN ")
        && label - dashes >= 4
        && part(text, start, end) == b"PRIVATE KEY";
    let header = closed(text, is_header.then_some(end)?)?;
    let end = footer(text, header).unwrap_or_else(|| bare_end(text, header));
    Some(dashes..end)
}

fn in_label(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
}

/// Where the line of dashes ends that closes a header or a footer behind `PRIVATE KEY`.
fn closed(text: &[u8], end: usize) -> Option<usize> {
    let block = match part(text, end, end + 6) {
        b" BLOCK" => end + 6,
        _ => end,
    };
    let closing = run_end(text, block, 1, |byte| byte == b' ');
    let dashes = run_end(text, closing, 5, |byte| byte == b'-');
    (dashes - closing >= 4).then_some(dashes)
}

/// Where the footer ends, if the next dashes are one's: other dashes are not passed over, so that
/// no byte is looked at for two headers.
fn footer(text: &[u8], header: usize) -> Option<usize> {
    let body = part(text, header, header + KEY_BYTES);
    let dashes = header + memchr::memmem::find(body, b"----")?;
    let label = run_end(text, dashes, 5, |byte| byte == b'-');
    let stop = run_end(text, label, LABEL_BYTES + 18, in_label);
    let words = part(text, label, stop);
    let begin = words.strip_prefix(b" ").unwrap_or(words);
    let key = memchr::memmem::find(words, b"PRIVATE KEY")?;
    let end = label + key + b"PRIVATE KEY".len();
    begin.starts_with(b"END ").then(|| closed(text, end))?
}

/// Where the last line of base64 ends that follows a header. Line breaks may be escaped, or have
/// become spaces.
fn bare_end(text: &[u8], header: usize) -> usize {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let limit = header + KEY_BYTES;
    let mut end = header;
    loop {
        let line = line_start(text, end);
        let stop = run_end(text, line, limit.saturating_sub(line), is_base64);
        let is_last = stop - line > 1 && byte_at(text, stop.saturating_sub(1)) == b'=';
        if line == end || !(is_last || stop - line >= LINE_BYTES) {
            return end;
        }
        end = stop;
    }
}

/// Where the line after the one that ends at `end` starts; `end` if nothing breaks it.
fn line_start(text: &[u8], end: usize) -> usize {
    let mut start = end;
    for _ in 0..4 {
        start = match (byte_at(text, start), byte_at(text, start + 1)) {
            (b'\\', b'n' | b'r') => start + 2,
            (b'\n' | b'\r' | b' ', _) => start + 1,
            _ => break,
        };
    }
    start
}

#[cfg(test)]
mod tests {
    use crate::classify::{Classifier, Kind};

    fn keys(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let classifier = Classifier::new(&[]).expect("no patterns");
        classifier.classify(text.as_bytes(), None, &mut |hit| {
            if hit.kind == Kind::PrivateKey {
                found.push(text[hit.range].to_owned());
            }
        });
        found
    }

    #[test]
    fn a_key_ends_with_its_footer() {
        for key in [
            "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nQUJD\n=ab\n-----END PGP PRIVATE KEY BLOCK-----",
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\\r\\nQUJD\\r\\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
        ] {
            assert_eq!(keys(&format!("a {key}\nand more words")), [key]);
        }
    }

    #[test]
    fn a_key_without_a_footer_ends_with_its_base64() {
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let header = "-----BEGIN RSA PRIVATE KEY-----";
        for (text, key) in [
            (format!("{header}\nand more words"), header.to_owned()),
            (
                format!("{header}\n{line}\n{line}\nQUI=\nwords"),
                format!("{header}\n{line}\n{line}\nQUI="),
            ),
            (
                format!("{header}\\n{line}\", \"next\": 1"),
                format!("{header}\\n{line}"),
            ),
            (
                format!("{header}\n{line}\n-----BEGIN CERTIFICATE-----"),
                format!("{header}\n{line}"),
            ),
        ] {
            assert_eq!(keys(&text), [key], "{text}");
        }
    }

    #[test]
    fn two_keys_are_two() {
        let key = "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----";
        assert_eq!(keys(&format!("{key}\n{key}")), [key, key]);
        let header = "-----BEGIN PRIVATE KEY-----";
        assert_eq!(keys(&header.repeat(3)), [header; 3]);
    }
}
