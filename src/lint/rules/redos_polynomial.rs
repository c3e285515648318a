//! The lint `redos-polynomial`.

use crate::lint::{Context, Fault, PatternSubject, Severity, pattern_cost};
use crate::redos::Verdict;

lint! {
    /// A long text makes a search with a pattern slow.
    ///
    /// The steps grow as the square of the text's length, or worse: an error if as the cube or worse. A
    /// text that shows it was found by analysing the pattern and was run on a backtracker that counts
    /// its steps, as the platform's runtime takes them.
    ///
    /// # Why
    ///
    /// The runtime matches by backtracking and sets no limit to the text. As the cube of the length, a
    /// second takes a few thousand characters; as the square, some tens of thousands, which a document
    /// in an argument easily has.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: LINKS
    ///     description: no links with a key
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: '<a.*key=' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: LINKS
    ///     description: no links with a key
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: '<a[^<]{0,200}key=' }
    ///     outcome: DENY
    /// ```
    "redos-polynomial": Warning..Error, Pattern(check)
}

/// From this degree on a text of a few thousand characters takes a second.
const SEVERE: u32 = 3;

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let Some(analysis) = pattern.compiled.analysis() else {
        return;
    };
    if let Verdict::Polynomial(degree) = analysis.verdict {
        let fault = pattern_cost::fault(pattern, analysis);
        faults.extend(fault.map(|fault| match degree {
            SEVERE.. => fault.severity(Severity::Error),
            _ => fault,
        }));
    }
}
