//! `agent-spm simulate`

mod streamed;

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use agent_spm::document::{Format as DocumentFormat, Limits};
use agent_spm::import;
use agent_spm::import::tools::Tools;
use agent_spm::model::bundle::{Bundle, TrustLevel};
use agent_spm::model::pipeline::PipelineFile;
use agent_spm::pipeline::Pipeline;
use agent_spm::report::custody::Custody;
use agent_spm::report::escape::terminal;
use agent_spm::report::simulate::MadeFrom;
use agent_spm::report::{
    github, grouped, html, json, junit, markdown, sarif, simulate as report, yaml,
};
use agent_spm::simulate::{
    self, Defaults, Drafting, OnUnreadable, Options, Outputs, Review, Simulation,
};
use agent_spm::source::stream::{self, Digesting};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use crate::audit_log::{AuditArguments, AuditLog};
use crate::cli::{Base, Clock, Global};
use crate::exit::{Answer, Failure};
use crate::keys::KeyArguments;
use crate::load::Loader;
use crate::output;
use crate::progress::Progress;
use crate::review::ReviewArguments;
use crate::sign_report;
use crate::verify::beside;
use streamed::Streamed;

/// Decide recorded calls by a policy: what would it have done to them?
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The policy bundle, JSON or YAML; `-` for standard input
    #[arg(long, short, value_name = "FILE", required_unless_present = "suggest")]
    policy: Option<PathBuf>,
    /// Draft a least-privilege policy from the recordings, as YAML, instead of deciding by one
    #[arg(long, conflicts_with_all = ["policy", "format", "baseline", "trace", "explain_all", "labels", "fail_on"])]
    suggest: bool,
    /// The pipeline file: plugins around the policy, and how approvals are settled
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
    /// Make a plugin fail at every call, to see what a crash would let through
    #[arg(long, value_name = "NAME")]
    fail_plugin: Vec<String>,
    /// Recordings: files (also .gz and .zst), directories, `-` for standard input
    #[arg(required = true, value_name = "CALLS")]
    calls: Vec<PathBuf>,
    /// The shape of the recordings; `auto` tells each file's from its content
    #[arg(long, value_name = "SHAPE", default_value = "auto", value_parser = shape_names())]
    from: String,
    /// The environment of calls whose recording does not say
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The agent of calls whose recording does not say
    #[arg(long, value_name = "ID")]
    agent_id: Option<String>,
    /// The agent type of calls whose recording does not say
    #[arg(long, value_name = "TYPE")]
    agent_type: Option<String>,
    /// The trust level of calls whose recording does not say
    #[arg(long, value_name = "LEVEL", value_parser = trust_levels())]
    trust_level: Option<String>,
    /// Write each decision as a JSON line to a file, whole or not at all
    #[arg(long, value_name = "FILE")]
    decisions: Option<PathBuf>,
    #[command(flatten)]
    audit: AuditArguments,
    #[command(flatten)]
    review: ReviewArguments,
    /// Stop at the first line that cannot be read
    #[arg(long)]
    strict: bool,
    /// Threads; the answer is the same with any number [default: one a core]
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Most rules that a bundle may have
    #[arg(long, value_name = "N", default_value_t = Limits::default().rules)]
    max_rules: usize,
    /// Most bytes that a bundle may have
    #[arg(long, value_name = "N", default_value_t = Limits::default().bytes)]
    max_bytes: usize,
    #[command(flatten)]
    clock: Clock,
    #[command(flatten)]
    base: Base,
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Write the answer to a file, whole or not at all, instead of to standard output; beside
    /// decisions (`jsonl`, `csv`), FILE.made-from.json names what they were made from
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Sign the answer: write a signature of every byte of it beside it, as FILE.sig; of decisions
    /// (`jsonl`, `csv`), sign FILE.made-from.json, which holds their digest
    #[arg(long, requires = "output", conflicts_with = "suggest")]
    sign_report: bool,
    #[command(flatten)]
    keys: KeyArguments,
}

/// What decides while a policy is drafted: nothing is let through.
const NO_POLICY: &[u8] = br#"{"version": "0", "generated_at": "1970-01-01T00:00:00Z",
    "expires_at": "9999-01-01T00:00:00Z", "rules": [], "defaults": {"outcome": "DENY"}}"#;

