//! A secret of 32 bytes in a file of its own, in base64, made where there is none.
//!
//! It is never logged, never shown and never in a database: whoever has a copy of a database does not have it.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::config::Config;

#[derive(Debug, Error)]
pub enum KeyFileError {
    #[error("the key file {}: {error}", file.display())]
    File { file: PathBuf, error: std::io::Error },
    #[error("this machine has no randomness for a key")]
    NoRandomness,
}

/// Where a key is unless it is configured: beside an SQLite database under its name, or in the folder `data`.
pub(crate) fn beside(config: &Config, extension: &str, otherwise: &str) -> PathBuf {
    let file = config.database_url.strip_prefix("sqlite:").and_then(|file| file.split('?').next());
    file.map_or_else(
        || PathBuf::from(otherwise),
        |file| Path::new(file.trim_start_matches("//")).with_extension(extension),
    )
}

/// The text of a key's file, which is made if it is missing.
///
/// # Errors
/// A file that cannot be read or written.
pub(crate) fn read_or_make(file: &Path) -> Result<String, KeyFileError> {
    let failed = |error| KeyFileError::File { file: file.to_owned(), error };
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make(file)?;
            std::fs::read_to_string(file).map_err(failed)
        }
        read => read.map_err(failed),
    }
}

/// Writes a new key for its owner alone. If another process was faster, its key stays.
fn make(file: &Path) -> Result<(), KeyFileError> {
    let failed = |error| KeyFileError::File { file: file.to_owned(), error };
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| KeyFileError::NoRandomness)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // Whole or not at all: written under another name first.
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!("-{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut written =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    writeln!(written, "{}", BASE64_STANDARD.encode(key)).and_then(|()| written.sync_all()).map_err(failed)?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft).map_err(failed)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("new/sluice.db").display());
        let file = beside(&Config { database_url: url, ..Config::default() }, "key", "data/signing.key");
        let key = read_or_make(&file).unwrap();
        assert_eq!(read_or_make(&file).unwrap(), key);
        assert_eq!(file, folder.path().join("new/sluice.key"));
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }
}
