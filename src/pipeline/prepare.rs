//! The half of the pipeline that looks at one call alone. Owns who is asked, what is put back
//! before they are asked again, and what they report; remembers nothing between calls.

use super::{Pipeline, Plugin, Ruling, Standing, Step, failed};
use crate::model::bundle::TrustLevel;
use crate::model::decision::Outcome;
use crate::model::request::{Attestation, Name, Request};

/// What was found out about a call without looking at other calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The position of the plugin that ended the matter; that or any greater number than there
    /// are plugins if none did.
    pub stopped_at: usize,
    /// What comes of it.
    pub source: Source,
    /// What plugins report of it, in their order.
    pub alerts: Vec<Raised>,
}

/// Where a decision comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the rules: the index of the rule, none for the default, and the outcome.
    Rules(Option<usize>, Outcome),
    /// From the plugin at a position.
    Plugin(usize, Ruling),
    /// From nowhere: the recording lacks something.
    Undecidable(&'static str),
}

/// What a plugin reports without deciding anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The reason code.
    pub code: &'static str,
    /// For people. It reaches audit logs, so it must hold nothing of the arguments or the result.
    pub message: String,
}

/// An alert, and who raised it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The position of the plugin.
    pub plugin: usize,
    /// What it reports.
    pub alert: Alert,
}

/// The code of alerts about results at which a plugin failed to look, and of decisions about calls
/// for which one failed.
pub const PLUGIN_ERROR: &str = "PLUGIN_ERROR";

impl Pipeline {
    /// Asks what every plugin says of `call` alone, up to the first that decides or cannot, and
    /// then `rules`; amends `call`.
    pub fn prepare(
        &self,
        call: &mut Request,
        standing: Standing,
        mut rules: impl FnMut(&mut Request) -> Source,
    ) -> Prepared {
        self.ask(call, standing, &mut [], &mut rules)
    }

    /// The same for an agent of each standing, the usual one first. The second is `None` if it is
    /// the same. Plugins and rules that were asked for the first are not asked again where their
    /// answer cannot differ.
    pub fn prepare_both(
        &self,
        call: &mut Request,
        mut rules: impl FnMut(&mut Request) -> Source,
    ) -> (Prepared, Option<Box<Prepared>>) {
        let agent = call.agent_id.map_or(&b""[..], |agent| call.name(agent));
        if !self.heeds_standing_of(agent) {
            return (self.prepare(call, Standing::Usual, rules), None);
        }
        let amendable = Amendable::of(call);
        let mut lasting = vec![None; self.entries.len()];
        let usual = self.ask(call, Standing::Usual, &mut lasting, &mut rules);
        amendable.restore(call);
        let denied = self.ask(call, Standing::ManyDenials, &mut lasting, &mut rules);
        let differs = denied != usual;
        (usual, differs.then(|| Box::new(denied)))
    }

    /// `lasting` holds what plugins said whose answer lasts whatever is amended.
    fn ask(
        &self,
        call: &mut Request,
        standing: Standing,
        lasting: &mut [Option<Step>],
        rules: &mut dyn FnMut(&mut Request) -> Source,
    ) -> Prepared {
        let mut alerts = Vec::new();
        for (position, entry) in self.entries.iter().enumerate() {
            let known = lasting.get_mut(position);
            let step = match &known {
                Some(Some(step)) => step.clone(),
                _ => entry.before(call, standing),
            };
            if let Some(known) = known.filter(|_| !entry.plugin.heeds_amendments()) {
                *known = Some(step.clone());
            }
            let source = match step {
                Step::Continue => continue,
                Step::Alert(alert) => {
                    alerts.push(Raised {
                        plugin: position,
                        alert,
                    });
                    continue;
                }
                Step::Decide(ruling) => Source::Plugin(position, ruling),
                Step::Undecidable(reason) => Source::Undecidable(reason),
                Step::Fail(reason) => Source::Plugin(position, failed(&reason)),
            };
            return Prepared {
                stopped_at: position,
                source,
                alerts,
            };
        }
        Prepared {
            stopped_at: usize::MAX,
            source: rules(call),
            alerts,
        }
    }

    /// Whether any plugin looks at what tools return.
    pub fn looks_at_results(&self) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.plugin.looks_at().results())
    }

    /// What plugins report of what the tool returned, in their order; nothing if the recording
    /// does not hold it. A plugin that fails is reported too, whether or not it is to fail open:
    /// the call was made, and nothing can be undone.
    pub fn results(&self, call: &Request) -> Vec<Raised> {
        let mut raised = Vec::new();
        let Some(returned) = call.returned.as_deref() else {
            return raised;
        };
        if returned.bytes.is_none() {
            return raised;
        }
        for (plugin, entry) in self.entries.iter().enumerate() {
            if !entry.plugin.looks_at().results() {
                continue;
            }
            let mut report = |alert| raised.push(Raised { plugin, alert });
            let looked = if entry.sabotaged {
                Err("made to fail".to_owned())
            } else {
                entry.plugin.returned(call, returned, &mut report)
            };
            if let Err(reason) = looked {
                report(Alert {
                    code: PLUGIN_ERROR,
                    message: format!("the plugin failed: {reason}"),
                });
            }
        }
        raised
    }
}

