//! `agent-spm verify`

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use agent_spm::diagnostic::Position;
use agent_spm::digest::hex;
use agent_spm::document::{Format as DocumentFormat, Limits, LoadError};
use agent_spm::report::github;
use agent_spm::report::json;
use agent_spm::report::problems;
use agent_spm::report::verify::{self as report, Checked, Unanswered, Verdict};
use agent_spm::signing::dsse::{self, Envelope, REPORT_TYPE};
use agent_spm::signing::keys::KeySet;
use agent_spm::signing::state::{Floors, MAX_STATE_BYTES};
use agent_spm::signing::verify::{
    self, Evidence, Input, Refusal, Refused, Terms, VerifyError, WeakKeys,
};
use agent_spm::source::{BaseDir, HeldFile, OpenError, read_limited};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cli::{Base, Clock, Global, Size};
use crate::exit::{Answer, Failure};
use crate::keys::KeyArguments;
use crate::output;
use crate::simulate::MANIFEST_SUFFIX;

/// Check signatures: is this signed by whom I trust, over all of it, and still valid?
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Bundles, JSON or YAML (`-` for standard input), signed directories, and signed reports
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArguments,
    /// A key that must have signed; may be given several times
    #[arg(long, value_name = "ID")]
    require_key: Vec<String>,
    /// How many different keys must have signed
    #[arg(long, value_name = "N", default_value = "1")]
    threshold: NonZeroUsize,
    /// Go on with a weak secret or a key file that others can read, and say so
    #[arg(long)]
    allow_weak_secret: bool,
    /// Verify FILE.sig, which covers every byte of FILE [default: only if FILE has no signature in it]
    #[arg(long)]
    detached: bool,
    /// Refuse revisions lower than this
    #[arg(long, value_name = "N")]
    min_revision: Option<u64>,
    /// Refuse revisions lower than the last one accepted, which this file remembers
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
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

/// The largest report that is read.
const MAX_REPORT_BYTES: usize = 64 * 1024 * 1024;

/// The forms of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Human,
    /// One JSON document with a versioned `schema`
    Json,
    /// GitHub annotations
    Github,
}

/// Verifies each file and gives the answer for all.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    let files = arguments.files.iter().map(PathBuf::as_path);
    let mut read = arguments.base.paths(files);
    read.extend(arguments.state.clone());
    output::apart(&read, &[arguments.output.as_deref()])?;
    let keys = keys(arguments)?;
    let mut state = match &arguments.state {
        Some(path) => Some(State::open(path)?),
        None => None,
    };
    let base = BaseDir::open(&arguments.base.base_dir)?;
    let at = arguments.clock.now();
    let mut results = Vec::new();
    for file in &arguments.files {
        let terms = Terms {
            keys: &keys,
            required: &arguments.require_key,
            threshold: arguments.threshold,
            weak_keys: if arguments.allow_weak_secret {
                WeakKeys::Noted
            } else {
                WeakKeys::Refused
            },
            at,
            min_revision: arguments.min_revision,
            floors: state.as_ref().map(|state| &state.floors),
        };
        let mut raised = state.as_ref().map(|state| state.floors.clone());
        let outcome = check(arguments, &base, file, &terms, raised.as_mut());
        if let (Some(state), Some(raised)) = (&mut state, raised) {
            state.floors = raised;
        }
        results.push(Checked {
            file: name(file),
            verdict: verdict(outcome, global),
        });
    }
    let answer = answer(&results);
    if answer == Answer::Yes
        && let Some(state) = &state
    {
        state.save()?;
    }
    let output = arguments.output.as_deref();
    let text = match arguments.format {
        Format::Human => output::for_people(&report::view(&results), output),
        Format::Json => json::render(&report::report(&results)).map_err(io::Error::from)?,
        Format::Github => github::render(&report::annotations(&results)),
    };
    match output::write(&text, output) {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        written => written.map(|()| answer),
    }
}

