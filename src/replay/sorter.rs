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

/// How many bytes of all runs are in memory while they are merged, if that is within the bounds of
/// [`READ_BYTES`] for each.
const MERGE_BYTES: usize = 1024 * 1024;

/// The least and the most bytes of each run that are in memory while runs are merged.
const READ_BYTES: (usize, usize) = (8 * 1024, 64 * 1024);

/// Most runs that are merged at a time, which bounds the memory of merging to 2 MiB.
const MAX_RUNS: usize = 256;

/// Records of `N` bytes, to be given back in the order of their bytes.
///
/// Records that come nearly in order make one long run, so that nothing is merged.
///
/// Memory is bounded by about 512 KiB while records come and by 2 MiB while they are given back;
/// what is more is on the disk.
#[derive(Debug)]
pub(super) struct Sorter<const N: usize> {
    buffer: Vec<[u8; N]>,
    capacity: usize,
    runs: Vec<Run>,
    /// The end of the last run.
    last: Option<[u8; N]>,
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
            last: None,
            spill: Spill::default(),
        }
    }

    /// Adds the record that `write` makes of zeros.
    ///
    /// # Errors
    /// If the disk refuses.
    #[inline]
    pub(super) fn push(&mut self, write: impl FnOnce(&mut [u8; N])) -> io::Result<()> {
        if self.buffer.len() == self.capacity {
            self.flush()?;
        }
        self.buffer.push([0; N]);
        if let Some(record) = self.buffer.last_mut() {
            write(record);
        }
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
        while !self.buffer.is_empty() {
            self.flush()?;
        }
        self.buffer = Vec::new();
        while self.runs.len() > MAX_RUNS {
            self.merge_some()?;
        }
        let runs = std::mem::take(&mut self.runs);
        if let [run] = *runs {
            return read_through(&self.spill, run, &mut take);
        }
        merge(&self.spill, &runs, &mut take)
    }

    /// Writes what is in memory to the last run if it is not before its end, or else to a new one.
    fn flush(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable_by(by_bytes);
        // The greatest ones wait for those that come a little late.
        let ready = self.buffer.len() - self.buffer.len() / 4;
        let written = self.buffer.get(..ready).unwrap_or_default();
        let start = self.spill.append(written.as_flattened())?;
        let goes_on = self.last.as_ref() <= written.first();
        self.last = written.last().copied();
        match self.runs.last_mut() {
            Some(run) if goes_on => run.left += ready,
            _ => self.runs.push(Run { start, left: ready }),
        }
        self.buffer.drain(..ready);
        Ok(())
    }

    /// Makes one run of the first ones.
    fn merge_some(&mut self) -> io::Result<()> {
        let some: Vec<Run> = self.runs.drain(..MAX_RUNS).collect();
        let mut merged = Spill::default();
        let mut out = Vec::with_capacity(RUN_BYTES);
        merge(&self.spill, &some, &mut |record: &[u8; N]| {
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
fn by_bytes<const N: usize>(a: &[u8; N], b: &[u8; N]) -> Ordering {
    word(a).cmp(&word(b)).then_with(|| a.cmp(b))
}

/// The first eight bytes of a record, if it has as many.
fn word<const N: usize>(record: &[u8; N]) -> Option<u64> {
    let word = record.first_chunk::<8>();
    word.map(|word| u64::from_be_bytes(*word))
}

/// A run that is being read.
struct Reading<const N: usize> {
    run: Run,
    records: Vec<[u8; N]>,
    next: usize,
}

impl<const N: usize> Reading<N> {
    /// The next record; reads up to `bytes` of them at a time.
    fn next(&mut self, spill: &Spill, bytes: usize) -> io::Result<Option<[u8; N]>> {
        if self.next == self.records.len() {
            let count = (bytes / N).max(1).min(self.run.left);
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

/// Gives the records of one run to `take`.
fn read_through<const N: usize, E: From<io::Error>>(
    spill: &Spill,
    run: Run,
    take: &mut impl FnMut(&[u8; N]) -> Result<(), E>,
) -> Result<(), E> {
    let mut records: Vec<[u8; N]> = Vec::new();
    let (mut start, mut left) = (run.start, run.left);
    let (_, most) = READ_BYTES;
    while left > 0 {
        let count = (most / N).max(1).min(left);
        records.resize(count, [0; N]);
        spill.read(start, records.as_flattened_mut())?;
        records.iter().try_for_each(&mut *take)?;
        start += (count * N) as u64;
        left -= count;
    }
    Ok(())
}

fn merge<const N: usize, E: From<io::Error>>(
    spill: &Spill,
    runs: &[Run],
    take: &mut impl FnMut(&[u8; N]) -> Result<(), E>,
) -> Result<(), E> {
    let (least, most) = READ_BYTES;
    let bytes = (MERGE_BYTES / runs.len().max(1)).clamp(least, most);
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
        if let Some(record) = reading.next(spill, bytes)? {
            heads.push(Reverse((word(&record), record, number)));
        }
    }
    while let Some(mut head) = heads.peek_mut() {
        let Reverse((first, record, number)) = &mut *head;
        take(record)?;
        let next = match readings.get_mut(*number) {
            Some(reading) => reading.next(spill, bytes)?,
            None => None,
        };
        match next {
            Some(next) => (*first, *record) = (word(&next), next),
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
            sorter
                .push(|record| *record = number.to_be_bytes())
                .expect("writes");
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

    #[test]
    fn records_that_come_a_little_late_make_no_runs_of_their_own() {
        let mut sorter = Sorter::<4>::with_capacity(64);
        let mut push = |number: u32| {
            sorter
                .push(|record| *record = number.to_be_bytes())
                .expect("writes")
        };
        // Every fifth comes seven earlier than it should, so that those between come late.
        for number in 0..5000_u32 {
            push(if number % 5 == 0 { number + 7 } else { number });
        }
        assert_eq!(sorter.runs.len(), 1);
        for number in 0..5000_u32 {
            sorter
                .push(|record| *record = number.to_be_bytes())
                .expect("writes");
        }
        // What was in memory when it began anew may be a run of its own.
        assert!(matches!(sorter.runs.len(), 2 | 3));
        let mut last = None;
        let mut count = 0;
        let take = |record: &[u8; 4]| {
            assert!(last <= Some(*record));
            last = Some(*record);
            count += 1;
            Ok::<(), io::Error>(())
        };
        sorter.drain(take).expect("reads");
        assert_eq!(count, 10_000);
    }
}