/// What is added to the name of a file of decisions for that of its manifest.
pub(crate) const MANIFEST_SUFFIX: &str = ".made-from.json";

/// How long a draft is valid.
const DRAFT_LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Human,
    /// One JSON document with a versioned `schema`
    Json,
    /// The decisions, a JSON line each, as they come
    Jsonl,
    /// The decisions for spreadsheets, a row each, as they come
    Csv,
    /// One page that loads nothing and runs nothing
    Html,
    /// GitHub-flavoured Markdown, for a comment or a step summary
    Markdown,
    /// The test cases as JUnit XML
    Junit,
    /// What belongs to lines of recordings, for code scanning
    Sarif,
    /// The same as GitHub annotations
    Github,
}

impl Format {
    /// Whether the answer is the decisions, written as they come.
    const fn is_streamed(self) -> bool {
        matches!(self, Self::Jsonl | Self::Csv)
    }
}

fn shape_names() -> clap::builder::PossibleValuesParser {
    let names = import::SHAPES.iter().map(|shape| shape.name());
    std::iter::once("auto")
        .chain(names)
        .collect::<Vec<_>>()
        .into()
}

pub(crate) fn trust_levels() -> clap::builder::PossibleValuesParser {
    TrustLevel::ALL.map(TrustLevel::as_str).into()
}

/// Runs the simulation and gives its answer.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    let limits = Limits {
        bytes: arguments.max_bytes,
        rules: arguments.max_rules,
        ..Limits::default()
    };
    let loader = Loader::new(&arguments.base, limits);
    let (bundle, digest) = policy(arguments, &loader, limits)?;
    let file = match &arguments.pipeline {
        Some(path) => loader.pipeline("pipeline", path)?,
        None => PipelineFile::default(),
    };
    let pipeline = pipeline(arguments, &file)?;
    arguments.review.check(pipeline.is_watched())?;
    let defaults = defaults(arguments, &file);
    let tools = file.tools.as_ref().map(Tools::new).unwrap_or_default();
    let max_events = file.max_events();
    // A registry may be large, and the plugins have their own.
    drop(file);
    let loaded = arguments.review.load(&loader)?;
    let keys = if arguments.sign_report {
        Some(arguments.keys.read()?)
    } else {
        None
    };
    let inputs = stream::inputs(&arguments.calls)?;
    let report_path = report_path(arguments);
    let signature = report_path.as_deref().filter(|_| arguments.sign_report);
    let signature = signature.map(beside);
    let log = arguments.audit.paths();
    let mut read = loader.paths();
    read.extend(output::files(&inputs));
    output::apart(
        &read,
        &[
            arguments.output.as_deref(),
            report_path
                .as_deref()
                .filter(|_| arguments.format.is_streamed()),
            signature.as_deref(),
            arguments.decisions.as_deref(),
            log.as_ref().map(|(log, _)| log.as_path()),
            log.as_ref()
                .and_then(|(_, checkpoints)| checkpoints.as_deref()),
            arguments.review.explain_all.as_deref(),
        ],
    )?;
    let options = Options {
        bundle: &bundle,
        pipeline: &pipeline,
        defaults,
        tools,
        shape: import::named(&arguments.from),
        threads: arguments.jobs.unwrap_or_else(one_a_core),
        digesting: if is_kept(arguments) {
            Digesting::On
        } else {
            Digesting::Off
        },
        unreadable: if arguments.strict {
            OnUnreadable::Stop
        } else {
            OnUnreadable::Count
        },
        max_events,
        seed: &digest,
        review: Review {
            drafting: if arguments.suggest {
                Drafting::On
            } else {
                Drafting::Off
            },
            ..loaded.review(&pipeline)
        },
    };
    let mut explanations = match &arguments.review.explain_all {
        Some(path) => Some((path, output::create(path)?)),
        None => None,
    };
    let mut decisions = match &arguments.decisions {
        Some(path) => Some((path, output::create(path)?)),
        None => None,
    };
    let mut audit = AuditLog::create(&arguments.audit)?;
    let mut streamed = Streamed::begin(arguments)?;
    let outputs = Outputs {
        decisions: match &mut decisions {
            Some((_, file)) => Some(file as &mut dyn Write),
            None => streamed.writer(),
        },
        audit: match &mut audit {
            Some(audit) => Some(audit.begin(&digest)?),
            None => None,
        },
        explanations: explanations
            .as_mut()
            .map(|(_, file)| file as &mut dyn Write),
    };
    let mut progress = Progress::new(global);
    let simulation = simulate::run(&inputs, &options, outputs, &mut |bytes| {
        progress.show(bytes)
    });
    progress.clear();
    let simulation = simulation?;
    if simulation.inputs.iter().all(|input| input.shape.is_none()) {
        return Err(nothing_recognised(&simulation));
    }
    if let Some(failure) = loaded.not_found(&simulation) {
        return Err(failure);
    }
    for (path, file) in decisions.into_iter().chain(explanations) {
        file.commit()
            .map_err(|error| output::not_written(path, error))?;
    }
    if let Some(audit) = audit {
        audit.commit()?;
    }
    if !global.quiet {
        warn(&simulation);
    }
    if arguments.suggest {
        return suggest(arguments, global, &simulation);
    }
    let answer = arguments.review.answer(&simulation);
    let custody = Custody {
        files: loader.into_files(),
        options: options_given(arguments),
    };
    let made_from = MadeFrom {
        policy: &bundle,
        digest: &digest,
        custody: &custody,
    };
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Human => output::for_people(&report::view(&simulation, &made_from), output),
        Format::Json => {
            json::render(&report::report(&simulation, &made_from)).map_err(io::Error::from)?
        }
        Format::Jsonl | Format::Csv => {
            let Some(file) = streamed.finish()? else {
                return Ok(answer);
            };
            json::render(&report::manifest(&simulation, &made_from, &file))
                .map_err(io::Error::from)?
        }
        Format::Html => html::render(&report::page(&simulation, &made_from)),
        Format::Markdown => markdown::of_view(&report::view(&simulation, &made_from)),
        Format::Junit => {
            let cases = simulation.reviewed.cases.clone().unwrap_or_default();
            let unreadable = simulation.coverage.cases_unreadable;
            let properties = made_from.properties_with(&simulation.inputs);
            junit::of_cases(&cases, unreadable, &properties)
        }
        Format::Sarif => {
            json::render(&sarif::of_simulation(&simulation, &made_from)).map_err(io::Error::from)?
        }
        Format::Github => github::render(&github::of_simulation(&simulation, &made_from)),
    };
    match (keys, &report_path) {
        (Some(keys), Some(path)) => sign_report::write(text.as_bytes(), path, &keys)?,
        _ => output::write(&text, report_path.as_deref())?,
    }
    Ok(answer)
}

