//! The shell's grammar down to simple commands. Owns lists, compound commands, redirections and
//! here-documents; what words are is in `word`.

use super::word::Word;
use super::{CannotParse, Command, Found, MAX_DEPTH, Role, Words, wrappers};

/// Reads a script and appends its commands.
pub(super) fn read(text: &[u8], depth: u32, found: &mut Found<'_>) -> Result<(), CannotParse> {
    let mut reader = Reader::new(text, depth, found)?;
    reader.list(Until::End).map(drop)
}

/// A position in a script.
pub(super) struct Reader<'t, 'f, 'c> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) found: &'f mut Found<'c>,
    /// What the last word was kept in, for the next.
    pub(super) spare: Vec<u8>,
    /// Here-documents whose bodies start at the next line.
    pending: Vec<HereDocument>,
}

/// A here-document that was announced.
struct HereDocument {
    delimiter: Vec<u8>,
    is_quoted: bool,
    strips_tabs: bool,
}

/// The files that redirections name.
#[derive(Default)]
struct Files {
    reads: Vec<String>,
    writes: Vec<String>,
}

const INNER_PARENTHESIS: &str = "a `(` inside a command";

/// What ends a list of commands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The end of the text.
    End,
    /// A `)`.
    Parenthesis,
    /// `;;`, `;&`, `;;&` or `esac`.
    Case,
}

/// What a list or a command ended with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Normally,
    WithEsac,
}

