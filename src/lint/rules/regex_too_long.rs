//! The lint `regex-too-long`.

use crate::lint::{Context, Fault, PatternSubject};
use crate::model::bundle::MAX_PATTERN_UNITS;

lint! {
    /// A pattern is longer than 512 characters.
    ///
    /// # Why
    ///
    /// The runtime does not evaluate it: it never matches, and its rule never fires. A `DENY` that never
    /// fires is a hole.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_PARTNERS
    ///     description: no mail to these
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when:
    ///       matches_regex: "\
    ///         (?:aa|ab|ac|ad|ae|af|ag|ah|ai|aj|ak|al|am|an|ao|ap|aq|ar|as|at|au|av|aw|ax|ay|az|\
    ///         ba|bb|bc|bd|be|bf|bg|bh|bi|bj|bk|bl|bm|bn|bo|bp|bq|br|bs|bt|bu|bv|bw|bx|by|bz|\
    ///         ca|cb|cc|cd|ce|cf|cg|ch|ci|cj|ck|cl|cm|cn|co|cp|cq|cr|cs|ct|cu|cv|cw|cx|cy|cz|\
    ///         da|db|dc|dd|de|df|dg|dh|di|dj|dk|dl|dm|dn|do|dp|dq|dr|ds|dt|du|dv|dw|dx|dy|dz|\
    ///         ea|eb|ec|ed|ee|ef|eg|eh|ei|ej|ek|el|em|en|eo|ep|eq|er|es|et|eu|ev|ew|ex|ey|ez|\
    ///         fa|fb|fc|fd|fe|ff|fg|fh|fi|fj|fk|fl|fm|fn|fo|fp|fq|fr|fs|ft|fu|fv|fw|fx|fy|fz|\
    ///         ga|gb|gc|gd|ge|gf|gg|gh|gi|gj|gk|gl|gm|gn|go|gp|gq|gr|gs|gt)@example\\.com"
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_PARTNERS
    ///     description: no mail to these
    ///     match: { tool_name: send_email, environment: "*" }
    ///     when: { matches_regex: '[a-g][a-z]@example\.com' }
    ///     outcome: DENY
    /// ```
    "regex-too-long": Error, Pattern(check)
}

fn check(pattern: &PatternSubject<'_>, _: &Context, faults: &mut Vec<Fault>) {
    let units = pattern.text.encode_utf16().count();
    if units > MAX_PATTERN_UNITS {
        let fault = Fault::new(
            pattern.route.clone(),
            format!("the pattern has {units} characters, more than {MAX_PATTERN_UNITS}"),
        );
        let fault = fault.help("split it into several rules, or list the words in `contains_any`");
        faults.push(pattern.with_consequence(fault));
    }
}
