//! What a member of the arguments holds, by its name. Owns the names; looks at no value.

use crate::pipeline::commands::COMMAND;

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path.
    Path,
    /// A URL, maybe without its scheme.
    Url,
    /// A host, maybe with a port.
    Host,
    /// A port.
    Port,
    /// The name of an environment variable.
    Variable,
    /// A command.
    Command,
    /// Text that the tool stores, sends or searches for, whatever it looks like.
    Content,
    /// Who knows.
    Unknown,
}

const PATHS: &[&str] = &[
    "cwd",
    "dir",
    "directory",
    "file",
    "filename",
    "filenames",
    "files",
    "folder",
    "folders",
    "path",
    "paths",
    "rootdir",
    "workdir",
    "workingdir",
];
const PATH_ENDINGS: &[&str] = &[
    "directory",
    "filename",
    "filepath",
    "folder",
    "path",
    "paths",
];

const URLS: &[&str] = &[
    "endpoint", "href", "origin", "proxy", "uri", "uris", "url", "urls", "webhook",
];
const URL_ENDINGS: &[&str] = &["endpoint", "uri", "url", "urls", "webhook"];

const HOSTS: &[&str] = &[
    "domain",
    "fqdn",
    "host",
    "hostname",
    "hosts",
    "ip",
    "ipaddress",
    "server",
];
const HOST_ENDINGS: &[&str] = &["host", "hostname", "ipaddress"];

const PORTS: &[&str] = &["destinationport", "destport", "port", "ports", "remoteport"];

const VARIABLES: &[&str] = &[
    "environmentvariable",
    "envvar",
    "envvarname",
    "variable",
    "variablename",
];

const CONTENTS: &[&str] = &[
    "body",
    "comment",
    "content",
    "contents",
    "description",
    "filetext",
    "message",
    "newstr",
    "newstring",
    "note",
    "oldstr",
    "oldstring",
    "pattern",
    "prompt",
    "query",
    "reason",
    "regex",
    "replacement",
    "sql",
    "subject",
    "summary",
    "text",
    "title",
];

/// What the member of that plain name holds.
pub(super) fn kind(name: &str) -> Kind {
    let is = |names: &[&str]| names.contains(&name);
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if is(CONTENTS) {
        Kind::Content
    } else if is(PORTS) {
        Kind::Port
    } else if is(VARIABLES) {
        Kind::Variable
    } else if is(PATHS) || ends(PATH_ENDINGS) {
        Kind::Path
    } else if is(URLS) || ends(URL_ENDINGS) {
        Kind::Url
    } else if is(HOSTS) || ends(HOST_ENDINGS) {
        Kind::Host
    } else if is(COMMAND) {
        Kind::Command
    } else {
        Kind::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_hold() {
        for (name, expected) in [
            ("path", Kind::Path),
            ("notebookpath", Kind::Path),
            ("outputdirectory", Kind::Path),
            ("profile", Kind::Unknown),
            ("baseurl", Kind::Url),
            ("dbhost", Kind::Host),
            ("port", Kind::Port),
            ("cmd", Kind::Command),
            ("content", Kind::Content),
            ("source", Kind::Unknown),
            ("", Kind::Unknown),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }
}
