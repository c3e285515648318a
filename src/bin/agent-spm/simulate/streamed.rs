//! Decisions as the answer, written as they come: to standard output, or to a file that appears
//! whole when the run has ended well.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;

use agent_spm::report::csv;
use agent_spm::source::output::AtomicFile;

use super::{Arguments, Format};
use crate::exit::Failure;
use crate::output;

/// Where the decisions go, if they are the answer.
pub(super) enum Streamed {
    /// They are not.
    No,
    /// To standard output.
    Output(Rows<BufWriter<Stdout>>),
    /// To a file.
    File(PathBuf, Rows<AtomicFile>),
}

/// Decisions as JSON lines, or as rows.
pub(super) enum Rows<W: Write> {
    Lines(W),
    Csv(csv::Decisions<W>),
}

impl<W: Write> Rows<W> {
    fn new(format: Format, out: W) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => Self::Csv(csv::Decisions::new(out)?),
            _ => Self::Lines(out),
        })
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Lines(out) => out,
            Self::Csv(out) => out,
        }
    }

    fn into_inner(self) -> W {
        match self {
            Self::Lines(out) => out,
            Self::Csv(out) => out.into_inner(),
        }
    }
}

impl Streamed {
    /// Begins what is asked for.
    pub(super) fn begin(arguments: &Arguments) -> Result<Self, Failure> {
        let format = arguments.format;
        if !format.is_streamed() {
            return Ok(Self::No);
        }
        if arguments.decisions.is_some() || arguments.sign_report {
            return Err(Failure::Usage {
                message: "with this `--format`, the decisions are the answer".to_owned(),
                help: "leave `--decisions` out; `--sign-report` signs the other formats",
            });
        }
        Ok(match &arguments.output {
            None => Self::Output(Rows::new(format, BufWriter::new(io::stdout()))?),
            Some(path) => {
                let rows = Rows::new(format, output::create(path)?);
                let rows = rows.map_err(|error| output::not_written(path, error))?;
                Self::File(path.clone(), rows)
            }
        })
    }

    /// Where the decisions go.
    pub(super) fn writer(&mut self) -> Option<&mut dyn Write> {
        match self {
            Self::No => None,
            Self::Output(rows) => Some(rows.writer()),
            Self::File(_, rows) => Some(rows.writer()),
        }
    }

    /// Ends them.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::No => Ok(()),
            Self::Output(rows) => Ok(rows.into_inner().flush()?),
            Self::File(path, rows) => {
                let committed = rows.into_inner().commit();
                committed.map_err(|error| output::not_written(&path, error))
            }
        }
    }
}
