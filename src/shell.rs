//! Which commands a shell would run for a text, and what rules say of them. Owns the reading of
//! shell text and of programs that run other programs; runs nothing and knows no requests.
//!
//! The reader accepts the part of the shell's language (POSIX.1-2024, XCU 2; GNU Bash Reference
//! Manual, 3) whose commands can be told without running anything, in one pass and with bounded
//! depth. It may find more commands than would run, never fewer: whatever it is not sure of is
//! [`CannotParse`], which is to be treated as not allowed.

mod glob;
mod reader;
mod rules;
#[cfg(test)]
mod tests;
mod word;
mod words;
mod wrappers;

use std::borrow::Cow;
use std::collections::BTreeSet;

pub use rules::{Action, CommandRules, Decision, Reason};
pub use words::Words;
pub use wrappers::check_variable;

/// Stands in the text of a word for a part that is known only when the command runs: a variable,
/// the output of a command. A word has no such character of its own.
pub const UNKNOWN: char = '\0';

/// Stands in the text of a word for what a pattern makes of the names of files: no `/`, and no dot
/// at the beginning of a name. A word has no such character of its own.
pub const FILE_NAMES: char = '\u{1}';

/// How deep commands may stand in commands.
const MAX_DEPTH: u32 = 16;

/// How often a text may be read again, as a whole, for commands that stand in commands.
const MAX_READINGS: usize = 2;

/// How many bytes may be read again of whatever text. What is shorter than a sixteenth of it can
/// stand in commands as deep as any.
const ALWAYS_READ: usize = 1 << 16;

/// One command with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The name and the arguments, quotes removed, with [`UNKNOWN`] and [`FILE_NAMES`] for what is
    /// not known. There is at least one word, and the first is known; it is `:`, which does
    /// nothing, for redirections without a command.
    pub words: Words,
    /// The files that its output is sent to, but for `/dev/null`.
    pub writes: Vec<String>,
    /// The files that its input comes from.
    pub reads: Vec<String>,
    /// Whether it acts by itself.
    pub role: Role,
}

/// Whether a command acts by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It does.
    Acts,
    /// It does nothing but run another, which is listed after it: `env`, `nohup`, `bash -c`.
    RunsAnother,
}

impl Command {
    /// The command as one line, words separated by one space: what patterns are matched with.
    pub fn text(&self) -> Cow<'_, str> {
        let mut text = Cow::Borrowed(self.words.line());
        for file in &self.writes {
            text.to_mut().push_str(" > ");
            text.to_mut().push_str(file);
        }
        text
    }
}

/// Why it cannot be told which commands a text runs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotParse {
    /// A quote, a substitution or a group is not closed.
    #[error("the command ends inside {0}")]
    Unterminated(&'static str),
    /// Something stands where the shell's grammar has no place for it, or where this reader has.
    #[error("the command has {what} at byte {at}")]
    Unexpected {
        /// What it is.
        what: &'static str,
        /// Where, in bytes from the start of the text or of the script inside it.
        at: usize,
    },
    /// The name of a command, or an argument that decides what is run, is not known beforehand.
    #[error("{0} is known only when the command runs")]
    Unknown(&'static str),
    /// A variable is set that decides what a name means.
    #[error("the command sets `{0}`, which decides what is run")]
    Environment(String),
    /// Commands stand in commands more than 16 deep.
    #[error("commands are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A long text stands in commands in commands.
    #[error("too much of the command stands in commands in commands")]
    TooLong,
}

/// What a shell would do for a text.
#[derive(Clone, Debug)]
pub struct Script {
    /// Every command, in the order in which they are completed: those of a substitution before the
    /// command that it stands in.
    pub commands: Vec<Command>,
    /// The variables that it reads, sets or hands on, by name; [`UNKNOWN`] for such as are known
    /// only when it runs, or all of them.
    pub variables: BTreeSet<String>,
}

impl Script {
    /// Reads a text.
    ///
    /// # Errors
    /// [`CannotParse`] when it cannot be told which commands it runs.
    pub fn parse(text: &str) -> Result<Self, CannotParse> {
        let mut commands = Vec::new();
        let variables = each_command(text, &mut |command| commands.push(command))?;
        Ok(Self {
            commands,
            variables,
        })
    }
}

/// Calls `take` with every command that a shell would run for a text, in the order of
/// [`Script::commands`]; the script's variables. What was taken before an error means nothing.
fn each_command(
    text: &str,
    take: &mut dyn FnMut(Command),
) -> Result<BTreeSet<String>, CannotParse> {
    let mut found = Found {
        take,
        variables: BTreeSet::new(),
        left: MAX_READINGS * text.len() + ALWAYS_READ,
    };
    reader::read(text.as_bytes(), 0, &mut found)?;
    Ok(found.variables)
}

/// What was found in a text so far.
struct Found<'c> {
    /// Takes the commands.
    take: &'c mut dyn FnMut(Command),
    variables: BTreeSet<String>,
    /// How many bytes may still be read again.
    left: usize,
}

impl Found<'_> {
    fn command(&mut self, command: Command) {
        (self.take)(command);
    }

    fn note_variable(&mut self, name: &str) {
        if !self.variables.contains(name) {
            self.variables.insert(name.to_owned());
        }
    }

    /// Counts the bytes of a command or a script that was found in a command.
    fn read_again(&mut self, bytes: usize) -> Result<(), CannotParse> {
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or(CannotParse::TooLong)?;
        Ok(())
    }
}

/// Every command that a shell would run for a text.
///
/// # Errors
/// As [`Script::parse`].
pub fn commands(text: &str) -> Result<Vec<Command>, CannotParse> {
    Script::parse(text).map(|script| script.commands)
}

/// Whether a part of a word is known only when the command runs.
fn is_unknown(text: &str) -> bool {
    memchr::memchr2(UNKNOWN as u8, FILE_NAMES as u8, text.as_bytes()).is_some()
}
