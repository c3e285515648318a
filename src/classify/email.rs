//! E-mail addresses, and passwords in URLs, which both show by an `@`. Owns telling addresses from
//! packages, remotes and images of that form.

use super::ascii::{at, before, is_word, part, run_end, run_start};
use super::{Kind, Sink};

/// Longest local part and domain (RFC 5321, §4.5.3.1).
const LOCAL_BYTES: usize = 64;
const DOMAIN_BYTES: usize = 255;

/// Top-level domains of more than two letters that addresses have; those of two letters are
/// countries'.
const TOP_LEVEL: &[&str] = &[
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "name",
    "pro",
    "aero",
    "coop",
    "museum",
    "jobs",
    "mobi",
    "travel",
    "cat",
    "tel",
    "asia",
    "post",
    "dev",
    "app",
    "cloud",
    "online",
    "tech",
    "store",
    "site",
    "xyz",
    "shop",
    "blog",
    "email",
    "agency",
    "digital",
    "systems",
    "work",
    "works",
    "team",
    "group",
    "company",
    "solutions",
    "services",
    "network",
    "software",
    "studio",
    "design",
    "health",
    "clinic",
    "hospital",
    "bank",
    "finance",
    "legal",
    "law",
    "academy",
    "university",
    "london",
    "berlin",
    "paris",
    "nyc",
    "tokyo",
    "world",
    "global",
    "earth",
    "live",
    "life",
    "today",
    "news",
    "media",
    "chat",
    "space",
    "run",
    "codes",
    "zone",
    "page",
    "wiki",
    "tools",
    "security",
    "support",
    "center",
    "community",
    "foundation",
    "institute",
    "internal",
    "corp",
    "local",
    "lan",
    "intranet",
    "example",
    "test",
    "ai",
];

/// Reports the addresses and URL passwords of a text.
pub(super) fn scan(text: &[u8], sink: &mut Sink<'_>) {
    for sign in memchr::memchr_iter(b'@', text) {
        if let Some(password) = url_password(text, sign) {
            sink(Kind::GenericSecret, password);
        } else if let Some(address) = address(text, sign) {
            sink(Kind::Email, address);
        }
    }
}

/// The address around an `@` (the dot-atom form of RFC 5322, §3.4.1).
fn address(text: &[u8], sign: usize) -> Option<std::ops::Range<usize>> {
    let is_local = |byte: u8| is_word(byte) || b".%+-'".contains(&byte);
    let mut start = run_start(text, sign, LOCAL_BYTES, is_local);
    while start < sign && b".'-%+".contains(&at(text, start)) {
        start += 1;
    }
    let local = part(text, start, sign);
    if local.is_empty() || local.ends_with(b".") || local == b"git" {
        return None;
    }
    if !local.iter().any(u8::is_ascii_alphanumeric)
        || before(text, start, 2) == b'/' && before(text, start, 1) == b'/'
    {
        return None;
    }
    let is_domain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let mut end = run_end(text, sign + 1, DOMAIN_BYTES, is_domain);
    while end > sign + 1 && matches!(before(text, end, 1), b'.' | b'-') {
        end -= 1;
    }
    let domain = part(text, sign + 1, end);
    let mut labels = domain.rsplit(|&byte| byte == b'.');
    let top = labels.next()?;
    let mut count = 0;
    for label in labels {
        let is_label = !label.is_empty() && !label.starts_with(b"-") && !label.ends_with(b"-");
        if !is_label {
            return None;
        }
        count += 1;
    }
    let is_known = match top.len() {
        0 | 1 => false,
        2 => top.iter().all(u8::is_ascii_alphabetic),
        _ => TOP_LEVEL
            .iter()
            .any(|known| top.eq_ignore_ascii_case(known.as_bytes())),
    };
    // `user@host.org:path` and `user@host.org/path` name files, as `scp` and `git` have them.
    let is_remote = match at(text, end) {
        b':' => matches!(at(text, end + 1), b'/' | b'~' | b'.'),
        b'/' | b'_' | b'@' | b'(' => true,
        _ => false,
    };
    (count > 0 && is_known && !is_remote).then_some(start..end)
}

/// The password of `scheme://user:password@host`.
fn url_password(text: &[u8], sign: usize) -> Option<std::ops::Range<usize>> {
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"@/\"'<>`\\".contains(&byte);
    let start = run_start(text, sign, 2 * LOCAL_BYTES, is_part);
    if part(text, start.saturating_sub(3), start) != b"://" {
        return None;
    }
    let user = part(text, start, sign);
    let colon = user.iter().position(|&byte| byte == b':')?;
    let password = part(user, colon + 1, user.len());
    let is_literal = password.len() >= 4
        && !password.iter().any(|byte| b"${}()*[]".contains(byte))
        && password != b"password"
        && password != b"pass"
        && at(text, sign + 1).is_ascii_alphanumeric();
    is_literal.then_some(start + colon + 1..sign)
}