/// The policy and its digest. What else was made of its text is not kept while calls are decided.
fn policy(
    arguments: &Arguments,
    loader: &Loader<'_>,
    limits: Limits,
) -> Result<(Bundle, String), Failure> {
    let loaded = match &arguments.policy {
        Some(path) => loader.bundle("policy", path)?,
        None => Bundle::load(NO_POLICY, "no policy", DocumentFormat::Json, limits)?,
    };
    let digest = loaded.digest();
    Ok((loaded.bundle, digest))
}

/// Whether the answer is one to be kept, which names the digests of the recordings. Tables for a
/// glance and decisions for a pipe need not wait for those.
fn is_kept(arguments: &Arguments) -> bool {
    match arguments.format {
        Format::Human | Format::Jsonl | Format::Csv => arguments.output.is_some(),
        Format::Json
        | Format::Html
        | Format::Markdown
        | Format::Junit
        | Format::Sarif
        | Format::Github => true,
    }
}

/// Where what the answer was made from is said: in the answer, or in a document beside it, if its
/// form has no place for that.
fn report_path(arguments: &Arguments) -> Option<PathBuf> {
    let mut path = arguments.output.clone()?;
    if arguments.format.is_streamed() {
        path.as_mut_os_string().push(MANIFEST_SUFFIX);
    }
    Some(path)
}

/// What was asked for, by the names of the options.
fn options_given(arguments: &Arguments) -> Map<String, Value> {
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let from = arguments.from.as_str();
    let failing = &arguments.fail_plugin;
    let own = [
        ("from", (from != "auto").then(|| Value::from(from))),
        ("environment", text(&arguments.environment)),
        ("agent-id", text(&arguments.agent_id)),
        ("agent-type", text(&arguments.agent_type)),
        ("trust-level", text(&arguments.trust_level)),
        (
            "fail-plugin",
            (!failing.is_empty()).then(|| Value::from(failing.as_slice())),
        ),
        ("strict", arguments.strict.then_some(Value::from(true))),
    ];
    let all = own.into_iter().chain(arguments.review.options());
    let given = all.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    given.collect()
}

