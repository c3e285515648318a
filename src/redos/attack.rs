//! Texts that make a search expensive. Owns how they are put together, and how they are written
//! down; does not know whether they work.

use std::fmt::{self, Display, Write as _};

/// A family of texts, one for each number of repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// What is repeated, and what precedes it. Most attacks have one.
    pub pumps: Vec<Pump>,
    /// What follows, in UTF-16 code units.
    pub suffix: Vec<u16>,
}

/// A part of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pump {
    /// What stands once, in UTF-16 code units.
    pub prefix: Vec<u16>,
    /// What is repeated after it, in UTF-16 code units.
    pub word: Vec<u16>,
}

impl Attack {
    /// The text with that many repetitions, in UTF-16 code units.
    pub fn text(&self, repetitions: usize) -> Vec<u16> {
        let mut text = Vec::new();
        for pump in &self.pumps {
            text.extend_from_slice(&pump.prefix);
            for _ in 0..repetitions {
                text.extend_from_slice(&pump.word);
            }
        }
        text.extend_from_slice(&self.suffix);
        text
    }

    /// The repetitions that make a text of about so many code units, at least one.
    pub fn repetitions(&self, length: u64) -> u64 {
        let pumped = |part: fn(&Pump) -> &[u16]| -> u64 {
            let parts = self.pumps.iter().map(part);
            parts.map(|units| units.len() as u64).sum()
        };
        let fixed = pumped(|pump| &pump.prefix) + self.suffix.len() as u64;
        let words = pumped(|pump| &pump.word);
        (length.saturating_sub(fixed) / words.max(1)).max(1)
    }

    /// The search as an expression of JavaScript, on the text with that many repetitions. It has
    /// neither apostrophes nor anything but ASCII, so that it can be quoted for a shell.
    pub fn javascript(&self, pattern: &str, repetitions: u64) -> String {
        let pattern: Vec<u16> = pattern.encode_utf16().collect();
        let repeat = |word: &[u16]| format!("{}.repeat({repetitions})", literal(word));
        format!(
            "new RegExp({}, \"i\").test({})",
            literal(&pattern),
            self.parts(repeat)
        )
    }

    fn parts(&self, repeat: impl Fn(&[u16]) -> String) -> String {
        let mut parts = Vec::new();
        for pump in &self.pumps {
            parts.push(literal(&pump.prefix));
            parts.push(repeat(&pump.word));
        }
        parts.push(literal(&self.suffix));
        parts.retain(|part| part != "\"\"");
        parts.join(" + ")
    }
}

/// `"x" + "ab" × n + "!"`, in ASCII but for the sign.
impl Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.parts(|word| format!("{} × n", literal(word))))
    }
}

/// Code units as a string of JavaScript.
fn literal(units: &[u16]) -> String {
    let mut text = String::from("\"");
    for &unit in units {
        match u8::try_from(unit) {
            Ok(b'\n') => text.push_str("\\n"),
            Ok(b'\r') => text.push_str("\\r"),
            Ok(b'\t') => text.push_str("\\t"),
            Ok(byte @ (b'"' | b'\\')) => {
                text.push('\\');
                text.push(char::from(byte));
            }
            Ok(byte @ b' '..=b'~') if byte != b'\'' => text.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(text, "\\u{unit:04x}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attack(pumps: &[(&str, &str)], suffix: &[u16]) -> Attack {
        let units = |text: &str| text.encode_utf16().collect();
        Attack {
            pumps: pumps
                .iter()
                .map(|(prefix, word)| Pump {
                    prefix: units(prefix),
                    word: units(word),
                })
                .collect(),
            suffix: suffix.to_vec(),
        }
    }

    #[test]
    fn attacks_are_written_as_they_are_run() {
        let two = attack(&[("x", "ab"), ("", "c")], &[0x21, 0xD800]);
        assert_eq!(two.to_string(), r#""x" + "ab" × n + "c" × n + "!\ud800""#);
        assert_eq!(
            two.javascript("'(\"|é\\d", 3),
            r#"new RegExp("\u0027(\"|\u00e9\\d", "i").test("x" + "ab".repeat(3) + "c".repeat(3) + "!\ud800")"#
        );
        let text: String = char::decode_utf16(two.text(2))
            .map(|unit| unit.unwrap_or('?'))
            .collect();
        assert_eq!(text, "xababcc!?");
    }

    #[test]
    fn repetitions_fill_a_length() {
        let two = attack(&[("x", "ab"), ("", "c")], &[0x21]);
        assert_eq!(two.repetitions(32), 10);
        assert_eq!(two.repetitions(0), 1);
        assert_eq!(two.text(10).len(), 32);
    }

    #[test]
    fn repetitions_leave_room_for_the_rest() {
        let attack = attack(&[("ab", "xyz")], &[0x21]);
        for (length, repetitions) in [(0, 1), (5, 1), (11, 2), (12, 3), (14, 3)] {
            assert_eq!(attack.repetitions(length), repetitions, "{length}");
        }
    }
}
