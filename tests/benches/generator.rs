//! Recorded calls that look like those of a company's agents, the same bytes for the same seed on
//! every machine. Owns what a call looks like; [`policy`] and [`pipeline`] make what decides
//! such calls.
//!
//! The shares follow recordings of real agents: lines of about 1 kB, a few of 10 to 50 kB, texts
//! in several scripts, half of the writers escaping what is not ASCII, a little personal data.

pub(crate) mod pipeline;
pub(crate) mod policy;
mod words;

use agent_spm::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use words::{DEPARTMENTS, DOMAINS, FILE_ENDINGS, Random, word};

const AGENTS: usize = 200;
const SESSIONS_PER_AGENT: usize = 10;

/// 2026-03-02T08:00:00Z in microseconds after 1970.
const START: i64 = 1_772_438_400_000_000;

const ENVIRONMENTS: &str = "prod prod prod staging dev";
const AGENT_TYPES: &str = "ide_agent pr_agent chat_agent workflow_agent";
const TRUST_LEVELS: &str = "untrusted basic verified verified privileged";
const PROVIDERS: &str = "built-in mcp langchain custom";
const LABELS: &str = "PII PCI PHI INTERNAL CONFIDENTIAL SECRET";
const ROLES: &str = "\
    finance.reader finance.writer mail.sender db.reader db.writer code.reader code.writer \
    deployer on-call support.first support.second hr.reader analyst auditor admin security";

/// What arguments a tool takes.
#[derive(Clone, Copy)]
enum Kind {
    Query,
    Message,
    Request,
    Command,
    File,
    Search,
    Payment,
    Deployment,
    Repository,
    Record,
}

/// The 60 tools, by what arguments they take.
const TOOLS: &[(Kind, &str)] = &[
    (
        Kind::Query,
        "query_customers query_orders query_ledger query_logs mcp_warehouse_query",
    ),
    (
        Kind::Message,
        "send_email send_chat_message send_text_message post_comment mcp_chat_post",
    ),
    (
        Kind::Request,
        "http_request fetch_url browser_open browser_submit call_webhook",
    ),
    (
        Kind::Command,
        "run_shell run_python run_tests run_notebook kubectl",
    ),
    (
        Kind::File,
        "read_file write_file edit_file apply_patch mcp_drive_upload mcp_drive_read \
         read_secrets",
    ),
    (
        Kind::Search,
        "web_search search_code search_tickets vector_search mcp_wiki_search \
         mcp_drive_search",
    ),
    (
        Kind::Payment,
        "trigger_payment trigger_refund create_invoice approve_expense update_ledger \
         export_report",
    ),
    (
        Kind::Deployment,
        "deploy_service roll_back_service scale_service restart_service \
         set_feature_flag",
    ),
    (
        Kind::Repository,
        "git_commit git_push git_merge create_pull_request review_pull_request \
         merge_pull_request",
    ),
    (
        Kind::Record,
        "create_ticket update_ticket close_ticket update_customer delete_customer \
         schedule_meeting mcp_tracker_update mcp_wiki_update translate_text \
         summarize_text",
    ),
];

#[derive(Serialize)]
struct Call<'a> {
    request_id: String,
    timestamp: String,
    agent: &'a Agent,
    action: Action<'a>,
    context: Context<'a>,
}

#[derive(Serialize)]
struct Agent {
    agent_id: String,
    name: String,
    owner: String,
    environment: &'static str,
    #[serde(flatten)]
    registration: Option<Registration>,
    #[serde(skip)]
    escapes: bool,
}

/// What only some recordings say of an agent.
#[derive(Serialize)]
struct Registration {
    agent_type: &'static str,
    trust_level: &'static str,
    roles: Vec<&'static str>,
}

#[derive(Serialize)]
struct Action<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    tool_name: &'a str,
    tool_args: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_identity: Option<Value>,
}

