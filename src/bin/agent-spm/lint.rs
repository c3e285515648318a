//! `agent-spm lint`

mod fix;
mod gate;
mod pages;
mod proofs;
mod read;
mod regexes;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use agent_spm::document::Limits;
use agent_spm::lint::{
    self, Allowed, Baseline, LoadedSettings, Order, Severity, Treatment, Undecided,
};
use agent_spm::model::settings::SETTINGS_NAME;
use agent_spm::report::escape::terminal;
use agent_spm::report::findings::{self, Findings};
use agent_spm::report::{compact, github, json, junit, lint as report, markdown, marked, sarif};
use agent_spm::source::{BaseDir, OpenError};
use agent_spm::time::parse_duration;
use clap::{Args, ValueEnum};

use crate::cli::{Base, Clock, Global, Size};
use crate::exit::{Answer, Failure};
use crate::keys::KeyArguments;
use crate::output;
pub(crate) use gate::Gate;
use read::{Read, read};
use regexes::Analysed;

/// Find everything wrong with bundles, pipeline files, registries and MCP manifests
///
/// What kind of document a file is, is told from its content. A document that cannot be loaded has
/// its problems reported beside everything else that is found in it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Files (`-` for standard input) and directories, which are walked
    #[arg(required_unless_present_any = [
        "list", "explain", "regex", "regex_file", "explain_regex", "diff"
    ], value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// List all lints
    #[arg(long, conflicts_with_all = ["files", "explain"])]
    list: bool,
    /// Say what a lint finds and why it matters, with examples
    #[arg(long, value_name = "LINT", conflicts_with = "files")]
    explain: Option<String>,
    /// Lint this pattern
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    regex: Vec<String>,
    /// Lint the patterns of a file (`-` for standard input), one a line as it stands
    #[arg(long, value_name = "FILE")]
    regex_file: Vec<PathBuf>,
    /// Lint this pattern, and show the run of the attack on it
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    explain_regex: Vec<String>,
    /// For each rule of the bundles, show a request that it decides, or why there is none
    #[arg(long, conflicts_with_all = ["regex", "regex_file", "explain_regex", "baseline", "fix"])]
    witness: bool,
    /// Show what two bundles, FILE or git:REV:PATH, decide differently, with a request for each
    /// pair of outcomes; or that no request can tell them apart
    #[arg(
        long,
        num_args = 2,
        value_names = ["OLD", "NEW"],
        conflicts_with_all = [
            "files", "witness", "assertions", "regex", "regex_file", "explain_regex", "baseline", "fix"
        ]
    )]
    diff: Option<Vec<String>>,
    /// Prove what this file asserts about the bundles, or show requests that refute it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "witness", "regex", "regex_file", "explain_regex", "baseline", "fix"
        ]
    )]
    assertions: Option<PathBuf>,
    /// The least severity that makes the answer no [default: warning]
    #[arg(long, value_name = "SEVERITY", env = "AGENT_SPM_FAIL_ON")]
    fail_on: Option<Least>,
    /// How long before its end a document is reported [default: 14d]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        env = "AGENT_SPM_EXPIRY_WARNING"
    )]
    expiry_warning: Option<Duration>,
    /// Take what an analysis could not find out for an error
    #[arg(long)]
    strict: bool,
    /// The settings: severities, and findings that are accepted for a while [default:
    /// .agent-spm.yaml in the base directory, if it is there]
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Mark the findings that this file lists as known; they do not count
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found to the file of `--baseline`
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
    /// Mend in place what can be mended without letting any call get further than before; only what
    /// has to change does
    #[arg(long, conflicts_with = "update_baseline")]
    fix: bool,
    /// Write nothing, and show what `--fix` would change as a unified diff
    #[arg(long, requires = "fix", conflicts_with = "format")]
    dry_run: bool,
    /// Mend also what lets calls get further, such as a prefix in a list that `ALLOW`s
    #[arg(long, requires = "fix")]
    unsafe_fixes: bool,
    #[command(flatten)]
    keys: KeyArguments,
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
    /// One line a finding
    Compact,
    /// One JSON document with a versioned `schema`
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub annotations
    Github,
    /// JUnit XML
    Junit,
    /// Markdown, for a comment on a pull request
    Markdown,
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

