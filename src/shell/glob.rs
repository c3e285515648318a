//! Patterns of commands: text and `*`. Owns matching text of which parts are not known.

use super::{FILE_NAMES, UNKNOWN, is_unknown};

/// A pattern in which `*` stands for any text. ASCII case makes no difference.
#[derive(Debug)]
pub(super) struct Glob {
    pattern: Vec<u8>,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        let mut pattern = pattern.to_ascii_lowercase().into_bytes();
        pattern.dedup_by(|a, b| *a == b'*' && *b == b'*');
        Self { pattern }
    }

    /// Whether the text matches whatever its unknown parts are.
    pub(super) fn matches(&self, text: &str) -> bool {
        let (text, pattern) = (text.as_bytes(), self.pattern.as_slice());
        let (mut at, mut place) = (0, 0);
        // Where to go on if what follows the last `*` does not fit here.
        let mut retry: Option<(usize, usize)> = None;
        while let Some(byte) = text.get(at) {
            match pattern.get(place) {
                Some(b'*') => {
                    retry = Some((at, place));
                    place += 1;
                    continue;
                }
                Some(expected) if *expected == byte.to_ascii_lowercase() => {
                    at += 1;
                    place += 1;
                    continue;
                }
                _ => {}
            }
            let Some((from, star)) = &mut retry else {
                return false;
            };
            *from += 1;
            at = *from;
            place = *star + 1;
        }
        pattern
            .get(place..)
            .unwrap_or_default()
            .iter()
            .all(|&byte| byte == b'*')
    }

    /// Whether the text may match, given that its unknown parts can be anything.
    pub(super) fn may_match(&self, text: &str) -> bool {
        if !is_unknown(text) {
            return self.matches(text);
        }
        // The places of the pattern that can be reached with the text read so far.
        let mut reached = vec![false; self.pattern.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        self.pass_stars(&mut reached);
        let mut next = Vec::with_capacity(reached.len());
        for byte in text.bytes() {
            // Nothing can follow.
            let Some(from) = reached.iter().position(|&place| place) else {
                return false;
            };
            if [UNKNOWN, FILE_NAMES].contains(&char::from(byte)) {
                reached
                    .iter_mut()
                    .skip(from)
                    .for_each(|place| *place = true);
                continue;
            }
            let byte = byte.to_ascii_lowercase();
            next.clear();
            next.resize(reached.len(), false);
            for (place, (&pattern, _)) in self
                .pattern
                .iter()
                .zip(&reached)
                .enumerate()
                .filter(|(_, (_, reached))| **reached)
            {
                let target = if pattern == b'*' { place } else { place + 1 };
                if (pattern == b'*' || pattern == byte)
                    && let Some(target) = next.get_mut(target)
                {
                    *target = true;
                }
            }
            std::mem::swap(&mut reached, &mut next);
            self.pass_stars(&mut reached);
        }
        reached.last().copied().unwrap_or_default()
    }

    fn pass_stars(&self, reached: &mut [bool]) {
        for (place, byte) in self.pattern.iter().enumerate() {
            let can_pass = *byte == b'*' && reached.get(place).copied().unwrap_or_default();
            if let Some(next) = reached.get_mut(place + 1).filter(|_| can_pass) {
                *next = true;
            }
        }
    }
}
