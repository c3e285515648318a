//! What lints are told about a document. Owns how much of a document that does not load can still
//! be judged: each part that has no problem of its own.

use serde::de::DeserializeOwned;

use super::Context;
use super::examine::Examined;
use super::patterns::{PatternList, PatternSubject, Use};
use crate::diagnostic::{Problem, Route};
use crate::document::{Document, Node, NodeKind};
use crate::model::bundle::{Defaults, Rule};
use crate::model::decision::Outcome;
use crate::model::manifest::Tool;
use crate::model::pipeline::output::OutputPattern;
use crate::model::pipeline::registry::Registry;
use crate::model::pipeline::supply_chain_guard::{Provenance, ProvenanceSource};
use crate::model::pipeline::{PipelineFile, RegistrySource};
use crate::time::Timestamp;

/// A document as far as it could be read.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What messages call it.
    pub name: String,
    /// Its text and where everything stands in it.
    pub document: Document,
    /// Why it cannot be loaded, if it cannot; in the order of the text.
    pub problems: Vec<Problem>,
    /// What it says.
    pub content: Content,
}

/// What a document says, by its kind.
#[derive(Clone, Debug)]
pub enum Content {
    /// A policy bundle.
    Bundle(Box<BundleSubject>),
    /// A pipeline file.
    Pipeline(Box<PipelineSubject>),
    /// A registry of agents and tools.
    Registry(Box<RegistrySubject>),
    /// The manifest of an MCP server, or its list of tools.
    Manifest(Box<ManifestSubject>),
    /// A record of what manifests were.
    Provenance(Box<ProvenanceSubject>),
    /// Patterns by themselves.
    Patterns(Box<PatternList>),
}

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A policy bundle.
    Bundle,
    /// A pipeline file.
    Pipeline,
    /// A registry of agents and tools.
    Registry,
    /// The manifest of an MCP server, or its list of tools.
    Manifest,
    /// A record of what manifests were.
    Provenance,
    /// Patterns by themselves.
    Patterns,
}

/// A bundle.
#[derive(Clone, Debug)]
pub struct BundleSubject {
    /// Everything it says.
    pub root: Node,
    /// The rules in order; `None` where one cannot be read.
    pub rules: Vec<Option<Rule>>,
    /// What is decided when no rule matches.
    pub default: Option<Outcome>,
    /// What stands beside its file.
    pub beside: Beside,
}

/// What stands beside the file of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// A detached signature.
    Envelope,
    /// Nothing that concerns it.
    Nothing,
}

/// A pipeline file.
#[derive(Clone, Debug)]
pub struct PipelineSubject {
    /// Everything it says.
    pub root: Node,
    /// The pipeline without the parts that cannot be read. An entry of `plugins` that cannot be
    /// read is there, and empty.
    pub pipeline: PipelineFile,
    /// Its registry, from here or from the file that it names.
    pub registry: Option<RegistrySubject>,
    /// Its record of manifests, from here or from the file that it names.
    pub provenance: Option<ProvenanceSubject>,
    /// Where it names files that cannot be used, and why they cannot.
    pub unusable: Vec<(Route, String)>,
}

/// A file that a pipeline file names, by its path from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is named.
    pub route: Route,
    /// Its path.
    pub path: String,
    /// What it should be.
    pub kind: Kind,
}

/// A record of what manifests were.
#[derive(Clone, Debug)]
pub struct ProvenanceSubject {
    /// Where in its document it stands; `None` if that is another document than the one that has it.
    pub route: Option<Route>,
    /// The record.
    pub record: Provenance,
}

/// A registry of agents and tools.
#[derive(Clone, Debug)]
pub struct RegistrySubject {
    /// Where in its document it stands; `None` if that is another document than the one that has it.
    pub route: Option<Route>,
    /// The registry.
    pub registry: Registry,
}

/// The manifest of an MCP server.
#[derive(Clone, Debug)]
pub struct ManifestSubject {
    /// Everything it says.
    pub root: Node,
    /// Whether it says who publishes the server, or is the answer to `tools/list`.
    pub extent: Extent,
    /// Where its tools stand.
    pub tools_route: Route,
    /// The tools in order; `None` where one cannot be read.
    pub tools: Vec<Option<Tool>>,
}

