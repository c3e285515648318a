//! From routes to bytes. Owns where in a document's text a place is; does not know why anyone asks.

use super::{Document, Format, Member, Node, NodeKind};
use crate::diagnostic::{Route, Span};

/// A place in a document, named by what it is and not by where it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The member or element.
    pub route: Route,
    /// Which part of it.
    pub part: Part,
}

/// A part of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its value.
    Value,
    /// Its key; the value where it has none, as elements of a list.
    Key,
    /// These bytes of the text that its value, a string, stands for.
    Text(Span),
}

impl Place {
    /// The value of a member.
    pub fn value(route: Route) -> Self {
        Self {
            route,
            part: Part::Value,
        }
    }

    /// The key of a member.
    pub fn key(route: Route) -> Self {
        Self {
            route,
            part: Part::Key,
        }
    }

    /// A part of a string, in bytes of the text that it stands for.
    pub fn text(route: Route, part: Span) -> Self {
        Self {
            route,
            part: Part::Text(part),
        }
    }
}

impl From<Route> for Place {
    fn from(route: Route) -> Self {
        Self::value(route)
    }
}

/// What a route leads to.
#[derive(Clone, Copy, Debug)]
pub enum Found<'n> {
    /// An element of a list, with its index; the document itself counts as one.
    Element(usize, &'n Node),
    /// A member of an object.
    Member(&'n Member),
}

impl<'n> Found<'n> {
    /// The value.
    pub fn node(self) -> &'n Node {
        match self {
            Self::Element(_, node) => node,
            Self::Member(member) => &member.value,
        }
    }
}

impl Document {
    /// What a route leads to; of a key that is given twice, its first value.
    pub fn find(&self, route: &Route) -> Option<Found<'_>> {
        find(&self.root, route)
    }

    /// What a route leads to step by step, as far as the document has it, and what is left of the
    /// route.
    pub fn steps<'n, 'r>(&'n self, route: &'r Route) -> (Vec<Found<'n>>, &'r str) {
        let mut steps = Vec::new();
        let mut node = &self.root;
        let mut rest = route.as_str();
        while !rest.is_empty() {
            let Some((found, after)) = step(node, rest) else {
                break;
            };
            steps.push(found);
            (node, rest) = (found.node(), after);
        }
        (steps, rest)
    }

    /// The bytes of a place; of the document itself those of its first line. Where the document does
    /// not have it, those of the nearest thing around it.
    pub fn locate(&self, place: &Place) -> Span {
        let (found, is_whole) = walk(&self.root, place.route.as_str());
        match (found, place.part) {
            (Found::Member(member), Part::Key) if is_whole => member.key_span,
            (found, Part::Text(part)) if is_whole => {
                let node = found.node();
                self.inside(node, part).unwrap_or(node.span)
            }
            // What is missing is missing in something that begins where its first line does.
            (found, _) if !is_whole || place.route.as_str().is_empty() => self.first_line(found),
            (found, _) => found.node().span,
        }
    }

    /// The first line of a value, or of its first member.
    fn first_line(&self, found: Found<'_>) -> Span {
        if let Found::Member(member) = found {
            return member.key_span;
        }
        let span = found.node().span;
        let text = self.source.text().get(span.start..span.end);
        let line = text
            .and_then(|text| text.lines().next())
            .unwrap_or_default();
        Span::new(span.start, span.start + line.trim_end().len())
    }

    /// The bytes of a part of a string, if the string is written so that they can be told.
    fn inside(&self, node: &Node, part: Span) -> Option<Span> {
        let value = node.as_str()?;
        let raw = self.source.text().get(node.span.start..node.span.end)?;
        if part.start > part.end || part.end > value.len() {
            return None;
        }
        let plain = matches!(self.format, Format::Lines | Format::Text);
        let (start, end) = match raw.as_bytes().first() {
            Some(b'"') if !plain => quoted(raw, part, &escape)?,
            Some(b'\'') if !plain => quoted(raw, part, &doubled)?,
            _ if raw == value => (part.start, part.end),
            _ => return None,
        };
        Some(Span::new(node.span.start + start, node.span.start + end))
    }
}

