//! Where a path leads, as text: owns normal forms, what a text may mean as a path, and "below".
//! Knows no file system, so a symbolic link is what it is called, and no policies.
//!
//! A text that names a path means what the program that opens it makes of it: some decode `%2e`,
//! some take `\` for a separator, Windows drops dots at the end of a name. So a text has several
//! [`Readings`]. It is within a directory if it is by all of them, and may be if it is by any.

use std::borrow::Cow;
use std::fmt;

/// How often a text may be percent-encoded and still be understood.
const MAX_DECODINGS: usize = 4;

/// Characters that some system or library takes for `/`, `\` or `.`.
const LOOK_ALIKES: &[char] = &[
    '\u{2024}', '\u{2025}', '\u{2026}', '\u{2044}', '\u{2215}', '\u{2216}', '\u{29F5}', '\u{29F8}',
    '\u{FE52}', '\u{FE68}', '\u{FF0E}', '\u{FF0F}', '\u{FF3C}', '\u{FF61}',
];

/// A path without `.`, `..`, empty components and a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalPath {
    root: Root,
    components: Vec<String>,
}

/// Where a path starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    /// So many directories above an unknown place.
    Relative(usize),
    /// At the root, above which there is nothing (POSIX.1-2024, XBD 4.16).
    Absolute,
    /// At the root of a drive, in upper case.
    Drive(u8),
    /// On another machine: `\\server\share`.
    Share,
}

impl NormalPath {
    /// The normal form of a path.
    ///
    /// `None` when it names nothing certain: it has a control character, at which some systems stop
    /// reading; a `~` that a shell would replace; a `\`, unless it starts as paths of Windows do; a
    /// name of three or more dots, or of dots and spaces, which systems read differently; or
    /// characters that look like separators.
    pub fn new(path: &str) -> Option<Self> {
        if path.starts_with('~')
            || path.contains(|c: char| char::is_control(c) || LOOK_ALIKES.contains(&c))
        {
            return None;
        }
        let (root, rest) = match path.as_bytes() {
            [b'\\', b'\\', ..] => (Root::Share, path.get(2..)?),
            [b'/', ..] => (Root::Absolute, path.get(1..)?),
            [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => {
                (Root::Drive(drive.to_ascii_uppercase()), path.get(3..)?)
            }
            // Relative to wherever the drive was last, or on whatever drive.
            [drive, b':', ..] if drive.is_ascii_alphabetic() => return None,
            [b'\\', ..] => return None,
            _ => (Root::Relative(0), path),
        };
        let is_windows = matches!(root, Root::Drive(_) | Root::Share);
        if rest.contains('\\') && !is_windows {
            return None;
        }
        let mut normal = Self {
            root,
            components: Vec::new(),
        };
        for component in rest.split(['/', '\\']) {
            match component {
                "" | "." => {}
                ".." => normal.leave(),
                _ if component.chars().all(|c| c == '.' || c == ' ') => return None,
                _ => normal.components.push(component.to_owned()),
            }
        }
        // `\\?\C:\x` and `\\.\pipe` are no shares.
        let server = normal.components.first().map(String::as_str);
        match root == Root::Share && matches!(server, None | Some("?")) {
            true => None,
            false => Some(normal),
        }
    }

    fn leave(&mut self) {
        if self.components.pop().is_none()
            && let Root::Relative(above) = &mut self.root
        {
            *above += 1;
        }
    }

    /// Whether it is `directory` or lies below it, component by component: `/app/database` is not
    /// below `/app/data`. Case matters. A relative path is below relative directories only, and
    /// one that leaves its place is below none but those that leave it as far.
    pub fn is_within(&self, directory: &Self) -> bool {
        self.root == directory.root && self.components.starts_with(&directory.components)
    }

    /// The machine that it is on, if it says.
    pub fn server(&self) -> Option<&str> {
        match self.root {
            Root::Share => self.components.first().map(String::as_str),
            _ => None,
        }
    }

    /// Whether it is below a directory for systems that ignore case.
    fn may_be_within(&self, directory: &Self) -> bool {
        // It may be anywhere that is above wherever it starts.
        if matches!(self.root, Root::Relative(1..)) && !matches!(directory.root, Root::Relative(_))
        {
            return true;
        }
        let same = |(a, b): (&String, &String)| a == b || a.to_lowercase() == b.to_lowercase();
        self.root == directory.root
            && self.components.len() >= directory.components.len()
            && self.components.iter().zip(&directory.components).all(same)
    }

    /// What Windows makes of it: names end before `:`, and without dots and spaces.
    fn on_windows(&self) -> Self {
        let name = |component: &String| {
            let name = component.split(':').next().unwrap_or_default();
            name.trim_end_matches(['.', ' ']).to_owned()
        };
        Self {
            root: self.root,
            components: self.components.iter().map(name).collect(),
        }
    }
}

impl fmt::Display for NormalPath {
    /// As POSIX writes it: with `/` between components, `.` for the place itself; a drive as `C:`,
    /// another machine after two slashes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let components = self.components.join("/");
        match self.root {
            Root::Absolute => write!(f, "/{components}"),
            Root::Drive(drive) => write!(f, "{}:/{components}", char::from(drive)),
            Root::Share => write!(f, "//{components}"),
            Root::Relative(0) if components.is_empty() => f.write_str("."),
            Root::Relative(above) => {
                let up = "../".repeat(above) + &components;
                f.write_str(up.strip_suffix('/').unwrap_or(&up))
            }
        }
    }
}

