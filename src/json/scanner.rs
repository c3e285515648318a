//! The scanner: a cursor over one JSON text.

use thiserror::Error as ThisError;

use crate::blocks;

/// How deeply objects and arrays may nest in a recording.
pub const MAX_DEPTH: u32 = 128;

/// Why a text is not the JSON that was expected, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("{kind} at byte {at}")]
pub struct Error {
    /// Offset in bytes from the start of the text.
    pub at: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum ErrorKind {
    /// The text ends inside a value.
    #[error("the text ends inside a value")]
    UnexpectedEnd,
    /// Something else was expected.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A control character stands unescaped in a string.
    #[error("control character in a string")]
    ControlCharacter,
    /// A backslash is followed by what is no escape.
    #[error("invalid escape in a string")]
    InvalidEscape,
    /// More than [`MAX_DEPTH`] objects and arrays inside one another.
    #[error("nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// The value is followed by something.
    #[error("something follows the value")]
    TrailingText,
    /// An object has the same key twice.
    #[error("duplicate key")]
    DuplicateKey,
}

/// A string as it is written, without its quotes; its escapes are valid.
#[derive(Clone, Copy, Debug)]
pub struct RawString<'a> {
    written: &'a [u8],
    escaped: bool,
}

impl<'a> RawString<'a> {
    /// The string itself, if it is written without escapes.
    pub fn plain(self) -> Option<&'a [u8]> {
        (!self.escaped).then_some(self.written)
    }

    /// The string as it is written, without its quotes.
    pub fn written(self) -> &'a [u8] {
        self.written
    }

    /// The string, decoded into `buffer` if it has escapes.
    pub fn decoded(self, buffer: &'a mut Vec<u8>) -> &'a [u8] {
        if !self.escaped {
            return self.written;
        }
        buffer.clear();
        self.append_to(buffer);
        buffer
    }

    /// True if the string is empty.
    pub fn is_empty(self) -> bool {
        self.written.is_empty()
    }

    /// Appends the string to `out` as WTF-8.
    pub fn append_to(self, out: &mut Vec<u8>) {
        let mut rest = self.written;
        if self.escaped {
            while let Some(backslash) = blocks::find(rest, blocks::backslash) {
                let Some((before, escape)) = rest.split_at_checked(backslash) else {
                    break;
                };
                out.extend_from_slice(before);
                rest = append_escape(escape, out);
            }
        }
        out.extend_from_slice(rest);
    }
}

