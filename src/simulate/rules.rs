//! What the rules decide about one call, however often they are asked. Owns the one search of its
//! text and what a missing environment means; knows no plugins.

use std::collections::BTreeSet;

use crate::matcher::{Matcher, Scratch, Search};
use crate::model::bundle::Bundle;
use crate::model::decision::Outcome;
use crate::model::request::Request;
use crate::pipeline::Source;

/// What a bundle's rules decide.
pub(super) struct Outcomes<'b> {
    rules: Vec<Outcome>,
    default: Outcome,
    /// The environments that the rules name.
    environments: BTreeSet<&'b str>,
}

impl<'b> Outcomes<'b> {
    pub(super) fn new(bundle: &'b Bundle) -> Self {
        let rules = bundle.rules.iter();
        let environments = rules.clone().map(|rule| rule.matches.environment.as_str());
        Self {
            rules: rules.map(|rule| rule.outcome).collect(),
            default: bundle.defaults.outcome,
            environments: environments.filter(|name| *name != "*").collect(),
        }
    }
}

/// The rules, asked about one call whose names, trust level, roles and labels may be amended
/// between two questions. Its text is searched at the first.
pub(super) struct Asked<'m> {
    matcher: &'m Matcher,
    outcomes: &'m Outcomes<'m>,
    /// Taken by the search.
    scratch: Option<&'m mut Scratch>,
    search: Option<Search<'m>>,
}

impl<'m> Asked<'m> {
    pub(super) fn new(
        matcher: &'m Matcher,
        outcomes: &'m Outcomes<'m>,
        scratch: &'m mut Scratch,
    ) -> Self {
        Self {
            matcher,
            outcomes,
            scratch: Some(scratch),
            search: None,
        }
    }

    /// What the rules decide.
    pub(super) fn decide(&mut self, request: &mut Request) -> Source {
        let rule = self.matching(request);
        if request.environment.is_none() && self.depends_on_environment(request, rule) {
            return Source::Undecidable("no_environment");
        }
        let outcome = rule.and_then(|index| self.outcomes.rules.get(index));
        Source::Rules(rule, outcome.copied().unwrap_or(self.outcomes.default))
    }

    fn matching(&mut self, request: &Request) -> Option<usize> {
        if let Some(scratch) = self.scratch.take() {
            self.search = Some(self.matcher.search(request, scratch));
        }
        self.search.as_mut()?.decide(request)
    }

    /// True if some environment would have another rule decide a call that has none. An
    /// environment that no rule names is as good as none.
    fn depends_on_environment(&mut self, request: &mut Request, rule: Option<usize>) -> bool {
        let outcomes = self.outcomes;
        let depends = outcomes.environments.iter().any(|environment| {
            let name = request.add_name(|out| out.extend_from_slice(environment.as_bytes()));
            request.environment = Some(name);
            self.matching(request) != rule
        });
        request.environment = None;
        depends
    }
}