/// How much a manifest says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Who publishes it, what it may do, and its tools.
    Whole,
    /// Its tools, as the server lists them.
    ToolsOnly,
}

impl Kind {
    /// What messages call a document of this kind, with its article.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "a policy bundle",
            Self::Pipeline => "a pipeline file",
            Self::Registry => "a registry of agents and tools",
            Self::Manifest => "an MCP manifest",
            Self::Provenance => "a record of manifests",
            Self::Patterns => "a list of patterns",
        }
    }

    /// The kind as reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Pipeline => "pipeline",
            Self::Registry => "registry",
            Self::Manifest => "manifest",
            Self::Provenance => "provenance",
            Self::Patterns => "patterns",
        }
    }
}

impl Content {
    /// What kind of document it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Bundle(_) => Kind::Bundle,
            Self::Pipeline(_) => Kind::Pipeline,
            Self::Registry(_) => Kind::Registry,
            Self::Manifest(_) => Kind::Manifest,
            Self::Provenance(_) => Kind::Provenance,
            Self::Patterns(_) => Kind::Patterns,
        }
    }

    /// The registry that stands in it.
    pub(super) fn registry(&self) -> Option<&RegistrySubject> {
        match self {
            Self::Registry(registry) => Some(registry),
            Self::Pipeline(pipeline) => {
                let registry = pipeline.registry.as_ref();
                registry.filter(|registry| registry.route.is_some())
            }
            _ => None,
        }
    }

    /// The record of manifests that it has, and where it stands.
    pub(super) fn provenance(&self) -> Option<(Option<Route>, &Provenance)> {
        let subject = match self {
            Self::Provenance(provenance) => provenance,
            Self::Pipeline(pipeline) => pipeline.provenance.as_ref()?,
            _ => return None,
        };
        Some((subject.route.clone(), &subject.record))
    }

    /// The patterns that stand in it.
    pub(super) fn patterns<'a>(&'a self, context: &Context) -> Vec<PatternSubject<'a>> {
        match self {
            Self::Bundle(bundle) => bundle.patterns(context),
            Self::Pipeline(pipeline) => pipeline.patterns(context),
            Self::Patterns(list) => list.patterns(context),
            _ => Vec::new(),
        }
    }
}

impl BundleSubject {
    pub(super) fn new(root: &Node, problems: &[Problem], beside: Beside) -> Self {
        let defaults: Option<Defaults> =
            root.get("defaults").and_then(|node| sound(node, problems));
        Self {
            root: root.clone(),
            rules: each(root.get("rules"), problems),
            default: defaults.map(|defaults| defaults.outcome),
            beside,
        }
    }

    /// The rules that can be read, with their indices.
    pub fn rules(&self) -> impl Iterator<Item = (usize, &Rule)> {
        let rules = self.rules.iter().enumerate();
        rules.filter_map(|(index, rule)| Some((index, rule.as_ref()?)))
    }

    /// The route of a rule.
    pub fn route(index: usize) -> Route {
        Route::root().key("rules").index(index)
    }

    /// When it was made, as written and as a time.
    pub fn generated_at(&self) -> Option<(&str, Timestamp)> {
        instant(&self.root, "generated_at")
    }

    /// From when on it is refused, as written and as a time.
    pub fn expires_at(&self) -> Option<(&str, Timestamp)> {
        instant(&self.root, "expires_at")
    }

    fn patterns<'a>(&'a self, context: &Context) -> Vec<PatternSubject<'a>> {
        let patterns = self.rules().filter_map(|(index, rule)| {
            let text = rule.when.as_ref()?.matches_regex.as_deref()?;
            Some(PatternSubject {
                route: Self::route(index).key("when").key("matches_regex"),
                text,
                used: Use::Rule { index, rule },
                compiled: context.patterns.get(text),
            })
        });
        patterns.collect()
    }
}

