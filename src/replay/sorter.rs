//! Sorts more than fits into memory. Owns runs on the disk and their merging; knows nothing of
//! what the records say.
//!
//! Source: Knuth, "The Art of Computer Programming", volume 3, §5.4.1, "Multiway Merging".

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::io;

use crate::source::spill::Spill;

/// How many bytes of records are sorted in memory at a time.
const RUN_BYTES: usize = 512 * 1024;

/// How many bytes of each run are in memory while runs are merged.
const READ_BYTES: usize = 8 * 1024;

/// Most runs that are merged at a time, which bounds the memory of merging to 2 MiB.
const MAX_RUNS: usize = 256;

/// Records of `N` bytes, to be given back in the order of their bytes.
///
/// Memory is bounded by about 512 KiB while records come and by 2 MiB while they are given back;
/// what is more is on the disk.
#[derive(Debug)]
pub(super) struct Sorter<const N: usize> {
    buffer: Vec<[u8; N]>,
    capacity: usize,
    runs: Vec<Run>,
    spill: Spill,
}

/// A sorted run on the disk, which begins at `start` and has `left` records.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: u64,
    left: usize,
}

impl<const N: usize> Default for Sorter<N> {
    fn default() -> Self {
        Self::with_capacity(RUN_BYTES / N)
    }
}

impl<const N: usize> Sorter<N> {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            buffer: Vec::new(),
            capacity,
            runs: Vec::new(),
            spill: Spill::default(),
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If the disk refuses.
    pub(super) fn push(&mut self, record: [u8; N]) -> io::Result<()> {
        if self.buffer.len() == self.capacity {
            self.flush()?;
        }
        self.buffer.push(record);
        Ok(())
    }

    /// Gives all records to `take`, the least first.
    ///
    /// # Errors
    /// If the disk refuses, or the first error of `take`.
    pub(super) fn drain<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(&[u8; N]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.runs.is_empty() {
            self.buffer.sort_unstable_by(by_bytes);
            return self.buffer.iter().try_for_each(take);
        }
        self.flush()?;
        self.buffer = Vec::new();
        while self.runs.len() > MAX_RUNS {
            self.merge_some()?;
        }
        let runs = std::mem::take(&mut self.runs);
        merge(&mut self.spill, &runs, &mut take)
    }

    /// Makes a run of what is in memory.
    fn flush(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable_by(by_bytes);
        let start = self.spill.append(self.buffer.as_flattened())?;
        self.runs.push(Run {
            start,
            left: self.buffer.len(),
        });
        self.buffer.clear();
        Ok(())
    }

    /// Makes one run of the first ones.
    fn merge_some(&mut self) -> io::Result<()> {
        let some: Vec<Run> = self.runs.drain(..MAX_RUNS).collect();
        let mut merged = Spill::default();
        let mut out = Vec::with_capacity(RUN_BYTES);
        merge(&mut self.spill, &some, &mut |record: &[u8; N]| {
            out.extend_from_slice(record);
            if out.len() + N > RUN_BYTES {
                merged.append(&out)?;
                out.clear();
            }
            Ok::<(), io::Error>(())
        })?;
        let length = merged.append(&out)? + out.len() as u64;
        // Runs are of one file, so the merged one goes back to it.
        let mut start = None;
        let mut at = 0;
        while at < length {
            let piece = usize::try_from(length - at)
                .unwrap_or(RUN_BYTES)
                .min(RUN_BYTES);
            out.resize(piece, 0);
            merged.read(at, &mut out)?;
            let written = self.spill.append(&out)?;
            start.get_or_insert(written);
            at += piece as u64;
        }
        self.runs.push(Run {
            start: start.unwrap_or_default(),
            left: some.iter().map(|run| run.left).sum(),
        });
        Ok(())
    }
}

/// The order of records, which is that of their bytes; the first eight tell most of them apart.
pub(super) fn by_bytes<const N: usize>(a: &[u8; N], b: &[u8; N]) -> Ordering {
    let word = |record: &[u8; N]| {
        record
            .first_chunk::<8>()
            .map(|word| u64::from_be_bytes(*word))
    };
    word(a).cmp(&word(b)).then_with(|| a.cmp(b))
}

/// A run that is being read.
struct Reading<const N: usize> {
    run: Run,
    records: Vec<[u8; N]>,
    next: usize,
}

impl<const N: usize> Reading<N> {
    fn next(&mut self, spill: &mut Spill) -> io::Result<Option<[u8; N]>> {
        if self.next == self.records.len() {
            let count = (READ_BYTES / N).max(1).min(self.run.left);
            self.records.resize(count, [0; N]);
            spill.read(self.run.start, self.records.as_flattened_mut())?;
            self.run.start += (count * N) as u64;
            self.run.left -= count;
            self.next = 0;
        }
        let record = self.records.get(self.next).copied();
        self.next += 1;
        Ok(record)
    }
}

fn merge<const N: usize, E: From<io::Error>>(
    spill: &mut Spill,
    runs: &[Run],
    take: &mut impl FnMut(&[u8; N]) -> Result<(), E>,
) -> Result<(), E> {
    let mut readings: Vec<Reading<N>> = runs
        .iter()
        .map(|&run| Reading {
            run,
            records: Vec::new(),
            next: 0,
        })
        .collect();
    let mut heads = BinaryHeap::with_capacity(readings.len());
    for (number, reading) in readings.iter_mut().enumerate() {
        if let Some(record) = reading.next(spill)? {
            heads.push(Reverse((record, number)));
        }
    }
    while let Some(mut head) = heads.peek_mut() {
        let Reverse((record, number)) = &mut *head;
        take(record)?;
        let next = match readings.get_mut(*number) {
            Some(reading) => reading.next(spill)?,
            None => None,
        };
        match next {
            Some(next) => *record = next,
            None => {
                std::collections::binary_heap::PeekMut::pop(head);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorts numbers, a few in memory at a time.
    fn sorted(numbers: &[u32], capacity: usize) -> Vec<u32> {
        let mut sorter = Sorter::<4>::with_capacity(capacity);
        for number in numbers {
            sorter.push(number.to_be_bytes()).expect("writes");
        }
        let mut out = Vec::new();
        sorter
            .drain(|record| {
                out.push(u32::from_be_bytes(*record));
                Ok::<(), io::Error>(())
            })
            .expect("reads");
        out
    }

    #[test]
    fn records_come_in_order_however_little_fits_into_memory() {
        let mut numbers = Vec::new();
        let mut state = 1_u32;
        for _ in 0..5000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            numbers.push(state >> 16);
        }
        let mut expected = numbers.clone();
        expected.sort_unstable();
        for capacity in [1, 7, 100, 4999, 5000, 10_000] {
            assert_eq!(sorted(&numbers, capacity), expected, "{capacity}");
        }
        assert_eq!(sorted(&[], 7), [0; 0]);
    }
}
