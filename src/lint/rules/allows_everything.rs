//! The lint `allows-everything`.

use crate::lint::{BundleSubject, Context, Fault, Severity};
use crate::model::bundle::{Match, Names, Rule, TrustLevel, When};
use crate::model::decision::Outcome;

lint! {
    /// A rule allows every tool in production.
    ///
    /// A rule with a condition in `when` is not meant, nor one for agents of trust level `system`. One
    /// that is for certain agents only is a warning.
    ///
    /// # Why
    ///
    /// The rule allows tools that do not exist yet, by names that nobody has thought of, and every rule
    /// after it is dead. Whatever was meant to be denied must have been denied before it, without a
    /// gap.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: EVERYTHING
    ///     description: agents may do their work
    ///     match: { tool_name: "*", environment: "*" }
    ///     outcome: ALLOW
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: EVERYTHING_IN_DEV
    ///     description: agents may try anything where it harms nobody
    ///     match: { tool_name: "*", environment: dev }
    ///     outcome: ALLOW
    ///   - id: QUERIES
    ///     description: reading is fine
    ///     match: { tool_name: "query_*", environment: prod }
    ///     outcome: ALLOW
    /// ```
    "allows-everything": Error, Bundle(check)
}

/// What the platform's documents call the environment that matters.
const PRODUCTION: [&str; 3] = ["*", "prod", "production"];

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, rule) in bundle.rules() {
        let Match {
            tool_name,
            environment,
            agent_type,
            trust_level_min,
            agent_roles_any,
            tool_provider,
        } = &rule.matches;
        let is_everything = *tool_name == Names::One("*".to_owned())
            && PRODUCTION.contains(&environment.as_str())
            && tool_provider.is_none()
            && !is_conditional(rule);
        if rule.outcome != Outcome::Allow
            || !is_everything
            || *trust_level_min == Some(TrustLevel::System)
        {
            continue;
        }
        let is_for_all =
            agent_type.is_none() && trust_level_min.is_none() && agent_roles_any.is_empty();
        let whom = if is_for_all { "" } else { " to some agents" };
        let fault = Fault::new(
            BundleSubject::route(index).key("match"),
            format!("every tool is allowed in `{environment}`{whom}"),
        )
        .help("name the tools that are wanted; the default denies the others");
        faults.push(match is_for_all {
            true => fault,
            false => fault.severity(Severity::Warning),
        });
    }
}

fn is_conditional(rule: &Rule) -> bool {
    rule.when
        .as_ref()
        .is_some_and(|when| *when != When::default())
}
