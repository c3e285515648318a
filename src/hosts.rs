//! Where a URL or a host leads, as text: owns which host and port every reader finds in it, and
//! patterns of hosts. Asks no name server, so a name is what it is called, and knows no policies.
//!
//! Parsers disagree on malformed URLs (Orange Tsai, "A New Era of SSRF", 2017): `http://a\@b` leads
//! some to `a` and others to `b`. What they could disagree on has no [`Target`].

use std::net::IpAddr;

use url::Host as Parsed;

/// Ports of the schemes that have one.
const PORTS: &[(&str, u16)] = &[
    ("ftp", 21),
    ("http", 80),
    ("https", 443),
    ("ldap", 389),
    ("ldaps", 636),
    ("mongodb", 27_017),
    ("mysql", 3306),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("redis", 6379),
    ("sftp", 22),
    ("ssh", 22),
    ("ws", 80),
    ("wss", 443),
];

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    /// A name in lower case, in ASCII (Punycode), without a dot at the end.
    Name(String),
    /// An address; one of IPv4 is no other when it is written as one of IPv6.
    Address(IpAddr),
}

/// Where something connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    host: Host,
    port: Option<u16>,
}

impl Target {
    /// Where a URL leads; `None` if it has no host, or readers might disagree on it.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, rest) = scheme(url)?;
        let known = PORTS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(scheme));
        Self::after_slashes(rest, known.map(|&(_, port)| port))
    }

    /// Where a host leads that may have a port, a user before it and a path after it:
    /// `host`, `host:443`, `[::1]:443`, `::1`, `//host/path`.
    pub fn of_host(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(address) = text.parse() {
            let host = Host::Address(canonical(address));
            return Some(Self { host, port: None });
        }
        if text.contains("://") {
            return None;
        }
        match text.starts_with("//") {
            true => Self::after_slashes(text, None),
            false => Self::after_slashes(&format!("//{text}"), None),
        }
    }

    /// What follows the scheme of a URL (RFC 3986, 3.2), as long as every reader ends the host at
    /// the same place.
    fn after_slashes(rest: &str, default_port: Option<u16>) -> Option<Self> {
        let rest = rest.trim_end().strip_prefix("//")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let is_odd =
            |c: char| c.is_whitespace() || char::is_control(c) || "\\<>\"{}|^`".contains(c);
        if authority.contains(is_odd) || path.contains(char::is_control) {
            return None;
        }
        // `http://a#@b` and `http://a?@b`: some take all before the `@` for a user.
        let before_slash = path.split('/').next().unwrap_or_default();
        if before_slash.contains('@') || authority.matches('@').count() > 1 {
            return None;
        }
        let host = authority.rsplit('@').next()?;
        let (host, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let host = Host::Address(canonical(IpAddr::V6(address.parse().ok()?)));
                match rest.strip_prefix(':') {
                    Some(port) => (host, Some(port)),
                    None => rest.is_empty().then_some((host, None))?,
                }
            }
            None => match host.split_once(':') {
                Some((host, port)) => (name(host)?, Some(port)),
                None => (name(host)?, None),
            },
        };
        let port = match port {
            None | Some("") => default_port,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            Some(_) => return None,
        };
        Some(Self { host, port })
    }

    /// The same with a port that is known from elsewhere, unless it has one.
    #[must_use]
    pub fn or_port(self, port: Option<u16>) -> Self {
        Self {
            port: self.port.or(port),
            ..self
        }
    }

    /// The port, if it is written or follows from the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

/// The scheme of a URL and what follows its colon.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.trim_start().split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

/// Whether a text is a URL with a host, whatever its scheme; or would be one for browsers, which
/// add the slashes after `https:`.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = scheme(text) else {
        return false;
    };
    let is_web = ["http", "https", "ws", "wss", "ftp"].iter();
    let mut is_web = is_web.filter(|web| web.eq_ignore_ascii_case(scheme));
    rest.starts_with("//") && !scheme.eq_ignore_ascii_case("file")
        || is_web.next().is_some() && !rest.is_empty() && !rest.starts_with(char::is_whitespace)
}

fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// A host as it is written in a URL, unless readers disagree on it: percent-encoded, or an address
/// of IPv4 in another form than four decimal numbers.
fn name(text: &str) -> Option<Host> {
    if text.contains('%') {
        return None;
    }
    match Parsed::parse(text).ok()? {
        Parsed::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
            let is_certain = !name.split('.').any(str::is_empty)
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
            is_certain.then_some(Host::Name(name))
        }
        Parsed::Ipv4(address) => {
            let address = IpAddr::V4(address);
            (address.to_string() == text).then_some(Host::Address(address))
        }
        Parsed::Ipv6(address) => Some(Host::Address(canonical(IpAddr::V6(address)))),
    }
}

/// Hosts that an author lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    /// `*`
    Any,
    /// `api.example.com`, `10.0.0.1`
    One(Host),
    /// `*.example.com`: what is below it, at any depth, but not the name itself.
    Below(String),
    /// `10.0.0.0/8`: addresses of which so many bits are these.
    Network(IpAddr, u32),
}

impl HostPattern {
    /// Reads a pattern: `*`, a name, `*.` and a name, an address, or an address and the length of
    /// a network's prefix; each but the last with `:` and a port if you like. `None` for anything
    /// else.
    pub fn new(pattern: &str) -> Option<Self> {
        let host_and_port = |text: &str| Target::of_host(text);
        if pattern.contains(['@', '?', '#']) || pattern.starts_with('/') {
            return None;
        }
        if let Some((address, bits)) = pattern.split_once('/') {
            let address = address.trim_start_matches('[').trim_end_matches(']');
            let address: IpAddr = address.parse().ok()?;
            let bits: u32 = bits.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let hosts = Hosts::Network(address, bits);
            return (bits <= most).then_some(Self { hosts, port: None });
        }
        if pattern == "*" {
            let hosts = Hosts::Any;
            return Some(Self { hosts, port: None });
        }
        if let Some(port) = pattern.strip_prefix("*:") {
            let port = Some(port.parse().ok()?);
            return Some(Self {
                hosts: Hosts::Any,
                port,
            });
        }
        let below = pattern.strip_prefix("*.");
        let target = host_and_port(below.unwrap_or(pattern))?;
        let hosts = match (below, target.host) {
            (None, host) => Hosts::One(host),
            (Some(_), Host::Name(name)) => Hosts::Below(name),
            (Some(_), Host::Address(_)) => return None,
        };
        Some(Self {
            hosts,
            port: target.port,
        })
    }

    /// Whether it lists the target, and with its port, if it says one.
    pub fn matches(&self, target: &Target) -> bool {
        let host = match (&self.hosts, &target.host) {
            (Hosts::Any, _) => true,
            (Hosts::One(listed), host) => listed == host,
            (Hosts::Below(domain), Host::Name(name)) => is_below(name, domain),
            (Hosts::Network(network, bits), Host::Address(address)) => {
                is_in_network(*address, *network, *bits)
            }
            (Hosts::Below(_), Host::Address(_)) | (Hosts::Network(..), Host::Name(_)) => false,
        };
        host && (self.port.is_none() || self.port == target.port)
    }

    /// Whether it is about the target if a name stands for everything below it, and a target whose
    /// port is not known for every port: what a list of hosts that are denied means.
    pub fn concerns(&self, target: &Target) -> bool {
        let host = match (&self.hosts, &target.host) {
            (Hosts::One(Host::Name(domain)) | Hosts::Below(domain), Host::Name(name)) => {
                name == domain || is_below(name, domain)
            }
            _ => {
                let hosts = self.hosts.clone();
                Self { hosts, port: None }.matches(target)
            }
        };
        host && (self.port.is_none() || target.port.is_none() || self.port == target.port)
    }
}

fn is_below(name: &str, domain: &str) -> bool {
    let before = name.strip_suffix(domain);
    before.is_some_and(|before| before.len() > 1 && before.ends_with('.'))
}

fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, true),
        IpAddr::V6(address) => (address.to_bits(), false),
    };
    let ((address, is_v4), (network, network_is_v4)) = (number(address), number(network));
    let differing = address ^ network;
    is_v4 == network_is_v4 && (bits == 0 || differing >> (128 - bits) == 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allowed(url: &str, pattern: &str) -> bool {
        let pattern = HostPattern::new(pattern).expect(pattern);
        Target::of_url(url).is_some_and(|target| pattern.matches(&target))
    }

    #[test]
    fn hosts_are_found_where_every_reader_finds_them() {
        for url in [
            "https://good.example",
            "https://good.example/x@y",
            "HTTPS://GOOD.example:8443/?a=b#c",
            "https://good.example./x",
            "https://user:secret@good.example/x",
            "https://evil.example:80@good.example/x",
            "wss://good.example/?x",
            "foo+bar://good.example/x",
            "https://good.example:/x",
            " https://good.example/a b\u{e9} ",
        ] {
            assert!(allowed(url, "good.example"), "{url}");
            assert!(allowed(url, "*"), "{url}");
            assert!(!allowed(url, "*.good.example"), "{url}");
        }
        for url in [
            "https://evil.example",
            "https://good.example@evil.example/",
            "https://good.example:443@evil.example/",
            "https://good.example\\@evil.example/",
            "https://evil.example\\@good.example/",
            "https://evil.example\\.good.example/",
            "https://evil.example#@good.example/",
            "https://good.example#@evil.example/",
            "https://good.example?@evil.example/",
            "https://a@evil.example@good.example/",
            "https://good.example.evil.example/",
            "https://notgood.example/",
            "https://good.example%2eevil.example/",
            "https://good%2eexample/",
            "https://good.example\t.evil.example/",
            "https://go\nod.example/",
            "https://good.example\u{2044}evil.example/",
            "https://good.example:x/",
            "https://good.example:99999/",
            "https://good.example:80:80/",
            "https://g\u{43E}od.example/",
            "https:good.example",
            "https:/good.example",
            "https:///good.example",
            "https:\\\\good.example",
            "https://",
            "https:// good.example",
            "https://[good.example]/",
            "https://..good.example/",
            "//good.example/",
            "good.example",
            "mailto:a@good.example",
            "data:text/html,good.example",
            "",
        ] {
            assert!(!allowed(url, "good.example"), "{url}");
        }
    }

    #[test]
    fn addresses_have_one_form_each() {
        assert!(allowed("http://127.0.0.1:80/", "127.0.0.1"));
        assert!(allowed("http://10.1.2.3/", "10.0.0.0/8"));
        assert!(!allowed("http://11.1.2.3/", "10.0.0.0/8"));
        assert!(allowed("http://[::ffff:10.1.2.3]/", "10.0.0.0/8"));
        assert!(allowed("http://[0:0:0:0:0:0:0:1]:80/", "[::1]"));
        assert!(allowed("http://[fd00::1]/", "fd00::/8"));
        assert!(!allowed("http://[fe80::1]/", "fd00::/8"));
        assert!(allowed("http://[::]/", "::/0"));
        assert!(!allowed("http://0.0.0.0/", "::/0"));
        for odd in [
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://127.0.0.1./",
            "http://\u{FF11}27.0.0.1/",
            "http://[::1%25eth0]/",
            "http://[::1]x/",
            "http://::1/",
            "http://1.2.3.4.5/",
        ] {
            assert_eq!(Target::of_url(odd), None, "{odd}");
        }
    }

    #[test]
    fn names_of_other_scripts_have_one_form() {
        assert!(allowed(
            "https://b\u{FC}cher.example/",
            "b\u{FC}cher.example"
        ));
        assert!(allowed(
            "https://xn--bcher-kva.example/",
            "B\u{DC}CHER.example"
        ));
        assert!(allowed("https://good\u{3002}example/", "good.example"));
        assert!(!allowed("https://p\u{430}ypal.example/", "paypal.example"));
    }

    #[test]
    fn names_below_a_domain() {
        assert!(allowed("https://a.example.com/", "*.example.com"));
        assert!(allowed("https://a.b.example.com/", "*.example.com"));
        assert!(!allowed("https://example.com/", "*.example.com"));
        assert!(!allowed("https://badexample.com/", "*.example.com"));
        let denied = |url: &str, pattern: &str| {
            let pattern = HostPattern::new(pattern).unwrap();
            pattern.concerns(&Target::of_url(url).unwrap())
        };
        assert!(denied("https://a.evil.com/", "evil.com"));
        assert!(denied("https://evil.com/", "*.evil.com"));
        assert!(!denied("https://notevil.com/", "evil.com"));
        assert!(denied("https://evil.com/", "evil.com:443"));
        assert!(!denied("https://evil.com/", "evil.com:80"));
        assert!(denied("unknown://evil.com/", "evil.com:80"));
        assert!(denied("http://169.254.169.254/", "169.254.0.0/16"));
    }

    #[test]
    fn ports_count_where_they_are_listed() {
        assert!(allowed("https://a.example/", "a.example:443"));
        assert!(allowed("https://a.example:8443/", "a.example:8443"));
        assert!(!allowed("https://a.example:80/", "a.example:443"));
        assert!(!allowed("unknown://a.example/", "a.example:443"));
        assert!(allowed("http://b.example/", "*:80"));
        assert!(allowed("http://[::1]:8080/", "[::1]:8080"));
        assert_eq!(Target::of_url("ssh://a.example").unwrap().port(), Some(22));
    }

    #[test]
    fn hosts_by_themselves() {
        for (text, pattern) in [
            ("good.example", "good.example"),
            ("good.example:80", "good.example:80"),
            ("user@good.example", "good.example"),
            ("good.example/path", "good.example"),
            ("//good.example/path", "good.example"),
            ("::1", "::1"),
            ("[::1]:80", "::1"),
            ("10.0.0.1", "10.0.0.0/24"),
        ] {
            let pattern = HostPattern::new(pattern).unwrap();
            assert!(pattern.matches(&Target::of_host(text).unwrap()), "{text}");
        }
        for text in [
            "",
            "git@good.example:path",
            "/v1",
            "a b",
            "good.example:x",
            "http://x",
        ] {
            assert_eq!(Target::of_host(text), None, "{text}");
        }
    }

    #[test]
    fn patterns_that_are_none() {
        for pattern in [
            "",
            "https://a.example",
            "a.example/x",
            "10.0.0.0/33",
            "10.0.0.0/x",
            "*.10.0.0.1",
            "a.*",
            "*a.example",
            "a b",
            "user@a.example",
            "*:x",
            "0x7f.1",
            "/",
            "*.",
        ] {
            assert_eq!(HostPattern::new(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn urls_are_recognised() {
        for text in [
            "https://x",
            "HTTP:x",
            "foo://x",
            " ftp:/x",
            "http:\\\\x",
            "redis://:p@h",
        ] {
            assert!(is_url(text), "{text}");
        }
        for text in [
            "file:///x",
            "mailto:a@b",
            "x:y",
            "http: no",
            "https:",
            "x",
            "C:\\x",
            "//x",
            "1a://b",
        ] {
            assert!(!is_url(text), "{text}");
        }
    }

    proptest! {
        /// What is allowed leads where the WHATWG parser, an implementation by others, says.
        #[test]
        fn browsers_agree(
            parts in prop::collection::vec(prop::sample::select(vec![
                "good.example", "evil.example", "@", ":", "/", "\\", "#", "?", ".", "%40", "[", "]", "\t", " ", "80", "//", "a", "\u{3002}", "\u{FF20}",
            ]), 0..8),
        ) {
            let url = format!("https://{}", parts.concat());
            if allowed(&url, "good.example") {
                let parsed = url::Url::parse(&url).expect("a URL");
                let host = parsed.host_str().expect("a host").trim_end_matches('.').to_owned();
                prop_assert_eq!(host, "good.example");
            }
        }

        #[test]
        fn no_text_is_a_panic(text: String, other in "[a-z0-9:/@.\\[\\]*%#?-]{0,24}") {
            for text in [text, other] {
                let _ = Target::of_host(&text);
                let _ = HostPattern::new(&text);
                let _ = is_url(&text);
                let _ = Target::of_url(&text);
            }
        }
    }
}
