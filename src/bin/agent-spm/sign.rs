//! `agent-spm sign`

use std::path::{Path, PathBuf};
use std::time::Duration;

use agent_spm::document::{Format as DocumentFormat, Limits};
use agent_spm::report::escape::terminal;
use agent_spm::report::sign::{self as report, Done, Effect, NewKey};
use agent_spm::signing::directory::{LoadedManifest, MANIFEST_NAME};
use agent_spm::signing::dsse::Envelope;
use agent_spm::signing::keys::{Algorithm, Key, KeySet, generate};
use agent_spm::signing::sign::{self, Form, Identity, Note, Order, Revision, Signed};
use agent_spm::signing::verify::Input;
use agent_spm::source::{BaseDir, OpenError, private};
use agent_spm::time::parse_duration;
use clap::{Args, ValueEnum};
use zeroize::Zeroizing;

use crate::cli::{Answering, Base, Clock, Global, Size};
use crate::exit::{Answer, Failure};
use crate::keys::KeyArguments;
use crate::lint::Gate;
use crate::output;
use crate::verify::beside;

/// Sign bundles and directories in place: only the lines of signature, dates and revision change
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Bundles, JSON or YAML, and directories, which get a manifest of all their files
    #[arg(required_unless_present = "generate_key", value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    keys: KeyArguments,
    /// Sign with this key of the keys given; may be given several times [default: all that can sign]
    #[arg(long, value_name = "ID")]
    key: Vec<String>,
    /// The form of the signature [default: hmac for a shared secret, dsse for `--keys`]
    #[arg(long, value_name = "SCHEME", conflicts_with = "detached")]
    scheme: Option<Scheme>,
    /// Write FILE.sig, which covers every byte of FILE, comments included
    #[arg(long)]
    detached: bool,
    /// Set `generated_at` to the present and `expires_at` that much later, such as 90d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    expires_in: Option<Duration>,
    /// Make the revision one higher
    #[arg(long)]
    bump_revision: bool,
    /// Sign although `lint` finds errors
    #[arg(long)]
    no_lint: bool,
    /// Write nothing, and say whether signing would change anything
    #[arg(long)]
    check: bool,
    /// Make a key, `hmac` or `ed25519`, never over an existing file
    #[arg(
        long,
        num_args = 2,
        value_names = ["KIND", "DIR/NAME"],
        conflicts_with_all = ["files", "keys", "secret_file", "secret_env", "check"]
    )]
    generate_key: Option<Vec<String>>,
    #[command(flatten)]
    clock: Clock,
    #[command(flatten)]
    size: Size,
    #[command(flatten)]
    base: Base,
    #[command(flatten)]
    answering: Answering,
}

/// The forms of a signature in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scheme {
    /// HMAC-SHA256 of the payload with one shared secret, as the platform writes it
    Hmac,
    /// A list of signatures, one a key, HMAC-SHA256 or Ed25519
    Dsse,
    /// What runtime 0.3 takes for a signature: it leaves nearly everything open
    #[value(name = "shallow-0.3")]
    Shallow,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    parse_duration(text).ok_or("not a whole number and s, m, h, d or w, such as 90d")
}

