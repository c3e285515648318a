//! Several files as one log: in which order they are read. Owns the look at each file's first
//! record; a rotated log goes on where the file before ended.

use super::read::{Leaves, Lines, Reading};
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
pub(super) fn ordered(inputs: &[Input]) -> Result<Vec<Input>, StreamError> {
    if inputs.len() < 2 || inputs.contains(&Input::Stdin) {
        return Ok(inputs.to_vec());
    }
    let mut files = Vec::new();
    for input in inputs {
        files.push((beginning(input)?, input));
    }
    // Time, and then the number: of files that begin at one instant, or at none, the earlier
    // records come first. A file of a chain whose first part is here stands behind that part.
    let start_of = |uid: &str| {
        let same = files.iter().filter(|(file, _)| file.uid == uid);
        same.filter_map(|(file, _)| file.time).min()
    };
    let mut keyed: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(given, (file, input))| {
            let chained = !file.uid.is_empty();
            let group = if chained {
                start_of(&file.uid)
            } else {
                file.time
            };
            let late = |time: Option<Timestamp>| (time.is_none(), time);
            let key = (late(group), &file.uid, file.seq, late(file.time), given);
            (key, *input)
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(keyed.into_iter().map(|(_, input)| input.clone()).collect())
}

fn beginning(input: &Input) -> Result<Beginning, StreamError> {
    let mut chunks = Chunks::open(input, Digesting::Off)?;
    let mut chunk = Chunk::default();
    let mut lines = Lines::default();
    let mut beginning = Beginning {
        uid: String::new(),
        seq: 0,
        time: None,
    };
    if chunks.next(&mut chunk)? {
        lines.read(&mut chunk, Reading::Lines, Leaves::Skipped);
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
