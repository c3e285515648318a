//! The arguments of a call, whatever shape holds them: one JSON object becomes searchable values
//! and a flat list of arguments.

use crate::json::{Error, ErrorKind, Item, Kind, Scanner, write_number};
use crate::model::request::{Argument, ArgumentValue, Name, Request};

/// Objects with at most this many arguments inside are checked for duplicate keys pair by pair,
/// without allocating.
const FEW_ARGUMENTS: usize = 12;

/// Reads the object at the cursor as the `tool_args` of `request`, which has none yet.
///
/// # Errors
/// If there is no object, it is malformed, nested too deeply, or has a key twice at any depth.
pub fn read(scanner: &mut Scanner<'_>, request: &mut Request) -> Result<(), Error> {
    request.begin_arguments();
    read_object(scanner, request, 0)?;
    request.end_arguments();
    Ok(())
}

/// Reads the arguments that `text` holds, as APIs that carry them in a string do. An empty text
/// means no arguments.
///
/// # Errors
/// `arguments_not_json`, or `arguments_not_object` for JSON of another kind: the stable names of
/// why the call is not replayable.
pub fn read_text(text: &[u8], request: &mut Request) -> Result<(), &'static str> {
    let mut scanner = Scanner::new(text);
    if scanner.at_end() {
        return Ok(());
    }
    match scanner.peek() {
        Ok(b'{') => read(&mut scanner, request)
            .and_then(|()| scanner.finish())
            .map_err(reason),
        _ => match scanner.skip(0).and_then(|()| scanner.finish()) {
            Ok(()) => Err("arguments_not_object"),
            Err(_) => Err("arguments_not_json"),
        },
    }
}

/// Reads the arguments that a record holds as an object or in a string. `written` is the text that
/// [`Item::written`] points into.
///
/// # Errors
/// As [`read_text`], and `arguments_missing` if there is no `item` or it is `null`: that a call has
/// no arguments is for the shape to say, not to be guessed.
pub fn read_item(
    item: Option<Item<'_>>,
    written: &[u8],
    request: &mut Request,
) -> Result<(), &'static str> {
    match item.map(|item| (item, item.kind())) {
        Some((item, Kind::Object)) => {
            let written = written.get(item.written()).unwrap_or_default();
            read(&mut Scanner::new(written), request).map_err(reason)
        }
        Some((item, Kind::String)) => read_text(item.string().unwrap_or_default(), request),
        None | Some((_, Kind::Null)) => Err("arguments_missing"),
        Some(_) => Err("arguments_not_object"),
    }
}

/// Takes `text`, which is no JSON, as the one argument `key`.
pub fn take_text(key: &str, text: &[u8], request: &mut Request) {
    request.begin_arguments();
    let key = request.add_name(|out| out.extend_from_slice(key.as_bytes()));
    let value = request.add_value(|out| out.extend_from_slice(text));
    request.arguments.push(Argument {
        key,
        depth: 0,
        value: ArgumentValue::String(value),
    });
    request.end_arguments();
}

/// The stable name of why arguments that should be an object are not replayable.
fn reason(error: Error) -> &'static str {
    match error.kind {
        ErrorKind::DuplicateKey => "arguments_ambiguous",
        _ => "arguments_not_json",
    }
}

fn read_object(scanner: &mut Scanner<'_>, request: &mut Request, depth: u16) -> Result<(), Error> {
    scanner.check_depth(u32::from(depth))?;
    let start = scanner.offset();
    let first = request.arguments.len();
    let mut members = 0;
    scanner.object(|scanner, key| {
        members += 1;
        let key = request.add_name(|out| key.append_to(out));
        read_value(scanner, request, key, depth)
    })?;
    if members > 1 && has_duplicate_key(request, first, depth) {
        return Err(Error {
            at: start,
            kind: ErrorKind::DuplicateKey,
        });
    }
    Ok(())
}

