//! Signatures as text: lower-case hexadecimal digits or base64, and nothing that two readers could
//! take for different bytes.

use base64ct::{Base64, Base64Url, Encoding as _};

/// The bytes of a text that encodes exactly `N` of them: lower-case hexadecimal digits (FIPS 198
/// and the platform write a tag so) or standard base64 with its padding (DSSE writes signatures
/// so). The two have different lengths, so no text is both.
pub(super) fn exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = if text.len() == 2 * N {
        hex(text)?
    } else {
        Base64::decode_vec(text).ok()?
    };
    bytes.try_into().ok()
}

/// The bytes of lower-case hexadecimal digits.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Bytes as standard base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes of base64, standard or for URLs: DSSE readers must take both. (DSSE 1.0.2, protocol)
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text)
        .or_else(|_| Base64Url::decode_vec(text))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings_of_a_tag_are_read() {
        let tag: [u8; 32] = std::array::from_fn(|index| index as u8 * 7);
        assert_eq!(exact(&crate::digest::hex(&tag)), Some(tag));
        assert_eq!(exact(&base64(&tag)), Some(tag));
    }

    #[test]
    fn everything_else_is_refused() {
        let digits = crate::digest::hex(&[0xAB; 32]);
        let base = base64(&[0xAB; 32]);
        for text in [
            String::new(),
            digits.to_uppercase(),
            format!("0x{digits}"),
            format!(" {digits}"),
            format!("{digits}\n"),
            digits[..63].to_owned(),
            digits[..32].to_owned(),
            format!("{digits}00"),
            base.trim_end_matches('=').to_owned(),
            format!("{base}\n"),
            // Other bits behind the last byte: not how anybody writes these bytes.
            format!("{}t=", &base[..42]),
            base64(&[0xAB; 31]),
            base64(&[0xAB; 33]),
            "é".repeat(32),
        ] {
            assert_eq!(exact::<32>(&text), None, "{text:?}");
        }
    }
}
