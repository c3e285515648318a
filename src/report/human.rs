//! For people at a terminal or in a log.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::escape::terminal;
use super::{Align, Section, View};

/// The view as text, at most `width` columns wide if given.
pub fn render(view: &View, width: Option<u16>) -> String {
    let sections = view
        .sections
        .iter()
        .filter(|section| !section.rows.is_empty());
    let mut out = String::new();
    for section in sections {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&terminal(&section.title));
        out.push('\n');
        for line in table(section, width).lines() {
            out.push_str("  ");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        if let Some(note) = &section.note {
            out.push_str("  ");
            out.push_str(&terminal(note));
            out.push('\n');
        }
    }
    out
}

fn table(section: &Section, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width.saturating_sub(2));
    }
    if section
        .columns
        .iter()
        .any(|column| !column.title.is_empty())
    {
        table.set_header(section.columns.iter().map(|column| column.title));
    }
    for row in &section.rows {
        table.add_row(row.iter().map(|cell| terminal(cell).into_owned()));
    }
    for (index, column) in section.columns.iter().enumerate() {
        if let Some(styled) = table.column_mut(index) {
            styled.set_cell_alignment(match column.align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
            styled.set_padding((0, 2));
        }
    }
    table.to_string()
}
