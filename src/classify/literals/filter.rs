//! Where any of some short literals stand in a text, in whatever ASCII case. Owns the search; knows
//! nothing of what a literal means.
//!
//! An automaton's walk is a chain of dependent loads, one a byte. Here every second place of the
//! text is looked up in a bitmap of the four-byte pieces of all literals, one look-up independent
//! of the other, and the few places that are in it are compared. This is a q-gram filter (Sutinen
//! and Tarhio, "On using q-gram locations in approximate string matching", 1995), as the matcher's
//! for longer keywords.

use crate::matcher::Rows;

/// Bytes of a piece.
const WIDTH: usize = 4;
/// Every second place is looked up, so that each literal has two pieces that follow each other.
const STRIDE: usize = 2;
/// Bytes read at once.
const BLOCK: usize = 16;
/// How many pieces lie inside.
const PIECES: usize = (BLOCK - WIDTH) / STRIDE + 1;
/// Bytes by which a round moves on.
const STEP: usize = PIECES * STRIDE;
/// Keeps the five bits of each byte of a piece that are the same in either case.
const FOLD: u32 = 0x1F1F_1F1F;
/// Words of the bitmap: 16 KiB.
const WORDS: usize = 2048;
/// Lists of pieces.
const BUCKETS: usize = 1024;
/// Hits that are kept to be put in order, which bounds memory.
const MOST_HITS: usize = 64;

/// Literals ready to be looked for.
pub(super) struct Filter {
    bitmap: Box<[u64; WORDS]>,
    /// By the [`bucket`] of the piece.
    entries: Rows<Entry>,
    literals: Vec<Box<[u8]>>,
}

/// A piece of a literal.
#[derive(Clone, Copy)]
struct Entry {
    /// With its bytes folded.
    piece: u32,
    literal: u16,
    /// How many places before or, by one, after the piece the literal starts.
    offset: i16,
}

/// Where a literal stands; in the order in which they are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hit {
    pub(super) end: usize,
    pub(super) start: usize,
    /// Its number.
    pub(super) literal: usize,
}

impl Filter {
    /// Literals of at least three bytes, numbered in their order.
    pub(super) fn new(literals: &[&str]) -> Self {
        let mut bitmap = Box::new([0; WORDS]);
        let mut buckets = vec![Vec::new(); BUCKETS];
        for (literal, text) in (0..).zip(literals) {
            let mut enter = |piece, offset| {
                let bit = hash(piece);
                if let Some(word) = bitmap.get_mut(bit as usize / 64) {
                    *word |= 1 << (bit % 64);
                }
                if let Some(bucket) = buckets.get_mut(bucket(piece)) {
                    bucket.push(Entry {
                        piece,
                        literal,
                        offset,
                    });
                }
            };
            let pieces = text.as_bytes().windows(WIDTH).map(folded).zip(0..);
            let pieces: Vec<(u32, i16)> = pieces.collect();
            match (pieces.as_slice(), folded(text.as_bytes())) {
                ([], piece) => {
                    with_any_last(piece, |piece| enter(piece, 0));
                    with_any_first(piece, |piece| enter(piece, -1));
                }
                (&[(piece, _)], _) => {
                    enter(piece, 0);
                    // At an odd place, the rarer of what lies around the places beside it.
                    if commonness(piece << 8) <= commonness(piece >> 8) {
                        with_any_first(piece, |piece| enter(piece, -1));
                    } else {
                        with_any_last(piece >> 8, |piece| enter(piece, 1));
                    }
                }
                (pieces, _) => {
                    // The two in a row that are rarest in texts.
                    let cost = |row: &&[(u32, i16)]| -> u32 {
                        row.iter().map(|(piece, _)| commonness(*piece)).sum()
                    };
                    let rarest = pieces.windows(STRIDE).min_by_key(cost);
                    for &(piece, offset) in rarest.unwrap_or_default() {
                        enter(piece, offset);
                    }
                }
            }
        }
        Self {
            bitmap,
            entries: buckets.into_iter().collect(),
            literals: literals.iter().map(|text| text.as_bytes().into()).collect(),
        }
    }

    /// Calls `found` with all places of all literals, in the order of their ends, and of several
    /// with one end the longest first.
    pub(super) fn search(&self, text: &[u8], mut found: impl FnMut(Hit)) {
        let mut hits = Vec::new();
        let mut place = 0;
        let mut rest = text;
        while rest.len() >= STRIDE {
            if let Some((block, _)) = rest.split_first_chunk::<BLOCK>() {
                self.look_up(u128::from_le_bytes(*block), text, place, &mut hits);
            } else {
                // Zeros after the text make no literal.
                let mut block = [0; BLOCK];
                block
                    .iter_mut()
                    .zip(rest)
                    .for_each(|(to, from)| *to = *from);
                self.look_up(u128::from_le_bytes(block), text, place, &mut hits);
            }
            place += STEP;
            rest = rest.get(STEP..).unwrap_or_default();
            if hits.len() > MOST_HITS {
                // What is found from here on ends later.
                hits.sort_unstable();
                let settled = hits.partition_point(|hit: &Hit| hit.end <= place);
                hits.drain(..settled).for_each(&mut found);
            }
        }
        hits.sort_unstable();
        hits.into_iter().for_each(found);
    }

