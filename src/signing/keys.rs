//! Keys and sets of them. Owns which algorithm a key has, and that no two keys share an id; a
//! document has no say in either.

mod generate;
mod read;

use std::path::PathBuf;

use super::ed25519::{PrivateKey, PublicKey};
use super::secret::{Secret, Weakness};
use super::{encoding, mac};
use crate::digest::sha256;
use crate::source::OpenError;
use crate::source::private::Readers;

pub use super::ed25519::PemError;
pub use generate::{KeyFile, generate};

/// Most keys of a set.
pub const MAX_KEYS: usize = 1000;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// HMAC-SHA256: whoever verifies can sign as well.
    HmacSha256,
    /// Ed25519: whoever has the private key signs, everybody verifies.
    Ed25519,
}

impl Algorithm {
    /// The name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// A key with its id. Secrets and private keys print as `[redacted]`.
#[derive(Debug)]
pub struct Key {
    id: String,
    material: Material,
    weakness: Option<Weakness>,
    caveat: Option<Weakness>,
}

#[derive(Debug)]
enum Material {
    Secret(Secret),
    Public(PublicKey),
    Private(PrivateKey),
}

impl Key {
    /// A shared secret; `readers` tells who else may read the file that it comes from.
    pub fn secret(id: impl Into<String>, secret: Secret, readers: Readers) -> Self {
        let weakness = secret.weakness().or(exposed(readers));
        Self {
            id: id.into(),
            material: Material::Secret(secret),
            weakness,
            caveat: None,
        }
    }

    /// The same key, whose file others may read: containers mount secrets so. It is noted, and no
    /// longer a weakness.
    #[must_use]
    pub fn with_readers_noted(mut self) -> Self {
        self.caveat = self
            .weakness
            .take_if(|weakness| *weakness == Weakness::Exposed);
        self
    }

    /// A public key, from an SPKI PEM text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn public(id: impl Into<String>, pem: &str) -> Result<Self, PemError> {
        let key = PublicKey::from_pem(pem)?;
        Ok(Self {
            id: id.into(),
            weakness: key.is_weak().then_some(Weakness::SmallOrder),
            material: Material::Public(key),
            caveat: None,
        })
    }

    /// A private key, from a PKCS#8 PEM text.
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn private(id: impl Into<String>, pem: &str, readers: Readers) -> Result<Self, PemError> {
        Ok(Self {
            id: id.into(),
            material: Material::Private(PrivateKey::from_pem(pem)?),
            weakness: exposed(readers),
            caveat: None,
        })
    }

    /// The id: the name of its file without what follows the first part.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How it signs.
    pub const fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Secret(_) => Algorithm::HmacSha256,
            Material::Public(_) | Material::Private(_) => Algorithm::Ed25519,
        }
    }

    /// Why it must not be relied on.
    pub const fn weakness(&self) -> Option<Weakness> {
        self.weakness
    }

    /// What should be known of it, though it may be relied on.
    pub const fn caveat(&self) -> Option<Weakness> {
        self.caveat
    }

    /// Whether it signs, which a public key does not.
    pub const fn can_sign(&self) -> bool {
        !matches!(self.material, Material::Public(_))
    }

    /// The signature of a message; `None` from a public key.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match &self.material {
            Material::Secret(secret) => Some(mac::tag(secret, message).to_vec()),
            Material::Private(key) => Some(key.sign(message).to_vec()),
            Material::Public(_) => None,
        }
    }

    /// Whether a text is this key's signature of the message, by this key's algorithm.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        match &self.material {
            Material::Secret(secret) => encoding::exact(signature)
                .is_some_and(|signature| mac::verify(secret, message, &signature)),
            Material::Public(key) => {
                encoding::exact(signature).is_some_and(|signature| key.verify(message, &signature))
            }
            Material::Private(key) => encoding::exact(signature)
                .is_some_and(|signature| key.public().verify(message, &signature)),
        }
    }

    /// What the key id of a signed note covers beside the name: the kind of the signature and,
    /// where there is one, the public key.
    pub(super) fn note_kind(&self) -> Vec<u8> {
        let ed25519 = |key: &PublicKey| [&[0x01], &key.as_bytes()[..]].concat();
        match &self.material {
            Material::Secret(_) => b"\xFFagent-spm/hmac-sha256".to_vec(),
            Material::Public(key) => ed25519(key),
            Material::Private(key) => ed25519(&key.public()),
        }
    }

    /// The same for two keys exactly if they verify the same signatures, whatever they are called:
    /// also for secrets that HMAC cannot tell from each other.
    pub(super) fn identity(&self) -> (Algorithm, [u8; 32]) {
        let identity = match &self.material {
            Material::Secret(secret) => mac::tag(secret, b"agent-spm: identity of a secret"),
            Material::Public(key) => sha256(key.as_bytes()),
            Material::Private(key) => sha256(key.public().as_bytes()),
        };
        (self.algorithm(), identity)
    }
}

