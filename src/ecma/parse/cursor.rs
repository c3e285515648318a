//! A place in a pattern's text. Owns reading characters and numbers; knows no grammar.

/// Reads a text character by character. Cloning one remembers a place to go back to.
#[derive(Clone)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, rest: text }
    }

    /// The byte of the text where the next character starts.
    pub(super) const fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    /// Passes over `expected` if it is next.
    pub(super) fn eat(&mut self, expected: char) -> bool {
        self.eat_all(expected.encode_utf8(&mut [0; 4]))
    }

    /// Passes over `expected` if it is next as a whole.
    pub(super) fn eat_all(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Exactly `count` hexadecimal digits as a number; nothing is read when they are not there.
    pub(super) fn hexadecimal(&mut self, count: usize) -> Option<u16> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        if !digits.bytes().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = rest;
        u16::from_str_radix(digits, 16).ok()
    }

    /// All decimal digits that follow as a number, at most `u32::MAX`; `None` without any.
    pub(super) fn decimal(&mut self) -> Option<u32> {
        let mut value = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            self.next();
            value = Some(
                value
                    .unwrap_or(0_u32)
                    .saturating_mul(10)
                    .saturating_add(digit),
            );
        }
        value
    }

    /// `{n}`, `{n,}` or `{n,m}`; nothing is read when it is none of these.
    pub(super) fn interval(&mut self) -> Option<(u32, Option<u32>)> {
        let mut ahead = self.clone();
        if !ahead.eat('{') {
            return None;
        }
        let min = ahead.decimal()?;
        let max = if ahead.eat(',') {
            ahead.decimal()
        } else {
            Some(min)
        };
        if !ahead.eat('}') {
            return None;
        }
        *self = ahead;
        Some((min, max))
    }
}
