//! What `simulate` costs by the number of rules: to load the policy, to decide a call on one and
//! on two threads, and beside `serde_json` merely parsing the same bytes in the same run.
//!
//! ```sh
//! cargo bench
//! ```
//!
//! Rounds of all measurements take turns and the least of each is shown, so that a busy machine
//! blurs the ratios little. Peak memory and the time from start to exit are those of the built
//! program.

mod generator;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use agent_spm::document::{Format, Limits};
use agent_spm::model::bundle::Bundle;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::pipeline::Pipeline;
use agent_spm::simulate::{self, Defaults, OnUnreadable, Options, Outputs, Review};
use agent_spm::source::output::AtomicFile;
use agent_spm::source::stream::{Digesting, Input};
use serde::Deserialize;
use serde::de::IgnoredAny;

use generator::Recording;
use generator::policy::policy;

const SEED: u64 = 1;
const CALLS: usize = 20_000;
const ROUNDS: usize = 7;
const RULES: [usize; 3] = [10, 100, 1000];
const THREADS: [usize; 2] = [1, 2];

/// How often the memory of a running program is read.
const MEMORY_INTERVAL: Duration = Duration::from_micros(200);

fn main() -> io::Result<()> {
    // `cargo test --all-targets` runs benchmarks as well, without this.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let files = Files::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench"))?;
    let mut least = Least::default();
    for _ in 0..ROUNDS {
        least.take("parse", time(|| parse(&files.lines)));
        for rules in RULES {
            least.take(
                &format!("load {rules}"),
                time(|| files.simulate(rules, &files.nothing, 1)),
            );
            for threads in THREADS {
                let run = format!("{rules} on {threads}");
                least.take(&run, time(|| files.simulate(rules, &files.calls, threads)));
                least.memory(
                    &run,
                    peak_memory(&mut files.program(rules, &files.calls, threads))?,
                );
            }
        }
        let mut program = files.program(10, &files.few, 1);
        let (exit, took) = time(|| program.status());
        assert!(exit?.success(), "the program fails");
        least.take("start to exit", ((), took));
    }
    io::stdout()
        .lock()
        .write_all(files.table(&least).as_bytes())
}

/// What is measured on.
struct Files {
    directory: PathBuf,
    lines: Vec<u8>,
    calls: PathBuf,
    few: PathBuf,
    nothing: PathBuf,
}

impl Files {
    fn write(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&directory)?;
        for rules in RULES {
            fs::write(
                directory.join(format!("policy-{rules}.json")),
                policy(SEED, rules),
            )?;
        }
        let mut recording = Recording::new(SEED);
        let mut lines = Vec::new();
        let mut few = 0;
        for number in 0..CALLS {
            recording.append_call(&mut lines);
            if number < 10 {
                few = lines.len();
            }
        }
        let files = Self {
            calls: directory.join("calls.jsonl"),
            few: directory.join("few.jsonl"),
            nothing: directory.join("nothing.jsonl"),
            directory,
            lines,
        };
        fs::write(&files.calls, &files.lines)?;
        fs::write(&files.few, files.lines.get(..few).unwrap_or_default())?;
        fs::write(&files.nothing, b"")?;
        Ok(files)
    }

    fn policy(&self, rules: usize) -> PathBuf {
        self.directory.join(format!("policy-{rules}.json"))
    }

    /// Loads the policy and decides the calls, as the program does.
    fn simulate(&self, rules: usize, calls: &Path, threads: usize) {
        let text = fs::read(self.policy(rules)).expect("the policy was written");
        let policy = Bundle::load(&text, "policy", Format::Json, Limits::default());
        let policy = policy.unwrap_or_else(|_| panic!("the policy is valid"));
        let pipeline = Pipeline::new(&PipelineFile::default());
        let options = Options {
            bundle: &policy.bundle,
            pipeline: &pipeline,
            defaults: Defaults::default(),
            shape: None,
            threads: NonZeroUsize::new(threads).expect("a thread"),
            digesting: Digesting::Off,
            unreadable: OnUnreadable::Stop,
            max_events: 0,
            review: Review::default(),
            seed: "",
        };
        let output = self.directory.join("decisions.jsonl");
        let mut output = AtomicFile::create(&output).expect("the directory can be written");
        let inputs = [Input::File(calls.to_owned())];
        let outputs = Outputs {
            decisions: Some(&mut output),
            audit: None,
            explanations: None,
        };
        let result = simulate::run(&inputs, &options, outputs, &mut |_| ());
        black_box(result.expect("the calls can be read"));
    }

    fn program(&self, rules: usize, calls: &Path, threads: usize) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        program
            .args(["simulate", "--quiet", "--base-dir"])
            .arg(&self.directory)
            .arg("--policy")
            .arg(format!("policy-{rules}.json"))
            .args(["--jobs", &threads.to_string(), "--decisions"])
            .arg(self.directory.join("decisions.jsonl"))
            .arg(calls)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        program
    }

    fn table(&self, least: &Least) -> String {
        let size = self.lines.len() as f64;
        let mut table = format!(
            "{CALLS} calls, {:.1} MB, {:.0} bytes a line; the least of {ROUNDS} rounds\n\
             serde_json merely parses {:.0} MB/s\n\
             10 rules and 10 calls take {:.1} ms from start to exit\n\n\
             rules  load ms | 1 thread calls/s  MB/s | 2 threads calls/s  MB/s  ratio | \
             CPU/parse  CPU/10 rules | peak MiB 1, 2 threads\n",
            size / 1e6,
            size / CALLS as f64,
            size / least.wall("parse") / 1e6,
            least.wall("start to exit") * 1e3,
        );
        let deciding = |rules: usize, of: fn(&Least, &str) -> f64, threads: usize| {
            of(least, &format!("{rules} on {threads}")) - of(least, &format!("load {rules}"))
        };
        for rules in RULES {
            let one = deciding(rules, Least::wall, 1);
            let two = deciding(rules, Least::wall, 2);
            let processor = deciding(rules, Least::processor, 1);
            let memory = |threads| least.memory.get(&format!("{rules} on {threads}"));
            let mebibytes = |threads| memory(threads).map_or(f64::NAN, |kib| *kib as f64 / 1024.0);
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{rules:>5} {:>8.1} | {:>16.0} {:>5.0} | {:>17.0} {:>5.0} {:>6.2} | {:>9.2} {:>13.2} | {:>10.1}, {:.1}",
                least.wall(&format!("load {rules}")) * 1e3,
                CALLS as f64 / one,
                size / one / 1e6,
                CALLS as f64 / two,
                size / two / 1e6,
                one / two,
                processor / least.processor("parse"),
                processor / deciding(10, Least::processor, 1),
                mebibytes(1),
                mebibytes(2),
            );
        }
        table
    }
}

