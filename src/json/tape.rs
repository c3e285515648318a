//! A flat tree of one JSON text: every value an entry, in document order.

use super::scanner::{Error, ErrorKind, RawString, Scanner};

/// The values of one JSON text, in document order. Kept from text to text, it stops allocating.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    entries: Vec<Entry>,
    strings: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    kind: Kind,
    /// The member's key in `strings`; empty for anything but members.
    key: Range,
    /// A string's or number's characters in `strings`.
    text: Range,
    /// Where the value is written in the JSON text.
    written: Range,
    /// The entry after this value and all that is inside it.
    next: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Range {
    start: u32,
    end: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value of a tape.
#[derive(Clone, Copy, Debug)]
pub struct Item<'t> {
    tape: &'t Tape,
    index: u32,
}

impl Tape {
    /// Reads the value at the cursor, replacing what the tape held. More may follow it.
    ///
    /// # Errors
    /// If the value is malformed, nested too deeply, or an object in it has a key twice.
    pub fn read(&mut self, scanner: &mut Scanner<'_>) -> Result<Item<'_>, Error> {
        self.entries.clear();
        self.strings.clear();
        self.push_value(scanner, Range::default(), 0)?;
        Ok(Item {
            tape: self,
            index: 0,
        })
    }

    fn push_value(
        &mut self,
        scanner: &mut Scanner<'_>,
        key: Range,
        depth: u32,
    ) -> Result<(), Error> {
        scanner.check_depth(depth)?;
        let first = scanner.peek()?;
        let start = scanner.offset();
        let index = self.entries.len();
        self.entries.push(Entry {
            kind: Kind::Null,
            key,
            text: Range::default(),
            written: Range::default(),
            next: 0,
        });
        let mut text = Range::default();
        let kind = match first {
            b'"' => {
                let string = scanner.string()?;
                text = self.push_string(string);
                Kind::String
            }
            b'{' => {
                scanner.object(|scanner, key| {
                    let key = self.push_string(key);
                    self.push_value(scanner, key, depth + 1)
                })?;
                if self.has_duplicate_key(index) {
                    return Err(Error {
                        at: start,
                        kind: ErrorKind::DuplicateKey,
                    });
                }
                Kind::Object
            }
            b'[' => {
                scanner.array(|scanner| self.push_value(scanner, Range::default(), depth + 1))?;
                Kind::Array
            }
            b't' | b'f' => Kind::Bool(scanner.boolean()?),
            b'n' => {
                scanner.null()?;
                Kind::Null
            }
            _ => {
                let number = scanner.number()?;
                let start = self.strings.len();
                self.strings.extend_from_slice(number);
                text = range(start, self.strings.len());
                Kind::Number
            }
        };
        let next = offset(self.entries.len());
        if let Some(entry) = self.entries.get_mut(index) {
            entry.kind = kind;
            entry.text = text;
            entry.written = range(start, scanner.offset());
            entry.next = next;
        }
        Ok(())
    }

    fn push_string(&mut self, string: RawString<'_>) -> Range {
        let start = self.strings.len();
        string.append_to(&mut self.strings);
        range(start, self.strings.len())
    }

    /// True if two members of the object whose entry is `index`, which is the last that was
    /// completed, have the same key.
    fn has_duplicate_key(&self, index: usize) -> bool {
        let mut keys: Vec<&[u8]> = Vec::new();
        let mut member = index + 1;
        while let Some(entry) = self.entries.get(member) {
            keys.push(self.text(entry.key));
            member = entry.next as usize;
        }
        keys.sort_unstable();
        keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
    }

    fn text(&self, range: Range) -> &[u8] {
        self.strings
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default()
    }
}

impl<'t> Item<'t> {
    /// What the value is.
    pub fn kind(self) -> Kind {
        self.entry().map_or(Kind::Null, |entry| entry.kind)
    }

    /// The string as WTF-8, if the value is one.
    pub fn string(self) -> Option<&'t [u8]> {
        let entry = self.entry()?;
        (entry.kind == Kind::String).then(|| self.tape.text(entry.text))
    }

