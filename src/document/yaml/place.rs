//! Where the parser's events stand in the text, in bytes.

use granit_parser::StructureStyle;

use crate::diagnostic::Span;

/// The end of a list or object: its closing bracket, or the end of its last value.
pub(super) fn closing(style: StructureStyle, last: usize, end: Span) -> usize {
    match style {
        StructureStyle::Flow => end.end,
        StructureStyle::Block => last,
    }
}

pub(super) fn bytes(span: &granit_parser::Span) -> Span {
    let start = span.start.byte_offset().unwrap_or_default();
    let end = span.end.byte_offset().unwrap_or(start);
    Span::new(start, end.max(start))
}

/// The bytes of a block scalar, from its header, which stands on the line before its text and not
/// before `after`.
pub(super) fn block_span(text: &str, content: Span, after: usize) -> Span {
    let before = text.get(..content.start).unwrap_or_default().trim_end();
    let line = before.rfind('\n').map_or(0, |newline| newline + 1);
    let from = line.max(after);
    let start = before
        .get(from..)
        .and_then(|header| header.find(['|', '>']))
        .map_or(content.start, |found| from + found);
    let end = text.get(..content.end).map_or(content.end, |text| {
        text.trim_end_matches(['\n', '\r']).len()
    });
    Span::new(start, end.max(start))
}
