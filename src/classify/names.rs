//! Names of secrets. Owns which names say that a value is one; never looks at values.

use super::ascii::part;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecretName {
    /// Chosen by a person: short, of few characters.
    Password,
    /// Made by a machine: long and random.
    Key,
}

/// What occurs in every name of a secret, in any case.
pub(super) const MARKS: &[&str] = &[
    "passw",
    "pwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "access_key",
    "accesskey",
    "access-key",
    "private_key",
    "privatekey",
    "auth_key",
    "authkey",
    "signing_key",
    "signingkey",
    "encryption_key",
    "encryptionkey",
    "master_key",
    "masterkey",
    "account_key",
    "accountkey",
];

/// Endings of names, without separators, of passwords.
const PASSWORDS: &[&str] = &["password", "passwd", "pwd", "passphrase", "passwort"];

/// Endings of names, without separators, of keys.
const KEYS: &[&str] = &[
    "secret",
    "secretkey",
    "secretvalue",
    "apikey",
    "apitoken",
    "accesskey",
    "accesstoken",
    "token",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "authkey",
    "accountkey",
];

/// Endings that look like the above and name something public.
const PUBLIC: &[&str] = &[
    "pagetoken",
    "nexttoken",
    "continuationtoken",
    "synctoken",
    "starttoken",
    "endtoken",
    "eostoken",
    "bostoken",
    "padtoken",
    "stoptoken",
    "canceltoken",
    "cancellationtoken",
];

/// What stands between the words of a name.
const SEPARATORS: &[u8] = b"_-. ";

impl SecretName {
    /// What a name says, in whatever case and with whatever separators; `None` for names of
    /// something else.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        if !may_end_so(name) {
            return None;
        }
        let mut folded = [0_u8; 64];
        let mut length = 0;
        // Only the end of an over-long name is of interest.
        let tail = part(name, name.len().saturating_sub(64), name.len());
        for byte in tail.iter().filter(|byte| !SEPARATORS.contains(byte)) {
            if let Some(place) = folded.get_mut(length) {
                *place = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        let name = without_number(folded.get(..length).unwrap_or_default());
        let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end.as_bytes()));
        let said = if ends(PASSWORDS) {
            Self::Password
        } else if ends(KEYS) {
            Self::Key
        } else {
            return None;
        };
        (!ends(PUBLIC)).then_some(said)
    }
}

/// Whether a name may end as one of [`PASSWORDS`] and [`KEYS`] does, by its last two letters: most
/// do not, which is cheap to see.
fn may_end_so(name: &[u8]) -> bool {
    let letters = name.iter().rev().filter(|byte| !SEPARATORS.contains(byte));
    let mut letters = letters.skip_while(|byte| byte.is_ascii_digit());
    let last = letters.next().map(|byte| byte | 0x20);
    let before = letters.next().map(|byte| byte | 0x20);
    matches!(
        (before, last),
        (Some(b'r' | b'w'), Some(b'd'))
            | (Some(b's' | b'u'), Some(b'e'))
            | (Some(b'e' | b'r'), Some(b't'))
            | (Some(b'e'), Some(b'n' | b'y'))
    )
}

/// A name without the number at its end.
fn without_number(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit());
    part(name, 0, name.len() - digits.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_one_that_may_be() {
        for ending in PASSWORDS.iter().chain(KEYS) {
            let name = format!("a-{}_2", ending.to_ascii_uppercase());
            assert!(SecretName::of(name.as_bytes()).is_some(), "{name}");
        }
    }
}
