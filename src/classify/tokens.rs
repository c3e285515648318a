//! Tokens that vendors give a prefix so that they can be recognised. Owns the shapes, from the
//! vendors' documentation.

use std::ops::Range;

use super::Kind;
use super::ascii::{at as byte_at, before, distinct, is_word, part, run_end, run_start};

/// The longest token looked at, in bytes; JSON Web Tokens have their own limit.
const MAX_BYTES: usize = 512;
/// The longest part of a JSON Web Token looked at, in bytes.
const MAX_JWT_BYTES: usize = 16 << 10;

/// A prefix and what follows it.
pub(super) struct Shape {
    pub(super) prefix: &'static str,
    pub(super) kind: Kind,
    body: Body,
    least: usize,
    most: usize,
}

/// Which bytes follow a prefix.
#[derive(Clone, Copy)]
enum Body {
    /// Letters and digits.
    Alphanumeric,
    /// Capitals and digits.
    Capitals,
    /// Letters, digits, `_` and `-`.
    Base64Url,
    /// The same and `.`.
    Dotted,
    /// Hexadecimal digits.
    Hex,
}

impl Body {
    fn contains(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Base64Url => is_word(byte) || byte == b'-',
            Self::Dotted => is_word(byte) || matches!(byte, b'-' | b'.'),
            Self::Hex => byte.is_ascii_hexdigit(),
        }
    }
}

const fn shape(prefix: &'static str, kind: Kind, body: Body, least: usize, most: usize) -> Shape {
    Shape {
        prefix,
        kind,
        body,
        least,
        most,
    }
}

/// All prefixes. Lengths are those of the body, in bytes.
pub(super) const SHAPES: &[Shape] = {
    use Body::{Alphanumeric, Base64Url, Capitals, Dotted, Hex};
    &[
        shape("AKIA", Kind::AwsKey, Capitals, 16, 16),
        shape("ASIA", Kind::AwsKey, Capitals, 16, 16),
        shape("ABIA", Kind::AwsKey, Capitals, 16, 16),
        shape("ACCA", Kind::AwsKey, Capitals, 16, 16),
        shape("ghp_", Kind::GithubToken, Alphanumeric, 36, 255),
        shape("gho_", Kind::GithubToken, Alphanumeric, 36, 255),
        shape("ghu_", Kind::GithubToken, Alphanumeric, 36, 255),
        shape("ghs_", Kind::GithubToken, Alphanumeric, 36, 255),
        shape("ghr_", Kind::GithubToken, Alphanumeric, 36, 255),
        shape("github_pat_", Kind::GithubToken, Base64Url, 22, 255),
        shape("glpat-", Kind::GitlabToken, Dotted, 20, 300),
        shape("gldt-", Kind::GitlabToken, Base64Url, 20, 300),
        shape("glrt-", Kind::GitlabToken, Dotted, 20, 300),
        shape("glptt-", Kind::GitlabToken, Base64Url, 40, 40),
        shape("glcbt-", Kind::GitlabToken, Base64Url, 20, 300),
        shape("glft-", Kind::GitlabToken, Base64Url, 20, 300),
        shape("glsoat-", Kind::GitlabToken, Base64Url, 20, 300),
        shape("gloas-", Kind::GitlabToken, Base64Url, 20, 300),
        shape("GR1348941", Kind::GitlabToken, Base64Url, 20, 20),
        shape("xoxb-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxp-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxa-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxr-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxs-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxe-", Kind::SlackToken, Base64Url, 20, 300),
        shape("xoxe.", Kind::SlackToken, Dotted, 20, 400),
        shape("xapp-", Kind::SlackToken, Base64Url, 20, 300),
        shape("sk_live_", Kind::StripeKey, Alphanumeric, 16, 255),
        shape("sk_test_", Kind::StripeKey, Alphanumeric, 16, 255),
        shape("rk_live_", Kind::StripeKey, Alphanumeric, 16, 255),
        shape("rk_test_", Kind::StripeKey, Alphanumeric, 16, 255),
        shape("whsec_", Kind::StripeKey, Alphanumeric, 24, 255),
        shape("AIza", Kind::GoogleKey, Base64Url, 35, 35),
        shape("ya29.", Kind::GoogleKey, Dotted, 20, 500),
        shape("GOCSPX-", Kind::GoogleKey, Base64Url, 28, 28),
        shape("sk-proj-", Kind::OpenaiKey, Base64Url, 20, 300),
        shape("sk-svcacct-", Kind::OpenaiKey, Base64Url, 20, 300),
        shape("sk-admin-", Kind::OpenaiKey, Base64Url, 20, 300),
        shape("sk-None-", Kind::OpenaiKey, Base64Url, 20, 300),
        shape("sk-ant-", Kind::AnthropicKey, Base64Url, 20, 300),
        shape("npm_", Kind::NpmToken, Alphanumeric, 36, 36),
        shape("pypi-", Kind::PypiToken, Base64Url, 50, 500),
        shape("hf_", Kind::VendorToken, Alphanumeric, 34, 40),
        shape("dop_v1_", Kind::VendorToken, Hex, 64, 64),
        shape("doo_v1_", Kind::VendorToken, Hex, 64, 64),
        shape("shpat_", Kind::VendorToken, Hex, 32, 32),
        shape("shpss_", Kind::VendorToken, Hex, 32, 32),
        shape("dapi", Kind::VendorToken, Hex, 32, 34),
        shape("lin_api_", Kind::VendorToken, Alphanumeric, 40, 48),
        shape("SG.", Kind::VendorToken, Dotted, 60, 70),
        shape("glsa_", Kind::VendorToken, Base64Url, 40, 50),
        shape("hvs.", Kind::VendorToken, Base64Url, 24, 300),
        shape("tskey-", Kind::VendorToken, Base64Url, 20, 100),
        shape("dckr_pat_", Kind::VendorToken, Base64Url, 27, 40),
        shape("AGE-SECRET-KEY-1", Kind::PrivateKey, Capitals, 58, 58),
        // Of many vendors, and of OpenAI before keys belonged to projects.
        shape("sk-", Kind::GenericSecret, Alphanumeric, 20, 255),
        shape("sk_", Kind::GenericSecret, Alphanumeric, 20, 255),
        shape("api_", Kind::GenericSecret, Alphanumeric, 20, 255),
        shape("api-", Kind::GenericSecret, Alphanumeric, 20, 255),
        shape("key_", Kind::GenericSecret, Alphanumeric, 20, 255),
        shape("key-", Kind::GenericSecret, Alphanumeric, 20, 255),
    ]
};

