//! New keys as the files that [`KeySet::read`](super::KeySet::read) reads. Chance is an argument.

use zeroize::Zeroizing;

use super::Algorithm;
use crate::digest::hex;
use crate::signing::ed25519::PrivateKey;
use crate::source::private::Access;

/// A file of a new key.
pub struct KeyFile {
    /// What follows the key's id in the file's name.
    pub suffix: &'static str,
    /// The whole content.
    pub content: Zeroizing<String>,
    /// Who may read it.
    pub access: Access,
}

/// The files of a new key out of 32 bytes of chance: a shared secret is the bytes' hexadecimal
/// digits, so that it is the same in a file, a variable and another language. `None` if the key
/// cannot be written, which does not happen.
pub fn generate(algorithm: Algorithm, chance: &Zeroizing<[u8; 32]>) -> Option<Vec<KeyFile>> {
    match algorithm {
        Algorithm::HmacSha256 => {
            // With room for all of it, the text never moves and leaves no copy behind.
            let mut content = Zeroizing::new(String::with_capacity(2 * chance.len() + 1));
            content.push_str(&Zeroizing::new(hex(chance.as_slice())));
            content.push('\n');
            Some(vec![KeyFile {
                suffix: ".hmac",
                content,
                access: Access::Owner,
            }])
        }
        Algorithm::Ed25519 => {
            let private = PrivateKey::from_seed(chance);
            Some(vec![
                KeyFile {
                    suffix: ".key.pem",
                    content: private.to_pem()?,
                    access: Access::Owner,
                },
                KeyFile {
                    suffix: ".pub.pem",
                    content: Zeroizing::new(private.public().to_pem()?),
                    access: Access::Public,
                },
            ])
        }
    }
}