const fn exposed(readers: Readers) -> Option<Weakness> {
    match readers {
        Readers::Owner => None,
        Readers::Others => Some(Weakness::Exposed),
    }
}

/// Keys by id.
#[derive(Debug, Default)]
pub struct KeySet {
    /// Sorted by id.
    keys: Vec<Key>,
}

impl KeySet {
    /// Adds a key. The same key once more, or the other half of a pair, is no other key.
    ///
    /// # Errors
    /// [`KeyError::Duplicate`] if another key has the id, [`KeyError::TooMany`].
    pub fn add(&mut self, key: Key) -> Result<(), KeyError> {
        match self.keys.binary_search_by(|other| other.id.cmp(&key.id)) {
            Ok(place) => match self.keys.get_mut(place) {
                Some(other) if other.identity() == key.identity() => {
                    if key.can_sign() && !other.can_sign() {
                        *other = key;
                    }
                    Ok(())
                }
                _ => Err(KeyError::Duplicate { id: key.id }),
            },
            Err(_) if self.keys.len() >= MAX_KEYS => Err(KeyError::TooMany),
            Err(place) => {
                self.keys.insert(place, key);
                Ok(())
            }
        }
    }

    /// The keys, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// The key of that id.
    pub fn get(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file cannot be opened or read.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file's name does not tell what key it holds.
    #[error("the name of `{}` does not tell what key it holds", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A directory without keys.
    #[error("`{}` holds no keys", path.display())]
    Nothing {
        /// The directory.
        path: PathBuf,
    },
    /// A PEM file does not hold what its name says.
    #[error("`{}` cannot be used as a key: {error}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        error: PemError,
    },
    /// A file of a shared secret holds a PEM text: a key of another kind.
    #[error("`{}` should hold a shared secret, but holds a PEM text", path.display())]
    PemAsSecret {
        /// The file.
        path: PathBuf,
    },
    /// Two keys have one id.
    #[error("two different keys are called `{id}`")]
    Duplicate {
        /// Their id.
        id: String,
    },
    /// There are more than [`MAX_KEYS`].
    #[error("there are more than {MAX_KEYS} keys")]
    TooMany,
}

impl KeyError {
    /// What to do about it.
    pub const fn help(&self) -> Option<&'static str> {
        match self {
            Self::Open(error) => error.help(),
            Self::Name { .. } | Self::Nothing { .. } => Some(
                "name a secret `NAME.hmac`, a public key `NAME.pub.pem`, a private one `NAME.key.pem`",
            ),
            Self::Pem { error, .. } => Some(error.help()),
            Self::PemAsSecret { .. } => Some(
                "name a public key `NAME.pub.pem`, a private one `NAME.key.pem`: the name decides the algorithm",
            ),
            Self::Duplicate { .. } => {
                Some("rename the file of one: the name is the key's id, whatever its kind")
            }
            Self::TooMany => Some("keep the keys that are no longer used elsewhere"),
        }
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    fn shared(id: &str, text: &str) -> Key {
        let secret = Secret::new(Zeroizing::new(text.as_bytes().to_vec()));
        Key::secret(id, secret, Readers::Owner)
    }

