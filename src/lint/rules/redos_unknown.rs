//! The lint `redos-unknown`.

use crate::lint::{Context, Fault, PatternSubject, Severity, Undecided};
use crate::redos::Verdict;

lint! {
    /// Whether a search with a pattern can become slow was not found out.
    ///
    /// The analysis takes a limited number of steps, the same on every machine, and here they did not
    /// suffice. With `--strict` this is an error.
    ///
    /// # Why
    ///
    /// What is not known to be safe may be an attack. A pattern that is too complicated to analyse is
    /// usually too complicated to review as well.
    ///
    /// # Bad
    ///
    /// ```yaml also:regex-never-evaluated
    /// rules:
    ///   - id: NO_LISTS
    ///     description: no long lists
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: 'x(?:[a-f]{1,900},[c-z]{1,900};){1,90}y' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_LISTS
    ///     description: no long lists
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: 'x(?:[a-f]{1,9},[c-z]{1,9};){1,9}y' }
    ///     outcome: DENY
    /// ```
    "redos-unknown": Note..Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, context: &Context, faults: &mut Vec<Fault>) {
    let Some(analysis) = pattern.compiled.analysis() else {
        return;
    };
    if let Verdict::Unknown(reason) = analysis.verdict {
        let fault = Fault::new(
            pattern.route.clone(),
            format!("whether a search with this pattern can become slow is not known: {reason}"),
        );
        let fault = fault.help("make it smaller: lower its counts, or split it");
        faults.push(match context.options.undecided {
            Undecided::Refused => fault.severity(Severity::Error),
            Undecided::Noted => fault,
        });
    }
}
