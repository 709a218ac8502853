//! The master key: it encrypts the keys of the organisations, and is in no database.
//!
//! It is a file beside the database, made at the first start, or a command that wraps and unwraps in a key management system.
//! Nothing that goes into the command or comes out of it may be logged or repeated in an error.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use service::vault::{MasterKey, VaultError, WrapKeys};
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::config::Config;
use crate::key_file::{self, KeyFileError};

/// A command that says nothing for so long is given up.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

#[derive(Debug, Error)]
pub enum MasterError {
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("the master key {}: {error}", file.display())]
    Key { file: PathBuf, error: VaultError },
}

/// What encrypts keys, as it is configured.
///
/// # Errors
/// A file that cannot be read or written, or that holds no key. Whether a command works is found out when it is used.
pub(crate) fn load(config: &Config) -> Result<Arc<dyn WrapKeys>, MasterError> {
    if let Some(words) = &config.master_key_command {
        let command = MasterCommand { words: words.split_whitespace().map(str::to_owned).collect() };
        return Ok(Arc::new(command));
    }
    let beside = || key_file::beside(config, "master-key", "data/master.key");
    let file = config.master_key.clone().unwrap_or_else(beside);
    let text = key_file::read_or_make(&file)?;
    let key = MasterKey::parse(&text).map_err(|error| MasterError::Key { file, error })?;
    Ok(Arc::new(key))
}

/// A command that wraps and unwraps. It is called without a shell and with `wrap` or `unwrap` as its last argument; it reads
/// two lines in base64, what the key is bound to and the key, and answers one line in base64.
#[derive(Debug)]
struct MasterCommand {
    words: Vec<String>,
}

impl MasterCommand {
    async fn call(&self, what: &'static str, input: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        let unreachable = |why: &dyn std::fmt::Display| VaultError::Unreachable(why.to_string());
        let (program, arguments) = self.words.split_first().ok_or_else(|| unreachable(&"the command is empty"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .arg(what)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| unreachable(&format!("the command does not start: {error}")))?;
        let sent = format!("{}\n{}\n", BASE64_STANDARD.encode(bound_to), BASE64_STANDARD.encode(input));
        let answer = async {
            if let Some(mut stdin) = child.stdin.take() {
                // A command that answers without reading all is judged by its answer.
                let _ = stdin.write_all(sent.as_bytes()).await;
            }
            child.wait_with_output().await
        };
        let answer = tokio::time::timeout(LONGEST_WAIT, answer).await;
        let answer = answer.map_err(|_| unreachable(&"the command took too long"))?;
        let answer = answer.map_err(|error| unreachable(&format!("the command broke off: {error}")))?;
        if !answer.status.success() {
            return Err(unreachable(&format!("the command failed with {}", answer.status)));
        }
        BASE64_STANDARD
            .decode(answer.stdout.trim_ascii())
            .ok()
            .filter(|bytes| !bytes.is_empty())
            .ok_or_else(|| unreachable(&"the command's answer is not base64"))
    }
}

#[async_trait]
impl WrapKeys for MasterCommand {
    async fn wrap(&self, key: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        self.call("wrap", key, bound_to).await
    }

    async fn unwrap(&self, wrapped: &[u8], bound_to: &str) -> Result<Vec<u8>, VaultError> {
        self.call("unwrap", wrapped, bound_to).await
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn with(script: &str) -> (tempfile::TempDir, Arc<dyn WrapKeys>) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kms");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
        let command = format!("{} --key one", file.display());
        let config = Config { master_key_command: Some(command), ..Config::default() };
        (folder, load(&config).unwrap())
    }

    #[tokio::test]
    async fn a_command_wraps_and_unwraps_what_is_bound_to_something() {
        // Not encryption: it puts the two lines together, and takes them apart if the first one fits.
        let (_folder, master) = with(
            r#"read bound; read key
            case "$3" in
                wrap) printf '%s %s' "$bound" "$key" | base64 -w0 ;;
                unwrap) set -- $bound $(printf '%s' "$key" | base64 -d); [ "$1" = "$2" ] && echo "$3" ;;
            esac"#,
        );
        let wrapped = master.wrap(b"thirty-two bytes of a secret key", "here").await.unwrap();
        assert_eq!(master.unwrap(&wrapped, "here").await.unwrap(), b"thirty-two bytes of a secret key");
        assert!(matches!(master.unwrap(&wrapped, "there").await, Err(VaultError::Unreachable(_))));
    }

    #[tokio::test]
    async fn a_command_that_fails_is_unreachable_and_repeats_nothing() {
        for script in ["cat >&2; exit 3", "cat", "echo '?'", "exit 0"] {
            let (_folder, master) = with(script);
            let error = master.wrap(b"secret", "here").await.unwrap_err();
            assert!(matches!(error, VaultError::Unreachable(_)), "{script}");
            assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
        }
        let config = Config { master_key_command: Some("/nowhere/kms".to_owned()), ..Config::default() };
        let error = load(&config).unwrap().wrap(b"secret", "here").await.unwrap_err();
        assert!(error.to_string().contains("does not start"), "{error}");
    }
}
