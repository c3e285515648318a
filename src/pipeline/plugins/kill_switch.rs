//! `kill-switch`: stops one agent, or all.
//!
//! **What.** Denies every call of an agent listed in `agents` (`AGENT_KILL_SWITCH`), and with
//! `global: true` every call (`GLOBAL_KILL_SWITCH`). A call whose agent is not known may be that of a
//! listed one: it cannot be decided.
//!
//! **Why.** When a key leaks or an agent runs wild, it must stop now, before any rule is changed.
//! Put it first; never let it fail open.
//!
//! ```yaml
//! - kill-switch: { agents: { rogue-1: "key leaked" } }
//! ```

use std::collections::HashMap;

use crate::model::pipeline::KillSwitch as Options;
use crate::model::request::Request;
use crate::pipeline::{NO_AGENT, Plugin, Ruling, Standing, Step};

/// The agents that are stopped.
pub(super) struct KillSwitch {
    global: bool,
    agents: HashMap<Box<[u8]>, String, foldhash::fast::RandomState>,
}

impl KillSwitch {
    pub(super) fn new(options: &Options) -> Self {
        let agents = options.agents.iter();
        Self {
            global: options.global,
            agents: agents
                .map(|(agent, reason)| (agent.as_bytes().into(), reason.clone()))
                .collect(),
        }
    }
}

impl Plugin for KillSwitch {
    fn name(&self) -> &str {
        "kill-switch"
    }

    fn before(&self, call: &mut Request, _: Standing) -> Step {
        if self.global {
            let message = "the kill switch stops every agent";
            return Step::Decide(Ruling::deny("GLOBAL_KILL_SWITCH", message));
        }
        if self.agents.is_empty() {
            return Step::Continue;
        }
        let Some(agent) = call.agent() else {
            return Step::Undecidable(NO_AGENT);
        };
        match self.agents.get(agent) {
            Some(reason) => {
                let message = format!("the kill switch stops this agent: {reason}");
                Step::Decide(Ruling::deny("AGENT_KILL_SWITCH", message))
            }
            None => Step::Continue,
        }
    }
}
