//! `agent-spm audit-replay`

mod deciding;
mod export;
mod selection;
mod watching;

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use agent_spm::document::Limits;
use agent_spm::evidence;
use agent_spm::model::pipeline::guardian::GuardianOptions;
use agent_spm::model::pipeline::{DEFAULT_MAX_EVENTS, PipelineFile};
use agent_spm::replay::{
    self, Filter, OnUnreadable, Options, Receive, Replay, ReplayError, Verdict,
};
use agent_spm::report::replay::{self as report, Custody};
use agent_spm::report::{grouped, html, markdown};
use agent_spm::source::stream::{self, Digesting};
use agent_spm::time::parse_duration;
use agent_spm::time::zone::Zone;
use clap::{Args, ValueEnum};

use self::deciding::Deciding;
use self::export::ExportArguments;
use self::selection::Selection;
use self::watching::{Pivots, Watching};
use crate::audit_log::beside;
use crate::cli::{Base, Clock, Global};
use crate::exit::{Answer, Failure};
use crate::keys::KeyArguments;
use crate::load::Loader;
use crate::output;
use crate::progress::Progress;

/// Read an audit log: what happened, and can it be trusted?
///
/// The answer is yes if nothing of `--fail-on` was found and, if keys are given, a checkpoint that
/// one of them signed anchors the log. There is no answer if no line is an audit event.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Audit logs: files (also .gz and .zst), directories, `-` for standard input; several are one log
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    watching: Watching,
    #[command(flatten)]
    deciding: Deciding,
    #[command(flatten)]
    keys: KeyArguments,
    /// Checkpoints of the log, if they are not beside it as LOG.checkpoint
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Report silences longer than this, such as `30m`
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    max_gap: Duration,
    /// The pipeline file of the platform: its guardian, its plugins, and how many events its log keeps
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
    /// Whose clocks show the times of tables, of --from and --to, and of a guardian that names none: such as `Europe/London` or `+05:30` [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    time_zone: Option<Zone>,
    /// How many events the timeline shows
    #[arg(long, value_name = "N", default_value_t = 20)]
    show: usize,
    /// What turns the exit code to 1
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        default_value = "proof"
    )]
    fail_on: Vec<FailOn>,
    /// Stop at the first line that cannot be read
    #[arg(long)]
    strict: bool,
    /// Threads; the answer is the same with any number [default: one a core]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    base: Base,
    #[command(flatten)]
    clock: Clock,
    #[command(flatten)]
    export: ExportArguments,
    /// Show what the log, the policy and the pipeline show of what laws and frameworks ask for, and the fleet's risk scores
    #[arg(long)]
    evidence: bool,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Write the answer to a file, whole or not at all, instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Human,
    /// One JSON document with a versioned `schema`
    Json,
    /// One page that loads nothing and runs nothing, to hand on
    Html,
    /// GitHub-flavoured Markdown, for a ticket
    Markdown,
}

/// What turns the exit code to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something proves that the log is not as it was written
    Proof,
    /// Something might have an innocent reason
    Indicator,
    /// No checkpoint that a known key signed anchors the log
    Unanchored,
    /// A line could not be read
    Unreadable,
    /// The guardian found something
    Incident,
    /// The policy of --policy decides otherwise
    Divergence,
    /// An event holds personal data, a card number, a credential, or arguments
    Leak,
    /// Nothing
    Never,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("not a number with `s`, `m`, `h`, `d` or `w`, such as 30m")
}

fn zone(text: &str) -> Result<Zone, String> {
    let help = "give a name such as Europe/London or an offset such as +05:30";
    Zone::parse(text).map_err(|error| format!("{error}; {help}"))
}