/// What a route leads to from `root`.
pub fn find<'n>(root: &'n Node, route: &Route) -> Option<Found<'n>> {
    match walk(root, route.as_str()) {
        (found, true) => Some(found),
        (_, false) => None,
    }
}

/// What a route leads to from `root`, after the object or list that has it; `root` has itself.
pub(super) fn find_in<'n>(root: &'n Node, route: &Route) -> Option<(&'n Node, Found<'n>)> {
    let mut holder = root;
    let mut found = Found::Element(0, root);
    let mut rest = route.as_str();
    while !rest.is_empty() {
        holder = found.node();
        (found, rest) = step(holder, rest)?;
    }
    Some((holder, found))
}

/// The positions of the members and elements on a route among those of their holders.
pub(super) fn positions(root: &Node, route: &Route) -> Option<Vec<usize>> {
    let mut positions = Vec::new();
    let (mut node, mut rest) = (root, route.as_str());
    while !rest.is_empty() {
        let (found, after) = step(node, rest)?;
        positions.push(match (found, &node.kind) {
            (Found::Member(member), NodeKind::Object(members)) => members
                .iter()
                .position(|other| std::ptr::eq(other, member))?,
            (Found::Element(index, _), _) => index,
            _ => return None,
        });
        (node, rest) = (found.node(), after);
    }
    Some(positions)
}

/// Follows a route as far as it leads, and says whether that was all of it.
fn walk<'n>(root: &'n Node, route: &str) -> (Found<'n>, bool) {
    let mut found = Found::Element(0, root);
    let mut rest = route;
    while !rest.is_empty() {
        match step(found.node(), rest) {
            Some((next, after)) => (found, rest) = (next, after),
            None => return (found, false),
        }
    }
    (found, true)
}

/// One step of a route, and what is left of it. Routes are written by [`Route::key`] and
/// [`Route::index`], so that nothing has to be read back: each key is compared as it is written.
fn step<'n, 'r>(node: &'n Node, route: &'r str) -> Option<(Found<'n>, &'r str)> {
    match &node.kind {
        NodeKind::Array(items) => {
            let (index, rest) = route.strip_prefix('[')?.split_once(']')?;
            let index = index.parse().ok()?;
            let item = items.get(index)?;
            Some((Found::Element(index, item), rest))
        }
        NodeKind::Object(members) => {
            let route = route.strip_prefix('.').unwrap_or(route);
            members.iter().find_map(|member| {
                let key = Route::root().key(&member.key);
                let rest = route.strip_prefix(key.as_str())?;
                let ends = rest.is_empty() || rest.starts_with(['.', '[']);
                ends.then_some((Found::Member(member), rest))
            })
        }
        _ => None,
    }
}

/// One character of a quoted string as written: its length there, and in the text that it stands
/// for.
type Width = (usize, usize);

/// Where in a quoted string the part of its text is written.
fn quoted(raw: &str, part: Span, width: &dyn Fn(&str) -> Option<Width>) -> Option<(usize, usize)> {
    let mut written = 1;
    let mut read = 0;
    let mut start = None;
    loop {
        if read >= part.start && start.is_none() {
            start = Some(written);
        }
        if read >= part.end {
            return Some((start?, written));
        }
        let (taken, given) = width(raw.get(written..)?)?;
        written += taken;
        read += given;
    }
}

/// In single quotes, a quote is written twice. Lines that are folded are not told.
fn doubled(rest: &str) -> Option<Width> {
    match rest.chars().next()? {
        '\'' => rest.starts_with("''").then_some((2, 1)),
        '\n' | '\r' => None,
        character => Some((character.len_utf8(), character.len_utf8())),
    }
}

