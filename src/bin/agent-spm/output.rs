//! Where answers and complaints go.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use agent_spm::report::escape::terminal;
use agent_spm::report::json;
use agent_spm::report::problems::{self, Style};
use agent_spm::report::{View, human, marked};
use agent_spm::source::output::AtomicFile;
use agent_spm::source::stream::Input;
use serde::Serialize;

use crate::cli::{Answering, Format};
use crate::exit::{Answer, Failure};

/// How the names of keys end.
const KEY_SUFFIXES: [&str; 3] = [".hmac", ".key.pem", ".pub.pem"];

/// How wide messages are where the terminal does not say.
pub(crate) const MESSAGE_WIDTH: usize = 100;

/// Gives the answer in the form and at the place that were asked for.
pub(crate) fn answer(
    answering: &Answering,
    view: impl FnOnce() -> View,
    report: &impl Serialize,
) -> Result<(), Failure> {
    let output = answering.output.as_deref();
    let text = match answering.format {
        Format::Human => for_people(&view(), output),
        Format::Json => json::render(report).map_err(io::Error::from)?,
    };
    write(&text, output)
}

/// The view as text, as wide as the terminal that it goes to.
pub(crate) fn for_people(view: &View, output: Option<&Path>) -> String {
    let width = match output {
        None if io::stdout().is_terminal() => terminal_width(),
        _ => None,
    };
    human::render(view, width)
}

/// Writes an answer to a file, whole or not at all, or to standard output.
pub(crate) fn write(text: &str, output: Option<&Path>) -> Result<(), Failure> {
    match output {
        Some(path) => {
            let mut file = create(path)?;
            file.write_all(text.as_bytes())
                .and_then(|()| file.commit())
                .map_err(|error| not_written(path, error))
        }
        None => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            Ok(stdout.flush()?)
        }
    }
}

/// Writes a report as JSON to a file, whole or not at all, or to standard output.
pub(crate) fn write_json(report: &impl Serialize, output: Option<&Path>) -> Result<(), Failure> {
    match output {
        Some(path) => {
            let mut out = BufWriter::new(create(path)?);
            json::write(report, &mut out)
                .and_then(|()| out.into_inner()?.commit())
                .map_err(|error| not_written(path, error))
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            json::write(report, &mut out)?;
            Ok(out.flush()?)
        }
    }
}

/// Makes sure that no answer takes the place of what is read, of evidence or a policy, say, or of
/// another answer.
pub(crate) fn apart(read: &[PathBuf], written: &[Option<&Path>]) -> Result<(), Failure> {
    let read: Vec<PathBuf> = read.iter().map(|path| place(path)).collect();
    let mut taken = Vec::new();
    for path in written.iter().flatten() {
        let place = place(path);
        let why = if read.contains(&place) {
            "is read, and would be overwritten"
        } else if taken.contains(&place) {
            "would be written twice"
        } else {
            taken.push(place);
            continue;
        };
        return Err(Failure::Usage {
            message: format!("`{}` {why}", path.display()),
            help: "give the answer another name",
        });
    }
    Ok(())
}

/// Where a path leads to, whether or not there is something.
fn place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).canonicalize();
        match (parent, path.file_name()) {
            (Ok(parent), Some(name)) => parent.join(name),
            _ => path.to_owned(),
        }
    })
}

/// The files among the inputs.
pub(crate) fn files(inputs: &[Input]) -> impl Iterator<Item = PathBuf> {
    inputs.iter().filter_map(|input| match input {
        Input::File(path) => Some(path.clone()),
        Input::Stdin => None,
    })
}

/// Begins a file that appears when it is committed.
pub(crate) fn create(path: &Path) -> Result<AtomicFile, Failure> {
    let name = path.to_string_lossy();
    if KEY_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) && path.exists() {
        return Err(Failure::Usage {
            message: format!("`{name}` is a key, and would be overwritten"),
            help: "give the answer another name",
        });
    }
    AtomicFile::create(path).map_err(|error| not_written(path, error))
}

/// Why a file was not written.
pub(crate) fn not_written(path: &Path, error: io::Error) -> Failure {
    Failure::Write {
        path: path.display().to_string(),
        error,
    }
}

/// Says on standard error why there is no answer.
pub(crate) fn complain(failure: &Failure, style: Style) {
    let mut text = String::new();
    if let Some(error) = failure.problems() {
        text.push_str(&problems::render(error, style, MESSAGE_WIDTH));
    }
    if let Failure::Lint { findings, .. } = failure {
        text.push_str(&marked::marks(findings, style, MESSAGE_WIDTH));
    }
    text.push_str(&format!("error: {}\n", terminal(&failure.to_string())));
    if let Some(help) = failure.help() {
        text.push_str(&format!("  help: {help}\n"));
    }
    say(&text);
}

/// Gives the help or the version that was asked for, or says what is wrong with the arguments.
pub(crate) fn usage(said: &clap::Error) -> Result<Answer, Failure> {
    if !said.use_stderr() {
        said.print()?;
        io::stdout().flush()?;
        return Ok(Answer::Yes);
    }
    let is_hidden = |text: &str| !matches!(terminal(text), Cow::Borrowed(_));
    if std::env::args_os().any(|argument| is_hidden(&argument.to_string_lossy())) {
        // What is quoted must not act on the terminal.
        for line in said.to_string().lines() {
            say(&format!("{}\n", terminal(line)));
        }
    } else {
        // There is nowhere to say that this failed.
        let _ = said.print();
    }
    Ok(Answer::None)
}

/// Writes to standard error. There is nowhere to say that this failed.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn terminal_width() -> Option<u16> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}
