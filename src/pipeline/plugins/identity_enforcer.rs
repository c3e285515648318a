//! `identity-enforcer`: only agents and tools of the registry, with no more than it grants them.
//!
//! **What.** Denies revoked and unregistered agents (`AGENT_REVOKED`, `AGENT_UNREGISTERED`), trust
//! below `minimum_trust_level` (`INSUFFICIENT_TRUST`), chains of delegation longer than
//! `max_delegation_depth` (`DELEGATION_DEPTH_EXCEEDED`), and, if the registry lists tools, revoked
//! and unregistered tools (`TOOL_REVOKED`, `TOOL_UNREGISTERED`). It completes the call for the
//! rules: trust is the lower of what is claimed and what is registered, roles are those of both,
//! the agent's type is the registered one. An agent that is not registered has no trust and no
//! roles; a call whose agent is not known cannot be decided by a registry that names any. With
//! `contextual_trust: true` circumstances lower trust further; hours are UTC.
//!
//! **Why.** A call says whatever its sender likes; the registry is the authority.
//!
//! ```yaml
//! - identity-enforcer: { registry: agents.yaml, minimum_trust_level: basic, max_delegation_depth: 3 }
//! ```

use std::collections::{HashMap, HashSet};

use crate::model::bundle::TrustLevel;
use crate::model::pipeline::registry::{RegisteredAgent, Registry};
use crate::model::pipeline::{IdentityEnforcer as Options, RegistrySource};
use crate::model::request::{Attestation, Name, Request};
use crate::pipeline::{NO_AGENT, NO_TIMESTAMP, Plugin, Ruling, Standing, Step};
use crate::time::Timestamp;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Points of trust between one level and the next.
const POINTS_PER_LEVEL: i32 = 25;

type Names = HashSet<Box<[u8]>, foldhash::fast::RandomState>;

/// The registry, indexed.
pub(super) struct IdentityEnforcer {
    agents: HashMap<Box<[u8]>, Agent, foldhash::fast::RandomState>,
    revoked_agents: Names,
    tools: Option<Names>,
    revoked_tools: Names,
    require_registration: bool,
    minimum: Option<TrustLevel>,
    max_depth: Option<u32>,
    contextual: bool,
}

struct Agent {
    trust: TrustLevel,
    roles: Vec<String>,
    agent_type: Option<String>,
    environment: Option<String>,
    max_depth: Option<u32>,
    attestation: Option<Attestation>,
}

impl Agent {
    fn new(registered: &RegisteredAgent) -> Self {
        let attestation = registered.attestation.as_ref();
        Self {
            trust: registered.trust_level.unwrap_or(TrustLevel::Untrusted),
            roles: registered.roles.clone(),
            agent_type: registered.agent_type.clone(),
            environment: registered.environment.clone(),
            max_depth: registered.max_delegation_depth,
            attestation: attestation.map(|attestation| match attestation.get("expires_at") {
                None => Attestation::Unlimited,
                Some(end) => end
                    .as_str()
                    .and_then(|end| Timestamp::parse(end.as_bytes()))
                    .map_or(Attestation::Unclear, Attestation::Until),
            }),
        }
    }
}

fn names<'a>(all: impl IntoIterator<Item = &'a String>) -> Names {
    all.into_iter().map(|name| name.as_bytes().into()).collect()
}

impl IdentityEnforcer {
    pub(super) fn new(options: &Options) -> Self {
        // A registry that is still a path was not read, and registers nobody.
        let nobody = Registry::default();
        let registry = match &options.registry {
            Some(RegistrySource::Inline(registry)) => registry.as_ref(),
            Some(RegistrySource::File(_)) | None => &nobody,
        };
        let agents = registry.agents.iter();
        let tools = registry.tools.as_ref();
        Self {
            agents: agents
                .map(|agent| (agent.agent_id.as_bytes().into(), Agent::new(agent)))
                .collect(),
            revoked_agents: names(&registry.revoked_agents),
            tools: tools.map(|tools| names(tools.iter().map(|tool| &tool.tool_name))),
            revoked_tools: names(&registry.revoked_tools),
            require_registration: options.require_registration.unwrap_or(true),
            minimum: options.minimum_trust_level,
            max_depth: options.max_delegation_depth,
            contextual: options.contextual_trust,
        }
    }

    /// Puts what the registry says into the call.
    fn complete(&self, call: &mut Request, agent: Option<&Agent>) {
        let Some(agent) = agent else {
            call.trust_level = Some(TrustLevel::Untrusted);
            return call.roles.clear();
        };
        let claimed = call.trust_level.unwrap_or(agent.trust);
        call.trust_level = Some(claimed.min(agent.trust));
        if call.claims_roles {
            let mut roles = std::mem::take(&mut call.roles);
            roles.retain(|&role| {
                let role = call.name(role);
                agent.roles.iter().any(|granted| granted.as_bytes() == role)
            });
            call.roles = roles;
        } else {
            call.roles.clear();
            for role in &agent.roles {
                let role = add(call, role);
                call.roles.push(role);
            }
        }
        if let Some(agent_type) = &agent.agent_type {
            call.agent_type = Some(add(call, agent_type));
        }
        if let (None, Some(environment)) = (call.environment, &agent.environment) {
            call.environment = Some(add(call, environment));
        }
        call.attestation = call.attestation.or(agent.attestation);
        call.max_delegation_depth = match (call.max_delegation_depth, agent.max_depth) {
            (Some(claimed), Some(registered)) => Some(claimed.min(registered)),
            (claimed, registered) => claimed.or(registered),
        };
    }