/// Signs each file, or makes a key.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Answer, Failure> {
    if let Some(key) = &arguments.generate_key {
        return new_key(key, &arguments.answering);
    }
    let files = arguments.files.iter().map(PathBuf::as_path);
    let read = arguments.base.paths(files);
    output::apart(&read, &[arguments.answering.output.as_deref()])?;
    let keys = arguments.keys.read()?;
    let signers = signers(&keys, &arguments.key)?;
    let order = Order {
        keys: &signers,
        form: form(arguments),
        at: arguments.clock.now(),
        lifetime: arguments.expires_in,
        revision: if arguments.bump_revision {
            Revision::Bumped
        } else {
            Revision::Kept
        },
    };
    let base = BaseDir::open(&arguments.base.base_dir)?;
    let gate = match arguments.no_lint {
        true => None,
        false => Some(Gate::open(&base, arguments.size.limits(), order.at)?),
    };
    // All are signed before any is written, so that a bad one leaves all as they are.
    let plans = arguments
        .files
        .iter()
        .map(|file| {
            let plan = plan(arguments, &base, file, &order)?;
            match &gate {
                Some(gate) => linted(gate, &base, plan),
                None => Ok(plan),
            }
        })
        .collect::<Result<Vec<Plan>, Failure>>()?;
    let mut results = Vec::new();
    for plan in plans {
        let effect = match (plan.writes.is_empty(), arguments.check) {
            (true, _) => Effect::Unchanged,
            (false, true) => Effect::Wanting,
            (false, false) => {
                for (path, text) in &plan.writes {
                    base.replace(path, text.as_bytes())
                        .map_err(|error| output::not_written(path, error))?;
                }
                Effect::Written
            }
        };
        results.push(Done {
            file: plan.file.display().to_string(),
            signed: plan.signed,
            effect,
        });
    }
    if !global.quiet {
        warn(&results);
    }
    let is_wanting = results.iter().any(|done| done.effect == Effect::Wanting);
    let answer = if is_wanting { Answer::No } else { Answer::Yes };
    let answered = output::answer(
        &arguments.answering,
        || report::view(&results),
        &report::report(&results),
    );
    match answered {
        // Whoever reads no further still gets the answer as the exit code.
        Err(failure) if failure.is_closed_pipe() => Ok(answer),
        answered => answered.map(|()| answer),
    }
}

/// The keys that sign: those chosen, or all that can.
fn signers<'k>(keys: &'k KeySet, chosen: &[String]) -> Result<Vec<&'k Key>, Failure> {
    if chosen.is_empty() {
        return Ok(keys.iter().filter(|key| key.can_sign()).collect());
    }
    let find = |id: &String| {
        keys.get(id).ok_or_else(|| Failure::Usage {
            message: format!("the key `{id}` is not among the keys given"),
            help: "a key is called as its file is, without `.hmac` or `.key.pem`",
        })
    };
    let mut signers = chosen.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    signers.sort_unstable_by_key(|key| key.id());
    signers.dedup_by_key(|key| key.id());
    Ok(signers)
}

fn form(arguments: &Arguments) -> Form {
    match arguments.scheme {
        _ if arguments.detached => Form::Detached,
        Some(Scheme::Hmac) => Form::Plain,
        Some(Scheme::Dsse) => Form::Keyed,
        Some(Scheme::Shallow) => Form::Shallow,
        None if arguments.keys.has_named_keys() => Form::Keyed,
        None => Form::Plain,
    }
}

/// The plan, unless there are errors in what it signs.
fn linted(gate: &Gate, base: &BaseDir, plan: Plan) -> Result<Plan, Failure> {
    let name = plan.file.display().to_string();
    let errors = match base.is_directory(&plan.file) {
        true => gate.errors_below(base, &plan.file)?,
        false => gate.errors_of_text(&name, &plan.signed.text),
    };
    match errors {
        Some(findings) => Err(Failure::Lint { name, findings }),
        None => Ok(plan),
    }
}

/// What signing a file comes to.
struct Plan {
    file: PathBuf,
    signed: Signed,
    /// The files whose content changes.
    writes: Vec<(PathBuf, String)>,
}

fn plan(
    arguments: &Arguments,
    base: &BaseDir,
    file: &Path,
    order: &Order<'_>,
) -> Result<Plan, Failure> {
    if file == Path::new("-") {
        return Err(Failure::Usage {
            message: "standard input cannot be signed in place".to_owned(),
            help: "name a file",
        });
    }
    let limits = arguments.size.limits();
    if base.is_directory(file) {
        return plan_directory(base, file, limits, order);
    }
    let bytes = base.read(file, limits.bytes)?;
    let name = file.display().to_string();
    let input = Input {
        bytes: &bytes,
        name: &name,
        format: DocumentFormat::of(&name, &bytes),
        limits,
    };
    let beside = beside(file);
    let existing = match order.form {
        Form::Detached => read_if_there(base, &beside, limits.bytes.saturating_mul(3))?,
        _ => None,
    };
    // An envelope that cannot be read is replaced: its signatures are nobody's.
    let envelope = existing
        .as_deref()
        .and_then(|bytes| Envelope::load(bytes, &beside.display().to_string(), limits).ok());
    let signed = sign::bundle(input, envelope.as_ref(), order)?;
    let mut writes = Vec::new();
    if signed.text.as_bytes() != bytes {
        writes.push((file.to_owned(), signed.text.clone()));
    }
    if let Some(text) = &signed.envelope
        && existing.as_deref() != Some(text.as_bytes())
    {
        writes.push((beside, text.clone()));
    }
    Ok(Plan {
        file: file.to_owned(),
        signed,
        writes,
    })
}

