//! `egress-enforcer`: sensitive data leaves by no channel and to no place that the rules forbid.
//!
//! **What.** Classifies every string and number of a call's arguments, and their keys: PII (social
//! security numbers, e-mail addresses, telephone numbers, IBANs), PCI (card numbers), SECRET (keys,
//! tokens, passwords), PHI (medical identifiers), and `custom_patterns`, whose class is `CUSTOM`
//! unless they say another. `tool_channels` says by which channel a tool sends data
//! (`http_request`, `file_write`, `db_query`, `email`, `clipboard`, `ci_artifact`, `mcp_response`,
//! `terminal_output`, which is also that of tools without an entry), and which arguments say where
//! to. For each kind of data that is found, the first rule that is about it, about the channel and
//! about the call's data labels decides: a destination in `blocked_destinations` blocks, whatever
//! the `action`; one in `allowed_destinations` passes on to the next rule; a rule that has lists and
//! is reached by neither passes on too, but for `allowed_destinations` when the destination is
//! another or cannot be told. What no rule decides, `default_action` does. The strictest answer
//! counts: the call is denied (`EGRESS_BLOCKED`), or reported (`EGRESS_ALERT`).
//!
//! Destinations are compared in normal form: each address of a list, URLs and paths without `..`
//! and without a user's name. `*` stands for any text within a segment, `**` for any text. A rule
//! with destinations is not about tools whose entry names no argument for them.
//!
//! In results it looks for the same and reports (`EGRESS_ALERT`) what a rule would block or report
//! if it left by `mcp_response` (tools of MCP servers) or `terminal_output` (all others).
//!
//! **Why.** An agent that reads a secret or a customer's record and can also send mail is one
//! injected instruction away from a leak. Reports show findings redacted (`123-**-****`) and no
//! destinations, which may be personal data as well.
//!
//! ```yaml
//! - egress-enforcer:
//!     rules:
//!       - { id: NO_SECRETS, classifications: [SECRET], action: block }
//!       - id: PII_AT_HOME
//!         classifications: [PII]
//!         channels: [email, http_request]
//!         allowed_destinations: ["*@acme.com", "https://api.acme.com/**"]
//!         action: block
//!     default_action: alert
//!     tool_channels:
//!       - { tool_name: send_email, channel: email, destination_field: [to, cc, bcc] }
//!       - { tool_name: http_*, channel: http_request, destination_field: url }
//! ```

mod destination;
mod findings;
mod glob;
mod rules;

use self::destination::Destination;
use self::findings::{Findings, Labels};
use self::rules::{Action, Place, Reason, Rules};
use crate::classify::{Classifier, CustomPattern};
use crate::document::{Node, Path, Problems};
use crate::model::bundle::Names;
use crate::model::pipeline::egress::{Channel, EgressEnforcer as Options};
use crate::model::request::{ArgumentValue, Name, Request};
use crate::model::returned::Returned;
use crate::pipeline::{Alert, LooksAt, Plugin, Ruling, Standing, Step};

const BLOCKED: &str = "EGRESS_BLOCKED";
const ALERT: &str = "EGRESS_ALERT";

/// What finds and who decides.
pub(super) struct EgressEnforcer {
    /// Why it cannot look, if an option cannot be used.
    ready: Result<Ready, String>,
}

struct Ready {
    classifier: Classifier,
    labels: Labels,
    rules: Rules,
    tools: Vec<Tool>,
}

/// By which channel a tool sends data, and which arguments say where to.
struct Tool {
    name: String,
    channel: Channel,
    fields: Vec<String>,
}

impl EgressEnforcer {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            ready: Ready::new(options),
        }
    }
}

/// Adds a problem for every pattern that cannot be used.
pub(super) fn check(options: &Node, path: &Path<'_>, problems: &mut Problems) {
    let path = Path::Key(path, "custom_patterns");
    let patterns = options.get("custom_patterns").and_then(Node::as_array);
    for (index, node) in patterns.unwrap_or(&[]).iter().enumerate() {
        if let Some(pattern) = node.get("pattern") {
            let path = Path::Index(&path, index);
            super::check_pattern(pattern, &Path::Key(&path, "pattern"), problems);
        }
    }
}

impl Ready {
    fn new(options: &Options) -> Result<Self, String> {
        let custom = options.custom_patterns.iter();
        let custom: Vec<CustomPattern> = custom
            .map(|custom| CustomPattern {
                name: custom.name.clone(),
                pattern: custom.pattern.clone(),
            })
            .collect();
        let labels = Labels::new(&options.custom_patterns)?;
        let tools = options.tool_channels.iter().map(|tool| Tool {
            name: tool.tool_name.clone(),
            channel: tool.channel,
            fields: match &tool.destination_field {
                None => Vec::new(),
                Some(Names::One(field)) => vec![field.clone()],
                Some(Names::Many(fields)) => fields.clone(),
            },
        });
        Ok(Self {
            classifier: Classifier::new(&custom).map_err(|refused| refused.to_string())?,
            rules: Rules::new(options, &labels)?,
            tools: tools.collect(),
            labels,
        })
    }

