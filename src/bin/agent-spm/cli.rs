//! The arguments of all subcommands and those that they share.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use agent_spm::document::Limits;
use agent_spm::report::problems::Style;
use agent_spm::time::Timestamp;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{lint, replay, schema, sign, simulate, verify};

/// Author, check, sign and replay security policies for AI agents' tool calls, offline.
///
/// Exit codes, for every subcommand and format: 0 the answer is yes, 1 the answer is no, 2 there
/// is no answer (bad usage, unreadable or malformed input, an internal failure).
#[derive(Debug, Parser)]
#[command(name = "agent-spm", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Sign(Box<sign::Arguments>),
    Verify(Box<verify::Arguments>),
    Lint(Box<lint::Arguments>),
    Simulate(Box<simulate::Arguments>),
    AuditReplay(Box<replay::Arguments>),
    Schema(schema::Arguments),
}

/// What every subcommand takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Say nothing on standard error but why there is no answer
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours; NO_COLOR turns `auto` off
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    /// How standard error is written.
    pub(crate) fn style(&self) -> Style {
        self.style_of(std::io::stderr().is_terminal())
    }

    /// How an answer for people is written to a file, or to standard output.
    pub(crate) fn answer_style(&self, output: Option<&Path>) -> Style {
        self.style_of(output.is_none() && std::io::stdout().is_terminal())
    }

    fn style_of(&self, is_terminal: bool) -> Style {
        let coloured = match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                is_terminal && !refused
            }
        };
        if coloured {
            Style::Coloured
        } else {
            Style::Plain
        }
    }
}

/// Where policy files may be.
#[derive(Debug, Args)]
pub(crate) struct Base {
    /// The directory that no policy file may lie outside of, by `..` or by a link
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) base_dir: PathBuf,
}

impl Base {
    /// Where the files are that are named from here; standard input and Git's are none.
    pub(crate) fn paths<'p>(&self, named: impl IntoIterator<Item = &'p Path>) -> Vec<PathBuf> {
        let named = named.into_iter();
        let files = named.filter(|name| {
            let name = name.to_string_lossy();
            name != "-" && name != "<stdin>" && !name.starts_with("git:")
        });
        files.map(|name| self.base_dir.join(name)).collect()
    }
}

/// What time it is.
#[derive(Debug, Args)]
pub(crate) struct Clock {
    /// Take this for the present, RFC 3339 [default: the clock's]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Timestamp>,
}

impl Clock {
    /// The present.
    pub(crate) fn now(&self) -> Timestamp {
        self.at.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            let micros = since.map(|since| i64::try_from(since.as_micros()));
            // A clock before 1970 or beyond the year 294,000 is a broken one, and 1970 is late
            // for no document.
            Timestamp::from_micros(micros.map_or(0, |micros| micros.unwrap_or(0)))
        })
    }
}

fn instant(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text.as_bytes()).ok_or("not RFC 3339, such as 2026-01-15T10:30:00Z")
}

/// How large a document may be.
#[derive(Debug, Args)]
pub(crate) struct Size {
    /// Most rules that a bundle may have
    #[arg(long, value_name = "N", default_value_t = Limits::default().rules)]
    max_rules: usize,
    /// Most bytes that a bundle or manifest may have
    #[arg(long, value_name = "N", default_value_t = Limits::default().bytes)]
    max_bytes: usize,
    /// Most lists and objects inside each other
    #[arg(long, value_name = "N", default_value_t = Limits::default().depth)]
    max_depth: usize,
}

impl Size {
    /// The limits.
    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            bytes: self.max_bytes,
            depth: self.max_depth,
            rules: self.max_rules,
        }
    }
}

/// How the answer is given.
#[derive(Debug, Args)]
pub(crate) struct Answering {
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: Format,
    /// Write the answer to a file, whole or not at all, instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    Human,
    /// One JSON document with a versioned `schema`
    Json,
}