/// A cursor over one JSON text, which must be valid UTF-8.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    text: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    /// A cursor at the start of `text`.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, rest: text }
    }

    /// Bytes before the cursor.
    pub fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// The bytes from offset `start` to the cursor.
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.offset()).unwrap_or_default()
    }

    /// The bytes from the cursor on.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Moves over so many bytes, which the caller has looked at.
    pub fn advance(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// An error at the cursor.
    pub fn error(&self, kind: ErrorKind) -> Error {
        Error {
            at: self.offset(),
            kind,
        }
    }

    /// Skips white space and returns the byte at the cursor without consuming it.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedEnd`] at the end of the text.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Error> {
        self.skip_white_space();
        match self.rest.first() {
            Some(&byte) => Ok(byte),
            None => Err(self.error(ErrorKind::UnexpectedEnd)),
        }
    }

    /// Skips white space; true at the end of the text.
    pub fn at_end(&mut self) -> bool {
        self.skip_white_space();
        self.rest.is_empty()
    }

    /// Makes sure that only white space follows.
    ///
    /// # Errors
    /// [`ErrorKind::TrailingText`] if anything else does.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.at_end() {
            Ok(())
        } else {
            Err(self.error(ErrorKind::TrailingText))
        }
    }

    /// Reads a string.
    ///
    /// # Errors
    /// If there is none, or it is malformed.
    #[inline]
    pub fn string(&mut self) -> Result<RawString<'a>, Error> {
        self.punctuation(b'"', "a string")?;
        self.rest_of_string()
    }

    /// Reads a string whose opening quote was read.
    ///
    /// # Errors
    /// If it is malformed.
    #[inline]
    pub fn rest_of_string(&mut self) -> Result<RawString<'a>, Error> {
        let start = self.rest;
        let mut escaped = false;
        loop {
            self.skip_ordinary();
            match self.rest {
                [b'"', rest @ ..] => {
                    let length = start.len() - self.rest.len();
                    self.rest = rest;
                    return Ok(RawString {
                        written: start.get(..length).unwrap_or_default(),
                        escaped,
                    });
                }
                [b'\\', ..] => {
                    escaped = true;
                    self.skip_escape()?;
                }
                [] => return Err(self.error(ErrorKind::UnexpectedEnd)),
                [0..0x20, ..] => return Err(self.error(ErrorKind::ControlCharacter)),
                [_, rest @ ..] => self.rest = rest,
            }
        }
    }

    /// Reads a number and returns it as written.
    ///
    /// # Errors
    /// If there is none, or it is malformed.
    #[inline]
    pub fn number(&mut self) -> Result<&'a [u8], Error> {
        self.skip_white_space();
        let start = self.rest;
        if let [b'-', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.rest {
            [b'0', rest @ ..] => self.rest = rest,
            [b'1'..=b'9', ..] => self.digits()?,
            _ => return Err(self.error(ErrorKind::Expected("a value"))),
        }
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = match rest {
                [b'+' | b'-', rest @ ..] => rest,
                _ => rest,
            };
            self.digits()?;
        }
        Ok(start
            .get(..start.len() - self.rest.len())
            .unwrap_or_default())
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// If there is neither.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        match self.peek()? {
            b't' => self.word(b"true").map(|()| true),
            b'f' => self.word(b"false").map(|()| false),
            _ => Err(self.error(ErrorKind::Expected("`true` or `false`"))),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    /// If it is something else.
    pub fn null(&mut self) -> Result<(), Error> {
        self.skip_white_space();
        self.word(b"null")
    }

    /// Reads an object: `member` is called at each value, which it must read.
    ///
    /// # Errors
    /// If there is none, it is malformed, or `member` fails.
    #[inline]
    pub fn object<E: From<Error>>(
        &mut self,
        mut member: impl FnMut(&mut Self, RawString<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.punctuation(b'{', "an object")?;
        if self.peek()? == b'}' {
            return Ok(self.punctuation(b'}', "`}`")?);
        }
        loop {
            let key = self.string()?;
            self.punctuation(b':', "`:`")?;
            member(self, key)?;
            match self.peek()? {
                b',' => self.punctuation(b',', "`,`")?,
                _ => return Ok(self.punctuation(b'}', "`,` or `}`")?),
            }
        }
    }

    /// Reads an array: `element` is called at each value, which it must read.
    ///
    /// # Errors
    /// If there is none, it is malformed, or `element` fails.
    #[inline]
    pub fn array<E: From<Error>>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.punctuation(b'[', "an array")?;
        if self.peek()? == b']' {
            return Ok(self.punctuation(b']', "`]`")?);
        }
        loop {
            element(self)?;
            match self.peek()? {
                b',' => self.punctuation(b',', "`,`")?,
                _ => return Ok(self.punctuation(b']', "`,` or `]`")?),
            }
        }
    }

    /// Reads a value of any kind and forgets it. `depth` is how many objects and arrays are
    /// around it.
    ///
    /// # Errors
    /// If it is malformed or nested too deeply.
    pub fn skip(&mut self, depth: u32) -> Result<(), Error> {
        self.check_depth(depth)?;
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' => self.object(|scanner, _| scanner.skip(depth + 1)),
            b'[' => self.array(|scanner| scanner.skip(depth + 1)),
            b't' | b'f' => self.boolean().map(|_| ()),
            b'n' => self.null(),
            _ => self.number().map(|_| ()),
        }
    }

    /// Fails if `depth` is beyond [`MAX_DEPTH`].
    ///
    /// # Errors
    /// [`ErrorKind::TooDeep`].
    pub fn check_depth(&self, depth: u32) -> Result<(), Error> {
        if depth > MAX_DEPTH {
            Err(self.error(ErrorKind::TooDeep))
        } else {
            Ok(())
        }
    }

    #[inline]
    fn skip_white_space(&mut self) {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    #[inline]
    fn punctuation(&mut self, byte: u8, what: &'static str) -> Result<(), Error> {
        self.skip_white_space();
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                Ok(())
            }
            [] => Err(self.error(ErrorKind::UnexpectedEnd)),
            _ => Err(self.error(ErrorKind::Expected(what))),
        }
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Error> {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.error(ErrorKind::Expected("a value"))),
        }
    }

    fn digits(&mut self) -> Result<(), Error> {
        let before = self.rest.len();
        while let [b'0'..=b'9', rest @ ..] = self.rest {
            self.rest = rest;
        }
        match self.rest {
            _ if self.rest.len() < before => Ok(()),
            [] => Err(self.error(ErrorKind::UnexpectedEnd)),
            _ => Err(self.error(ErrorKind::Expected("a digit"))),
        }
    }

    /// Moves over bytes of a string that are neither quote nor backslash nor control character,
    /// those in the last incomplete block excepted. Strings are mostly short, so that no place is
    /// reckoned up.
    #[inline]
    fn skip_ordinary(&mut self) {
        while let Some((block, rest)) = self.rest.split_first_chunk() {
            let ends = blocks::bits(block, blocks::ends_plain);
            if ends != 0 {
                let ordinary = ends.trailing_zeros() as usize;
                self.rest = self.rest.get(ordinary..).unwrap_or_default();
                return;
            }
            self.rest = rest;
        }
    }

    /// Moves over an escape and makes sure that it is one.
    fn skip_escape(&mut self) -> Result<(), Error> {
        self.rest = match self.rest {
            [
                _,
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                rest @ ..,
            ] => rest,
            [_, b'u', a, b, c, d, rest @ ..]
                if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                rest
            }
            [_] => return Err(self.error(ErrorKind::UnexpectedEnd)),
            _ => return Err(self.error(ErrorKind::InvalidEscape)),
        };
        Ok(())
    }
}

