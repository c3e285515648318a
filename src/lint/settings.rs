//! What a project's settings mean to lints: severities, and findings that are accepted for a while.

use super::finding::Severity;
use super::glob;
use super::identity::Identity;
use super::{LINTS, load};
use crate::diagnostic::Route;
use crate::document::suggest::nearest;
use crate::document::{self, Document, Format, Limits, LoadError, Node, NodeKind, Path, Problems};
use crate::model::settings::{Level, LintSettings, Settings, Suppress};
use crate::time::{Timestamp, parse_duration};

/// The settings of a project, and the text they were read from.
#[derive(Clone, Debug)]
pub struct LoadedSettings {
    /// What they say of lints.
    pub lint: LintSettings,
    /// Their text.
    pub document: Document,
    /// When each suppression ends.
    ends: Vec<Timestamp>,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

impl LoadedSettings {
    /// Reads a settings file. `name` is what messages call it.
    ///
    /// # Errors
    /// Everything that is wrong with the text, as [`document::load`] says; besides, lints that do
    /// not exist, and what is no duration or day.
    pub fn load(bytes: &[u8], name: &str, limits: Limits) -> Result<Self, LoadError> {
        let format = Format::of(name, bytes);
        let (settings, document): (Settings, _) =
            document::load(bytes, name, format, limits, check)?;
        let lint = settings.lint.unwrap_or_default();
        let ends = lint
            .suppress
            .iter()
            .filter_map(|suppress| end(&suppress.until));
        Ok(Self {
            ends: ends.collect(),
            lint,
            document,
        })
    }

    /// How much a finding matters to the project.
    pub(super) fn severity(&self, id: &str, own: Severity) -> Severity {
        self.lint
            .severity
            .get(id)
            .map_or(own, |&level| level.into())
    }

    /// The suppressions, with when each ends.
    pub(super) fn suppressions(&self) -> impl Iterator<Item = (usize, &Suppress, Timestamp)> {
        let ends = self.lint.suppress.iter().zip(&self.ends);
        ends.enumerate()
            .map(|(index, (suppress, end))| (index, suppress, *end))
    }

    /// Where a suppression stands.
    pub(super) fn route(index: usize) -> Route {
        Route::root().key("lint").key("suppress").index(index)
    }
}

/// Whether a suppression is about a file.
pub(super) fn is_about(suppress: &Suppress, file: &str) -> bool {
    suppress
        .file
        .as_deref()
        .is_none_or(|pattern| glob::matches(pattern, file))
}

/// Whether a suppression is about a finding of a file that it is about.
pub(super) fn accepts(suppress: &Suppress, id: &str, identity: &Identity) -> bool {
    suppress.lint == id
        && suppress.route.as_deref().is_none_or(|route| {
            is_within(identity.route.as_str(), route) || is_within(&identity.stable, route)
        })
}

fn is_within(route: &str, holder: &str) -> bool {
    let rest = route.strip_prefix(holder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The end of a day, or a time.
fn end(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text.as_bytes())
        .or_else(|| Timestamp::parse(format!("{text}T23:59:59Z").as_bytes()))
}

fn check(root: &Node, problems: &mut Problems) {
    let Some(lint) = root.get("lint") else { return };
    let path = Path::Key(&Path::Root, "lint");
    if let Some(node) = lint.get("expiry_warning")
        && let Some(text) = node.as_str()
        && parse_duration(text).is_none()
    {
        problems.add(
            "wrong-format",
            &Path::Key(&path, "expiry_warning"),
            node.span,
            format!("`{text}` is no duration"),
            "write a whole number and `s`, `m`, `h`, `d` or `w`, such as `14d`".to_owned(),
        );
    }
    if let Some(NodeKind::Object(members)) = lint.get("severity").map(|node| &node.kind) {
        let path = Path::Key(&path, "severity");
        for member in members {
            known(
                &member.key,
                member.key_span,
                &Path::Key(&path, &member.key),
                problems,
            );
        }
    }
    let list = Path::Key(&path, "suppress");
    let suppressions = lint.get("suppress").and_then(Node::as_array).unwrap_or(&[]);
    for (index, suppress) in suppressions.iter().enumerate() {
        let path = Path::Index(&list, index);
        if let Some(node) = suppress.get("lint")
            && let Some(id) = node.as_str()
        {
            known(id, node.span, &Path::Key(&path, "lint"), problems);
        }
        if let Some(node) = suppress.get("until")
            && let Some(text) = node.as_str()
            && end(text).is_none()
        {
            problems.add(
                "wrong-format",
                &Path::Key(&path, "until"),
                node.span,
                format!("`{text}` is no day and no RFC 3339 date and time"),
                "write it as in `2026-09-30`".to_owned(),
            );
        }
    }
}

fn known(id: &str, span: crate::diagnostic::Span, path: &Path<'_>, problems: &mut Problems) {
    let ids = || LINTS.iter().map(|lint| lint.id).chain(load::ids());
    if ids().any(|known| known == id) {
        return;
    }
    let (message, help) = match nearest(id, ids()) {
        Some(meant) => (
            format!("there is no lint `{id}`, did you mean `{meant}`?"),
            format!("write `{meant}`"),
        ),
        None => (
            format!("there is no lint `{id}`"),
            "`agent-spm lint --list` names them all".to_owned(),
        ),
    };
    problems.add("unknown-lint", path, span, message, help);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<LoadedSettings, LoadError> {
        LoadedSettings::load(text.as_bytes(), ".agent-spm.yaml", Limits::default())
    }

    #[test]
    fn days_end_at_midnight() {
        let settings =
            load("lint: { suppress: [{ lint: unsigned, reason: r, until: \"2026-09-30\" }] }\n")
                .unwrap();
        assert_eq!(settings.ends[0].micros() / 1_000_000, 1_790_812_799);
        assert_eq!(
            settings.severity("unsigned", Severity::Note),
            Severity::Note
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        let error = load(
            "lint:\n  expiry_warning: soon\n  severity: { unsined: note, nothing-like-it-at-all: error }\n  suppress:\n    - { lint: x, reason: '', until: tomorrow }\n",
        )
        .unwrap_err();
        let codes: Vec<&str> = error.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            [
                "wrong-format",
                "unknown-lint",
                "unknown-lint",
                "unknown-lint",
                "too-short",
                "wrong-format"
            ]
        );
        assert!(
            error.problems[1]
                .message
                .contains("did you mean `unsigned`?")
        );
    }

    #[test]
    fn a_route_holds_what_is_in_it() {
        assert!(is_within("rules[1].when", "rules[1]"));
        assert!(is_within("rules[1]", "rules"));
        assert!(!is_within("rules[12]", "rules[1"));
        assert!(!is_within("rules2", "rules"));
    }
}
