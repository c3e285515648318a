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

/// How many bytes of records are in memory before they go to the disk.
const PIECE_BYTES: usize = 512 * 1024;

/// How many bytes go to the disk at a time.
const WRITE_BYTES: usize = 64 * 1024;

/// A part of more bytes is sorted on the disk.
const MOST_PART_BYTES: usize = 2 * 1024 * 1024;

/// Records of `N` bytes, the first 16 of which are the key, to be given back so that those of one
/// key come one after the other, in the order of their bytes; the keys come in no order that means
/// anything, but always in the same.
///
/// Memory is bounded by about 600 KiB while records come and by 6 MiB while they are given back,
/// and by 1 KiB for each piece of 512 KiB that is on the disk.
#[derive(Debug)]
pub(super) struct Scatter<const N: usize> {
    records: Vec<[u8; N]>,
    /// The pieces on the disk.
    pieces: Vec<Piece>,
    /// The place of each record of a piece; kept from piece to piece, it stops allocating.
    places: Vec<u32>,
    written: Vec<u8>,
    spill: Spill,
    most_part_bytes: usize,
}

/// Records on the disk, part by part.
#[derive(Debug)]
struct Piece {
    start: u64,
    /// How many of its records stand before those of each part, and after the last one.
    before: [u32; PARTS + 1],
}

const PARTS: usize = 1 << PARTS_LOG;

impl<const N: usize> Default for Scatter<N> {
    fn default() -> Self {
        Self::with_most(MOST_PART_BYTES)
    }
}

impl<const N: usize> Scatter<N> {
    fn with_most(most_part_bytes: usize) -> Self {
        Self {
            records: Vec::new(),
            pieces: Vec::new(),
            places: Vec::new(),
            written: Vec::new(),
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
        if self.records.len() == PIECE_BYTES / N {
            self.flush()?;
        }
        self.records.push([0; N]);
        if let Some(record) = self.records.last_mut() {
            write(Packer::new(record).bytes(key));
        }
        Ok(())
    }

    /// Writes what is in memory to the disk, part by part.
    fn flush(&mut self) -> io::Result<()> {
        let mut before = [0; PARTS + 1];
        for record in &self.records {
            if let Some(count) = before.get_mut(part_of(key(record)) + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut before {
            sum += *count;
            *count = sum;
        }
        let mut next = before;
        self.places.resize(self.records.len(), 0);
        for (place, record) in (0..).zip(&self.records) {
            if let Some(next) = next.get_mut(part_of(key(record)))
                && let Some(slot) = self.places.get_mut(*next as usize)
            {
                *slot = place;
                *next += 1;
            }
        }
        let mut start = None;
        for places in self.places.chunks(WRITE_BYTES / N) {
            self.written.clear();
            for record in places
                .iter()
                .filter_map(|at| self.records.get(*at as usize))
            {
                self.written.extend_from_slice(record);
            }
            let at = self.spill.append(&self.written)?;
            start.get_or_insert(at);
        }
        self.pieces.push(Piece {
            start: start.unwrap_or_default(),
            before,
        });
        self.records.clear();
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
        let mut groups = Groups::default();
        if self.pieces.is_empty() {
            return groups.visit(&self.records, &mut take);
        }
        self.flush()?;
        self.places = Vec::new();
        let mut records = std::mem::take(&mut self.records);
        for part in 0..PARTS {
            let count: usize = self.pieces.iter().map(|piece| piece.of(part).1).sum();
            if count * N > self.most_part_bytes {
                self.sort_on_disk(part)?.drain(&mut take)?;
                continue;
            }
            records.clear();
            records.reserve_exact(count);
            for piece in &self.pieces {
                self.read(piece, part, &mut records)?;
            }
            groups.visit(&records, &mut take)?;
        }
        Ok(())
    }

    /// Appends the records that a piece has of a part.
    fn read(&self, piece: &Piece, part: usize, records: &mut Vec<[u8; N]>) -> io::Result<()> {
        let (before, count) = piece.of(part);
        let first = records.len();
        records.resize(first + count, [0; N]);
        let room = records.get_mut(first..).unwrap_or_default();
        let start = piece.start + (before * N) as u64;
        self.spill.read(start, room.as_flattened_mut())
    }

    fn sort_on_disk(&self, part: usize) -> io::Result<Sorter<N>> {
        let mut sorter = Sorter::default();
        let mut records = Vec::new();
        for piece in &self.pieces {
            records.clear();
            self.read(piece, part, &mut records)?;
            for record in &records {
                sorter.push(|slot| *slot = *record)?;
            }
        }
        Ok(sorter)
    }
}

impl Piece {
    /// How many records stand before those of a part, and how many it has.
    fn of(&self, part: usize) -> (usize, usize) {
        match self.before.get(part..) {
            Some(&[before, end, ..]) => (before as usize, (end - before) as usize),
            _ => (0, 0),
        }
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
