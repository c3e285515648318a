//! Tools by name, as options list them. Owns matching names; knows no plugin.

use std::collections::HashMap;

/// What options say of tools, by name or, for names that end in `*`, by what names begin with.
#[derive(Debug)]
pub(super) struct ByTool<T> {
    exact: HashMap<Box<[u8]>, T, foldhash::fast::RandomState>,
    /// The longest first.
    prefixes: Vec<(Box<[u8]>, T)>,
}

impl<T> ByTool<T> {
    pub(super) fn new<'n>(entries: impl IntoIterator<Item = (&'n str, T)>) -> Self {
        let mut by_tool = Self {
            exact: HashMap::default(),
            prefixes: Vec::new(),
        };
        for (name, value) in entries {
            match name.strip_suffix('*') {
                Some(prefix) => by_tool.prefixes.push((prefix.as_bytes().into(), value)),
                None => drop(by_tool.exact.insert(name.as_bytes().into(), value)),
            }
        }
        by_tool
            .prefixes
            .sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        by_tool
    }

    /// What is said of a tool: by its name, else by the longest beginning of it.
    pub(super) fn get(&self, tool: &[u8]) -> Option<&T> {
        let by_prefix = || {
            let mut prefixes = self.prefixes.iter();
            prefixes.find(|(prefix, _)| tool.starts_with(prefix))
        };
        self.exact
            .get(tool)
            .or_else(|| by_prefix().map(|(_, value)| value))
    }
}

/// Tools that options list.
#[derive(Debug)]
pub(super) struct ToolNames(ByTool<()>);

impl ToolNames {
    pub(super) fn new(names: &[String]) -> Self {
        Self(ByTool::new(names.iter().map(|name| (name.as_str(), ()))))
    }

    pub(super) fn contains(&self, tool: &[u8]) -> bool {
        self.0.get(tool).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_beginnings() {
        let tools = ByTool::new([
            ("run_*", 1),
            ("run_tests", 2),
            ("run_tests_*", 3),
            ("x*y", 4),
        ]);
        assert_eq!(tools.get(b"run_tests"), Some(&2));
        assert_eq!(tools.get(b"run_tests_now"), Some(&3));
        assert_eq!(tools.get(b"run_"), Some(&1));
        assert_eq!(tools.get(b"run"), None);
        assert_eq!(tools.get(b"x*y"), Some(&4));
        assert_eq!(tools.get(b"xxy"), None);
        assert!(ToolNames::new(&["*".to_owned()]).contains(b""));
    }
}
