//! One self-contained HTML page: no script, no reference to anything outside, readable on paper
//! and in the dark. Owns layout and colours; knows no subcommand.
//!
//! The page forbids itself everything but its own style sheet, by that sheet's hash, so that even
//! text that escaped its escaping could load and run nothing.
//!
//! Source: Content Security Policy Level 3, W3C, §2.3.1 (hash sources) and §3.3 (`meta`).

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

use super::chart::{Chart, Tone, svg};
use super::escape::html;
use super::{Align, Section, View, grouped};

/// What a page shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The title.
    pub title: String,
    /// What it is about, in a line below the title.
    pub subtitle: String,
    /// The answers that matter most, at the top.
    pub headline: Vec<Headline>,
    /// The tables that belong before the charts.
    pub lead: View,
    /// The charts below them.
    pub charts: Vec<Chart>,
    /// The tables.
    pub view: View,
}

/// One of the answers that matter most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// What it is about.
    pub label: &'static str,
    /// The answer.
    pub value: String,
    /// What it means for the reader.
    pub tone: Tone,
}

/// Tables of more rows than this are folded.
const ROWS_OPEN: usize = 40;

/// Cells of at most so many characters, such as times, stay on one line.
const WORD: usize = 26;

const STYLE: &str = include_str!("html/style.css");

/// The page as HTML text.
pub fn render(page: &Page) -> String {
    let title = html(&page.title);
    let hash = Base64::encode_string(&Sha256::digest(STYLE));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; \
         form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n"
    );
    let subtitle = html(&page.subtitle);
    let _ = writeln!(out, "<p class=\"subtitle\">{subtitle}</p>");
    headline(&mut out, &page.headline);
    tables(&mut out, &page.lead);
    for chart in &page.charts {
        figure(&mut out, chart);
    }
    tables(&mut out, &page.view);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn tables(out: &mut String, view: &View) {
    let sections = view.sections.iter();
    for section in sections.filter(|section| !section.rows.is_empty()) {
        table(out, section);
    }
}

fn headline(out: &mut String, headline: &[Headline]) {
    if headline.is_empty() {
        return;
    }
    out.push_str("<dl class=\"headline\">\n");
    for item in headline {
        let _ = writeln!(
            out,
            "<div class=\"{}\"><dt>{}</dt><dd>{}</dd></div>",
            item.tone.class(),
            html(item.label),
            html(&item.value),
        );
    }
    out.push_str("</dl>\n");
}

fn figure(out: &mut String, chart: &Chart) {
    let drawing = svg(chart);
    if drawing.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<section>\n<h2>{}</h2>\n<figure>\n{drawing}<figcaption>",
        html(&chart.title)
    );
    for (index, series) in chart.series.iter().enumerate() {
        let counts = chart
            .points
            .iter()
            .filter_map(|point| point.counts.get(index));
        let total: u64 = counts.sum();
        if total > 0 {
            let _ = writeln!(
                out,
                "<span class=\"key {}\">{} {}</span>",
                series.tone.class(),
                series.name,
                grouped(total),
            );
        }
    }
    if let Some(note) = &chart.note {
        let _ = writeln!(out, "<p>{}</p>", html(note));
    }
    out.push_str("</figcaption>\n</figure>\n</section>\n");
}

fn table(out: &mut String, section: &Section) {
    let title = html(&section.title);
    let _ = writeln!(out, "<section>\n<h2>{title}</h2>");
    let folded = section.rows.len() > ROWS_OPEN;
    if folded {
        let rows = grouped(section.rows.len() as u64);
        let _ = writeln!(out, "<details><summary>{rows} rows</summary>");
    }
    out.push_str("<div class=\"scroll\"><table>\n");
    if section
        .columns
        .iter()
        .any(|column| !column.title.is_empty())
    {
        out.push_str("<thead><tr>");
        for column in &section.columns {
            let class = class(column.align);
            let _ = write!(out, "<th scope=\"col\"{class}>{}</th>", html(column.title));
        }
        out.push_str("</tr></thead>\n");
    }
    out.push_str("<tbody>\n");
    for row in &section.rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(&section.columns) {
            let class = match (column.align, cell.chars().count()) {
                (Align::Right, _) => class(column.align),
                (Align::Left, ..=WORD) => " class=\"word\"",
                (Align::Left, _) => " class=\"text\"",
            };
            let _ = write!(out, "<td{class}>{}</td>", html(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
    if folded {
        out.push_str("</details>\n");
    }
    if let Some(note) = &section.note {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", html(note));
    }
    out.push_str("</section>\n");
}

const fn class(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Right => " class=\"number\"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Column;

    const HOSTILE: [&str; 5] = [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "\"onmouseover='alert(1)'",
        "a\u{202E}b\u{1B}[31m",
    ];

    fn page(cell: &str, rows: usize) -> String {
        let view = View {
            sections: vec![Section {
                title: cell.to_owned(),
                columns: vec![Column::text("what"), Column::number("count")],
                rows: vec![vec![cell.to_owned(), "1".to_owned()]; rows],
                note: Some(cell.to_owned()),
            }],
        };
        render(&Page {
            title: cell.to_owned(),
            subtitle: cell.to_owned(),
            headline: vec![Headline {
                label: "verdict",
                value: cell.to_owned(),
                tone: Tone::Bad,
            }],
            lead: view.clone(),
            charts: Vec::new(),
            view,
        })
    }

    #[test]
    fn hostile_text_makes_no_element_and_no_attribute() {
        let tags = |text: &str| text.matches('<').count();
        let harmless = page("harmless", 1);
        for text in HOSTILE {
            let page = page(text, 1);
            assert_eq!(tags(&page), tags(&harmless), "{text}");
            assert!(!page.contains(['\u{202E}', '\u{1B}']), "{text}");
            let quotes = page.matches(['"', '\'']).count();
            assert_eq!(quotes, harmless.matches(['"', '\'']).count(), "{text}");
        }
    }

    #[test]
    fn nothing_outside_is_referred_to() {
        let page = page("x", 1);
        for reference in [
            "src=", "href=", "url(", "@import", "http://", "https://", "<script",
        ] {
            assert!(!page.contains(reference), "{reference}");
        }
    }

    #[test]
    fn long_tables_are_folded() {
        assert!(page("x", ROWS_OPEN + 1).contains("<summary>41 rows"));
        assert!(!page("x", ROWS_OPEN).contains("<summary>"));
    }
}