/// What a text may mean as a path.
#[derive(Clone, Debug)]
pub struct Readings(Option<Vec<NormalPath>>);

impl Readings {
    /// The readings of a text: as it is, without white space around it, as a `file:` URL, with what
    /// is percent-encoded decoded, and as Windows reads names.
    pub fn new(text: &str) -> Self {
        let mut readings = Vec::new();
        Self(read(text, &mut readings).map(|()| readings))
    }

    /// Whether every reading is one of the directories or lies below one. What cannot be read for
    /// certain is not.
    pub fn are_within(&self, directories: &[NormalPath]) -> bool {
        let within = |path: &NormalPath| {
            directories
                .iter()
                .any(|directory| path.is_within(directory))
        };
        self.0
            .as_ref()
            .is_some_and(|readings| readings.iter().all(within))
    }

    /// Whether some reading is one of the directories or lies below one, case aside. What cannot be
    /// read for certain may be.
    pub fn may_be_within(&self, directories: &[NormalPath]) -> bool {
        let within = |path: &NormalPath| {
            directories
                .iter()
                .any(|directory| path.may_be_within(directory))
        };
        match &self.0 {
            Some(readings) => readings.iter().any(within),
            None => !directories.is_empty(),
        }
    }
}

/// Whether a text looks like a path that leaves the place where it is used, so that it is one
/// whatever it is called: absolute, below somebody's home, a `file:` URL, or with a `..` in it.
pub fn leaves(text: &str) -> bool {
    let text = text.trim();
    let drive =
        matches!(text.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    let file = text
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"));
    let up = |text: &str| {
        text.split(['/', '\\'])
            .any(|component| component.trim_end() == "..")
    };
    let rooted = |text: &str| text.starts_with(['/', '\\', '~']);
    if drive || file || rooted(text) || up(text) {
        return true;
    }
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_DECODINGS {
        match decoded(&text) {
            None => return false,
            // What is no text is no path that anybody meant to write.
            Some(Err(())) => return true,
            Some(Ok(once)) if rooted(&once) || up(&once) => return true,
            Some(Ok(once)) => text = Cow::Owned(once),
        }
    }
    true
}

fn read(text: &str, readings: &mut Vec<NormalPath>) -> Option<()> {
    add(text, readings)?;
    if text.trim() != text {
        add(text.trim(), readings)?;
    }
    let mut text = Cow::Borrowed(text.trim());
    let scheme = text.get(..5);
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) {
        readings.clear();
        text = Cow::Owned(file_url(text.get(5..)?)?.to_owned());
        add(&text, readings)?;
    }
    let mut rounds = 0;
    while let Some(once) = decoded(&text) {
        rounds += 1;
        if rounds > MAX_DECODINGS {
            return None;
        }
        text = Cow::Owned(once.ok()?);
        add(&text, readings)?;
    }
    Some(())
}

fn add(text: &str, readings: &mut Vec<NormalPath>) -> Option<()> {
    let path = NormalPath::new(text)?;
    let windows = path.on_windows();
    if windows != path {
        readings.push(windows);
    }
    readings.push(path);
    Some(())
}

/// The path of a `file:` URL after its scheme (RFC 8089); `None` if it is on another machine or has
/// more than a path.
fn file_url(rest: &str) -> Option<&str> {
    if rest.contains(['?', '#']) {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(authority) => {
            let path = authority.find('/').and_then(|at| authority.get(at..))?;
            let host = authority.strip_suffix(path)?;
            match host.is_empty() || host.eq_ignore_ascii_case("localhost") {
                true => path,
                false => return None,
            }
        }
    };
    let drive = path.strip_prefix('/').unwrap_or(path);
    match drive.as_bytes() {
        [letter, b':', b'/', ..] if letter.is_ascii_alphabetic() => Some(drive),
        _ => path.starts_with('/').then_some(path),
    }
}

