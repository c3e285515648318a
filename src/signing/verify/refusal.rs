//! Why a document is not accepted: a stable code, what is wrong, and what to do.

use std::fmt;

use crate::signing::directory::Differences;
use crate::signing::secret::Weakness;
use crate::signing::shallow::Coverage;
use crate::time::Timestamp;

/// Why a document is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It carries no signature.
    SignatureMissing,
    /// It is signed, and no key is given.
    KeyMissing,
    /// A key protects nothing.
    KeyWeak {
        /// Its id.
        id: String,
        /// Why.
        weakness: Weakness,
    },
    /// It is signed by keys that are not given.
    KeyUnknown {
        /// The ids that it names; none names a key given.
        ids: Vec<String>,
    },
    /// No signature is good.
    SignatureInvalid(Invalid),
    /// It is signed as the platform's runtime 0.3 signs, which covers nearly nothing.
    SignatureShallow(Coverage),
    /// A required key has not signed.
    KeyRequired {
        /// Its id.
        id: String,
    },
    /// Too few different keys have signed.
    ThresholdUnmet {
        /// How many have.
        signed: usize,
        /// How many must.
        threshold: usize,
    },
    /// The directory is not what its manifest lists.
    DirectoryMismatch(Differences),
    /// It says what an answer was made from, and that is not the answer which stands beside it.
    AnswerMismatch {
        /// The file that was to be the answer.
        file: String,
    },
    /// It is past its end.
    Expired {
        /// Its end, as written.
        expires_at: String,
        /// The present.
        at: Timestamp,
    },
    /// It was made in the future.
    NotYetValid {
        /// When, as written.
        generated_at: String,
        /// The present.
        at: Timestamp,
    },
    /// It has no revision, and one is needed.
    RevisionMissing,
    /// It is older than what was accepted, or than what is asked for.
    RevisionRollback {
        /// Its revision.
        revision: u64,
        /// The least that is accepted.
        floor: u64,
    },
    /// Another document of the same revision was accepted.
    RevisionContentMismatch {
        /// The revision.
        revision: u64,
    },
}

/// Why no signature is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// The content is not what was signed, or another key signed it.
    Mismatch,
    /// The text is no signature of the plain form.
    NotPlain,
    /// The list of signatures is empty.
    Nothing,
    /// There are more than [`MAX_SIGNATURES`](super::MAX_SIGNATURES).
    TooMany,
    /// The envelope is about another file, or another type of payload.
    OtherFile,
}

