//! `sluice verify-audit`, `sluice verify-evidence` and `sluice verify-receipt`: whether what was signed still is what it was.
//! They only read.

#![allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]

use language::Dates as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use audit::{Broken, Chain, Checkpoint, Entry, Head, NoteError, PublicKey};
use clap::Args;
use policy::Timestamp;
use service::Sluice;
use service::audit_log::{INSTALLATION, verify_log};
use service::evidence::{self, PackFault};
use service::ports::StoreError;
use service::withdrawal::receipt::{self, ReceiptFault};
use thiserror::Error;

use crate::checkpoints::newest;

#[derive(Args, Debug, Default)]
pub(crate) struct VerifyAuditArgs {
    /// Only the log of the organisation with this slug; without it, every log of the installation.
    #[arg(long, conflicts_with = "file")]
    org: Option<String>,
    /// A signed checkpoint that was kept: the log has to lead through it. It can be given several times. The newest ones in
    /// the folder of the setting `checkpoints` are taken without being named.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// An exported log (JSON Lines) instead of the database.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The public key of the checkpoints; without it, that of this installation.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl VerifyAuditArgs {
    /// Whether it needs neither a database nor a configuration.
    pub(crate) fn is_offline(&self) -> bool {
        self.file.is_some()
    }
}

#[derive(Args, Debug)]
pub(crate) struct VerifyEvidenceArgs {
    /// The pack.
    file: PathBuf,
    /// The public key that was published or noted; without it, the one in the pack, which is then shown to compare.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyReceiptArgs {
    /// The receipt.
    file: PathBuf,
    /// The public key that was published or noted; without it, that of this installation.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl VerifyReceiptArgs {
    /// Whether it needs neither a database nor a configuration.
    pub(crate) fn is_offline(&self) -> bool {
        self.key.is_some()
    }
}

