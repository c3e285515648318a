//! What laws and frameworks ask for, which facts bear on it, and what those do not show.
//!
//! Sources: Regulation (EU) 2024/1689; UK, "A pro-innovation approach to AI regulation" (CP 815)
//! and its response; NIST AI 100-1; OWASP Top 10 for Agentic Applications 2026 and for LLM
//! Applications 2025; MITRE ATLAS 5.6. A technique of ATLAS is named for what incidents are
//! consistent with, never as what they were.

use super::facts::Fact;
use crate::guardian::Kind;

/// What a law or framework asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The law or framework.
    pub framework: &'static str,
    /// Its name there.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What bears on it; nothing if logs and policies cannot.
    pub facts: &'static [Fact],
    /// What these facts do not show.
    pub does_not_show: &'static str,
}

const EU: &str = "EU AI Act";
const UK: &str = "UK AI principles";
const NIST: &str = "NIST AI RMF";
const AGENTIC: &str = "OWASP Agentic";
const LLM: &str = "OWASP LLM";
const ATLAS: &str = "MITRE ATLAS";

const ALL_INCIDENTS: &[Kind] = &Kind::ALL;
const BURSTS: &[Kind] = &[Kind::FrequencySpike, Kind::VolumeSpike];
const SEQUENCES: &[Kind] = &[Kind::SuspiciousSequence];
const ROGUE: &[Kind] = &[
    Kind::FrequencySpike,
    Kind::VolumeSpike,
    Kind::OffHours,
    Kind::AutoKill,
];
const IDENTITY: &[&str] = &[
    "AGENT_REVOKED",
    "AGENT_UNREGISTERED",
    "INSUFFICIENT_TRUST",
    "DELEGATION_DEPTH_EXCEEDED",
];
const ORIGIN: &[&str] = &[
    "PROVENANCE_FAILED",
    "UNVERIFIED_MCP_TOOL",
    "TOOL_UNREGISTERED",
];
const COMMANDS: &[&str] = &[
    "COMMAND_BLOCKED",
    "COMMAND_APPROVAL_REQUIRED",
    "SANDBOX_VIOLATION",
];
const EGRESS: &[&str] = &["EGRESS_BLOCKED", "EGRESS_ALERT"];
const RATES: &[&str] = &["RATE_LIMIT_AGENT", "RATE_LIMIT_TOOL"];

const fn row(
    framework: &'static str,
    id: &'static str,
    title: &'static str,
    facts: &'static [Fact],
    does_not_show: &'static str,
) -> Requirement {
    Requirement {
        framework,
        id,
        title,
        facts,
        does_not_show,
    }
}