/// The token whose prefix starts at `start`, and up to where the text was looked at for long; 0
/// for hardly at all.
pub(super) fn at(text: &[u8], start: usize, shape: &Shape) -> (usize, Option<Range<usize>>) {
    let body = start + shape.prefix.len();
    let earlier = before(text, start, 1);
    if part(text, start, body) != shape.prefix.as_bytes()
        || is_word(earlier)
        || matches!(earlier, b'-' | b'/') && shape.kind == Kind::GenericSecret
    {
        return (0, None);
    }
    let mut end = run_end(text, body, MAX_BYTES, |byte| shape.body.contains(byte));
    let examined = end;
    while end > body && matches!(before(text, end, 1), b'.' | b'-') {
        end -= 1;
    }
    let content = part(text, body, end);
    if content.len() < shape.least {
        // A longer prefix that starts here too may still fit.
        return (0, None);
    }
    // A body that goes on with other characters of words is not the whole of it.
    let is_whole = content.len() <= shape.most && !is_word(byte_at(text, end));
    if !is_whole || !is_random(content) {
        return (examined, None);
    }
    let has_both = has_digit(content) && content.iter().any(u8::is_ascii_alphabetic);
    let is_token = shape.kind != Kind::GenericSecret || has_both;
    (examined, is_token.then_some(start..end))
}

/// What a token of this shape is. OpenAI's keys from before they belonged to projects are `sk-`
/// and 48 characters, `T3BlbkFJ` among them.
pub(super) fn kind(shape: &Shape, token: &[u8]) -> Kind {
    let is_marked = || token.windows(8).any(|mark| mark == b"T3BlbkFJ");
    let is_openai = shape.prefix == "sk-" && (token.len() == 51 || is_marked());
    if is_openai {
        Kind::OpenaiKey
    } else {
        shape.kind
    }
}

/// Whether a value starts with a prefix, in which case its own shape decides.
pub(super) fn has_prefix(value: &[u8]) -> bool {
    let mut prefixes = SHAPES.iter().map(|shape| shape.prefix.as_bytes());
    value.starts_with(b"eyJ") || prefixes.any(|prefix| value.starts_with(prefix))
}

fn has_digit(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit)
}

/// Whether a body is not a placeholder such as `xxxx` or `your-key-here`.
fn is_random(body: &[u8]) -> bool {
    let is_mixed =
        body.iter().any(u8::is_ascii_uppercase) && body.iter().any(u8::is_ascii_lowercase);
    let is_capital = body.iter().all(|byte| byte.is_ascii_uppercase());
    distinct(body) >= 8 && (has_digit(body) || is_mixed || is_capital)
}

/// The JSON Web Token whose header starts at `start` (RFC 7519, compact serialization of RFC 7515
/// and, with five parts, of RFC 7516), and up to where the text was looked at for long.
pub(super) fn jwt(text: &[u8], start: usize) -> (usize, Option<Range<usize>>) {
    let is_base64 = |byte: u8| is_word(byte) || byte == b'-';
    let earlier = before(text, start, 1);
    if part(text, start, start + 3) != b"eyJ" || is_base64(earlier) || earlier == b'.' {
        return (0, None);
    }
    let header = run_end(text, start, MAX_JWT_BYTES, is_base64);
    if header - start < 15 || byte_at(text, header) != b'.' {
        return (header, None);
    }
    let mut parts = 1;
    let (mut end, mut signed) = (header, header);
    while parts < 5 && byte_at(text, end) == b'.' {
        let next = run_end(text, end + 1, MAX_JWT_BYTES, is_base64);
        // Only a key may be empty, and the signature of a token that has none.
        if next == end + 1 && parts > 2 {
            break;
        }
        end = next;
        parts += 1;
        if parts == 3 {
            signed = end;
        }
    }
    let has_claims = part(text, header + 1, header + 4) == b"eyJ" && parts >= 3;
    let token = match (parts, has_claims) {
        (_, true) => Some(start..signed),
        (5, false) => Some(start..end),
        _ => None,
    };
    (end, token)
}

/// The address of an incoming webhook of Slack, which is all that is needed to post.
pub(super) fn slack_webhook(text: &[u8], start: usize) -> Option<Range<usize>> {
    let path = start + "hooks.slack.com/".len();
    let end = run_end(text, path, MAX_BYTES, |byte| is_word(byte) || byte == b'/');
    let url = run_start(text, start, 8, |byte| b"htps:/".contains(&byte));
    let mut parts = part(text, path, end).split(|&byte| byte == b'/');
    let service = parts.next()?;
    let is_service = matches!(service, b"services" | b"workflows" | b"triggers");
    let rest = parts.filter(|part| part.len() >= 8).count();
    (is_service && rest >= 3).then_some(url..end)
}
