//! Commands that run other commands. Owns how each finds the command among its arguments, from its
//! manual; what it cannot find is an error.

use super::{
    CannotParse, Command, FILE_NAMES, MAX_DEPTH, Role, Script, UNKNOWN, Words, is_unknown, reader,
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

/// Programs that read a script from the argument after `-c`.
const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash", "busybox sh"];

/// What is not looked into, and may run anything that its arguments say.
const OPAQUE: &[&str] = &["parallel", "watch", "script", "expect"];

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
    found: &mut Script,
) -> Result<(), CannotParse> {
    let (role, inner) = inner(&command.words, found)?;
    command.role = role;
    found.commands.push(command);
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
fn inner(words: &Words, found: &mut Script) -> Result<(Role, Inner), CannotParse> {
    let mut arguments = words.iter();
    let first = arguments.next().unwrap_or_default();
    if is_unknown(first) {
        return Err(CannotParse::Unknown("the name of a command"));
    }
    let name = base_name(first);
    if OPAQUE.contains(&name) {
        return Err(CannotParse::Unknown(
            "what `parallel`, `watch`, `script` or `expect` runs",
        ));
    }
    note_variables(name, arguments.clone(), found);
    if let Some(wrapper) = WRAPPERS.iter().find(|known| known.names.contains(&name)) {
        let count = wrapper.command(arguments.clone())?;
        let only_queries = name == "command" && matches!(arguments.next(), Some("-v" | "-V"));
        if count > 0 && !only_queries {
            let mut words = words.last(count);
            if name == "xargs" {
                words.push("\0");
            }
            return Ok((wrapper.role, Inner::Commands(vec![words])));
        }
    } else if SHELLS.contains(&name) {
        if let Some(script) = script_option(arguments)? {
            return Ok((Role::RunsAnother, Inner::Script(script.to_owned())));
        }
    } else if name == "eval" || name == "trap" {
        let mut words = arguments.filter(|word| *word != "--");
        let script = match name {
            "trap" => words.next().unwrap_or_default().to_owned(),
            _ => words.collect::<Words>().line().to_owned(),
        };
        known(&script)?;
        return Ok((Role::RunsAnother, Inner::Script(script)));
    } else if name == "find" || name == "fd" {
        return Ok((Role::Acts, Inner::Commands(executed_by_find(arguments))));
    } else if matches!(
        name,
        "export" | "declare" | "typeset" | "local" | "readonly"
    ) {
        for word in arguments {
            let (name, _) = word.split_once('=').unwrap_or((word, ""));
            check_variable(name.trim_end_matches('+'))?;
        }
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
fn note_variables<'w>(
    name: &str,
    arguments: impl Iterator<Item = &'w str> + Clone,
    found: &mut Script,
) {
    let takes_names = matches!(
        name,
        "export" | "declare" | "typeset" | "local" | "readonly" | "unset" | "read" | "printenv"
    );
    let mut named = arguments.filter(|word| !word.starts_with(['-', '+']));
    if takes_names || name == "env" || name == "sudo" {
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
fn nested(words: Words, depth: u32, found: &mut Script) -> Result<(), CannotParse> {
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
    name.rsplit('/').next().unwrap_or(name)
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
