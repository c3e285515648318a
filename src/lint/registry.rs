//! The list of all lints. A lint that is not here does not exist; the tests compare it with the
//! files in `rules` and with the fixtures.

use super::rules;
use super::{Lint, Manual, Severity};

/// All lints, in the order of their ids.
pub static LINTS: &[&Lint] = &[
    &rules::allows_everything::LINT,
    &rules::approval_without_role::LINT,
    &rules::default_not_deny::LINT,
    &rules::expired::LINT,
    &rules::expired_suppression::LINT,
    &rules::expires_soon::LINT,
    &rules::generated_in_the_future::LINT,
    &rules::invalid_regex::LINT,
    &rules::literal_star::LINT,
    &rules::lives_too_long::LINT,
    &rules::regex_matches_everything::LINT,
    &rules::regex_needs_backtracking::LINT,
    &rules::regex_never_evaluated::LINT,
    &rules::regex_too_long::LINT,
    &rules::reserved_rule_id::LINT,
    &rules::unsigned::LINT,
    &rules::unused_approver_role::LINT,
    &rules::unused_suppression::LINT,
];

/// The lint of that id.
pub fn named(id: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.id == id)
}

/// The page of a lint, or of a problem that keeps documents from being loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What its findings are called.
    pub id: &'static str,
    /// How much they matter.
    pub severity: Severity,
    /// What it says.
    pub manual: Manual,
}

/// The page of that id.
pub fn manual(id: &str) -> Option<Page> {
    let lint = named(id)?;
    Some(Page {
        id: lint.id,
        severity: lint.severity,
        manual: Manual::parse(lint.manual),
    })
}
