//! Files of a Git revision, by the `git` of the machine. Nothing that the repository configures is
//! run: no hook, no filter, no transport to fetch what is missing.

use std::path::Path;
use std::process::{Command, Stdio};

use agent_spm::source::read_limited;

use crate::exit::Failure;

/// Reads `REV:PATH`, at most `limit` bytes. As in Git, the path begins at the top of the working
/// tree unless it begins with `./`.
pub(crate) fn file(object: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    let failed = |why: &str| Failure::Usage {
        message: format!("cannot read `{object}` from Git: {why}"),
        help: "name a revision and a file of it, such as `git:main:policy.yaml`",
    };
    if object.starts_with('-') || !object.contains(':') {
        return Err(failed("this is not REV:PATH"));
    }
    let mut git = Command::new("git")
        .args(["--no-pager", "--no-replace-objects"])
        .args(["-c", "core.fsmonitor=false", "-c", "protocol.allow=never"])
        .args(["cat-file", "blob", object])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let contents = match git.stdout.take() {
        Some(stdout) => read_limited(stdout, Path::new(object), limit),
        None => Ok(Vec::new()),
    };
    // Its output is closed by now, so that it ends by itself; messages fit its pipe.
    let ended = git
        .wait_with_output()
        .map_err(|error| failed(&error.to_string()))?;
    let contents = contents?;
    if !ended.status.success() {
        let message = String::from_utf8_lossy(&ended.stderr);
        let first = message.lines().next().unwrap_or("it says nothing");
        return Err(failed(first.trim_start_matches("fatal: ")));
    }
    Ok(contents)
}
