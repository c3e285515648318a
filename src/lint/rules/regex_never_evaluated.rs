//! The lint `regex-never-evaluated`.

use crate::document::locate::Place;
use crate::lint::{Context, Fault, PatternSubject};
use crate::matcher::Refusal;

lint! {
    /// A pattern is valid, and evaluation refuses it all the same.
    ///
    /// Either it has an exponentially ambiguous loop, such as `(a+)+`, or the automaton that it needs is
    /// too large.
    ///
    /// # Why
    ///
    /// The runtime never evaluates a pattern that could take exponential time: it never matches, and
    /// its rule never fires. A `DENY` that never fires is a hole.
    ///
    /// # Bad
    ///
    /// ```yaml also:redos-exponential
    /// rules:
    ///   - id: NO_DUMPS
    ///     description: tables are not read as a whole
    ///     match: { tool_name: "query_*", environment: prod }
    ///     when: { matches_regex: '(?:\w+\s*)+from' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_DUMPS
    ///     description: tables are not read as a whole
    ///     match: { tool_name: "query_*", environment: prod }
    ///     when: { matches_regex: 'from \w+ *$' }
    ///     outcome: DENY
    /// ```
    "regex-never-evaluated": Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let Some(refusal) = pattern.compiled.refusal() else {
        return;
    };
    let (place, help) = match refusal {
        // Other lints speak of these.
        Refusal::TooLong { .. } | Refusal::Invalid(_) => return,
        Refusal::Unsafe { span } => (
            Place::text(pattern.route.clone(), *span),
            pattern.repair_or("write the loop so that every text has one way through it"),
        ),
        Refusal::Undecided(_) | Refusal::TooLarge | Refusal::NotLinear => (
            Place::value(pattern.route.clone()),
            "make it smaller: lower its counts, or split it".to_owned(),
        ),
    };
    faults.push(pattern.with_consequence(Fault::new(place, refusal.to_string()).help(help)));
}
