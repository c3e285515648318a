//! Where data goes. Owns the one form in which a destination is compared with patterns, so that no
//! other way of writing it passes them; knows no rules.

use crate::model::pipeline::egress::Channel;
use crate::paths::NormalPath;

use super::glob::Glob;

/// Longest destination that is looked at, in bytes. A longer one is like none that anybody allows.
const MAX_BYTES: usize = 8192;

/// One place to which data goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Destination {
    /// As the call writes it.
    written: Vec<u8>,
    /// In normal form; `None` if where it leads cannot be told for certain.
    normal: Option<String>,
}

impl Destination {
    /// The destinations in one value of a call.
    pub(super) fn all(channel: Channel, value: &[u8]) -> Vec<Self> {
        let text = String::from_utf8_lossy(value);
        let text = text.trim();
        if channel == Channel::Email {
            let separators = |c: char| c.is_whitespace() || c < ' ' || ",;".contains(c);
            let words = text.split(separators).filter(|word| word.contains('@'));
            let addresses: Vec<Self> = words
                .map(|word| word.trim_matches(|c| "<>()\"'".contains(c)))
                .map(|address| Self::new(address, Some(address.to_owned())))
                .collect();
            if !addresses.is_empty() {
                return addresses;
            }
        }
        let is_path = matches!(channel, Channel::FileWrite | Channel::CiArtifact);
        let normal = match scheme(text) {
            Some(_) => url(text),
            None if is_path => NormalPath::new(text).map(|path| path.to_string()),
            None => Some(text.to_owned()),
        };
        vec![Self::new(text, normal)]
    }

    fn new(written: &str, normal: Option<String>) -> Self {
        let is_short = written.len() <= MAX_BYTES;
        let written = written.bytes().take(MAX_BYTES).collect();
        let normal = normal.filter(|_| is_short);
        Self { written, normal }
    }

    /// Whether it is one of those that are blocked, however it is written. What is too long to be
    /// looked at is.
    pub(super) fn is_blocked_by(&self, blocked: &[Glob]) -> bool {
        let is_long = self.written.len() >= MAX_BYTES && !blocked.is_empty();
        is_long
            || blocked.iter().any(|glob| {
                let normal = self.normal.as_ref();
                glob.matches(&self.written) || normal.is_some_and(|normal| matches(glob, normal))
            })
    }

    /// Whether it is surely one of those that are allowed.
    pub(super) fn is_allowed_by(&self, allowed: &[Glob]) -> bool {
        let normal = self.normal.as_ref();
        normal.is_some_and(|normal| allowed.iter().any(|glob| matches(glob, normal)))
    }
}

/// Whether a normal form matches; the root of a server with or without its slash.
fn matches(glob: &Glob, normal: &str) -> bool {
    let root = normal
        .strip_suffix('/')
        .filter(|host| host.matches('/').count() == 2);
    glob.matches(normal.as_bytes()) || root.is_some_and(|root| glob.matches(root.as_bytes()))
}

/// The scheme of a URL, and what follows `://`.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let mut bytes = scheme.bytes();
    let is_scheme = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

