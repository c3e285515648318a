//! What the pipeline costs by the number of agents, and the classifiers and the rules about commands
//! by what a hostile text repeats.
//!
//! ```sh
//! cargo bench --bench pipeline
//! cargo bench --bench pipeline -- --hostile   # hostile texts and commands only
//! ```
//!
//! The ordered pass runs in a process of its own for each number of agents, so that its peak memory
//! is its own. Rounds of all measurements take turns and the least of each is shown.

mod measure;

use std::hint::black_box;
use std::io::{self, Write as _};
use std::process::Command;

use agent_spm::classify::Classifier;
use agent_spm::document::{Format, Limits};
use agent_spm::model::decision::Outcome;
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::pipeline::{EventMark, Facts, Pipeline, Prepared, Run, Source};
use agent_spm::shell::{Action, CommandRules};
use agent_spm::time::Timestamp;

use measure::{Least, run, time};

const ROUNDS: usize = 3;
const CALLS: u64 = 2_000_000;
const AGENTS: [u64; 3] = [200, 20_000, 1_000_000];
/// Between two calls, in microseconds: 60,000 calls a minute.
const STEP: i64 = 1_000;

const PLUGINS: &str = r#"{"rate-limiter": {"max_per_minute": 1000, "max_per_minute_per_tool": 500}},
    {"session-context": {"limits": {"tool-1": {"max_per_session": 1000}}, "session_ttl_ms": 60000}}"#;
const GUARDIAN: &str = r#""guardian": {"frequency_threshold": 1000, "volume_threshold": 2000,
    "suspicious_sequences": [["tool-2", "send_email"], ["read_secrets", "*", "http_request"]]},"#;
/// What is there besides, as a pipeline file has it.
const PIPELINES: [(&str, &str); 3] = [
    ("nothing", ""),
    ("limits", ""),
    ("limits and guardian", GUARDIAN),
];

