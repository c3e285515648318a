//! What the program costs, from start to exit: `simulate` by the number of rules and of threads,
//! beside `serde_json` merely parsing the same recording in the same run, and the other
//! subcommands.
//!
//! ```sh
//! cargo bench --bench simulate              # 10 thousand calls, a minute or two
//! cargo bench --bench simulate -- --full    # and 1 million, ten minutes
//! cargo bench --bench simulate -- --gate    # fails if `simulate` costs more than it may
//! ```
//!
//! Rounds of all measurements take turns and the least of each is shown, so that a busy machine
//! blurs the ratios little. What is printed is Markdown, for the README.

mod generator;
mod measure;
mod yardstick;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use generator::Recording;
use generator::pipeline::pipeline;
use generator::policy::{Vocabulary, policy};
use measure::{Least, Took, run, time};

const SEED: u64 = 1;
const ROUNDS: usize = 9;
/// The time of all runs, so that nothing is expired.
const AT: &str = "2026-03-02T12:00:00Z";
/// How much the yardstick has in memory at a time, in bytes.
const PIECE_BYTES: u64 = 1024 * 1024;
/// How often the yardstick is laid against each of those.
const PIECE_ROUNDS: usize = 5;
/// What the bundle that is signed is made from: one of these has no rule that never decides.
const SIGNED_SEED: u64 = 2;
/// The size of the bundle that is signed and verified, in bytes.
const SIGNED_BYTES: usize = 1024 * 1024;

/// What `simulate` may cost on the processor, as a multiple of `serde_json` parsing the same file,
/// by the name of the policy: half more than it does. A ratio within one run depends little on the
/// machine and its load.
const GATES: [(&str, f64); 2] = [("10", 3.7), ("1000", 5.6)];

/// The policies, by name.
const POLICIES: [(&str, usize, Vocabulary); 4] = [
    ("10", 10, Vocabulary::Shared),
    ("100", 100, Vocabulary::Shared),
    ("1000", 1000, Vocabulary::Shared),
    ("1000 rare", 1000, Vocabulary::Disjoint),
];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let is_given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    // `cargo test --all-targets` runs benchmarks as well, without this.
    if !is_given("--bench") {
        return Ok(());
    }
    let mut sizes = vec![(10_000, ROUNDS)];
    if is_given("--full") {
        sizes.push((1_000_000, 1));
    }
    let files = Files::new(Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench"))?;
    let mut table = String::new();
    let mut exceeded = Vec::new();
    for (calls, rounds) in sizes {
        let recording = files.record(calls)?;
        let mut least = Least::default();
        for _ in 0..rounds {
            files.measure_simulate(&recording, &mut least)?;
        }
        table += &simulate_table(&recording, &least);
        if is_given("--gate") {
            exceeded.extend(GATES.into_iter().filter(|(policy, most)| {
                deciding(&least, policy, 1, Least::processor) > most * least.processor("parse")
            }));
        }
        let log = files.log(&recording)?;
        for _ in 0..rounds {
            files.measure_replay(&mut least)?;
        }
        table += &replay_table(&log, &least);
        fs::remove_file(&recording.path)?;
        fs::remove_file(&log.path)?;
    }
    let mut least = Least::default();
    for _ in 0..ROUNDS {
        files.measure_documents(&mut least)?;
    }
    table += &documents_table(&least);
    io::stdout().lock().write_all(table.as_bytes())?;
    match exceeded.first() {
        None => Ok(()),
        Some((policy, most)) => Err(io::Error::other(format!(
            "{policy} rules cost more than {most} times what `serde_json` does"
        ))),
    }
}

/// What the calls alone cost, without loading the policy.
fn deciding(least: &Least, policy: &str, threads: usize, of: fn(&Least, &str) -> f64) -> f64 {
    of(least, &format!("{policy} on {threads}")) - of(least, &format!("{policy} load"))
}

/// What is measured on.
struct Files {
    directory: PathBuf,
}

/// A recording that was written down.
struct Written {
    path: PathBuf,
    calls: usize,
    bytes: usize,
}

