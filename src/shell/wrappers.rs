//! Commands that run other commands. Owns how each finds the command among its arguments, from its
//! manual; what it cannot find is an error.

use std::sync::LazyLock;

use super::{
    CannotParse, Command, FILE_NAMES, Found, MAX_DEPTH, Role, UNKNOWN, Words, is_unknown, reader,
};

/// How a command takes the one that it runs.
struct Wrapper {
    names: &'static [&'static str],
    /// Options of one letter that take the next word if nothing follows them in theirs.
    with_value: &'static str,
    /// Long options that take the next word.
    long_with_value: &'static [&'static str],
    /// Words that stand between the options and the command.
    operands: usize,
    role: Role,
}

const WRAPPERS: &[Wrapper] = &[
    wrapper(
        &["env"],
        "uC",
        &["--unset", "--chdir"],
        0,
        Role::RunsAnother,
    ),
    wrapper(
        &["nohup", "setsid", "builtin", "command"],
        "",
        &[],
        0,
        Role::RunsAnother,
    ),
    wrapper(&["exec"], "a", &[], 0, Role::RunsAnother),
    wrapper(&["nice"], "n", &["--adjustment"], 0, Role::RunsAnother),
    wrapper(
        &["ionice"],
        "cnp",
        &["--class", "--classdata"],
        0,
        Role::RunsAnother,
    ),
    wrapper(
        &["timeout"],
        "sk",
        &["--signal", "--kill-after"],
        1,
        Role::RunsAnother,
    ),
    wrapper(
        &["stdbuf"],
        "ioe",
        &["--input", "--output", "--error"],
        0,
        Role::RunsAnother,
    ),
    wrapper(
        &["time", "gtime"],
        "fo",
        &["--format", "--output"],
        0,
        Role::RunsAnother,
    ),
    wrapper(
        &["xargs"],
        "EIPLdnsa",
        &[
            "--delimiter",
            "--max-args",
            "--max-procs",
            "--max-lines",
            "--arg-file",
            "--replace",
        ],
        0,
        Role::RunsAnother,
    ),
    // These also give rights, so they are to be allowed themselves.
    wrapper(
        &["sudo"],
        "ugphCTRDrtU",
        &[
            "--user", "--group", "--prompt", "--host", "--chdir", "--chroot", "--role", "--type",
        ],
        0,
        Role::Acts,
    ),
    wrapper(&["doas"], "uC", &[], 0, Role::Acts),
];

const fn wrapper(
    names: &'static [&'static str],
    with_value: &'static str,
    long_with_value: &'static [&'static str],
    operands: usize,
    role: Role,
) -> Wrapper {
    Wrapper {
        names,
        with_value,
        long_with_value,
        operands,
        role,
    }
}

/// A command that is more than a name with arguments.
#[derive(Clone, Copy)]
enum Known {
    Wrapper(&'static Wrapper),
    /// Reads a script from the argument after `-c`.
    Shell,
    /// Is not looked into, and may run anything that its arguments say.
    Opaque,
    Eval,
    Trap,
    Find,
    /// Sets variables.
    Declaration,
    /// Has to do with variables otherwise.
    Variables,
}

/// The known commands that are no wrappers.
const OTHERS: &[(&[&str], Known)] = &[
    (
        &["sh", "bash", "dash", "zsh", "ksh", "ash", "busybox sh"],
        Known::Shell,
    ),
    (&["parallel", "watch", "script", "expect"], Known::Opaque),
    (&["eval"], Known::Eval),
    (&["trap"], Known::Trap),
    (&["find", "fd"], Known::Find),
    (
        &["export", "declare", "typeset", "local", "readonly"],
        Known::Declaration,
    ),
    (&["unset", "read", "printenv", "set"], Known::Variables),
];

/// By the length of the name, the first letters of the known commands as bits. Most names are not
/// among them, which is cheap to see.
static FIRST_LETTERS: LazyLock<[u32; 16]> = LazyLock::new(|| {
    let mut letters = [0; 16];
    for name in known_names() {
        if let (Some(letters), Some(first)) = (letters.get_mut(name.len()), name.bytes().next()) {
            *letters |= letter(first);
        }
    }
    letters
});

/// A letter as a bit, others as some.
const fn letter(byte: u8) -> u32 {
    1 << (byte % 32)
}

fn known_names() -> impl Iterator<Item = &'static str> {
    let wrappers = WRAPPERS.iter().map(|wrapper| wrapper.names);
    let others = OTHERS.iter().map(|(names, _)| *names);
    wrappers.chain(others).flatten().copied()
}

