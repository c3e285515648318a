//! Patterns of destinations. Owns matching them in time linear in the text.

/// A pattern in which `*` stands for any text without a `/`, and `**` for any text. ASCII case
/// makes no difference.
///
/// All ways to match are followed at once, one bit for each place in the pattern, so that a text
/// costs a few operations a byte whatever the pattern: the Shift-And automaton with the
/// self-loops of wild cards (Baeza-Yates and Gonnet, "A New Approach to Text Searching", 1992;
/// Navarro and Raffinot, "Flexible Pattern Matching in Strings", 2002, §4.2).
#[derive(Debug)]
pub(super) struct Glob {
    /// For each byte the places at which the pattern has it, `words` words each.
    bytes: Vec<u64>,
    /// The places of `*`.
    segments: Vec<u64>,
    /// The places of `**`.
    anything: Vec<u64>,
    /// How many places there are; the text matches if the one after the last is reached.
    places: usize,
    words: usize,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        // A place for each byte and one for each run of stars.
        let words = pattern.len() / 64 + 1;
        let mut glob = Self {
            bytes: vec![0; 256 * words],
            segments: vec![0; words],
            anything: vec![0; words],
            places: 0,
            words,
        };
        let mut rest = pattern.as_bytes();
        while let [byte, after @ ..] = rest {
            rest = after;
            let place = glob.places;
            glob.places += 1;
            if *byte != b'*' {
                let row = usize::from(byte.to_ascii_lowercase()) * words;
                insert(glob.bytes.get_mut(row..).unwrap_or_default(), place);
                continue;
            }
            let stars = rest.iter().take_while(|byte| **byte == b'*').count();
            rest = rest.get(stars..).unwrap_or_default();
            let stays = match stars {
                0 => &mut glob.segments,
                _ => &mut glob.anything,
            };
            insert(stays, place);
        }
        glob
    }

    /// Whether all of a text matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let mut reached = vec![0_u64; self.words];
        insert(&mut reached, 0);
        self.pass_stars(&mut reached);
        for byte in text {
            let row = usize::from(byte.to_ascii_lowercase()) * self.words;
            let here = self.bytes.get(row..).unwrap_or_default();
            let mut carry = 0;
            let stays = self.segments.iter().zip(&self.anything);
            for ((reached, here), (segments, anything)) in reached.iter_mut().zip(here).zip(stays) {
                let moved = *reached & here;
                let stays = if *byte == b'/' {
                    *anything
                } else {
                    segments | anything
                };
                *reached = moved << 1 | carry | (*reached & stays);
                carry = moved >> 63;
            }
            self.pass_stars(&mut reached);
            if reached.iter().all(|word| *word == 0) {
                return false;
            }
        }
        let last = reached.get(self.places / 64).copied().unwrap_or_default();
        last >> (self.places % 64) & 1 == 1
    }

    /// Stars may stand for nothing. No two stand side by side, so that one step is enough.
    fn pass_stars(&self, reached: &mut [u64]) {
        let mut carry = 0;
        let stars = self.segments.iter().zip(&self.anything);
        for (reached, (segments, anything)) in reached.iter_mut().zip(stars) {
            let passed = *reached & (segments | anything);
            *reached |= passed << 1 | carry;
            carry = passed >> 63;
        }
    }
}

fn insert(set: &mut [u64], place: usize) {
    if let Some(word) = set.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::new(pattern).matches(text.as_bytes())
    }

    #[test]
    fn stars_stay_within_a_segment_and_double_stars_do_not() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "abc", true),
            ("*", "a/c", false),
            ("**", "a/c", true),
            ("***", "a/c", true),
            ("*@acme.com", "Jane@ACME.com", true),
            ("*@acme.com", "jane@acme.com.evil.example", false),
            ("https://api.acme.com/**", "https://api.acme.com/v1/x", true),
            ("https://api.acme.com/**", "https://api.acme.com/", true),
            (
                "https://api.acme.com/**",
                "https://api.acme.com.evil.example/",
                false,
            ),
            ("https://evil.example/*", "https://evil.example/x", true),
            ("https://evil.example/*", "https://evil.example/x/y", false),
            (
                "https://*.acme.com/**",
                "https://evil.example/x.acme.com/",
                false,
            ),
            ("a**/b", "a/x/b", true),
            ("a**/b", "a/b", true),
            ("a**/b", "ab", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
        let long = "x".repeat(63);
        assert!(matches(
            &format!("{long}*y**{long}z"),
            &format!("{long}y/{long}z")
        ));
        assert!(!matches(
            &format!("{long}*y**{long}z"),
            &format!("{long}/y/{long}z")
        ));
    }

    /// The definition.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| {
                let rest = rest.strip_prefix(b"*").unwrap_or(rest);
                naive(rest, &text[at..])
            }),
            [b'*', rest @ ..] => (0..=text.len())
                .take_while(|&at| !text[..at].contains(&b'/'))
                .any(|at| naive(rest, &text[at..])),
            [byte, rest @ ..] => text.first() == Some(byte) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn it_is_the_definition(pattern in "[ab/*]{0,8}", text in "[ab/]{0,10}") {
            let pattern = pattern.replace("***", "**");
            prop_assert_eq!(matches(&pattern, &text), naive(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
