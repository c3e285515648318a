//! What the tool returned, of any form. Owns how it becomes flat.

use crate::json::{Error, Scanner, write_number};
use crate::model::returned::{Key, Returned};

/// Reads the value at the cursor.
///
/// # Errors
/// If it is malformed or nested too deeply.
pub fn read(scanner: &mut Scanner<'_>, returned: &mut Returned) -> Result<(), Error> {
    returned.clear();
    let is_text = scanner.peek()? == b'"';
    let start = scanner.offset();
    value(scanner, returned, None, 1)?;
    let written = scanner.since(start).len();
    let text = returned.leaves().next().map_or(0, |(_, text)| text.len());
    returned.bytes = Some(if is_text { text } else { written } as u64);
    Ok(())
}

/// Recurses as deep as the scanner allows.
fn value(
    scanner: &mut Scanner<'_>,
    returned: &mut Returned,
    key: Option<Key>,
    depth: u32,
) -> Result<(), Error> {
    scanner.check_depth(depth)?;
    match scanner.peek()? {
        b'"' => {
            let string = scanner.string()?;
            returned.add_leaf(key, |out| string.append_to(out));
        }
        b'{' => scanner.object(|scanner, key| {
            let key = returned.add_key(|out| key.append_to(out));
            value(scanner, returned, Some(key), depth + 1)
        })?,
        b'[' => scanner.array(|scanner| value(scanner, returned, key, depth + 1))?,
        b't' | b'f' => scanner.boolean().map(|_| ())?,
        b'n' => scanner.null()?,
        _ => {
            let number = scanner.number()?;
            returned.add_leaf(key, |out| write_number(number, out));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn returned(text: &str) -> Result<Returned, Error> {
        let mut returned = Returned::default();
        read(&mut Scanner::new(text.as_bytes()), &mut returned)?;
        Ok(returned)
    }

    #[test]
    fn leaves_know_the_nearest_key() {
        let text = r#" {"a":["x",{"b\u0021":1.50}],"c":null,"d":true,"e":{}}"#;
        let returned = returned(text).expect("JSON");
        let leaves: Vec<_> = returned.leaves().collect();
        assert_eq!(
            leaves,
            [(Some(&b"a"[..]), &b"x"[..]), (Some(b"b!"), b"1.5"),]
        );
        let keys: Vec<_> = returned.keys().collect();
        assert_eq!(keys, [&b"a"[..], b"b!", b"c", b"d", b"e"]);
        assert_eq!(returned.bytes, Some(text.len() as u64 - 1));
    }

    #[test]
    fn a_text_is_as_long_as_it_says() {
        assert_eq!(returned(r#""a\n\u00e9""#).expect("JSON").bytes, Some(4));
        assert_eq!(returned("\"\"").expect("JSON").bytes, Some(0));
        assert!(returned("[1,").is_err());
        assert!(returned(&"[".repeat(100_000)).is_err());
    }
}
