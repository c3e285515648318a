//! Brings together records that have the same key, of which more exist than fit into memory. Owns
//! the spreading of records by their keys over parts that are sorted one by one; knows nothing of
//! what the records say.
//!
//! Source: Knuth, "The Art of Computer Programming", volume 3, §5.2.5 and §5.4, sorting by
//! distribution: no comparison is made before a part is in memory.

use std::io;

use super::sorter::{Sorter, by_bytes};
use crate::source::spill::Spill;

/// How many parts there are.
const PARTS: usize = 256;

/// How many bytes of each part are in memory before they go to the disk.
const BLOCK_BYTES: usize = 4 * 1024;

/// A part of more bytes is sorted on the disk.
const MOST_PART_BYTES: usize = 2 * 1024 * 1024;

/// Records of `N` bytes, the first 16 of which are the key, to be given back so that those of one
/// key come one after the other, in the order of their bytes; the keys come in no order that means
/// anything, but always in the same.
///
/// Memory is bounded by about 1 MiB while records come and by 5 MiB while they are given back, and
/// by 1 MiB for each GiB that is on the disk.
#[derive(Debug)]
pub(super) struct Scatter<const N: usize> {
    parts: Vec<Part<N>>,
    spill: Spill,
    most_part_bytes: usize,
}

#[derive(Debug)]
struct Part<const N: usize> {
    records: Vec<[u8; N]>,
    /// Where its blocks begin on the disk, each of `Scatter::BLOCK` records.
    blocks: Vec<u64>,
}

impl<const N: usize> Default for Scatter<N> {
    fn default() -> Self {
        Self::with_most(MOST_PART_BYTES)
    }
}

impl<const N: usize> Scatter<N> {
    /// How many records are in a block.
    const BLOCK: usize = if N < BLOCK_BYTES { BLOCK_BYTES / N } else { 1 };

    fn with_most(most_part_bytes: usize) -> Self {
        let part = || Part {
            records: Vec::new(),
            blocks: Vec::new(),
        };
        Self {
            parts: std::iter::repeat_with(part).take(PARTS).collect(),
            spill: Spill::default(),
            most_part_bytes,
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If the disk refuses.
    pub(super) fn push(&mut self, record: [u8; N]) -> io::Result<()> {
        let Some(part) = self.parts.get_mut(part_of(&record)) else {
            return Ok(());
        };
        part.records.push(record);
        if part.records.len() >= Self::BLOCK {
            let block = part.records.as_flattened();
            part.blocks.push(self.spill.append(block)?);
            part.records.clear();
        }
        Ok(())
    }

    /// Gives all records to `take`.
    ///
    /// # Errors
    /// If the disk refuses, or the first error of `take`.
    pub(super) fn drain<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(&[u8; N]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut records: Vec<[u8; N]> = Vec::new();
        for part in std::mem::take(&mut self.parts) {
            let count = part.blocks.len() * Self::BLOCK + part.records.len();
            if count * N > self.most_part_bytes {
                self.sort_on_disk(part)?.drain(&mut take)?;
                continue;
            }
            records.clear();
            records.resize(part.blocks.len() * Self::BLOCK, [0; N]);
            let blocks = records.chunks_exact_mut(Self::BLOCK);
            for (block, start) in blocks.zip(&part.blocks) {
                self.spill.read(*start, block.as_flattened_mut())?;
            }
            records.extend_from_slice(&part.records);
            records.sort_unstable_by(by_bytes);
            records.iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    fn sort_on_disk(&mut self, part: Part<N>) -> io::Result<Sorter<N>> {
        let mut sorter = Sorter::default();
        let mut block = vec![[0; N]; Self::BLOCK];
        for start in part.blocks {
            self.spill.read(start, block.as_flattened_mut())?;
            for record in &block {
                sorter.push(*record)?;
            }
        }
        for record in part.records {
            sorter.push(record)?;
        }
        Ok(sorter)
    }
}

/// The part of a record. Keys are numbers of UUIDs, which need not differ in their first bits.
fn part_of(record: &[u8]) -> usize {
    let word = |bytes: &[u8]| match bytes.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => 0,
    };
    let key = word(record) ^ word(record.get(8..).unwrap_or_default());
    // The multiplier of Knuth's Fibonacci hashing, §6.4.
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records with these keys, in the order in which they come back.
    fn drained(keys: &[u64], most_part_bytes: usize) -> Vec<u64> {
        let mut scatter = Scatter::<24>::with_most(most_part_bytes);
        for (number, key) in (0_u64..).zip(keys) {
            let mut record = [0; 24];
            record[..8].copy_from_slice(&key.to_be_bytes());
            record[16..].copy_from_slice(&number.to_be_bytes());
            scatter.push(record).expect("writes");
        }
        let mut out: Vec<u64> = Vec::new();
        let mut last: Option<[u8; 24]> = None;
        scatter
            .drain(|record| {
                let key = record.first_chunk::<8>().expect("a key");
                if last.is_some_and(|last| last[..8] == *key) {
                    assert!(
                        last.is_some_and(|last| last < *record),
                        "records of one key are in order"
                    );
                }
                last = Some(*record);
                out.push(u64::from_be_bytes(*key));
                Ok::<(), io::Error>(())
            })
            .expect("reads");
        out
    }

    #[test]
    fn records_of_one_key_come_together_however_many_there_are() {
        let mut state = 1_u64;
        let mut keys = Vec::new();
        for number in 0..100_000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Every tenth record has the one key that fills a part.
            keys.push(if number % 10 == 0 { 7 } else { state >> 50 });
        }
        let mut expected = keys.clone();
        expected.sort_unstable();
        for most in [MOST_PART_BYTES, 64 * 1024, 0] {
            let out = drained(&keys, most);
            let mut groups = out.clone();
            groups.dedup();
            let before = groups.len();
            groups.sort_unstable();
            groups.dedup();
            assert_eq!(groups.len(), before, "a key came back twice");
            let mut sorted = out;
            sorted.sort_unstable();
            assert_eq!(sorted, expected);
        }
        assert_eq!(drained(&[], 0), [0; 0]);
    }
}
