//! The lint `redos-exponential`.

use crate::lint::{Context, Fault, PatternSubject, pattern_cost};
use crate::redos::Verdict;

lint! {
    /// A short text makes a search with a pattern take forever.
    ///
    /// The text was found by analysing the pattern and was run on a backtracker that counts its steps,
    /// as the platform's runtime takes them: with every few further characters they double.
    ///
    /// # Why
    ///
    /// The runtime matches by backtracking. Whoever controls an argument of a call sends that text, and
    /// the process that should decide on calls is busy for hours.
    ///
    /// # Bad
    ///
    /// ```yaml also:regex-never-evaluated
    /// rules:
    ///   - id: HOSTS
    ///     description: only hosts of the house
    ///     match: { tool_name: http_request, environment: prod }
    ///     when: { matches_regex: '^(\w+\.?)+\.example\.com$' }
    ///     outcome: ALLOW
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: HOSTS
    ///     description: only hosts of the house
    ///     match: { tool_name: http_request, environment: prod }
    ///     when: { matches_regex: '^(\w{1,63}\.){1,4}example\.com$' }
    ///     outcome: ALLOW
    /// ```
    "redos-exponential": Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let analysis = pattern.compiled.analysis();
    if let Some(analysis) = analysis
        && analysis.verdict == Verdict::Exponential
    {
        faults.extend(pattern_cost::fault(pattern, analysis));
    }
}