/// A URL as clients take it: without user, default port and the dot at the end of a host name,
/// with a path that goes down only. `None` where clients may differ on where it leads: a `\`,
/// white space or control characters, an encoded or not an ASCII host. (WHATWG, "URL", §4.4)
fn url(text: &str) -> Option<String> {
    if text
        .bytes()
        .any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7F)
    {
        return None;
    }
    let (scheme, rest) = scheme(text)?;
    let scheme = scheme.to_ascii_lowercase();
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (host, ""),
    };
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_v6 = name.starts_with('[') && name.ends_with(']');
    let is_host = if is_v6 {
        let inner = name.bytes().skip(1).take(name.len() - 2);
        inner.clone().count() > 0
            && inner
                .clone()
                .all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte))
    } else {
        name.bytes().all(in_name)
    };
    if !is_host || (name.is_empty() && scheme != "file") {
        return None;
    }
    let is_default = matches!(
        (scheme.as_str(), port),
        (_, "") | ("http" | "ws", "80") | ("https" | "wss", "443") | ("ftp", "21")
    );
    let port = if is_default {
        String::new()
    } else {
        format!(":{port}")
    };
    let (path, query) = tail.split_at(tail.find(['?', '#']).unwrap_or(tail.len()));
    let mut segments: Vec<&str> = Vec::new();
    let mut parts = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(part) = parts.next() {
        let dots = part.to_ascii_lowercase().replace("%2e", ".");
        let is_last = parts.peek().is_none();
        match dots.as_str() {
            "." | ".." => {
                if dots == ".." {
                    segments.pop();
                }
                if is_last {
                    segments.push("");
                }
            }
            _ => segments.push(part),
        }
    }
    Some(format!(
        "{scheme}://{name}{port}/{}{query}",
        segments.join("/")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(channel: Channel, text: &str) -> Option<String> {
        let mut all = Destination::all(channel, text.as_bytes());
        assert_eq!(all.len(), 1, "{text}");
        all.remove(0).normal
    }

    #[test]
    fn urls_are_compared_as_clients_take_them() {
        for (text, expected) in [
            ("https://api.acme.com", Some("https://api.acme.com/")),
            (
                "HTTPS://API.acme.com:443/V1",
                Some("https://api.acme.com/V1"),
            ),
            (
                "https://api.acme.com.:8443/a//b/",
                Some("https://api.acme.com:8443/a//b/"),
            ),
            (
                "https://api.acme.com@evil.example/x",
                Some("https://evil.example/x"),
            ),
            ("https://a:b@c@evil.example", Some("https://evil.example/")),
            (
                "https://evil.example?.acme.com/x",
                Some("https://evil.example/?.acme.com/x"),
            ),
            (
                "https://evil.example#.acme.com/x",
                Some("https://evil.example/#.acme.com/x"),
            ),
            (
                "https://d.acme.com/public/../secret",
                Some("https://d.acme.com/secret"),
            ),
            (
                "https://d.acme.com/public/%2E%2e/secret",
                Some("https://d.acme.com/secret"),
            ),
            ("https://d.acme.com/public/..", Some("https://d.acme.com/")),
            (
                "https://d.acme.com/a/./b/.?x=/../y",
                Some("https://d.acme.com/a/b/?x=/../y"),
            ),
            ("https://d.acme.com/../../x", Some("https://d.acme.com/x")),
            ("http://[::1]:80/x", Some("http://[::1]/x")),
            ("file:///etc/passwd", Some("file:///etc/passwd")),
            ("https://evil.example\\.acme.com/x", None),
            ("https://evil\t.example/x", None),
            ("https://ev%69l.example/x", None),
            ("https://\u{456}.example/x", None),
            ("https://[]/x", None),
            ("https://[::1zz]/x", None),
            ("https://[evil.example/x", None),
            ("https:///x", None),
            ("https://host:port/x", None),
            ("api.acme.com/x", Some("api.acme.com/x")),
            ("api.acme.com/../x", Some("api.acme.com/../x")),
            ("1x://ACME.com", Some("1x://ACME.com")),
        ] {
            assert_eq!(
                normal(Channel::HttpRequest, text).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn paths_are_normalised() {
        for (text, expected) in [
            ("/home/app/../../etc/passwd", Some("/etc/passwd")),
            ("./a//b/", Some("a/b")),
            ("../a", Some("../a")),
            ("~/a", None),
            ("s3://bucket/a/../b", Some("s3://bucket/b")),
        ] {
            assert_eq!(
                normal(Channel::FileWrite, text).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn every_address_is_a_destination() {
        let text = b"Jane <jane@acme.com>, \"x@evil.example\";bob@acme.com\nCarl\x01c@d.example";
        let all = Destination::all(Channel::Email, text);
        let all: Vec<_> = all.iter().filter_map(|one| one.normal.as_deref()).collect();
        assert_eq!(
            all,
            [
                "jane@acme.com",
                "x@evil.example",
                "bob@acme.com",
                "c@d.example"
            ]
        );
        assert_eq!(
            normal(Channel::Email, "everyone").as_deref(),
            Some("everyone")
        );
    }

    #[test]
    fn what_is_not_certain_is_not_allowed() {
        let globs = |pattern| [Glob::new(pattern)];
        let one = |text: &str| Destination::all(Channel::HttpRequest, text.as_bytes()).remove(0);
        let long = one(&format!("https://api.acme.com/{}", "x".repeat(MAX_BYTES)));
        assert!(!long.is_allowed_by(&globs("**")));
        assert!(long.is_blocked_by(&globs("x")));
        assert!(!long.is_blocked_by(&[]));
        let odd = one("https://evil.example\\@api.acme.com/");
        assert!(!odd.is_allowed_by(&globs("**")));
        assert!(odd.is_blocked_by(&globs("https://evil.example\\**")));
        assert!(one("https://api.acme.com").is_allowed_by(&globs("https://api.acme.com")));
        assert!(!one("https://api.acme.com/x").is_allowed_by(&globs("https://api.acme.com")));
        assert!(one("https://u@evil.example/x").is_blocked_by(&globs("https://evil.example/*")));
    }
}
