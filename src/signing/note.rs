//! Signed notes: a few lines of text and the signatures below them. Owns the form; what a text
//! says is its reader's to know.
//!
//! Source: C2SP `signed-note`, v1.0.0. An Ed25519 signature has the type 0x01 and signs the text
//! itself. The tag of a shared secret has the type 0xFF, which the specification leaves to
//! everybody's own use, followed by `agent-spm/hmac-sha256`.

use std::fmt::Write as _;

use super::encoding;
use super::keys::{Key, KeySet};
use super::secret::Weakness;
use crate::digest::sha256;

/// What a line with a signature begins with.
const SIGNATURE_LINE: &str = "\u{2014} ";

/// Bytes of a key id, which stand before the signature.
const KEY_ID_BYTES: usize = 4;

/// Most signatures of a note; the specification asks for at least 16.
const MAX_SIGNATURES: usize = 64;

/// Signs notes by one key.
#[derive(Debug)]
pub struct Signer<'a> {
    key: &'a Key,
    key_id: [u8; KEY_ID_BYTES],
}

/// Why a key signs no notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// Its name cannot stand in a note.
    #[error("its name holds white space or `+`")]
    Name,
    /// It is several keys.
    #[error("it holds several keys that sign")]
    Several,
    /// It is a public key.
    #[error("it is a public key, which signs nothing")]
    Public,
    /// It must not be relied on.
    #[error(transparent)]
    Weak(Weakness),
}

impl SignerError {
    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Name => "rename the file: its name is the key's",
            Self::Several => "give the file of one key",
            Self::Public => "give the private key `NAME.key.pem`, or a secret `NAME.hmac`",
            Self::Weak(_) => "make a key with `agent-spm sign --generate-key ed25519 DIR/NAME`",
        }
    }
}

impl<'a> Signer<'a> {
    /// Signs by `key`.
    ///
    /// # Errors
    /// [`SignerError`]
    pub fn new(key: &'a Key) -> Result<Self, SignerError> {
        if !key.can_sign() {
            return Err(SignerError::Public);
        }
        if let Some(weakness) = key.weakness() {
            return Err(SignerError::Weak(weakness));
        }
        if !is_name(key.id()) {
            return Err(SignerError::Name);
        }
        Ok(Self {
            key,
            key_id: key_id(key),
        })
    }

    /// The note of a text, which must be lines that are not empty, each ended by a newline.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).unwrap_or_default();
        let bytes = [&self.key_id, signature.as_slice()].concat();
        let mut note = format!("{text}\n");
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            note,
            "{SIGNATURE_LINE}{} {}",
            self.key.id(),
            encoding::base64(&bytes)
        );
        note
    }
}

/// A note as it was found: nothing is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The text, its last newline included.
    pub text: &'a str,
    signatures: Vec<Signature<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature<'a> {
    name: &'a str,
    key_id: [u8; KEY_ID_BYTES],
    signature: Vec<u8>,
}

/// What the signatures of a note are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked<'k> {
    /// The keys of these names signed it: at least one.
    Signed(Vec<&'k str>),
    /// No signature is by a key that is known.
    Unknown,
    /// A signature that names a known key is not that key's.
    Forged(&'k str),
}

impl<'a> Note<'a> {
    /// Splits a note; `None` if it is none.
    pub fn parse(note: &'a str) -> Option<Self> {
        let (text, signatures) = note.split_at_checked(note.find("\n\n")? + 1)?;
        let signatures: Option<Vec<_>> = signatures
            .strip_prefix('\n')?
            .strip_suffix('\n')?
            .split('\n')
            .take(MAX_SIGNATURES + 1)
            .map(Signature::parse)
            .collect();
        let signatures = signatures.filter(|all| all.len() <= MAX_SIGNATURES)?;
        Some(Self { text, signatures })
    }

    /// Checks the signatures by the keys that are known. A weak key verifies nothing.
    pub fn check<'k>(&self, keys: &'k KeySet) -> Checked<'k> {
        let mut signers = Vec::new();
        for signature in &self.signatures {
            let Some(key) = keys.get(signature.name) else {
                continue;
            };
            if key_id(key) != signature.key_id || key.weakness().is_some() {
                continue;
            }
            let given = encoding::base64(&signature.signature);
            if !key.verifies(self.text.as_bytes(), &given) {
                return Checked::Forged(key.id());
            }
            signers.push(key.id());
        }
        if signers.is_empty() {
            Checked::Unknown
        } else {
            Checked::Signed(signers)
        }
    }
}

impl<'a> Signature<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix(SIGNATURE_LINE)?.split_once(' ')?;
        let bytes = encoding::from_base64(bytes)?;
        let (key_id, signature) = bytes.split_first_chunk::<KEY_ID_BYTES>()?;
        (is_name(name) && !signature.is_empty()).then(|| Self {
            name,
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }
}

/// Whether a text can be a key's name in a note.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '+')
}