    /// Looks up the pieces of a block that starts at `place`.
    #[inline(always)]
    fn look_up(&self, block: u128, text: &[u8], place: usize, hits: &mut Vec<Hit>) {
        let piece = |number: usize| (block >> (8 * STRIDE * number)) as u32 & FOLD;
        let mut present = 0;
        for number in 0..PIECES {
            present |= u32::from(self.may_be(piece(number))) << number;
        }
        while present != 0 {
            let number = present.trailing_zeros() as usize;
            present &= present - 1;
            self.compare(piece(number), text, place + STRIDE * number, hits);
        }
    }

    #[inline(always)]
    fn may_be(&self, piece: u32) -> bool {
        let bit = hash(piece);
        let word = self.bitmap.get(bit as usize / 64);
        word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Adds the literals that have this piece and stand around `place`.
    #[inline(never)]
    fn compare(&self, piece: u32, text: &[u8], place: usize, hits: &mut Vec<Hit>) {
        let entries = self.entries.get(bucket(piece)).iter();
        for entry in entries.filter(|entry| entry.piece == piece) {
            let Some(literal) = self.literals.get(usize::from(entry.literal)) else {
                continue;
            };
            let Some(start) = place.checked_add_signed(-isize::from(entry.offset)) else {
                continue;
            };
            let end = start + literal.len();
            if text
                .get(start..end)
                .is_some_and(|found| found.eq_ignore_ascii_case(literal))
            {
                hits.push(Hit {
                    literal: usize::from(entry.literal),
                    start,
                    end,
                });
            }
        }
    }
}

/// Calls `found` with the pieces that end as `piece` begins, whatever their first byte.
fn with_any_first(piece: u32, mut found: impl FnMut(u32)) {
    (0..=0x1F).for_each(|any| found(piece << 8 | any));
}

/// Calls `found` with the pieces that begin as `piece`, of three bytes, whatever their last byte.
fn with_any_last(piece: u32, mut found: impl FnMut(u32)) {
    (0..=0x1F).for_each(|any| found(piece | any << 24));
}

/// Up to four bytes as the number that a text read in little-endian order shows, folded.
fn folded(piece: &[u8]) -> u32 {
    let bytes = piece.iter().take(WIDTH).rev();
    bytes.fold(0, |number, &byte| number << 8 | u32::from(byte)) & FOLD
}

/// Multiplicative hashing to a bit of the bitmap; the upper bits are the mixed ones.
#[inline(always)]
fn hash(piece: u32) -> u32 {
    const BITS: u32 = (WORDS * 64).trailing_zeros();
    piece.wrapping_mul(0x9E37_79B1) >> (u32::BITS - BITS)
}

/// The bucket that a piece is in. Another constant than that of the bitmap separates pieces that
/// share a bit there.
#[inline(always)]
fn bucket(piece: u32) -> usize {
    const BITS: u32 = BUCKETS.trailing_zeros();
    (piece.wrapping_mul(0xC2B2_AE3D) >> (u32::BITS - BITS)) as usize
}

/// About how often a piece occurs in texts, up to a factor. A byte of zeros is none.
fn commonness(piece: u32) -> u32 {
    let share = |byte: u32| match (byte & 0x1F) as u8 | 0x60 {
        b'e' => 12,
        b't' => 9,
        b'a' | b'o' => 8,
        b'i' | b'n' | b's' | b'r' => 7,
        b'h' | b'l' | b'd' | b'c' => 4,
        b'u' | b'm' | b'p' | b'f' | b'g' => 3,
        b'w' | b'y' | b'b' => 2,
        b'`' => 6,
        _ => 1,
    };
    let bytes = [0, 8, 16, 24].map(|shift| share(piece >> shift));
    bytes.into_iter().product()
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn hits_are_those_of_an_automaton(
            literals in proptest::collection::vec("[aBc_. -]{3,6}", 0..40),
            text in prop_oneof!["[abBcC_. é\u{1}-]{0,60}", "[abB]{0,300}"],
        ) {
            let literals: Vec<&str> = literals.iter().map(String::as_str).collect();
            let automaton = AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .match_kind(MatchKind::Standard)
                .build(&literals)
                .expect("few literals");
            let mut expected: Vec<Hit> = automaton
                .find_overlapping_iter(&text)
                .map(|hit| Hit {
                    end: hit.end(),
                    start: hit.start(),
                    literal: hit.pattern().as_usize(),
                })
                .collect();
            expected.sort_unstable();
            let mut hits = Vec::new();
            Filter::new(&literals).search(text.as_bytes(), |hit| hits.push(hit));
            prop_assert_eq!(hits, expected);
        }
    }
}
