//! A rule as the conjunction of its parts, each a literal. Owns what a condition means in terms of
//! atoms, and where in the rule it stands; knows neither outcomes nor the order of rules.

use super::sat::Lit;
use super::space::{Condition, Space, listed};
use crate::diagnostic::Route;
use crate::model::bundle::{ArgumentCondition, Names, Scalar};

/// One condition of a rule: what can be looked at, or left out, by itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `match.tool_name`
    ToolName,
    /// `match.environment`
    Environment,
    /// `match.agent_type`
    AgentType,
    /// `match.trust_level_min`
    TrustLevel,
    /// `match.agent_roles_any`
    Roles,
    /// `match.tool_provider`
    Provider,
    /// `when.contains_any`
    ContainsAny,
    /// An element of `when.not_contains`.
    NotContains(usize),
    /// `when.data_labels_any`
    DataLabels,
    /// `when.matches_regex`
    Pattern,
    /// A member of `when.tool_args_match`, or one comparison of it.
    Argument {
        /// The argument's name.
        key: String,
        /// `gt`, `neq` and so on; `None` where the member is a plain value.
        operator: Option<&'static str>,
    },
}

impl Part {
    /// What messages call it: the last members of its route.
    pub fn name(&self) -> String {
        match self {
            Self::ToolName => "tool_name".to_owned(),
            Self::Environment => "environment".to_owned(),
            Self::AgentType => "agent_type".to_owned(),
            Self::TrustLevel => "trust_level_min".to_owned(),
            Self::Roles => "agent_roles_any".to_owned(),
            Self::Provider => "tool_provider".to_owned(),
            Self::ContainsAny => "contains_any".to_owned(),
            Self::NotContains(index) => format!("not_contains[{index}]"),
            Self::DataLabels => "data_labels_any".to_owned(),
            Self::Pattern => "matches_regex".to_owned(),
            Self::Argument {
                key,
                operator: None,
            } => Route::root().key(key).to_string(),
            Self::Argument {
                key,
                operator: Some(operator),
            } => Route::root().key(key).key(operator).to_string(),
        }
    }

    /// Where it stands, below the route of its rule.
    #[must_use]
    pub fn route(&self, rule: &Route) -> Route {
        let (in_match, in_when) = (rule.key("match"), rule.key("when"));
        match self {
            Self::ToolName => in_match.key("tool_name"),
            Self::Environment => in_match.key("environment"),
            Self::AgentType => in_match.key("agent_type"),
            Self::TrustLevel => in_match.key("trust_level_min"),
            Self::Roles => in_match.key("agent_roles_any"),
            Self::Provider => in_match.key("tool_provider"),
            Self::ContainsAny => in_when.key("contains_any"),
            Self::NotContains(index) => in_when.key("not_contains").index(*index),
            Self::DataLabels => in_when.key("data_labels_any"),
            Self::Pattern => in_when.key("matches_regex"),
            Self::Argument { key, operator } => {
                let member = in_when.key("tool_args_match").key(key);
                operator.map_or(member.clone(), |operator| member.key(operator))
            }
        }
    }
}

/// A rule in terms of the atoms of a space.
#[derive(Clone, Debug)]
pub(super) struct Conjunction {
    /// Its parts; a part that asks for nothing is not among them.
    pub(super) parts: Vec<(Part, Lit)>,
    /// That all of them hold.
    pub(super) holds: Lit,
}

impl Space {
    /// The literals of a condition that was among those given to [`Space::new`].
    pub(super) fn conjunction(&mut self, condition: Condition<'_>) -> Conjunction {
        let mut parts = Vec::new();
        self.match_parts(condition, &mut parts);
        self.when_parts(condition, &mut parts);
        let holds = self.sat.all(parts.iter().map(|&(_, literal)| literal));
        Conjunction { parts, holds }
    }