/// The least of what was measured, by what it was.
#[derive(Default)]
struct Least {
    time: BTreeMap<String, Took>,
    /// In KiB.
    memory: BTreeMap<String, u64>,
}

/// What something took, in seconds.
#[derive(Clone, Copy)]
struct Took {
    wall: f64,
    /// On this thread alone.
    processor: f64,
}

impl Least {
    fn take(&mut self, what: &str, ((), took): ((), Took)) {
        let least = self.time.entry(what.to_owned()).or_insert(took);
        least.wall = least.wall.min(took.wall);
        least.processor = least.processor.min(took.processor);
    }

    /// Memory varies with the timing of threads: here, the most counts.
    fn memory(&mut self, what: &str, kib: Option<u64>) {
        if let Some(kib) = kib {
            let most = self.memory.entry(what.to_owned()).or_default();
            *most = kib.max(*most);
        }
    }

    fn wall(&self, what: &str) -> f64 {
        self.time.get(what).map_or(f64::NAN, |took| took.wall)
    }

    fn processor(&self, what: &str) -> f64 {
        self.time.get(what).map_or(f64::NAN, |took| took.processor)
    }
}

fn time<T>(work: impl FnOnce() -> T) -> (T, Took) {
    let processor = processor_time();
    let wall = Instant::now();
    let result = work();
    let wall = wall.elapsed();
    let processor = processor_time()
        .zip(processor)
        .map_or(wall, |(after, before)| after - before);
    (
        result,
        Took {
            wall: wall.as_secs_f64(),
            processor: processor.as_secs_f64(),
        },
    )
}

/// What this thread has used so far; only Linux says.
fn processor_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

/// Runs a program; the most memory in KiB that it had, if the system says.
fn peak_memory(program: &mut Command) -> io::Result<Option<u64>> {
    let mut child = program.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        // The figure only grows, and is gone when the program is.
        peak = fs::read_to_string(&status)
            .ok()
            .and_then(|text| high_water_mark(&text))
            .or(peak);
        if let Some(exit) = child.try_wait()? {
            assert!(exit.success(), "the program fails");
            return Ok(peak);
        }
        thread::sleep(MEMORY_INTERVAL);
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Parses each line into borrowed members, its arguments checked and dropped: the yardstick.
fn parse(lines: &[u8]) {
    for line in lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let call: Call<'_> = serde_json::from_slice(line).expect("the line is a call");
        black_box(call);
    }
}

/// A string borrowed from the line unless it has escapes.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Call<'a> {
    #[serde(borrow)]
    request_id: Text<'a>,
    timestamp: Text<'a>,
    agent: Agent<'a>,
    action: Action<'a>,
    context: Context<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Agent<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    environment: Text<'a>,
    agent_type: Option<Text<'a>>,
    trust_level: Option<Text<'a>>,
    #[serde(default)]
    roles: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Action<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    tool_name: Text<'a>,
    tool_args: IgnoredAny,
    tool_identity: Option<ToolIdentity<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct ToolIdentity<'a> {
    #[serde(borrow)]
    provider: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Context<'a> {
    #[serde(borrow)]
    user_input: Option<Text<'a>>,
    #[serde(default)]
    data_labels: Vec<Text<'a>>,
    session_id: Text<'a>,
}