impl Known {
    fn of(name: &str) -> Option<Self> {
        let letters = FIRST_LETTERS.get(name.len())?;
        if letters & letter(name.bytes().next()?) == 0 {
            return None;
        }
        let mut wrappers = WRAPPERS.iter();
        let wrapper = wrappers.find(|wrapper| wrapper.names.contains(&name));
        let mut others = OTHERS.iter();
        wrapper.map(Self::Wrapper).or_else(|| {
            let other = others.find(|(names, _)| names.contains(&name));
            other.map(|(_, known)| *known)
        })
    }
}

/// Variables that decide what a name means, and beginnings of such.
const DECISIVE: &[&str] = &[
    "PATH",
    "IFS",
    "BASH_ENV",
    "ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "PROMPT_COMMAND",
    "PS4",
    "LD_",
    "DYLD_",
    "BASH_FUNC_",
];

/// Refuses a variable that decides what a name means.
///
/// # Errors
/// [`CannotParse::Environment`] for `PATH`, `LD_PRELOAD` and their kin.
pub fn check_variable(name: &str) -> Result<(), CannotParse> {
    let is_decisive = DECISIVE
        .iter()
        .any(|decisive| match decisive.ends_with('_') {
            true => name.starts_with(decisive),
            false => name == *decisive,
        });
    match is_decisive {
        true => Err(CannotParse::Environment(name.to_owned())),
        false => Ok(()),
    }
}

/// Appends a command and those that it runs.
pub(super) fn resolve(
    mut command: Command,
    depth: u32,
    found: &mut Found<'_>,
) -> Result<(), CannotParse> {
    let (role, inner) = inner(&command.words, found)?;
    command.role = role;
    found.command(command);
    match inner {
        Inner::None => Ok(()),
        Inner::Commands(all) => all
            .into_iter()
            .try_for_each(|words| nested(words, depth, found)),
        Inner::Script(script) => {
            found.read_again(script.len())?;
            reader::read(script.as_bytes(), depth + 1, found)
        }
    }
}

/// What a command runs, and whether it does anything else.
fn inner(words: &Words, found: &mut Found<'_>) -> Result<(Role, Inner), CannotParse> {
    let mut arguments = words.iter();
    let first = arguments.next().unwrap_or_default();
    if is_unknown(first) {
        return Err(CannotParse::Unknown("the name of a command"));
    }
    let name = base_name(first);
    let Some(command) = Known::of(name) else {
        return Ok((Role::Acts, Inner::None));
    };
    note_variables(name, words, found);
    match command {
        Known::Opaque => {
            return Err(CannotParse::Unknown(
                "what `parallel`, `watch`, `script` or `expect` runs",
            ));
        }
        Known::Wrapper(wrapper) => {
            let count = wrapper.command(arguments.clone())?;
            let only_queries = name == "command" && matches!(arguments.next(), Some("-v" | "-V"));
            if count > 0 && !only_queries {
                let mut words = words.last(count);
                if name == "xargs" {
                    words.push("\0");
                }
                return Ok((wrapper.role, Inner::Commands(vec![words])));
            }
        }
        Known::Shell => {
            if let Some(script) = script_option(arguments)? {
                return Ok((Role::RunsAnother, Inner::Script(script.to_owned())));
            }
        }
        Known::Eval | Known::Trap => {
            let mut words = arguments.filter(|word| *word != "--");
            let script = match command {
                Known::Trap => words.next().unwrap_or_default().to_owned(),
                _ => words.collect::<Words>().line().to_owned(),
            };
            known(&script)?;
            return Ok((Role::RunsAnother, Inner::Script(script)));
        }
        Known::Find => {
            return Ok((Role::Acts, Inner::Commands(executed_by_find(arguments))));
        }
        Known::Declaration => {
            for word in arguments {
                let (name, _) = word.split_once('=').unwrap_or((word, ""));
                check_variable(name.trim_end_matches('+'))?;
            }
        }
        Known::Variables => {}
    }
    Ok((Role::Acts, Inner::None))
}

/// What a command runs that its arguments hold.
enum Inner {
    None,
    /// The words of each command.
    Commands(Vec<Words>),
    Script(String),
}

/// Notes the variables that a command sets or prints.
fn note_variables(name: &str, words: &Words, found: &mut Found<'_>) {
    let takes_names = matches!(
        name,
        "export" | "declare" | "typeset" | "local" | "readonly" | "unset" | "read" | "printenv"
    );
    let arguments = words.iter().skip(1);
    let mut named = arguments.filter(|word| !word.starts_with(['-', '+']));
    let takes_assignments = || memchr::memchr(b'=', words.line().as_bytes()).is_some();
    if takes_names || (name == "env" || name == "sudo") && takes_assignments() {
        let names = named.clone().filter_map(|word| {
            let name = word.split_once('=').map(|(name, _)| name);
            name.or(takes_names.then_some(word))
        });
        names
            .filter(|name| is_unknown(name) || is_name(name))
            .for_each(|name| found.note_variable(name));
    }
    // Without a name they print all there are.
    let prints = matches!(
        name,
        "env" | "printenv" | "set" | "export" | "declare" | "typeset"
    );
    if prints && named.next().is_none() {
        found.variables.insert(UNKNOWN.to_string());
    }
}