/// How long before its end a document is reported unless somebody says otherwise.
const EXPIRY_WARNING: Duration = Duration::from_secs(14 * 24 * 3600);

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("not a whole number and s, m, h, d or w, such as 14d")
}

/// Lints all files and gives the answer for all.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    let named = arguments.files.iter().chain(&arguments.regex_file);
    let named = named.chain(&arguments.assertions);
    let named = named.chain(&arguments.baseline).map(PathBuf::as_path);
    let compared = arguments.diff.iter().flatten().map(Path::new);
    let named = arguments.base.paths(named.chain(compared));
    output::apart(&named, &[arguments.output.as_deref()])?;
    if arguments.list {
        return pages::list(arguments);
    }
    if let Some(id) = &arguments.explain {
        return pages::explain(arguments, id);
    }
    if let Some([old, new]) = arguments.diff.as_deref() {
        return proofs::diff(arguments, old, new);
    }
    if let Some(path) = &arguments.assertions {
        return proofs::assertions(arguments, path);
    }
    if arguments.witness {
        return proofs::witness(arguments);
    }
    if arguments.fix && arguments.files.iter().any(|file| file == Path::new("-")) {
        return Err(Failure::Usage {
            message: "standard input cannot be mended in place".to_owned(),
            help: "name a file",
        });
    }
    let base = BaseDir::open(&arguments.base.base_dir)?;
    let limits = arguments.size.limits();
    let settings = settings(arguments.settings.as_deref(), limits, &base)?;
    let baseline = baseline(arguments, &base)?;
    let mut read = read(&arguments.files, limits, &base)?;
    let options = options(arguments, settings.as_ref())?;
    let mut fixed = Vec::new();
    if arguments.fix {
        let order = Order {
            options: &options,
            settings: settings.as_ref(),
            baseline: baseline.as_ref(),
            allowed: match arguments.unsafe_fixes {
                true => Allowed::All,
                false => Allowed::Safe,
            },
        };
        let plans = fix::plan(arguments, &base, &read, &order);
        if arguments.dry_run {
            return fix::show(arguments, global, &read, &plans);
        }
        fixed = fix::write(arguments, global, &base, &mut read, plans)?;
    }
    read.subjects.extend(regexes::read(arguments)?);
    let analysed = Analysed::of(&read.subjects);
    let found = lint::run_with(&read.subjects, &options, analysed.patterns.clone());
    let known = baseline.as_ref().filter(|_| !arguments.update_baseline);
    let treatment = lint::treat(&read.subjects, found, settings.as_ref(), known, &options);
    if arguments.update_baseline {
        return update(arguments, global, &base, &read, &treatment, baseline);
    }
    let is_unanswered = read.is_unanswered;
    let mut findings = findings(read, treatment, settings.as_ref());
    findings.fixed = fixed;
    let least = least(arguments, settings.as_ref());
    let counts = findings
        .all()
        .any(|(_, shown)| shown.counts() && shown.severity >= least);
    let answer = match (is_unanswered, counts) {
        (true, _) => Answer::None,
        (false, true) => Answer::No,
        (false, false) => Answer::Yes,
    };
    let text = render(arguments, global, &findings, &analysed)?;
    match output::write(&text, arguments.output.as_deref()) {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        written => written.map(|()| answer),
    }
}

/// The settings file that is named, or the one in the base directory if there is one.
fn settings(
    named: Option<&Path>,
    limits: Limits,
    base: &BaseDir,
) -> Result<Option<LoadedSettings>, Failure> {
    let path = named.unwrap_or(Path::new(SETTINGS_NAME));
    let bytes = match base.read(path, limits.bytes) {
        Err(OpenError::NotFound { .. }) if named.is_none() => return Ok(None),
        read => read?,
    };
    let name = path.display().to_string();
    Ok(Some(LoadedSettings::load(&bytes, &name, limits)?))
}

