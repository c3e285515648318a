//! Whether one wildcard pattern matches all that another one matches.

use std::collections::{BTreeSet, VecDeque};

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Byte(u8),
    /// Any text without a `/`.
    Segment,
    /// Any text.
    Anything,
}

/// What `*` stands for in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stars {
    /// Any text without a `/`; `**` for any text. ASCII case makes no difference.
    Segments,
    /// Any text.
    Anything,
}

/// Pairs of places looked at before it is given up. Patterns of people need some dozens.
const MAX_PAIRS: usize = 20_000;

/// Whether `outer` matches every text that `inner` matches. `false` also if that takes too long to
/// find out: what is said to include does.
///
/// Texts of `inner` are followed letter by letter together with all places that `outer` can be at
/// after them, which is the product of one automaton with the subset construction of the other.
/// Letters that neither names are all alike, so that two stand for all of them.
pub(super) fn includes(outer: &str, inner: &str, stars: Stars) -> bool {
    let (outer, inner) = (parts(outer, stars), parts(inner, stars));
    let named = outer.iter().chain(&inner).filter_map(|part| match part {
        Part::Byte(byte) => Some(*byte),
        _ => None,
    });
    let mut letters: BTreeSet<u8> = named.chain([b'/']).collect();
    letters.extend((0..=u8::MAX).find(|letter| !letters.contains(letter)));
    let start = (
        closed(&inner, BTreeSet::from([0])),
        closed(&outer, BTreeSet::from([0])),
    );
    let mut seen = BTreeSet::from([start.clone()]);
    let mut pending = VecDeque::from([start]);
    while let Some((ours, theirs)) = pending.pop_front() {
        if ours.contains(&inner.len()) && !theirs.contains(&outer.len()) {
            return false;
        }
        for &letter in &letters {
            let next = (moved(&inner, &ours, letter), moved(&outer, &theirs, letter));
            if next.0.is_empty() || seen.contains(&next) {
                continue;
            }
            if next.1.is_empty() || seen.len() >= MAX_PAIRS {
                return false;
            }
            seen.insert(next.clone());
            pending.push_back(next);
        }
    }
    true
}

fn parts(pattern: &str, stars: Stars) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for byte in pattern.bytes() {
        let last = parts.last_mut();
        match (byte, stars, last) {
            (b'*', _, Some(last @ (Part::Segment | Part::Anything))) => *last = Part::Anything,
            (b'*', Stars::Segments, _) => parts.push(Part::Segment),
            (b'*', Stars::Anything, _) => parts.push(Part::Anything),
            (byte, Stars::Segments, _) => parts.push(Part::Byte(byte.to_ascii_lowercase())),
            (byte, Stars::Anything, _) => parts.push(Part::Byte(byte)),
        }
    }
    parts
}

/// Places, with those that are reached from them by stars that stand for nothing.
fn closed(parts: &[Part], mut places: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut place = 0;
    while place < parts.len() {
        if places.contains(&place) && !matches!(parts.get(place), Some(Part::Byte(_))) {
            places.insert(place + 1);
        }
        place += 1;
    }
    places
}

fn moved(parts: &[Part], places: &BTreeSet<usize>, letter: u8) -> BTreeSet<usize> {
    let next = places.iter().filter_map(|&place| match parts.get(place)? {
        Part::Byte(byte) => (*byte == letter).then_some(place + 1),
        Part::Segment => (letter != b'/').then_some(place),
        Part::Anything => Some(place),
    });
    closed(parts, next.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_included_is() {
        for (outer, inner, expected) in [
            ("*", "a", true),
            ("*", "a/b", false),
            ("**", "a/b*c", true),
            ("*.example.com", "api.example.com", true),
            ("*.example.com", "*.API.example.com", true),
            ("*.api.example.com", "*.example.com", false),
            (
                "https://*.example.com/**",
                "https://api.example.com/v1/*",
                true,
            ),
            (
                "https://*.example.com/*",
                "https://api.example.com/v1/*",
                false,
            ),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "a*c", false),
            ("a***", "a/*", true),
            ("", "", true),
            ("*", "", true),
            ("", "*", false),
        ] {
            assert_eq!(
                includes(outer, inner, Stars::Segments),
                expected,
                "{outer} {inner}"
            );
        }
        assert!(includes("npm *", "npm run a/b", Stars::Anything));
        assert!(!includes("npm *", "NPM run", Stars::Anything));
    }

    /// Small patterns against all small texts.
    #[test]
    fn inclusion_is_what_all_texts_say() {
        let letters = ['a', '/', 'b'];
        let words = |letters: &[char], most: usize| {
            let mut words = vec![String::new()];
            let mut last = words.clone();
            for _ in 0..most {
                last = last
                    .iter()
                    .flat_map(|word| letters.iter().map(move |l| format!("{word}{l}")))
                    .collect();
                words.extend(last.clone());
            }
            words
        };
        let texts = words(&letters, 6);
        let matches = |pattern: &str, text: &str| {
            let parts = parts(pattern, Stars::Segments);
            let start = closed(&parts, BTreeSet::from([0]));
            let end = text
                .bytes()
                .fold(start, |places, letter| moved(&parts, &places, letter));
            end.contains(&parts.len())
        };
        let patterns = words(&['a', '*', '/'], 3);
        for outer in &patterns {
            for inner in &patterns {
                let mut texts = texts.iter().filter(|text| matches(inner, text));
                let expected = texts.all(|text| matches(outer, text));
                assert_eq!(
                    includes(outer, inner, Stars::Segments),
                    expected,
                    "{outer} {inner}"
                );
            }
        }
    }
}
