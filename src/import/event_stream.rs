//! Bodies of streamed responses: the text/event-stream format. Owns its lines and events; knows
//! nothing of what an event says.
//!
//! Source: WHATWG HTML, "Server-sent events", §9.2.6 "Interpreting an event stream". One
//! difference: an event that the end of the text cuts off from its empty line is read as well,
//! because recorders trim bodies; whether it is whole its JSON says.

use std::borrow::Cow;

use crate::json::{Item, Scanner, Tape};

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the event `[DONE]`.
    Done,
    /// With the text.
    Text,
    /// At an event that is not one JSON value; what followed was not read.
    Unreadable,
}

/// Among how many events at the start of a stream one must say what it is.
const FIRST_EVENTS: usize = 4;

/// Hands the JSON value of each event to `receive`, with the text that its items point into.
pub(super) fn read(text: &[u8], mut receive: impl FnMut(Item<'_>, &[u8])) -> End {
    let mut tape = Tape::default();
    for data in events(text) {
        if *data == *b"[DONE]" {
            return End::Done;
        }
        let mut scanner = Scanner::new(&data);
        match tape.read(&mut scanner) {
            Ok(event) if scanner.at_end() => receive(event, &data),
            _ => return End::Unreadable,
        }
    }
    End::Text
}

/// True if `is_of_kind` holds for an event at the start of the stream.
pub(super) fn starts_with(text: &[u8], is_of_kind: impl Fn(Item<'_>) -> bool) -> bool {
    let mut tape = Tape::default();
    events(text)
        .take(FIRST_EVENTS)
        .any(|data| tape.read(&mut Scanner::new(&data)).is_ok_and(&is_of_kind))
}

/// The data of each event that has any.
fn events(text: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let mut rest = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    std::iter::from_fn(move || {
        let mut data: Option<Cow<'_, [u8]>> = None;
        while !rest.is_empty() {
            let line;
            (line, rest) = split_line(rest);
            if line.is_empty() {
                if data.is_some() {
                    break;
                }
            } else if let Some(value) = data_value(line) {
                match &mut data {
                    None => data = Some(Cow::Borrowed(value)),
                    Some(data) => {
                        let data = data.to_mut();
                        data.push(b'\n');
                        data.extend_from_slice(value);
                    }
                }
            }
        }
        data
    })
}

/// The value of a line that is a `data` field.
fn data_value(line: &[u8]) -> Option<&[u8]> {
    match line.strip_prefix(b"data")? {
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        [] => Some(&[]),
        _ => None,
    }
}

/// The first line and what follows its end, which is CR LF, LF or CR.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let length = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
    let (line, end) = text.split_at_checked(length).unwrap_or((text, &[]));
    match end {
        [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => (line, rest),
        [] => (line, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Vec<String> {
        events(text.as_bytes())
            .map(|data| String::from_utf8(data.into_owned()).expect("UTF-8"))
            .collect()
    }

    #[test]
    fn events_are_split_as_the_standard_says() {
        assert_eq!(data("data: a\n\ndata:b\n\n"), ["a", "b"]);
        assert_eq!(
            data("event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n"),
            ["a", "b"]
        );
        assert_eq!(data("data: a\rdata: b\r\rdata: c\r\r"), ["a\nb", "c"]);
        assert_eq!(data("\u{feff}data:  a\n\n"), [" a"]);
        assert_eq!(data(": ping\n\nid: 1\n\ndatum: x\n\ndata\n\n"), [""]);
        assert_eq!(data("data: a\n\n\n\ndata: cut off"), ["a", "cut off"]);
        assert!(data("").is_empty());
    }

    #[test]
    fn reading_stops_at_what_is_not_json() {
        let read_all = |text: &str| {
            let mut count = 0;
            (read(text.as_bytes(), |_, _| count += 1), count)
        };
        assert_eq!(read_all("data: {}\n\ndata: 1\n\n"), (End::Text, 2));
        assert_eq!(
            read_all("data: {}\n\ndata: [DONE]\n\ndata: {}\n\n"),
            (End::Done, 1)
        );
        assert_eq!(
            read_all("data: {}\n\ndata: {\n\ndata: {}\n\n"),
            (End::Unreadable, 1)
        );
        assert_eq!(read_all("data: {} {}\n\n"), (End::Unreadable, 0));
    }
}
