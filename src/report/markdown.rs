//! Findings and tables in Markdown, for a comment on a pull request or a summary of a run. Text from outside stays text: it makes
//! no table, link, image, mention or HTML.

use std::fmt::Write as _;

use super::escape::terminal;
use super::findings::{File, Findings, Shown};
use super::{Align, View, grouped};
use crate::lint::Severity;

/// How many findings a comment shows; GitHub takes 65,536 characters.
const SHOWN: usize = 100;
/// Characters of a message that a comment shows.
const MESSAGE: usize = 300;

/// The findings as GitHub-flavoured Markdown.
pub fn render(findings: &Findings) -> String {
    let counts = findings.counts();
    let total: u64 = counts.values().sum();
    let mut out = String::from("### agent-spm lint: ");
    if total == 0 {
        out.push_str("no findings\n");
    } else {
        let parts: Vec<String> = Severity::ALL
            .iter()
            .rev()
            .filter_map(|severity| {
                let count = *counts.get(severity)?;
                let plural = if count == 1 { "" } else { "s" };
                (count > 0).then(|| format!("{} {}{plural}", grouped(count), severity.as_str()))
            })
            .collect();
        let _ = writeln!(out, "{}\n", parts.join(", "));
        table(&mut out, findings);
        if total > SHOWN as u64 {
            let _ = writeln!(out, "\n… and {} more.", grouped(total - SHOWN as u64));
        }
    }
    let hidden = findings.all().filter(|(_, shown)| !shown.counts()).count() as u64;
    if hidden > 0 {
        let _ = writeln!(out, "\n{} accepted or known before.", grouped(hidden));
    }
    if !findings.absent.is_empty() {
        let _ = writeln!(
            out,
            "\n{} of the baseline mended.",
            grouped(findings.absent.len() as u64)
        );
    }
    out
}

/// A view as GitHub-flavoured Markdown, such as for a step summary.
pub fn of_view(view: &View) -> String {
    let mut out = String::new();
    let sections = view.sections.iter();
    for section in sections.filter(|section| !section.rows.is_empty()) {
        let _ = writeln!(out, "### {}\n", escaped(&section.title));
        let titles = section.columns.iter().map(|column| column.title);
        row(&mut out, titles.map(str::to_owned));
        let sides = section.columns.iter().map(|column| match column.align {
            Align::Left => "---",
            Align::Right => "---:",
        });
        row(&mut out, sides.map(str::to_owned));
        for cells in section.rows.iter().take(SHOWN) {
            row(&mut out, cells.iter().map(|cell| escaped(cell)));
        }
        if let Some(left_out) = section
            .rows
            .len()
            .checked_sub(SHOWN)
            .filter(|left| *left > 0)
        {
            let _ = writeln!(out, "\n… and {} more.", grouped(left_out as u64));
        }
        if let Some(note) = &section.note {
            let _ = writeln!(out, "\n{}", escaped(note));
        }
        out.push('\n');
    }
    out
}

fn row(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    for cell in cells {
        let _ = write!(out, " {cell} |");
    }
    out.push('\n');
}

fn table(out: &mut String, findings: &Findings) {
    out.push_str("| severity | where | lint | finding |\n| --- | --- | --- | --- |\n");
    let mut rows: Vec<(&File, &Shown)> =
        findings.all().filter(|(_, shown)| shown.counts()).collect();
    // The worst first; those of one severity in the order of the files.
    rows.sort_by_key(|(_, shown)| std::cmp::Reverse(shown.severity));
    for (file, shown) in rows.into_iter().take(SHOWN) {
        let line = shown
            .range
            .map_or(String::new(), |range| format!(":{}", range.start.line));
        let _ = write!(
            out,
            "| {} | {}{line} | {} | {}",
            shown.severity.as_str(),
            escaped(&file.name),
            shown.id,
            escaped(&shown.message),
        );
        if let Some(help) = &shown.help {
            let _ = write!(out, "<br>{}", escaped(help));
        }
        out.push_str(" |\n");
    }
}

/// Text from outside. Punctuation is written as character references, which Markdown never takes
/// for structure (CommonMark 0.31, §2.5); what GitHub makes links of afterwards is broken up by
/// empty comments.
fn escaped(text: &str) -> String {
    let visible = terminal(text);
    let mut out = String::with_capacity(visible.len() * 2);
    for (number, character) in visible.chars().enumerate() {
        if number == MESSAGE {
            out.push('…');
            break;
        }
        match character {
            '@' | '#' => {
                let _ = write!(out, "&#{};<!-- -->", u32::from(character));
            }
            ':' | '.' => {
                let _ = write!(out, "<!-- -->&#{};", u32::from(character));
            }
            '-' | ',' | ' ' => out.push(character),
            _ if character.is_ascii_punctuation() => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out
}
