//! What a call would have a shell run. Owns which members of the arguments hold it; decides nothing.
//!
//! Tools differ: one string (`command`), the words of one command (`["bash", "-lc", "ls"]`), a
//! program and its arguments beside it, several scripts, code and its language. Everything that can
//! be meant becomes text for a shell, so that it is judged by every reading.

use std::collections::HashMap;

use super::arguments::{Member, MemberValue};
use crate::shell;

/// Why a call is blocked in which no command is found.
pub(super) const NONE: &str = "no member of the arguments is known to hold what is run";

/// How much longer words may be where they are put after commands. Once, they always may be: a
/// quote takes four bytes, an empty word three.
const MAX_GROWTH: usize = 4;

/// How many bytes of words may be put after commands whatever the length of the arguments.
const ALWAYS_PUT: usize = 1 << 16;

const UNCLEAR_NAME: &str = "what is run cannot be told: the name of a command has white space";
const NOT_TEXT: &str = "what is run cannot be told: it is no Unicode text";
const TOO_LONG: &str =
    "what is run cannot be told: too many commands have the same words after them";
const DECISIVE_VARIABLE: &str = "a variable is set that decides what is run";

/// Members that hold a command: a string for a shell, or an array of its words.
pub(super) const COMMAND: &[&str] = &[
    "bash",
    "bashcommand",
    "binary",
    "cmd",
    "cmdline",
    "command",
    "commandline",
    "commandtorun",
    "entrypoint",
    "exec",
    "executable",
    "line",
    "powershell",
    "run",
    "shellcommand",
    "shellscript",
];

/// Members that hold code, which may be a shell's: a string, or an array of lines or words.
const CODE: &[&str] = &[
    "code",
    "codeblock",
    "expression",
    "program",
    "script",
    "snippet",
    "source",
    "sourcecode",
    "statement",
];

/// Members that hold several commands, each a string or an array of words.
const COMMANDS: &[&str] = &[
    "cells",
    "cmds",
    "commands",
    "lines",
    "scripts",
    "statements",
    "steps",
];

/// Members that hold what is typed, where nothing else holds a command.
const TYPED: &[&str] = &["chars", "input", "keys", "keystrokes", "stdin", "text"];

/// Members that hold the words that follow the command beside them, or else all words of one.
const WORDS: &[&str] = &[
    "args",
    "arguments",
    "argv",
    "cmdargs",
    "commandargs",
    "commandarguments",
];

/// Members that say in which language the code beside them is.
const LANGUAGE: &[&str] = &["interpreter", "kernel", "lang", "language", "runtime"];

/// Languages in which code can do anything, so that allowing one allows everything. A call's word
/// for any other counts for nothing: its code is read as a shell's.
const LANGUAGES: &[&str] = &[
    "bun",
    "deno",
    "groovy",
    "ipython",
    "java",
    "javascript",
    "js",
    "julia",
    "kotlin",
    "lua",
    "node",
    "nodejs",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "py",
    "python",
    "python2",
    "python3",
    "r",
    "ruby",
    "scala",
    "swift",
    "ts",
    "typescript",
];

/// Members whose members are variables.
const VARIABLES: &[&str] = &[
    "env",
    "environ",
    "environment",
    "environmentvariables",
    "envs",
    "envvars",
];

/// Whether what a call says of the language of its code counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Languages {
    /// It does.
    AsNamed,
    /// Everything is for a shell.
    ShellOnly,
}

/// The scripts of a call, given the members of its arguments: texts for a shell, at least one.
///
/// # Errors
/// What a person is told when that cannot be found out.
pub(super) fn of(
    members: &[Member<'_>],
    languages: Languages,
) -> Result<Vec<String>, &'static str> {
    let mut finder = Finder::new(members, languages)?;
    finder.commands()?;
    for (position, member) in members.iter().enumerate() {
        if member.is_named(CODE) {
            finder.code(position, member)?;
        } else if member.is_named(COMMANDS) {
            finder.several(position, member)?;
        }
    }
    finder.words_alone();
    if finder.scripts.is_empty() {
        for (position, member) in members.iter().enumerate() {
            if member.is_named(TYPED) {
                finder.single(position, member)?;
            }
        }
    }
    match finder.scripts.is_empty() {
        true => Err(NONE),
        false => Ok(finder.scripts),
    }
}

