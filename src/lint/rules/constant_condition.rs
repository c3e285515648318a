//! The lint `constant-condition`.

use std::collections::BTreeMap;

use crate::diagnostic::Route;
use crate::document::locate::Place;
use crate::lint::{Context, Fault, Reasoning, Severity};
use crate::logic::{Implied, Part};
use crate::model::bundle::{Names, Rule, When};

lint! {
    /// A condition always holds when the others of its rule do.
    ///
    /// So does a condition that holds for every call. A value of a list that adds nothing to the list
    /// is a note: a name given twice, a keyword that contains another one.
    ///
    /// # Why
    ///
    /// Whoever reads the rule takes it for narrower than it is. Usually something else was meant: `gte`
    /// instead of `lte`, another keyword.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: MEDIUM_PAYMENTS
    ///     description: medium payments need approval
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gte: 100, gt: 1000 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: MEDIUM_PAYMENTS
    ///     description: medium payments need approval
    ///     match: { tool_name: trigger_payment, environment: prod }
    ///     when: { tool_args_match: { amount: { gte: 100, lt: 1000 } } }
    ///     outcome: REQUIRE_APPROVAL
    ///     approver_role: finance_manager
    /// ```
    "constant-condition": Warning, Rules(check)
}

fn check(rules: &Reasoning, _: &Context, faults: &mut Vec<Fault>) {
    for (number, rule) in rules.rules() {
        let route = rules.route(number);
        for Implied { part, by } in rules.logic().implied(number) {
            // Of a pattern by itself `regex-matches-everything` says so.
            if part == Part::Pattern && by.is_empty() {
                continue;
            }
            let message = match by.as_slice() {
                [] => format!("`{}` holds for every call", part.name()),
                _ => {
                    let by: Vec<String> =
                        by.iter().map(|part| format!("`{}`", part.name())).collect();
                    format!(
                        "`{}` always holds when {} does",
                        part.name(),
                        by.join(" and ")
                    )
                }
            };
            let fault = Fault::new(Place::value(part.route(&route)), message)
                .help("write what was meant, or remove it");
            let by = by.iter().map(|part| part.route(&route));
            faults.push(by.fold(fault, |fault, by| fault.related(by, "implies it")));
        }
        idle_values(rule, &route, faults);
    }
}

/// Values of lists that change nothing.
fn idle_values(rule: &Rule, route: &Route, faults: &mut Vec<Fault>) {
    let in_match = route.key("match");
    let wanted = &rule.matches;
    let names = [
        ("tool_name", Some(&wanted.tool_name)),
        ("agent_type", wanted.agent_type.as_ref()),
        ("tool_provider", wanted.tool_provider.as_ref()),
    ];
    for (key, names) in names {
        if let Some(Names::Many(names)) = names {
            repeated(names, &in_match.key(key), faults);
        }
    }
    repeated(
        &wanted.agent_roles_any,
        &in_match.key("agent_roles_any"),
        faults,
    );
    let Some(When {
        contains_any,
        data_labels_any,
        ..
    }) = &rule.when
    else {
        return;
    };
    let in_when = route.key("when");
    repeated(data_labels_any, &in_when.key("data_labels_any"), faults);
    let route = in_when.key("contains_any");
    let lowered: Vec<String> = contains_any
        .iter()
        .map(|keyword| keyword.to_lowercase())
        .collect();
    for (index, (keyword, text)) in contains_any.iter().zip(&lowered).enumerate() {
        let inside = |(other, inner): &(usize, &String)| {
            *other != index && text.contains(inner.as_str()) && (text != *inner || *other < index)
        };
        if let Some((other, _)) = lowered.iter().enumerate().find(inside) {
            let inner = contains_any.get(other).map_or("", String::as_str);
            let message = format!("`{keyword}` adds nothing: what contains it contains `{inner}`");
            faults.push(idle(route.index(index), message, route.index(other)));
        }
    }
}

fn repeated(names: &[String], route: &Route, faults: &mut Vec<Fault>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        let first = *seen.entry(name).or_insert(index);
        if first != index {
            let message = format!("`{name}` is in the list already");
            faults.push(idle(route.index(index), message, route.index(first)));
        }
    }
}

fn idle(place: Route, message: String, because: Route) -> Fault {
    Fault::new(Place::value(place), message)
        .help("remove it")
        .related(because, "is enough")
        .severity(Severity::Note)
}
