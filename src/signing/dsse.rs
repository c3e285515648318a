//! The Dead Simple Signing Envelope, version 1 (secure-systems-lab/dsse, `protocol.md` 1.0.2): what
//! is signed, and the envelope beside a file. Knows no key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::encoding;
use crate::document::{self, Format, Limits, LoadError};

/// The type of the payload that signatures in a document are over.
pub const DOCUMENT_TYPE: &str = "application/vnd.agent-spm.bundle+json";

/// The type of a file's bytes as they are, for signatures beside it.
pub const FILE_TYPE: &str = "application/vnd.agent-spm.file";

/// The type of a report's bytes, for signatures beside it: no signature of a report is ever taken
/// for one of a policy.
pub const REPORT_TYPE: &str = "application/vnd.agent-spm.report";

/// What is appended to a file's name for the signature beside it.
pub const SUFFIX: &str = ".sig";

/// The pre-authentication encoding: what is signed, so that bytes of one type are never taken for
/// bytes of another.
pub fn pae(payload_type: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        body.len()
    )
    .into_bytes();
    out.extend_from_slice(body);
    out
}

/// An envelope. Members that are not known here are passed over, as the protocol demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// The signed bytes in base64; the file beside the envelope if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// What kind of bytes they are.
    #[serde(rename = "payloadType")]
    pub payload_type: String,
    /// One entry a signer.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signer's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvelopeSignature {
    /// A hint at the key; it decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyid: Option<String>,
    /// The signature of the pre-authentication encoding, in base64.
    pub sig: String,
}

impl Envelope {
    /// Reads an envelope. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text.
    pub fn load(bytes: &[u8], name: &str, limits: Limits) -> Result<Self, LoadError> {
        document::load(bytes, name, Format::Json, limits, |_, _| {}).map(|(envelope, _)| envelope)
    }

    /// Whether the envelope is about these bytes of this type.
    pub fn is_of(&self, payload_type: &str, body: &[u8]) -> bool {
        let same = match &self.payload {
            Some(payload) => encoding::from_base64(payload).as_deref() == Some(body),
            None => true,
        };
        same && self.payload_type == payload_type
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_protocol() {
        let text = include_str!("../../testdata/vectors/dsse/vector.json");
        let vector: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let body = vector["serializedBody"].as_str().expect("a body");
        let payload_type = vector["payloadType"].as_str().expect("a type");
        let encoded = pae(payload_type, body.as_bytes());
        assert_eq!(String::from_utf8(encoded).expect("text"), vector["pae"]);

        let text = vector["envelope"].to_string();
        let envelope =
            Envelope::load(text.as_bytes(), "vector.sig", Limits::default()).expect("an envelope");
        assert!(envelope.is_of(payload_type, body.as_bytes()));
        assert!(!envelope.is_of(payload_type, b"hello worlds"));
        assert!(!envelope.is_of(FILE_TYPE, body.as_bytes()));
    }

    #[test]
    fn lengths_are_of_bytes() {
        assert_eq!(pae("é", "ü!".as_bytes()), "DSSEv1 2 é 3 ü!".as_bytes());
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
    }

    #[test]
    fn unknown_members_are_passed_over_and_both_alphabets_are_read() {
        let text =
            r#"{"payload":"__8=","payloadType":"t","signatures":[{"sig":"","cert":"x"}],"x":1}"#;
        let envelope = Envelope::load(text.as_bytes(), "x.sig", Limits::default()).expect("loads");
        assert!(envelope.is_of("t", &[0xFF, 0xFF]));
        let text = text.replace("__8=", "//8=");
        let envelope = Envelope::load(text.as_bytes(), "x.sig", Limits::default()).expect("loads");
        assert!(envelope.is_of("t", &[0xFF, 0xFF]));
    }
}
