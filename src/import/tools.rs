//! What recorded tool names stand for: a call of a tool that calls another becomes the call behind
//! it, an alias becomes the name that it stands for. Owns how; the pipeline file says which.

use std::collections::HashMap;

use super::arguments;
use crate::model::pipeline::tools::{MetaTool, ToolName, ToolNames};
use crate::model::request::{ArgumentValue, Name, Request};

/// The table of a pipeline file, ready for look-up.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    meta: HashMap<Vec<u8>, MetaTool, foldhash::fast::RandomState>,
    aliases: HashMap<Vec<u8>, ToolName, foldhash::fast::RandomState>,
}

/// What became of a tool name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renamed {
    /// What the recording calls the tool, if the call is decided under another name.
    pub recorded: Option<Name>,
    /// Whether a call was found behind a tool that calls another.
    pub was_unwrapped: bool,
    /// Whether a name was an alias.
    pub was_alias: bool,
    /// Whether a tool that calls another was called without naming one: the call is its own.
    pub names_no_tool: bool,
}

impl Tools {
    /// The table of a pipeline file.
    pub fn new(names: &ToolNames) -> Self {
        let bytes = |name: &String| name.clone().into_bytes();
        let meta = names.meta.iter();
        let aliases = names.aliases.iter();
        Self {
            meta: meta
                .map(|(name, meta)| (bytes(name), meta.clone()))
                .collect(),
            aliases: aliases
                .map(|(name, tool)| (bytes(name), tool.clone()))
                .collect(),
        }
    }

    /// Whether every name stands for itself.
    pub fn is_empty(&self) -> bool {
        self.meta.is_empty() && self.aliases.is_empty()
    }

    /// Turns `request` into the call that is meant. What vouches for a tool that calls another says
    /// nothing of the tool behind it, and is dropped.
    ///
    /// # Errors
    /// As [`arguments::read_text`], if there is a call behind the tool whose arguments are none.
    pub fn resolve(&self, request: &mut Request) -> Result<Renamed, &'static str> {
        let recorded = request.tool_name;
        let mut renamed = Renamed::default();
        // It ends: the arguments of the call behind a tool are fewer or shorter than its own.
        loop {
            if let Some(alias) = self.aliases.get(tool(request)) {
                let name = alias.0.as_bytes();
                request.tool_name = Some(request.add_name(|out| out.extend_from_slice(name)));
                renamed.was_alias = true;
            }
            let Some(meta) = self.meta.get(tool(request)) else {
                break;
            };
            if !unwrap(meta, request)? {
                renamed.names_no_tool = true;
                break;
            }
            renamed.was_unwrapped = true;
        }
        if renamed.was_alias || renamed.was_unwrapped {
            renamed.recorded = recorded;
        }
        Ok(renamed)
    }
}

fn tool(request: &Request) -> &[u8] {
    request
        .tool_name
        .map_or(&b""[..], |name| request.name(name))
}

/// Turns a call of `meta` into the call behind it; false if it names no tool.
fn unwrap(meta: &MetaTool, request: &mut Request) -> Result<bool, &'static str> {
    let own = |request: &Request, key: &ToolName| {
        let mut arguments = request.arguments.iter();
        arguments.position(|argument| {
            argument.depth == 0 && request.name(argument.key) == key.0.as_bytes()
        })
    };
    let text = |request: &Request, key: &ToolName| {
        let argument = request.arguments.get(own(request, key)?)?;
        match argument.value {
            ArgumentValue::String(value) => Some(request.value(value).to_vec()),
            _ => None,
        }
    };
    let Some(name) = text(request, &meta.tool).filter(|name| !name.is_empty()) else {
        return Ok(false);
    };
    let provider = meta.provider.as_ref();
    let provider = provider.and_then(|provider| text(request, provider));
    let held = own(request, &meta.arguments);
    match held.and_then(|index| Some((index, request.arguments.get(index)?.value))) {
        None | Some((_, ArgumentValue::Null)) => request.clear_arguments(),
        Some((_, ArgumentValue::String(value))) => {
            let text = request.value(value).to_vec();
            request.clear_arguments();
            arguments::read_text(&text, request)?;
        }
        Some((index, ArgumentValue::Composite)) if !is_list(request, index) => {
            request.narrow_arguments(index);
        }
        Some(_) => return Err("arguments_not_object"),
    }
    request.tool_name = Some(request.add_name(|out| out.extend_from_slice(&name)));
    request.tool_provider =
        provider.map(|provider| request.add_name(|out| out.extend_from_slice(&provider)));
    request.tool_verified = None;
    request.manifest_hash = None;
    Ok(true)
}

