//! The lint `literal-star`.

use crate::diagnostic::Route;
use crate::lint::{BundleSubject, Context, Fault};
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
        let mut report = |route: Route, text: &str, help: &str| {
            let message = format!("the `*` in `{text}` is an ordinary character here");
            faults.push(Fault::new(route, message).help(help));
        };
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
                    report(
                        route.key("tool_name"),
                        name,
                        "only the last character can stand for any",
                    );
                }
            }
            Names::Many(names) => {
                for (element, name) in names.iter().enumerate() {
                    if name.contains('*') {
                        let route = route.key("tool_name").index(element);
                        report(
                            route,
                            name,
                            "a list has exact names only; give the prefix a rule of its own",
                        );
                    }
                }
            }
        }
        if environment.contains('*') && environment != "*" {
            report(
                route.key("environment"),
                environment,
                "write one environment, or `*` alone for all",
            );
        }
        let lists = [
            ("agent_type", agent_type.as_ref()),
            ("tool_provider", tool_provider.as_ref()),
        ];
        for (key, names) in lists {
            let route = route.key(key);
            let help = format!("write exact names, or leave `{key}` out for any");
            match names {
                Some(Names::One(name)) if name.contains('*') => report(route, name, &help),
                Some(Names::Many(names)) => literals(&route, names, &help, &mut report),
                _ => {}
            }
        }
        let help = "write exact roles, or leave `agent_roles_any` out for any";
        literals(
            &route.key("agent_roles_any"),
            agent_roles_any,
            help,
            &mut report,
        );
        if let Some(when) = &rule.when {
            let route = BundleSubject::route(index)
                .key("when")
                .key("data_labels_any");
            let help = "write exact labels, or leave `data_labels_any` out for any";
            literals(&route, &when.data_labels_any, help, &mut report);
        }
    }
}

fn literals(
    route: &Route,
    names: &[String],
    help: &str,
    report: &mut impl FnMut(Route, &str, &str),
) {
    for (element, name) in names.iter().enumerate() {
        if name.contains('*') {
            report(route.index(element), name, help);
        }
    }
}
