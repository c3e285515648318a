//! Several files as one log: in which order they are read. Owns the look at each file's first
//! record; a rotated log goes on where the file before ended.

use std::collections::BTreeMap;

use super::read::{Leaves, LineHasher, Lines, Reader, Reading};
use crate::classify::Classifier;
use crate::source::stream::{Chunk, Chunks, Digesting, Input, StreamError};
use crate::time::Timestamp;

/// How a file begins.
struct Beginning {
    uid: String,
    seq: u64,
    time: Option<Timestamp>,
}

/// The inputs in the order in which they continue each other: files of one chain by the numbers of
/// their records, others by time. Standard input, which can be read once only, keeps its place, and
/// so does everything else then.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn ordered(
    inputs: &[Input],
    classifier: &Classifier,
) -> Result<Vec<Input>, StreamError> {
    if inputs.len() < 2 || inputs.contains(&Input::Stdin) {
        return Ok(inputs.to_vec());
    }
    let mut files = Vec::new();
    for input in inputs {
        files.push((beginning(input, classifier)?, input));
    }
    // Time, and then the number: of files that begin at one instant, or at none, the earlier
    // records come first. A file of a chain whose first part is here stands behind that part.
    let mut starts: BTreeMap<&str, Option<Timestamp>> = BTreeMap::new();
    for (file, _) in files.iter().filter(|(file, _)| file.time.is_some()) {
        let start = starts.entry(&file.uid).or_insert(file.time);
        *start = (*start).min(file.time);
    }
    let mut keyed: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(given, (file, input))| {
            let start = match starts.get(file.uid.as_str()) {
                Some(start) if !file.uid.is_empty() => *start,
                _ => file.time,
            };
            let late = |time: Option<Timestamp>| (time.is_none(), time);
            let key = (late(start), &file.uid, file.seq, late(file.time));
            (key, given, *input)
        })
        .collect();
    keyed.sort_unstable_by_key(|(key, given, _)| (*key, *given));
    Ok(keyed
        .into_iter()
        .map(|(_, _, input)| input.clone())
        .collect())
}

fn beginning(input: &Input, classifier: &Classifier) -> Result<Beginning, StreamError> {
    let mut chunks = Chunks::open(input, Digesting::Off)?;
    let mut chunk = Chunk::default();
    let mut lines = Lines::default();
    let mut beginning = Beginning {
        uid: String::new(),
        seq: 0,
        time: None,
    };
    if chunks.next(&mut chunk)? {
        let mut reader = Reader::new(classifier, 0, &LineHasher::default());
        lines.read(&mut reader, &mut chunk, Reading::Lines, Leaves::Skipped);
        // The first record tells; the error only ends the visit.
        let _ = lines.visit(0, |seen| {
            if let Some(chain) = seen.chain {
                chain.uid.clone_into(&mut beginning.uid);
                beginning.seq = chain.seq;
            }
            beginning.time = seen.event.and_then(|event| event.time);
            Err(())
        });
    }
    Ok(beginning)
}
