//! Why a document cannot be loaded, with its source marked, for people.

use std::fmt::{self, Display, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::escape::{same_length, terminal};
use crate::diagnostic::{Problem, SourceText, Span};
use crate::document::LoadError;

/// Whether output may hold colour codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Plain text.
    Plain,
    /// With ANSI colour codes.
    Coloured,
}

/// Marks are at most this long, in bytes; what is longer is marked at its beginning.
const MARK_BYTES: usize = 300;

/// Lines are shown whole if they and their neighbours are together at most this long, in bytes.
const CONTEXT_BYTES: usize = 2000;

/// How much of a longer line is shown on either side of a mark, in bytes.
const MARGIN_BYTES: usize = 60;

/// Every problem of a document, one after another, at most `width` columns wide.
pub fn render(error: &LoadError, style: Style, width: usize) -> String {
    let handler = handler(style, width);
    let source = error.source.as_ref().map(Source::new);
    let mut out = String::new();
    for problem in &error.problems {
        let marked = Marked {
            message: terminal(&problem.message).into_owned(),
            help: problem
                .help
                .as_deref()
                .map(|help| terminal(help).into_owned()),
            problem,
            source: source.as_ref(),
        };
        let start = out.len();
        if handler.render_report(&mut out, &marked).is_err() {
            out.truncate(start);
            let _ = writeln!(out, "{}: {marked}", terminal(&error.name));
        }
    }
    out
}

/// What draws marked sources.
pub(super) fn handler(style: Style, width: usize) -> GraphicalReportHandler {
    let theme = match style {
        Style::Plain => GraphicalTheme::unicode_nocolor(),
        Style::Coloured => GraphicalTheme::unicode(),
    };
    GraphicalReportHandler::new_themed(theme)
        .with_width(width)
        .with_context_lines(1)
}

/// What is marked of `span`.
pub(super) fn mark(span: Span, label: Option<String>) -> LabeledSpan {
    let length = span.end.saturating_sub(span.start).min(MARK_BYTES);
    LabeledSpan::new(label, span.start, length)
}

/// A text of which miette sees only what fits: it panics on columns beyond 65,535, and nobody
/// reads a line of a megabyte.
#[derive(Debug)]
pub(super) struct Source {
    name: String,
    text: String,
}

impl Source {
    /// A text as it is shown.
    pub(super) fn new(source: &SourceText) -> Self {
        Self {
            name: terminal(source.name()).into_owned(),
            text: same_length(source.text()),
        }
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let whole = self.text.read_span(span, lines_before, lines_after)?;
        let (start, end) = if whole.data().len() <= CONTEXT_BYTES {
            let start = whole.span().offset();
            (start, start + whole.data().len())
        } else {
            let text = self.text.as_str();
            let (before, after) = text.split_at(text.floor_char_boundary(span.offset()));
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let line_end = after
                .find('\n')
                .map_or(text.len(), |length| before.len() + length);
            let start = text.floor_char_boundary(before.len().saturating_sub(MARGIN_BYTES));
            let end = text.ceil_char_boundary(before.len() + span.len() + MARGIN_BYTES);
            (start.max(line_start), end.min(line_end))
        };
        // miette counts columns in bytes.
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|&byte| byte == b'\n').count();
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        let data = self.text.get(start..end).unwrap_or_default();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            SourceSpan::from((start, data.len())),
            line,
            column,
            whole.line_count(),
        )))
    }
}

/// A problem as miette reads one.
#[derive(Debug)]
struct Marked<'a> {
    message: String,
    help: Option<String>,
    problem: &'a Problem,
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
        Some(Box::new(self.problem.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source = self.source?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(mark(self.problem.span, None))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Route;

    fn rendered(text: &str, start: usize, end: usize) -> String {
        let problem = Problem {
            code: "test",
            message: "wrong".to_owned(),
            help: None,
            route: Route::root(),
            span: Span::new(start, end),
            meant: None,
        };
        let error = LoadError {
            name: "f.json".to_owned(),
            source: Some(SourceText::new("f.json", text)),
            problems: vec![problem],
        };
        render(&error, Style::Plain, 100)
    }

    #[test]
    fn a_short_text_is_shown_with_its_neighbours() {
        let shown = rendered("{\n  \"a\": 1,\n  \"é\": x\n}\n", 20, 21);
        assert!(shown.contains("f.json:3:8"), "{shown}");
        assert!(shown.contains("\"a\": 1,"), "{shown}");
    }

    #[test]
    fn of_a_long_line_only_the_surroundings_are_shown() {
        let long = format!(
            "first\n{}é!{}\nlast\n",
            "x".repeat(100_000),
            "y".repeat(100_000)
        );
        let at = 6 + 100_000 + 2;
        let shown = rendered(&long, at, at + 1);
        assert!(shown.contains("f.json:2:100002"), "{shown}");
        assert!(shown.contains("xé!y"), "{shown}");
        assert!(shown.len() < 1000, "{shown}");
        let end = long.len();
        assert!(rendered(&long, 0, end).contains("f.json:1:1"));
        assert!(rendered(&long, end, end).contains("f.json"));
    }

    #[test]
    fn hidden_characters_do_not_reach_the_terminal() {
        let shown = rendered("{\"\u{202E}\u{1B}[31m\": x}", 0, 1);
        assert!(!shown.contains(['\u{202E}', '\u{1B}']), "{shown}");
    }
}
