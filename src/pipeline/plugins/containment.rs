//! `containment`: tools touch only what their sandbox allows, and changes need a ticket.
//!
//! **What.** Denies a call of a tool that has a sandbox when an argument names a path, a host, a
//! port or an environment variable that the sandbox does not allow (`SANDBOX_VIOLATION`). Paths are
//! compared by their components after every decoding that a program might do, hosts as every reader
//! of a URL finds them; commands are read as a shell reads them. Besides members that are known to
//! hold a path or a host, every value counts that is a URL or leaves the place where it is used.
//! What cannot be told is not allowed. Tools of `ticket_required_tools` ask for a ticket when the
//! call has none (`TICKET_REQUIRED`) and are denied when it is not as `change_control` says
//! (`TICKET_INVALID`).
//!
//! **Why.** A tool that may read one directory must not read another because of how it is spelled.
//!
//! ```yaml
//! - containment:
//!     sandboxes:
//!       read_file: { allowed_paths: [/app/data], denied_paths: [/app/data/keys] }
//!       http_request: { allowed_hosts: ["*.example.com"], allowed_ports: [443] }
//!     ticket_required_tools: [deploy_*]
//!     change_control: { ticket_pattern: "^CHG-[0-9]+$", allowed_statuses: [approved] }
//! ```

mod kinds;
mod sandbox;
mod scripts;
#[cfg(test)]
mod tests;

use self::sandbox::Sandbox;
use crate::document::{Node, NodeKind, Path, Problems};
use crate::hosts::HostPattern;
use crate::matcher::ExactPattern;
use crate::model::decision::Outcome;
use crate::model::pipeline::containment::{ChangeControl as ChangeOptions, Containment as Options};
use crate::model::request::Request;
use crate::paths::NormalPath;
use crate::pipeline::arguments::{Member, MemberValue, members, plain_name};
use crate::pipeline::names::{ByTool, ToolNames};
use crate::pipeline::{Plugin, Ruling, Standing, Step};

/// What each tool may touch, and what needs a ticket.
pub(super) struct Containment {
    sandboxes: ByTool<Sandbox>,
    ticketed: ToolNames,
    change_control: ChangeControl,
}

/// What a change ticket must be.
struct ChangeControl {
    /// No ticket matches a pattern that does not compile.
    pattern: Option<Result<ExactPattern, ()>>,
    ticket: String,
    status: String,
    statuses: Option<Vec<String>>,
}

impl ChangeControl {
    fn new(options: Option<&ChangeOptions>) -> Self {
        let pattern = options.and_then(|options| options.ticket_pattern.as_deref());
        let member = |name: Option<&String>, otherwise| {
            plain_name(name.map_or(otherwise, String::as_str).as_bytes())
        };
        Self {
            pattern: pattern.map(|pattern| ExactPattern::new(pattern).map_err(drop)),
            ticket: member(
                options.and_then(|options| options.ticket_member.as_ref()),
                "ticket_id",
            ),
            status: member(
                options.and_then(|options| options.status_member.as_ref()),
                "ticket_status",
            ),
            statuses: options.and_then(|options| options.allowed_statuses.clone()),
        }
    }

    /// What is wrong with the ticket of a call.
    fn objection(&self, members: &[Member<'_>]) -> Option<Ruling> {
        let invalid = |message| Some(Ruling::deny("TICKET_INVALID", message));
        let named = |name: &str| {
            let mut own = members.iter();
            let own = own
                .by_ref()
                .filter(|member| member.object == 0 && member.array.is_none());
            own.filter(|member| member.name == name).collect::<Vec<_>>()
        };
        let is_given = |member: &&&Member<'_>| match member.value {
            MemberValue::Text(text) => !text.trim_ascii().is_empty(),
            value => value != MemberValue::Null,
        };
        let tickets = named(&self.ticket);
        let mut given = tickets.iter().filter(is_given).peekable();
        if given.peek().is_none() {
            return Some(Ruling {
                outcome: Outcome::RequireTicket,
                code: "TICKET_REQUIRED".into(),
                message: "this tool needs a change ticket, and the call names none".to_owned(),
            });
        }
        let matches = |text: &[u8]| match &self.pattern {
            None => true,
            Some(pattern) => pattern.as_ref().is_ok_and(|pattern| pattern.is_match(text)),
        };
        // A name may be written in several ways; whichever counts, it must be valid.
        if !given.all(|member| member.text().is_some_and(matches)) {
            return invalid("the change ticket is not of the form that is asked for");
        }
        let Some(statuses) = &self.statuses else {
            return None;
        };
        let is_allowed = |member: &&Member<'_>| {
            let text = member.text();
            text.is_some_and(|text| statuses.iter().any(|status| status.as_bytes() == text))
        };
        let states = named(&self.status);
        if states.is_empty() {
            return invalid("the call does not say the status of its change ticket");
        }
        match states.iter().all(is_allowed) {
            true => None,
            false => invalid("the change ticket is not in a status in which it may be used"),
        }
    }
}