    fn pair(seed: u8) -> (String, Zeroizing<String>) {
        let private = PrivateKey::from_seed(&[seed; 32]);
        let public = private.public().to_pem().expect("a PEM text");
        (public, private.to_pem().expect("a PEM text"))
    }

    #[test]
    fn an_id_belongs_to_one_key() {
        let (public, private) = pair(1);
        let mut keys = KeySet::default();
        keys.add(Key::public("a", &public).expect("a key"))
            .expect("adds");
        assert!(!keys.get("a").expect("there").can_sign());
        let whole = || Key::private("a", &private, Readers::Owner).expect("a key");
        keys.add(whole()).expect("its other half");
        keys.add(whole()).expect("once more");
        keys.add(Key::public("a", &public).expect("a key"))
            .expect("a half of it");
        assert!(keys.get("a").expect("there").can_sign());
        for other in [
            shared("a", "0123456789abcdef0123456789abcdef"),
            Key::public("a", &pair(2).0).expect("a key"),
            Key::private("a", &pair(2).1, Readers::Owner).expect("a key"),
        ] {
            let error = keys.add(other).expect_err("another key");
            assert!(matches!(error, KeyError::Duplicate { .. }), "{error}");
        }
        assert_eq!(keys.iter().count(), 1);
    }

    #[test]
    fn identity_sees_through_names_and_through_what_hmac_cannot_tell_apart() {
        let secret = "0123456789abcdef0123456789abcdef";
        let same = |one: &Key, other: &Key| one.identity() == other.identity();
        assert!(same(&shared("a", secret), &shared("b", secret)));
        assert!(same(
            &shared("a", secret),
            &shared("b", &format!("{secret}\0"))
        ));
        assert!(!same(&shared("a", secret), &shared("b", "other")));
        let (public, private) = pair(3);
        assert!(same(
            &Key::public("a", &public).expect("a key"),
            &Key::private("b", &private, Readers::Owner).expect("a key")
        ));
    }

    #[test]
    fn a_signature_is_of_its_keys_kind() {
        let (public, private) = pair(4);
        let public = Key::public("a", &public).expect("a key");
        let private = Key::private("a", &private, Readers::Owner).expect("a key");
        let secret = shared("s", "0123456789abcdef0123456789abcdef");
        let message = b"message";
        let signature = encoding::base64(&private.sign(message).expect("it signs"));
        let tag = encoding::base64(&secret.sign(message).expect("it signs"));
        assert!(public.sign(message).is_none());
        assert!(public.verifies(message, &signature));
        assert!(private.verifies(message, &signature));
        assert!(secret.verifies(message, &tag));
        assert!(!public.verifies(message, &tag) && !secret.verifies(message, &signature));
        assert!(!public.verifies(b"other", &signature) && !secret.verifies(b"other", &tag));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (_, private) = pair(5);
        let mut keys = KeySet::default();
        keys.add(shared("s", "0123456789abcdef0123456789abcdef"))
            .expect("adds");
        keys.add(Key::private("p", &private, Readers::Owner).expect("a key"))
            .expect("adds");
        let printed = format!("{keys:?}");
        assert_eq!(printed.matches("[redacted]").count(), 2, "{printed}");
        assert!(!printed.contains("0123456789"), "{printed}");
    }

    #[test]
    fn there_are_so_many_keys_and_no_more() {
        let key = |number: usize| shared(&format!("k{number}"), "0123456789abcdef0123456789abcdef");
        let mut keys = KeySet::default();
        for number in 0..MAX_KEYS {
            keys.add(key(number)).expect("room");
        }
        assert!(matches!(keys.add(key(MAX_KEYS)), Err(KeyError::TooMany)));
        keys.add(key(0)).expect("the same once more");
    }
}
