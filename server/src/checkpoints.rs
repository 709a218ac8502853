//! Writes a signed checkpoint of every audit log to a second place, again whenever a log has grown.
//!
//! A checkpoint is a new file each time and is never written over; where the folder is on another machine, a log that was
//! written anew here is found there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use service::Sluice;
use service::audit_log::{INSTALLATION, checkpoint_of};
use service::ports::StoreError;
use thiserror::Error;

const EVERY: Duration = Duration::from_secs(600);

#[derive(Debug, Error)]
pub(crate) enum CheckpointError {
    #[error("{file}: {error}")]
    File { file: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes for as long as the server runs. A failure is logged and tried again.
pub(crate) async fn keep(sluice: Sluice, folder: PathBuf) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = write(&sluice, &folder).await {
            tracing::error!(%error, "the checkpoints of the audit logs were not written");
        }
    }
}

/// Writes `FOLDER/LOG/NUMBER.txt` for every log that has grown since the last time.
///
/// # Errors
/// The first file that cannot be written, and a failing store.
pub(crate) async fn write(sluice: &Sluice, folder: &Path) -> Result<usize, CheckpointError> {
    let orgs = sluice.store.all_organisations().await?;
    let name = |scope: &str| orgs.iter().find(|org| org.id == scope).map(|org| org.slug.clone());
    let mut written = 0;
    for (scope, head) in sluice.store.audit_heads().await? {
        let name = if scope == INSTALLATION { scope.clone() } else { name(&scope).unwrap_or_else(|| scope.clone()) };
        let folder = folder.join(name);
        let file = folder.join(format!("{}.txt", head.sequence));
        if file.exists() {
            continue;
        }
        let note = checkpoint_of(sluice, &scope).await?.sign(&sluice.signer);
        let failed = |error| CheckpointError::File { file: file.clone(), error };
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let mut open = match std::fs::OpenOptions::new().write(true).create_new(true).open(&file) {
            Ok(open) => open,
            // Another server of this installation was faster.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(error)),
        };
        write!(open, "{note}").and_then(|()| open.sync_all()).map_err(failed)?;
        written += 1;
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use audit::{Checkpoint, SigningKey};
    use policy::Catalogue;
    use service::demo;
    use store::Database;

    use super::*;
    use crate::clock::SystemClock;

    #[tokio::test]
    async fn a_log_that_has_grown_gets_a_new_checkpoint_and_no_old_one_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        let database = Database::open(&url, Arc::new(SystemClock)).await.unwrap();
        database.migrate().await.unwrap();
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let sluice = Sluice {
            store: Arc::clone(&database.control_plane),
            catalogue: Arc::new(Catalogue::built_in().unwrap()),
            clock: Arc::new(SystemClock),
            uploads: Default::default(),
            signer: Arc::new(SigningKey::of_seed("sluice", key).unwrap()),
        };
        demo::seed(&sluice).await.unwrap();
        let place = folder.path().join("elsewhere");
        assert_eq!(write(&sluice, &place).await.unwrap(), 8, "one for each organisation of the demo");
        assert_eq!(write(&sluice, &place).await.unwrap(), 0);
        let org = sluice.store.organisation("large").await.unwrap().unwrap();
        let head = sluice.store.audit_head(&org.id).await.unwrap();
        let file = place.join("large").join(format!("{}.txt", head.sequence));
        let note = std::fs::read_to_string(&file).unwrap();
        assert_eq!(Checkpoint::verify(&note, sluice.signer.public()).unwrap().head, head);

        service::audit_log::sign_in_failed(&sluice, "sanne.de.wit@large.example", "", "Wrong.").await.unwrap();
        assert_eq!(write(&sluice, &place).await.unwrap(), 1);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), note);
    }
}
