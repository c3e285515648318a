//! Members that many shapes hold alike: identifiers, times, model and tool names. Owns how they
//! enter a request; knows no shape.

use crate::json::{Item, Kind};
use crate::model::request::{Name, Request};
use crate::time::Timestamp;

/// The last second of the year 9999, after 1970-01-01T00:00:00Z.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// The member `key`, if it is a string and not empty.
pub(super) fn text<'t>(record: Item<'t>, key: &str) -> Option<&'t [u8]> {
    record
        .get(key)
        .and_then(Item::string)
        .filter(|text| !text.is_empty())
}

/// The first member of those that is a string and not empty.
pub(super) fn first_text<'t>(record: Item<'t>, keys: &[&str]) -> Option<&'t [u8]> {
    keys.iter().find_map(|key| text(record, key))
}

/// A value as it is written; none for `null`.
pub(super) fn written<'w>(item: Option<Item<'_>>, written: &'w [u8]) -> Option<&'w [u8]> {
    let item = item.filter(|item| item.kind() != Kind::Null)?;
    written.get(item.written())
}

/// True if the member `key` is the string `value`.
pub(super) fn is(record: Item<'_>, key: &str, value: &str) -> bool {
    record.get(key).and_then(Item::string) == Some(value.as_bytes())
}

/// Adds `text` to the names of `request`.
pub(super) fn name(text: Option<&[u8]>, request: &mut Request) -> Option<Name> {
    text.map(|text| request.add_name(|out| out.extend_from_slice(text)))
}

/// Says that `request` is a call of the tool `name`.
///
/// # Errors
/// `tool_name_missing` without one.
pub(super) fn set_tool(name: Option<&[u8]>, request: &mut Request) -> Result<(), &'static str> {
    request.action_type = Some(request.add_name(|out| out.extend_from_slice(b"tool_call")));
    request.tool_name = self::name(name, request);
    request.tool_name.map(|_| ()).ok_or("tool_name_missing")
}

/// Says when the call was made, in the recording's own words.
pub(super) fn set_time_text(text: Option<&[u8]>, request: &mut Request) {
    request.timestamp_text = name(text, request);
    request.timestamp = text.and_then(Timestamp::parse);
}

/// Says when the call was made, where the recording writes it in another way than RFC 3339.
pub(super) fn set_time(time: Option<Timestamp>, request: &mut Request) {
    request.timestamp = time;
    request.timestamp_text =
        time.map(|time| request.add_name(|out| out.extend_from_slice(time.to_string().as_bytes())));
}

/// The instant that the number `item` gives in seconds after 1970-01-01T00:00:00Z, fractions cut
/// off. `None` from 0 down, which stands for "unknown" where servers must fill a member in, and
/// after the year 9999.
pub(super) fn unix_seconds(item: Item<'_>) -> Option<Timestamp> {
    let seconds: f64 = std::str::from_utf8(item.number()?).ok()?.parse().ok()?;
    (1.0..=LAST_SECOND)
        .contains(&seconds)
        .then(|| Timestamp::from_micros(seconds as i64 * 1_000_000))
}
