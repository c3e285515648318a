//! The lint `invalid-regex`.

use crate::diagnostic::Span;
use crate::document::locate::Place;
use crate::lint::{Context, Fault, PatternSubject};

lint! {
    /// A pattern does not compile.
    ///
    /// # Why
    ///
    /// What is no pattern never matches, so that its rule never fires. A `DENY` that never fires is a
    /// hole. Patterns are ECMAScript's, without the `u` flag: inline flags such as `(?i)`, possessive
    /// quantifiers and `(?P<name>)` belong to other languages.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_SECRETS
    ///     description: credentials stay here
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: '(?i)password\s*[:=' }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_SECRETS
    ///     description: credentials stay here
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: 'password\s*[:=]' }
    ///     outcome: DENY
    /// ```
    "invalid-regex": Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    if let Err(error) = &pattern.compiled.parsed {
        let end = pattern.text.ceil_char_boundary(error.at.saturating_add(1));
        let place = Place::text(pattern.route.clone(), Span::new(error.at.min(end), end));
        let fault = Fault::new(place, format!("not a pattern: {}", error.message));
        faults.push(pattern.with_consequence(fault.help(&error.help)));
    }
}
