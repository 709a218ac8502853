//! The key that signs checkpoints and evidence: a file beside the database, made at the first start.
//!
//! It is never logged, never shown and never in the database: whoever has a copy of the database cannot sign with it.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use audit::{NoteError, SigningKey};
use base64::prelude::{BASE64_STANDARD, Engine};
use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;

use crate::config::Config;

#[derive(Debug, Error)]
pub enum SigningError {
    #[error("the signing key {file}: {error}")]
    File { file: PathBuf, error: std::io::Error },
    #[error("the signing key {file}: {error}")]
    Key { file: PathBuf, error: NoteError },
    #[error("this machine has no randomness for a signing key")]
    NoRandomness,
}

/// Where the key is: as configured, or beside an SQLite database under its name.
fn path(config: &Config) -> PathBuf {
    let beside = || {
        let file = config.database_url.strip_prefix("sqlite:")?.split('?').next()?;
        Some(Path::new(file.trim_start_matches("//")).with_extension("key"))
    };
    config.signing_key.clone().or_else(beside).unwrap_or_else(|| PathBuf::from("data/signing.key"))
}

/// Reads the key, or makes one where there is none.
///
/// # Errors
/// A file that cannot be read or written, or that holds no key.
pub(crate) fn load(config: &Config) -> Result<SigningKey, SigningError> {
    let file = path(config);
    let failed = |error| SigningError::File { file: file.clone(), error };
    let seed = match std::fs::read_to_string(&file) {
        Ok(seed) => seed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            make(&file)?;
            std::fs::read_to_string(&file).map_err(failed)?
        }
        Err(error) => return Err(failed(error)),
    };
    SigningKey::of_seed("sluice", &seed).map_err(|error| SigningError::Key { file, error })
}

/// Writes a new key for its owner alone. If another process was faster, its key stays.
fn make(file: &Path) -> Result<(), SigningError> {
    let failed = |error| SigningError::File { file: file.to_owned(), error };
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| SigningError::NoRandomness)?;
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // Whole or not at all: written under another name first.
    let draft = file.with_extension(format!("key-{}", std::process::id()));
    let mut written =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    writeln!(written, "{}", BASE64_STANDARD.encode(seed)).and_then(|()| written.sync_all()).map_err(failed)?;
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
        let config = Config { database_url: url, ..Config::default() };
        let key = load(&config).unwrap().public().to_string();
        assert_eq!(load(&config).unwrap().public().to_string(), key);
        let file = folder.path().join("new/sluice.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
        std::fs::write(&file, "not a key").unwrap();
        assert!(load(&config).unwrap_err().to_string().contains("32 bytes in base64"));
    }
}
