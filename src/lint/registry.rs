//! The list of all lints. A lint that is not here does not exist; the tests compare it with the
//! files in `rules` and with the fixtures.

use super::Lint;
use super::rules;

/// All lints, in the order of their ids.
pub static LINTS: &[&Lint] = &[
    &rules::allows_everything::LINT,
    &rules::approval_without_role::LINT,
    &rules::default_not_deny::LINT,
    &rules::expired::LINT,
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
];

/// The lint of that id.
pub fn named(id: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.id == id)
}