impl Files {
    fn new(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        let files = Self { directory };
        for (name, rules, vocabulary) in POLICIES {
            let text = policy(SEED, rules, vocabulary);
            fs::write(files.policy(name), &text)?;
        }
        let mut recording = Recording::new(SEED);
        fs::write(files.path("pipeline.json"), pipeline(&recording))?;
        let mut few = Vec::new();
        (0..10).for_each(|_| recording.append_call(&mut few));
        fs::write(files.path("few.jsonl"), few)?;
        fs::write(
            files.path("secret"),
            "a secret of the benchmark, 32 bytes or more",
        )?;
        // As many rules as are allowed, with longer descriptions.
        let text = policy(SIGNED_SEED, 1000, Vocabulary::Shared);
        let rest = SIGNED_BYTES.saturating_sub(text.len()) / 1000;
        let longer = format!("\"guards {} ", "what the team agreed on ".repeat(rest / 24));
        fs::write(files.path("large.json"), text.replace("\"guards ", &longer))?;
        run(
            &mut files.program(&["sign", "large.json", "--secret-file", "secret"]),
            &[0],
        )?;
        Ok(files)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn policy(&self, name: &str) -> PathBuf {
        self.path(&format!("policy-{name}.json"))
    }

    /// Writes a recording of so many calls.
    fn record(&self, calls: usize) -> io::Result<Written> {
        let path = self.path("calls.jsonl");
        let mut file = BufWriter::new(File::create(&path)?);
        let mut recording = Recording::new(SEED);
        let mut line = Vec::new();
        let mut bytes = 0;
        for _ in 0..calls {
            line.clear();
            recording.append_call(&mut line);
            bytes += line.len();
            file.write_all(&line)?;
        }
        file.flush()?;
        Ok(Written { path, calls, bytes })
    }

    /// The program with these arguments, in the directory.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        program
            .current_dir(&self.directory)
            .args(arguments)
            .arg("--quiet")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        program.args(["--at", AT]);
        program
    }

    /// `simulate` with everything: the pipeline, and decisions written.
    fn simulate(&self, policy: &str, calls: &str, threads: usize) -> io::Result<Took> {
        // What is replaced would have to be deleted, which is not what is measured.
        let _ = fs::remove_file(self.path("decisions.jsonl"));
        let policy = format!("policy-{policy}.json");
        let threads = threads.to_string();
        let arguments = [
            "simulate",
            "--policy",
            &policy,
            "--pipeline",
            "pipeline.json",
            "--jobs",
            &threads,
            "--decisions",
            "decisions.jsonl",
            calls,
        ];
        run(&mut self.program(&arguments), &[0])
    }

    fn measure_simulate(&self, recording: &Written, least: &mut Least) -> io::Result<()> {
        let mut lines = Vec::new();
        let mut parsed = Took {
            wall: 0.0,
            processor: 0.0,
            memory: None,
        };
        let mut file = BufReader::new(File::open(&recording.path)?);
        while read_lines(&mut file, &mut lines)? {
            // By the clock, since the time on the processor is counted in ticks that are longer than
            // this takes; the least of a few is free of what disturbs it.
            let times = (0..PIECE_ROUNDS).map(|_| time(|| yardstick::parse(&lines)).wall);
            let least = times.fold(f64::INFINITY, f64::min);
            parsed.wall += least;
            parsed.processor += least;
        }
        least.take("parse", parsed);
        for (policy, ..) in POLICIES {
            least.take(
                &format!("{policy} load"),
                self.simulate(policy, "few.jsonl", 1)?,
            );
            for threads in [1, 2] {
                let took = self.simulate(policy, "calls.jsonl", threads)?;
                least.take(&format!("{policy} on {threads}"), took);
            }
        }
        Ok(())
    }

    /// The audit log that `simulate` writes of a recording.
    fn log(&self, recording: &Written) -> io::Result<Written> {
        let log = "audit.jsonl";
        let mut arguments = vec!["simulate", "--policy", "policy-10.json", "calls.jsonl"];
        arguments.extend(["--pipeline", "pipeline.json", "--audit-log", log]);
        run(&mut self.program(&arguments), &[0])?;
        let path = self.path(log);
        Ok(Written {
            bytes: fs::metadata(&path)?.len() as usize,
            path,
            calls: recording.calls,
        })
    }

