//! The list of all lints. A lint that is not here does not exist; the tests compare it with the
//! files in `rules` and with the fixtures.

use super::rules;
use super::{Lint, Manual, PROBLEMS, Severity};

/// All lints, in the order of their ids.
pub static LINTS: &[&Lint] = &[
    &rules::allows_everything::LINT,
    &rules::approval_without_role::LINT,
    &rules::asks_for_secrets::LINT,
    &rules::catch_all_before_end::LINT,
    &rules::conceals_from_user::LINT,
    &rules::conflicting_rules::LINT,
    &rules::constant_condition::LINT,
    &rules::dangerous_tool_name::LINT,
    &rules::default_not_deny::LINT,
    &rules::duplicate_tool::LINT,
    &rules::egress_allows_by_default::LINT,
    &rules::expired::LINT,
    &rules::expired_suppression::LINT,
    &rules::expires_soon::LINT,
    &rules::fails_open::LINT,
    &rules::generated_in_the_future::LINT,
    &rules::guardian_without_kill::LINT,
    &rules::hidden_characters::LINT,
    &rules::idle_plugin::LINT,
    &rules::impossible_condition::LINT,
    &rules::invalid_regex::LINT,
    &rules::label_spelling::LINT,
    &rules::literal_star::LINT,
    &rules::lives_too_long::LINT,
    &rules::lookalike_tool_name::LINT,
    &rules::mcp_excessive_permissions::LINT,
    &rules::mcp_incomplete::LINT,
    &rules::mcp_permissions::LINT,
    &rules::mcp_risk::LINT,
    &rules::mcp_unverified::LINT,
    &rules::names_foreign_tool::LINT,
    &rules::no_approval_timeout::LINT,
    &rules::orders_to_model::LINT,
    &rules::overlapping_globs::LINT,
    &rules::pinned_hash_changed::LINT,
    &rules::prompt_injection::LINT,
    &rules::redos_exponential::LINT,
    &rules::redos_polynomial::LINT,
    &rules::redos_unknown::LINT,
    &rules::redundant_rule::LINT,
    &rules::refused_by_runtime::LINT,
    &rules::regex_matches_everything::LINT,
    &rules::regex_needs_backtracking::LINT,
    &rules::regex_never_evaluated::LINT,
    &rules::regex_too_long::LINT,
    &rules::registration_not_required::LINT,
    &rules::reserved_rule_id::LINT,
    &rules::shadowed_tool::LINT,
    &rules::shallow_signature::LINT,
    &rules::unknown_agent_killed::LINT,
    &rules::unlimited_audit_log::LINT,
    &rules::unreachable_rule::LINT,
    &rules::unsigned::LINT,
    &rules::unusable_file::LINT,
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
    if let Some(lint) = named(id) {
        return Some(Page {
            id: lint.id,
            severity: lint.severity,
            manual: Manual::parse(lint.manual),
        });
    }
    let (id, text) = PROBLEMS.iter().find(|(code, _)| *code == id)?;
    Some(Page {
        id,
        severity: Severity::Error,
        manual: Manual::parse(text),
    })
}