    fn tool(&self, call: &Request) -> Option<&Tool> {
        let name = call.tool_name.map(|name| call.name(name))?;
        let mut tools = self.tools.iter();
        tools.find(|tool| match tool.name.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix.as_bytes()),
            None => name == tool.name.as_bytes(),
        })
    }

    fn before(&self, call: &Request) -> Step {
        let mut findings = self.arguments(call);
        findings.labelled = self.rules.is_about_labels(call);
        if findings.is_empty() {
            return Step::Continue;
        }
        let tool = self.tool(call);
        let place = Place {
            channel: tool.map_or(Channel::TerminalOutput, |tool| tool.channel),
            destinations: tool.and_then(|tool| tool.destinations(call)),
        };
        let Some((action, reason)) = self.rules.decide(call, &findings, &place) else {
            return Step::Continue;
        };
        let message = self.message(&findings, &place, &reason);
        match action {
            Action::Block => Step::Decide(Ruling::deny(BLOCKED, message)),
            Action::Alert => Step::Alert(Alert {
                code: ALERT,
                message,
            }),
        }
    }

    /// What the arguments hold.
    fn arguments(&self, call: &Request) -> Findings {
        let mut findings = Findings::default();
        let mut last: Option<Name> = None;
        for argument in &call.arguments {
            let key = call.name(argument.key);
            // Elements have the key of their array.
            if last != Some(argument.key) && may_be_data(key) {
                findings.add(&self.classifier, key, None);
            }
            last = Some(argument.key);
            if let ArgumentValue::String(value) | ArgumentValue::Number(value) = argument.value {
                findings.add(&self.classifier, call.value(value), Some(key));
            }
        }
        findings
    }

    fn returned(&self, call: &Request, returned: &Returned) -> Option<Alert> {
        let mut findings = Findings::default();
        for (key, text) in returned.leaves() {
            findings.add(&self.classifier, text, key);
        }
        for key in returned.keys().filter(|key| may_be_data(key)) {
            findings.add(&self.classifier, key, None);
        }
        if findings.is_empty() {
            return None;
        }
        let own = self.tool(call).map(|tool| tool.channel);
        let provider = call.tool_provider.map(|name| call.name(name));
        let channel = match own {
            Some(channel @ (Channel::McpResponse | Channel::TerminalOutput)) => channel,
            _ if provider == Some(b"mcp") => Channel::McpResponse,
            _ => Channel::TerminalOutput,
        };
        let place = Place {
            channel,
            destinations: None,
        };
        let (_, reason) = self.rules.decide(call, &findings, &place)?;
        let message = format!(
            "the result holds {}",
            self.message(&findings, &place, &reason)
        );
        Some(Alert {
            code: ALERT,
            message,
        })
    }

    /// What is found, by which channel it leaves, and who objects.
    fn message(&self, findings: &Findings, place: &Place, reason: &Reason) -> String {
        let what = findings.describe(&self.labels, reason.kinds);
        let (place, who) = (place.channel.as_str(), self.rules.explain(reason));
        format!("{what} by {place}{who}")
    }
}

impl Tool {
    /// Where the call sends data; `None` if the tool's destination is not told by calls, and empty
    /// if this call does not tell.
    fn destinations(&self, call: &Request) -> Option<Vec<Destination>> {
        if self.fields.is_empty() {
            return None;
        }
        let mut destinations = Vec::new();
        for field in &self.fields {
            for value in values_of(call, field) {
                destinations.extend(Destination::all(self.channel, value));
            }
        }
        Some(destinations)
    }
}

/// The strings and numbers in the member of the arguments that a route such as `message.to` names:
/// the member of that very name, or else the member of the first part, and so on inside it.
fn values_of<'c>(call: &'c Request, route: &str) -> Vec<&'c [u8]> {
    let mut depth = 0;
    let mut inside = call.arguments.as_slice();
    let mut route = route;
    loop {
        let member = |name: &str| {
            let mut members = inside.iter();
            members.position(|member| {
                member.depth == depth && call.name(member.key) == name.as_bytes()
            })
        };
        let (found, rest) = match (member(route), route.split_once('.')) {
            (Some(found), _) => (Some(found), None),
            (None, Some((first, rest))) => (member(first), Some(rest)),
            (None, None) => (None, None),
        };
        let Some((_, from)) = found.and_then(|found| inside.split_at_checked(found)) else {
            return Vec::new();
        };
        // What is deeper belongs to the member.
        let rest_of_member = from.iter().skip(1);
        let length = 1 + rest_of_member
            .take_while(|member| member.depth > depth)
            .count();
        let whole = from.get(..length).unwrap_or_default();
        let Some(rest) = rest else {
            let values = whole.iter().filter_map(|member| match member.value {
                ArgumentValue::String(value) | ArgumentValue::Number(value) => {
                    Some(call.value(value))
                }
                _ => None,
            });
            return values.collect();
        };
        inside = whole.get(1..).unwrap_or_default();
        depth += 1;
        route = rest;
    }
}

/// Whether a key may hold data rather than a name: all that is looked for in keys has a digit or an
/// `@`.
fn may_be_data(key: &[u8]) -> bool {
    let is_mark = |byte: &u8| byte.is_ascii_digit() || *byte == b'@';
    key.len() >= 6 && key.iter().any(is_mark)
}

impl Plugin for EgressEnforcer {
    fn name(&self) -> &str {
        "egress-enforcer"
    }

    fn heeds_amendments(&self) -> bool {
        // Labels may be amended; values may not.
        self.ready
            .as_ref()
            .is_ok_and(|ready| ready.rules.heed_labels())
    }

    fn looks_at(&self) -> LooksAt {
        LooksAt::Both
    }

    fn before(&self, call: &mut Request, _: Standing) -> Step {
        match &self.ready {
            Ok(ready) => ready.before(call),
            Err(reason) => Step::Fail(reason.clone()),
        }
    }

    fn returned(
        &self,
        call: &Request,
        returned: &Returned,
        report: &mut dyn FnMut(Alert),
    ) -> Result<(), String> {
        let ready = self.ready.as_ref().map_err(String::clone)?;
        if let Some(alert) = ready.returned(call, returned) {
            report(alert);
        }
        Ok(())
    }
}
