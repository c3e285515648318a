//! The audit log and its checkpoints as files: both appear whole when the run has ended well, or
//! neither does.

use std::path::{Path, PathBuf};

use agent_spm::audit::{CHECKPOINT_SUFFIX, Log};
use agent_spm::signing::keys::KeySet;
use agent_spm::signing::note::{Signer, SignerError};
use agent_spm::source::output::AtomicFile;
use clap::Args;

use crate::exit::Failure;
use crate::output;

/// Where audit events go.
#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    /// Write the audit events as chained JSON lines to a file, whole or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) audit_log: Option<PathBuf>,
    /// Sign checkpoints of the audit log by this key (NAME.key.pem or NAME.hmac), beside it as FILE.checkpoint
    #[arg(long, value_name = "KEY", requires = "audit_log")]
    checkpoint_key: Option<PathBuf>,
}

impl AuditArguments {
    /// Where the log goes, and its checkpoints if there are to be any.
    pub(crate) fn paths(&self) -> Option<(PathBuf, Option<PathBuf>)> {
        let log = self.audit_log.clone()?;
        let checkpoints = self.checkpoint_key.as_ref().map(|_| beside(&log));
        Some((log, checkpoints))
    }
}

/// An audit log that is being written.
pub(crate) struct AuditLog {
    path: PathBuf,
    events: AtomicFile,
    checkpoints: Option<Checkpoints>,
}

struct Checkpoints {
    path: PathBuf,
    file: AtomicFile,
    key_path: PathBuf,
    keys: KeySet,
}

impl AuditLog {
    /// Begins the files that are asked for.
    pub(crate) fn create(arguments: &AuditArguments) -> Result<Option<Self>, Failure> {
        let Some(path) = &arguments.audit_log else {
            return Ok(None);
        };
        let beside = beside(path);
        let checkpoints = match &arguments.checkpoint_key {
            Some(key_path) => {
                let mut keys = KeySet::default();
                keys.read(key_path)?;
                Some(Checkpoints {
                    file: output::create(&beside)?,
                    path: beside,
                    key_path: key_path.clone(),
                    keys,
                })
            }
            None if beside.exists() => {
                return Err(Failure::Usage {
                    message: format!("`{}` is about another log of that name", beside.display()),
                    help: "move it away with its log, or sign the new log with `--checkpoint-key`",
                });
            }
            None => None,
        };
        Ok(Some(Self {
            path: path.clone(),
            events: output::create(path)?,
            checkpoints,
        }))
    }

    /// The empty log; `policy` is the digest of what decides.
    pub(crate) fn begin(&mut self, policy: &str) -> Result<Log<'_>, Failure> {
        let log = Log::new(policy, &mut self.events);
        let Some(checkpoints) = &mut self.checkpoints else {
            return Ok(log);
        };
        let signer = one_signer(&checkpoints.keys).map_err(|error| Failure::Signer {
            path: checkpoints.key_path.display().to_string(),
            error,
        })?;
        Ok(log.with_checkpoints(signer, &mut checkpoints.file))
    }

    /// Gives the files their names, the log first: a log without checkpoints claims nothing.
    pub(crate) fn commit(self) -> Result<(), Failure> {
        let path = &self.path;
        let events = self.events.commit();
        events.map_err(|error| output::not_written(path, error))?;
        match self.checkpoints {
            Some(Checkpoints { path, file, .. }) => file
                .commit()
                .map_err(|error| output::not_written(&path, error)),
            None => Ok(()),
        }
    }
}

/// The one key that is there.
fn one_signer(keys: &KeySet) -> Result<Signer<'_>, SignerError> {
    let mut signing = keys.iter().filter(|key| key.can_sign());
    match (signing.next(), signing.next()) {
        (Some(key), None) => Signer::new(key),
        (Some(_), Some(_)) => Err(SignerError::Several),
        (None, _) => Err(SignerError::Public),
    }
}

/// Where the checkpoints of a log are.
pub(crate) fn beside(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(CHECKPOINT_SUFFIX);
    name.into()
}