#[derive(Serialize)]
struct Context<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_input: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    data_labels: Vec<&'a str>,
    trace_id: String,
    session_id: String,
}

/// An endless recording.
pub(crate) struct Recording {
    random: Random,
    agents: Vec<Agent>,
    milliseconds: i64,
}

impl Recording {
    /// The recording of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            agents: (0..AGENTS)
                .map(|number| agent(number, &mut random))
                .collect(),
            random,
            milliseconds: 0,
        }
    }

    /// Appends the next call to `lines`.
    pub(crate) fn append_call(&mut self, lines: &mut Vec<u8>) {
        let Self {
            random,
            agents,
            milliseconds,
        } = self;
        *milliseconds += random.between(0, 30) as i64;
        // Few agents make most of the calls.
        let number = random.below(AGENTS).min(random.below(AGENTS));
        let Some(agent) = agents.get(number) else {
            return;
        };
        let (kind, names) = random.pick(TOOLS);
        let tool = random.one_of(names);
        let session = number * SESSIONS_PER_AGENT + random.below(SESSIONS_PER_AGENT);
        let mut writer = Writer::new(random);
        let call = Call {
            request_id: writer.random.hexadecimal(32),
            timestamp: Timestamp::from_micros(START + *milliseconds * 1000).to_string(),
            agent,
            action: Action {
                kind: if matches!(kind, Kind::Command) {
                    "shell"
                } else {
                    "tool_call"
                },
                tool_name: tool,
                tool_args: writer.arguments(kind),
                tool_identity: writer.identity(tool),
            },
            context: Context {
                user_input: writer.random.chance(0.7).then(|| writer.text(20, 190)),
                data_labels: if writer.random.chance(0.25) {
                    vec![writer.random.one_of(LABELS)]
                } else {
                    Vec::new()
                },
                trace_id: writer.random.hexadecimal(32),
                session_id: format!("session-{session:04}"),
            },
        };
        let line = serde_json::to_string(&call).expect("a call is JSON");
        append_line(&line, agent.escapes, lines);
    }
}

fn agent(number: usize, random: &mut Random) -> Agent {
    let department = random.one_of(DEPARTMENTS);
    let registration = random.chance(0.6).then(|| Registration {
        agent_type: random.one_of(AGENT_TYPES),
        trust_level: random.one_of(TRUST_LEVELS),
        roles: (0..random.between(1, 3))
            .map(|_| random.one_of(ROLES))
            .collect(),
    });
    Agent {
        agent_id: format!("{department}-agent-{number:03}"),
        name: format!("Agent {number} of {department}"),
        owner: format!("{department}@acme.example"),
        environment: random.one_of(ENVIRONMENTS),
        registration,
        escapes: random.chance(0.5),
    }
}

/// Appends a line of JSON, with every character that is not ASCII escaped or none.
fn append_line(line: &str, escapes: bool, lines: &mut Vec<u8>) {
    let mut escaped = String::new();
    for c in line.chars() {
        if escapes && !c.is_ascii() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    lines.extend_from_slice(escaped.as_bytes());
    lines.push(b'\n');
}

/// Writes the texts of one call.
struct Writer<'r> {
    random: &'r mut Random,
    /// Whether words of other scripts are mixed in.
    foreign: bool,
    /// Something personal or secret that the next long text will hold.
    secret: Option<String>,
    /// The next long text is 10 to 50 kB long.
    large: bool,
}

impl<'r> Writer<'r> {
    fn new(random: &'r mut Random) -> Self {
        Self {
            foreign: random.chance(0.18),
            secret: random.chance(0.03).then(|| words::secret(random)),
            large: random.chance(0.008),
            random,
        }
    }

    fn text(&mut self, shortest: usize, longest: usize) -> String {
        let length = self.random.between(shortest, longest);
        words::prose(self.random, length, self.foreign)
    }

