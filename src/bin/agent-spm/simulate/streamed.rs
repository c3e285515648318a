//! Decisions as the answer, written as they come: to standard output, or to a file that appears
//! whole when the run has ended well, with its digest.

use std::io::{self, BufWriter, Stdout, Write};
use std::path::PathBuf;

use agent_spm::digest::Sha256;
use agent_spm::report::csv;
use agent_spm::report::custody::SourceFile;
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
    File(PathBuf, Rows<Digested<AtomicFile>>),
}

/// Decisions as JSON lines, or as rows.
pub(super) enum Rows<W: Write> {
    Lines(W),
    Csv(csv::Decisions<W>),
}

/// What is written, with a digest of it.
pub(super) struct Digested<W> {
    out: W,
    digest: Sha256,
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
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
        if arguments.decisions.is_some() {
            return Err(Failure::Usage {
                message: "with this `--format`, the decisions are the answer".to_owned(),
                help: "leave `--decisions` out",
            });
        }
        Ok(match &arguments.output {
            None => Self::Output(Rows::new(format, BufWriter::new(io::stdout()))?),
            Some(path) => {
                let digested = Digested {
                    out: output::create(path)?,
                    digest: Sha256::default(),
                };
                let rows = Rows::new(format, digested);
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

    /// Ends them, and gives the file that they went to.
    pub(super) fn finish(self) -> Result<Option<SourceFile>, Failure> {
        match self {
            Self::No => Ok(None),
            Self::Output(rows) => {
                rows.into_inner().flush()?;
                Ok(None)
            }
            Self::File(path, rows) => {
                let Digested { out, digest } = rows.into_inner();
                out.commit()
                    .map_err(|error| output::not_written(&path, error))?;
                Ok(Some(SourceFile {
                    role: "decisions",
                    name: path.display().to_string(),
                    sha256: digest.hex(),
                }))
            }
        }
    }
}