/// The baseline that is named; none yet if it is to be written.
fn baseline(arguments: &Arguments, base: &BaseDir) -> Result<Option<Baseline>, Failure> {
    let Some(path) = &arguments.baseline else {
        return Ok(None);
    };
    let limits = arguments.size.limits();
    let bytes = match base.read(path, limits.bytes.saturating_mul(16)) {
        Err(OpenError::NotFound { .. }) if arguments.update_baseline => return Ok(None),
        read => read?,
    };
    let limits = Limits {
        bytes: bytes.len(),
        ..limits
    };
    let name = path.display().to_string();
    Ok(Some(Baseline::load(&bytes, &name, limits)?))
}

fn options(
    arguments: &Arguments,
    settings: Option<&LoadedSettings>,
) -> Result<lint::Options, Failure> {
    let keys = arguments.keys.read()?;
    let setting = settings.and_then(|settings| settings.lint.expiry_warning.as_deref());
    let expiry_warning = arguments
        .expiry_warning
        .or_else(|| setting.and_then(parse_duration));
    Ok(lint::Options {
        at: arguments.clock.now(),
        expiry_warning: expiry_warning.unwrap_or(EXPIRY_WARNING),
        undecided: if arguments.strict {
            Undecided::Refused
        } else {
            Undecided::Noted
        },
        keys: (!keys.is_empty()).then(|| Rc::new(keys)),
    })
}

fn least(arguments: &Arguments, settings: Option<&LoadedSettings>) -> Severity {
    let setting = settings.and_then(|settings| settings.lint.fail_on);
    match (arguments.fail_on, setting) {
        (Some(least), _) => least.into(),
        (None, Some(level)) => level.into(),
        (None, None) => Severity::Warning,
    }
}

fn findings(read: Read, treatment: Treatment, settings: Option<&LoadedSettings>) -> Findings {
    let mut files = findings::of_documents(&read.subjects, treatment.documents);
    files.extend(read.broken);
    if let Some(settings) = settings
        && !treatment.settings.is_empty()
    {
        let document = &settings.document;
        files.push(findings::of_settings(document, treatment.settings));
    }
    Findings {
        files,
        passed_over: read.passed_over,
        absent: treatment.absent,
        fixed: Vec::new(),
    }
}

fn render(
    arguments: &Arguments,
    global: &Global,
    findings: &Findings,
    analysed: &Analysed,
) -> Result<String, Failure> {
    Ok(match arguments.format {
        Format::Human => {
            let style = global.answer_style(arguments.output.as_deref());
            let findings = marked::render(findings, style, output::MESSAGE_WIDTH);
            findings + &analysed.runs(arguments)
        }
        Format::Compact => compact::render(findings),
        Format::Json => {
            let report = report::report(findings, analysed.reports());
            json::render(&report).map_err(io::Error::from)?
        }
        Format::Sarif => json::render(&sarif::log(findings)).map_err(io::Error::from)?,
        Format::Github => github::render(&github::of_findings(findings)),
        Format::Junit => junit::render(findings),
        Format::Markdown => markdown::render(findings),
    })
}

/// Writes what was found as the new baseline. Of files that were not linted, what was known stays.
fn update(
    arguments: &Arguments,
    global: &Global,
    base: &BaseDir,
    read: &Read,
    treatment: &Treatment,
    before: Option<Baseline>,
) -> Result<Answer, Failure> {
    let Some(path) = &arguments.baseline else {
        return Ok(Answer::Yes);
    };
    let found = read.subjects.iter().zip(&treatment.documents);
    let found = found.flat_map(|(subject, treated)| {
        let name = subject.name.as_str();
        treated.iter().map(move |treated| (name, treated))
    });
    let linted: BTreeSet<&str> = read
        .subjects
        .iter()
        .map(|subject| subject.name.as_str())
        .collect();
    let mut baseline = Baseline::of(found);
    baseline.keep_others(before.unwrap_or_default(), &linted);
    let text = baseline.to_text().map_err(io::Error::from)?;
    base.replace(path, text.as_bytes())
        .map_err(|error| output::not_written(path, error))?;
    if !global.quiet {
        let name = path.display().to_string();
        let count = baseline.len();
        output::say(&format!("`{}` lists {count} findings\n", terminal(&name)));
    }
    Ok(if read.is_unanswered {
        Answer::None
    } else {
        Answer::Yes
    })
}