    /// The trust that is left in these circumstances, in points: 25 a level.
    fn points(call: &Request, level: TrustLevel, now: Timestamp, standing: Standing) -> i32 {
        let mut points = POINTS_PER_LEVEL * level as i32;
        let is_prod = call.environment.map(|name| call.name(name)) == Some(b"prod");
        match call.attestation {
            None if is_prod => points -= 10,
            Some(Attestation::Until(end)) if end <= now => points -= 20,
            Some(Attestation::Unclear) => points -= 20,
            None | Some(Attestation::Until(_) | Attestation::Unlimited) => {}
        }
        let own = call.max_delegation_depth;
        if own.is_some_and(|own| call.delegation_depth > own) {
            points -= 25;
        }
        let hour = now.micros().div_euclid(MICROS_PER_HOUR).rem_euclid(24);
        if !(6..23).contains(&hour) {
            points -= 5;
        }
        if standing == Standing::ManyDenials {
            points -= 15;
        }
        points
    }
}

fn add(call: &mut Request, text: &str) -> Name {
    call.add_name(|out| out.extend_from_slice(text.as_bytes()))
}

impl Plugin for IdentityEnforcer {
    fn name(&self) -> &str {
        "identity-enforcer"
    }

    fn heeds_standing(&self) -> bool {
        self.contextual
    }

    /// An agent that is not registered has no trust that could be lowered.
    fn heeds_standing_of(&self, agent: &[u8]) -> bool {
        self.contextual && self.agents.contains_key(agent)
    }

