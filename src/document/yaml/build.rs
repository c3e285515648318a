//! Builds the tree from the parser's events, and refuses on the way what the subset leaves out.

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StructureStyle};

use super::place::{block_span, bytes, closing};
use super::scalar::{Plain, plain};
use super::{Member, Node, NodeKind, Path, Problems, quoted};
use crate::diagnostic::{Problem, Route, Span};

/// The grammar is broken: reading cannot go on.
pub(super) struct Stop;

/// The tree of the first document, if there is one.
pub(super) fn build(
    text: &str,
    depth: usize,
    problems: &mut Problems,
) -> Result<Option<Node>, Stop> {
    let mut builder = Builder {
        text,
        depth,
        problems,
        stack: Vec::new(),
        root: None,
        anchored: Route::root(),
    };
    builder.run()?;
    Ok(builder.root)
}

fn options(depth: usize) -> Options {
    granit_parser::options! {
        strict_indentation: true,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
    }
}

/// A list or object that is not closed yet.
enum Open {
    Array {
        start: usize,
        style: StructureStyle,
        items: Vec<Node>,
    },
    Object {
        start: usize,
        style: StructureStyle,
        members: Vec<Member>,
        key: Option<(String, Span)>,
    },
}

struct Builder<'t, 'p> {
    text: &'t str,
    depth: usize,
    problems: &'p mut Problems,
    stack: Vec<Open>,
    root: Option<Node>,
    /// The route of the node that was begun last, if it has an anchor: the parser tells about the
    /// anchor only after the node.
    anchored: Route,
}