#[derive(Debug, Error)]
pub enum VerifyError {
    #[error("cannot read {file}: {error}")]
    File { file: PathBuf, error: std::io::Error },
    #[error("there is no organisation `{0}`")]
    NoOrganisation(String),
    #[error("the key: {0}")]
    Key(NoteError),
    #[error("{file}: {error}")]
    Checkpoint { file: PathBuf, error: NoteError },
    #[error("{0} is the checkpoint of another log")]
    OtherLog(PathBuf),
    #[error("a checkpoint or a receipt needs --key where there is no installation")]
    NoKey,
    #[error("the log of {log} is BROKEN at {broken}")]
    Broken { log: String, broken: Broken },
    #[error("{file} cannot be relied on. {fault}")]
    Pack { file: PathBuf, fault: PackFault },
    #[error("{file} cannot be relied on: {fault}")]
    Receipt { file: PathBuf, fault: ReceiptFault },
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn read(file: &Path) -> Result<String, VerifyError> {
    std::fs::read_to_string(file).map_err(|error| VerifyError::File { file: file.to_owned(), error })
}

fn checkpoints(files: &[PathBuf], key: &PublicKey) -> Result<Vec<(PathBuf, Checkpoint)>, VerifyError> {
    let one = |file: &PathBuf| {
        let checkpoint = Checkpoint::verify(&read(file)?, key);
        let checkpoint = checkpoint.map_err(|error| VerifyError::Checkpoint { file: file.clone(), error })?;
        Ok((file.clone(), checkpoint))
    };
    files.iter().map(one).collect()
}

/// Walks the logs of the database. With a folder in which checkpoints are kept, each log has to lead through its newest one.
///
/// # Errors
/// The first log that is broken, with the first entry that is.
pub(crate) async fn verify_audit(
    sluice: &Sluice,
    args: VerifyAuditArgs,
    kept: Option<&Path>,
) -> Result<(), VerifyError> {
    let key = match &args.key {
        Some(key) => PublicKey::parse(key).map_err(VerifyError::Key)?,
        None => sluice.signer.public().clone(),
    };
    let mut named = checkpoints(&args.checkpoint, &key)?;
    let mut logs: Vec<(String, String)> = match &args.org {
        Some(slug) => {
            let org = sluice.store.organisation(slug).await?;
            vec![org.map(|org| (org.id, org.slug)).ok_or_else(|| VerifyError::NoOrganisation(slug.clone()))?]
        }
        None => {
            // Also of organisations whose row is gone, by their id.
            let orgs = sluice.store.all_organisations().await?;
            let heads = sluice.store.audit_heads().await?.into_iter().map(|(scope, _)| (scope.clone(), scope));
            let without = |scope: &str| scope != INSTALLATION && !orgs.iter().any(|org| org.id == scope);
            let others = heads.filter(|(scope, _)| scope == INSTALLATION || without(scope)).collect::<Vec<_>>();
            orgs.iter().map(|org| (org.id.clone(), org.slug.clone())).chain(others).collect()
        }
    };
    logs.sort_by(|a, b| a.1.cmp(&b.1));
    for (file, checkpoint) in &named {
        if !logs.iter().any(|(scope, _)| *scope == checkpoint.scope) {
            return Err(VerifyError::OtherLog(file.clone()));
        }
    }
    for (folder, (scope, log)) in kept.into_iter().flat_map(|folder| logs.iter().map(move |log| (folder, log))) {
        let folder = folder.join(log);
        let newest = newest(&folder).map_err(|error| VerifyError::File { file: folder, error })?;
        let newest = checkpoints(newest.as_slice(), &key)?;
        if let Some((file, _)) = newest.iter().find(|(_, checkpoint)| checkpoint.scope != *scope) {
            return Err(VerifyError::OtherLog(file.clone()));
        }
        named.extend(newest);
    }
    let began = Instant::now();
    let mut entries = 0;
    for (scope, log) in logs {
        let known = named.iter().filter(|(_, checkpoint)| checkpoint.scope == scope);
        let known = known.map(|(_, checkpoint)| checkpoint.head.clone()).collect();
        let verified = verify_log(sluice, &scope, known).await?;
        let head = verified.outcome.map_err(|broken| VerifyError::Broken { log: log.clone(), broken })?;
        entries += head.sequence;
        println!("{log}: whole, {} entries, head {}", head.sequence, head.hash);
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{entries} entries in {seconds:.2} s; {} checkpoints hold.", named.len());
    Ok(())
}

/// Walks an exported log.
///
/// # Errors
/// The first entry that is not as it was written.
pub(crate) fn verify_export(args: &VerifyAuditArgs) -> Result<(), VerifyError> {
    let Some(file) = &args.file else { return Ok(()) };
    let failed = |error| VerifyError::File { file: file.clone(), error };
    let mut known = Vec::new();
    let mut scope = None;
    if !args.checkpoint.is_empty() {
        let key = args.key.as_deref().ok_or(VerifyError::NoKey)?;
        for (file, checkpoint) in checkpoints(&args.checkpoint, &PublicKey::parse(key).map_err(VerifyError::Key)?)? {
            if scope.get_or_insert_with(|| checkpoint.scope.clone()) != &checkpoint.scope {
                return Err(VerifyError::OtherLog(file));
            }
            known.push(checkpoint.head);
        }
    }
    let mut chain: Option<Chain> = None;
    let broken = |broken| VerifyError::Broken { log: file.display().to_string(), broken };
    for line in BufReader::new(std::fs::File::open(file).map_err(failed)?).lines() {
        let line = line.map_err(failed)?;
        if chain.is_none() {
            // A log says itself whose it is; a checkpoint that says something else does not fit it.
            let own = Entry::of_line(&line).map(|(entry, _)| entry.scope).unwrap_or_default();
            chain = Some(Chain::new(&scope.take().unwrap_or(own), std::mem::take(&mut known)));
        }
        if let Some(chain) = &mut chain {
            chain.next(&line).map_err(broken)?;
        }
    }
    let chain = chain.unwrap_or_else(|| Chain::new("", known));
    let Head { sequence, hash } = chain.end().map_err(broken)?;
    println!("{}: whole, {sequence} entries, head {hash}", file.display());
    Ok(())
}

/// Checks a pack of evidence.
///
/// # Errors
/// The first thing in it that is not as it was signed.
pub(crate) fn verify_evidence(args: &VerifyEvidenceArgs) -> Result<(), VerifyError> {
    let bytes = std::fs::read(&args.file).map_err(|error| VerifyError::File { file: args.file.clone(), error })?;
    let key = args.key.as_deref().map(PublicKey::parse).transpose().map_err(VerifyError::Key)?;
    let checked =
        evidence::check(&bytes, key.as_ref()).map_err(|fault| VerifyError::Pack { file: args.file.clone(), fault })?;
    let (first, last) = checked.entries;
    println!("{}", checked.title);
    println!("{} files are as they were signed.", checked.files);
    println!(
        "The audit log in it is whole: entries {first} to {last}, to its checkpoint of {}.",
        Timestamp::from_micros(checked.checkpoint.at).date_time()
    );
    match key {
        Some(_) => println!("Signed with the key that you gave."),
        None => println!(
            "Signed with the key in the pack. Compare it with the one that the vendor published:\n{}",
            checked.key
        ),
    }
    Ok(())
}

/// Checks the receipt of a removal, by the key that was given or else by the installation's own.
///
/// # Errors
/// Why it cannot be relied on.
pub(crate) fn verify_receipt(args: &VerifyReceiptArgs, own: Option<&PublicKey>) -> Result<(), VerifyError> {
    let given = args.key.as_deref().map(PublicKey::parse).transpose().map_err(VerifyError::Key)?;
    let key = given.as_ref().or(own).ok_or(VerifyError::NoKey)?;
    let receipt = receipt::check(&read(&args.file)?, key);
    let receipt = receipt.map_err(|fault| VerifyError::Receipt { file: args.file.clone(), fault })?;
    println!("{} ({}), region {}", receipt.organisation.name, receipt.organisation.slug, receipt.region);
    println!("{}", receipt.because);
    println!(
        "{} records were removed by {}; {} are left. It ceased to contribute on {} and was due on {}.",
        receipt.records_removed, receipt.removed_at, receipt.records_left, receipt.since, receipt.due
    );
    for of in &receipt.removed {
        println!("  {:>9}  {}  {}  {}", of.records, of.app, of.space, of.kind);
    }
    if !receipt.keys_destroyed.is_empty() {
        let keys: Vec<String> = receipt.keys_destroyed.iter().map(ToString::to_string).collect();
        println!("Keys that were destroyed: {}.", keys.join(", "));
    }
    println!("The signature holds.");
    Ok(())
}
