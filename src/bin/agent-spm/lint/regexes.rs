//! `lint --regex`, `--regex-file` and `--explain-regex`: patterns by themselves.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use agent_spm::document::Limits;
use agent_spm::lint::{self, Compiled, Content, PatternFormat, Patterns, Subject};
use agent_spm::report::human;
use agent_spm::report::regex::{self, PatternReport};
use agent_spm::source::{read_anywhere, read_limited};

use super::Arguments;
use crate::exit::Failure;

/// The most bytes of a file of patterns.
const MAX_BYTES: usize = 64 << 20;

/// What messages call a pattern of the command line.
const NAME: &str = "<regex>";

/// The patterns that are given, each text of them a document.
pub(super) fn read(arguments: &Arguments) -> Result<Vec<Subject>, Failure> {
    let limits = Limits {
        bytes: MAX_BYTES,
        ..arguments.size.limits()
    };
    let mut subjects = Vec::new();
    for pattern in arguments.regex.iter().chain(&arguments.explain_regex) {
        let format = PatternFormat::Whole;
        subjects.push(lint::patterns(pattern.as_bytes(), NAME, format, limits)?);
    }
    for path in &arguments.regex_file {
        let (bytes, name) = if path == Path::new("-") {
            let name = "<stdin>";
            let bytes = read_limited(io::stdin(), Path::new(name), MAX_BYTES)?;
            (bytes, name.to_owned())
        } else {
            (read_anywhere(path, MAX_BYTES)?, path.display().to_string())
        };
        let format = PatternFormat::Lines;
        subjects.push(lint::patterns(&bytes, &name, format, limits)?);
    }
    Ok(subjects)
}

/// Patterns that were given by themselves, analysed.
pub(super) struct Analysed {
    /// What is known about them.
    pub(super) patterns: Patterns,
    each: Vec<Pattern>,
}

struct Pattern {
    text: String,
    compiled: Rc<Compiled>,
    /// Microseconds that the analysis took; of a pattern that stands twice, the second time none.
    micros: u64,
}

impl Analysed {
    /// Analyses the patterns that are documents of their own.
    pub(super) fn of(subjects: &[Subject]) -> Self {
        let patterns = Patterns::default();
        let lists = subjects
            .iter()
            .filter_map(|subject| match &subject.content {
                Content::Patterns(list) => Some(&list.patterns),
                _ => None,
            });
        let timed = |text: &String| {
            let started = Instant::now();
            let compiled = patterns.get(text);
            compiled.analysis();
            Pattern {
                text: text.clone(),
                compiled,
                micros: u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            }
        };
        let each = lists.flatten().map(timed).collect();
        Self { patterns, each }
    }

    /// What is known about each, for programs.
    pub(super) fn reports(&self) -> Vec<PatternReport<'_>> {
        let each = self.each.iter();
        each.map(|pattern| PatternReport::new(&pattern.text, &pattern.compiled, pattern.micros))
            .collect()
    }

    /// The run of each attack that was asked for, for people.
    pub(super) fn runs(&self, arguments: &Arguments) -> String {
        let asked = arguments.explain_regex.iter();
        let views = asked.filter_map(|text| {
            let compiled = self.patterns.get(text);
            let view = regex::explained(text, compiled.analysis()?);
            Some(format!("\n{}", human::render(&view, None)))
        });
        views.collect()
    }
}