    /// The number as written, if the value is one.
    pub fn number(self) -> Option<&'t [u8]> {
        let entry = self.entry()?;
        (entry.kind == Kind::Number).then(|| self.tape.text(entry.text))
    }

    /// The member `key`, if the value is an object and has one.
    pub fn get(self, key: &str) -> Option<Item<'t>> {
        self.members()
            .find(|(name, _)| *name == key.as_bytes())
            .map(|(_, item)| item)
    }

    /// The members of an object in document order; none for any other value.
    pub fn members(self) -> impl Iterator<Item = (&'t [u8], Item<'t>)> {
        let is_object = self.kind() == Kind::Object;
        self.children(is_object).map(|item| {
            (
                item.entry().map_or(&[][..], |e| item.tape.text(e.key)),
                item,
            )
        })
    }

    /// The elements of an array in order; none for any other value.
    pub fn elements(self) -> impl Iterator<Item = Item<'t>> {
        let is_array = self.kind() == Kind::Array;
        self.children(is_array)
    }

    /// First byte and one past the last byte of the value in the JSON text.
    pub fn written(self) -> std::ops::Range<usize> {
        let written = self.entry().map_or(Range::default(), |entry| entry.written);
        written.start as usize..written.end as usize
    }

    fn entry(self) -> Option<&'t Entry> {
        self.tape.entries.get(self.index as usize)
    }

    fn children(self, any: bool) -> impl Iterator<Item = Item<'t>> {
        let end = match self.entry() {
            Some(entry) if any => entry.next,
            _ => 0,
        };
        let mut index = self.index + 1;
        std::iter::from_fn(move || {
            let item = Item {
                tape: self.tape,
                index,
            };
            if index >= end {
                return None;
            }
            index = item.entry()?.next;
            Some(item)
        })
    }
}

fn range(start: usize, end: usize) -> Range {
    Range {
        start: offset(start),
        end: offset(end),
    }
}

/// Texts are limited to far less than 4 GiB.
fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, path: &[&str]) -> Vec<String> {
        let mut tape = Tape::default();
        let mut item = tape.read(&mut Scanner::new(text.as_bytes())).expect("JSON");
        for key in path {
            item = item.get(key).expect("member");
        }
        item.members()
            .map(|(key, _)| String::from_utf8_lossy(key).into_owned())
            .collect()
    }

    #[test]
    fn members_are_found_behind_nested_ones() {
        let text = r#"{"a":{"x":[1,{"y":2}],"z":null},"\u0062":{"c":true,"d":"e"}}"#;
        assert_eq!(keys(text, &[]), ["a", "b"]);
        assert_eq!(keys(text, &["a"]), ["x", "z"]);
        assert_eq!(keys(text, &["b"]), ["c", "d"]);
    }

    #[test]
    fn values_know_where_they_are_written() {
        let text = r#" {"a": [1.50, "x\n"]} {}"#;
        let mut tape = Tape::default();
        let mut scanner = Scanner::new(text.as_bytes());
        let item = tape.read(&mut scanner).expect("JSON");
        let array = item.get("a").expect("member");
        assert_eq!(&text[array.written()], r#"[1.50, "x\n"]"#);
        let elements: Vec<_> = array.elements().collect();
        assert_eq!(elements[0].number(), Some(&b"1.50"[..]));
        assert_eq!(elements[1].string(), Some(&b"x\n"[..]));
        assert!(!scanner.at_end(), "a glued value follows");
        assert_eq!(tape.read(&mut scanner).expect("JSON").kind(), Kind::Object);
        assert!(scanner.at_end());
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        let read = |text: &str| {
            Tape::default()
                .read(&mut Scanner::new(text.as_bytes()))
                .map(Item::kind)
        };
        let duplicate = |at| {
            Err(Error {
                at,
                kind: ErrorKind::DuplicateKey,
            })
        };
        assert_eq!(read(r#"{"a":1,"\u0061":2}"#), duplicate(0));
        assert_eq!(read(r#"[{"b":{"a":1,"c":{"a":0},"a":2}}]"#), duplicate(6));
        assert_eq!(read(r#"{"a":{"a":1},"b":{"a":1}}"#), Ok(Kind::Object));
    }
}
