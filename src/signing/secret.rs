//! A secret that two parties share. Owns its memory, which is wiped, and what makes it too weak;
//! shows it to nobody but the MAC.

use std::fmt;

use zeroize::Zeroizing;

/// Fewest bytes of a secret: as many as a tag of HMAC-SHA256 has. (RFC 2104 §3, RFC 7518 §3.2)
const MIN_SECRET_BYTES: usize = 32;

/// A secret, without the one line end that a file may have after it. It prints as `[redacted]`.
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why a key protects nothing, or less than it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// There is nothing in the secret.
    #[error("its secret is empty")]
    Empty,
    /// The secret has fewer than 32 bytes.
    #[error("its secret is shorter than {MIN_SECRET_BYTES} bytes")]
    Short,
    /// The secret is one byte over and over.
    #[error("all bytes of its secret are the same")]
    OneByte,
    /// The secret ends with a NUL byte.
    #[error("its secret ends with a NUL byte, which HMAC cannot tell from the secret without it")]
    TrailingNul,
    /// The secret is a text out of many examples.
    #[error("its secret is a well-known placeholder")]
    Placeholder,
    /// Its file can be read or changed by others than its owner.
    #[error("others than the owner may read or change its file")]
    Exposed,
    /// The public key is a point of small order: one signature fits many messages.
    #[error("its public key is a point of small order, for which anybody can sign")]
    SmallOrder,
}

impl Weakness {
    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Exposed => "take the permissions of others away with `chmod 600`",
            Self::SmallOrder => {
                "make another key with `agent-spm sign --generate-key ed25519 DIR/NAME`"
            }
            _ => "make a strong secret with `agent-spm sign --generate-key hmac DIR/NAME`",
        }
    }
}

impl Secret {
    /// A secret as a file, a stream or a variable holds it. Exactly one line end after it is no
    /// part of it.
    pub fn new(mut bytes: Zeroizing<Vec<u8>>) -> Self {
        let line_end = match bytes.as_slice() {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        };
        let length = bytes.len() - line_end;
        bytes.truncate(length);
        Self(bytes)
    }

    /// Why it must not be relied on; `None` if there is no reason to see.
    pub fn weakness(&self) -> Option<Weakness> {
        match self.0.as_slice() {
            [] => Some(Weakness::Empty),
            [.., 0] => Some(Weakness::TrailingNul),
            [first, rest @ ..] if rest.iter().all(|byte| byte == first) => Some(Weakness::OneByte),
            bytes if is_placeholder(bytes) => Some(Weakness::Placeholder),
            bytes if bytes.len() < MIN_SECRET_BYTES => Some(Weakness::Short),
            _ => None,
        }
    }

    /// The secret itself, for the MAC alone.
    pub(super) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Secrets that documentation, templates and tutorials show, without case and punctuation.
const PLACEHOLDERS: &[&str] = &[
    "astringsecretatleast256bitslong",
    "changeme",
    "changemeinproduction",
    "changethis",
    "defaultsecret",
    "examplesecret",
    "hmacsecret",
    "insertyoursecrethere",
    "jwtsecret",
    "mysecret",
    "mysecretkey",
    "mysupersecretkey",
    "notasecret",
    "password",
    "placeholder",
    "policyhmacsecret",
    "replaceme",
    "replacewithasecurerandomsecret",
    "secret",
    "secretkey",
    "supersecret",
    "supersecretkey",
    "thisisasecret",
    "topsecret",
    "verysecret",
    "your256bitsecret",
    "yourhmacsecrethere",
    "yoursecret",
    "yoursecrethere",
    "yoursecretkey",
    "yoursecretkeyhere",
    "yoursupersecretkey",
    "yoursupersecretkeychangeme",
    "yoursupersecretkeychangemeinproduction",
    "yoursupersecretkeychangethisinproduction",
];

/// A placeholder, or one repeated until it was long enough.
fn is_placeholder(bytes: &[u8]) -> bool {
    let letters: Zeroizing<Vec<u8>> = Zeroizing::new(
        bytes
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect(),
    );
    PLACEHOLDERS.iter().any(|placeholder| {
        let mut repeated = letters.chunks(placeholder.len());
        !letters.is_empty() && repeated.all(|chunk| chunk == placeholder.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(bytes: &[u8]) -> Secret {
        Secret::new(Zeroizing::new(bytes.to_vec()))
    }

    #[test]
    fn exactly_one_line_end_is_no_part_of_a_secret() {
        for (file, expected) in [
            (&b"s"[..], &b"s"[..]),
            (b"s\n", b"s"),
            (b"s\r\n", b"s"),
            (b"s\n\n", b"s\n"),
            (b"s \n", b"s "),
            (b"s\r", b"s\r"),
            (b"\n", b""),
            (b"", b""),
        ] {
            assert_eq!(secret(file).expose(), expected, "{file:?}");
        }
    }

    #[test]
    fn weak_secrets_are_told() {
        for (bytes, expected) in [
            (&b""[..], Weakness::Empty),
            (b"\n", Weakness::Empty),
            (b"0123456789abcdef0123456789abcde", Weakness::Short),
            (b"0123456789abcdef0123456789abcde\n", Weakness::Short),
            (
                b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                Weakness::OneByte,
            ),
            (&[0; 32], Weakness::TrailingNul),
            (b"0123456789abcdef0123456789abcdef\0", Weakness::TrailingNul),
            (b"change-me", Weakness::Placeholder),
            (b"changemechangemechangemechangeme", Weakness::Placeholder),
            (
                b"Your-Super-Secret-Key-Change-Me-In-Production",
                Weakness::Placeholder,
            ),
            (
                b"a-string-secret-at-least-256-bits-long\n",
                Weakness::Placeholder,
            ),
        ] {
            assert_eq!(secret(bytes).weakness(), Some(expected), "{bytes:?}");
        }
    }

    #[test]
    fn other_secrets_are_not_weak() {
        for bytes in [
            &b"0123456789abcdef0123456789abcdef"[..],
            b"0123456789abcdef0123456789abcdef\n",
            b"secrets that nobody else has ever written down",
            b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\
              \x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
        ] {
            assert_eq!(secret(bytes).weakness(), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_secret_prints_as_redacted() {
        assert_eq!(format!("{:?}", secret(b"hunter2")), "[redacted]");
    }

    #[test]
    fn a_weak_key_is_replaced_by_one_of_its_kind() {
        assert!(
            Weakness::SmallOrder
                .help()
                .contains("--generate-key ed25519")
        );
        assert!(Weakness::Placeholder.help().contains("--generate-key hmac"));
        assert!(Weakness::Exposed.help().contains("chmod"));
    }
}
