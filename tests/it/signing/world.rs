//! A directory with keys in which the program is called. Every call's whole output is searched for
//! every secret.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The shared secret of `keys/ci.hmac`.
pub(crate) const SECRET: &str = "an example of a secret that is long enough";

/// The bytes of the private key in `keys/reviewer.key.pem`, as they stand there.
const PRIVATE: &str = "IAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";

/// A present within the validity of all fixtures.
pub(crate) const AT: &str = "2026-02-01T00:00:00Z";

pub(crate) struct World {
    root: TempDir,
    secrets: Vec<String>,
}

/// What a call printed, and its exit code.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The JSON report.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("no report ({error}): {}{}", self.stdout, self.stderr))
    }
}

/// A directory of `testdata/signing`.
pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/signing")
        .join(name)
}

impl World {
    /// With the keys of `testdata/signing/keys`, which only their owner may read.
    pub(crate) fn new() -> Self {
        let world = Self {
            root: tempfile::tempdir().expect("a directory"),
            secrets: vec![SECRET.to_owned(), PRIVATE.to_owned()],
        };
        fs::create_dir(world.path("keys")).expect("a directory");
        for name in ["ci.hmac", "reviewer.key.pem", "reviewer.pub.pem"] {
            let content = fs::read_to_string(testdata("keys").join(name)).expect("a key");
            world.key(name, &content);
        }
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the file is written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("the file is read")
    }

    /// Writes a file that only its owner may read into `keys/`.
    pub(crate) fn key(&self, name: &str, content: &str) {
        let path = self.path("keys").join(name);
        fs::write(&path, content).expect("the key is written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode is set");
        }
    }

    /// Adds a text that no output may hold.
    pub(crate) fn keep_secret(&mut self, text: &str) {
        // A short text stands in other words too.
        if text.len() >= 8 {
            self.secrets.push(text.trim_end().to_owned());
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, &[], "")
    }

    /// Runs with variables and a standard input.
    pub(crate) fn run_with(
        &self,
        arguments: &[&str],
        variables: &[(&str, &str)],
        input: &str,
    ) -> Run {
        self.file(".stdin", input);
        let stdin = fs::File::open(self.path(".stdin")).expect("the input opens");
        let mut command = Command::new(env!("CARGO_BIN_EXE_agent-spm"));
        command.current_dir(self.root.path()).args(arguments);
        command.env_remove("AGENT_SPM_SECRET").env("NO_COLOR", "1");
        command.envs(variables.iter().copied());
        command.stdin(Stdio::from(stdin));
        let output = command.output().expect("the program runs");
        fs::remove_file(self.path(".stdin")).expect("the input is removed");
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        self.search(&run, arguments);
        run
    }

    /// No secret is in any output, neither as it is nor in another guise.
    fn search(&self, run: &Run, arguments: &[&str]) {
        for secret in &self.secrets {
            let digits: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            for output in [&run.stdout, &run.stderr] {
                let shown = output.contains(secret.as_str()) || output.contains(&digits);
                assert!(!shown, "a secret is shown by {arguments:?}:\n{output}");
            }
        }
        assert!(
            !run.stderr.contains("panicked"),
            "{arguments:?} panicked:\n{}",
            run.stderr
        );
    }

    /// Calls `verify` on one file and expects that answer: no code if it is verified.
    #[track_caller]
    pub(crate) fn expect(&self, arguments: &[&str], exit: i32, code: Option<&str>) {
        let mut all = vec!["verify", "--format", "json"];
        all.extend(arguments);
        let run = self.run(&all);
        let said = format!("{arguments:?}:\n{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, exit, "{said}");
        if run.stdout.is_empty() {
            let code = code.expect("a failure says something");
            assert!(run.stderr.contains(code), "{said}");
            return;
        }
        let report = run.report();
        let result = &report["results"][0];
        assert_eq!(result["code"].as_str(), code, "{said}");
        assert_eq!(result["ok"], exit == 0, "{said}");
        if exit != 0 {
            assert!(result["message"].is_string(), "{said}");
            assert_eq!(
                result["keyids"].as_array().map(Vec::len).map(|_| ()),
                Some(())
            );
        }
    }
}

/// A bundle that nobody has signed.
pub(crate) fn unsigned() -> String {
    fs::read_to_string(testdata("attacks/unsigned/bundle.json")).expect("a bundle")
}