impl<'t, 'f, 'c> Reader<'t, 'f, 'c> {
    pub(super) fn new(
        text: &'t [u8],
        depth: u32,
        found: &'f mut Found<'c>,
    ) -> Result<Self, CannotParse> {
        if depth > MAX_DEPTH {
            return Err(CannotParse::TooDeep);
        }
        let reader = Self {
            text,
            at: 0,
            depth,
            found,
            spare: Vec::new(),
            pending: Vec::new(),
        };
        // These are how the unknown is written.
        match memchr::memchr2(0, 1, text) {
            Some(at) => Err(CannotParse::Unexpected {
                what: "a control character",
                at,
            }),
            None => Ok(reader),
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn peek_after(&self, count: usize) -> Option<u8> {
        self.text.get(self.at + count).copied()
    }

    pub(super) fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn unexpected(&self, what: &'static str) -> CannotParse {
        CannotParse::Unexpected { what, at: self.at }
    }

    /// Skips spaces, tabs and continued lines.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\\', b'\n', ..] => self.at += 2,
                _ => return,
            }
        }
    }

    /// Skips blanks, line ends and comments.
    pub(super) fn skip_lines(&mut self) -> Result<(), CannotParse> {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.newline(0)?,
                Some(b'#') => self.skip_comment(),
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Reads what stands between parentheses of which the first was read.
    pub(super) fn parenthesized(&mut self) -> Result<(), CannotParse> {
        self.deeper(|reader| reader.list(Until::Parenthesis).map(drop))
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, CannotParse>,
    ) -> Result<T, CannotParse> {
        if self.depth == MAX_DEPTH {
            return Err(CannotParse::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn list(&mut self, until: Until) -> Result<Ended, CannotParse> {
        let announced = self.pending.len();
        loop {
            self.skip_blanks();
            match self.rest() {
                [] if until == Until::End => return Ok(Ended::Normally),
                [] if until == Until::Case => return Err(CannotParse::Unterminated("a `case`")),
                [] => return Err(CannotParse::Unterminated("parentheses")),
                [b'\n', ..] => self.newline(announced)?,
                [b'#', ..] => self.skip_comment(),
                [b';', b';' | b'&', rest @ ..] if until == Until::Case => {
                    self.at += if rest.first() == Some(&b'&') { 3 } else { 2 };
                    return Ok(Ended::Normally);
                }
                [b'&', b'>', ..] => drop(self.command()?),
                [b';' | b'&' | b'|', ..] => self.at += 1,
                [b')', ..] if until == Until::Parenthesis => {
                    self.at += 1;
                    // A here-document whose body would start outside.
                    return match self.pending.len() == announced {
                        true => Ok(Ended::Normally),
                        false => Err(self.unexpected("a here-document without its text")),
                    };
                }
                [b')', ..] => return Err(self.unexpected("a `)` without its `(`")),
                [b'(', b'(', ..] => return Err(self.unexpected("an arithmetic command")),
                [b'(', ..] => {
                    self.at += 1;
                    self.parenthesized()?;
                }
                _ => {
                    if self.command()? == Ended::WithEsac {
                        return match until {
                            Until::Case => Ok(Ended::WithEsac),
                            _ => Err(self.unexpected("an `esac` without its `case`")),
                        };
                    }
                }
            }
        }
    }

    /// Reads one simple command, or the reserved word that starts or ends a compound one.
    fn command(&mut self) -> Result<Ended, CannotParse> {
        let mut words = Words::default();
        let mut has_plain_name = false;
        let mut files = Files::default();
        let mut is_started = false;
        loop {
            self.skip_blanks();
            match self.rest() {
                [] | [b'\n' | b';' | b'|' | b')', ..] => break,
                [b'&', next, ..] if *next != b'>' => break,
                [b'&'] => break,
                [b'#', ..] => {
                    self.skip_comment();
                    break;
                }
                [b'(', ..] if has_plain_name && words.len() == 1 => {
                    return self.function().map(|()| Ended::Normally);
                }
                [b'(', ..] => return Err(self.unexpected(INNER_PARENTHESIS)),
                [b'<' | b'>', next, ..] if *next != b'(' => {
                    is_started = true;
                    self.redirection(&mut files)?;
                }
                [b'&', b'>', ..] | [b'<' | b'>'] => {
                    is_started = true;
                    self.redirection(&mut files)?;
                }
                _ => {
                    let word = self.word()?;
                    let is_descriptor = !word.is_quoted
                        && !word.text.is_empty()
                        && word.text.iter().all(u8::is_ascii_digit)
                        && matches!(self.peek(), Some(b'<' | b'>'));
                    if is_descriptor {
                        continue;
                    }
                    if words.is_empty()
                        && !is_started
                        && let Some(ended) = self.reserved(&word)?
                    {
                        return Ok(ended);
                    }
                    is_started = true;
                    if !words.is_empty() {
                        words.push(&word.known());
                    } else if let Some(name) = word.assigned_name() {
                        wrappers::check_variable(name)?;
                        self.found.note_variable(name);
                    } else {
                        has_plain_name = word.is_plain();
                        words.push(&word.known());
                    }
                    self.spare = word.text;
                }
            }
        }
        let Files { reads, writes } = files;
        let mut command = Command {
            words,
            writes,
            reads,
            role: Role::Acts,
        };
        if !command.words.is_empty() {
            wrappers::resolve(command, self.depth, self.found)?;
        } else if !command.reads.is_empty() || !command.writes.is_empty() {
            // What stands before it, as a loop or a group, was read already. Files that are only
            // read are nobody's business but the commands' that read them.
            if command.writes.is_empty() {
                command.role = Role::RunsAnother;
            }
            command.words.push(":");
            self.found.command(command);
        }
        Ok(Ended::Normally)
    }

    /// Reads what a reserved word announces; `None` if the word is not reserved.
    fn reserved(&mut self, word: &Word) -> Result<Option<Ended>, CannotParse> {
        if word.is_quoted {
            return Ok(None);
        }
        match word.text.as_slice() {
            b"if" | b"then" | b"elif" | b"else" | b"fi" | b"while" | b"until" | b"do" | b"done"
            | b"{" | b"}" | b"!" => {}
            b"time" => {
                self.skip_blanks();
                if self.rest().starts_with(b"-p ") {
                    self.at += 2;
                }
            }
            b"esac" => return Ok(Some(Ended::WithEsac)),
            b"for" | b"select" => self.loop_head()?,
            b"case" => self.deeper(Self::case)?,
            b"[[" => self.condition()?,
            b"function" => {
                self.skip_blanks();
                let name = self.word()?;
                self.skip_blanks();
                match self.peek() {
                    Some(b'(') if name.is_plain() => self.function()?,
                    Some(b'(') => return Err(self.unexpected(INNER_PARENTHESIS)),
                    _ => {}
                }
            }
            b"coproc" => return Err(self.unexpected("a coprocess")),
            _ => return Ok(None),
        }
        Ok(Some(Ended::Normally))
    }

    /// Reads the `()` of a function's definition. Its body follows as a command.
    fn function(&mut self) -> Result<(), CannotParse> {
        self.at += 1;
        self.skip_blanks();
        if self.peek() != Some(b')') {
            return Err(self.unexpected(INNER_PARENTHESIS));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads the name and the words of a `for`.
    fn loop_head(&mut self) -> Result<(), CannotParse> {
        self.skip_blanks();
        if self.peek() == Some(b'(') {
            return Err(self.unexpected("an arithmetic loop"));
        }
        let name = self.word()?;
        wrappers::check_variable(&name.known())?;
        self.found.note_variable(&name.known());
        self.skip_lines()?;
        if !self.keyword(b"in") {
            return Ok(());
        }
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some(b';' | b'\n') => return Ok(()),
                Some(b'#') => self.skip_comment(),
                _ => self.nonempty_word()?,
            }
        }
    }

    /// Reads a reserved word, if it stands here.
    fn keyword(&mut self, word: &[u8]) -> bool {
        let after = self.rest().strip_prefix(word);
        let stands = after.is_some_and(|after| {
            let next = after.first();
            next.is_none_or(|byte| byte.is_ascii_whitespace() || b";&|<>()".contains(byte))
        });
        if stands {
            self.at += word.len();
        }
        stands
    }

    fn nonempty_word(&mut self) -> Result<(), CannotParse> {
        let before = self.at;
        self.word()?;
        if self.at == before {
            return Err(self.unexpected("an operator where a word should be"));
        }
        Ok(())
    }

    fn case(&mut self) -> Result<(), CannotParse> {
        self.skip_blanks();
        self.nonempty_word()?;
        self.skip_lines()?;
        if !self.keyword(b"in") {
            return Err(self.unexpected("a `case` without `in`"));
        }
        loop {
            self.skip_lines()?;
            if self.peek() == Some(b'(') {
                self.at += 1;
            } else if self.keyword(b"esac") {
                return Ok(());
            }
            loop {
                self.skip_blanks();
                match self.peek() {
                    Some(b'|') => self.at += 1,
                    Some(b')') => break,
                    _ => self.nonempty_word()?,
                }
            }
            self.at += 1;
            if self.list(Until::Case)? == Ended::WithEsac {
                return Ok(());
            }
        }
    }

    /// Reads up to the `]]` of a condition, which runs nothing but its substitutions.
    fn condition(&mut self) -> Result<(), CannotParse> {
        loop {
            self.skip_lines()?;
            match self.rest() {
                [] => return Err(CannotParse::Unterminated("`[[`")),
                [b'<' | b'>', b'(', ..] | [b';', ..] => {
                    return Err(self.unexpected("an operator inside `[[`"));
                }
                [b'(' | b')' | b'|' | b'&' | b'<' | b'>', ..] => self.at += 1,
                _ => {
                    let word = self.word()?;
                    if word.text == b"]]" && !word.is_quoted {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Reads an operator of redirection and its word.
    fn redirection(&mut self, files: &mut Files) -> Result<(), CannotParse> {
        const OPERATORS: &[&[u8]] = &[
            b"<<<", b"<<-", b"<<", b"<>", b"<&", b"<", b"&>>", b"&>", b">>", b">&", b">|", b">",
        ];
        let mut operators = OPERATORS.iter();
        let operator = operators.find(|operator| self.rest().starts_with(operator));
        let Some(operator) = operator else {
            return Err(self.unexpected("an unknown operator"));
        };
        self.at += operator.len();
        self.skip_blanks();
        let before = self.at;
        let word = self.word()?;
        if self.at == before {
            return Err(self.unexpected("a redirection to nothing"));
        }
        match *operator {
            b"<<" | b"<<-" if word.is_unknown() => {
                return Err(self.unexpected("an unclear end of a here-document"));
            }
            b"<<" | b"<<-" => self.pending.push(HereDocument {
                delimiter: word.text,
                is_quoted: word.is_quoted,
                strips_tabs: *operator == b"<<-",
            }),
            b"<<<" | b"<&" => {}
            b"<" => files.reads.push(word.known().into_owned()),
            b">&"
                if word
                    .text
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || *byte == b'-') => {}
            _ if word.text == b"/dev/null" => {}
            _ => files.writes.push(word.known().into_owned()),
        }
        Ok(())
    }

    /// Reads the end of a line and the here-documents that follow it. `announced` are older than
    /// the list that the line belongs to, so that it is unclear whose text follows.
    fn newline(&mut self, announced: usize) -> Result<(), CannotParse> {
        if announced > 0 {
            return Err(self.unexpected("a line end before the text of a here-document"));
        }
        self.at += 1;
        for document in std::mem::take(&mut self.pending) {
            self.here_document(&document)?;
        }
        Ok(())
    }

    fn here_document(&mut self, document: &HereDocument) -> Result<(), CannotParse> {
        let start = self.at;
        loop {
            let line_start = self.at;
            let mut line = Vec::new();
            loop {
                let rest = self.rest();
                let length = memchr::memchr(b'\n', rest);
                let part = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
                self.at += part.len() + usize::from(length.is_some());
                line.extend_from_slice(part);
                let backslashes = part.iter().rev().take_while(|&&byte| byte == b'\\').count();
                // Lines are continued unless the delimiter was quoted.
                if document.is_quoted || backslashes % 2 == 0 || length.is_none() {
                    break;
                }
                line.pop();
            }
            let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
            let skipped = if document.strips_tabs { tabs } else { 0 };
            let is_end = line.get(skipped..) == Some(&document.delimiter);
            if is_end || self.at >= self.text.len() {
                // Without its delimiter it ends with the text.
                let end = if is_end { line_start } else { self.at };
                if document.is_quoted {
                    return Ok(());
                }
                let body = self.text.get(start..end).unwrap_or_default();
                let mut reader = Reader::new(body, self.depth, self.found)?;
                return reader.expansions();
            }
        }
    }
}