/// A text with its percent-encoded bytes decoded once; `None` if it has none, an error if they are
/// no text.
fn decoded(text: &str) -> Option<Result<String, ()>> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut rest = bytes;
    let mut found = false;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(after.first()), digit(after.get(1)))
        {
            found = true;
            decoded.push((high * 16 + low) as u8);
            rest = after.get(2..).unwrap_or_default();
        } else {
            decoded.push(byte);
        }
    }
    found.then(|| String::from_utf8(decoded).map_err(drop))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn directories(directory: &str) -> [NormalPath; 1] {
        [NormalPath::new(directory).expect(directory)]
    }

    fn within(path: &str, directory: &str) -> bool {
        Readings::new(path).are_within(&directories(directory))
    }

    fn may_be_within(path: &str, directory: &str) -> bool {
        Readings::new(path).may_be_within(&directories(directory))
    }

    #[test]
    fn components_decide() {
        for directory in ["/app/data", "/app/data/", "//app/./data", "/x/../app/data"] {
            assert!(within("/app/data", directory), "{directory}");
            assert!(within("/app/data/", directory), "{directory}");
            assert!(within("/app//data/./a/../b", directory), "{directory}");
            assert!(within("/../app/data/b", directory), "{directory}");
            assert!(!within("/app/database", directory), "{directory}");
            assert!(!within("/app/data/../secret", directory), "{directory}");
            assert!(!within("/app/data/..", directory), "{directory}");
            assert!(!within("app/data/b", directory), "{directory}");
            assert!(!within("/app\\data\\..\\secret", directory), "{directory}");
            assert!(!within("/APP/data", directory), "{directory}");
        }
        assert!(within("/anything", "/"));
        assert!(!within("anything", "/"));
    }

    #[test]
    fn normal_forms_are_written_one_way() {
        for (path, expected) in [
            ("/a/./b//../c/", "/a/c"),
            ("/..", "/"),
            ("a/..", "."),
            ("../../a", "../../a"),
            ("C:\\a\\..\\b", "C:/b"),
        ] {
            let normal = NormalPath::new(path).map(|path| path.to_string());
            assert_eq!(normal.as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn relative_paths_stay_at_their_place() {
        assert!(within("data/a", "data"));
        assert!(within("./data/a", "data"));
        assert!(within("data", "."));
        assert!(!within("../data", "."));
        assert!(!within("data/../../data/a", "data"));
        assert!(within("../data/a", "../data"));
        assert!(!within("../../data/a", "../data"));
    }

    #[test]
    fn paths_of_windows() {
        assert!(within("C:\\app\\data\\x", "C:\\app/data"));
        assert!(within("c:/app/data/x", "C:\\app\\data"));
        assert!(!within("C:\\app\\data\\..\\x", "C:\\app\\data"));
        assert!(!within("C:\\app\\data\\..\\..\\app\\x", "C:\\app\\data"));
        assert!(!within("D:\\app\\data\\x", "C:\\app\\data"));
        assert!(!within("/app/data", "C:\\app"));
        assert!(within("\\\\server\\share\\x", "\\\\server\\share"));
        assert!(!within("\\\\app\\data\\x", "/app/data"));
        for uncertain in [
            "C:app\\data",
            "\\app\\data",
            "/tmp\\..\\app/x",
            "\\\\?\\C:\\app",
            "\\\\",
            "app\\data",
        ] {
            assert_eq!(NormalPath::new(uncertain), None, "{uncertain}");
        }
        assert_eq!(
            NormalPath::new("\\\\host\\a").unwrap().server(),
            Some("host")
        );
        assert_eq!(NormalPath::new("//host/a").unwrap().server(), None);
    }

    #[test]
    fn every_reading_counts() {
        for path in [
            "/app/data/%2e%2e/secret",
            "/app/data/..%2fsecret",
            "/app/data/..%5csecret",
            "/app/data/%252e%252e/secret",
            "/app/data/%25252e%25252e/secret",
            "/app/data/%2525252525252e%2525252525252e/x",
            "/app/data/x%00.txt",
            "/app/data/%c0%ae%c0%ae/secret",
            "/app/data/... /x",
            "/app/data/.. /secret",
            "/app/data/\u{FF0E}\u{FF0E}/secret",
            "/app/data/..\u{2215}secret",
            "/app/data./x",
            "/app/data :/x",
            "/app/data/x\n",
            "file:///etc/passwd",
            "FILE:/etc/passwd",
            "file:///app/data/../secret",
            "file:///app/data/%2e%2e/secret",
            "file://evil.example/app/data/x",
            "file:app/data/x",
            "file:///app/data/x?y",
            "%2fetc/passwd",
            "~/x",
            "~root/x",
            "/app/data/a\0/../../etc",
        ] {
            assert!(!within(path, "/app/data"), "{path}");
        }
        for path in [
            " /app/data/x",
            "/app/data/x%20y",
            "/app/data/100%",
            "/app/data/x:y",
            "/app/data/.hidden",
            "/app/data/a..b",
            "file:///app/data/x",
            "file://localhost/app/data/x",
            "file:/app/data/x",
        ] {
            // White space before it makes a relative path of it as it stands.
            assert_eq!(within(path, "/app/data"), !path.starts_with(' '), "{path}");
        }
        assert!(within("file:///C:/app/x", "C:\\app"));
    }

    #[test]
    fn what_is_denied_is_denied_by_any_reading() {
        for path in [
            "/etc/passwd",
            "/ETC/Passwd",
            "/etc./passwd",
            "/etc/passwd.",
            "/etc/passwd::$DATA",
            " /etc/passwd ",
            "/var/../etc/passwd",
            "/%65tc/passwd",
            "file:///etc/passwd",
            "~/x",
            "/x\0",
            "../etc/passwd",
            "a/../../x",
        ] {
            assert!(may_be_within(path, "/etc"), "{path}");
        }
        for path in ["/etcetera", "/app/etc", "etc/passwd", "/"] {
            assert!(!may_be_within(path, "/etc"), "{path}");
        }
    }

    #[test]
    fn what_leaves_is_recognised() {
        for text in [
            "/x",
            " /x",
            "~",
            "~/x",
            "\\x",
            "C:\\x",
            "c:/x",
            "file:///x",
            "FILE:x",
            "..",
            "../x",
            "a/../b",
            "a\\..\\b",
            "..%2fx",
            "%2e%2e/x",
            "%252e%252e%252fx",
            "%2fx",
            "%ff",
        ] {
            assert!(leaves(text), "{text}");
        }
        for text in [
            "",
            "x",
            "a/b",
            "a..b",
            "...",
            "1..2",
            "100%",
            "a%20b",
            "https://x/y",
            "x:y",
        ] {
            assert!(!leaves(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn below_means_the_directory_and_more(directory in "(/[a-c]{1,2}){0,4}", more in "(/[a-c]{1,2}){0,4}") {
            let path = format!("{directory}{more}");
            let below = within(&format!("/{path}"), &format!("/{directory}"));
            prop_assert!(below);
            let beside = within(&format!("/{path}x/.."), &format!("/{path}/x"));
            prop_assert!(!beside);
        }

        #[test]
        fn leaving_needs_as_many_dots_as_components(path in "(/[a-c]{1,2}){1,4}") {
            let depth = path.matches('/').count();
            let up = |count| format!("{path}{}", "/..".repeat(count));
            let back = within(&format!("/base{}", up(depth)), "/base");
            prop_assert!(back);
            let out = within(&format!("/base{}", up(depth + 1)), "/base");
            prop_assert!(!out);
        }

        /// Whatever the encoding and the separators, what is within stays within when a reader that
        /// decodes once and takes either separator walks it.
        #[test]
        fn no_spelling_of_dots_escapes(parts in prop::collection::vec(prop::sample::select(vec![
            "..", "%2e%2e", ".%2E", "%252e.", ".", "a", "b c", "/", "%2f", "\\", "%5c", "//", " ", "...", ".. ", "..;", "%00", "é",
        ]), 0..12)) {
            let path = format!("/app/data/{}", parts.join("/"));
            if within(&path, "/app/data") {
                let mut text = path;
                for _ in 0..6 {
                    let mut depth = 0_i32;
                    for component in text.split(['/', '\\']).skip(3) {
                        match component.trim_end_matches(' ') {
                            ".." => depth -= 1,
                            "" | "." => {}
                            _ => depth += 1,
                        }
                        prop_assert!(depth >= 0, "{}", &text);
                    }
                    prop_assert!(!text.contains('\0'));
                    text = match decoded(&text) {
                        Some(once) => once.expect("text"),
                        None => break,
                    };
                }
            }
        }

        #[test]
        fn no_text_is_a_panic(text: String, other in "[/.~%25eE2fF\\\\: C]{0,20}") {
            for text in [text, other] {
                let readings = Readings::new(&text);
                let _ = leaves(&text);
                let root = directories("/");
                prop_assert!(!readings.are_within(&root) || readings.may_be_within(&root));
            }
        }
    }
}
