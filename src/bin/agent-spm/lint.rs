//! `agent-spm lint`

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agent_spm::lint::{
    self, Beside, Examined, Input, LINTS, Lint, Manual, Severity, Subject, Undecided,
};
use agent_spm::report::findings::{self, Findings, PassedOver};
use agent_spm::report::{Column, Section, View, json, lint as report, marked};
use agent_spm::source::{BaseDir, read_limited};
use agent_spm::time::parse_duration;
use clap::{Args, ValueEnum};

use crate::cli::{Base, Clock, Global, Size};
use crate::exit::{Answer, Failure};
use crate::output;
use crate::verify::beside;

/// Find everything wrong with bundles, pipeline files, registries and MCP manifests
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files (`-` for standard input) and directories, which are walked
    #[arg(required_unless_present_any = ["list", "explain"], value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// List all lints
    #[arg(long, conflicts_with_all = ["files", "explain"])]
    list: bool,
    /// Say what a lint finds and why it matters, with examples
    #[arg(long, value_name = "LINT", conflicts_with = "files")]
    explain: Option<String>,
    /// The least severity that makes the answer no
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    fail_on: Least,
    /// How long before its end a document is reported
    #[arg(long, value_name = "DURATION", default_value = "14d", value_parser = duration)]
    expiry_warning: Duration,
    /// Take what an analysis could not find out for an error
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    clock: Clock,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    base: Base,
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
    /// Marked source for people
    Human,
    /// One JSON document with a versioned `schema`
    Json,
}

/// The severities on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Least {
    /// Everything counts
    Note,
    /// Warnings and errors count
    Warning,
    /// Only errors count
    Error,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Note => Self::Note,
            Least::Warning => Self::Warning,
            Least::Error => Self::Error,
        }
    }
}

/// The most files and directories below one that is walked.
const MAX_ENTRIES: usize = 100_000;

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("not a whole number and s, m, h, d or w, such as 14d")
}

/// Lints all files and gives the answer for all.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    if arguments.list {
        return list(arguments);
    }
    if let Some(id) = &arguments.explain {
        return explain(arguments, id);
    }
    let read = read(arguments)?;
    let options = lint::Options {
        at: arguments.clock.now(),
        expiry_warning: arguments.expiry_warning,
        undecided: if arguments.strict {
            Undecided::Refused
        } else {
            Undecided::Noted
        },
    };
    let found = lint::run(&read.subjects, &options);
    let mut files = findings::of_documents(&read.subjects, found);
    files.extend(read.broken);
    let findings = Findings {
        files,
        passed_over: read.passed_over,
    };
    let least = Severity::from(arguments.fail_on);
    let counts = findings.all().any(|(_, shown)| shown.severity >= least);
    let answer = match (read.is_unanswered, counts) {
        (true, _) => Answer::None,
        (false, true) => Answer::No,
        (false, false) => Answer::Yes,
    };
    let text = match arguments.format {
        Format::Human => {
            let style = global.answer_style(arguments.output.as_deref());
            marked::render(&findings, style, output::MESSAGE_WIDTH)
        }
        Format::Json => json::render(&report::report(&findings)).map_err(io::Error::from)?,
    };
    match output::write(&text, arguments.output.as_deref()) {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        written => written.map(|()| answer),
    }
}

/// What the files turned out to be.
#[derive(Default)]
struct Read {
    subjects: Vec<Subject>,
    broken: Vec<findings::File>,
    passed_over: Vec<PassedOver>,
    /// Whether something that was named could not be linted.
    is_unanswered: bool,
}

/// How a file came to be linted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// It was named.
    Named,
    /// It lies in a directory that was named.
    Walked,
}

fn read(arguments: &Arguments) -> Result<Read, Failure> {
    let base = BaseDir::open(&arguments.base.base_dir)?;
    let limits = arguments.size.limits();
    let mut read = Read::default();
    for path in &arguments.files {
        if path == Path::new("-") {
            let bytes = read_limited(io::stdin(), Path::new("<stdin>"), limits.bytes)?;
            read.add(arguments, None, "<stdin>", &bytes, Found::Named);
        } else if base.is_directory(path) {
            for file in base.files_below(path, MAX_ENTRIES)?.files {
                let path = path.join(&file);
                if is_document(&file) {
                    let bytes = base.read(&path, limits.bytes)?;
                    read.add(
                        arguments,
                        Some(&base),
                        &path.display().to_string(),
                        &bytes,
                        Found::Walked,
                    );
                }
            }
        } else {
            let bytes = base.read(path, limits.bytes)?;
            read.add(
                arguments,
                Some(&base),
                &path.display().to_string(),
                &bytes,
                Found::Named,
            );
        }
    }
    Ok(read)
}

/// Whether a file of a directory may be a document, by its name.
fn is_document(name: &str) -> bool {
    let extension = Path::new(name)
        .extension()
        .and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| {
        ["json", "yaml", "yml"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

impl Read {
    fn add(
        &mut self,
        arguments: &Arguments,
        base: Option<&BaseDir>,
        name: &str,
        bytes: &[u8],
        found: Found,
    ) {
        let limits = arguments.size.limits();
        // Whether it is good is for `verify` to say.
        let envelope = base.map(|base| base.read(&beside(Path::new(name)), limits.bytes));
        let input = Input {
            bytes,
            name,
            limits,
            beside: match envelope {
                Some(Ok(_)) => Beside::Envelope,
                _ => Beside::Nothing,
            },
        };
        match lint::examine(input) {
            Examined::Document(subject) => self.subjects.push(*subject),
            Examined::Broken(error) => {
                self.is_unanswered |= found == Found::Named;
                self.broken.push(findings::of_broken(error));
            }
            Examined::Other { name } => {
                self.is_unanswered |= found == Found::Named;
                self.passed_over.push(PassedOver {
                    file: name,
                    reason: "neither a bundle, a pipeline file, a registry nor an MCP manifest"
                        .to_owned(),
                });
            }
        }
    }
}

fn list(arguments: &Arguments) -> Result<Answer, Failure> {
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Json => json::render(&report::list()).map_err(io::Error::from)?,
        Format::Human => {
            let row = |lint: &&Lint| {
                let manual = Manual::parse(lint.manual);
                vec![
                    lint.id.to_owned(),
                    lint.severity.as_str().to_owned(),
                    manual.title,
                ]
            };
            let section = Section {
                title: "Lints".to_owned(),
                columns: vec![
                    Column::text("lint"),
                    Column::text("severity"),
                    Column::text("what is found"),
                ],
                rows: LINTS.iter().map(row).collect(),
                note: None,
            };
            let view = View {
                sections: vec![section],
            };
            output::for_people(&view, output)
        }
    };
    output::write(&text, output)?;
    Ok(Answer::Yes)
}

fn explain(arguments: &Arguments, id: &str) -> Result<Answer, Failure> {
    let Some(lint) = lint::named(id) else {
        return Err(Failure::Usage {
            message: format!("there is no lint `{id}`"),
            help: "`agent-spm lint --list` names them all",
        });
    };
    let manual = Manual::parse(lint.manual);
    let text = format!(
        "{} ({})\n\n{}\n",
        lint.id,
        lint.severity.as_str(),
        manual.markdown
    );
    output::write(&text, arguments.output.as_deref())?;
    Ok(Answer::Yes)
}
