//! Findings for people: each with its source marked, then how many there are. Of many of one kind
//! in one file, the first are shown and the others counted.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write as _};

use miette::{Diagnostic, LabeledSpan, Severity as Level, SourceCode};

use super::escape::terminal;
use super::findings::{File, Findings, Shown};
use super::problems::{Source, Style, handler, mark};
use super::{Column, Section, View, grouped, human};
use crate::lint::{Effect, Severity};

/// How many findings of one lint in one file are shown with their source.
const SHOWN: usize = 5;
/// How many further ones are named by their line.
const NAMED: usize = 20;

/// The findings as text, at most `width` columns wide.
pub fn render(findings: &Findings, style: Style, width: usize) -> String {
    let mut out = marks(findings, style, width);
    let passed_over = &findings.passed_over;
    for passed in passed_over.iter().take(SHOWN) {
        let (file, reason) = (terminal(&passed.file), terminal(&passed.reason));
        let _ = writeln!(out, "not linted: `{file}`: {reason}");
    }
    if passed_over.len() > SHOWN {
        let _ = writeln!(out, "not linted: {} more files", passed_over.len() - SHOWN);
    }
    if !passed_over.is_empty() {
        out.push('\n');
    }
    out.push_str(&summary(findings));
    out
}

/// The findings alone, without their summary.
pub fn marks(findings: &Findings, style: Style, width: usize) -> String {
    let mut out = String::new();
    for file in &findings.files {
        render_file(&mut out, findings, file, style, width);
    }
    out
}

fn render_file(out: &mut String, findings: &Findings, file: &File, style: Style, width: usize) {
    let handler = handler(style, width);
    let source = file.source.as_ref().map(Source::new);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others: BTreeMap<&str, Vec<&Shown>> = BTreeMap::new();
    for shown in file.findings.iter().filter(|shown| shown.counts()) {
        let count = seen.entry(shown.id).or_default();
        *count += 1;
        if *count > SHOWN {
            others.entry(shown.id).or_default().push(shown);
            continue;
        }
        let marked = Marked {
            shown,
            message: terminal(&shown.message).into_owned(),
            help: help(findings, shown),
            source: source.as_ref(),
        };
        let start = out.len();
        if handler.render_report(out, &marked).is_err() {
            out.truncate(start);
            let _ = writeln!(out, "{}: {marked}", terminal(&file.name));
        }
        out.push('\n');
    }
    for (id, others) in others {
        let ranges = others.iter().filter_map(|shown| shown.range);
        let lines: Vec<String> = ranges
            .take(NAMED)
            .map(|range| range.start.line.to_string())
            .collect();
        let rest = if others.len() > NAMED { ", …" } else { "" };
        let _ = writeln!(
            out,
            "{id}: {} more in {}, on lines {}{rest}",
            grouped(others.len() as u64),
            terminal(&file.name),
            lines.join(", "),
        );
    }
}

/// What to do, what proves it, and the places in other files.
fn help(findings: &Findings, shown: &Shown) -> Option<String> {
    let mut lines: Vec<String> = shown
        .help
        .iter()
        .map(|help| terminal(help).into_owned())
        .collect();
    for detail in &shown.details {
        let text = match &detail.text {
            Some(text) => text.clone(),
            None => match detail.value.as_str() {
                Some(text) => text.to_owned(),
                None => detail.value.to_string(),
            },
        };
        let name = detail.name.replace('_', " ");
        for (number, line) in text.lines().enumerate() {
            let name = if number == 0 { &name } else { "" };
            let colon = if number == 0 { ": " } else { "  " };
            lines.push(format!("{name}{colon}{}", terminal(line)));
        }
    }
    for related in &shown.related {
        if let Some(file) = related.file.and_then(|index| findings.files.get(index)) {
            let start = related.range.start;
            let (name, message) = (terminal(&file.name), terminal(&related.message));
            lines.push(format!("{name}:{}:{}: {message}", start.line, start.column));
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn summary(findings: &Findings) -> String {
    let mut counts: BTreeMap<(std::cmp::Reverse<Severity>, &str), u64> = BTreeMap::new();
    for (_, shown) in findings.all().filter(|(_, shown)| shown.counts()) {
        let key = (std::cmp::Reverse(shown.severity), shown.id);
        *counts.entry(key).or_default() += 1;
    }
    let rows = counts.into_iter().map(|((severity, id), count)| {
        vec![
            id.to_owned(),
            severity.0.as_str().to_owned(),
            grouped(count),
        ]
    });
    let files = findings.files.len() as u64;
    let plural = if files == 1 { "file" } else { "files" };
    let section = Section {
        title: format!("Findings in {} {plural}", grouped(files)),
        columns: vec![
            Column::text("lint"),
            Column::text("severity"),
            Column::number("count"),
        ],
        rows: rows.collect(),
        note: Some("`agent-spm lint --explain LINT` says why each matters".to_owned()),
    };
    let mut out = match section.rows.is_empty() {
        true => format!("No findings in {} {plural}\n", grouped(files)),
        false => human::render(&View::from(section), None),
    };
    let count = |test: fn(&Shown) -> bool| findings.all().filter(|(_, shown)| test(shown)).count();
    for (count, what) in [
        (
            count(|shown| shown.suppressed.is_some()),
            "accepted by the settings",
        ),
        (
            count(|shown| shown.suppressed.is_none() && !shown.counts()),
            "known from the baseline",
        ),
        (findings.absent.len(), "of the baseline mended"),
        (
            count(|shown| shown.counts() && is_fixed_by(shown, |effect| effect != Effect::Widens)),
            "can be mended by `--fix`",
        ),
        (
            count(|shown| shown.counts() && is_fixed_by(shown, |effect| effect == Effect::Widens)),
            "can be mended by `--fix --unsafe-fixes`, which may let calls get further",
        ),
    ] {
        if count > 0 {
            let _ = writeln!(out, "{} {what}", grouped(count as u64));
        }
    }
    out
}

fn is_fixed_by(shown: &Shown, test: fn(Effect) -> bool) -> bool {
    shown.fix.as_ref().is_some_and(|fix| test(fix.effect))
}

/// A finding as miette reads one.
#[derive(Debug)]
struct Marked<'a> {
    shown: &'a Shown,
    message: String,
    help: Option<String>,
    source: Option<&'a Source>,
}

impl Display for Marked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Marked<'_> {}

impl Diagnostic for Marked<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.shown.id))
    }

    fn severity(&self) -> Option<Level> {
        Some(match self.shown.severity {
            Severity::Note => Level::Advice,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.shown.range?;
        let source = self.source?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let range = self.shown.range?;
        let own = std::iter::once(mark(range.span, None));
        let here = self
            .shown
            .related
            .iter()
            .filter(|place| place.file.is_none());
        let related = here.map(|related| {
            mark(
                related.range.span,
                Some(terminal(&related.message).into_owned()),
            )
        });
        Some(Box::new(own.chain(related)))
    }
}
