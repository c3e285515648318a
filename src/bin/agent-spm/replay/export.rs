//! Events and incidents in the format of another product, instead of the report.

use std::io::{self, StdoutLock, Write};
use std::path::{Path, PathBuf};

use agent_spm::export::{self, Alert, Exporter, FORMATS, Format, Framing, Host, Records, Syslog};
use agent_spm::replay::Replay;
use agent_spm::report::grouped;
use agent_spm::source::output::AtomicFile;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, ValueEnum};

use crate::cli::Global;
use crate::exit::Failure;
use crate::output;

/// The format of another product.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Give the events and incidents in this format, instead of the report
    #[arg(long, value_name = "FORMAT", value_parser = formats(), conflicts_with = "format")]
    export: Option<String>,
    /// Send each record as a syslog message (RFC 5424), one told from the next by this
    #[arg(long, value_name = "FRAMING", requires = "export")]
    syslog: Option<SyslogFraming>,
    /// The name of the host in syslog messages
    #[arg(long, value_name = "NAME", requires = "syslog", value_parser = host)]
    syslog_host: Option<Host>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SyslogFraming {
    /// A line a message: for files
    Lines,
    /// Its length before each message (RFC 6587): for TCP and TLS
    Octets,
}

fn formats() -> PossibleValuesParser {
    let named = |format: &&dyn Format| PossibleValue::new(format.name()).help(format.about());
    FORMATS.iter().map(named).collect::<Vec<_>>().into()
}

fn host(name: &str) -> Result<Host, &'static str> {
    Host::new(name).ok_or("not 1 to 255 printable ASCII characters")
}

/// Where an export goes.
pub(crate) enum Out {
    /// A file that appears whole.
    File(AtomicFile, PathBuf),
    /// Standard output, as the records come.
    Stdout(StdoutLock<'static>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file, _) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file, _) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}

impl ExportArguments {
    /// Whether there is to be an export.
    pub(crate) const fn is_given(&self) -> bool {
        self.export.is_some()
    }

    /// Begins the export that is asked for.
    pub(crate) fn begin(&self, output: Option<&Path>) -> Result<Option<Exporter<Out>>, Failure> {
        let Some(format) = self.export.as_deref().and_then(export::named) else {
            return Ok(None);
        };
        let syslog = self.syslog.map(|framing| Syslog {
            framing: match framing {
                SyslogFraming::Lines => Framing::Lines,
                SyslogFraming::Octets => Framing::Octets,
            },
            host: self.syslog_host.clone(),
        });
        if syslog.is_some() && format.records() == Records::ByHeader {
            return Err(Failure::Usage {
                message: format!("`{}` is a table, not a message a record", format.name()),
                help: "send `cef`, `leef` or JSON by syslog, and CSV as a file",
            });
        }
        let out = match output {
            Some(path) => Out::File(output::create(path)?, path.to_owned()),
            None => Out::Stdout(io::stdout().lock()),
        };
        Ok(Some(Exporter::new(format, syslog, out)))
    }
}

/// Ends an export with the incidents, and says what was left out of it.
pub(crate) fn finish(
    mut export: Exporter<Out>,
    replay: &Replay,
    global: &Global,
) -> Result<(), Failure> {
    let found = replay.incidents.iter();
    for incident in found.flat_map(|found| &found.listed) {
        export.alert(&Alert::from(incident))?;
    }
    let (exported, out) = export.finish()?;
    if let Out::File(file, path) = out {
        file.commit()
            .map_err(|error| output::not_written(&path, error))?;
    }
    if exported.without_time > 0 && !global.quiet {
        let count = grouped(exported.without_time);
        output::say(&format!(
            "warning: events without a time, which this format must have, were left out: {count}\n"
        ));
    }
    Ok(())
}