fn plan_directory(
    base: &BaseDir,
    directory: &Path,
    limits: Limits,
    order: &Order<'_>,
) -> Result<Plan, Failure> {
    if !matches!(order.form, Form::Plain | Form::Keyed) {
        return Err(Failure::Usage {
            message: "a directory is signed in its manifest".to_owned(),
            help: "leave `--detached` and `--scheme shallow-0.3` out",
        });
    }
    let path = directory.join(MANIFEST_NAME);
    let existing = read_if_there(base, &path, limits.bytes)?;
    let loaded = match &existing {
        Some(bytes) => Some(LoadedManifest::load(
            bytes,
            &path.display().to_string(),
            limits,
        )?),
        None => None,
    };
    let id = base.name_of(directory);
    let identity = match &loaded {
        Some(loaded) => Identity::Signed(loaded),
        None => Identity::New(&id),
    };
    let signed = sign::directory(base, directory, identity, order)?;
    let mut writes = Vec::new();
    if existing.as_deref() != Some(signed.text.as_bytes()) {
        writes.push((path, signed.text.clone()));
    }
    Ok(Plan {
        file: directory.to_owned(),
        signed,
        writes,
    })
}

fn read_if_there(base: &BaseDir, path: &Path, limit: usize) -> Result<Option<Vec<u8>>, OpenError> {
    match base.read(path, limit) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(OpenError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn warn(results: &[Done]) {
    let mut text = String::new();
    for done in results {
        for note in &done.signed.notes {
            if !matches!(note, Note::LayoutNotCovered) {
                let (file, message) = (terminal(&done.file), note.message());
                text.push_str(&format!("warning: `{file}`: {}\n", terminal(&message)));
            }
        }
    }
    output::say(&text);
}

/// Makes a key in files beside each other.
fn new_key(arguments: &[String], answering: &Answering) -> Result<Answer, Failure> {
    let [kind, path] = arguments else {
        return Err(unknown_kind());
    };
    let algorithm = match kind.as_str() {
        "hmac" => Algorithm::HmacSha256,
        "ed25519" => Algorithm::Ed25519,
        _ => return Err(unknown_kind()),
    };
    let name = Path::new(path).file_name().and_then(|name| name.to_str());
    let Some(keyid) = name else {
        return Err(Failure::Usage {
            message: format!("`{path}` names no key"),
            help: "give a directory and the key's name, such as `keys/ci-2026`",
        });
    };
    let mut chance = Zeroizing::new([0; 32]);
    getrandom::fill(chance.as_mut_slice())?;
    let files = generate(algorithm, &chance).unwrap_or_default();
    let mut written: Vec<String> = Vec::new();
    for file in &files {
        let path = format!("{path}{}", file.suffix);
        let made = private::create(Path::new(&path), file.content.as_bytes(), file.access);
        if let Err(error) = made {
            // Half a key is none.
            for path in &written {
                let _ = std::fs::remove_file(path);
            }
            return Err(output::not_written(Path::new(&path), error));
        }
        written.push(path);
    }
    let key = NewKey {
        keyid: keyid.to_owned(),
        algorithm: algorithm.as_str(),
        files: written,
    };
    output::answer(
        answering,
        || report::key_view(&key),
        &report::key_report(&key),
    )?;
    Ok(Answer::Yes)
}

fn unknown_kind() -> Failure {
    Failure::Usage {
        message: "there is no such kind of key".to_owned(),
        help: "make an `hmac` or an `ed25519` key",
    }
}