impl PipelineSubject {
    pub(super) fn new(root: &Node, problems: &[Problem]) -> Self {
        let entries = root
            .get("plugins")
            .map(|plugins| each(Some(plugins), problems));
        let entries = entries.unwrap_or_default().into_iter();
        let part = |key| root.get(key);
        let pipeline = PipelineFile {
            version: 1,
            defaults: part("defaults").and_then(|node| sound(node, problems)),
            tools: part("tools").and_then(|node| sound(node, problems)),
            plugins: entries.map(Option::unwrap_or_default).collect(),
            guardian: part("guardian").and_then(|node| sound(node, problems)),
            approvals: part("approvals").and_then(|node| sound(node, problems)),
            audit: part("audit").and_then(|node| sound(node, problems)),
        };
        let mut subject = Self {
            root: root.clone(),
            pipeline,
            registry: None,
            provenance: None,
            unusable: Vec::new(),
        };
        for (index, entry) in subject.pipeline.plugins.iter().enumerate() {
            if let Some(options) = &entry.identity_enforcer
                && let Some(RegistrySource::Inline(registry)) = &options.registry
            {
                subject.registry = Some(RegistrySubject {
                    route: Some(Self::route(index, "identity-enforcer").key("registry")),
                    registry: registry.as_ref().clone(),
                });
            }
            if let Some(options) = &entry.supply_chain_guard
                && let Some(ProvenanceSource::Inline(record)) = &options.provenance
            {
                subject.provenance = Some(ProvenanceSubject {
                    route: Some(Self::route(index, "supply-chain-guard").key("provenance")),
                    record: record.as_ref().clone(),
                });
            }
        }
        subject
    }

    /// The plugins by their entries, with their options as they are written.
    pub fn plugins(&self) -> impl Iterator<Item = (usize, &str, &Node)> {
        let entries = self.root.get("plugins").and_then(Node::as_array);
        let entries = entries.unwrap_or(&[]).iter().enumerate();
        entries.filter_map(|(index, entry)| match &entry.kind {
            NodeKind::Object(members) => {
                let plugin = members.first()?;
                Some((index, plugin.key.as_str(), &plugin.value))
            }
            _ => None,
        })
    }

    /// The files that it names.
    pub fn named_files(&self) -> Vec<NamedFile> {
        let mut files = Vec::new();
        for (index, entry) in self.pipeline.plugins.iter().enumerate() {
            if let Some(options) = &entry.identity_enforcer
                && let Some(RegistrySource::File(path)) = &options.registry
            {
                files.push(NamedFile {
                    route: Self::route(index, "identity-enforcer").key("registry"),
                    path: path.clone(),
                    kind: Kind::Registry,
                });
            }
            if let Some(options) = &entry.supply_chain_guard
                && let Some(ProvenanceSource::File(path)) = &options.provenance
            {
                files.push(NamedFile {
                    route: Self::route(index, "supply-chain-guard").key("provenance"),
                    path: path.clone(),
                    kind: Kind::Provenance,
                });
            }
        }
        files
    }

    /// Takes what a file that it names turned out to be, or why it cannot be read.
    pub fn take(&mut self, file: &NamedFile, found: Result<Examined, String>) {
        let found = match found {
            Ok(Examined::Document(subject)) if subject.problems.is_empty() => Ok(subject.content),
            Ok(Examined::Document(subject)) => Err(subject.problems.first().map_or_else(
                || format!("`{}` cannot be loaded", file.path),
                |problem| format!("`{}` cannot be loaded: {}", file.path, problem.message),
            )),
            Ok(Examined::Broken(error)) => Err(error.to_string()),
            Ok(Examined::Other { .. }) => {
                Err(format!("`{}` is not {}", file.path, file.kind.name()))
            }
            Err(reason) => Err(reason),
        };
        match (file.kind, found) {
            (Kind::Registry, Ok(Content::Registry(registry))) => {
                self.registry = Some(RegistrySubject {
                    route: None,
                    ..*registry
                });
            }
            (Kind::Provenance, Ok(Content::Provenance(provenance))) => {
                self.provenance = Some(ProvenanceSubject {
                    route: None,
                    ..*provenance
                });
            }
            (_, Ok(content)) => self.unusable.push((
                file.route.clone(),
                format!(
                    "`{}` is {}, not {}",
                    file.path,
                    content.kind().name(),
                    file.kind.name()
                ),
            )),
            (_, Err(reason)) => self.unusable.push((file.route.clone(), reason)),
        }
    }