/// Replays the log and gives its answer.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    let loader = Loader::new(&arguments.base, Limits::default());
    let pipeline = match &arguments.pipeline {
        Some(path) => loader.pipeline("pipeline", path)?,
        None => PipelineFile::default(),
    };
    let threads = arguments.jobs.unwrap_or_else(one_a_core);
    let has_pipeline = arguments.pipeline.is_some();
    let deciding = arguments
        .deciding
        .load(has_pipeline.then_some(&pipeline), &loader)?;
    let plugins = deciding.as_ref().and_then(|loaded| loaded.plugins());
    let simulation = deciding.as_ref().map(|loaded| loaded.simulation(threads));
    let mut guardian = arguments.watching.guardian(&pipeline, &loader)?;
    if let Some(guardian) = &mut guardian
        && guardian.time_zone.is_none()
    {
        guardian.time_zone.clone_from(&arguments.time_zone);
    }
    let now = arguments.clock.now();
    let zone = arguments.time_zone.clone().unwrap_or_else(Zone::utc);
    let filter = arguments.selection.filter(now, &zone)?;
    let keys = arguments.keys.read()?;
    let inputs = stream::inputs(&arguments.logs)?;
    if inputs.is_empty() {
        return Err(Failure::Usage {
            message: "there are no logs under the paths given".to_owned(),
            help: "logs are files that end in .json, .jsonl or .ndjson, compressed or not",
        });
    }
    arguments.watching.check(guardian.is_some(), &inputs)?;
    arguments.check_fail_on(guardian.is_some(), deciding.is_some())?;
    let output = arguments.output.as_deref();
    let mut read = loader.paths();
    read.extend(output::files(&inputs).map(|log| beside(&log)));
    read.extend(output::files(&inputs));
    read.extend_from_slice(&arguments.checkpoint);
    read.extend_from_slice(arguments.deciding.calls());
    output::apart(&read, &[output, arguments.watching.pivots()])?;
    let options = Options {
        filter: &filter,
        keys: &keys,
        guardian: guardian.as_ref(),
        deciding: deciding
            .as_ref()
            .zip(simulation.as_ref())
            .map(|(loaded, simulation)| loaded.deciding(plugins.as_deref(), simulation)),
        checkpoints: &arguments.checkpoint,
        now,
        max_gap: arguments.max_gap,
        max_events: match &pipeline.audit {
            Some(_) => pipeline.max_events(),
            None => DEFAULT_MAX_EVENTS,
        },
        shown: arguments.show,
        unreadable: if arguments.strict {
            OnUnreadable::Stop
        } else {
            OnUnreadable::Count
        },
        threads,
        digesting: Digesting::Off,
    };
    let look = |options: &Options<'_>, receiver: Option<&mut dyn Receive>| {
        let mut progress = Progress::new(global);
        let replay = replay::run(&inputs, options, receiver, &mut |bytes| {
            progress.show(bytes)
        });
        progress.clear();
        replay.map_err(|error| match error {
            // Nobody reads the export any more.
            ReplayError::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                Failure::Output(error)
            }
            error => Failure::Replay(error),
        })
    };
    let mut export = arguments.export.begin(output)?;
    let around = if arguments.watching.is_around() {
        arguments.watching.around(&look(&options, None)?, &filter)?
    } else {
        None
    };
    let filter = around.as_ref().unwrap_or(&filter);
    let receiver = export.as_mut().map(|export| export as &mut dyn Receive);
    let answering = Options {
        filter,
        digesting: arguments.digesting(),
        ..options
    };
    let replay = look(&answering, receiver)?;
    if let Some(path) = arguments.watching.pivots() {
        let mut pivots = Pivots::new(&replay);
        let filter = &Filter::default();
        look(&Options { filter, ..options }, Some(&mut pivots))?;
        pivots.write(path)?;
    }
    if !global.quiet && replay.lines_unreadable > 0 {
        let count = grouped(replay.lines_unreadable);
        output::say(&format!("warning: lines that could not be read: {count}\n"));
    }
    if !global.quiet && is_no_log(&replay) {
        output::say("warning: no line is an audit event: is this a log?\n");
    }
    if let Some(export) = export {
        export::finish(export, &replay, global)?;
        return Ok(arguments.answer(&replay));
    }
    let assessment = evidence::assess(&evidence::Inputs {
        replay: &replay,
        policy: deciding.as_ref().map(|loaded| loaded.policy()),
        pipeline: has_pipeline.then_some(&pipeline),
    });
    let view = || {
        let mut view = report::view(&replay, &zone);
        if arguments.evidence {
            view.sections.extend(report::assessed(&replay, &assessment));
        }
        view
    };
    let text = match arguments.format {
        Format::Human => output::for_people(&view(), output),
        Format::Json => {
            output::write_json(&report::report(&replay, &assessment), output)?;
            return Ok(arguments.answer(&replay));
        }
        Format::Html => {
            let custody = arguments.custody(guardian.as_ref());
            html::render(&report::page(&replay, &assessment, &zone, &custody))
        }
        Format::Markdown => markdown::of_view(&view()),
    };
    output::write(&text, output)?;
    Ok(arguments.answer(&replay))
}

