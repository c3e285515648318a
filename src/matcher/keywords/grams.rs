//! A filter for many literals: at every second byte of a text, do the next few bytes occur in some
//! literal? Owns the choice of what to test; the few candidates are checked by the caller.
//!
//! Each literal is entered with two consecutive q-grams (its substrings of `WIDTH` bytes), so that
//! wherever it stands, one of the two is met at an even position. The test is one bit of a bitmap
//! small enough for the first-level cache, and depends on no earlier test. Multi-literal search by
//! hashed blocks is due to Wu and Manber ("A fast algorithm for multi-pattern searching", 1994) and
//! to Muth and Manber ("Approximate multiple string search", 1996); looking at every k-th block
//! only is the sampling of q-gram filters (Sutinen and Tarhio, "On using q-gram locations in
//! approximate string matching", 1995).

use std::collections::BTreeMap;

use crate::matcher::rows::Rows;

/// Every `STRIDE`th position is tested, and each literal has that many grams in the filter.
const STRIDE: usize = 2;
/// Bytes of a text that one round reads.
const BLOCK: usize = 16;
/// Bytes by which a round moves on: four tests, the last reaching `6 + WIDTH <= BLOCK` bytes.
const STEP: usize = 4 * STRIDE;

/// A filter on grams of `WIDTH` bytes (at most 8) with a bitmap of `WORDS` words (a power of two).
pub(super) struct Grams<const WIDTH: usize, const WORDS: usize> {
    bitmap: Box<[u64; WORDS]>,
    /// The grams by [`bucket`].
    entries: Rows<Entry>,
    buckets: usize,
}

/// For literals of 8 bytes and more; 16 KiB.
pub(super) type LongGrams = Grams<7, 2048>;
/// For literals of 5 bytes and more; 4 KiB.
pub(super) type ShortGrams = Grams<4, 512>;

/// One gram of one literal.
#[derive(Clone, Copy)]
struct Entry {
    gram: u64,
    literal: u32,
    /// Where in the literal the gram stands.
    offset: u32,
}

impl<const WIDTH: usize, const WORDS: usize> Grams<WIDTH, WORDS> {
    /// Shortest literal that can be entered, in bytes.
    pub(super) const SHORTEST: usize = WIDTH + STRIDE - 1;

    const MASK: u64 = u64::MAX >> (u64::BITS as usize - 8 * WIDTH);
    const SHIFT: u32 = u64::BITS - (WORDS * u64::BITS as usize).trailing_zeros();

    /// A filter for literals of at least [`Self::SHORTEST`] bytes; shorter ones are left out.
    pub(super) fn new(literals: &[(usize, &[u8])]) -> Self {
        let mut bitmap = Box::new([0; WORDS]);
        let mut entries = Vec::new();
        let mut uses = BTreeMap::new();
        for &(literal, bytes) in literals {
            for (offset, gram) in Self::rarest(bytes, &uses) {
                *uses.entry(gram).or_insert(0) += 1;
                let hash = Self::hash(gram);
                if let Some(word) = bitmap.get_mut((hash >> 6) as usize) {
                    *word |= 1 << (hash & 63);
                }
                // Bundles are limited to far fewer and far shorter literals than 2^32.
                entries.push(Entry {
                    gram,
                    literal: literal as u32,
                    offset: offset as u32,
                });
            }
        }
        let buckets = (2 * entries.len()).next_power_of_two();
        let mut filled = vec![Vec::new(); buckets];
        for entry in entries {
            if let Some(bucket) = filled.get_mut(bucket(entry.gram, buckets)) {
                bucket.push(entry);
            }
        }
        Self {
            bitmap,
            entries: filled.into_iter().collect(),
            buckets,
        }
    }

    /// Calls `candidate` with a literal and where it may stand, for all occurrences and for some
    /// places at which it does not stand.
    #[inline]
    pub(super) fn search(&self, text: &[u8], mut candidate: impl FnMut(usize, usize)) {
        let mut start = 0;
        let mut rest = text;
        while let Some((block, _)) = rest.split_first_chunk::<BLOCK>() {
            self.test(u128::from_le_bytes(*block), start, &mut candidate);
            start += STEP;
            rest = rest.get(STEP..).unwrap_or_default();
        }
        // What is left is shorter than a block. Zeros after it can only make false candidates.
        while !rest.is_empty() {
            let mut block = [0; BLOCK];
            block
                .iter_mut()
                .zip(rest)
                .for_each(|(to, from)| *to = *from);
            self.test(u128::from_le_bytes(block), start, &mut candidate);
            start += STEP;
            rest = rest.get(STEP..).unwrap_or_default();
        }
    }

    /// Tests the four grams of a block at even positions.
    #[inline(always)]
    fn test(&self, block: u128, start: usize, candidate: &mut impl FnMut(usize, usize)) {
        let gram = |number: usize| (block >> (8 * STRIDE * number)) as u64 & Self::MASK;
        let (a, b, c, d) = (gram(0), gram(1), gram(2), gram(3));
        // All four before any branch, so that the processor has them under way together.
        let present = [
            self.may_contain(a),
            self.may_contain(b),
            self.may_contain(c),
            self.may_contain(d),
        ];
        if present != [false; 4] {
            for (number, (gram, present)) in [a, b, c, d].into_iter().zip(present).enumerate() {
                if present {
                    self.look_up(gram, start + STRIDE * number, candidate);
                }
            }
        }
    }

