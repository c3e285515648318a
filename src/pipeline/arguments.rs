//! The arguments of a call as members of objects. Owns which member belongs to which object, and
//! names of members without the habits of their authors; knows no plugin.

use crate::model::request::{Argument, ArgumentValue, Name, Request};

/// The most bytes of a member's name that are looked at; no name that anybody knows is longer.
const MAX_NAME: usize = 48;

/// A member of an object at any depth, or an element of an array.
#[derive(Clone, Debug)]
pub(super) struct Member<'r> {
    /// The member's name as it is written.
    pub(super) key: &'r [u8],
    /// The member's name, or that of the member whose array this is an element of: in lower case
    /// and without what separates words, so that `file_path` and `filePath` are one.
    pub(super) name: String,
    /// Which object it belongs to: 0 for the arguments themselves.
    pub(super) object: usize,
    /// The array that it is an element of, if it is one: that member's position.
    pub(super) array: Option<usize>,
    /// What it is.
    pub(super) value: MemberValue<'r>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberValue<'r> {
    /// A string.
    Text(&'r [u8]),
    /// A number as ECMAScript prints it.
    Number(&'r [u8]),
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// An object or an array.
    Composite,
}

impl<'r> Member<'r> {
    /// The text of a string or a number.
    pub(super) fn text(&self) -> Option<&'r [u8]> {
        match self.value {
            MemberValue::Text(text) | MemberValue::Number(text) => Some(text),
            MemberValue::Bool | MemberValue::Null | MemberValue::Composite => None,
        }
    }

    /// Whether its plain name is one of these.
    pub(super) fn is_named(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }
}

/// The members of the arguments, at any depth, in document order.
pub(super) fn members(request: &Request) -> Vec<Member<'_>> {
    /// An object or an array around what follows.
    struct Open {
        depth: u16,
        position: usize,
        key: Name,
        object: usize,
    }
    let mut open: Vec<Open> = Vec::new();
    let mut members = Vec::with_capacity(request.arguments.len());
    for (position, &Argument { key, depth, value }) in request.arguments.iter().enumerate() {
        while open.last().is_some_and(|around| around.depth >= depth) {
            open.pop();
        }
        // Elements have the very name of their array; members of an object have their own.
        let (object, array) = match open.last() {
            None => (0, None),
            Some(around) if around.key == key => (around.object, Some(around.position)),
            Some(around) => (around.position + 1, None),
        };
        let value = match value {
            ArgumentValue::String(value) => MemberValue::Text(request.value(value)),
            ArgumentValue::Number(value) => MemberValue::Number(request.value(value)),
            ArgumentValue::Bool(_) => MemberValue::Bool,
            ArgumentValue::Null => MemberValue::Null,
            ArgumentValue::Composite => {
                open.push(Open {
                    depth,
                    position,
                    key,
                    object,
                });
                MemberValue::Composite
            }
        };
        members.push(Member {
            key: request.name(key),
            name: plain_name(request.name(key)),
            object,
            array,
            value,
        });
    }
    members
}

/// A name in lower case, of letters and digits only; empty if it is too long to be known.
pub(super) fn plain_name(name: &[u8]) -> String {
    if name.len() > MAX_NAME {
        return String::new();
    }
    if name.is_ascii() {
        let bytes = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
        return bytes
            .map(|byte| char::from(byte.to_ascii_lowercase()))
            .collect();
    }
    let name = String::from_utf8_lossy(name);
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::native;
    use crate::json::Scanner;

    fn listed(arguments: &str) -> Vec<String> {
        let call = format!(r#"{{"action":{{"tool_name":"t","tool_args":{arguments}}}}}"#);
        let mut request = Request::default();
        native::read(&mut Scanner::new(call.as_bytes()), &mut request).expect("a call");
        let members = members(&request);
        let members = members.iter().map(|member| {
            let value = match member.value {
                MemberValue::Text(text) | MemberValue::Number(text) => {
                    String::from_utf8_lossy(text).into_owned()
                }
                other => format!("{other:?}"),
            };
            let array = member.array.map_or(String::new(), |at| format!("[{at}]"));
            format!("{}.{}{array}={value}", member.object, member.name)
        });
        members.collect()
    }

    #[test]
    fn members_know_their_objects() {
        assert_eq!(
            listed(r#"{"file_path":"x","a":{"fileName":"y","a":["z",{"a":1},[null]]},"B-c":true}"#),
            [
                "0.filepath=x",
                "0.a=Composite",
                "2.filename=y",
                "2.a=Composite",
                "2.a[3]=z",
                "2.a[3]=Composite",
                "6.a=1",
                "2.a[3]=Composite",
                "2.a[7]=Null",
                "0.bc=Bool",
            ]
        );
    }

    #[test]
    fn long_names_are_nobodys() {
        let name = "a".repeat(1000);
        assert_eq!(listed(&format!(r#"{{"{name}":1}}"#)), ["0.=1"]);
        let name = "a".repeat(MAX_NAME);
        let known = format!("0.{name}=1");
        assert_eq!(listed(&format!(r#"{{"{name}":1}}"#)), [known]);
    }
}
