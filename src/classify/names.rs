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

impl SecretName {
    /// What a name says, in whatever case and with whatever separators; `None` for names of
    /// something else.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        let mut folded = [0_u8; 64];
        let mut length = 0;
        // Only the end of an over-long name is of interest.
        let tail = part(name, name.len().saturating_sub(64), name.len());
        for byte in tail.iter().filter(|byte| !b"_-. ".contains(byte)) {
            if let Some(place) = folded.get_mut(length) {
                *place = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        let name = without_number(folded.get(..length).unwrap_or_default());
        let ends = |endings: &[&str]| endings.iter().any(|end| name.ends_with(end.as_bytes()));
        if ends(PUBLIC) {
            None
        } else if ends(PASSWORDS) {
            Some(Self::Password)
        } else if ends(KEYS) {
            Some(Self::Key)
        } else {
            None
        }
    }
}

/// A name without the number at its end.
fn without_number(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|byte| byte.is_ascii_digit());
    part(name, 0, name.len() - digits.count())
}
