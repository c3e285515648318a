//! What in a text is sensitive: personal data, card numbers, credentials, health data. Owns the
//! detectors and how their findings are shown; knows no requests, channels or policies.
//!
//! No detector is a regular expression but those of the user. Each looks at a place only where
//! one cheap pass finds a mark of it (a digit, an `@`, the literal start of a token) and then at a
//! bounded number of bytes around the mark, so that the cost of a byte is the same whatever the
//! text. Checks that cannot be expressed as a pattern (check digits, issuers, lengths by country,
//! entropy) decide.

mod ascii;
mod context;
mod email;
mod health;
mod iban;
mod literals;
mod names;
mod numbers;
mod phone;
mod private_key;
mod redact;
mod secrets;
#[cfg(test)]
mod tests;
mod tokens;

use std::ops::Range;

pub use self::redact::redacted;
use crate::matcher::{Refusal, SpanPattern};
use literals::Literals;
use names::SecretName;
use numbers::Expected;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// United States social security number.
    Ssn,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// International bank account number.
    Iban,
    /// Payment card number.
    Card,
    /// AWS access key id.
    AwsKey,
    /// GitHub token.
    GithubToken,
    /// GitLab token.
    GitlabToken,
    /// Slack token or webhook.
    SlackToken,
    /// Stripe secret key.
    StripeKey,
    /// Google API key, OAuth token or client secret.
    GoogleKey,
    /// OpenAI key.
    OpenaiKey,
    /// Anthropic key.
    AnthropicKey,
    /// npm token.
    NpmToken,
    /// PyPI token.
    PypiToken,
    /// Token of another vendor, by its published prefix.
    VendorToken,
    /// JSON Web Token.
    Jwt,
    /// Private key.
    PrivateKey,
    /// Value of something that is named as a secret, or that looks like a key of no known vendor.
    GenericSecret,
    /// Identifier or finding in a medical record.
    Phi,
    /// A match of the custom pattern of that number, in the order given.
    Custom(u16),
}

/// What classifications a policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Personal data.
    Pii,
    /// Payment card data.
    Pci,
    /// Credentials.
    Secret,
    /// Health data.
    Phi,
    /// What the custom pattern of that number finds.
    Custom(u16),
}

impl Kind {
    /// Every kind but those of custom patterns, in their order.
    pub const BUILT_IN: [Self; 20] = [
        Self::Ssn,
        Self::Email,
        Self::Phone,
        Self::Iban,
        Self::Card,
        Self::AwsKey,
        Self::GithubToken,
        Self::GitlabToken,
        Self::SlackToken,
        Self::StripeKey,
        Self::GoogleKey,
        Self::OpenaiKey,
        Self::AnthropicKey,
        Self::NpmToken,
        Self::PypiToken,
        Self::VendorToken,
        Self::Jwt,
        Self::PrivateKey,
        Self::GenericSecret,
        Self::Phi,
    ];

    /// The class that it belongs to.
    pub fn class(self) -> Class {
        match self {
            Self::Ssn | Self::Email | Self::Phone | Self::Iban => Class::Pii,
            Self::Card => Class::Pci,
            Self::Phi => Class::Phi,
            Self::Custom(number) => Class::Custom(number),
            _ => Class::Secret,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ssn => "ssn",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::Card => "card",
            Self::AwsKey => "aws-key",
            Self::GithubToken => "github-token",
            Self::GitlabToken => "gitlab-token",
            Self::SlackToken => "slack-token",
            Self::StripeKey => "stripe-key",
            Self::GoogleKey => "google-key",
            Self::OpenaiKey => "openai-key",
            Self::AnthropicKey => "anthropic-key",
            Self::NpmToken => "npm-token",
            Self::PypiToken => "pypi-token",
            Self::VendorToken => "vendor-token",
            Self::Jwt => "jwt",
            Self::PrivateKey => "private-key",
            Self::GenericSecret => "generic-secret",
            Self::Phi => "phi",
            Self::Custom(_) => "custom",
        }
    }
}

/// A piece of text that was classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the text. Of a custom pattern that matches code units which are halves of
    /// characters, the whole characters.
    pub range: Range<usize>,
}

/// A pattern of the user: ECMAScript, as in the `matches_regex` of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomPattern {
    /// What the user calls it.
    pub name: String,
    /// The pattern.
    pub pattern: String,
}

/// A custom pattern that is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("custom classifier `{name}`: {refusal}")]
pub struct Refused {
    /// Its place among those given.
    pub number: usize,
    /// What the user calls it.
    pub name: String,
    /// Why.
    pub refusal: Refusal,
}

/// Takes what a detector finds.
type Sink<'s> = dyn FnMut(Kind, Range<usize>) + 's;

/// All detectors, ready to classify. Threads share it.
pub struct Classifier {
    literals: Literals,
    custom: Vec<SpanPattern>,
}

impl Default for Classifier {
    /// The detectors without patterns of the user.
    fn default() -> Self {
        Self {
            literals: Literals::new(),
            custom: Vec::new(),
        }
    }
}

impl Classifier {
    /// Prepares the detectors, and up to 65,536 patterns of the user.
    ///
    /// # Errors
    /// The first custom pattern that is invalid, unsafe or too large, or that needs look-around or
    /// back-references, which have no place in linear time.
    pub fn new(custom: &[CustomPattern]) -> Result<Self, Refused> {
        let compile = |(number, custom): (usize, &CustomPattern)| {
            SpanPattern::new(&custom.pattern).map_err(|refusal| Refused {
                number,
                name: custom.name.clone(),
                refusal,
            })
        };
        Ok(Self {
            literals: Literals::new(),
            custom: custom
                .iter()
                .enumerate()
                .map(compile)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Classifies a value: UTF-8, lone surrogates encoded as WTF-8 has them. `key` is the name of
    /// the argument or member that the value belongs to. Each detector reports in order of place;
    /// the detectors report one after the other. A custom pattern reports its first match.
    pub fn classify(&self, text: &[u8], key: Option<&[u8]>, found: &mut impl FnMut(Match)) {
        let mut has_secret = false;
        let mut sink = |kind: Kind, range: Range<usize>| {
            has_secret |= kind.class() == Class::Secret;
            found(Match { kind, range });
        };
        self.literals.scan(text, &mut sink);
        numbers::scan(text, Expected::of(key), &mut sink);
        email::scan(text, &mut sink);
        for (number, pattern) in (0..=u16::MAX).zip(&self.custom) {
            if let Some(range) = pattern.find(text) {
                sink(Kind::Custom(number), range);
            }
        }
        if has_secret {
            return;
        }
        // What the name says is weaker than what the value itself says.
        let named = key.and_then(SecretName::of);
        if let Some(range) = named.and_then(|name| secrets::of_argument(text, name)) {
            found(Match {
                kind: Kind::GenericSecret,
                range,
            });
        }
    }
}
