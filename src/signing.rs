//! Who signed a document, over what, and whether that is enough. Owns keys, the forms of a
//! signature and the only way to a [`Verified`](verify::Verified) document; opens no policy file
//! but through [`source`](crate::source), and knows no clock.
//!
//! - The payload of a bundle is its whole content without its top-level `signature`, in the form
//!   of RFC 8785. A signature in the document covers it; one beside the file
//!   ([`detached`](verify::Covering::File)) covers the file's bytes.
//! - A key has one algorithm, fixed by the verifier's own [key set](keys::KeySet). What a document
//!   says of keys is a hint.
//! - [`shallow`] knows what the platform's runtime 0.3 signed by mistake, so that it can be told
//!   from tampering. It never verifies.

pub mod directory;
pub mod dsse;
mod ed25519;
mod encoding;
pub mod keys;
mod mac;
pub mod note;
mod secret;
pub mod shallow;
pub mod sign;
pub mod state;
pub mod verify;

pub use secret::{Secret, Weakness};
