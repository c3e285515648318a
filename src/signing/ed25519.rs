//! Ed25519 (RFC 8032): keys as OpenSSL and Node write them (PEM of PKCS#8 and SPKI, RFC 8410), and
//! strict verification, which accepts one encoding of a signature only and no key of small order.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _,
    KeypairBytes,
};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// Bytes of a signature.
pub(super) const SIGNATURE_BYTES: usize = 64;

/// Verifies.
#[derive(Clone, Debug)]
pub(super) struct PublicKey(VerifyingKey);

/// Signs. It prints as `[redacted]`, and its memory is wiped.
pub(super) struct PrivateKey(SigningKey);

/// Why a PEM text is not the key that it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// It is no PEM at all.
    #[error("it is no PEM text")]
    NotPem,
    /// A public key was expected.
    #[error("it holds a private key, not a public one")]
    IsPrivate,
    /// A private key was expected.
    #[error("it holds a public key, not a private one")]
    IsPublic,
    /// The key is encrypted with a passphrase.
    #[error("the private key is encrypted")]
    Encrypted,
    /// It holds a key of another algorithm, or something else.
    #[error("it holds no Ed25519 key")]
    OtherKey,
}

impl PemError {
    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::IsPrivate => "name a private key `NAME.key.pem`, a public one `NAME.pub.pem`",
            Self::IsPublic => "name a public key `NAME.pub.pem`, a private one `NAME.key.pem`",
            Self::Encrypted => "decrypt it with `openssl pkey -in FILE -out NAME.key.pem`",
            Self::NotPem | Self::OtherKey => {
                "make a key with `agent-spm sign --generate-key ed25519 DIR/NAME`, or with `openssl genpkey -algorithm ed25519`"
            }
        }
    }
}

/// What the first label of a PEM text says.
fn label(pem: &str) -> Option<&str> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    rest.split_once("-----").map(|(label, _)| label)
}

impl PublicKey {
    /// Reads an SPKI PEM text.
    pub(super) fn from_pem(pem: &str) -> Result<Self, PemError> {
        match label(pem) {
            None => Err(PemError::NotPem),
            Some("PUBLIC KEY") => VerifyingKey::from_public_key_pem(pem)
                .map(Self)
                .map_err(|_| PemError::OtherKey),
            Some("PRIVATE KEY" | "ENCRYPTED PRIVATE KEY") => Err(PemError::IsPrivate),
            Some(_) => Err(PemError::OtherKey),
        }
    }

    /// SPKI PEM, as `openssl pkey -pubout` writes it.
    pub(super) fn to_pem(&self) -> Option<String> {
        self.0.to_public_key_pem(LineEnding::LF).ok()
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether anybody can make signatures that some readers accept.
    pub(super) fn is_weak(&self) -> bool {
        self.0.is_weak()
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_BYTES]) -> bool {
        let signature = Signature::from_bytes(signature);
        self.0.verify_strict(message, &signature).is_ok()
    }
}

impl PrivateKey {
    /// The key of 32 random bytes.
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Reads a PKCS#8 PEM text, with or without the public key in it.
    pub(super) fn from_pem(pem: &str) -> Result<Self, PemError> {
        match label(pem) {
            None => Err(PemError::NotPem),
            Some("PRIVATE KEY") => SigningKey::from_pkcs8_pem(pem)
                .map(Self)
                .map_err(|_| PemError::OtherKey),
            Some("PUBLIC KEY") => Err(PemError::IsPublic),
            Some("ENCRYPTED PRIVATE KEY") => Err(PemError::Encrypted),
            Some(_) => Err(PemError::OtherKey),
        }
    }

    /// PKCS#8 PEM, as `openssl genpkey` writes it: without the public key, which OpenSSL 3.0 does
    /// not read.
    pub(super) fn to_pem(&self) -> Option<Zeroizing<String>> {
        let pair = KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        pair.to_pkcs8_pem(LineEnding::LF).ok()
    }

    pub(super) fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::encoding;
    use super::*;

    /// Signs with the seed of RFC 8032 §7.1, test 1.
    fn private() -> PrivateKey {
        let seed =
            encoding::hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
                .expect("digits");
        PrivateKey::from_seed(&seed.try_into().expect("32 bytes"))
    }

    #[test]
    fn wycheproof() {
        let text = include_str!("../../testdata/vectors/wycheproof/ed25519_test.json");
        let vectors: Value = serde_json::from_str(text).expect("JSON");
        let mut right = 0;
        for group in vectors["testGroups"].as_array().expect("groups") {
            let pem = group["publicKeyPem"].as_str().expect("a PEM text");
            let key = PublicKey::from_pem(pem).expect("a key");
            for test in group["tests"].as_array().expect("tests") {
                let bytes = |name: &str| {
                    encoding::hex(test[name].as_str().expect("a string")).expect("digits")
                };
                let accepted = match bytes("sig").try_into() {
                    Ok(signature) => key.verify(&bytes("msg"), &signature),
                    Err(_) => false,
                };
                assert_eq!(accepted, test["result"] == "valid", "case {}", test["tcId"]);
                right += 1;
            }
        }
        assert_eq!(right, 151);
    }

    #[test]
    fn rfc_8032_test_1() {
        let signature = private().sign(b"");
        assert_eq!(
            crate::digest::hex(&signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
             5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        assert!(private().public().verify(b"", &signature));
        assert!(!private().public().verify(b"x", &signature));
    }

    #[test]
    fn keys_are_read_as_they_are_written() {
        let private_pem = private().to_pem().expect("a PEM text");
        let public_pem = private().public().to_pem().expect("a PEM text");
        // What `openssl pkey` makes of the same seed.
        assert_eq!(
            private_pem.as_str(),
            "-----BEGIN PRIVATE KEY-----\n\
             MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
             -----END PRIVATE KEY-----\n"
        );
        let read = PrivateKey::from_pem(&private_pem).expect("a key");
        assert_eq!(read.public().to_pem().as_deref(), Some(public_pem.as_str()));
        let windows = public_pem.replace('\n', "\r\n");
        assert!(PublicKey::from_pem(&windows).is_ok());
    }

    #[test]
    fn keys_of_the_wrong_kind_are_told() {
        let private_pem = private().to_pem().expect("a PEM text");
        let public_pem = private().public().to_pem().expect("a PEM text");
        let read = |pem: &str| {
            (
                PublicKey::from_pem(pem).err(),
                PrivateKey::from_pem(pem).err(),
            )
        };
        assert_eq!(read(&private_pem), (Some(PemError::IsPrivate), None));
        assert_eq!(read(&public_pem), (None, Some(PemError::IsPublic)));
        let nothing = (Some(PemError::NotPem), Some(PemError::NotPem));
        assert_eq!(read("hunter2"), nothing);
        assert_eq!(read(""), nothing);
        let encrypted = private_pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let expected = (Some(PemError::IsPrivate), Some(PemError::Encrypted));
        assert_eq!(read(&encrypted), expected);
        let rsa = include_str!("../../testdata/signing/wrong-rsa.pub.pem");
        assert_eq!(read(rsa).0, Some(PemError::OtherKey));
    }

    #[test]
    fn a_private_key_prints_as_redacted() {
        assert_eq!(format!("{:?}", private()), "[redacted]");
    }
}