    #[inline(always)]
    fn may_contain(&self, gram: u64) -> bool {
        let hash = Self::hash(gram);
        self.bitmap
            .get((hash >> 6) as usize)
            .is_some_and(|word| word >> (hash & 63) & 1 == 1)
    }

    #[inline(never)]
    fn look_up(&self, gram: u64, at: usize, candidate: &mut impl FnMut(usize, usize)) {
        let entries = self.entries.get(bucket(gram, self.buckets)).iter();
        for entry in entries.filter(|entry| entry.gram == gram) {
            if let Some(start) = at.checked_sub(entry.offset as usize) {
                candidate(entry.literal as usize, start);
            }
        }
    }

    /// Multiplicative hashing; the upper bits are the mixed ones.
    #[inline(always)]
    fn hash(gram: u64) -> u64 {
        gram.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> Self::SHIFT
    }

    /// The grams of a literal that are to be looked for, each with its offset: those in a row that
    /// are rarest in texts and, so that no gram leads to too many literals, have the fewest uses.
    fn rarest(bytes: &[u8], uses: &BTreeMap<u64, u32>) -> Vec<(usize, u64)> {
        let grams: Vec<(usize, u64)> = bytes.windows(WIDTH).map(number).enumerate().collect();
        let costs = bytes.windows(WIDTH).map(|gram| {
            let uses = uses.get(&number(gram)).copied().unwrap_or_default();
            commonness(gram) * f64::from(1 + uses)
        });
        let costs: Vec<f64> = costs.collect();
        let cost = |costs: &[f64]| costs.iter().sum::<f64>();
        let rows = grams.windows(STRIDE).zip(costs.windows(STRIDE).map(cost));
        rows.min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map_or(Vec::new(), |(grams, _)| grams.to_vec())
    }
}

/// A gram as the number that a text read in little-endian order shows.
fn number(gram: &[u8]) -> u64 {
    let bytes = gram.iter().rev();
    bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The bucket, of a power of two, that a gram is in. Another constant than that of the bitmap
/// separates grams that share a bit there.
#[inline]
fn bucket(gram: u64, buckets: usize) -> usize {
    (gram.wrapping_mul(0xC2B2_AE3D_27D4_EB4F) >> 32) as usize & (buckets - 1)
}

/// About how often a gram occurs in texts of people and programs, up to a factor.
fn commonness(gram: &[u8]) -> f64 {
    let letters: f64 = gram.iter().map(|&byte| share(byte)).product();
    let between = gram
        .get(1..gram.len().saturating_sub(1))
        .unwrap_or_default();
    let joins_words = between.iter().any(|byte| !byte.is_ascii_alphanumeric());
    // Letters of one word depend on each other, those of two words hardly do.
    if joins_words { letters / 50.0 } else { letters }
}

/// About how many of a thousand bytes are this one.
fn share(byte: u8) -> f64 {
    match byte {
        b'e' => 120.0,
        b't' => 90.0,
        b'a' | b'o' => 78.0,
        b'i' | b'n' | b's' | b'r' => 66.0,
        b' ' => 60.0,
        b'h' | b'l' | b'd' | b'c' => 43.0,
        b'u' | b'm' | b'p' | b'f' | b'g' => 25.0,
        b'w' | b'y' | b'b' => 18.0,
        b'v' | b'k' | b'_' | b'-' | b'.' | b'0'..=b'9' => 10.0,
        _ => 3.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of a literal that is looked for in texts.
    fn looked_for(literal: &str, known: &[&str]) -> String {
        let mut uses = BTreeMap::new();
        for literal in known {
            for (_, gram) in ShortGrams::rarest(literal.as_bytes(), &uses) {
                *uses.entry(gram).or_insert(0) += 1;
            }
        }
        let grams = ShortGrams::rarest(literal.as_bytes(), &uses);
        let (first, last) = (grams[0].0, grams[STRIDE - 1].0 + 4);
        literal[first..last].to_owned()
    }

    #[test]
    fn the_part_of_a_literal_that_is_rarest_in_texts_is_looked_for() {
        // Letters by how often English has them.
        let rarer = ["e", "t", "a", "i", " ", "h", "u", "w", "v", "z"];
        for pair in rarer.windows(2) {
            let (common, rare) = (pair[0].repeat(5), pair[1].repeat(5));
            if common != "     " && rare != "     " {
                assert_eq!(looked_for(&format!("{common}{rare}"), &[]), rare);
                assert_eq!(looked_for(&format!("{rare}{common}"), &[]), rare);
            }
        }
        assert!(share(b'i') > share(b' ') && share(b' ') > share(b'h'));
        // Two words meet more rarely than the letters of one.
        assert_eq!(looked_for("eette ttee", &[]), "te tt");
    }

    #[test]
    fn literals_are_looked_for_by_different_parts_unless_these_are_common() {
        assert_eq!(looked_for("qqqqqzzzzz", &[]), "qqqqq");
        assert_eq!(looked_for("qqqqqzzzzz", &["qqqqq"]), "qqqzz");
        assert_eq!(looked_for("eeeeezzzzz", &["zzzzz"]), "zzzzz");
    }
}
