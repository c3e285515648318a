//! Results as people and programs read them. Each subcommand's result becomes one plain
//! [`View`] for people and one versioned structure for programs; each format is one file and
//! knows no subcommand.

pub mod asserted;
pub mod chart;
pub mod compact;
pub mod csv;
pub mod custody;
#[cfg(feature = "cli")]
pub mod diff;
pub mod escape;
pub mod findings;
pub mod github;
pub mod html;
#[cfg(feature = "cli")]
pub mod human;
pub mod incidents;
pub mod json;
pub mod junit;
pub mod lint;
pub mod markdown;
#[cfg(feature = "cli")]
pub mod marked;
#[cfg(feature = "cli")]
pub mod problems;
pub mod proofs;
pub mod regex;
pub mod remarks;
pub mod replay;
mod review;
pub mod sarif;
pub mod sign;
pub mod simulate;
pub mod verify;
pub mod yaml;

/// A result for people: sections in the order in which they matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// The sections; ones without rows are left out by formats.
    pub sections: Vec<Section>,
}

impl From<Section> for View {
    fn from(section: Section) -> Self {
        Self {
            sections: vec![section],
        }
    }
}

/// A titled table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The title.
    pub title: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, a cell for each column. Text is as it was read: formats escape it.
    pub rows: Vec<Vec<String>>,
    /// Said below the table: what was left out, what to do.
    pub note: Option<String>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub title: &'static str,
    /// On which side its cells stand.
    pub align: Align,
}

/// On which side a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

impl Column {
    /// A column of text.
    pub const fn text(title: &'static str) -> Self {
        Self {
            title,
            align: Align::Left,
        }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str) -> Self {
        Self {
            title,
            align: Align::Right,
        }
    }
}

/// Seconds as people read them: a whole number of the longest unit that measures them.
fn duration(seconds: i64) -> String {
    let units = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let unit = units.into_iter().find(|(length, _)| seconds % length == 0);
    let (length, name) = unit.unwrap_or((1, "second"));
    match seconds / length {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}

/// A count as people read it: `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
