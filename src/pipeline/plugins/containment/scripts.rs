//! What the commands of a shell's text name. Owns which of their words can be paths, URLs and
//! variables; whether these are allowed is the sandbox's to say.

use super::sandbox::{Sandbox, Violation};
use crate::paths;
use crate::pipeline::commands::is_language;
use crate::shell::{Command, FILE_NAMES, Script, UNKNOWN};

const CANNOT_PARSE: Violation = "what a command touches cannot be told: it cannot be parsed";
const UNKNOWN_WORD: Violation = "what a command touches is known only when it runs";
const CODE: Violation = "a command runs code, of which it cannot be told what it touches";

/// Programs whose words are code in which paths stand in quotes.
const WITH_CODE: &[&str] = &[
    "awk", "gawk", "mawk", "nawk", "sed", "gsed", "jq", "sqlite3",
];

/// Checks what a text for a shell names.
pub(super) fn check(text: &str, sandbox: &Sandbox) -> Result<(), Violation> {
    let script = Script::parse(text).map_err(|_| CANNOT_PARSE)?;
    for name in &script.variables {
        match name.contains(UNKNOWN) {
            true => sandbox.unknown_variables()?,
            false => sandbox.variable(name)?,
        }
    }
    script
        .commands
        .iter()
        .try_for_each(|command| check_command(command, sandbox))
}

fn check_command(command: &Command, sandbox: &Sandbox) -> Result<(), Violation> {
    let mut arguments = command.words.iter();
    let Some(program) = arguments.next() else {
        return Ok(());
    };
    let name = program.rsplit('/').next().unwrap_or(program);
    let version = |c: char| c.is_ascii_digit() || c == '.';
    if is_language(name.trim_end_matches(version)) && arguments.clone().any(is_code) {
        return Err(CODE);
    }
    // Without a directory, or with `-`, they lead where nobody can tell.
    let goes = matches!(name, "cd" | "pushd" | "popd");
    if goes && sandbox.restricts_paths() && arguments.clone().all(|word| word.starts_with('-')) {
        return Err(UNKNOWN_WORD);
    }
    let has_code = WITH_CODE.contains(&name);
    let files = command.reads.iter().chain(&command.writes);
    for word in arguments.chain(files.map(String::as_str)) {
        check_part(word, sandbox)?;
        let value = word.split_once('=').map(|(_, value)| value);
        let option = word.strip_prefix('-').and_then(|option| {
            let path = option.find(['/', '~'])?;
            option.get(path..)
        });
        let mut parts = value
            .into_iter()
            .chain(word.strip_prefix('@'))
            .chain(option);
        parts.try_for_each(|part| check_part(part, sandbox))?;
        if has_code {
            let mut parts = word.split(|c: char| c.is_whitespace() || "'\"()<>|;,{}".contains(c));
            parts.try_for_each(|part| check_part(part, sandbox))?;
        }
    }
    Ok(())
}

/// Whether an argument of an interpreter is code, or says that the next one is.
fn is_code(word: &str) -> bool {
    match word.strip_prefix("--") {
        Some(long) => long.starts_with("eval") || long.starts_with("print"),
        None if word == "eval" => true,
        None => word.strip_prefix('-').is_some_and(|letters| {
            let letters = letters.chars().take_while(char::is_ascii_alphabetic);
            letters.into_iter().any(|letter| "ceEprC".contains(letter))
        }),
    }
}

/// Checks what may be a path or a URL by itself.
fn check_part(part: &str, sandbox: &Sandbox) -> Result<(), Violation> {
    if part.contains(UNKNOWN) {
        return match sandbox.restricts_paths() {
            true => Err(UNKNOWN_WORD),
            // What is unknown is no host that could be allowed.
            false => sandbox.value(part),
        };
    }
    if !part.contains(FILE_NAMES) {
        return sandbox.value(part);
    }
    // A pattern makes names, each of which takes its place; only one that begins with a dot can
    // make `..`, and where something is denied it may make that.
    let is_dotted = |name: &str| name.starts_with('.') && name.contains(FILE_NAMES);
    if sandbox.restricts_paths() && part.split('/').any(is_dotted) {
        return Err(UNKNOWN_WORD);
    }
    if sandbox.denies_paths() && paths::leaves(part) {
        return Err(UNKNOWN_WORD);
    }
    sandbox.value(&part.replace(FILE_NAMES, "x"))
}