/// What hostile texts repeat: what detectors look for, next to what nearly is one.
const FRAGMENTS: [&str; 16] = [
    "1 ",
    "123-",
    "(123) ",
    "1234 ",
    "4111 1111 1111 111 ",
    "+1 212 ",
    "a.a.a.",
    "@",
    "a@a.",
    "token",
    "secret:",
    "password=",
    "npi:",
    "mbi.",
    "eyJ",
    "-----BEGIN PRIVATE KEY-----",
];
/// What hostile commands repeat: what runs other commands, next to what is many.
const COMMANDS: [&str; 17] = [
    "a ",
    ": ",
    "a\n",
    "a;b|",
    "(123) ",
    "echo $(ls) ",
    "echo `ls` ",
    "eval ",
    "trap ",
    "sudo ",
    "nohup ",
    "xargs ",
    "env A=1 ",
    "find . -exec ",
    "find . -exec a {} \\; ",
    "> a ",
    "<<A ",
];
/// Sizes of hostile texts, in bytes.
const SIZES: [usize; 3] = [50_000, 200_000, 400_000];

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --all-targets` runs benchmarks as well, without this.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    if let [_, _, pipeline, agents] = arguments.as_slice() {
        ordered_pass(pipeline.parse().unwrap_or(0), agents.parse().unwrap_or(1));
        return Ok(());
    }
    let mut least = Least::default();
    if !arguments.iter().any(|argument| argument == "--hostile") {
        by_agents(&mut out, &mut least)?;
    }
    writeln!(out, "hostile texts: MB/s by size in bytes\n")?;
    let classifier = Classifier::new(&[]).expect("no patterns");
    let rules = [
        ("npm *", Action::Allow),
        ("rm -rf *", Action::Block),
        ("curl", Action::Block),
    ];
    let rules = CommandRules::new(rules, Action::RequireApproval);
    let classify = |text: &str| classify(&classifier, text);
    let decide = |text: &str| drop(black_box(rules.decide(text)));
    hostile(&mut out, &mut least, &FRAGMENTS, classify)?;
    writeln!(out, "\nhostile commands: MB/s by size in bytes\n")?;
    hostile(&mut out, &mut least, &COMMANDS, decide)
}

/// Measures the ordered pass by the number of agents, and shows what it costs.
fn by_agents(out: &mut impl io::Write, least: &mut Least) -> io::Result<()> {
    for _ in 0..ROUNDS {
        for number in 0..PIPELINES.len() {
            for agents in AGENTS {
                let mut program = Command::new(std::env::current_exe()?);
                program.args(["--bench", &number.to_string(), &agents.to_string()]);
                least.take(&format!("{number} {agents}"), run(&mut program, &[0])?);
            }
        }
    }
    writeln!(
        out,
        "{CALLS} calls, {STEP} µs apart; CPU ns a call, peak MiB\n"
    )?;
    write!(out, "{:22}", "plugins")?;
    for agents in AGENTS {
        write!(out, " {agents:>9} agents")?;
    }
    writeln!(out)?;
    for (number, (name, _)) in PIPELINES.iter().enumerate() {
        write!(out, "{name:22}")?;
        for agents in AGENTS {
            let what = format!("{number} {agents}");
            let nanoseconds = least.processor(&what) * 1e9 / CALLS as f64;
            write!(out, " {nanoseconds:8.0} {:7.1}", least.memory(&what))?;
        }
        writeln!(out)?;
    }
    writeln!(out)
}

/// Measures what is done with texts that repeat these, and shows how fast it is.
fn hostile(
    out: &mut impl io::Write,
    least: &mut Least,
    fragments: &[&str],
    run: impl Fn(&str),
) -> io::Result<()> {
    for fragment in fragments {
        write!(out, "{:30}", format!("{fragment:?}"))?;
        for size in SIZES {
            let text = fragment.repeat(size / fragment.len());
            for _ in 0..5 * ROUNDS {
                least.take(&text, time(|| run(&text)));
            }
            let rate = text.len() as f64 / least.wall(&text) / 1e6;
            write!(out, " {rate:8.0}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn classify(classifier: &Classifier, text: &str) {
    let mut found = 0;
    classifier.classify(text.as_bytes(), None, &mut |_| found += 1);
    black_box(found);
}

/// Decides all calls.
fn ordered_pass(pipeline: usize, agents: u64) {
    let (_, guardian) = PIPELINES.get(pipeline).expect("a pipeline");
    let plugins = if pipeline == 0 { "" } else { PLUGINS };
    let text = format!(r#"{{"version": 1, {guardian} "plugins": [{plugins}]}}"#);
    let file = PipelineFile::load(text.as_bytes(), "bench", Format::Json, Limits::default());
    let pipeline = Pipeline::new(&file.unwrap_or_else(|_| panic!("a valid pipeline")).pipeline);
    let prepared = Prepared {
        stopped_at: usize::MAX,
        source: Source::Rules(None, Outcome::Allow),
        alerts: Vec::new(),
    };
    let mut state = Run::new(&pipeline);
    // A stride that shares no factor with the number of agents visits them all, in no order.
    let stride = 7_919;
    let (mut agent, mut session) = (Vec::new(), Vec::new());
    for call in 0..CALLS {
        agent.clear();
        write!(agent, "agent-{:07}", call * stride % agents).expect("memory");
        session.clear();
        session.extend_from_slice(&agent);
        session.push(b'0' + (call / 1_000_000) as u8);
        let tool: &[u8] = match call % 3 {
            0 => b"tool-1",
            1 => b"tool-2",
            _ => b"read_secrets",
        };
        let facts = Facts {
            agent: &agent,
            tool,
            session: &session,
            time: Some(Timestamp::from_micros(
                1_772_438_400_000_000 + call as i64 * STEP,
            )),
            ..Facts::default()
        };
        let decided = state.decide(&facts, &prepared);
        if pipeline.is_watched() {
            let mark = EventMark {
                line: call,
                ..EventMark::default()
            };
            state.watch(&facts, &decided, &[mark]);
            drop(state.take_incidents());
        }
        black_box(decided);
    }
}
