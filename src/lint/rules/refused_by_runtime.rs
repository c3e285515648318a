//! The lint `refused-by-runtime`.

use crate::diagnostic::Span;
use crate::document::locate::Place;
use crate::lint::{Context, Fault, PatternSubject, Use};

lint! {
    /// The platform's runtime 0.3 refuses a pattern that is safe.
    ///
    /// Its filter does not read patterns, it looks for signs in their text: a `(`, a `+`, `*` or `|`
    /// somewhere after it, and further on a `)` with `+`, `*` or, after `+` or `*`, `{` behind it; or
    /// `.*.*`. Besides, it runs each pattern on a hundred letters, which takes time only where
    /// `redos-polynomial` or `redos-exponential` objects as well.
    ///
    /// # Why
    ///
    /// Where that runtime decides, the pattern never matches and its rule never fires, although `simulate`
    /// shows it firing. A `DENY` that never fires is a hole.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_FOREIGN_HOSTS
    ///     description: only hosts of the house
    ///     match: { tool_name: http_request, environment: prod }
    ///     when: { matches_regex: '^https://(?:[a-z]+\.)+(?:zip|mov)/' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_FOREIGN_HOSTS
    ///     description: only hosts of the house
    ///     match: { tool_name: http_request, environment: prod }
    ///     when: { matches_regex: '^https://[a-z.]+\.(?:zip|mov)/' }
    ///     outcome: DENY
    /// ```
    "refused-by-runtime": Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    // Only the conditions of rules go through the filter.
    if matches!(pattern.used, Use::Plugin(_)) || pattern.compiled.refusal().is_some() {
        return;
    }
    let Some(sign) = sign(pattern.text) else {
        return;
    };
    let message = format!(
        "runtime 0.3 refuses this pattern although it is safe, for {}",
        sign.what
    );
    let fault = Fault::new(Place::text(pattern.route.clone(), sign.span), message);
    let fault = fault.help("write it without, or see to it that no runtime 0.3 decides by it");
    faults.push(pattern.with_consequence(fault));
}

/// What the filter takes for a sign of danger.
#[derive(Debug, PartialEq, Eq)]
struct Sign {
    span: Span,
    what: &'static str,
}

/// The first sign in a pattern's text. Groups, classes and escapes mean nothing to the filter; a
/// line break ends what it looks at.
fn sign(pattern: &str) -> Option<Sign> {
    let mut start = 0;
    for line in pattern.split_inclusive(['\n', '\r', '\u{2028}', '\u{2029}']) {
        if let Some(sign) = sign_in_line(line) {
            let span = Span::new(sign.span.start + start, sign.span.end + start);
            return Some(Sign { span, ..sign });
        }
        start += line.len();
    }
    None
}

fn sign_in_line(line: &str) -> Option<Sign> {
    const SIGNS: [(&[char], &[char], &str); 3] = [
        (
            &['+', '*'],
            &['+', '*'],
            "a repetition that seems to be inside another",
        ),
        (
            &['|'],
            &['+', '*'],
            "alternatives that seem to be inside a repetition",
        ),
        (
            &['+', '*'],
            &['{'],
            "a repetition that seems to be inside a counted one",
        ),
    ];
    let opening = line.find('(');
    let quantified = |after: usize, quantifiers: &[char]| {
        let rest = line.get(after..)?;
        let closing = rest.match_indices(')').map(|(at, _)| after + at);
        let mut behind = closing.filter(|at| {
            let next = line.get(at + 1..).and_then(|rest| rest.chars().next());
            next.is_some_and(|next| quantifiers.contains(&next))
        });
        behind.next()
    };
    let nested = SIGNS.iter().find_map(|&(inner, outer, what)| {
        let opening = opening?;
        let inside = opening + line.get(opening..)?.find(inner)?;
        let closing = quantified(inside + 1, outer)?;
        // What stands before the last group that was opened matters to the filter, not to people.
        let opening = line.get(..inside)?.rfind('(')?;
        let span = Span::new(opening, closing + 2);
        Some(Sign { span, what })
    });
    nested.or_else(|| {
        let start = line.find(".*.*")?;
        let span = Span::new(start, start + 4);
        let what = "`.*` after `.*`";
        Some(Sign { span, what })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As runtime 0.3 was seen to decide.
    #[test]
    fn what_the_filter_refuses() {
        for (text, start, end) in [
            ("(foo|bar)+", 0, 10),
            ("(?:[a-z]+\\.)+com", 0, 13),
            ("x(a)(b+c)*", 4, 10),
            ("(a+)b)c+", 0, 0),
            ("(a+)(b)+", 0, 8),
            ("[(]a*\\)+", 1, 8),
            ("(a+){2}", 0, 5),
            ("(a|b){2}", 0, 0),
            ("(a)+", 0, 0),
            ("a+(b)+", 0, 0),
            ("(+)+", 0, 4),
            ("x.*.*", 1, 5),
            (".*?.*?", 0, 0),
            ("(a+\n)+", 0, 0),
            ("(a\n(b+)+", 3, 8),
            ("é(a*)*", 2, 7),
        ] {
            let expected = (end > 0).then_some(Span::new(start, end));
            assert_eq!(sign(text).map(|sign| sign.span), expected, "{text:?}");
        }
    }
}