impl Builder<'_, '_> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut documents = 0;
        for next in Parser::new_from_str_with_options(self.text, options(self.depth)) {
            let (event, place) = match next {
                Ok(next) => next,
                Err(error) => return Err(self.syntax(&error)),
            };
            let span = bytes(&place);
            if let Some(tag) = place.tag_span() {
                self.add(
                    "tag",
                    bytes(&tag),
                    "tags are not read: they mean different things to different readers",
                    "remove the tag; quote the value if it is text",
                );
            }
            self.note_anchor(&event);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.add(
                            "several-documents",
                            span,
                            "the file holds more than one YAML document",
                            "put each document into its own file",
                        );
                        return Ok(());
                    }
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    self.add("alias", span, "aliases are not read", "write the value out");
                    self.complete(span, NodeKind::Null);
                }
                Event::Anchor(..) => self.problems.report(Problem {
                    code: "anchor",
                    message: "anchors are not read".to_owned(),
                    help: Some(
                        "remove the anchor, and write its value out where it is used".to_owned(),
                    ),
                    route: std::mem::take(&mut self.anchored),
                    span,
                    meant: None,
                }),
                Event::Scalar(value, style, ..) => self.scalar(&value, style, span),
                Event::SequenceStart(style, ..) => self.open(
                    span,
                    Open::Array {
                        start: span.start,
                        style,
                        items: Vec::new(),
                    },
                )?,
                Event::MappingStart(style, ..) => self.open(
                    span,
                    Open::Object {
                        start: span.start,
                        style,
                        members: Vec::new(),
                        key: None,
                    },
                )?,
                Event::SequenceEnd | Event::MappingEnd => self.close(span),
                _ => {}
            }
        }
        Ok(())
    }

    fn note_anchor(&mut self, event: &Event<'_>) {
        let anchored = matches!(
            event,
            Event::Scalar(_, _, 1.., _)
                | Event::SequenceStart(_, 1.., _)
                | Event::MappingStart(_, 1.., _)
        );
        if anchored && !self.problems.is_full() {
            at(&self.stack, &Path::Root, &mut |path| {
                self.anchored = path.route();
            });
        }
    }

    fn open(&mut self, span: Span, open: Open) -> Result<(), Stop> {
        if self.stack.len() >= self.depth {
            self.too_deep(span);
            return Err(Stop);
        }
        self.stack.push(open);
        Ok(())
    }

    fn too_deep(&mut self, span: Span) {
        let message = format!(
            "more than {} lists and objects inside each other",
            self.depth
        );
        self.add(
            "too-deep",
            span,
            &message,
            "flatten the document, or raise the limit on the command line",
        );
    }

    fn close(&mut self, end: Span) {
        match self.stack.pop() {
            Some(Open::Array {
                start,
                style,
                items,
            }) => {
                let last = items.last().map_or(start, |item| item.span.end);
                let end = closing(style, last, end);
                self.complete(Span::new(start, end), NodeKind::Array(items));
            }
            Some(Open::Object {
                start,
                style,
                members,
                ..
            }) => {
                let last = members.last().map_or(start, |member| {
                    member.value.span.end.max(member.key_span.end)
                });
                let end = closing(style, last, end);
                self.complete(Span::new(start, end), NodeKind::Object(members));
            }
            None => {}
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, span: Span) {
        let span = self.scalar_span(style, span);
        let is_key = matches!(self.stack.last(), Some(Open::Object { key: None, .. }));
        let kind = if matches!(style, ScalarStyle::Plain) {
            match plain(value) {
                Plain::Is(kind) => kind,
                Plain::Merge if is_key => {
                    self.add(
                        "merge-key",
                        span,
                        "merge keys are not read",
                        "write the members out, or quote it: \"<<\"",
                    );
                    NodeKind::String(value.to_owned())
                }
                Plain::Merge => self.ambiguous(value, span, "YAML 1.1 takes it for a merge", ""),
                Plain::Ambiguous(why) => self.ambiguous(value, span, why, ""),
                Plain::AmbiguousNumber(why) => {
                    let or = ", or write the number in plain digits";
                    self.ambiguous(value, span, why, or)
                }
            }
        } else {
            NodeKind::String(value.to_owned())
        };
        self.complete(span, kind);
    }

    /// The bytes of a scalar: with the header of a block scalar, which the parser leaves out, and
    /// behind its key when it is empty.
    fn scalar_span(&self, style: ScalarStyle, span: Span) -> Span {
        let after_key = match self.stack.last() {
            Some(Open::Object {
                key: Some((_, key)),
                ..
            }) => Some(key.end),
            _ => None,
        };
        match (style, after_key) {
            (ScalarStyle::Literal | ScalarStyle::Folded, _) => {
                block_span(self.text, span, after_key.unwrap_or_default())
            }
            (ScalarStyle::Plain, Some(end)) if span.start == span.end => Span::new(end, end),
            _ => span,
        }
    }

    fn ambiguous(&mut self, value: &str, span: Span, why: &str, or: &str) -> NodeKind {
        let message = format!("{} is ambiguous: {why}", quoted(value));
        let help = format!("quote it: \"{}\"{or}", value.escape_debug());
        self.add("ambiguous-scalar", span, &message, &help);
        NodeKind::String(value.to_owned())
    }

    /// Puts a finished value where it belongs.
    fn complete(&mut self, span: Span, kind: NodeKind) {
        match self.stack.last_mut() {
            None => self.root = Some(Node { span, kind }),
            Some(Open::Array { items, .. }) => items.push(Node { span, kind }),
            Some(Open::Object { members, key, .. }) => match key.take() {
                Some((key, key_span)) => members.push(Member {
                    key,
                    key_span,
                    value: Node { span, kind },
                }),
                None => {
                    let text = self.key(span, kind);
                    if let Some(Open::Object { key, .. }) = self.stack.last_mut() {
                        *key = Some((text, span));
                    }
                }
            },
        }
    }

    /// The text of a key, which must be a string.
    fn key(&mut self, span: Span, kind: NodeKind) -> String {
        let written = self.text.get(span.start..span.end).unwrap_or_default();
        let found = match kind {
            NodeKind::String(text) => return text,
            NodeKind::Null => "null",
            NodeKind::Bool(_) => "a truth value",
            NodeKind::Number(_) => "a number",
            NodeKind::Array(_) => "a list",
            NodeKind::Object(_) => "an object",
        };
        let help = match kind {
            NodeKind::Bool(_) | NodeKind::Number(_) => format!("quote it: \"{written}\""),
            _ => "write the key as a string".to_owned(),
        };
        let message = format!("the key is {found}, not a string");
        self.add("key-not-string", span, &message, &help);
        written.to_owned()
    }

    fn syntax(&mut self, error: &ScanError) -> Stop {
        let start = error.marker().byte_offset().unwrap_or(self.text.len());
        let length = self
            .text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        let span = Span::new(start, start + length);
        if self.problems.concern(span) {
            return Stop;
        }
        let (code, message, help) = match error.kind() {
            ErrorKind::DirectiveDisallowed => (
                "directive",
                "directives are not read".to_owned(),
                Some("remove the line; the text is YAML 1.2 without it"),
            ),
            ErrorKind::InvalidLowSurrogate
            | ErrorKind::InvalidLowSurrogateHexEscape
            | ErrorKind::MissingLowSurrogate
            | ErrorKind::UnpairedLowSurrogate => (
                "lone-surrogate",
                "half of a surrogate pair is no character".to_owned(),
                Some("write both halves, or the character itself"),
            ),
            ErrorKind::RecursionLimitExceeded => {
                self.too_deep(span);
                return Stop;
            }
            kind @ ErrorKind::UnexpectedCharacter { character } => (
                "syntax",
                format!("unexpected character `{character}`"),
                syntax_help(kind),
            ),
            kind => ("syntax", kind.to_string(), syntax_help(kind)),
        };
        self.problems
            .add(code, &Path::Root, span, message, help.map(str::to_owned));
        Stop
    }

    /// Adds a problem at the place that is being read.
    fn add(&mut self, code: &'static str, span: Span, message: &str, help: &str) {
        let stack = &self.stack;
        at(stack, &Path::Root, &mut |path| {
            self.problems
                .add(code, path, span, message, help.to_owned());
        });
    }
}

/// What to do about the commonest errors.
const fn syntax_help(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => Some("indent with spaces"),
        ErrorKind::MappingValueNotAllowed => {
            Some("check the indentation; quote a text that holds a colon")
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            Some("quote a text that begins with a punctuation mark")
        }
        ErrorKind::InvalidIndentation => {
            Some("check the indentation, and that every bracket and quote before is closed")
        }
        _ => None,
    }
}

/// Calls `found` with the path to what is being read. Recurses as deep as the document is, which is
/// limited.
fn at(stack: &[Open], path: &Path<'_>, found: &mut dyn FnMut(&Path<'_>)) {
    match stack.split_first() {
        None => found(path),
        Some((Open::Array { items, .. }, rest)) => {
            at(rest, &Path::Index(path, items.len()), found);
        }
        Some((Open::Object { key: None, .. }, _)) => found(path),
        Some((
            Open::Object {
                key: Some((key, _)),
                ..
            },
            rest,
        )) => {
            at(rest, &Path::Key(path, key), found);
        }
    }
}