/// In double quotes, as JSON and YAML write escapes. Lines that are folded are not told.
fn escape(rest: &str) -> Option<Width> {
    let mut characters = rest.chars();
    match characters.next()? {
        '"' | '\n' | '\r' => None,
        '\\' => {
            let kind = characters.next()?;
            let digits = match kind {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                // In YAML: next line, no-break space, line and paragraph separator.
                'N' | '_' => return Some((2, 2)),
                'L' | 'P' => return Some((2, 3)),
                '\n' | '\r' => return None,
                _ => return Some((2, 1)),
            };
            let point = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
            match char::from_u32(point) {
                Some(character) => Some((2 + digits, character.len_utf8())),
                // A surrogate pair, as JSON writes characters beyond U+FFFF.
                None => Some((12, 4)),
            }
        }
        character => Some((character.len_utf8(), character.len_utf8())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Limits, parse};

    fn document(text: &str) -> Document {
        parse(
            text.as_bytes(),
            "t",
            Format::of("t", text.as_bytes()),
            Limits::default(),
        )
        .unwrap()
    }

    fn shown(document: &Document, place: &Place) -> String {
        let span = document.locate(place);
        document.source.text()[span.start..span.end].to_owned()
    }

    #[test]
    fn a_route_leads_back_to_its_member() {
        let document = document(
            "{\"a\": [1, {\"b.c\": 2, \"b\": {\"\": 3, \"d\\\"e\": 4}}], \"ab\": 5, \"a\\\\]\": [[6]]}",
        );
        let root = Route::root();
        let b = root.key("a").index(1);
        for (route, expected) in [
            (root.key("a").index(0), "1"),
            (b.key("b.c"), "2"),
            (b.key("b").key(""), "3"),
            (b.key("b").key("d\"e"), "4"),
            (root.key("ab"), "5"),
            (root.key("a\\]").index(0).index(0), "6"),
        ] {
            assert_eq!(
                shown(&document, &Place::value(route.clone())),
                expected,
                "{route}"
            );
        }
        assert_eq!(shown(&document, &Place::key(b.key("b.c"))), "\"b.c\"");
        assert!(document.find(&root.key("a").index(2)).is_none());
        assert!(document.find(&root.key("a").key("x")).is_none());
    }

    #[test]
    fn what_is_missing_is_marked_at_what_lacks_it() {
        let yaml = document("rules:\n  - id: X\n    match: {}\ndefaults: { outcome: DENY }\n");
        let route = Route::root().key("rules").index(0).key("approver_role");
        assert_eq!(shown(&yaml, &Place::value(route)), "id: X");
        let route = Route::root().key("defaults").key("x");
        assert_eq!(shown(&yaml, &Place::value(route)), "defaults");
    }

    #[test]
    fn a_part_of_a_string_is_found_however_it_is_quoted() {
        let part = |text: &str, value: &str, part: &str| {
            let document = document(text);
            let node = document.root.get("k").unwrap();
            assert_eq!(node.as_str(), Some(value), "{text}");
            let start = value.find(part).unwrap();
            let place = Place::text(Route::root().key("k"), Span::new(start, start + part.len()));
            shown(&document, &place)
        };
        assert_eq!(part("k: a(b+)+c\n", "a(b+)+c", "(b+)+"), "(b+)+");
        assert_eq!(part("k: 'it''s (b)'\n", "it's (b)", "(b)"), "(b)");
        assert_eq!(part("k: 'it''s'\n", "it's", "'"), "''");
        assert_eq!(
            part("{\"k\": \"\\\\d\\u00e9(b)\"}", "\\dé(b)", "(b)"),
            "(b)"
        );
        assert_eq!(
            part("{\"k\": \"\\ud83d\\ude00b\"}", "😀b", "😀"),
            "\\ud83d\\ude00"
        );
        assert_eq!(
            part("k: \"\\x41\\_b\\U0001F600c\"\n", "A\u{A0}b😀c", "c"),
            "c"
        );
        assert_eq!(part("k: \"ab\"\n", "ab", "ab"), "ab");
        // Folded: the whole value.
        assert_eq!(part("k: >-\n  a\n  b\n", "a b", "b"), ">-\n  a\n  b");
    }
}
