//! Literals without which a pattern cannot match. Owns their extraction; knows nothing of how the
//! pattern is matched.

use regex_syntax::hir::literal::{Extractor, Literal, Seq};
use regex_syntax::hir::{Hir, HirKind};

use super::linear::{anything, encoded, translate};
use crate::ecma::{Node, UnitSet};

/// Most literals in one set.
const LITERALS: usize = 16;

/// Literals of which each match contains at least one.
pub(super) type AnyOf = Vec<Box<[u8]>>;

/// The sets of literals that a pattern requires, longest first. They are in lower case, and occur
/// in the text in full lower case wherever the pattern matches.
///
/// A set is what every match of some parts in a row begins with; the parts follow each other, so
/// that a match contains a literal of each set. The idea is that of Russ Cox, "Regular Expression
/// Matching with a Trigram Index" (2012).
pub(super) fn required(root: &Node) -> Vec<AnyOf> {
    let pattern = translate(root, &ascii_or_anything);
    let parts = match pattern.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(&pattern),
    };
    let mut extractor = Extractor::new();
    extractor.limit_total(LITERALS);
    let nothing = || Seq::singleton(Literal::exact([]));
    let mut runs = Vec::new();
    let mut run = nothing();
    for part in parts {
        let mut next = extractor.extract(part);
        if run.max_cross_len(&next).is_some_and(|len| len <= LITERALS) {
            run.cross_forward(&mut next);
        } else {
            // What does not fit may still begin a run of its own.
            runs.push(std::mem::replace(&mut run, next));
        }
        if !run.is_exact() {
            runs.push(std::mem::replace(&mut run, nothing()));
        }
    }
    runs.push(run);
    runs.retain(|run| shortest(run) > 0);
    runs.sort_by_key(|run| std::cmp::Reverse(shortest(run)));
    runs.dedup();
    runs.iter().filter_map(any_of).collect()
}

/// The length of the shortest literal of a set, 0 if the set is not finite.
fn shortest(run: &Seq) -> usize {
    run.min_literal_len().unwrap_or_default()
}

fn any_of(run: &Seq) -> Option<AnyOf> {
    let literals = run.literals()?.iter();
    let mut literals: AnyOf = literals.map(|literal| literal.as_bytes().into()).collect();
    literals.sort();
    literals.dedup();
    Some(literals)
}

/// A set of code units as the text in lower case shows it: that keeps ASCII in place but may turn
/// any other character into anything.
fn ascii_or_anything(set: &UnitSet) -> Hir {
    match set.ranges().last() {
        Some(&(_, last)) if last >= 0x80 => anything(),
        _ => encoded(set),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    fn sets(pattern: &str) -> Vec<String> {
        let pattern = Pattern::parse(pattern).expect("the pattern is valid");
        let sets = required(&pattern.root);
        let texts = sets.iter().map(|set| set.join(&b"|"[..]));
        texts
            .map(|text| String::from_utf8_lossy(&text).into_owned())
            .collect()
    }

    #[test]
    fn each_part_that_must_occur_is_a_set() {
        assert_eq!(sets(r"\bSELECT\s+\*\s+FROM\b"), ["select", "from", "*"]);
        assert_eq!(
            sets("all (?:rows|users) now"),
            ["all rows now|all users now"]
        );
        assert_eq!(sets("[a-z]+@example[.]com"), ["@example.com"]);
        assert_eq!(sets("(?:export|archive)+d"), ["archive|export", "d"]);
        assert_eq!(
            sets("[a-e]x[f-h]y[kl]word"),
            [
                "kword|lword",
                "axfy|axgy|axhy|bxfy|bxgy|bxhy|cxfy|cxgy|cxhy|dxfy|dxgy|dxhy|exfy|exgy|exhy"
            ]
        );
        assert_eq!(sets("secret|key"), ["key|secret"]);
        assert_eq!(sets("x(password)?y"), ["xpasswordy|xy"]);
    }

    #[test]
    fn what_lower_case_may_change_is_in_no_literal() {
        assert_eq!(sets("caf\u{e9}terias"), ["terias", "caf"]);
        assert_eq!(sets("\u{130}stanbul"), ["stanbul"]);
    }

    #[test]
    fn nothing_is_required_of_what_can_be_left_out() {
        assert_eq!(sets("a*|b"), [""; 0]);
        assert_eq!(sets("(?:secret)?.*"), [""; 0]);
        assert_eq!(sets("(?=secret)"), [""; 0]);
        assert_eq!(sets(r"(?!secret)key(.+)\1"), ["key"]);
        assert_eq!(sets("[]"), [""; 0]);
    }
}