/// Every requirement, by framework.
pub const REQUIREMENTS: &[Requirement] = &[
    row(
        EU,
        "Art. 9",
        "risk management",
        &[
            Fact::Rules,
            Fact::DefaultOutcome,
            Fact::Incidents(ALL_INCIDENTS),
        ],
        "that a process of risk management exists; this is input for one",
    ),
    row(
        EU,
        "Art. 10",
        "data governance",
        &[],
        "anything about training, validation and testing data",
    ),
    row(
        EU,
        "Art. 11, Annex IV",
        "technical documentation",
        &[Fact::Policy],
        "that documentation is complete",
    ),
    row(
        EU,
        "Art. 12",
        "record-keeping",
        &[
            Fact::Span,
            Fact::Integrity,
            Fact::Readable,
            Fact::ReasonCodes,
        ],
        "that all events were logged, which cannot be shown; that the system is high-risk",
    ),
    row(
        EU,
        "Art. 13",
        "transparency and information for deployers",
        &[Fact::ReasonCodes],
        "anything about the instructions that deployers were given",
    ),
    row(
        EU,
        "Art. 14",
        "human oversight",
        &[Fact::Approvals, Fact::AskingRules, Fact::KillSwitch],
        "that those who answered were competent or independent: who they were is in no event",
    ),
    row(
        EU,
        "Art. 15",
        "robustness and cybersecurity",
        &[
            Fact::DefaultOutcome,
            Fact::PluginErrors,
            Fact::FailOpen,
            Fact::Codes("denials over a rate limit", RATES),
            Fact::Incidents(ALL_INCIDENTS),
            Fact::Divergences,
        ],
        "accuracy, resilience, or that the system is secure",
    ),
    row(
        EU,
        "Art. 19, 26(6)",
        "logs kept for at least six months",
        &[Fact::Retention],
        "that logs will be kept, or how they are stored",
    ),
    row(
        EU,
        "Art. 26(5)",
        "monitoring by the deployer",
        &[Fact::Incidents(ALL_INCIDENTS), Fact::Guardian],
        "that anybody looked, suspended use or reported",
    ),
    row(
        UK,
        "Principle 1",
        "safety, security and robustness",
        &[
            Fact::DefaultOutcome,
            Fact::PluginErrors,
            Fact::FailOpen,
            Fact::Integrity,
            Fact::Incidents(ALL_INCIDENTS),
        ],
        "anything that could be called meeting it: there is no legal test",
    ),
    row(
        UK,
        "Principle 2",
        "transparency and explainability",
        &[Fact::ReasonCodes, Fact::Rules],
        "why a model did what it did",
    ),
    row(
        UK,
        "Principle 3",
        "fairness",
        &[],
        "anything about fairness: a policy engine is no evidence of it",
    ),
    row(
        UK,
        "Principle 4",
        "accountability and governance",
        &[Fact::Owners, Fact::Policy],
        "that owners act as such",
    ),
    row(
        UK,
        "Principle 5",
        "contestability and redress",
        &[Fact::Approvals],
        "a way to redress for those who are affected",
    ),
    row(
        NIST,
        "GOVERN 1",
        "policies, processes and accountability of the organisation",
        &[],
        "anything about the organisation",
    ),
    row(
        NIST,
        "MAP 3.5",
        "processes for human oversight",
        &[Fact::AskingRules, Fact::Approvals],
        "that the processes are defined, assessed and documented",
    ),
    row(
        NIST,
        "MEASURE 2.4",
        "behaviour in production is monitored",
        &[Fact::Span, Fact::Incidents(ALL_INCIDENTS), Fact::Guardian],
        "that the function of the model itself is monitored",
    ),
    row(
        NIST,
        "MEASURE 2.7",
        "security and resilience are evaluated",
        &[Fact::Integrity, Fact::Divergences, Fact::PluginErrors],
        "an evaluation of the system",
    ),
    row(
        NIST,
        "MEASURE 2.8",
        "transparency and accountability risks are examined",
        &[Fact::ReasonCodes, Fact::Owners],
        "that the risks were examined",
    ),
    row(
        NIST,
        "MEASURE 3.1",
        "risks are tracked over time",
        &[Fact::Incidents(ALL_INCIDENTS), Fact::Span],
        "that anybody tracks them",
    ),
    row(
        NIST,
        "MANAGE 2.4",
        "systems can be superseded, disengaged or deactivated",
        &[Fact::KillSwitch, Fact::Guardian],
        "that responsibilities for it are assigned",
    ),
    row(
        NIST,
        "MANAGE 4.1",
        "monitoring, override and response after deployment",
        &[
            Fact::Approvals,
            Fact::KillSwitch,
            Fact::Incidents(ALL_INCIDENTS),
        ],
        "that incidents were responded to",
    ),
    row(
        NIST,
        "MANAGE 4.3",
        "incidents and errors are tracked",
        &[Fact::Incidents(ALL_INCIDENTS), Fact::PluginErrors],
        "that they were communicated, or anybody recovered from them",
    ),
    row(
        AGENTIC,
        "ASI01",
        "agent goal hijack",
        &[],
        "what agents were told: no content is in a log",
    ),
    row(
        AGENTIC,
        "ASI02",
        "tool misuse and exploitation",
        &[
            Fact::Denials,
            Fact::Incidents(SEQUENCES),
            Fact::Codes("denials of what leaves", EGRESS),
        ],
        "whether calls that were let through were misuse",
    ),
    row(
        AGENTIC,
        "ASI03",
        "identity and privilege abuse",
        &[
            Fact::Codes("denials by identity", IDENTITY),
            Fact::Plugin("identity-enforcer"),
        ],
        "whether an agent was who its id says",
    ),
    row(
        AGENTIC,
        "ASI04",
        "agentic supply chain",
        &[
            Fact::Codes("denials by origin", ORIGIN),
            Fact::Plugin("supply-chain-guard"),
        ],
        "where tools that were let through come from",
    ),
    row(
        AGENTIC,
        "ASI05",
        "unexpected code execution",
        &[
            Fact::ShellTools,
            Fact::Codes("denials of commands", COMMANDS),
            Fact::Plugin("supply-chain-guard"),
            Fact::Plugin("containment"),
        ],
        "what ran: no arguments are in a log",
    ),
    row(
        AGENTIC,
        "ASI06",
        "memory and context poisoning",
        &[],
        "what agents remember",
    ),
    row(
        AGENTIC,
        "ASI07",
        "insecure communication between agents",
        &[],
        "what agents tell each other",
    ),
    row(
        AGENTIC,
        "ASI08",
        "cascading failures",
        &[Fact::Incidents(BURSTS), Fact::Plugin("rate-limiter")],
        "what one failure led to",
    ),
    row(
        AGENTIC,
        "ASI09",
        "human-agent trust exploitation",
        &[Fact::Approvals],
        "whether people were deceived",
    ),
    row(
        AGENTIC,
        "ASI10",
        "rogue agents",
        &[Fact::Incidents(ROGUE), Fact::KillSwitch, Fact::Guardian],
        "what an agent was after",
    ),
    row(
        LLM,
        "LLM01:2025",
        "prompt injection",
        &[],
        "what models were told: no content is in a log",
    ),
    row(
        LLM,
        "LLM02:2025",
        "sensitive information disclosure",
        &[
            Fact::Leaks,
            Fact::Codes("denials of what leaves", EGRESS),
            Fact::Plugin("egress-enforcer"),
        ],
        "what was disclosed in answers of models",
    ),
    row(
        LLM,
        "LLM06:2025",
        "excessive agency",
        &[Fact::Passages, Fact::AskingRules, Fact::DefaultOutcome],
        "whether what was let through was needed",
    ),
    row(
        LLM,
        "LLM10:2025",
        "unbounded consumption",
        &[
            Fact::Incidents(BURSTS),
            Fact::Codes("denials over a rate limit", RATES),
            Fact::Plugin("rate-limiter"),
        ],
        "what was consumed",
    ),
    row(
        ATLAS,
        "AML.T0053",
        "AI agent tool invocation",
        &[Fact::Passages],
        "that an adversary invoked them: this is what agents do",
    ),
    row(
        ATLAS,
        "AML.T0086",
        "exfiltration via AI agent tool invocation",
        &[
            Fact::Incidents(SEQUENCES),
            Fact::Codes("denials of what leaves", EGRESS),
        ],
        "that anything was exfiltrated: incidents are consistent with it",
    ),
    row(
        ATLAS,
        "AML.T0050",
        "command and scripting interpreter",
        &[
            Fact::ShellTools,
            Fact::Codes("denials of commands", COMMANDS),
        ],
        "who was behind it, and what ran",
    ),
    row(
        ATLAS,
        "AML.T0034.002",
        "agentic resource consumption",
        &[Fact::Incidents(BURSTS)],
        "that it was meant: incidents are consistent with it",
    ),
    row(
        ATLAS,
        "AML.T0029",
        "denial of AI service",
        &[Fact::Codes("denials over a rate limit", RATES)],
        "that service was denied to anybody",
    ),
    row(
        ATLAS,
        "AML.T0098",
        "AI agent tool credential harvesting",
        &[],
        "what tools returned",
    ),
    row(
        ATLAS,
        "AML.T0101",
        "data destruction via AI agent tool",
        &[],
        "what calls changed",
    ),
    row(
        ATLAS,
        "AML.M0024",
        "AI telemetry logging",
        &[Fact::Span, Fact::Integrity, Fact::Readable],
        "that all events were logged",
    ),
    row(
        ATLAS,
        "AML.M0026",
        "privileged AI agent permissions",
        &[Fact::Plugin("identity-enforcer"), Fact::Rules],
        "that permissions are as few as possible",
    ),
    row(
        ATLAS,
        "AML.M0028",
        "AI agent tools permissions",
        &[Fact::DefaultOutcome, Fact::Rules, Fact::Denials],
        "that the permissions are right",
    ),
    row(
        ATLAS,
        "AML.M0029",
        "human in-the-loop for AI agent actions",
        &[Fact::Approvals, Fact::AskingRules],
        "that people looked at what they agreed to",
    ),
];