/// A plugin with what was said of it.
pub(super) struct Entry {
    pub(super) plugin: Box<dyn Plugin>,
    pub(super) on_failure: OnFailure,
    /// Made to fail, to show what a crash would let through.
    pub(super) sabotaged: bool,
}

/// What becomes of a call for which a plugin fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It is denied.
    Deny,
    /// It goes on as if the plugin were not there.
    Continue,
}

impl Entry {
    /// What the plugin says of one call alone, or what stands in for it when it fails.
    fn before(&self, call: &mut Request, standing: Standing) -> Step {
        if !self.plugin.looks_at().calls() {
            return Step::Continue;
        }
        if self.sabotaged {
            return self.heed(Step::Fail("made to fail".to_owned()));
        }
        self.heed(self.plugin.before(call, standing))
    }

    pub(super) fn heed(&self, step: Step) -> Step {
        match (step, self.on_failure) {
            (Step::Fail(_), OnFailure::Continue) => Step::Continue,
            (step, _) => step,
        }
    }
}

/// What plugins may amend of a call, to be put back before they are asked again.
pub struct Amendable {
    agent_type: Option<Name>,
    environment: Option<Name>,
    trust_level: Option<TrustLevel>,
    attestation: Option<Attestation>,
    max_delegation_depth: Option<u32>,
    roles: Vec<Name>,
    data_labels: Vec<Name>,
}

impl Amendable {
    /// What it is now.
    pub fn of(request: &Request) -> Self {
        Self {
            agent_type: request.agent_type,
            environment: request.environment,
            trust_level: request.trust_level,
            attestation: request.attestation,
            max_delegation_depth: request.max_delegation_depth,
            roles: request.roles.clone(),
            data_labels: request.data_labels.clone(),
        }
    }

    /// Puts it back.
    pub fn restore(self, request: &mut Request) {
        request.agent_type = self.agent_type;
        request.environment = self.environment;
        request.trust_level = self.trust_level;
        request.attestation = self.attestation;
        request.max_delegation_depth = self.max_delegation_depth;
        // The request keeps its buffers, which have room for the next call.
        request.roles.clone_from(&self.roles);
        request.data_labels.clone_from(&self.data_labels);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::document::{Format, Limits};
    use crate::import::native;
    use crate::json::Scanner;

    /// Takes the trust and the labels of calls of agents that stand as usual.
    struct Taking;

    impl Plugin for Taking {
        fn name(&self) -> &str {
            "taking"
        }

        fn before(&self, call: &mut Request, standing: Standing) -> Step {
            if standing == Standing::Usual {
                call.trust_level = None;
                call.data_labels.clear();
            }
            Step::Continue
        }

        fn heeds_standing(&self) -> bool {
            true
        }
    }

    /// Counts how often it is asked, and heeds nothing that may be amended.
    struct Counting(Arc<AtomicUsize>);

    impl Plugin for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn before(&self, _: &mut Request, _: Standing) -> Step {
            self.0.fetch_add(1, Ordering::Relaxed);
            Step::Continue
        }

        fn heeds_amendments(&self) -> bool {
            false
        }
    }

    #[test]
    fn what_is_amended_for_one_standing_is_not_for_the_other() {
        let asked = Arc::default();
        let mut pipeline = Pipeline::default();
        pipeline.push(Box::new(Counting(Arc::clone(&asked))), OnFailure::Deny);
        pipeline.push(Box::new(Taking), OnFailure::Deny);
        let mut call = Request::default();
        call.trust_level = Some(TrustLevel::Basic);
        let (usual, denied) = pipeline.prepare_both(&mut call, |call| {
            let outcome = match call.trust_level {
                Some(_) => Outcome::Allow,
                None => Outcome::Deny,
            };
            Source::Rules(None, outcome)
        });
        assert_eq!(usual.source, Source::Rules(None, Outcome::Deny));
        let denied = denied.expect("another answer");
        assert_eq!(denied.source, Source::Rules(None, Outcome::Allow));
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn rules_about_labels_see_what_is_amended() {
        let file = br#"{"version": 1, "plugins": [{"egress-enforcer": {"default_action": "allow",
            "rules": [{"id": "R", "data_labels_any": ["secret"], "action": "block"}]}}]}"#;
        let loaded = crate::pipeline::load(file, "p", Format::Json, Limits::default());
        let mut pipeline = Pipeline::default();
        pipeline.push(Box::new(Taking), OnFailure::Deny);
        for entry in &loaded.expect("a pipeline").pipeline.plugins {
            pipeline.configure(entry);
        }
        let line = br#"{"action": {"tool_name": "send"}, "context": {"data_labels": ["secret"]}}"#;
        let mut call = Request::default();
        native::read(&mut Scanner::new(line), &mut call).expect("a call");
        let rules = |_: &mut Request| Source::Rules(None, Outcome::Allow);
        let (usual, denied) = pipeline.prepare_both(&mut call, rules);
        assert_eq!(usual.source, Source::Rules(None, Outcome::Allow));
        let denied = denied.expect("another answer").source;
        assert!(matches!(denied, Source::Plugin(1, _)), "{denied:?}");
    }
}