/// Appends what the escape at the start of `text` stands for; returns what follows it.
fn append_escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let (byte, rest) = match text {
        [_, b'u', rest @ ..] => return append_unicode_escape(rest, out),
        [_, b'b', rest @ ..] => (8, rest),
        [_, b'f', rest @ ..] => (12, rest),
        [_, b'n', rest @ ..] => (b'\n', rest),
        [_, b'r', rest @ ..] => (b'\r', rest),
        [_, b't', rest @ ..] => (b'\t', rest),
        [_, byte, rest @ ..] => (*byte, rest),
        _ => return &[],
    };
    out.push(byte);
    rest
}

/// `text` follows `\u`.
fn append_unicode_escape<'a>(text: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((unit, rest)) = hex4(text) else {
        return &[];
    };
    if let (0xD800..0xDC00, [b'\\', b'u', low @ ..]) = (unit, rest)
        && let Some((low @ 0xDC00..0xE000, rest)) = hex4(low)
    {
        append_code_point(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
        return rest;
    }
    append_code_point(unit, out);
    rest
}

fn hex4(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<4>()?;
    let mut value = 0;
    for &digit in digits {
        value = value << 4 | char::from(digit).to_digit(16)?;
    }
    Some((value, rest))
}

/// Appends a code point as UTF-8, a surrogate as UTF-8 would encode it if it were allowed to.
fn append_code_point(code_point: u32, out: &mut Vec<u8>) {
    if let Some(character) = char::from_u32(code_point) {
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let [_, _, high, low] = code_point.to_be_bytes();
        out.extend_from_slice(&[
            0xE0 | high >> 4,
            0x80 | (high & 0x0F) << 2 | low >> 6,
            0x80 | low & 0x3F,
        ]);
    }
}

/// Appends a string, given as WTF-8, as JSON writes it, quotes included: the shortest form, lone
/// surrogates escaped.
pub fn write_string(string: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |digit: u8| HEX.get(usize::from(digit & 0x0F)).copied().unwrap_or(b'0');
    out.push(b'"');
    let mut rest = string;
    loop {
        let plain = blocks::find(rest, blocks::is_escaped).unwrap_or(rest.len());
        let Some((before, from)) = rest.split_at_checked(plain) else {
            break;
        };
        out.extend_from_slice(before);
        rest = match from {
            [0xED, second @ 0xA0..=0xBF, third, rest @ ..] => {
                out.extend_from_slice(b"\\ud");
                out.extend([
                    hex(second >> 2),
                    hex((second & 3) << 2 | third >> 4 & 3),
                    hex(*third),
                ]);
                rest
            }
            [byte @ 0..0x20, rest @ ..] => {
                match byte {
                    8 => out.extend_from_slice(b"\\b"),
                    9 => out.extend_from_slice(b"\\t"),
                    10 => out.extend_from_slice(b"\\n"),
                    12 => out.extend_from_slice(b"\\f"),
                    13 => out.extend_from_slice(b"\\r"),
                    _ => out.extend([b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(*byte)]),
                }
                rest
            }
            [byte @ (b'"' | b'\\'), rest @ ..] => {
                out.extend([b'\\', *byte]);
                rest
            }
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
            [] => break,
        };
    }
    out.push(b'"');
}

/// Appends a number, given as JSON writes it, as ECMAScript prints it.
pub fn write_number(written: &[u8], out: &mut Vec<u8>) {
    if prints_as_written(written) {
        out.extend_from_slice(written);
    } else {
        let value: f64 = std::str::from_utf8(written)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(f64::NAN);
        out.extend_from_slice(ryu_js::Buffer::new().format(value).as_bytes());
    }
}

