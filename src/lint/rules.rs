//! The lints, one file each. Each file owns one check and its manual, and knows of no other.
//!
//! To add one: its file here, its line in the registry, and a folder of fixtures by its id in
//! `testdata/lint`. The doc comment given to `lint!` is the manual: the first paragraph says
//! what is found, `# Why` why it matters, `# Bad` and `# Good` show documents, which the tests
//! lint: the bad ones must have findings of this lint only, the good ones none of any. What does
//! not matter to an example may be left out of it: a bundle's version, dates, default and
//! signature. After the language of an example, `whole` says that nothing is left out, `also:ID`
//! that another lint finds something in it too, `escapes` that `\u{2028}` is that character.

/// Declares `LINT`: its manual, id, severity and what it looks at. `Warning..Error` is the severity of
/// a lint of which some findings are errors.
macro_rules! lint {
    (worst $own:ident) => { $crate::lint::Severity::$own };
    (worst $own:ident $worst:ident) => { $crate::lint::Severity::$worst };
    (
        $(#[doc = $line:literal])+
        $id:literal: $severity:ident $(..$worst:ident)? $(, $check:ident($function:path))*
    ) => {
        $(#[doc = $line])+
        pub(in crate::lint) static LINT: $crate::lint::Lint = $crate::lint::Lint {
            id: $id,
            severity: $crate::lint::Severity::$severity,
            worst: lint!(worst $severity $($worst)?),
            manual: concat!($($line, "\n"),+),
            checks: &[$($crate::lint::Check::$check($function)),*],
        };
    };
}

pub(super) mod allows_everything;
pub(super) mod approval_without_role;
pub(super) mod asks_for_secrets;
pub(super) mod catch_all_before_end;
pub(super) mod conceals_from_user;
pub(super) mod conflicting_rules;
pub(super) mod constant_condition;
pub(super) mod dangerous_tool_name;
pub(super) mod default_not_deny;
pub(super) mod duplicate_tool;
pub(super) mod egress_allows_by_default;
pub(super) mod expired;
pub(super) mod expired_suppression;
pub(super) mod expires_soon;
pub(super) mod fails_open;
pub(super) mod generated_in_the_future;
pub(super) mod guardian_without_kill;
pub(super) mod hidden_characters;
pub(super) mod idle_plugin;
pub(super) mod impossible_condition;
pub(super) mod invalid_regex;
pub(super) mod label_spelling;
pub(super) mod literal_star;
pub(super) mod lives_too_long;
pub(super) mod lookalike_tool_name;
pub(super) mod mcp_excessive_permissions;
pub(super) mod mcp_incomplete;
pub(super) mod mcp_permissions;
pub(super) mod mcp_risk;
pub(super) mod mcp_unverified;
pub(super) mod names_foreign_tool;
pub(super) mod no_approval_timeout;
pub(super) mod orders_to_model;
pub(super) mod overlapping_globs;
pub(super) mod pinned_hash_changed;
pub(super) mod prompt_injection;
pub(super) mod redos_exponential;
pub(super) mod redos_polynomial;
pub(super) mod redos_unknown;
pub(super) mod redundant_rule;
pub(super) mod refused_by_runtime;
pub(super) mod regex_matches_everything;
pub(super) mod regex_needs_backtracking;
pub(super) mod regex_never_evaluated;
pub(super) mod regex_too_long;
pub(super) mod registration_not_required;
pub(super) mod reserved_rule_id;
pub(super) mod shadowed_tool;
pub(super) mod shallow_signature;
pub(super) mod unknown_agent_killed;
pub(super) mod unlimited_audit_log;
pub(super) mod unreachable_rule;
pub(super) mod unsigned;
pub(super) mod unusable_file;
pub(super) mod unused_approver_role;
pub(super) mod unused_suppression;
