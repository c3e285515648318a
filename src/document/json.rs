//! Strict JSON. `serde_json` decides what the text says, `jsonc-parser` where each value stands;
//! where they disagree, the text is refused.

mod repair;

use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged as _};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::Deserialize as _;

use self::repair::{Fault, Repairs};
use super::Limits;
use super::check;
use super::node::{Member, Node, NodeKind};
use super::plain::Plain;
use super::problems::{Path, Problems};
use crate::diagnostic::Span;

const BYTE_ORDER_MARK: &str = "\u{FEFF}";

/// What JSON alone has: no comments, no trailing commas, no other number or string.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The tree of a text. `None` when its grammar is broken; every other problem leaves a tree.
pub(super) fn parse(text: &str, limits: Limits, problems: &mut Problems) -> Option<Node> {
    if let Some(offset) = repair::too_deep(text, limits.depth()) {
        problems.add(
            "too-deep",
            &Path::Root,
            Span::new(offset, offset + 1),
            format!(
                "more than {} lists and objects inside each other",
                limits.depth()
            ),
            "flatten the document, or raise the limit on the command line".to_owned(),
        );
        return None;
    }
    if text.trim_ascii().is_empty() {
        problems.add(
            "empty-document",
            &Path::Root,
            Span::new(0, 0),
            "the document holds nothing",
            "a document holds exactly one value".to_owned(),
        );
        return None;
    }
    let mut without_mark = String::new();
    let mut text = text;
    if let Some(rest) = text.strip_prefix(BYTE_ORDER_MARK) {
        problems.add(
            "byte-order-mark",
            &Path::Root,
            Span::new(0, BYTE_ORDER_MARK.len()),
            "the text begins with a byte-order mark",
            "save the file as UTF-8 without one".to_owned(),
        );
        without_mark.push_str("   ");
        without_mark.push_str(rest);
        text = &without_mark;
    }
    match read(text) {
        Ok(plain) => build(text, plain, Repairs::none(), problems),
        Err(error) => {
            // Faults inside a string or number leave the rest of the text readable.
            let repairs = repair::repair(text);
            match read(repairs.text()) {
                Ok(plain) if !repairs.is_empty() => {
                    let repaired = repairs.text().to_owned();
                    build(&repaired, plain, repairs, problems)
                }
                Ok(_) => syntax(text, &error, problems),
                Err(error) => {
                    repairs.report_rest(problems);
                    syntax(text, &error, problems)
                }
            }
        }
    }
}

fn read(text: &str) -> Result<Plain, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let plain = Plain::deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(plain)
}

fn syntax(text: &str, error: &serde_json::Error, problems: &mut Problems) -> Option<Node> {
    let offset = if error.is_eof() {
        text.len()
    } else {
        offset(text, error.line(), error.column())
    };
    let length = text
        .get(offset..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8);
    let message = error.to_string();
    // The position is the span's business; serde_json appends it to the message.
    let message = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(message, _)| message);
    let help = match message {
        "trailing comma" => Some("remove the comma"),
        "trailing characters" => Some("a document holds exactly one value"),
        "key must be a string" => Some("write the key in double quotes"),
        "expected value" => Some("JSON has no comments, single quotes or unquoted words"),
        _ => None,
    };
    problems.add(
        "syntax",
        &Path::Root,
        Span::new(offset, offset + length),
        message.replace("EOF while parsing", "the text ends within"),
        help.map(str::to_owned),
    );
    None
}

/// The byte before which serde_json stopped: it counts bytes of the line up to and including it.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(breaks) => memchr::memchr_iter(b'\n', text.as_bytes())
            .nth(breaks)
            .map_or(0, |newline| newline + 1),
    };
    let mut offset = (line_start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn build(text: &str, plain: Plain, repairs: Repairs, problems: &mut Problems) -> Option<Node> {
    let collect = CollectOptions::default();
    let ast = parse_to_ast(text, &collect, &STRICT)
        .ok()
        .and_then(|result| result.value);
    let mut builder = Builder { repairs, problems };
    let root = ast.and_then(|ast| builder.node(plain, &ast, &Path::Root));
    match root {
        Some(root) => {
            check::check(&root, problems);
            Some(root)
        }
        None => {
            problems.add(
                "ambiguous-json",
                &Path::Root,
                Span::new(0, text.len()),
                "two JSON parsers read this text differently",
                "write it in plainer JSON, and report the text to the project".to_owned(),
            );
            None
        }
    }
}

/// Joins the value of one parser with the places of the other.
struct Builder<'p> {
    repairs: Repairs,
    problems: &'p mut Problems,
}

impl Builder<'_> {
    /// `None` where the parsers disagree.
    fn node(&mut self, plain: Plain, ast: &ast::Value<'_>, path: &Path<'_>) -> Option<Node> {
        let span = span(ast.range());
        let kind = match (plain, ast) {
            (Plain::Null, ast::Value::NullKeyword(_)) => NodeKind::Null,
            (Plain::Bool(value), ast::Value::BooleanLit(literal)) if value == literal.value => {
                NodeKind::Bool(value)
            }
            (Plain::Number(value), ast::Value::NumberLit(literal))
                if literal.value.parse() == Ok(value) =>
            {
                self.report(span, path);
                NodeKind::Number(value)
            }
            (Plain::String(value), ast::Value::StringLit(literal)) if value == literal.value => {
                self.report(span, path);
                NodeKind::String(value)
            }
            (Plain::Array(values), ast::Value::Array(array))
                if values.len() == array.elements.len() =>
            {
                NodeKind::Array(
                    values
                        .into_iter()
                        .zip(&array.elements)
                        .enumerate()
                        .map(|(index, (value, ast))| {
                            self.node(value, ast, &Path::Index(path, index))
                        })
                        .collect::<Option<_>>()?,
                )
            }
            (Plain::Object(values), ast::Value::Object(object))
                if values.len() == object.properties.len() =>
            {
                NodeKind::Object(
                    values
                        .into_iter()
                        .zip(&object.properties)
                        .map(|((key, value), property)| self.member(key, value, property, path))
                        .collect::<Option<_>>()?,
                )
            }
            _ => return None,
        };
        Some(Node { span, kind })
    }

    fn member(
        &mut self,
        key: String,
        value: Plain,
        property: &ast::ObjectProp<'_>,
        path: &Path<'_>,
    ) -> Option<Member> {
        let ast::ObjectPropName::String(literal) = &property.name else {
            return None;
        };
        if literal.value != key {
            return None;
        }
        let key_span = span(literal.range);
        let here = Path::Key(path, &key);
        self.report(key_span, &here);
        let value = self.node(value, &property.value, &here)?;
        Some(Member {
            key,
            key_span,
            value,
        })
    }

    /// Reports what was repaired inside `span`; the tree is built in the order of the text.
    fn report(&mut self, span: Span, path: &Path<'_>) {
        while let Some(fault) = self.repairs.next_before(span.end) {
            fault.report(path, self.problems);
        }
    }
}

impl Fault {
    fn report(self, path: &Path<'_>, problems: &mut Problems) {
        let (code, message, help) = match self {
            Self::LoneSurrogate(_) => (
                "lone-surrogate",
                "half of a surrogate pair is no character",
                "write both halves, or the character itself",
            ),
            Self::NumberRange(_) => (
                "number-range",
                "the number is beyond ±9007199254740991, where readers round it differently",
                "write it as a string",
            ),
        };
        problems.add(code, path, self.span(), message, help.to_owned());
    }
}

fn span(range: Range) -> Span {
    Span::new(range.start, range.end)
}