/// Appends a command that was found in the arguments of another.
fn nested(words: Words, depth: u32, found: &mut Found<'_>) -> Result<(), CannotParse> {
    if depth == MAX_DEPTH {
        return Err(CannotParse::TooDeep);
    }
    found.read_again(words.line().len())?;
    let command = Command {
        words,
        writes: Vec::new(),
        reads: Vec::new(),
        role: Role::Acts,
    };
    resolve(command, depth + 1, found)
}

/// The name without the directories before it.
pub(super) fn base_name(name: &str) -> &str {
    let slash = name.bytes().rposition(|byte| byte == b'/');
    slash.map_or(name, |slash| name.get(slash + 1..).unwrap_or_default())
}

fn known(word: &str) -> Result<(), CannotParse> {
    match is_unknown(word) {
        true => Err(CannotParse::Unknown("an argument that decides what is run")),
        false => Ok(()),
    }
}

impl Wrapper {
    /// How many of the arguments are the command: the last, or none when there is none.
    fn command<'w>(
        &self,
        mut rest: impl ExactSizeIterator<Item = &'w str> + Clone,
    ) -> Result<usize, CannotParse> {
        let mut operands = self.operands;
        while let Some(word) = rest.clone().next() {
            let assignment = word.split_once('=').map(|(name, _)| name);
            known(assignment.unwrap_or(word))?;
            if word == "--" {
                rest.next();
                skip(&mut rest, operands);
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                rest.next();
                if long.starts_with("split-string") {
                    return Err(CannotParse::Unknown("what `env -S` runs"));
                }
                if self.long_with_value.contains(&word) {
                    rest.next();
                }
            } else if let Some(letters) = word.strip_prefix('-').filter(|_| word != "-") {
                rest.next();
                if self.names.contains(&"env") && letters.contains('S') {
                    return Err(CannotParse::Unknown("what `env -S` runs"));
                }
                // The first letter that takes a value takes the rest of the word.
                let value = letters.find(|letter| self.with_value.contains(letter));
                if value.is_some_and(|at| at + 1 == letters.len()) {
                    rest.next();
                }
            } else if let Some(name) = assignment.filter(|name| is_name(name)) {
                check_variable(name)?;
                rest.next();
            } else if word == "-" && self.names.contains(&"env") {
                rest.next();
            } else if operands > 0 {
                operands = skip(&mut rest, 1).min(operands - 1);
            } else {
                break;
            }
        }
        Ok(rest.len())
    }
}

/// Skips words; how many were missing.
fn skip<'w>(words: &mut impl Iterator<Item = &'w str>, count: usize) -> usize {
    count - words.take(count).count()
}

fn is_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(is_letter)
}

/// The script after `-c`; `None` when a shell is given none.
fn script_option<'w>(
    mut rest: impl Iterator<Item = &'w str>,
) -> Result<Option<&'w str>, CannotParse> {
    let mut has_script = false;
    while let Some(word) = rest.next() {
        known(word)?;
        if word.starts_with("--") && word.len() > 2 {
            if matches!(word, "--rcfile" | "--init-file") {
                return Err(CannotParse::Unknown("what a start-up file runs"));
            }
        } else if let Some(letters) = word
            .strip_prefix(['-', '+'])
            .filter(|rest| !rest.is_empty() && *rest != "-")
        {
            has_script |= letters.contains('c');
            if letters.ends_with(['o', 'O']) {
                rest.next();
            }
        } else if has_script {
            return Ok(Some(word));
        } else if word != "--" {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The commands after `-exec` and its kin.
fn executed_by_find<'w>(mut arguments: impl Iterator<Item = &'w str>) -> Vec<Words> {
    const EXECUTES: &[&str] = &[
        "-exec",
        "-execdir",
        "-ok",
        "-okdir",
        "-x",
        "-X",
        "--exec",
        "--exec-batch",
    ];
    let mut commands = Vec::new();
    while let Some(word) = arguments.next() {
        if EXECUTES.contains(&word) {
            let mut words = Words::default();
            for word in arguments
                .by_ref()
                .take_while(|word| !matches!(*word, ";" | "+"))
            {
                match word.contains("{}") {
                    true => words.push(&word.replace("{}", &FILE_NAMES.to_string())),
                    false => words.push(word),
                }
            }
            if !words.is_empty() {
                commands.push(words);
            }
        }
    }
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_found() {
        for name in known_names() {
            assert!(Known::of(name).is_some(), "{name}");
        }
        for name in ["", "a", "env2", "bash5", &"e".repeat(100)] {
            assert!(Known::of(name).is_none(), "{name}");
        }
    }
}