impl Arguments {
    /// What is kept or handed on names what it was made of; tables that somebody looks at, and
    /// records of another product, do not.
    fn digesting(&self) -> Digesting {
        let is_kept = self.evidence || self.format != Format::Human || self.output.is_some();
        if is_kept && !self.export.is_given() {
            Digesting::On
        } else {
            Digesting::Off
        }
    }

    /// How the answer came about.
    fn custody(&self, guardian: Option<&GuardianOptions>) -> Custody {
        let guardian = guardian.and_then(|options| serde_json::to_string(options).ok());
        Custody {
            command: without_jobs(std::env::args_os().skip(1)),
            method: vec![
                ("guardian", guardian.unwrap_or_else(|| "none".to_owned())),
                (
                    "silences reported",
                    format!("over {} s", self.max_gap.as_secs()),
                ),
            ],
        }
    }

    /// Makes sure that what makes the answer no is looked for.
    fn check_fail_on(&self, is_watched: bool, is_decided: bool) -> Result<(), Failure> {
        let asks = |what| self.fail_on.contains(&what);
        let missing = match (asks(FailOn::Incident), asks(FailOn::Divergence)) {
            (true, _) if !is_watched => ("incidents", "name a guardian with `--guardian`"),
            (_, true) if !is_decided => ("divergences", "name a policy with `--policy`"),
            _ => return Ok(()),
        };
        let (what, help) = missing;
        Err(Failure::Usage {
            message: format!("`--fail-on` asks for {what}, but nothing looks for them"),
            help,
        })
    }

    fn answer(&self, replay: &Replay) -> Answer {
        let found = |what: &FailOn| match what {
            FailOn::Proof => {
                replay.findings.has_proof()
                    || matches!(replay.verdict, Verdict::Broken { .. } | Verdict::Truncated)
            }
            FailOn::Indicator => replay.findings.counts().any(|(kind, _)| !kind.is_proof()),
            FailOn::Unanchored => replay.verdict != Verdict::Intact,
            FailOn::Unreadable => replay.lines_unreadable > 0,
            FailOn::Incident => {
                let found = replay.incidents.as_ref();
                found.is_some_and(|found| found.count() > 0)
            }
            FailOn::Divergence => {
                let redecided = replay.redecided.as_ref();
                redecided.is_some_and(|redecided| !redecided.counts.is_empty())
            }
            FailOn::Leak => replay.redaction.count() > 0,
            FailOn::Never => false,
        };
        let mut asked = self.fail_on.clone();
        if self.keys.are_given() && !asked.contains(&FailOn::Never) {
            asked.push(FailOn::Unanchored);
        }
        if asked.iter().any(found) {
            Answer::No
        } else if is_no_log(replay) {
            Answer::None
        } else {
            Answer::Yes
        }
    }
}

/// The arguments, but not how many threads there are, on which no answer depends.
fn without_jobs(arguments: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut arguments = arguments.map(|argument| argument.to_string_lossy().into_owned());
    let mut kept = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument
            .strip_prefix("--jobs")
            .or_else(|| argument.strip_prefix("-j"))
        {
            Some("") => drop(arguments.next()),
            Some(rest) if rest.starts_with('=') || rest.parse::<usize>().is_ok() => {}
            _ => kept.push(argument),
        }
    }
    kept
}

/// Whether there are lines, but not one event.
fn is_no_log(replay: &Replay) -> bool {
    replay.lines_unreadable > 0 && replay.inputs.iter().all(|input| input.events == 0)
}

fn one_a_core() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