/// The scripts of members that are called commands, for calls that need not run any.
///
/// # Errors
/// As [`of`].
pub(super) fn named(members: &[Member<'_>]) -> Result<Vec<String>, &'static str> {
    if !members.iter().any(|member| member.is_named(COMMAND)) {
        return Ok(Vec::new());
    }
    let mut finder = Finder::new(members, Languages::ShellOnly)?;
    finder.commands()?;
    Ok(finder.scripts)
}

/// Whether this is a language in which code can do anything.
pub(super) fn is_language(name: &str) -> bool {
    LANGUAGES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// Refuses variables that decide what a name means.
///
/// # Errors
/// What a person is told.
pub(super) fn check_variables(members: &[Member<'_>]) -> Result<(), &'static str> {
    for name in variables(members) {
        if shell::check_variable(str(name)?).is_err() {
            return Err(DECISIVE_VARIABLE);
        }
    }
    Ok(())
}

/// The names of the environment variables that the arguments set.
pub(super) fn variables<'r>(members: &[Member<'r>]) -> Vec<&'r [u8]> {
    let holds_variables = |position: usize| {
        let member = members.get(position);
        member.is_some_and(|member| member.is_named(VARIABLES))
    };
    let named = members.iter().filter_map(|member| {
        let holder = member.object.checked_sub(1);
        let in_array = holder.and_then(|holder| members.get(holder)?.array);
        if member.array.is_some_and(holds_variables) {
            // ["PATH=/tmp"]
            member.text()
        } else if member.array.is_none() && holder.is_some_and(holds_variables) {
            // {"PATH": "/tmp"}, and [{"name": "PATH", "value": "/tmp"}]
            match in_array {
                None => Some(member.key),
                Some(_) if member.is_named(&["name", "key", "variable"]) => member.text(),
                Some(_) if member.is_named(&["value"]) => None,
                Some(_) => Some(member.key),
            }
        } else {
            None
        }
    });
    let before_equals = |text: &'r [u8]| text.split(|&byte| byte == b'=').next();
    named.filter_map(before_equals).collect()
}

/// What is found so far. Objects and arrays go by their positions, as members name them.
struct Finder<'m, 'r> {
    members: &'m [Member<'r>],
    /// The strings and numbers in each array.
    elements: Map<Vec<&'r str>>,
    /// The words that follow the commands of each object, as text for a shell.
    words: Map<String>,
    /// The language of the code of each object.
    languages: Map<&'static str>,
    /// Objects with commands.
    commanding: Map<()>,
    scripts: Vec<String>,
    /// How many bytes of words may still be put after commands.
    left: usize,
}

type Map<T> = HashMap<usize, T, foldhash::fast::RandomState>;

impl<'m, 'r> Finder<'m, 'r> {
    fn new(members: &'m [Member<'r>], languages: Languages) -> Result<Self, &'static str> {
        let mut finder = Self {
            members,
            elements: Map::default(),
            words: Map::default(),
            languages: Map::default(),
            commanding: Map::default(),
            scripts: Vec::new(),
            left: ALWAYS_PUT,
        };
        for member in members {
            let Some(text) = member.text() else { continue };
            finder.left += MAX_GROWTH * (text.len() + 1);
            if let Some(array) = member.array {
                finder.elements.entry(array).or_default().push(str(text)?);
            }
        }
        for (position, member) in members.iter().enumerate() {
            if member.array.is_some() {
                continue;
            }
            if member.is_named(WORDS)
                && let Some(words) = finder.words_of(position, member)?
            {
                let known = finder.words.entry(member.object).or_default();
                known.push(' ');
                known.push_str(&words);
            }
            if languages == Languages::AsNamed
                && member.is_named(LANGUAGE)
                && let MemberValue::Text(text) = member.value
            {
                let known =
                    |known: &&&str| text.trim_ascii().eq_ignore_ascii_case(known.as_bytes());
                if let Some(language) = LANGUAGES.iter().find(known) {
                    finder.languages.insert(member.object, language);
                }
            }
        }
        Ok(finder)
    }

    fn words_of(
        &self,
        position: usize,
        member: &Member<'_>,
    ) -> Result<Option<String>, &'static str> {
        Ok(match (member.value, self.elements.get(&position)) {
            (MemberValue::Text(text), _) => Some(str(text)?.to_owned()),
            (_, Some(elements)) => Some(quoted(elements)),
            _ => None,
        })
    }

    /// Takes the members that hold one command each.
    fn commands(&mut self) -> Result<(), &'static str> {
        let members = self.members;
        for (position, member) in members.iter().enumerate() {
            if member.is_named(COMMAND) {
                self.single(position, member)?;
            }
        }
        Ok(())
    }

    /// Takes a member that holds one command: a string, or an array of words.
    fn single(&mut self, position: usize, member: &Member<'r>) -> Result<(), &'static str> {
        if let (MemberValue::Text(text), None) = (member.value, member.array) {
            self.add(member, str(text)?.to_owned())?;
        }
        let Some([name, ..]) = self.elements.get(&position).map(Vec::as_slice) else {
            return Ok(());
        };
        if name.contains(char::is_whitespace) {
            return Err(UNCLEAR_NAME);
        }
        let words = self.elements.get(&position).map(|all| quoted(all));
        self.add(member, words.unwrap_or_default())
    }

    /// Takes a member that holds code: a string, or an array of lines or words.
    fn code(&mut self, position: usize, member: &Member<'r>) -> Result<(), &'static str> {
        let Some(elements) = self.elements.get(&position) else {
            return self.single(position, member);
        };
        let has_spaces = elements
            .iter()
            .any(|text| text.contains(char::is_whitespace));
        let lines = elements.join("\n");
        self.add(member, lines)?;
        match has_spaces {
            true => Ok(()),
            false => self.single(position, member),
        }
    }

    /// Takes a member that holds several commands.
    fn several(&mut self, position: usize, member: &Member<'r>) -> Result<(), &'static str> {
        let Some(elements) = self.elements.get(&position) else {
            return self.single(position, member);
        };
        // An array in the array is one command; so is, maybe, an array of single words.
        let has_spaces = elements
            .iter()
            .any(|text| text.contains(char::is_whitespace));
        if member.array.is_none() {
            let scripts = elements.iter().map(|&text| text.to_owned());
            for script in scripts.collect::<Vec<_>>() {
                self.add(member, script)?;
            }
        }
        match has_spaces && member.array.is_none() {
            true => Ok(()),
            false => self.single(position, member),
        }
    }

    /// Adds a script that `member` holds, with the words that follow it.
    fn add(&mut self, member: &Member<'r>, text: String) -> Result<(), &'static str> {
        self.commanding.insert(member.object, ());
        let language = self.languages.get(&member.object);
        let words = self.words.get(&member.object).map_or("", String::as_str);
        self.left = self.left.checked_sub(words.len()).ok_or(TOO_LONG)?;
        let script = match language {
            Some(language) if member.is_named(CODE) => format!("{language} -c {}", quote(&text)),
            // Words after an open quote would change what comes before them.
            _ if !words.is_empty() && shell::commands(&text).is_err() => {
                self.scripts.push(text);
                return Ok(());
            }
            _ => text,
        };
        self.scripts.push(script + words);
        Ok(())
    }

    /// Takes the words that follow no command: they are one.
    fn words_alone(&mut self) {
        for (position, member) in self.members.iter().enumerate() {
            let is_alone = member.array.is_none()
                && member.is_named(WORDS)
                && !self.commanding.contains_key(&member.object);
            if is_alone && let Ok(Some(words)) = self.words_of(position, member) {
                self.scripts.push(words);
            }
        }
    }
}

fn str(text: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(text).map_err(|_| NOT_TEXT)
}

/// Words as text for a shell, which reads them as they are.
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| quote(word)).collect();
    words.join(" ")
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}
