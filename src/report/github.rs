//! For GitHub Actions: workflow commands that mark lines of files. Owns their escaping, so that no
//! text from outside becomes a command.
//!
//! Source: "Workflow commands for GitHub Actions", docs.github.com, and `escapeData` and
//! `escapeProperty` of actions/toolkit.

use super::escape::terminal;
use super::findings::Findings;
use super::remarks::{self, Weight};
use super::simulate::MadeFrom;
use crate::diagnostic::Position;
use crate::lint::Severity;
use crate::simulate::Simulation;

/// Something to say about a place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How much it matters.
    pub level: Level,
    /// The file, as it was named; empty if it is about none.
    pub file: String,
    /// The place in it.
    pub position: Option<Position>,
    /// A few words, such as a code.
    pub title: String,
    /// What is to be said.
    pub message: String,
}

/// How much an annotation matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The answer is no, or there is none.
    Error,
    /// To be looked at.
    Warning,
    /// Good to know.
    Notice,
}

/// Findings as annotations: those that count.
pub fn of_findings(findings: &Findings) -> Vec<Annotation> {
    let counting = findings.all().filter(|(_, shown)| shown.counts());
    counting
        .map(|(file, shown)| Annotation {
            level: match shown.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
                Severity::Note => Level::Notice,
            },
            file: file.name.clone(),
            position: shown.range.map(|range| range.start),
            title: shown.id.to_owned(),
            message: match &shown.help {
                Some(help) => format!("{}; {help}", shown.message),
                None => shown.message.clone(),
            },
        })
        .collect()
}

/// A simulation as annotations: the answer in one line and what it was made from in another, then
/// what belongs to lines of recordings.
pub fn of_simulation(simulation: &Simulation, made_from: &MadeFrom<'_>) -> Vec<Annotation> {
    let notice = |title: &str, message| Annotation {
        level: Level::Notice,
        file: String::new(),
        position: None,
        title: title.to_owned(),
        message,
    };
    let properties = made_from.properties_with(&simulation.inputs).into_iter();
    let properties: Vec<String> = properties
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let head = [
        notice(
            "agent-spm simulate",
            remarks::summary(simulation, made_from.digest),
        ),
        notice("made from", properties.join("; ")),
    ];
    let remarks = remarks::of(simulation).into_iter().map(|remark| {
        let place = remark.places.into_iter().next();
        Annotation {
            level: match remark.kind.weight() {
                Weight::Error => Level::Error,
                Weight::Warning => Level::Warning,
                Weight::Note => Level::Notice,
            },
            position: place.as_ref().map(|place| Position {
                line: usize::try_from(place.line).unwrap_or(usize::MAX),
                column: 1,
            }),
            file: place.map_or_else(String::new, |place| place.source),
            title: remark.kind.id().to_owned(),
            message: remark.message,
        }
    });
    head.into_iter().chain(remarks).collect()
}

/// One workflow command a line.
pub fn render(annotations: &[Annotation]) -> String {
    let mut out = String::new();
    for annotation in annotations {
        let command = match annotation.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        out.push_str(&format!("::{command} "));
        if !annotation.file.is_empty() {
            out.push_str(&format!("file={},", property(&annotation.file)));
        }
        if let Some(position) = annotation.position {
            out.push_str(&format!("line={},col={},", position.line, position.column));
        }
        let title = property(&annotation.title);
        let message = data(&annotation.message);
        out.push_str(&format!("title={title}::{message}\n"));
    }
    out
}

fn data(text: &str) -> String {
    terminal(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_is_one_command() {
        let annotation = Annotation {
            level: Level::Error,
            file: "a,b:c.json".to_owned(),
            position: Some(Position { line: 3, column: 7 }),
            title: "expired".to_owned(),
            message: "100 % over".to_owned(),
        };
        assert_eq!(
            render(&[annotation]),
            "::error file=a%2Cb%3Ac.json,line=3,col=7,title=expired::100 %25 over\n"
        );
    }

    #[test]
    fn no_text_from_outside_is_a_command() {
        let annotation = Annotation {
            level: Level::Notice,
            file: "x\n::error::y".to_owned(),
            position: None,
            title: "a::b\r\n".to_owned(),
            message: "m\n::set-output name=x::y\u{202E}".to_owned(),
        };
        let text = render(&[annotation]);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.starts_with("::notice file=x\\u{a}%3A%3Aerror"),
            "{text}"
        );
    }
}
