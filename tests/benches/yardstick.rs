//! The yardstick: `serde_json` merely parses calls, its strings borrowed, their arguments checked
//! and dropped. What `simulate` costs is shown as a multiple of that, which depends little on the
//! machine.

use std::borrow::Cow;
use std::hint::black_box;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Parses every line.
pub(crate) fn parse(lines: &[u8]) {
    for line in lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let call: Call<'_> = serde_json::from_slice(line).expect("the line is a call");
        black_box(call);
    }
}

/// A string borrowed from the line unless it has escapes.
#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Call<'a> {
    #[serde(borrow)]
    request_id: Text<'a>,
    timestamp: Text<'a>,
    agent: Agent<'a>,
    action: Action<'a>,
    context: Context<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Agent<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    environment: Text<'a>,
    agent_type: Option<Text<'a>>,
    trust_level: Option<Text<'a>>,
    #[serde(default)]
    roles: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Action<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    tool_name: Text<'a>,
    tool_args: IgnoredAny,
    tool_identity: Option<ToolIdentity<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct ToolIdentity<'a> {
    #[serde(borrow)]
    provider: Text<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is parsed, not used")]
struct Context<'a> {
    #[serde(borrow)]
    user_input: Option<Text<'a>>,
    #[serde(default)]
    data_labels: Vec<Text<'a>>,
    session_id: Text<'a>,
}
