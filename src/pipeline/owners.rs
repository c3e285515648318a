//! Who answers for an agent, for reports. Owns looking that up; nothing is decided by it.

use std::collections::HashMap;

use crate::model::pipeline::{PipelineFile, RegistrySource};

/// The owners that a pipeline file and its registry name.
#[derive(Default)]
pub(super) struct Owners {
    by_agent: HashMap<Box<str>, Box<str>, foldhash::fast::RandomState>,
    /// Of agents for whom the registry names nobody.
    others: Option<Box<str>>,
}

impl Owners {
    pub(super) fn new(file: &PipelineFile) -> Self {
        let mut owners = Self::default();
        let defaults = file.defaults.as_ref();
        owners.others = defaults.and_then(|all| Some(all.owner.as_deref()?.into()));
        let identities = file
            .plugins
            .iter()
            .filter_map(|entry| entry.identity_enforcer.as_ref());
        for options in identities {
            let Some(RegistrySource::Inline(registry)) = &options.registry else {
                continue;
            };
            let owned = registry.agents.iter().filter_map(|agent| {
                let owner = agent.owner.as_deref()?;
                Some((agent.agent_id.as_str().into(), owner.into()))
            });
            owners.by_agent.extend(owned);
        }
        owners
    }

    pub(super) fn of(&self, agent: &str) -> Option<&str> {
        self.by_agent
            .get(agent)
            .or(self.others.as_ref())
            .map(|owner| &**owner)
    }
}