    fn match_parts(&mut self, condition: Condition<'_>, parts: &mut Vec<(Part, Lit)>) {
        let Condition { matches, .. } = condition;
        let never = !self.sat.truth();
        let tool = match &matches.tool_name {
            Names::One(name) => match name.strip_suffix('*') {
                Some("") => None,
                Some(prefix) => Some(self.tools.begins_with(prefix).unwrap_or(never)),
                None => Some(self.tools.is(name).unwrap_or(never)),
            },
            Names::Many(names) => {
                let literals = names.iter().filter_map(|name| self.tools.is(name));
                Some(self.sat.any(literals))
            }
        };
        parts.extend(tool.map(|literal| (Part::ToolName, literal)));
        if matches.environment != "*" {
            let literal = self.environments.is(&matches.environment);
            parts.push((Part::Environment, literal.unwrap_or(never)));
        }
        for (part, names, wanted) in [
            (Part::AgentType, &self.agent_types, &matches.agent_type),
            (Part::Provider, &self.providers, &matches.tool_provider),
        ] {
            let wanted: Vec<Lit> = listed(wanted.as_ref())
                .filter_map(|name| names.is(name))
                .collect();
            if !wanted.is_empty() {
                parts.push((part, self.sat.any(wanted)));
            }
        }
        if let Some(level) = matches.trust_level_min {
            let literal = self.trust.get(level as usize).copied();
            parts.push((Part::TrustLevel, literal.unwrap_or(never)));
        }
        if !matches.agent_roles_any.is_empty() {
            let roles = matches.agent_roles_any.iter();
            let literals = roles.filter_map(|role| self.roles.get(role).copied());
            parts.push((Part::Roles, self.sat.any(literals)));
        }
    }

    fn when_parts(&mut self, condition: Condition<'_>, parts: &mut Vec<(Part, Lit)>) {
        let Some(when) = condition.when else { return };
        let occurs = |space: &Self, keyword: &str| space.keywords.occurs(&keyword.to_lowercase());
        if !when.contains_any.is_empty() {
            let keywords = when.contains_any.iter();
            let literals: Vec<Lit> = keywords
                .filter_map(|keyword| occurs(self, keyword))
                .collect();
            parts.push((Part::ContainsAny, self.sat.any(literals)));
        }
        for (index, keyword) in when.not_contains.iter().enumerate() {
            let literal = occurs(self, keyword);
            parts.extend(literal.map(|literal| (Part::NotContains(index), !literal)));
        }
        if !when.data_labels_any.is_empty() {
            let labels = when.data_labels_any.iter();
            let literals = labels.filter_map(|label| self.labels.get(label).copied());
            parts.push((Part::DataLabels, self.sat.any(literals)));
        }
        if let Some(pattern) = &when.matches_regex {
            let literal = self.patterns.matches(pattern);
            parts.push((Part::Pattern, literal.unwrap_or(!self.sat.truth())));
        }
        for (key, wanted) in &when.tool_args_match {
            for (operator, literal) in self.comparisons(key, wanted) {
                let key = key.clone();
                parts.push((Part::Argument { key, operator }, literal));
            }
        }
    }

    fn comparisons(
        &mut self,
        key: &str,
        condition: &ArgumentCondition,
    ) -> Vec<(Option<&'static str>, Lit)> {
        let Self { sat, arguments, .. } = self;
        let never = !sat.truth();
        let Some(argument) = arguments.get(key) else {
            return vec![(None, never)];
        };
        let mut literals = Vec::new();
        let wanted = match condition {
            ArgumentCondition::Equals(scalar) => {
                return vec![(None, argument.equals(scalar, sat).unwrap_or(never))];
            }
            ArgumentCondition::Compare(wanted) => wanted,
        };
        // No number compares with what is none.
        let bound = |bound: Option<f64>| bound.filter(|bound| !bound.is_nan());
        let mut add = |operator, given: bool, literal: Option<Lit>| {
            if given {
                literals.push((Some(operator), literal.unwrap_or(never)));
            }
        };
        let gt = bound(wanted.gt).map(|bound| argument.above(bound, sat));
        add("gt", wanted.gt.is_some(), gt);
        let gte = bound(wanted.gte).map(|bound| argument.at_least(bound, sat));
        add("gte", wanted.gte.is_some(), gte);
        let lt =
            bound(wanted.lt).map(|bound| argument.number_but(argument.at_least(bound, sat), sat));
        add("lt", wanted.lt.is_some(), lt);
        let lte =
            bound(wanted.lte).map(|bound| argument.number_but(argument.above(bound, sat), sat));
        add("lte", wanted.lte.is_some(), lte);
        let equals = |scalar: &Scalar, sat: &mut _| argument.equals(scalar, sat).unwrap_or(never);
        let eq = wanted.eq.as_ref().map(|scalar| equals(scalar, sat));
        add("eq", eq.is_some(), eq);
        let neq = wanted.neq.as_ref().map(|scalar| !equals(scalar, sat));
        add("neq", neq.is_some(), neq);
        literals
    }
}
