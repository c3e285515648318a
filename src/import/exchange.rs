//! Recorded HTTP exchanges, one `{request, response}` a record. Owns where the answer is and when
//! it came; what it says is for the shapes.
//!
//! Requests repeat the calls of earlier responses, so that only responses count; what became of
//! those calls is in requests only.

use crate::json::Item;
use crate::time::Timestamp;

/// One request and its response.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange<'t> {
    /// The request's body.
    pub(super) request: Item<'t>,
    /// The body: a value, or the text of a stream.
    pub(super) response: Item<'t>,
    /// When the response was sent.
    pub(super) date: Option<Timestamp>,
}

impl<'t> Exchange<'t> {
    /// The exchange that `record` is, if it is one.
    pub(super) fn of(record: Item<'t>) -> Option<Self> {
        Some(Self {
            request: record.get("request")?,
            response: record.get("response")?,
            date: record.get("date").and_then(Item::string).and_then(date),
        })
    }
}

/// Reads the preferred form of an HTTP date (RFC 9110 §5.6.7): `Mon, 28 Jul 2025 14:33:18 GMT`, or
/// RFC 3339.
fn date(text: &[u8]) -> Option<Timestamp> {
    const MONTHS: [&[u8; 3]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let [
        _,
        _,
        _,
        b',',
        b' ',
        d1,
        d2,
        b' ',
        m1,
        m2,
        m3,
        b' ',
        rest @ ..,
    ] = text
    else {
        return Timestamp::parse(text);
    };
    let ([y1, y2, y3, y4, b' ', clock @ ..], b" GMT") = rest.split_last_chunk::<4>()? else {
        return None;
    };
    let month = 1 + MONTHS.iter().position(|name| **name == [*m1, *m2, *m3])?;
    let mut rfc_3339 = format!("0000-{month:02}-00T").into_bytes();
    if let [a, b, c, d, _, _, _, _, e, f, _] = rfc_3339.as_mut_slice() {
        (*a, *b, *c, *d, *e, *f) = (*y1, *y2, *y3, *y4, *d1, *d2);
    }
    rfc_3339.extend_from_slice(clock);
    rfc_3339.push(b'Z');
    Timestamp::parse(&rfc_3339)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read() {
        let printed = |text: &str| date(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(
            printed("Mon, 28 Jul 2025 14:33:18 GMT").as_deref(),
            Some("2025-07-28T14:33:18.000Z")
        );
        assert_eq!(
            printed("2025-07-28T14:33:18+02:00").as_deref(),
            Some("2025-07-28T12:33:18.000Z")
        );
        for text in [
            "",
            "Mon, 28 Jul 2025 14:33:18 CET",
            "Mon, 28 Jux 2025 14:33:18 GMT",
            "Mon, 31 Feb 2025 14:33:18 GMT",
            "Mon, 28 Jul 2025 GMT",
            "Mon, 28 Jul 2025 1 GMT",
        ] {
            assert_eq!(printed(text), None, "{text}");
        }
    }
}