    fn measure_replay(&self, least: &mut Least) -> io::Result<()> {
        let arguments = ["audit-replay", "audit.jsonl", "--fail-on", "never"];
        least.take("audit-replay", run(&mut self.program(&arguments), &[0])?);
        Ok(())
    }

    fn measure_documents(&self, least: &mut Least) -> io::Result<()> {
        let mut measure = |what: &str, arguments: &[&str]| -> io::Result<()> {
            // Whether what is found is worth an objection does not matter here.
            least.take(what, run(&mut self.program(arguments), &[0, 1])?);
            Ok(())
        };
        for name in ["10", "100", "1000"] {
            let policy = format!("policy-{name}.json");
            measure(&format!("lint {name}"), &["lint", &policy])?;
            let loading = ["simulate", "--policy", &policy, "few.jsonl"];
            measure(&format!("load {name}"), &loading)?;
        }
        let key = ["large.json", "--secret-file", "secret"];
        measure(
            "sign --no-lint",
            &[&["sign", "--check", "--no-lint"], &key[..]].concat(),
        )?;
        measure("sign", &[&["sign", "--check"], &key[..]].concat())?;
        measure("verify", &[&["verify"], &key[..]].concat())
    }
}

/// Fills `lines` with the next whole lines of a file; false at its end.
fn read_lines(file: &mut impl BufRead, lines: &mut Vec<u8>) -> io::Result<bool> {
    lines.clear();
    file.take(PIECE_BYTES).read_to_end(lines)?;
    file.read_until(b'\n', lines)?;
    Ok(!lines.is_empty())
}

/// A table as the README shows it: names of columns, then rows.
fn table(columns: &str, rows: impl IntoIterator<Item = String>) -> String {
    let mut table = format!(
        "| {columns} |\n|{}\n",
        " --- |".repeat(columns.split('|').count())
    );
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {row} |");
    }
    table + "\n"
}

fn simulate_table(recording: &Written, least: &Least) -> String {
    let Written { calls, bytes, .. } = recording;
    let (calls, megabytes) = (*calls as f64, *bytes as f64 / 1e6);
    let parse = least.processor("parse");
    let deciding = |policy: &str, threads: usize, of: fn(&Least, &str) -> f64| {
        deciding(least, policy, threads, of)
    };
    let rows = POLICIES.map(|(policy, ..)| {
        let one = deciding(policy, 1, Least::processor);
        format!(
            "{policy} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1}, {:.1}",
            calls / one / 1e3,
            megabytes / one,
            one / parse,
            one / deciding("10", 1, Least::processor),
            deciding(policy, 1, Least::wall) / deciding(policy, 2, Least::wall),
            least.memory(&format!("{policy} on 1")),
            least.memory(&format!("{policy} on 2")),
        )
    });
    let title = format!(
        "`simulate`, the full pipeline, {calls} calls of {:.0} bytes; `serde_json` parses {:.0} MB/s\n\n",
        megabytes * 1e6 / calls,
        megabytes / parse,
    );
    let columns = "rules | thousand calls/s | MB/s | time / `serde_json` | time / 10 rules | \
                   2 threads / 1 | MiB on 1, 2 threads";
    title + &table(columns, rows)
}

fn replay_table(log: &Written, least: &Least) -> String {
    let took = least.wall("audit-replay");
    let row = format!(
        "{} | {:.0} | {:.0} | {:.1}",
        log.calls,
        log.calls as f64 / took / 1e3,
        log.bytes as f64 / took / 1e6,
        least.memory("audit-replay"),
    );
    table(
        "`audit-replay`, calls | thousand calls/s | MB/s | MiB",
        [row],
    )
}

fn documents_table(least: &Least) -> String {
    let mut rows = Vec::new();
    for policy in ["10", "100", "1000"] {
        for (what, title) in [("load", "`simulate` of 10 calls"), ("lint", "`lint`")] {
            let took = least.wall(&format!("{what} {policy}"));
            rows.push(format!("{title}, {policy} rules | {:.1}", took * 1e3));
        }
    }
    for what in ["sign --no-lint", "sign", "verify"] {
        rows.push(format!("`{what}`, 1 MiB | {:.1}", least.wall(what) * 1e3));
    }
    table("start to exit | ms", rows)
}
