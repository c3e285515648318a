//! HMAC-SHA256 (RFC 2104, FIPS 198-1). The one place where a tag is compared: in constant time,
//! and only when it has exactly its length.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::secret::Secret;

/// Bytes of a tag.
pub(super) const TAG_BYTES: usize = 32;

/// The tag of a message.
pub(super) fn tag(secret: &Secret, message: &[u8]) -> [u8; TAG_BYTES] {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.chain_update(message).finalize().into_bytes().into()
}

/// Whether a tag is the message's own.
pub(super) fn verify(secret: &Secret, message: &[u8], given: &[u8; TAG_BYTES]) -> bool {
    tag(secret, message).ct_eq(given).into()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use zeroize::Zeroizing;

    use super::super::encoding;
    use super::*;
    use crate::digest::hex;

    fn secret(bytes: Vec<u8>) -> Secret {
        assert!(!bytes.ends_with(b"\n"), "a line end would be taken away");
        Secret::new(Zeroizing::new(bytes))
    }

    fn bytes(value: &Value) -> Vec<u8> {
        encoding::hex(value.as_str().expect("a string")).expect("hexadecimal digits")
    }

    #[test]
    fn wycheproof() {
        let text = include_str!("../../testdata/vectors/wycheproof/hmac_sha256_test.json");
        let vectors: Value = serde_json::from_str(text).expect("JSON");
        let mut right = 0;
        for group in vectors["testGroups"].as_array().expect("groups") {
            let tag_bytes = group["tagSize"].as_u64().expect("a size") / 8;
            for test in group["tests"].as_array().expect("tests") {
                let secret = secret(bytes(&test["key"]));
                let message = bytes(&test["msg"]);
                let given = bytes(&test["tag"]);
                let valid = test["result"] == "valid";
                let accepted = match given.as_slice().try_into() {
                    Ok(given) => verify(&secret, &message, given),
                    // A truncated tag is never accepted; its bytes must be right all the same.
                    Err(_) => {
                        assert_eq!(tag_bytes, 16, "case {}", test["tcId"]);
                        assert!(encoding::exact::<TAG_BYTES>(&hex(&given)).is_none());
                        tag(&secret, &message).starts_with(&given)
                    }
                };
                assert_eq!(accepted, valid, "case {}", test["tcId"]);
                right += 1;
            }
        }
        assert_eq!(right, 174);
    }

    #[test]
    fn rfc_4231() {
        let text = include_str!("../../testdata/vectors/rfc4231/rfc-4231-sha256.txt");
        let mut right = 0;
        let mut key = Vec::new();
        let mut message = Vec::new();
        for line in text.lines() {
            match line.split_once(" = ") {
                Some(("Key", digits)) => key = encoding::hex(digits).expect("digits"),
                Some(("Msg", digits)) => message = encoding::hex(digits).expect("digits"),
                Some(("MD", digits)) => {
                    assert_eq!(hex(&tag(&secret(key.clone()), &message)), digits);
                    right += 1;
                }
                _ => {}
            }
        }
        assert_eq!(right, 6);
    }
}
