//! What is sensitive in a record: found in every text of it, reported, and masked in what is kept.

use super::line::Reading;
use super::vocabulary::{Masked, Purpose, Vocabulary};
use super::{FindingKind, Leak, Names, Part};
use crate::replay::pack::IdForm;

impl Reading<'_, '_> {
    /// Looks at every text of the record.
    pub(super) fn screen(&mut self, vocabulary: &mut Vocabulary<'_>) {
        let record = &self.record;
        let (agent, tool) = (record.agent_id, record.tool_name);
        let (environment, plugin) = (record.environment, record.plugin);
        let mut names = Names::default();
        (names.agent, self.record.agent_id) =
            self.name(vocabulary, agent, Purpose::Identity, "agent_id");
        (names.tool, self.record.tool_name) =
            self.name(vocabulary, tool, Purpose::Text, "tool_name");
        (names.environment, self.record.environment) = self.name(
            vocabulary,
            environment,
            Purpose::Text,
            "safe_payload.environment",
        );
        if let Some(plugin) = plugin {
            let (number, part) = self.name(vocabulary, plugin, Purpose::Text, "plugin_source");
            names.plugin = Some(number);
            self.record.plugin = Some(part);
        }
        names.code = self.screen_reasons(vocabulary);
        self.record.names = names;
        if self.record.event_print.form == IdForm::Other {
            self.record.event_id = self.id(vocabulary, self.record.event_id, "event_id");
        }
        if self.record.request_print.form == IdForm::Other {
            self.record.request_id = self.id(vocabulary, self.record.request_id, "request_id");
        }
        if self.record.time.is_none() {
            self.record.timestamp =
                self.message(vocabulary, self.record.timestamp, || "timestamp".to_owned());
        }
        self.screen_payload(vocabulary);
        if let Some(outcome) = self.outcome {
            let shown = self.message(vocabulary, outcome, || "outcome".to_owned());
            let shown = self.text_of(shown).to_owned();
            self.lines
                .trouble(self.number, FindingKind::UnknownOutcome, shown);
        }
        for (name, value) in std::mem::take(&mut self.strange) {
            self.screen_strange(vocabulary, &name, value);
        }
    }

    /// The number of a name, and the name as it may be kept.
    #[inline]
    fn name(
        &mut self,
        vocabulary: &mut Vocabulary<'_>,
        part: Part,
        purpose: Purpose,
        path: &str,
    ) -> (u32, Part) {
        let (number, masked) = vocabulary.name(self.text_of(part), purpose);
        (number, self.hide(part, masked, || path.to_owned()))
    }

    fn message(
        &mut self,
        vocabulary: &mut Vocabulary<'_>,
        part: Part,
        path: impl Fn() -> String,
    ) -> Part {
        let masked = vocabulary.message(self.text_of(part));
        self.hide(part, masked, path)
    }

    fn id(&mut self, vocabulary: &Vocabulary<'_>, part: Part, path: &str) -> Part {
        let masked = vocabulary.mask(self.text_of(part), Purpose::Id, None);
        self.hide(part, masked, || path.to_owned())
    }

    /// Looks at the reasons; returns the number of the code that counts.
    fn screen_reasons(&mut self, vocabulary: &mut Vocabulary<'_>) -> u32 {
        let range = self.first_reason..self.lines.reasons.len();
        let (first, last) = (range.start, range.end.saturating_sub(1));
        let counts = if self.record.settles { last } else { first };
        let mut counting = None;
        for at in range {
            let Some(&[code, message]) = self.lines.reasons.get(at) else {
                continue;
            };
            let path = |member: &str| format!("reasons[{}].{member}", at - first);
            let (number, masked) = vocabulary.name(self.text_of(code), Purpose::Text);
            let code = self.hide(code, masked, || path("code"));
            let message = self.message(vocabulary, message, || path("message"));
            if let Some(reason) = self.lines.reasons.get_mut(at) {
                *reason = [code, message];
            }
            if at == counts {
                counting = Some(number);
            }
        }
        counting.unwrap_or_else(|| vocabulary.name("", Purpose::Text).0)
    }

    /// Looks at what `safe_payload` says otherwise than the event.
    fn screen_payload(&mut self, vocabulary: &mut Vocabulary<'_>) {
        if !self.payload_differs {
            return;
        }
        let payload = &self.payload;
        for (part, path) in [
            (payload.agent_id, "safe_payload.agent_id"),
            (payload.tool_name, "safe_payload.tool_name"),
            (payload.outcome, "safe_payload.outcome"),
        ] {
            if let Some(part) = part {
                self.message(vocabulary, part, || path.to_owned());
            }
        }
    }

    /// Looks at a member that events do not have.
    fn screen_strange(&mut self, vocabulary: &Vocabulary<'_>, name: &str, value: &str) {
        let shown = vocabulary.shown(name).into_owned();
        if let Some(inside) = shown.strip_prefix("safe_payload.") {
            let detail = inside.to_owned();
            self.lines
                .trouble(self.number, FindingKind::UnexpectedMember, detail);
            self.lines.leaks.push(Leak {
                line: self.number,
                path: shown.clone(),
                kind: None,
                shown: String::new(),
            });
        }
        let Ok(value) = serde_json::from_str(value) else {
            return;
        };
        let key = name.rsplit('.').next();
        let (line, leaks) = (self.number, &mut self.lines.leaks);
        vocabulary.search(&value, &shown, key, &mut |path, masked| {
            leaks.extend(masked.found.into_iter().map(|(kind, shown)| Leak {
                line,
                path: path.to_owned(),
                kind: Some(kind),
                shown,
            }));
        });
    }

    /// The text as it may be kept; what it hides is reported.
    fn hide(&mut self, part: Part, masked: Option<Masked>, path: impl Fn() -> String) -> Part {
        let Some(masked) = masked else {
            return part;
        };
        for (kind, shown) in masked.found {
            self.lines.leaks.push(Leak {
                line: self.number,
                path: path(),
                kind: Some(kind),
                shown,
            });
        }
        self.decoded(&masked.text)
    }
}
