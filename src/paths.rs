//! Where a path leads, as text: owns normal forms and "below". Knows no file system, so a symbolic
//! link is what it is called, and no policies.

use std::fmt;

/// A path without `.`, `..`, empty components and a slash at the end: absolute, or relative to an
/// unknown place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormalPath<'p> {
    is_absolute: bool,
    /// How many directories above the unknown place it starts; 0 when it is absolute, since there
    /// is nothing above the root (POSIX, 4.16 "Pathname Resolution").
    above: usize,
    components: Vec<&'p str>,
}

impl<'p> NormalPath<'p> {
    /// The normal form of a path. A path that starts with a drive, as `C:\`, or with `\` is one of
    /// Windows, where `/` and `\` separate; the drive is a component like any other.
    ///
    /// `None` when it names nothing certain: a NUL byte, at which systems stop reading, a `~` that
    /// a shell would replace, or a `\` which separates on one system and not on another.
    pub fn new(path: &'p str) -> Option<Self> {
        let is_windows = path.starts_with('\\')
            || matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
        let is_uncertain = path.contains('\0') || path.starts_with('~');
        if is_uncertain || (path.contains('\\') && !is_windows) {
            return None;
        }
        let mut normal = Self {
            is_absolute: path.starts_with(['/', '\\']),
            above: 0,
            components: Vec::new(),
        };
        for component in path.split(['/', '\\']) {
            match component {
                "" | "." => {}
                ".." => {
                    if normal.components.pop().is_none() && !normal.is_absolute {
                        normal.above += 1;
                    }
                }
                _ => normal.components.push(component),
            }
        }
        Some(normal)
    }

    /// Whether it is `directory` or lies below it, component by component: `/app/database` is not
    /// below `/app/data`. Case matters. A relative path is below relative directories only, and
    /// one that leaves its place is below none but those that leave it as far.
    pub fn is_within(&self, directory: &NormalPath<'_>) -> bool {
        self.is_absolute == directory.is_absolute
            && self.above == directory.above
            && self.components.starts_with(&directory.components)
    }
}

impl fmt::Display for NormalPath<'_> {
    /// As POSIX writes it: with `/` between components, `.` for the place itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = self.is_absolute.then_some("");
        let above = std::iter::repeat_n("..", self.above);
        let components = self.components.iter().copied();
        let parts: Vec<&str> = root.into_iter().chain(above).chain(components).collect();
        match parts.as_slice() {
            [] => f.write_str("."),
            [""] => f.write_str("/"),
            parts => f.write_str(&parts.join("/")),
        }
    }
}

/// Whether `path` is one of `directories` or lies below one. What has no normal form is below
/// nothing, and nothing is below it.
pub fn is_within_any<'d>(path: &str, directories: impl IntoIterator<Item = &'d str>) -> bool {
    let Some(path) = NormalPath::new(path) else {
        return false;
    };
    let mut directories = directories.into_iter().filter_map(NormalPath::new);
    directories.any(|directory| path.is_within(&directory))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn within(path: &str, directory: &str) -> bool {
        is_within_any(path, [directory])
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
        assert!(!within("C:\\app\\data\\..\\x", "C:\\app\\data"));
        assert!(!within("/tmp\\..\\app/x", "/app"));
    }

    #[test]
    fn what_is_uncertain_is_below_nothing() {
        assert!(!within("/app/data/a\0/../../etc", "/app/data"));
        assert!(!within("~/a", "~"));
        assert!(!within("~root/a", "/"));
    }

    proptest! {
        #[test]
        fn below_means_the_directory_and_more(directory in "(/[a-c.]{1,2}){0,4}", more in "(/[a-c]{1,2}){0,4}") {
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
    }
}
