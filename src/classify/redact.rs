//! How a finding is shown: enough to recognise it for who knows it, never enough to use it. Owns
//! what of each kind may be seen.

use super::Kind;

/// What stands for the part that is hidden, whatever its length.
const HIDDEN: &str = "***";

/// A finding as reports show it, for example `123-**-****`. Never the whole, never its length
/// where that says something, and no digest, which could be searched for: there are only so many
/// social security numbers.
pub fn redacted(kind: Kind, text: &[u8]) -> String {
    match kind {
        Kind::Ssn => format!("{}-**-****", digits(text.iter(), 3)),
        Kind::Card => {
            let last = digits(text.iter().rev(), 4);
            format!("**** **** **** {}", last.chars().rev().collect::<String>())
        }
        Kind::Phone => {
            let last = digits(text.iter().rev(), 2);
            format!("***-***-**{}", last.chars().rev().collect::<String>())
        }
        Kind::Email => format!("{}{HIDDEN}@{HIDDEN}", first(text, 1)),
        Kind::Iban => format!("{}{HIDDEN}", first(text, 2)),
        Kind::PrivateKey => "[private key]".to_owned(),
        Kind::Jwt => format!("eyJ{HIDDEN}"),
        Kind::AwsKey
        | Kind::GithubToken
        | Kind::GitlabToken
        | Kind::SlackToken
        | Kind::StripeKey
        | Kind::GoogleKey
        | Kind::OpenaiKey
        | Kind::AnthropicKey
        | Kind::NpmToken
        | Kind::PypiToken => format!("{}{HIDDEN}", first(text, 4)),
        Kind::VendorToken | Kind::GenericSecret | Kind::Phi | Kind::Custom(_) => HIDDEN.to_owned(),
    }
}

/// The first `count` digits of some bytes.
fn digits<'t>(bytes: impl Iterator<Item = &'t u8>, count: usize) -> String {
    let digits = bytes.filter(|byte| byte.is_ascii_digit()).take(count);
    digits.map(|&byte| char::from(byte)).collect()
}

/// The first `count` bytes, if they are ASCII letters, digits and what joins them.
fn first(text: &[u8], count: usize) -> String {
    let shown = text.iter().take(count);
    shown
        .filter(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
        .map(|&byte| char::from(byte))
        .collect()
}
