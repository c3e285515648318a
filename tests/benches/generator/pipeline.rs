//! The full pipeline for the calls that [`super::Recording`] makes: every plugin, each with
//! something to do.

use serde_json::{Value, json};

use super::Recording;

/// A pipeline file for the agents of a recording, JSON.
pub(crate) fn pipeline(recording: &Recording) -> String {
    let agents = recording.agents.iter().enumerate();
    let mut registered: Vec<Value> = agents
        .map(|(number, agent)| {
            let registration = agent.registration.as_ref();
            let mut registered = json!({
                "agent_id": agent.agent_id,
                "agent_type": registration.map_or("workflow_agent", |agent| agent.agent_type),
                "trust_level": registration.map_or("verified", |agent| agent.trust_level),
                "roles": registration.map_or(Vec::new(), |agent| agent.roles.clone()),
                "max_delegation_depth": 3,
            });
            if number % 3 > 0
                && let Some(registered) = registered.as_object_mut()
            {
                let attestation = json!({"expires_at": "2099-01-01T00:00:00Z"});
                registered.insert("attestation".to_owned(), attestation);
            }
            registered
        })
        .collect();
    let id = |number: usize| recording.agents.get(number).map(|agent| &agent.agent_id);
    // One agent that is not registered, one that is revoked, one that is killed.
    registered.truncate(registered.len() - 1);
    let killed = id(150).map(|agent| (agent.clone(), json!("key leaked")));
    let killed: serde_json::Map<String, Value> = killed.into_iter().collect();
    let plugins = json!([
        {"kill-switch": {"agents": killed}},
        {"rate-limiter": {"max_per_minute": 60, "max_per_minute_per_tool": 20}},
        {"identity-enforcer": {
            "registry": {"agents": registered, "revoked_agents": [id(151)]},
            "require_registration": true, "minimum_trust_level": "basic", "max_delegation_depth": 3,
        }},
        {"egress-enforcer": {
            "rules": [
                {"id": "NO_SECRETS", "classifications": ["SECRET"], "action": "block"},
                {"id": "NO_CARDS", "classifications": ["PCI"], "action": "block",
                 "channels": ["email", "http_request", "db_query"]},
                {"id": "PII_AT_HOME", "classifications": ["PII"], "action": "block",
                 "channels": ["email", "http_request"],
                 "allowed_destinations": ["*@acme.example", "https://api.acme.example/**"]},
            ],
            "default_action": "allow",
            "tool_channels": [
                {"tool_name": "query_*", "channel": "db_query"},
                {"tool_name": "send_email", "channel": "email", "destination_field": "to"},
                {"tool_name": "send_*", "channel": "email", "destination_field": "to"},
                {"tool_name": "http_request", "channel": "http_request", "destination_field": "url"},
                {"tool_name": "call_webhook", "channel": "http_request", "destination_field": "url"},
                {"tool_name": "write_file", "channel": "file_write", "destination_field": "path"},
            ],
        }},
        {"supply-chain-guard": {
            "commands": {
                "rules": [
                    {"pattern": "npm test", "action": "allow"},
                    {"pattern": "cargo build *", "action": "allow"},
                    {"pattern": "ls", "action": "allow"},
                    {"pattern": "git status*", "action": "allow"},
                    {"pattern": "grep", "action": "allow"},
                    {"pattern": "cat", "action": "allow"},
                    {"pattern": "kubectl *", "action": "require_approval"},
                ],
                "default_action": "block",
            },
            "block_unverified_mcp": true,
        }},
        {"containment": {
            "sandboxes": {
                "write_file": {"allowed_paths": ["/home/app"]},
                "edit_file": {"allowed_paths": ["/home/app/src"]},
            },
            "ticket_required_tools": ["deploy_service", "scale_service"],
            "change_control": {"ticket_pattern": "^OPS-[0-9]+$", "ticket_member": "ticket"},
        }},
        {"session-context": {"limits": {
            "trigger_payment": {"max_per_session": 3}, "trigger_refund": {"max_per_session": 3},
        }}},
    ]);
    format!("{}\n", json!({"version": 1, "plugins": plugins}))
}
