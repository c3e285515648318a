//! Brings together records that have the same key, of which more exist than fit into memory. Owns
//! the spreading of records by their keys over parts that are sorted one by one; knows nothing of
//! what the records say.
//!
//! Source: Knuth, "The Art of Computer Programming", volume 3, §5.2.5 and §5.4, sorting by
//! distribution: no comparison is made before a part is in memory.

use std::hash::BuildHasher as _;
use std::io;

use hashbrown::HashTable;

use super::pack::Packer;
use super::sorter::Sorter;
use crate::source::spill::Spill;

/// The binary logarithm of how many parts there are.
const PARTS_LOG: u32 = 7;

/// How many records of each part are in memory before they go to the disk.
const BLOCK: usize = 96;

/// A part of more bytes is sorted on the disk.
const MOST_PART_BYTES: usize = 2 * 1024 * 1024;

/// Records of `N` bytes, the first 16 of which are the key, to be given back so that those of one
/// key come one after the other, in the order of their bytes; the keys come in no order that means
/// anything, but always in the same.
///
/// Memory is bounded by 12 KiB for each byte of a record while records come and by 6 MiB more while
/// they are given back, and by 8 bytes for each block that is on the disk.
#[derive(Debug)]
pub(super) struct Scatter<const N: usize> {
    parts: Vec<Part<N>>,
    spill: Spill,
    most_part_bytes: usize,
}

#[derive(Debug)]
struct Part<const N: usize> {
    records: Vec<[u8; N]>,
    /// Where its blocks begin on the disk, each of [`BLOCK`] records.
    blocks: Vec<u64>,
}

impl<const N: usize> Default for Scatter<N> {
    fn default() -> Self {
        Self::with_most(MOST_PART_BYTES)
    }
}

impl<const N: usize> Scatter<N> {
    fn with_most(most_part_bytes: usize) -> Self {
        let part = || Part {
            records: Vec::new(),
            blocks: Vec::new(),
        };
        Self {
            parts: std::iter::repeat_with(part).take(1 << PARTS_LOG).collect(),
            spill: Spill::default(),
            most_part_bytes,
        }
    }

    /// Adds the record that `write` makes of zeros behind the key.
    ///
    /// # Errors
    /// If the disk refuses.
    #[inline]
    pub(super) fn push(
        &mut self,
        key: &[u8; 16],
        write: impl FnOnce(&mut Packer<'_>),
    ) -> io::Result<()> {
        let Some(part) = self.parts.get_mut(part_of(u128::from_be_bytes(*key))) else {
            return Ok(());
        };
        part.records.push([0; N]);
        if let Some(record) = part.records.last_mut() {
            write(Packer::new(record).bytes(key));
        }
        if part.records.len() >= BLOCK {
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
        let mut groups = Groups::default();
        for part in std::mem::take(&mut self.parts) {
            let count = part.blocks.len() * BLOCK + part.records.len();
            if count * N > self.most_part_bytes {
                self.sort_on_disk(part)?.drain(&mut take)?;
                continue;
            }
            records.clear();
            records.resize(part.blocks.len() * BLOCK, [0; N]);
            let blocks = records.chunks_exact_mut(BLOCK);
            for (block, start) in blocks.zip(&part.blocks) {
                self.spill.read(*start, block.as_flattened_mut())?;
            }
            records.extend_from_slice(&part.records);
            groups.visit(&records, &mut take)?;
        }
        Ok(())
    }

    fn sort_on_disk(&mut self, part: Part<N>) -> io::Result<Sorter<N>> {
        let mut sorter = Sorter::default();
        let mut block = vec![[0; N]; BLOCK];
        for start in part.blocks {
            self.spill.read(start, block.as_flattened_mut())?;
            for record in &block {
                sorter.push(|slot| *slot = *record)?;
            }
        }
        for record in &part.records {
            sorter.push(|slot| *slot = *record)?;
        }
        Ok(sorter)
    }
}

/// The part of a record. Keys are numbers of UUIDs, which need not differ in their first bits.
fn part_of(key: u128) -> usize {
    // The multiplier of Knuth's Fibonacci hashing, §6.4.
    let mixed = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (u64::BITS - PARTS_LOG)) as usize
}

/// The key of a record.
fn key<const N: usize>(record: &[u8; N]) -> u128 {
    let key = record.first_chunk::<16>();
    key.map_or(0, |key| u128::from_be_bytes(*key))
}

/// Finds the records of one key among those of a part. Kept from part to part, it stops allocating.
#[derive(Default)]
struct Groups {
    /// The first record of each key.
    first: HashTable<u32>,
    /// Nobody who writes a log knows its seed, so that keys cannot be made to collide. The order in
    /// which records come does not depend on it.
    hasher: foldhash::fast::RandomState,
    /// For each record whether another of its key was added before it, and the one that was added
    /// next, which is itself for the last.
    chain: Vec<(bool, u32)>,
    /// The records of one key.
    group: Vec<u32>,
}

impl Groups {
    /// Gives the records to `take`, in the order of the first of each key.
    fn visit<const N: usize, E>(
        &mut self,
        records: &[[u8; N]],
        take: &mut impl FnMut(&[u8; N]) -> Result<(), E>,
    ) -> Result<(), E> {
        let key_of = |number: u32| records.get(number as usize).map_or(0, key);
        let hash_of = |number: u32| self.hasher.hash_one(key_of(number));
        self.first.clear();
        self.first.reserve(records.len(), |&number| hash_of(number));
        self.chain.clear();
        self.chain.resize(records.len(), (false, 0));
        // A part has far fewer records than 4 thousand million.
        for number in (0..u32::try_from(records.len()).unwrap_or(u32::MAX)).rev() {
            let is_same = |other: &u32| key_of(*other) == key_of(number);
            let hash = hash_of(number);
            let next = match self.first.find_mut(hash, is_same) {
                Some(first) => std::mem::replace(first, number),
                None => {
                    self.first
                        .insert_unique(hash, number, |&number| hash_of(number));
                    number
                }
            };
            if let Some(link) = self.chain.get_mut(number as usize) {
                link.1 = next;
            }
            if next != number
                && let Some(link) = self.chain.get_mut(next as usize)
            {
                link.0 = true;
            }
        }
        for (first, (record, &(follows, next))) in (0..).zip(records.iter().zip(&self.chain)) {
            if follows {
                continue;
            }
            if next == first {
                take(record)?;
                continue;
            }
            self.group.clear();
            self.group.push(first);
            let mut at = first;
            while let Some(&(_, next)) = self.chain.get(at as usize)
                && next != at
            {
                self.group.push(next);
                at = next;
            }
            let record = |number: &u32| records.get(*number as usize);
            self.group
                .sort_unstable_by(|a, b| record(a).cmp(&record(b)));
            self.group
                .iter()
                .filter_map(record)
                .try_for_each(&mut *take)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records with these keys, in the order in which they come back.
    fn drained(keys: &[u64], most_part_bytes: usize) -> Vec<u64> {
        let mut scatter = Scatter::<24>::with_most(most_part_bytes);
        for (number, key) in (0_u64..).zip(keys) {
            let key = (u128::from(*key) << 64).to_be_bytes();
            let number = number ^ 1;
            scatter
                .push(&key, |record| _ = record.u64(number))
                .expect("writes");
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