/// True if two members of the object whose arguments begin at `first` have the same key.
fn has_duplicate_key(request: &Request, first: usize, depth: u16) -> bool {
    let inside = request.arguments.get(first..).unwrap_or_default();
    let keys = || {
        inside
            .iter()
            .filter(|argument| argument.depth == depth)
            .map(|argument| request.name(argument.key))
    };
    if inside.len() <= FEW_ARGUMENTS {
        return keys()
            .enumerate()
            .any(|(index, key)| keys().take(index).any(|other| other == key));
    }
    let mut sorted: Vec<&[u8]> = keys().collect();
    sorted.sort_unstable();
    sorted
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a == b))
}

fn read_value(
    scanner: &mut Scanner<'_>,
    request: &mut Request,
    key: Name,
    depth: u16,
) -> Result<(), Error> {
    let push = |request: &mut Request, value| {
        request.arguments.push(Argument { key, depth, value });
    };
    match scanner.peek()? {
        b'"' => {
            let string = scanner.string()?;
            let value = request.add_value(|out| string.append_to(out));
            push(request, ArgumentValue::String(value));
        }
        b'{' => {
            push(request, ArgumentValue::Composite);
            read_object(scanner, request, depth + 1)?;
        }
        b'[' => {
            scanner.check_depth(u32::from(depth) + 1)?;
            push(request, ArgumentValue::Composite);
            scanner.array(|scanner| read_value(scanner, request, key, depth + 1))?;
        }
        b't' | b'f' => {
            let value = scanner.boolean()?;
            let text: &[u8] = if value { b"true" } else { b"false" };
            request.add_value(|out| out.extend_from_slice(text));
            push(request, ArgumentValue::Bool(value));
        }
        b'n' => {
            scanner.null()?;
            push(request, ArgumentValue::Null);
        }
        _ => {
            let number = scanner.number()?;
            let value = request.add_value(|out| write_number(number, out));
            push(request, ArgumentValue::Number(value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<(Request, Vec<String>), &'static str> {
        let mut request = Request::default();
        read_text(text.as_bytes(), &mut request)?;
        let listed = request
            .arguments
            .iter()
            .map(|argument| {
                let key = String::from_utf8_lossy(request.name(argument.key)).into_owned();
                let value = match argument.value {
                    ArgumentValue::String(value) | ArgumentValue::Number(value) => {
                        String::from_utf8_lossy(request.value(value)).into_owned()
                    }
                    other => format!("{other:?}"),
                };
                format!("{}{key}={value}", ">".repeat(argument.depth.into()))
            })
            .collect();
        Ok((request, listed))
    }

    #[test]
    fn arguments_are_listed_in_document_order() {
        let text = r#"{"a":"x","b":{"c":[1.0,true,{"d":null}]},"e":1e2}"#;
        let (request, listed) = read_all(text).expect("arguments");
        assert_eq!(
            listed,
            [
                "a=x",
                "b=Composite",
                ">c=Composite",
                ">>c=1",
                ">>c=Bool(true)",
                ">>c=Composite",
                ">>>d=Null",
                "e=100"
            ]
        );
        assert_eq!(request.argument_values(), b"x\xFF1\xFFtrue\xFF100\xFF");
    }

    #[test]
    fn what_is_not_an_object_is_named() {
        assert_eq!(read_all("[1]").err(), Some("arguments_not_object"));
        assert_eq!(read_all("{\"a\":").err(), Some("arguments_not_json"));
        assert_eq!(read_all("ls -la").err(), Some("arguments_not_json"));
        assert_eq!(read_all(" ").map(|(_, listed)| listed.len()), Ok(0));
    }

    #[test]
    fn duplicate_keys_are_ambiguous_in_small_and_large_objects() {
        let large: Vec<String> = (0..50).map(|n| format!("\"k{n}\":{n}")).collect();
        let large = large.join(",");
        for text in [
            r#"{"a":1,"a":2}"#.to_owned(),
            r#"{"x":[{"a":1},{"b":{"a":1,"\u0061":2}}]}"#.to_owned(),
            format!("{{{large},\"k7\":0}}"),
        ] {
            assert_eq!(read_all(&text).err(), Some("arguments_ambiguous"), "{text}");
        }
        for text in [
            r#"{"x":[{"a":1},{"a":2}],"a":0}"#.to_owned(),
            format!("{{{large}}}"),
        ] {
            assert!(read_all(&text).is_ok(), "{text}");
        }
    }
}
