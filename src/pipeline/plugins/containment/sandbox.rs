//! One tool's sandbox: whether a call names something outside it. Owns the checks of paths, hosts
//! and variables; what members hold is in `kinds`, what commands name in `scripts`.

use std::collections::HashMap;

use super::kinds::{Kind, kind};
use super::scripts;
use crate::hosts::{HostPattern, Target, is_url};
use crate::model::pipeline::containment::Sandbox as Options;
use crate::model::request::Request;
use crate::paths::{self, NormalPath, Readings};
use crate::pipeline::arguments::{Member, MemberValue};
use crate::pipeline::commands::{self, Languages};
use crate::pipeline::names::ToolNames;

/// What is wrong with a call, for people. It repeats nothing of the call.
pub(super) type Violation = &'static str;

const PATH: Violation = "a path is outside what the sandbox allows";
const NETWORK: Violation = "the sandbox has no network";
const HOST: Violation = "a host is not one that the sandbox allows";
const PORT: Violation = "a port is not one that the sandbox allows";
const VARIABLE: Violation = "an environment variable is not one that the sandbox allows";
const NOT_TEXT: Violation = "a value is no Unicode text, so that what it names cannot be told";

/// What one tool may touch.
pub(super) struct Sandbox {
    allowed_paths: Option<Vec<NormalPath>>,
    denied_paths: Vec<NormalPath>,
    has_network: bool,
    allowed_hosts: Option<Vec<HostPattern>>,
    denied_hosts: Vec<HostPattern>,
    allowed_ports: Option<Vec<u16>>,
    allowed_variables: Option<ToolNames>,
    denied_variables: ToolNames,
    denies_variables: bool,
}

impl Sandbox {
    pub(super) fn new(options: &Options) -> Self {
        // An entry that is no path or host was refused when the file was loaded; here it allows
        // nothing.
        let paths = |list: &[String]| {
            list.iter()
                .filter_map(|path| NormalPath::new(path))
                .collect()
        };
        let hosts = |list: &[String]| {
            list.iter()
                .filter_map(|host| HostPattern::new(host))
                .collect()
        };
        Self {
            allowed_paths: options.allowed_paths.as_deref().map(paths),
            denied_paths: paths(&options.denied_paths),
            has_network: options.network_enabled.unwrap_or(true),
            allowed_hosts: options.allowed_hosts.as_deref().map(hosts),
            denied_hosts: hosts(&options.denied_hosts),
            allowed_ports: options.allowed_ports.clone(),
            allowed_variables: options.allowed_env.as_deref().map(ToolNames::new),
            denied_variables: ToolNames::new(&options.denied_env),
            denies_variables: !options.denied_env.is_empty(),
        }
    }

    pub(super) fn restricts_paths(&self) -> bool {
        self.allowed_paths.is_some() || !self.denied_paths.is_empty()
    }

    pub(super) fn denies_paths(&self) -> bool {
        !self.denied_paths.is_empty()
    }

    fn restricts_hosts(&self) -> bool {
        !self.has_network
            || self.allowed_hosts.is_some()
            || !self.denied_hosts.is_empty()
            || self.allowed_ports.is_some()
    }

    pub(super) fn restricts_variables(&self) -> bool {
        self.allowed_variables.is_some() || self.denies_variables
    }

    /// Whether anything is restricted.
    fn restricts(&self) -> bool {
        self.restricts_paths() || self.restricts_hosts() || self.restricts_variables()
    }