    fn before(&self, call: &mut Request, standing: Standing) -> Step {
        let deny = |code, message: String| Step::Decide(Ruling::deny(code, message));
        let id = match call.agent() {
            Some(id) => id,
            None if self.agents.is_empty() && self.revoked_agents.is_empty() => b"",
            None => return Step::Undecidable(NO_AGENT),
        };
        if self.revoked_agents.contains(id) {
            return deny("AGENT_REVOKED", "the agent is revoked".to_owned());
        }
        let agent = self.agents.get(id);
        if agent.is_none() && self.require_registration {
            return deny(
                "AGENT_UNREGISTERED",
                "the agent is not registered".to_owned(),
            );
        }
        self.complete(call, agent);
        let mut level = call.trust_level.unwrap_or(TrustLevel::Untrusted);
        if self.contextual {
            let Some(now) = call.timestamp else {
                return Step::Undecidable(NO_TIMESTAMP);
            };
            let points = Self::points(call, level, now, standing);
            let index = usize::try_from(points / POINTS_PER_LEVEL).unwrap_or_default();
            level = TrustLevel::ALL.get(index).copied().unwrap_or(level);
            call.trust_level = Some(level);
        }
        if let Some(minimum) = self.minimum
            && level < minimum
        {
            let message = format!(
                "trust is {}, {} is needed",
                level.as_str(),
                minimum.as_str()
            );
            return deny("INSUFFICIENT_TRUST", message);
        }
        if let Some(max) = self.max_depth
            && call.delegation_depth > max
        {
            let message = format!(
                "the call was delegated {} times, {max} are allowed",
                call.delegation_depth
            );
            return deny("DELEGATION_DEPTH_EXCEEDED", message);
        }
        let tool = call.tool_name.map_or(&b""[..], |tool| call.name(tool));
        if self.revoked_tools.contains(tool) {
            return deny("TOOL_REVOKED", "the tool is revoked".to_owned());
        }
        if self
            .tools
            .as_ref()
            .is_some_and(|tools| !tools.contains(tool))
        {
            return deny("TOOL_UNREGISTERED", "the tool is not registered".to_owned());
        }
        Step::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::native;
    use crate::json::Scanner;

    /// What is decided about the call of agent `a`, and the trust that is left.
    fn decide(options: &str, registered: &str, call: &str, standing: Standing) -> String {
        let mut options: Options = serde_json::from_str(options).expect("options");
        let agent = format!(r#"{{"agents":[{{"agent_id":"a",{registered}}}]}}"#);
        let registry = serde_json::from_str(&agent).expect("a registry");
        options.registry = Some(RegistrySource::Inline(Box::new(registry)));
        let mut request = Request::default();
        native::read(&mut Scanner::new(call.as_bytes()), &mut request).expect("a call");
        let step = IdentityEnforcer::new(&options).before(&mut request, standing);
        let level = request.trust_level.map_or("none", TrustLevel::as_str);
        match step {
            Step::Continue => level.to_owned(),
            Step::Decide(ruling) => ruling.code.into_owned(),
            Step::Alert(alert) => alert.message,
            Step::Fail(reason) => reason,
            Step::Undecidable(reason) => reason.to_owned(),
        }
    }

    /// Contextual trust of a privileged agent (75 points) in the given circumstances.
    fn left(environment: &str, agent: &str, time: &str, standing: Standing) -> String {
        let call = format!(
            r#"{{"timestamp":"2026-01-15T{time}Z",
                "agent":{{"agent_id":"a","environment":"{environment}"{agent}}},
                "action":{{"tool_name":"t"}},"context":{{"delegation_chain":["x","y"]}}}}"#
        );
        let registered = r#""trust_level":"privileged","max_delegation_depth":2"#;
        decide(r#"{"contextual_trust":true}"#, registered, &call, standing)
    }

    #[test]
    fn circumstances_lower_trust() {
        use Standing::{ManyDenials, Usual};
        let proof = r#","attestation":{"expires_at":"2026-01-15T12:00:00Z"}"#;
        let none = "";
        assert_eq!(left("dev", none, "10:00:00", Usual), "privileged");
        assert_eq!(left("prod", proof, "10:00:00", Usual), "privileged");
        assert_eq!(
            left("prod", none, "10:00:00", Usual),
            "verified",
            "65 points"
        );
        assert_eq!(
            left("dev", proof, "12:00:00", Usual),
            "verified",
            "expired: 55"
        );
        assert_eq!(
            left("dev", none, "05:59:59", Usual),
            "verified",
            "early: 70"
        );
        assert_eq!(left("dev", none, "06:00:00", Usual), "privileged");
        assert_eq!(left("dev", none, "22:59:59", Usual), "privileged");
        assert_eq!(left("dev", none, "23:00:00", Usual), "verified", "late: 70");
        assert_eq!(left("dev", none, "10:00:00", ManyDenials), "verified", "60");
        let shallow = r#","max_delegation_depth":1"#;
        assert_eq!(left("dev", shallow, "10:00:00", Usual), "verified", "50");
        assert_eq!(left("dev", shallow, "10:00:00", ManyDenials), "basic", "35");
        let deep = r#","max_delegation_depth":9,"attestation":{"expires_at":"soon"}"#;
        assert_eq!(
            left("dev", deep, "10:00:00", ManyDenials),
            "basic",
            "unclear: 40"
        );
        assert_eq!(
            left("prod", shallow, "01:00:00", ManyDenials),
            "untrusted",
            "20"
        );
    }

    #[test]
    fn a_call_claims_less_than_is_registered_or_nothing() {
        let call = |claims: &str| {
            format!(r#"{{"agent":{{"agent_id":"a"{claims}}},"action":{{"tool_name":"t"}}}}"#)
        };
        let trust = |registered, claims| decide("{}", registered, &call(claims), Standing::Usual);
        let basic = r#""trust_level":"basic""#;
        assert_eq!(trust(basic, r#","trust_level":"system""#), "basic");
        assert_eq!(trust(basic, r#","trust_level":"untrusted""#), "untrusted");
        assert_eq!(trust(basic, ""), "basic");
        assert_eq!(
            trust(r#""name":"A""#, r#","trust_level":"system""#),
            "untrusted"
        );
        let contextual = r#"{"contextual_trust":true}"#;
        let step = decide(contextual, basic, &call(""), Standing::Usual);
        assert_eq!(step, NO_TIMESTAMP);
        let stranger = call("").replace("\"a\"", "\"b\"");
        let open = r#"{"require_registration":false}"#;
        assert_eq!(decide(open, basic, &stranger, Standing::Usual), "untrusted");
        assert_eq!(
            decide("{}", basic, &stranger, Standing::Usual),
            "AGENT_UNREGISTERED"
        );
        let strict = r#"{"minimum_trust_level":"verified"}"#;
        assert_eq!(
            decide(strict, basic, &call(""), Standing::Usual),
            "INSUFFICIENT_TRUST"
        );
    }

    #[test]
    fn a_call_of_nobody_is_decided_where_no_agent_is_known() {
        let nobody = r#"{"action":{"tool_name":"t"}}"#;
        let step = |options: &str| {
            let options: Options = serde_json::from_str(options).expect("options");
            let mut request = Request::default();
            native::read(&mut Scanner::new(nobody.as_bytes()), &mut request).expect("a call");
            IdentityEnforcer::new(&options).before(&mut request, Standing::Usual)
        };
        assert_eq!(step(r#"{"require_registration":false}"#), Step::Continue);
        let revoking =
            r#"{"require_registration":false,"registry":{"agents":[],"revoked_agents":["a"]}}"#;
        assert_eq!(step(revoking), Step::Undecidable(NO_AGENT));
        let basic = r#""trust_level":"basic""#;
        assert_eq!(decide("{}", basic, nobody, Standing::Usual), NO_AGENT);
    }
}