/// Whether the composite argument at `index` is a list with elements: those have its very key.
fn is_list(request: &Request, index: usize) -> bool {
    let at = |index: usize| request.arguments.get(index);
    match (at(index), at(index + 1)) {
        (Some(outer), Some(inner)) => inner.depth > outer.depth && inner.key == outer.key,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    fn table() -> Tools {
        let name = |name: &str| ToolName(name.to_owned());
        let meta = MetaTool {
            tool: name("tool_name"),
            arguments: name("params"),
            provider: Some(name("server")),
        };
        Tools::new(&ToolNames {
            meta: [("execute-tool".to_owned(), meta)].into(),
            aliases: [
                ("sh".to_owned(), name("Bash")),
                ("run".to_owned(), name("execute-tool")),
            ]
            .into(),
        })
    }

    /// The name, provider, own arguments and searchable text of a call once it is resolved.
    fn resolved(tool: &str, arguments: &str) -> Result<String, &'static str> {
        let mut request = Request::default();
        let input = b"do it";
        request.user_input = Some(request.add_value(|out| out.extend_from_slice(input)));
        arguments::read(&mut Scanner::new(arguments.as_bytes()), &mut request).expect("arguments");
        request.tool_name = Some(request.add_name(|out| out.extend_from_slice(tool.as_bytes())));
        request.tool_verified = Some(true);
        let renamed = table().resolve(&mut request)?;
        assert_eq!(request.tool_verified.is_none(), renamed.was_unwrapped);
        let input = request.user_input.map(|input| request.value(input));
        assert_eq!(input, Some(&b"do it"[..]));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let name =
            |name: Option<Name>| name.map_or("-".to_owned(), |name| text(request.name(name)));
        let own = request
            .arguments
            .iter()
            .filter(|argument| argument.depth == 0);
        let own = own.map(|argument| match argument.value {
            ArgumentValue::String(value) | ArgumentValue::Number(value) => format!(
                "{}={}",
                text(request.name(argument.key)),
                text(request.value(value))
            ),
            _ => text(request.name(argument.key)),
        });
        let own: Vec<String> = own.collect();
        let values = request.argument_values();
        let values = values
            .split(|byte| *byte == 0xFF)
            .map(text)
            .collect::<Vec<_>>();
        Ok(format!(
            "{} {} [{}] {}",
            name(request.tool_name),
            name(request.tool_provider),
            own.join(" "),
            values.join("|")
        ))
    }

    #[test]
    fn the_call_behind_a_tool_is_decided() {
        let object = r#"{"x":true,"server":"pdf","tool_name":"create","params":{"path":"/a","n":{"m":[2,false,"z"]}},"y":[1]}"#;
        assert_eq!(
            resolved("execute-tool", object).as_deref(),
            Ok("create pdf [path=/a n] /a|2|false|z|")
        );
        let text = r#"{"tool_name":"create","params":"{\"path\":\"/a\"}"}"#;
        assert_eq!(
            resolved("execute-tool", text).as_deref(),
            Ok("create - [path=/a] /a|")
        );
        for none in [
            r#"{"tool_name":"t"}"#,
            r#"{"params":null,"tool_name":"t","a":1}"#,
        ] {
            assert_eq!(resolved("execute-tool", none).as_deref(), Ok("t - [] "));
        }
    }

    #[test]
    fn names_are_resolved_however_deep() {
        assert_eq!(
            resolved("sh", r#"{"c":"ls"}"#).as_deref(),
            Ok("Bash - [c=ls] ls|")
        );
        let nested = r#"{"tool_name":"execute-tool","params":{"tool_name":"sh","params":{"c":1}}}"#;
        assert_eq!(resolved("run", nested).as_deref(), Ok("Bash - [c=1] 1|"));
        assert_eq!(resolved("Bash", "{}").as_deref(), Ok("Bash - [] "));
    }

    #[test]
    fn what_is_no_call_behind_a_tool_is_not_taken_for_one() {
        for unnamed in [
            r#"{"params":{"a":1}}"#,
            r#"{"tool_name":["t"]}"#,
            r#"{"tool_name":""}"#,
        ] {
            let kept = resolved("execute-tool", unnamed).expect("it is decided as itself");
            assert!(kept.starts_with("execute-tool - "), "{kept}");
        }
        for (arguments, reason) in [
            (
                r#"{"tool_name":"t","params":["a"]}"#,
                "arguments_not_object",
            ),
            (r#"{"tool_name":"t","params":7}"#, "arguments_not_object"),
            (r#"{"tool_name":"t","params":"[]"}"#, "arguments_not_object"),
            (r#"{"tool_name":"t","params":"ls"}"#, "arguments_not_json"),
        ] {
            assert_eq!(
                resolved("execute-tool", arguments),
                Err(reason),
                "{arguments}"
            );
        }
        // An object with a key that is spelled like its own is no list.
        let object = r#"{"tool_name":"t","params":{"params":"a"}}"#;
        assert_eq!(
            resolved("execute-tool", object).as_deref(),
            Ok("t - [params=a] a|")
        );
    }
}
