//! Writes the recording and the policies of the benchmark to a directory, for other tools to read:
//!
//! ```sh
//! cargo run --release --example corpus -- DIRECTORY CALLS
//! ```

mod generator;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use generator::Recording;
use generator::pipeline::pipeline;
use generator::policy::{Vocabulary, policy};

const SEED: u64 = 1;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let directory = arguments.next().map(PathBuf::from);
    let calls = arguments
        .next()
        .and_then(|calls| calls.to_str()?.parse::<u64>().ok());
    let (Some(directory), Some(calls)) = (directory, calls) else {
        return Err(io::Error::other("usage: corpus DIRECTORY CALLS"));
    };
    fs::create_dir_all(&directory)?;
    for rules in [10, 100, 1000] {
        fs::write(
            directory.join(format!("policy-{rules}.json")),
            policy(SEED, rules, Vocabulary::Shared),
        )?;
    }
    let rare = policy(SEED, 1000, Vocabulary::Disjoint);
    fs::write(directory.join("policy-1000-rare.json"), rare)?;
    let mut file = BufWriter::new(File::create(directory.join("calls.jsonl"))?);
    let mut recording = Recording::new(SEED);
    fs::write(directory.join("pipeline.json"), pipeline(&recording))?;
    let mut line = Vec::new();
    for _ in 0..calls {
        line.clear();
        recording.append_call(&mut line);
        file.write_all(&line)?;
    }
    file.flush()
}
