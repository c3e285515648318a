//! The lint `literal-star`.

use std::collections::BTreeSet;

use crate::diagnostic::Route;
use crate::document::Node;
use crate::document::edit::Edit;
use crate::lint::{BundleSubject, Context, Effect, Fault};
use crate::model::bundle::{Match, Names};

lint! {
    /// A `*` stands where it is an ordinary character.
    ///
    /// It means "any" only as the whole of `tool_name` or `environment`, and as the last character of a
    /// `tool_name` that is one string. Elsewhere, and in every list, it is a character that the value
    /// itself must have.
    ///
    /// # Why
    ///
    /// The rule looks as if it were about many tools, and is about none. A `DENY` that never fires is a
    /// hole.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_DELETIONS
    ///     description: nothing is deleted
    ///     match: { tool_name: ["delete_*", drop_table], environment: prod }
    ///     outcome: DENY
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// rules:
    ///   - id: NO_DELETIONS
    ///     description: nothing is deleted
    ///     match: { tool_name: "delete_*", environment: prod }
    ///     outcome: DENY
    ///   - id: NO_DROPS
    ///     description: nothing is deleted
    ///     match: { tool_name: drop_table, environment: prod }
    ///     outcome: DENY
    /// ```
    "literal-star": Error, Bundle(check)
}

fn check(bundle: &BundleSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, rule) in bundle.rules() {
        let route = BundleSubject::route(index).key("match");
        let Match {
            tool_name,
            environment,
            agent_type,
            agent_roles_any,
            tool_provider,
            ..
        } = &rule.matches;
        match tool_name {
            Names::One(name) => {
                let prefix = name.strip_suffix('*').unwrap_or(name);
                if prefix.contains('*') {
                    faults.push(literal(
                        route.key("tool_name"),
                        name,
                        "only the last character can stand for any",
                    ));
                }
            }
            Names::Many(names) => {
                let split = split(bundle, index, &rule.id, names);
                for (element, name) in names.iter().enumerate() {
                    if name.contains('*') {
                        let route = route.key("tool_name").index(element);
                        let mut fault = literal(
                            route,
                            name,
                            "a list has exact names only; give the prefix a rule of its own",
                        );
                        if is_prefix(name) {
                            let title =
                                format!("give each prefix of rule `{}` a rule of its own", rule.id);
                            let effect = Effect::of_firing_more(rule.outcome);
                            fault = fault.fix(title, effect, split.clone());
                        }
                        faults.push(fault);
                    }
                }
            }
        }
        if environment.contains('*') && environment != "*" {
            faults.push(literal(
                route.key("environment"),
                environment,
                "write one environment, or `*` alone for all",
            ));
        }
        let lists = [
            ("agent_type", agent_type.as_ref()),
            ("tool_provider", tool_provider.as_ref()),
        ];
        for (key, names) in lists {
            let route = route.key(key);
            let help = format!("write exact names, or leave `{key}` out for any");
            match names {
                Some(Names::One(name)) if name.contains('*') => {
                    faults.push(literal(route, name, &help));
                }
                Some(Names::Many(names)) => literals(&route, names, &help, faults),
                _ => {}
            }
        }
        let help = "write exact roles, or leave `agent_roles_any` out for any";
        literals(&route.key("agent_roles_any"), agent_roles_any, help, faults);
        if let Some(when) = &rule.when {
            let route = BundleSubject::route(index)
                .key("when")
                .key("data_labels_any");
            let help = "write exact labels, or leave `data_labels_any` out for any";
            literals(&route, &when.data_labels_any, help, faults);
        }
    }
}

fn literal(route: Route, text: &str, help: &str) -> Fault {
    let message = format!("the `*` in `{text}` is an ordinary character here");
    Fault::new(route, message).help(help)
}

/// Whether a name would be a prefix if it stood alone.
fn is_prefix(name: &str) -> bool {
    name.strip_suffix('*')
        .is_some_and(|prefix| !prefix.contains('*'))
}

/// Each prefix of a list of names in a rule of its own; the exact names stay where they are, and if
/// there are none, the first prefix does.
fn split(bundle: &BundleSubject, index: usize, id: &str, names: &[String]) -> Vec<Edit> {
    let place = Route::root().key("match").key("tool_name");
    let list = BundleSubject::route(index).key("match").key("tool_name");
    let mut prefixes: Vec<(usize, &String)> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| is_prefix(name))
        .collect();
    let mut edits = Vec::new();
    if prefixes.is_empty() {
        return edits;
    }
    if prefixes.len() == names.len() {
        let (_, first) = prefixes.remove(0);
        edits.push(Edit::Replace {
            route: list,
            value: first.as_str().into(),
        });
    } else {
        edits.extend(prefixes.iter().map(|&(index, _)| Edit::Remove {
            list: list.clone(),
            index,
        }));
    }
    let ids = bundle
        .root
        .get("rules")
        .and_then(Node::as_array)
        .unwrap_or(&[]);
    let ids: BTreeSet<&str> = ids
        .iter()
        .filter_map(|rule| rule.get("id")?.as_str())
        .collect();
    let free = (2..).map(|number| format!("{id}_{number}"));
    let free = free.filter(|id| !ids.contains(id.as_str()));
    edits.extend(
        prefixes
            .iter()
            .zip(free)
            .map(|((_, prefix), id)| Edit::Copy {
                list: Route::root().key("rules"),
                index,
                with: vec![
                    (Route::root().key("id"), id.into()),
                    (place.clone(), prefix.as_str().into()),
                ],
            }),
    );
    edits
}

fn literals(route: &Route, names: &[String], help: &str, faults: &mut Vec<Fault>) {
    for (element, name) in names.iter().enumerate() {
        if name.contains('*') {
            faults.push(literal(route.index(element), name, help));
        }
    }
}
