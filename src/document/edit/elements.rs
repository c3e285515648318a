//! Elements of lists: lines of their own after a dash, or separated by commas.

use super::{Change, is_flow, splice};
use crate::diagnostic::Span;
use crate::document::Node;

/// The elements of a list gone. `indices` are in order.
pub(super) fn remove(text: &str, list: &Node, indices: &[usize]) -> Option<Vec<Change>> {
    let items = list.as_array()?;
    let gone = |span| Some((span, String::new()));
    if is_flow(text, list) {
        let runs = indices.chunk_by(|one, other| one + 1 == *other);
        return runs
            .map(|run| {
                let (first, last) = (*run.first()?, *run.last()?);
                let start = items.get(first)?.span.start;
                gone(match (items.get(last + 1), first.checked_sub(1)) {
                    (Some(next), _) => Span::new(start, next.span.start),
                    (None, Some(before)) => {
                        Span::new(items.get(before)?.span.end, items.get(last)?.span.end)
                    }
                    (None, None) => Span::new(start, items.get(last)?.span.end),
                })
            })
            .collect();
    }
    if indices.len() >= items.len() {
        return None;
    }
    indices
        .iter()
        .map(|&index| {
            let lines = lines(text, items.get(index)?)?;
            let newline = text.get(lines.end..)?.find('\n');
            gone(match newline {
                Some(newline) => Span::new(lines.start, lines.end + newline + 1),
                // The last line of a text without a line end takes the one before it along.
                None => Span::new(line_end(text, lines.start.checked_sub(1)?), text.len()),
            })
        })
        .collect()
}

/// An element once more, behind itself, with `changes` made in it.
pub(super) fn copy(text: &str, list: &Node, index: usize, changes: Vec<Change>) -> Option<Change> {
    let item = list.as_array()?.get(index)?;
    let from = match is_flow(text, list) {
        true => item.span,
        false => lines(text, item)?,
    };
    let moved = changes.into_iter().map(|(span, new)| {
        let start = span.start.checked_sub(from.start)?;
        Some((Span::new(start, span.end.checked_sub(from.start)?), new))
    });
    let copy = splice(
        text.get(from.start..from.end)?,
        moved.collect::<Option<_>>()?,
    )?;
    let (before, after) = (text.get(..from.start)?, text.get(from.end..)?);
    let at = |place| Span::new(place, place);
    if is_flow(text, list) {
        let space = before.get(before.trim_end().len()..)?;
        return Some((at(from.end), format!(",{space}{copy}")));
    }
    let line_end = if before.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    Some(match after.find('\n') {
        Some(newline) => (at(from.end + newline + 1), format!("{copy}{line_end}")),
        None => (at(text.len()), format!("{line_end}{copy}")),
    })
}

/// The lines of an element after a dash, from the first byte of the one with the dash to the end of
/// the last, without its line end. `None` if other things stand on them.
fn lines(text: &str, item: &Node) -> Option<Span> {
    let before = text.get(..item.span.start)?.trim_end();
    let dash = match before.strip_suffix('-') {
        Some(before) => before.len(),
        // An object whose span begins with its dash.
        None => item.span.start,
    };
    if !text.get(dash..)?.starts_with('-') {
        return None;
    }
    let start = text
        .get(..dash)?
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let is_first = text.get(start..dash)?.bytes().all(|byte| byte == b' ');
    // A block of text may end with its line end, which is the next line's.
    let written = text.get(item.span.start..item.span.end)?.trim_end();
    let end = line_end(text, item.span.start + written.len());
    let rest = text.get(item.span.start + written.len()..end)?.trim_start();
    (is_first && (rest.is_empty() || rest.starts_with('#'))).then_some(Span::new(start, end))
}

/// Where the line of an offset ends, before its line end.
fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    offset + line.trim_end_matches('\r').len()
}