fn keys(arguments: &Arguments) -> Result<KeySet, Failure> {
    let reads_stdin = |file: &&PathBuf| file.as_path() == Path::new("-");
    let from_stdin = arguments.files.iter().filter(reads_stdin).count();
    if from_stdin + usize::from(arguments.keys.take_stdin()) > 1 {
        return Err(Failure::Usage {
            message: "standard input can be read only once".to_owned(),
            help: "give one of the files, or the secret, by its path",
        });
    }
    let keys = arguments.keys.read()?;
    match arguments
        .require_key
        .iter()
        .find(|id| keys.get(id).is_none())
    {
        Some(id) => Err(Failure::Usage {
            message: format!("the required key `{id}` is not among the keys given"),
            help: "a key is called as its file is, without `.hmac`, `.pub.pem` or `.key.pem`",
        }),
        None => Ok(keys),
    }
}

fn name(file: &Path) -> String {
    if file == Path::new("-") {
        "<stdin>".to_owned()
    } else {
        file.display().to_string()
    }
}

/// Verifies one policy, directory or report, and raises the floor to it if it is accepted.
fn check(
    arguments: &Arguments,
    base: &BaseDir,
    file: &Path,
    terms: &Terms<'_>,
    floors: Option<&mut Floors>,
) -> Result<Evidence, VerifyError> {
    let answer = check_policy(arguments, base, file, terms, floors);
    // What is no policy may be a report. A policy never is.
    if let Err(VerifyError::Load(_) | VerifyError::Open(OpenError::TooLarge { .. })) = &answer
        && let Some(envelope) = report_envelope(base, file)
    {
        let bytes = base.read(file, MAX_REPORT_BYTES)?;
        let evidence = verify::report(&bytes, &envelope, terms)?.evidence().clone();
        return match answer_differs(base, file, &bytes)? {
            Some(file) => Err(VerifyError::Refused(Box::new(Refused {
                refusal: Refusal::AnswerMismatch { file },
                evidence: Some(evidence),
                position: None,
            }))),
            None => Ok(evidence),
        };
    }
    answer
}

/// The name of the file that a manifest is beside, if that is not the answer that it names.
fn answer_differs(
    base: &BaseDir,
    manifest: &Path,
    bytes: &[u8],
) -> Result<Option<String>, OpenError> {
    let name = manifest.to_string_lossy();
    let Some(answer) = name.strip_suffix(MANIFEST_SUFFIX) else {
        return Ok(None);
    };
    let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let named = manifest.pointer("/answer/sha256").and_then(Value::as_str);
    let (_, digest) = base.sha256(Path::new(answer), u64::MAX)?;
    Ok((named != Some(hex(&digest).as_str())).then(|| answer.to_owned()))
}

/// The envelope beside a file, if it is one of a report.
fn report_envelope(base: &BaseDir, file: &Path) -> Option<Envelope> {
    let limits = Limits {
        bytes: envelope_limit(MAX_REPORT_BYTES),
        ..Limits::default()
    };
    let bytes = envelope(base, file, MAX_REPORT_BYTES).ok()?;
    let envelope = Envelope::load(&bytes, "", limits).ok()?;
    (envelope.payload_type == REPORT_TYPE).then_some(envelope)
}

