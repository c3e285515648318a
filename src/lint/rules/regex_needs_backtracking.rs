//! The lint `regex-needs-backtracking`.

use crate::diagnostic::Span;
use crate::document::locate::Place;
use crate::ecma::{Node, NodeKind};
use crate::lint::{Context, Fault, PatternSubject, Severity};

lint! {
    /// A pattern needs look-around or a back-reference.
    ///
    /// # Why
    ///
    /// No engine finds these in linear time. The pattern is evaluated on a backtracker with a budget of
    /// steps; a caller who can make a text on which the budget runs out makes the pattern match nothing.
    /// In a rule that is not `ALLOW` that opens what the rule should close, and the finding is a warning.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_FOREIGN_MAIL
    ///     description: mail stays in the house
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: '@(?!example\.com)' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: HOUSE_MAIL
    ///     description: mail in the house
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { tool_args_match: { domain: example.com } }
    ///     outcome: ALLOW
    /// ```
    "regex-needs-backtracking": Note..Warning, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let Ok(parsed) = &pattern.compiled.parsed else {
        return;
    };
    if pattern.compiled.refusal().is_some() || !parsed.needs_backtracking() {
        return;
    }
    let (span, what) = cause(&parsed.root).unwrap_or((parsed.root.span, "look-around"));
    let fault = Fault::new(
        Place::text(pattern.route.clone(), span),
        format!("the pattern has {what}, which cannot be matched in linear time"),
    );
    let fault =
        fault.help("say it without: as several rules, with `not_contains`, or by arguments");
    faults.push(match pattern.fails_open() {
        true => fault.severity(Severity::Warning),
        false => fault,
    });
}

/// The first part that is the cause. Patterns nest less deep than the stack allows.
fn cause(node: &Node) -> Option<(Span, &'static str)> {
    match node.kind {
        NodeKind::Look { .. } => Some((node.span, "look-around")),
        NodeKind::Backreference(_) => Some((node.span, "a back-reference")),
        _ => node.children().iter().find_map(cause),
    }
}
