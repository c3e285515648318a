//! The list of all lints. A lint that is not here does not exist; the tests compare it with the
//! files in `rules` and with the fixtures.

use super::Lint;
use super::rules;

/// All lints, in the order of their ids.
pub static LINTS: &[&Lint] = &[&rules::default_not_deny::LINT, &rules::expired::LINT];

/// The lint of that id.
pub fn named(id: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.id == id)
}
