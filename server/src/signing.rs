//! The key that signs checkpoints, evidence and receipts: a file beside the database, made at the first start.
//!
//! It is never logged, never shown and never in the database: whoever has a copy of the database cannot sign with it.

use std::path::PathBuf;

use audit::{NoteError, SigningKey};
use thiserror::Error;

use crate::config::Config;
use crate::key_file::{self, KeyFileError};

#[derive(Debug, Error)]
pub enum SigningError {
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("the signing key {}: {error}", file.display())]
    Key { file: PathBuf, error: NoteError },
}

/// Reads the key, or makes one where there is none.
///
/// # Errors
/// A file that cannot be read or written, or that holds no key.
pub(crate) fn load(config: &Config) -> Result<SigningKey, SigningError> {
    let file = config.signing_key.clone().unwrap_or_else(|| key_file::beside(config, "key", "data/signing.key"));
    let seed = key_file::read_or_make(&file)?;
    SigningKey::of_seed("sluice", &seed).map_err(|error| SigningError::Key { file, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.key");
        let config = Config { signing_key: Some(file.clone()), ..Config::default() };
        let key = load(&config).unwrap().public().to_string();
        assert_eq!(load(&config).unwrap().public().to_string(), key);
        std::fs::write(&file, "not a key").unwrap();
        assert!(load(&config).unwrap_err().to_string().contains("32 bytes in base64"));
    }
}