/// The first bytes of SHA-256 over the name, a newline and the kind with the public key.
fn key_id(key: &Key) -> [u8; KEY_ID_BYTES] {
    let covered = [key.id().as_bytes(), b"\n", &key.note_kind()].concat();
    let [first, second, third, fourth, ..] = sha256(&covered);
    [first, second, third, fourth]
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::signing::Secret;
    use crate::signing::keys::{Algorithm, generate};
    use crate::source::private::Readers;

    const TEXT: &str = "log\n3\nroot\n";

    fn pair(id: &str, seed: u8) -> (Key, Key) {
        let files = generate(Algorithm::Ed25519, &Zeroizing::new([seed; 32])).expect("a pair");
        let content = |suffix: &str| {
            let file = files.iter().find(|file| file.suffix == suffix);
            file.expect("there").content.to_string()
        };
        let private = Key::private(id, &content(".key.pem"), Readers::Owner).expect("a key");
        let public = Key::public(id, &content(".pub.pem")).expect("a key");
        (private, public)
    }

    fn shared(id: &str, text: &str) -> Key {
        let secret = Secret::new(Zeroizing::new(text.as_bytes().to_vec()));
        Key::secret(id, secret, Readers::Owner)
    }

    fn set(key: Key) -> KeySet {
        let mut keys = KeySet::default();
        keys.add(key).expect("adds");
        keys
    }

    #[test]
    fn what_a_key_signs_it_verifies() {
        let (private, public) = pair("ci", 1);
        let secret = || shared("s", "a3f19c0b7d5e2486a3f19c0b7d5e2487");
        for (signs, verifies) in [(private, public), (secret(), secret())] {
            let note = Signer::new(&signs).expect("it signs").sign(TEXT);
            let parsed = Note::parse(&note).expect("a note");
            assert_eq!(parsed.text, TEXT);
            let keys = set(verifies);
            assert_eq!(parsed.check(&keys), Checked::Signed(vec![signs.id()]));
            let edited = note.replacen('3', "4", 1);
            let edited = Note::parse(&edited).expect("a note");
            assert_eq!(edited.check(&keys), Checked::Forged(signs.id()));
        }
    }

    #[test]
    fn other_keys_of_the_name_say_nothing() {
        let (private, _) = pair("ci", 1);
        let note = Signer::new(&private).expect("it signs").sign(TEXT);
        let note = Note::parse(&note).expect("a note");
        assert_eq!(note.check(&set(pair("ci", 2).1)), Checked::Unknown);
        assert_eq!(note.check(&set(pair("other", 1).1)), Checked::Unknown);
        assert_eq!(note.check(&KeySet::default()), Checked::Unknown);
    }

    /// The key of the example in the `signed-note` specification's reference implementation
    /// (`golang.org/x/mod/sumdb/note`): `PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW`.
    #[test]
    fn key_ids_are_those_of_the_specification() {
        let key = encoding::from_base64("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let covered = [&b"PeterNeumann\n"[..], &key.expect("base64")].concat();
        assert!(crate::digest::hex(&sha256(&covered)).starts_with("c74f20a3"));
    }

    #[test]
    fn damaged_notes_are_none() {
        for text in [
            "",
            "log\n3\nroot\n",
            "log\n3\nroot\n\n",
            "log\n\n- ci AAAA\n",
            "log\n\n\u{2014} ci AAAA\n",
            "log\n\n\u{2014} c+i AAAAAAAA\n",
            "log\n\n\u{2014} ci AAAAAAAA",
            "log\n\n\u{2014} ci AAAAAAAA\n\n",
        ] {
            assert_eq!(Note::parse(text), None, "{text:?}");
        }
        assert!(Note::parse("log\n\n\u{2014} ci AAAAAAAA\n").is_some());
    }

    #[test]
    fn a_key_that_cannot_stand_for_a_note_signs_none() {
        let (private, public) = pair("a b", 1);
        assert_eq!(Signer::new(&private).err(), Some(SignerError::Name));
        assert_eq!(Signer::new(&public).err(), Some(SignerError::Public));
        let weak = shared("s", "short");
        assert!(matches!(Signer::new(&weak), Err(SignerError::Weak(_))));
    }

    #[test]
    fn a_note_has_so_many_signatures_and_no_more() {
        let (private, public) = pair("ci", 1);
        let note = Signer::new(&private).expect("it signs").sign(TEXT);
        let (text, line) = note.split_once("\n\n").expect("a signature");
        let signed = |times: usize| format!("{text}\n\n{}", line.repeat(times));
        let most = signed(MAX_SIGNATURES);
        let most = Note::parse(&most).expect("a note");
        let keys = set(public);
        let Checked::Signed(signers) = most.check(&keys) else {
            panic!("{most:?}");
        };
        assert_eq!(signers.len(), MAX_SIGNATURES);
        assert_eq!(Note::parse(&signed(MAX_SIGNATURES + 1)), None);
    }

    #[test]
    fn what_cannot_sign_is_told_what_can() {
        assert!(SignerError::Name.help().contains("rename"));
        assert!(SignerError::Several.help().contains("one key"));
        assert!(SignerError::Public.help().contains("NAME.key.pem"));
    }
}
