//! Keys and secrets, from where the user keeps them. Never a value on the command line, and never
//! "a path or else the secret itself".

use std::io;
use std::path::{Path, PathBuf};

use agent_spm::signing::keys::{KeyError, KeySet};
use agent_spm::source::OpenError;
use clap::Args;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// The variable that is read when no key is given otherwise.
const SECRET_VARIABLE: &str = "AGENT_SPM_SECRET";

/// Which keys to use.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// Keys: a directory of NAME.hmac, NAME.pub.pem and NAME.key.pem, or one such file
    #[arg(long, value_name = "DIR|FILE")]
    keys: Vec<PathBuf>,
    /// A file that holds a shared secret and nothing else; `-` for standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The name of the variable that holds a shared secret [default: AGENT_SPM_SECRET, if no key is given]
    #[arg(long, value_name = "VARIABLE")]
    secret_env: Option<String>,
}

impl KeyArguments {
    /// The keys given.
    pub(crate) fn read(&self) -> Result<KeySet, Failure> {
        let mut keys = KeySet::default();
        for path in &self.keys {
            keys.read(path)?;
        }
        if let Some(path) = &self.secret_file {
            read_secret_file(&mut keys, path)?;
        }
        match &self.secret_env {
            // Only the name that the user gave is not repeated: it may be a secret by mistake.
            Some(variable) if !read_variable(&mut keys, variable)? => Err(Failure::Usage {
                message: "the variable that `--secret-env` names is not set".to_owned(),
                help: "give the name of a variable, not the secret itself",
            }),
            Some(_) => Ok(keys),
            None => {
                // A variable left over from elsewhere must not add to the keys that were given.
                if keys.is_empty() {
                    read_variable(&mut keys, SECRET_VARIABLE)?;
                }
                Ok(keys)
            }
        }
    }

    /// Whether keys with names of their own are given, not only a shared secret.
    pub(crate) fn has_named_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether any are given, be it by the name of a variable.
    pub(crate) fn are_given(&self) -> bool {
        !self.keys.is_empty() || self.secret_file.is_some() || self.secret_env.is_some()
    }

    /// Whether standard input holds the secret.
    pub(crate) fn take_stdin(&self) -> bool {
        self.secret_file.as_deref() == Some(Path::new("-"))
    }
}

fn read_secret_file(keys: &mut KeySet, path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") {
        return Ok(keys.read_secret_stream("stdin", io::stdin(), Path::new("<stdin>"))?);
    }
    let id = path.file_stem().unwrap_or_default().to_string_lossy();
    keys.read_secret(&id, path).map_err(|error| match error {
        // The path may be the secret itself by mistake, and is not repeated.
        KeyError::Open(OpenError::NotFound { .. } | OpenError::InvalidName { .. })
        | KeyError::Open(OpenError::Io { .. }) => Failure::Usage {
            message: "the file that `--secret-file` names cannot be read".to_owned(),
            help: "give the path of a file that holds the secret, not the secret itself",
        },
        error => error.into(),
    })
}

/// Reads the secret of a variable; false if it is not set.
fn read_variable(keys: &mut KeySet, variable: &str) -> Result<bool, Failure> {
    // A name with these is none, and asking for it panics on some systems.
    if variable.is_empty() || variable.contains(['=', '\0']) {
        return Ok(false);
    }
    let Some(value) = std::env::var_os(variable) else {
        return Ok(false);
    };
    let value = Zeroizing::new(value.into_encoded_bytes());
    keys.read_secret_stream(variable, value.as_slice(), Path::new(variable))?;
    Ok(true)
}