/// True if ECMAScript surely prints the number as it is written: at most 15 digits denote
/// themselves, but for an exponent, a zero that need not be written, and numbers below 1e-6.
fn prints_as_written(written: &[u8]) -> bool {
    let magnitude = written.strip_prefix(b"-").unwrap_or(written);
    let has_exponent = written.iter().any(|c| matches!(c, b'e' | b'E'));
    let has_needless_zero = written.contains(&b'.') && written.ends_with(b"0");
    let is_tiny = magnitude.starts_with(b"0.000000");
    let is_minus_zero = written == b"-0";
    written.len() <= 15 && !(has_exponent || has_needless_zero || is_tiny || is_minus_zero)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(json: &str) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        let mut scanner = Scanner::new(json.as_bytes());
        scanner.string()?.append_to(&mut out);
        scanner.finish()?;
        Ok(out)
    }

    fn number(json: &str) -> String {
        let mut out = Vec::new();
        write_number(json.as_bytes(), &mut out);
        String::from_utf8(out).expect("numbers are ASCII")
    }

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(
            decode(r#""a\n\"\\\/\u00e9\ud83d\ude00""#),
            Ok("a\n\"\\/é😀".into())
        );
    }

    #[test]
    fn lone_surrogates_become_wtf8() {
        assert_eq!(decode(r#""\ud800x""#), Ok(vec![0xED, 0xA0, 0x80, b'x']));
        assert_eq!(
            decode(r#""\udc00\ud800""#),
            Ok(vec![0xED, 0xB0, 0x80, 0xED, 0xA0, 0x80])
        );
    }

    #[test]
    fn errors_are_located() {
        let at = |json: &str| decode(json).expect_err("malformed");
        assert_eq!(
            at("\"12345678\u{1}\""),
            Error {
                at: 9,
                kind: ErrorKind::ControlCharacter
            }
        );
        assert_eq!(
            at(r#""\x""#),
            Error {
                at: 1,
                kind: ErrorKind::InvalidEscape
            }
        );
        assert_eq!(
            at(r#""\u12g4""#),
            Error {
                at: 1,
                kind: ErrorKind::InvalidEscape
            }
        );
        assert_eq!(
            at(r#""abc"#),
            Error {
                at: 4,
                kind: ErrorKind::UnexpectedEnd
            }
        );
        assert_eq!(
            at(r#""abc"d"#),
            Error {
                at: 5,
                kind: ErrorKind::TrailingText
            }
        );
    }

    #[test]
    fn numbers_print_as_ecmascript_prints_them() {
        for (written, printed) in [
            ("1", "1"),
            ("-0", "0"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("0.1", "0.1"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("-0.00000015", "-1.5e-7"),
            ("1e3", "1000"),
            ("1E400", "Infinity"),
            ("9007199254740993", "9007199254740992"),
            ("123456789012345", "123456789012345"),
            ("0.0", "0"),
            ("-0.0", "0"),
            ("100", "100"),
            ("1e21", "1e+21"),
            ("0e1", "0"),
            ("12.5e1", "125"),
        ] {
            assert_eq!(number(written), printed, "{written}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            Scanner::new(text.as_bytes())
                .skip(0)
                .map_err(|error| error.kind)
        };
        assert_eq!(nested(128), Ok(()));
        assert_eq!(nested(130), Err(ErrorKind::TooDeep));
        assert_eq!(nested(1_000_000), Err(ErrorKind::TooDeep));
    }

    fn accepts(text: &[u8]) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip(0).and_then(|()| scanner.finish()).is_ok()
    }

    proptest! {
        #[test]
        fn accepts_what_serde_json_accepts(text in r#"[\[\]{}:,"\\utfnalsre0-9.eE+\- a]{0,12}"#) {
            // A lone surrogate is what we read and serde_json does not.
            let serde = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(accepts(text.as_bytes()), serde, "{}", text);
        }

        #[test]
        fn writes_strings_that_read_back(units in proptest::collection::vec(
            prop_oneof![0..0x80_u16, 0xD7F0..0xE010_u16, any::<u16>()], 0..20))
        {
            let written: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let string = decode(&format!("\"{written}\"")).expect("a string");
            let mut out = Vec::new();
            write_string(&string, &mut out);
            if let Ok(text) = std::str::from_utf8(&string) {
                prop_assert_eq!(&out, &serde_json::to_vec(text).expect("strings serialise"));
            }
            prop_assert_eq!(decode(std::str::from_utf8(&out).expect("UTF-8")), Ok(string));
        }

        #[test]
        fn reads_strings_as_serde_json_does(string in any::<String>()) {
            let json = serde_json::to_string(&string).expect("strings serialise");
            prop_assert_eq!(decode(&json), Ok(string.into_bytes()));
        }

        #[test]
        fn prints_numbers_as_ryu_js(value in any::<f64>(), short in -999_999_i64..999_999, digits in 0_usize..9) {
            prop_assume!(value.is_finite());
            let json = serde_json::to_string(&value).expect("finite");
            prop_assert_eq!(number(&json), ryu_js::Buffer::new().format(value).to_owned());
            let decimal = format!("{:.*}", digits, short as f64 / 1000.0);
            let parsed: f64 = decimal.parse().expect("decimal");
            prop_assert_eq!(number(&decimal), ryu_js::Buffer::new().format(parsed).to_owned());
        }
    }
}