    /// What a call names outside the sandbox, if anything.
    pub(super) fn violation(&self, call: &Request, members: &[Member<'_>]) -> Option<Violation> {
        if !self.restricts() {
            return None;
        }
        self.check(call, members).err()
    }

    fn check(&self, call: &Request, members: &[Member<'_>]) -> Result<(), Violation> {
        let ports = self.check_ports(members)?;
        for member in members {
            self.member(member, ports.get(&member.object).copied())?;
        }
        for name in commands::variables(members) {
            self.variable(std::str::from_utf8(name).map_err(|_| NOT_TEXT)?)?;
        }
        for script in scripts_of(call, members)? {
            scripts::check(&script, self)?;
        }
        Ok(())
    }

    /// Checks a member; `port` is the one that stands beside it.
    fn member(&self, member: &Member<'_>, port: Option<u16>) -> Result<(), Violation> {
        let kind = kind(&member.name);
        let text = match member.value {
            MemberValue::Text(text) if kind != Kind::Content => text,
            // An address written as one number.
            MemberValue::Number(_) if matches!(kind, Kind::Host | Kind::Url) => {
                return self.host(None);
            }
            _ => return Ok(()),
        };
        let text = std::str::from_utf8(text).map_err(|_| NOT_TEXT)?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let host = |target: Option<Target>| self.host(target.map(|target| target.or_port(port)));
        match kind {
            Kind::Path => {
                if is_url(text) {
                    self.host(Target::of_url(text))?;
                }
                self.path(text)
            }
            Kind::Url if is_file_url(text) => self.network().and_then(|()| self.path(text)),
            Kind::Url | Kind::Host if text.contains("://") || is_url(text) => {
                host(Target::of_url(text))
            }
            Kind::Url | Kind::Host => host(Target::of_host(text)),
            Kind::Variable => self.variable(text),
            Kind::Unknown => self.value(text),
            Kind::Command | Kind::Port | Kind::Content => Ok(()),
        }
    }

    /// The port that each object names by itself, after they are checked.
    fn check_ports(&self, members: &[Member<'_>]) -> Result<HashMap<usize, u16>, Violation> {
        let mut ports = HashMap::new();
        for member in members {
            let Some(text) = member.text().filter(|_| kind(&member.name) == Kind::Port) else {
                continue;
            };
            let port = std::str::from_utf8(text)
                .map_err(|_| NOT_TEXT)?
                .trim()
                .parse();
            let port: Option<u16> = port.ok();
            if let Some(allowed) = &self.allowed_ports
                && !port.is_some_and(|port| allowed.contains(&port))
            {
                return Err(PORT);
            }
            ports.extend(port.map(|port| (member.object, port)));
        }
        Ok(ports)
    }

    /// Checks a value of which nothing is known but itself.
    pub(super) fn value(&self, text: &str) -> Result<(), Violation> {
        if is_url(text) {
            return self.host(Target::of_url(text));
        }
        // What has several lines is no path, but text in which one may stand.
        match paths::leaves(text) && !text.trim().contains('\n') {
            true => self.path(text),
            false => Ok(()),
        }
    }

    fn path(&self, text: &str) -> Result<(), Violation> {
        if let Some(path) = NormalPath::new(text.trim())
            && let Some(server) = path.server()
        {
            self.host(Target::of_host(server))?;
        }
        if !self.restricts_paths() {
            return Ok(());
        }
        let readings = Readings::new(text);
        let allowed = self.allowed_paths.as_deref();
        if allowed.is_some_and(|allowed| !readings.are_within(allowed))
            || readings.may_be_within(&self.denied_paths)
        {
            return Err(PATH);
        }
        Ok(())
    }

    fn network(&self) -> Result<(), Violation> {
        match self.has_network {
            true => Ok(()),
            false => Err(NETWORK),
        }
    }

    /// Checks where something connects to; `None` if that cannot be told.
    fn host(&self, target: Option<Target>) -> Result<(), Violation> {
        self.network()?;
        if !self.restricts_hosts() {
            return Ok(());
        }
        let target = target.ok_or(HOST)?;
        let allowed = self.allowed_hosts.as_deref();
        if allowed.is_some_and(|allowed| !allowed.iter().any(|host| host.matches(&target)))
            || self.denied_hosts.iter().any(|host| host.concerns(&target))
        {
            return Err(HOST);
        }
        let allowed = self.allowed_ports.as_deref();
        let is_allowed =
            |allowed: &[u16]| target.port().is_some_and(|port| allowed.contains(&port));
        match allowed.is_none_or(is_allowed) {
            true => Ok(()),
            false => Err(PORT),
        }
    }

    /// Checks the name of a variable.
    pub(super) fn variable(&self, name: &str) -> Result<(), Violation> {
        // Windows ignores case.
        let upper = name.to_ascii_uppercase();
        let is_denied = |name: &str| self.denied_variables.contains(name.as_bytes());
        let allowed = self.allowed_variables.as_ref();
        let is_allowed = allowed.is_none_or(|allowed| allowed.contains(name.as_bytes()));
        match is_allowed && !is_denied(name) && !is_denied(&upper) {
            true => Ok(()),
            false => Err(VARIABLE),
        }
    }

    /// Objects to variables of which the names are not known.
    pub(super) fn unknown_variables(&self) -> Result<(), Violation> {
        match self.restricts_variables() {
            true => Err(VARIABLE),
            false => Ok(()),
        }
    }
}

/// What a call has a shell run: all that can be for calls that say that they run commands, else
/// only what is called a command.
fn scripts_of(call: &Request, members: &[Member<'_>]) -> Result<Vec<String>, Violation> {
    let kind = call
        .action_type
        .map_or(&b""[..], |name| call.name(name))
        .trim_ascii();
    if kind.eq_ignore_ascii_case(b"shell") {
        commands::of(members, Languages::ShellOnly)
    } else if kind.eq_ignore_ascii_case(b"code_execute") {
        commands::of(members, Languages::AsNamed)
    } else {
        commands::named(members)
    }
}

fn is_file_url(text: &str) -> bool {
    let scheme = text.trim().get(..5);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}
