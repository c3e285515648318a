//! What the program ends with, the same for every subcommand and format.

use std::io;
use std::process::{ExitCode, Termination};

use agent_spm::document::LoadError;
use agent_spm::replay::ReplayError;
use agent_spm::report::findings::Findings;
use agent_spm::signing::keys::KeyError;
use agent_spm::signing::note::SignerError;
use agent_spm::signing::sign::SignError;
use agent_spm::simulate::SimulateError;
use agent_spm::source::OpenError;
use agent_spm::source::stream::StreamError;
use thiserror::Error as ThisError;

/// The answer that the exit code gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes: as it should be.
    Yes,
    /// No: refused, or not as it should be.
    No,
    /// There is none: bad usage, unreadable or malformed input, an internal failure.
    None,
}

impl Termination for Answer {
    fn report(self) -> ExitCode {
        match self {
            Self::Yes => ExitCode::from(0),
            Self::No => ExitCode::from(1),
            Self::None => ExitCode::from(2),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, ThisError)]
pub(crate) enum Failure {
    /// A file cannot be opened or read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A document is malformed.
    #[error("`{}` cannot be used", .0.name)]
    Load(#[from] LoadError),
    /// Keys cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Nothing was signed.
    #[error("{}", refusal(.0))]
    Sign(#[from] SignError),
    /// Nothing was signed, for what is wrong with it.
    #[error("`{name}` is not signed: it has lint errors (lint_errors)")]
    Lint {
        /// The file or directory.
        name: String,
        /// The errors.
        findings: Box<Findings>,
    },
    /// A recording cannot be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A simulation ended early.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// A log cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// A file cannot be written.
    #[error("cannot write `{path}`: {error}")]
    Write {
        /// Where to.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// A key signs no checkpoints.
    #[error("`{path}` cannot sign checkpoints: {error}")]
    Signer {
        /// The key.
        path: String,
        /// Why.
        error: SignerError,
    },
    /// There is no chance for a new key.
    #[error("the operating system gives no random bytes: {0}")]
    Chance(#[from] getrandom::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
    /// The arguments make no sense together, or with what they name.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: &'static str,
    },
}

impl Failure {
    /// What to do about it, if there is something to say.
    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Open(error) | Self::Stream(StreamError::Open(error)) => error.help(),
            Self::Key(error) => error.help(),
            Self::Sign(error) => error.help(),
            Self::Signer { error, .. } => Some(error.help()),
            Self::Usage { help, .. } => Some(help),
            Self::Lint { .. } => Some("mend them, or sign it all the same with `--no-lint`"),
            _ => None,
        }
    }

    /// True if the reader of standard output went away, which ends the program quietly.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        match self {
            Self::Output(error) | Self::Simulate(SimulateError::Decisions(error)) => {
                error.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        }
    }

    /// The document whose problems are to be shown.
    pub(crate) fn problems(&self) -> Option<&LoadError> {
        match self {
            Self::Load(error)
            | Self::Sign(SignError::Load(error))
            | Self::Simulate(SimulateError::Load(error)) => Some(error),
            _ => None,
        }
    }

    /// The exit code for it.
    pub(crate) fn answer(&self) -> Answer {
        match self {
            _ if self.is_closed_pipe() => Answer::Yes,
            Self::Sign(error) if error.refusal().is_some() => Answer::No,
            Self::Lint { .. } => Answer::No,
            _ => Answer::None,
        }
    }
}

/// A refusal with its code, as other refusals have one.
fn refusal(error: &SignError) -> String {
    match error.refusal() {
        Some(code) => format!("{error} ({code})"),
        None => error.to_string(),
    }
}