    /// The text that a call is about: prose, code, a log, or data.
    fn body(&mut self, shortest: usize, longest: usize) -> String {
        let length = if std::mem::take(&mut self.large) {
            10_000 + self.random.below(200) * self.random.below(200)
        } else {
            self.random.between(shortest, longest)
        };
        let mut body = match self.random.below(12) {
            0 => words::code(self.random, length),
            1 => words::log(self.random, length),
            2 if length >= 10_000 => self.random.base64(length),
            _ => words::prose(self.random, length, self.foreign),
        };
        if let Some(secret) = self.secret.take() {
            body.push(' ');
            body.push_str(&secret);
        }
        body
    }

    fn identity(&mut self, tool: &str) -> Option<Value> {
        let provider = if tool.starts_with("mcp_") {
            "mcp"
        } else {
            self.random.one_of(PROVIDERS)
        };
        let version = format!("1.{}.0", self.random.below(9));
        let identity = json!({
            "tool_name": tool, "version": version, "provider": provider, "verified": true,
        });
        (provider == "mcp" || self.random.chance(0.6)).then_some(identity)
    }

    fn arguments(&mut self, kind: Kind) -> Value {
        let (a, b) = (word(self.random), word(self.random));
        let number = self.random.below(20_000);
        match kind {
            Kind::Query => json!({
                "query": format!("SELECT id, {a}, {b} FROM {a}_{b} WHERE {b} = '{}' LIMIT {number}", self.body(10, 120)),
                "database": format!("{a}_replica"),
                "limit": number,
                "parameters": {"explain": self.random.chance(0.5), "columns": ["id", a, b], "share": number as f64 / 7.0},
            }),
            Kind::Message => json!({
                "to": format!("{a}.{b}@{}", self.random.one_of(DOMAINS)),
                "subject": self.text(20, 60),
                "body": self.body(150, 1000),
                "cc": [],
            }),
            Kind::Request => json!({
                "url": format!("https://{}/{a}/{b}?page={number}", self.random.one_of(DOMAINS)),
                "method": self.random.pick(&["GET", "POST", "PUT"]),
                "headers": {"accept": "application/json", "x-request-id": self.random.hexadecimal(16)},
                "body": self.body(30, 700),
            }),
            Kind::Command => json!({
                "command": format!("{} {a}/{b} --{a}={number}", self.random.pick(words::COMMANDS)),
                "directory": format!("/home/app/{b}"),
                "environment": {"CI": "true"},
                "input": self.body(20, 600),
                "timeout": self.random.between(1, 600),
            }),
            Kind::File => json!({
                "path": format!("/home/app/{a}/{b}.{}", self.random.one_of(FILE_ENDINGS)),
                "content": self.body(150, 1200),
                "mode": 420,
                "overwrite": self.random.chance(0.5),
            }),
            Kind::Search => json!({
                "query": self.body(15, 120),
                "count": self.random.between(1, 50),
                "filters": [{"field": a, "equals": b}, {"field": b, "above": number}],
            }),
            Kind::Payment => json!({
                "amount": number as f64 + 0.25,
                "currency": self.random.pick(&["USD", "EUR", "GBP", "JPY"]),
                "recipient": format!("vendor-{number} {a}"),
                "memo": self.body(30, 400),
                "rows": number,
            }),
            Kind::Deployment => json!({
                "service": format!("{a}-api"),
                "version": format!("{}.{}.{}", number % 9, number % 31, number % 97),
                "ticket": format!("OPS-{number}"),
                "replicas": self.random.between(1, 40),
                "notes": self.body(50, 500),
            }),
            Kind::Repository => json!({
                "repository": format!("acme/{a}"),
                "branch": format!("feature/{b}-{number}"),
                "force": self.random.chance(0.05),
                "diff": self.body(60, 700),
            }),
            Kind::Record => json!({
                "title": self.text(30, 70),
                "body": self.body(100, 800),
                "labels": [a, b],
                "priority": self.random.between(1, 5),
            }),
        }
    }
}