    fn patterns<'a>(&'a self, context: &Context) -> Vec<PatternSubject<'a>> {
        let mut patterns = Vec::new();
        let mut add = |plugin, route, text: &'a str| {
            patterns.push(PatternSubject {
                route,
                text,
                used: Use::Plugin(plugin),
                compiled: context.patterns.get(text),
            });
        };
        for (index, entry) in self.pipeline.plugins.iter().enumerate() {
            let route = |plugin| Self::route(index, plugin);
            if let Some(options) = &entry.egress_enforcer {
                let list = route("egress-enforcer").key("custom_patterns");
                for (number, custom) in options.custom_patterns.iter().enumerate() {
                    let route = list.index(number).key("pattern");
                    add("egress-enforcer", route, &custom.pattern);
                }
            }
            if let Some(options) = &entry.containment
                && let Some(control) = &options.change_control
                && let Some(pattern) = &control.ticket_pattern
            {
                let route = route("containment")
                    .key("change_control")
                    .key("ticket_pattern");
                add("containment", route, pattern);
            }
            if let Some(options) = &entry.output_validator {
                let list = route("output-validator").key("patterns");
                for (number, pattern) in options.patterns.iter().enumerate() {
                    let route = list.index(number);
                    match pattern {
                        OutputPattern::Plain(text) => add("output-validator", route, text),
                        OutputPattern::Named(named) => {
                            add("output-validator", route.key("pattern"), &named.pattern);
                        }
                    }
                }
            }
        }
        patterns
    }

    /// The route of the options of a plugin, by the index of its entry.
    pub fn route(index: usize, plugin: &str) -> Route {
        Route::root().key("plugins").index(index).key(plugin)
    }
}

impl RegistrySubject {
    pub(super) fn new(root: &Node, problems: &[Problem]) -> Self {
        let list = |key| root.get(key);
        let names = |key| {
            each::<String>(list(key), problems)
                .into_iter()
                .flatten()
                .collect()
        };
        Self {
            route: Some(Route::root()),
            registry: sound(root, problems).unwrap_or_else(|| Registry {
                agents: each(list("agents"), problems)
                    .into_iter()
                    .flatten()
                    .collect(),
                revoked_agents: names("revoked_agents"),
                tools: None,
                revoked_tools: names("revoked_tools"),
            }),
        }
    }
}

impl ProvenanceSubject {
    pub(super) fn new(root: &Node, problems: &[Problem]) -> Self {
        let tools = each(root.get("tools"), problems);
        Self {
            route: Some(Route::root()),
            record: Provenance {
                tools: tools.into_iter().flatten().collect(),
            },
        }
    }
}

impl ManifestSubject {
    pub(super) fn new(root: &Node, problems: &[Problem]) -> Self {
        let (head, route, extent) = match root.get("result") {
            Some(result) => (result, Route::root().key("result"), Extent::ToolsOnly),
            None if root.get("name").is_none() && root.get("permissions").is_none() => {
                (root, Route::root(), Extent::ToolsOnly)
            }
            None => (root, Route::root(), Extent::Whole),
        };
        Self {
            root: root.clone(),
            extent,
            tools_route: route.key("tools"),
            tools: each(head.get("tools"), problems),
        }
    }

    /// The tools that can be read, with their routes.
    pub fn tools(&self) -> impl Iterator<Item = (Route, &Tool)> {
        let tools = self.tools.iter().enumerate();
        tools.filter_map(|(index, tool)| Some((self.tools_route.index(index), tool.as_ref()?)))
    }
}

/// The elements of a list; `None` where one has a problem.
fn each<T: DeserializeOwned>(list: Option<&Node>, problems: &[Problem]) -> Vec<Option<T>> {
    let nodes = list.and_then(Node::as_array).unwrap_or(&[]);
    nodes.iter().map(|node| sound(node, problems)).collect()
}

/// The value of a part of the document in which there is no problem. `problems` are in the order
/// of the text.
fn sound<T: DeserializeOwned>(node: &Node, problems: &[Problem]) -> Option<T> {
    let first = problems.partition_point(|problem| problem.span.start < node.span.start);
    match problems.get(first) {
        Some(problem) if problem.span.start < node.span.end => None,
        _ => T::deserialize(node).ok(),
    }
}

fn instant<'n>(root: &'n Node, key: &str) -> Option<(&'n str, Timestamp)> {
    let text = root.get(key)?.as_str()?;
    Some((text, Timestamp::parse(text.as_bytes())?))
}