impl Containment {
    pub(super) fn new(options: &Options) -> Self {
        let sandboxes = options.sandboxes.iter();
        Self {
            sandboxes: ByTool::new(
                sandboxes.map(|(tool, sandbox)| (tool.as_str(), Sandbox::new(sandbox))),
            ),
            ticketed: ToolNames::new(&options.ticket_required_tools),
            change_control: ChangeControl::new(options.change_control.as_ref()),
        }
    }
}

impl Plugin for Containment {
    fn name(&self) -> &str {
        "containment"
    }

    fn heeds_amendments(&self) -> bool {
        false
    }

    fn before(&self, call: &mut Request, _: Standing) -> Step {
        let tool = call.tool_name.map_or(&b""[..], |tool| call.name(tool));
        let sandbox = self.sandboxes.get(tool);
        let is_ticketed = self.ticketed.contains(tool);
        if sandbox.is_none() && !is_ticketed {
            return Step::Continue;
        }
        let members = members(call);
        if let Some(message) = sandbox.and_then(|sandbox| sandbox.violation(call, &members)) {
            return Step::Decide(Ruling::deny("SANDBOX_VIOLATION", message));
        }
        let objection = is_ticketed.then(|| self.change_control.objection(&members));
        objection.flatten().map_or(Step::Continue, Step::Decide)
    }
}

/// Adds a problem for every path, host, name and pattern that could not be used.
pub(super) fn check(options: &Node, path: &Path<'_>, problems: &mut Problems) {
    if let Some(sandboxes) = options.get("sandboxes")
        && let NodeKind::Object(members) = &sandboxes.kind
    {
        let path = Path::Key(path, "sandboxes");
        for member in members {
            check_sandbox(&member.value, &Path::Key(&path, &member.key), problems);
        }
    }
    let Some(control) = options.get("change_control") else {
        return;
    };
    let path = Path::Key(path, "change_control");
    if let Some(node) = control.get("ticket_pattern")
        && let Some(pattern) = node.as_str()
        && let Err(refusal) = ExactPattern::new(pattern)
    {
        problems.add(
            "unusable-pattern",
            &Path::Key(&path, "ticket_pattern"),
            node.span,
            refusal.to_string(),
            "no ticket would match it; write a simpler pattern".to_owned(),
        );
    }
    if let Some(node) = control.get("status_member")
        && control.get("allowed_statuses").is_none()
    {
        problems.add(
            "missing-key",
            &Path::Key(&path, "status_member"),
            node.span,
            "no status is asked for: key `allowed_statuses` is missing",
            "add `allowed_statuses`: a list of strings, or remove this".to_owned(),
        );
    }
}

fn check_sandbox(sandbox: &Node, path: &Path<'_>, problems: &mut Problems) {
    let is_path = |text: &str| NormalPath::new(text).is_some() && !text.contains(['*', '?']);
    let is_host = |text: &str| HostPattern::new(text).is_some();
    let is_name = |text: &str| {
        let name = text.strip_suffix('*').unwrap_or(text);
        text == "*" || (!name.is_empty() && !name.contains(['*', '=', '$', ' ']))
    };
    const PATH: &str =
        "write a directory as it is: without `~`, patterns, or a `\\` that is no drive's";
    const HOST: &str =
        "write `api.example.com`, `*.example.com`, an address, or a network as `10.0.0.0/8`";
    const NAME: &str = "write the name of a variable, or its beginning and a `*`";
    let mut entries = |key: &str, is_usable: &dyn Fn(&str) -> bool, what: &str, help: &str| {
        let path = Path::Key(path, key);
        let list = sandbox.get(key).and_then(Node::as_array).unwrap_or(&[]);
        for (index, node) in list.iter().enumerate() {
            if node.as_str().is_some_and(|text| !is_usable(text)) {
                let path = Path::Index(&path, index);
                problems.add("unusable-entry", &path, node.span, what, help.to_owned());
            }
        }
    };
    for key in ["allowed_paths", "denied_paths"] {
        entries(key, &is_path, "this is no certain path", PATH);
    }
    for key in ["allowed_hosts", "denied_hosts"] {
        entries(key, &is_host, "this is no host", HOST);
    }
    for key in ["allowed_env", "denied_env"] {
        entries(key, &is_name, "this is no name of a variable", NAME);
    }
}
