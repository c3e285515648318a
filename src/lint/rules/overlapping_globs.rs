//! The lint `overlapping-globs`.

use crate::diagnostic::Route;
use crate::lint::inclusion::{Stars, includes};
use crate::lint::{Context, Fault, PipelineSubject};

lint! {
    /// A pattern of a plugin has no effect: another one takes all that it matches.
    ///
    /// Destinations of an egress rule that are allowed and blocked are blocked; of two in one list, of
    /// which one matches all that the other does, the other can go. Of rules for commands, and of the
    /// channels of tools, the first that matches counts. Patterns that overlap in part are not reported:
    /// one may be an exception to the other.
    ///
    /// # Why
    ///
    /// Whoever reads the pattern believes that it allows, blocks or asks, and it does nothing.
    ///
    /// # Bad
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - egress-enforcer:
    ///       rules:
    ///         - id: PERSONAL
    ///           classifications: [PII]
    ///           blocked_destinations: ["**.example.com/**"]
    ///           allowed_destinations: ["https://crm.example.com/**"]
    ///           action: block
    /// approvals: { timeout_ms: 300000 }
    /// ```
    ///
    /// # Good
    ///
    /// ```yaml
    /// version: 1
    /// plugins:
    ///   - egress-enforcer:
    ///       rules:
    ///         - id: PERSONAL
    ///           classifications: [PII]
    ///           allowed_destinations: ["https://crm.example.com/**"]
    ///           action: block
    /// approvals: { timeout_ms: 300000 }
    /// ```
    "overlapping-globs": Warning, Pipeline(check)
}

fn check(pipeline: &PipelineSubject, _: &Context, faults: &mut Vec<Fault>) {
    for (index, entry) in pipeline.pipeline.plugins.iter().enumerate() {
        if let Some(options) = &entry.egress_enforcer {
            let route = PipelineSubject::route(index, "egress-enforcer");
            for (number, rule) in options.rules.iter().enumerate() {
                let route = route.key("rules").index(number);
                let list = |key: &str, patterns| List::new(route.key(key), patterns);
                let blocked = list("blocked_destinations", rule.blocked_destinations.iter());
                let allowed = list("allowed_destinations", rule.allowed_destinations.iter());
                destinations(&blocked, &allowed, faults);
            }
            let tools = options.tool_channels.iter().map(|entry| &entry.tool_name);
            let tools = List::new(route.key("tool_channels"), tools);
            let tools = tools.at("tool_name");
            let takes = |outer: &str, inner: &str| includes(outer, inner, Stars::Anything);
            hidden(&tools, takes, "is never looked at", faults);
        }
        if let Some(options) = &entry.supply_chain_guard
            && let Some(commands) = &options.commands
        {
            let route = PipelineSubject::route(index, "supply-chain-guard").key("commands");
            let patterns = commands.rules.iter().map(|rule| &rule.pattern);
            let patterns = List::new(route.key("rules"), patterns).at("pattern");
            hidden(
                &patterns,
                takes_commands,
                "decides no command that can be told",
                faults,
            );
        }
    }
}

/// Patterns and where they stand.
struct List<'a>(Vec<(Route, &'a str)>);

impl<'a> List<'a> {
    fn new(route: Route, patterns: impl Iterator<Item = &'a String>) -> Self {
        let patterns = patterns.enumerate();
        Self(
            patterns
                .map(|(index, pattern)| (route.index(index), pattern.as_str()))
                .collect(),
        )
    }

    /// The same as members of their elements.
    fn at(self, key: &str) -> Self {
        Self(
            self.0
                .into_iter()
                .map(|(route, pattern)| (route.key(key), pattern))
                .collect(),
        )
    }
}

fn destinations(blocked: &List<'_>, allowed: &List<'_>, faults: &mut Vec<Fault>) {
    for (route, pattern) in &allowed.0 {
        let taker = blocked
            .0
            .iter()
            .find(|(_, other)| includes(other, pattern, Stars::Segments));
        if let Some((taker, other)) = taker {
            let message = format!("`{pattern}` is allowed in vain: `{other}` blocks all of it");
            let fault = Fault::new(route.clone(), message).related(taker.clone(), "blocks it");
            faults.push(fault.help("remove one of them, or narrow what is blocked"));
        }
    }
    for list in [blocked, allowed] {
        for (index, (route, pattern)) in list.0.iter().enumerate() {
            let others = list.0.iter().enumerate();
            let taker = others
                .filter(|(other, _)| *other != index)
                .find(|(other, (_, outer))| {
                    // Of two that match the same, the later one is too many.
                    includes(outer, pattern, Stars::Segments)
                        && (*other < index || !includes(pattern, outer, Stars::Segments))
                });
            if let Some((_, (taker, other))) = taker {
                let message = format!("`{pattern}` adds nothing to `{other}`");
                let fault =
                    Fault::new(route.clone(), message).related(taker.clone(), "matches it too");
                faults.push(fault.help("remove it"));
            }
        }
    }
}

/// Patterns that an earlier one of their list takes everything from.
fn hidden(list: &List<'_>, takes: fn(&str, &str) -> bool, what: &str, faults: &mut Vec<Fault>) {
    for (index, (route, pattern)) in list.0.iter().enumerate() {
        let mut earlier = list.0.iter().take(index);
        if let Some((taker, other)) = earlier.find(|(_, outer)| takes(outer, pattern)) {
            let message = format!("`{pattern}` {what}: `{other}` comes first");
            let fault = Fault::new(route.clone(), message).related(taker.clone(), "comes first");
            faults.push(fault.help("move it before the other one, or remove it"));
        }
    }
}

/// Whether one pattern for commands matches all that another one does: without a blank and a `*` it
/// is the name of a command, whatever comes after it; else it is a whole line, case aside.
fn takes_commands(outer: &str, inner: &str) -> bool {
    let (outer, inner) = (outer.trim(), inner.trim());
    let is_name = |pattern: &str| !pattern.contains([' ', '*']);
    let name = inner.split(' ').next().unwrap_or_default();
    match (is_name(outer), is_name(inner)) {
        _ if outer == "*" => true,
        (true, _) => outer == name,
        (false, true) => false,
        (false, false) => {
            let lower = |pattern: &str| pattern.to_lowercase();
            includes(&lower(outer), &lower(inner), Stars::Anything)
        }
    }
}