/// Gives a draft of a policy for the answer.
fn suggest(
    arguments: &Arguments,
    global: &Global,
    simulation: &Simulation,
) -> Result<Answer, Failure> {
    let now = arguments.clock.now();
    let until = now.after(DRAFT_LIFE).unwrap_or(now);
    let draft = simulation.reviewed.draft(now, until);
    if !global.quiet {
        let note = |what: &str, count: u64| {
            if count > 0 {
                output::say(&format!("note: calls {what}: {}\n", grouped(count)));
            }
        };
        for (reason, count) in &draft.left_out {
            note(&format!("without a rule, {reason}"), *count);
        }
        note(
            "denied or refused then, that the draft leaves to a person",
            draft.left_to_a_person,
        );
        note(
            "denied or refused then, that the draft allows as it does others like them",
            draft.allowed_though_refused,
        );
    }
    let bundle = serde_json::to_value(&draft.bundle).map_err(io::Error::from)?;
    let order = [
        "version",
        "generated_at",
        "expires_at",
        "rules",
        "defaults",
        "metadata",
    ];
    let members = order
        .iter()
        .filter_map(|key| Some((*key, bundle.get(key)?)));
    output::write(&yaml::render(members), arguments.output.as_deref())?;
    Ok(Answer::Yes)
}

fn pipeline(arguments: &Arguments, file: &PipelineFile) -> Result<Pipeline, Failure> {
    let mut pipeline = Pipeline::new(file);
    for name in &arguments.fail_plugin {
        if !pipeline.sabotage(name) {
            return Err(Failure::Usage {
                message: format!("no plugin of the pipeline is called `{name}`"),
                help: "name a plugin of the file given by `--pipeline`",
            });
        }
    }
    Ok(pipeline)
}

/// What stands in for what a recording lacks.
fn defaults(arguments: &Arguments, file: &PipelineFile) -> Defaults {
    let trust_level = arguments.trust_level.as_ref();
    let flags = Defaults {
        environment: arguments.environment.clone(),
        agent_id: arguments.agent_id.clone(),
        agent_type: arguments.agent_type.clone(),
        trust_level: trust_level.and_then(|level| TrustLevel::parse(level.as_bytes())),
    };
    with_file(flags, file)
}

/// What stands in for what a recording lacks: flags first, then the pipeline file.
pub(crate) fn with_file(flags: Defaults, file: &PipelineFile) -> Defaults {
    let file = file.defaults.clone().unwrap_or_default();
    Defaults {
        environment: flags.environment.or(file.environment),
        agent_id: flags.agent_id.or(file.agent_id),
        agent_type: flags.agent_type.or(file.agent_type),
        trust_level: flags.trust_level.or(file.trust_level),
    }
}

fn one_a_core() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

fn nothing_recognised(simulation: &Simulation) -> Failure {
    let names: Vec<&str> = simulation
        .inputs
        .iter()
        .map(|input| input.name.as_str())
        .take(5)
        .collect();
    Failure::Usage {
        message: if names.is_empty() {
            "there are no recordings under the paths given".to_owned()
        } else {
            format!(
                "no recorded calls are recognised in `{}`",
                names.join("`, `")
            )
        },
        help: "recordings are JSON or JSON Lines; name their shape with `--from`",
    }
}

fn warn(simulation: &Simulation) {
    let mut text = String::new();
    for input in simulation
        .inputs
        .iter()
        .filter(|input| input.shape.is_none())
    {
        let name = terminal(&input.name);
        text.push_str(&format!(
            "warning: `{name}` is not recognised and was not read\n"
        ));
    }
    if simulation.coverage.calls_read == 0 {
        text.push_str("warning: there are no calls in the recordings\n");
    }
    if simulation.coverage.lines_unreadable > 0 {
        let count = grouped(simulation.coverage.lines_unreadable);
        text.push_str(&format!("warning: lines that could not be read: {count}\n"));
    }
    output::say(&text);
}