impl Refusal {
    /// Stable name of the kind of refusal, snake_case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SignatureMissing => "signature_missing",
            Self::KeyMissing => "key_missing",
            Self::KeyWeak { .. } => "key_weak",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::SignatureInvalid(_) => "signature_invalid",
            Self::SignatureShallow(_) => "signature_shallow",
            Self::KeyRequired { .. } => "key_required",
            Self::ThresholdUnmet { .. } => "threshold_unmet",
            Self::DirectoryMismatch(_) => "directory_mismatch",
            Self::AnswerMismatch { .. } => "answer_mismatch",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::RevisionMissing => "revision_missing",
            Self::RevisionRollback { .. } => "revision_rollback",
            Self::RevisionContentMismatch { .. } => "revision_content_mismatch",
        }
    }

    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::SignatureMissing => "sign it with `agent-spm sign` after review",
            Self::KeyMissing => {
                "give the keys that you accept with `--keys`, `--secret-file` or AGENT_SPM_SECRET"
            }
            Self::KeyWeak { weakness, .. } => weakness.help(),
            Self::KeyUnknown { .. } => {
                "if you trust the signer, put the key into the directory that `--keys` names"
            }
            Self::SignatureInvalid(Invalid::Mismatch | Invalid::OtherFile) => {
                "do not use it: compare it with the version that was reviewed, or sign it anew"
            }
            Self::SignatureInvalid(Invalid::NotPlain) => {
                "a plain signature is 64 lower-case hexadecimal digits"
            }
            Self::SignatureInvalid(Invalid::Nothing) => "sign it with `agent-spm sign`",
            Self::SignatureInvalid(Invalid::TooMany) => "remove the signatures that nobody needs",
            Self::SignatureShallow(_) => {
                "review the whole bundle, then sign it anew with `agent-spm sign`"
            }
            Self::KeyRequired { .. } => "let the holder of that key sign it as well",
            Self::ThresholdUnmet { .. } => "let more key holders sign it",
            Self::DirectoryMismatch(_) => {
                "restore the directory, or sign it anew with `agent-spm sign` after review"
            }
            Self::AnswerMismatch { .. } => "do not use it: make the answer again",
            Self::Expired { .. } => "renew it with `agent-spm sign --expires-in 90d` after review",
            Self::NotYetValid { .. } => "check the clocks of this machine and the signer's",
            Self::RevisionMissing => "sign it with `agent-spm sign --bump-revision`",
            Self::RevisionRollback { .. } => {
                "use the newest version; if the old one must return, sign it with a higher revision"
            }
            Self::RevisionContentMismatch { .. } => {
                "sign each change with `agent-spm sign --bump-revision`"
            }
        }
    }

    /// The member of the document that is the reason.
    pub(super) const fn member(&self) -> Option<&'static str> {
        match self {
            Self::SignatureMissing | Self::DirectoryMismatch(_) | Self::AnswerMismatch { .. } => {
                None
            }
            Self::KeyMissing
            | Self::KeyWeak { .. }
            | Self::KeyUnknown { .. }
            | Self::SignatureInvalid(_)
            | Self::SignatureShallow(_)
            | Self::KeyRequired { .. }
            | Self::ThresholdUnmet { .. } => Some("signature"),
            Self::Expired { .. } => Some("expires_at"),
            Self::NotYetValid { .. } => Some("generated_at"),
            Self::RevisionMissing
            | Self::RevisionRollback { .. }
            | Self::RevisionContentMismatch { .. } => Some("revision"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureMissing => f.write_str("there is no signature"),
            Self::KeyMissing => f.write_str("it is signed, but no key is given to verify it with"),
            Self::KeyWeak { id, weakness } => write!(f, "key `{id}` is weak: {weakness}"),
            Self::KeyUnknown { ids } if ids.is_empty() => {
                f.write_str("it is signed with a shared secret, and none is given")
            }
            Self::KeyUnknown { ids } => {
                let (verb, object) = match ids.as_slice() {
                    [_] => ("is", "a key"),
                    _ => ("are", "keys"),
                };
                let ids = Names(ids);
                write!(
                    f,
                    "it names the signers {ids}, none of which {verb} {object} given"
                )
            }
            Self::SignatureInvalid(invalid) => invalid.fmt(f),
            Self::SignatureShallow(coverage) => write!(
                f,
                "the signature covers only {}, as runtime 0.3 signs by mistake; without breaking \
                 it, anybody could have changed {}",
                Names(&coverage.covered),
                Names(&coverage.uncovered)
            ),
            Self::KeyRequired { id } => write!(f, "required key `{id}` has not signed it"),
            Self::ThresholdUnmet { signed, threshold } => {
                write!(
                    f,
                    "{signed} of the keys given signed it, fewer than {threshold}"
                )
            }
            Self::DirectoryMismatch(differences) => {
                f.write_str("the directory is not what was signed")?;
                for (what, paths) in [
                    ("missing", &differences.missing),
                    ("not listed", &differences.extra),
                    ("changed", &differences.changed),
                ] {
                    if !paths.is_empty() {
                        write!(f, "; {what}: {}", Names(paths))?;
                    }
                }
                Ok(())
            }
            Self::AnswerMismatch { file } => {
                write!(f, "`{file}` is not the answer that it was signed for")
            }
            Self::Expired { expires_at, at } => {
                write!(f, "it expired at {expires_at}, and it is {at}")
            }
            Self::NotYetValid { generated_at, at } => {
                write!(f, "it was made at {generated_at}, and it is only {at}")
            }
            Self::RevisionMissing => f.write_str("it has no `revision`, so it may be an old one"),
            Self::RevisionRollback { revision, floor } => {
                write!(f, "its revision is {revision}, older than {floor}")
            }
            Self::RevisionContentMismatch { revision } => {
                write!(
                    f,
                    "revision {revision} was accepted before with another content"
                )
            }
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mismatch => "no signature is good for this content and the keys given",
            Self::NotPlain => "the text in `signature` is no signature",
            Self::Nothing => "the list of signatures is empty",
            Self::TooMany => "there are too many signatures",
            Self::OtherFile => "the envelope beside the file is about another content",
        })
    }
}

/// How many names a message lists.
const NAMES_SHOWN: usize = 12;

/// Names in backticks, the first of them where there are many.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (index, name) in self.0.iter().take(NAMES_SHOWN).enumerate() {
            write!(f, "{}`{name}`", if index > 0 { ", " } else { "" })?;
        }
        match self.0.len().checked_sub(NAMES_SHOWN) {
            Some(more @ 1..) => write!(f, " and {more} more"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_how_many_there_are() {
        let unknown = |ids: &[&str]| {
            let ids = ids.iter().map(|&id| id.to_owned()).collect();
            Refusal::KeyUnknown { ids }.to_string()
        };
        assert!(unknown(&[]).contains("a shared secret"));
        assert!(unknown(&["a"]).ends_with("`a`, none of which is a key given"));
        assert!(unknown(&["a", "b"]).ends_with("`a`, `b`, none of which are keys given"));
        let many = vec!["x"; NAMES_SHOWN];
        assert!(!unknown(&many).contains("more"));
        let more = vec!["x"; NAMES_SHOWN + 3];
        assert!(unknown(&more).contains(" and 3 more"));
    }

    #[test]
    fn a_directory_is_said_to_differ_where_it_does() {
        let differences = Differences {
            missing: Vec::new(),
            extra: Vec::new(),
            changed: vec!["a".to_owned()],
        };
        let message = Refusal::DirectoryMismatch(differences).to_string();
        assert!(message.ends_with("signed; changed: `a`"), "{message}");
    }
}
