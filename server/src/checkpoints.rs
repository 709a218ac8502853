//! Writes a signed checkpoint of every audit log to a second place, again whenever a log has grown.
//!
//! A checkpoint is a new file each time and is never written over; where the folder is on another machine, a log that was
//! written anew here is found there.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use audit::{Checkpoint, Entry};
use service::Sluice;
use service::audit_log::INSTALLATION;
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
        let folder_name = name.clone();
        let folder = folder.join(name);
        let file = folder.join(format!("{}.txt", head.sequence));
        let failed = |error| CheckpointError::File { file: file.clone(), error };
        if file.exists() {
            continue;
        }
        if !follows(sluice, &scope, &folder).await? {
            tracing::error!(%folder_name, "the audit log is not the one of its last checkpoint: verify it; none was signed");
            continue;
        }
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let note = Checkpoint { scope, head, at: sluice.now().micros() }.sign(&sluice.signer);
        // Whole or not at all: written under another name first.
        let draft = file.with_extension(format!("draft-{}", std::process::id()));
        let mut open = std::fs::File::create(&draft).map_err(failed)?;
        write!(open, "{note}").and_then(|()| open.sync_all()).map_err(failed)?;
        let linked = std::fs::hard_link(&draft, &file);
        std::fs::remove_file(&draft).map_err(failed)?;
        match linked {
            Ok(()) => written += 1,
            // Another server of this installation was faster.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(written)
}

/// Whether the log still leads through the last checkpoint that was kept; a log that was cut off or written anew does not,
/// and what has no checkpoint yet does.
async fn follows(sluice: &Sluice, scope: &str, folder: &Path) -> Result<bool, CheckpointError> {
    let failed = |error| CheckpointError::File { file: folder.to_owned(), error };
    let Some(last) = newest(folder).map_err(failed)? else { return Ok(true) };
    let note = std::fs::read_to_string(last).map_err(failed)?;
    let Ok(kept) = Checkpoint::verify(&note, sluice.signer.public()) else { return Ok(false) };
    let line = sluice.store.audit_lines(scope, kept.head.sequence - 1, 1).await?;
    let stands = Entry::of_line(line.trim_end());
    Ok(kept.scope == scope
        && stands.is_ok_and(|(entry, hash)| (entry.sequence, hash) == (kept.head.sequence, kept.head.hash)))
}

/// The checkpoint that was kept last in the folder of a log, if one was.
///
/// # Errors
/// When the folder is there and cannot be read.
pub(crate) fn newest(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let kept = match std::fs::read_dir(folder) {
        Ok(kept) => kept,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut last: Option<i64> = None;
    for file in kept {
        let name = file?.file_name();
        let number = name.to_str().and_then(|name| name.strip_suffix(".txt")?.parse().ok());
        last = last.max(number);
    }
    Ok(last.map(|last| folder.join(format!("{last}.txt"))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use audit::SigningKey;
    use service::demo;
    use store::Database;

    use super::*;
    use crate::clock::SystemClock;
    use crate::verify::{VerifyAuditArgs, verify_audit};

    #[tokio::test]
    async fn a_log_that_has_grown_gets_a_new_checkpoint_and_no_old_one_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("sluice.db").display());
        let database = Database::open(&url, Arc::new(SystemClock)).await.unwrap();
        database.migrate().await.unwrap();
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let sluice = Sluice {
            store: Arc::clone(&database.control_plane),
            catalogues: service::Catalogues::built_in().unwrap(),
            clock: Arc::new(SystemClock),
            uploads: Default::default(),
            signer: Arc::new(SigningKey::of_seed("sluice", key).unwrap()),
            regions: Default::default(),
            master: Arc::new(service::vault::MasterKey::parse(key).unwrap()),
            engines: Default::default(),
            reading: Default::default(),
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

        // A log that was cut off together with its head is whole in itself; the folder tells.
        let verify = async |kept| verify_audit(&sluice, VerifyAuditArgs::default(), kept).await;
        assert!(verify(Some(place.as_path())).await.is_ok());
        for cut in [
            "DROP TRIGGER audit_entries_are_kept",
            "DELETE FROM audit_entries WHERE EXISTS (SELECT 1 FROM audit_heads h JOIN organisations o ON o.id = h.scope \
             WHERE o.slug = 'large' AND h.scope = audit_entries.scope AND h.sequence = audit_entries.sequence)",
            "UPDATE audit_heads SET sequence = sequence - 1, hash = (SELECT hash FROM audit_entries e \
             WHERE e.scope = audit_heads.scope AND e.sequence = audit_heads.sequence - 1) \
             WHERE scope = (SELECT id FROM organisations WHERE slug = 'large')",
        ] {
            database.execute_raw(cut).await.unwrap();
        }
        assert!(verify(None).await.is_ok());
        let told = verify(Some(place.as_path())).await.unwrap_err().to_string();
        assert!(told.contains("the log of large is BROKEN"), "{told}");

        // A log that was written anew past the guards, and has grown since, gets no signature.
        database.execute_raw("DROP TRIGGER audit_entries_stay").await.unwrap();
        let bend = "UPDATE audit_entries SET hash = 'f' || substr(hash, 2)";
        database.execute_raw(bend).await.unwrap();
        service::audit_log::sign_in_failed(&sluice, "sanne.de.wit@large.example", "", "Wrong.").await.unwrap();
        assert_eq!(write(&sluice, &place).await.unwrap(), 0);
    }
}