/// Verifies one bundle or directory, and raises the floor to it if it is accepted.
fn check_policy(
    arguments: &Arguments,
    base: &BaseDir,
    file: &Path,
    terms: &Terms<'_>,
    floors: Option<&mut Floors>,
) -> Result<Evidence, VerifyError> {
    let limits = arguments.size.limits();
    let is_stdin = file == Path::new("-");
    if !is_stdin && base.is_directory(file) {
        let verified = verify::directory(base, file, limits, terms)?;
        if let Some(floors) = floors {
            verified.record(floors);
        }
        return Ok(verified.evidence().clone());
    }
    let name = name(file);
    let bytes = if is_stdin {
        read_limited(io::stdin(), Path::new(&name), limits.bytes)?
    } else {
        base.read(file, limits.bytes)?
    };
    let input = Input {
        bytes: &bytes,
        name: &name,
        format: DocumentFormat::of(&name, &bytes),
        limits,
    };
    let verified = if arguments.detached {
        verify::detached(input, &envelope(base, file, limits.bytes)?, terms)
    } else {
        match verify::bundle(input, terms) {
            // The signature may stand beside the file.
            Err(VerifyError::Refused(refused))
                if refused.refusal == Refusal::SignatureMissing && !is_stdin =>
            {
                match envelope(base, file, limits.bytes) {
                    Ok(envelope) => verify::detached(input, &envelope, terms),
                    Err(OpenError::NotFound { .. }) => Err(VerifyError::Refused(refused)),
                    Err(error) => Err(error.into()),
                }
            }
            verified => verified,
        }
    }?;
    if let Some(floors) = floors {
        verified.record(floors);
    }
    Ok(verified.evidence().clone())
}

/// Reads the envelope beside a file.
fn envelope(base: &BaseDir, file: &Path, limit: usize) -> Result<Vec<u8>, OpenError> {
    base.read(&beside(file), envelope_limit(limit))
}

/// How large the envelope of a file may be: base64 of the file, and some signatures.
const fn envelope_limit(limit: usize) -> usize {
    limit.saturating_mul(2).saturating_add(1 << 16)
}

/// The name of the envelope beside a file.
pub(crate) fn beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(dsse::SUFFIX);
    path.into()
}

fn verdict(outcome: Result<Evidence, VerifyError>, global: &Global) -> Verdict {
    match outcome {
        Ok(evidence) => Verdict::Verified(evidence),
        Err(VerifyError::Refused(refused)) => Verdict::Refused(refused),
        Err(VerifyError::Open(error)) => Verdict::Unanswered(Unanswered {
            code: error.code().to_owned(),
            message: error.to_string(),
            help: error.help().map(str::to_owned),
            position: None,
        }),
        Err(VerifyError::Load(error)) => {
            let width = output::MESSAGE_WIDTH;
            output::say(&problems::render(&error, global.style(), width));
            Verdict::Unanswered(malformed(&error))
        }
    }
}

/// The first problem stands for all; standard error has them all.
fn malformed(error: &LoadError) -> Unanswered {
    let first = error.problems.first();
    let position: Option<Position> = first.and_then(|problem| {
        let source = error.source.as_ref()?;
        Some(source.position(problem.span.start))
    });
    Unanswered {
        code: first.map_or("malformed", |problem| problem.code).to_owned(),
        message: error.to_string(),
        help: first.and_then(|problem| problem.help.clone()),
        position,
    }
}

/// No answer about one file is none about all; otherwise all must be verified.
fn answer(results: &[Checked]) -> Answer {
    let verdicts = || results.iter().map(|result| &result.verdict);
    if verdicts().any(|verdict| matches!(verdict, Verdict::Unanswered(_))) {
        Answer::None
    } else if verdicts().all(|verdict| matches!(verdict, Verdict::Verified(_))) {
        Answer::Yes
    } else {
        Answer::No
    }
}

/// The state file, held until the end of the run.
struct State {
    file: HeldFile,
    path: PathBuf,
    before: Option<Floors>,
    floors: Floors,
}

impl State {
    fn open(path: &Path) -> Result<Self, Failure> {
        let file = HeldFile::hold(path)?;
        let before = match file.read(MAX_STATE_BYTES)? {
            Some(bytes) => Some(Floors::load(&bytes, &path.display().to_string())?),
            None => None,
        };
        Ok(Self {
            file,
            path: path.to_owned(),
            floors: before.clone().unwrap_or_default(),
            before,
        })
    }

    fn save(&self) -> Result<(), Failure> {
        if self.before.as_ref() == Some(&self.floors) {
            return Ok(());
        }
        let text = self.floors.to_text().map_err(io::Error::from)?;
        self.file
            .replace(text.as_bytes())
            .map_err(|error| output::not_written(&self.path, error))
    }
}
