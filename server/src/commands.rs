//! The sub-commands. Each is a few lines around a use case; what they print is for people unless `--json` is given.

#![allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use deidentify::{Deidentifier, Dictionary, Directory, Format};
use language::Dates as _;
use leptos::config::LeptosOptions;
use policy::{Catalogue, Kind, Target, Timestamp, Translation};
use serde::Serialize;
use service::access::{NoAccess, Operator};
use service::demo::{self, Seeded};
use service::ingest::Engines;
use service::ports::Clock as _;
use service::preview::{Outgoing, PreviewError, every_item};
use service::settings::SettingsError;
use service::settings::why::{Why, explain};
use service::sign_in::Passwords;
use service::uploads::Uploads;
use service::vault::{self, VaultError};
use service::words;
use service::{Catalogues, Sluice};
use store::{Database, Sessions};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_sessions_core::ExpiredDeletion as _;

use crate::administration::{self, BackupArgs, OrgCommand, RestoreArgs, UserCommand};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::contributed::{ContributedArgs, contributed};
use crate::imports::{IngestArgs, ingest};
use crate::keys::{self, KeyCommand, KeyCommandError};
use crate::limits::{Limits, Quotas};
use crate::listen::{self, Patience};
use crate::metrics;
use crate::oidc::{OidcError, Provider};
use crate::regions::OpenRegions;
use crate::router::{AppState, router};
use crate::verify::{VerifyAuditArgs, VerifyEvidenceArgs, VerifyReceiptArgs};
use crate::{checkpoints, lines, master, regions, releases, signing, verify, worker};

/// Data contribution console: decide what leaves, and see that nothing else does.
#[derive(Debug, Parser)]
#[command(name = "sluice", version)]
pub struct Cli {
    /// A configuration file; without it, `sluice.toml` in this folder if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A catalogue that replaces the built-in one.
    #[arg(long, global = true, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Brings the database up to date.
    Migrate,
    /// Fills an empty database with the demo organisations.
    Seed,
    /// Serves the console.
    Serve,
    /// Makes organisations, and moves them to another region.
    #[command(subcommand)]
    Org(OrgCommand),
    /// Makes accounts and gives them another password.
    #[command(subcommand)]
    User(UserCommand),
    /// Writes the whole SQLite database into a new file, also while the server runs.
    Backup(BackupArgs),
    /// Puts such a file in the place of the database, while no server runs.
    Restore(RestoreArgs),
    /// Says whether something contributes, and why.
    Decide(DecideArgs),
    /// Prints what would leave of each item of an export.
    Preview(PreviewArgs),
    /// API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Reads files of items in: what they contribute is decided, de-identified, encrypted and stored.
    Ingest(IngestArgs),
    /// Opens the newest records that an organisation contributed, for a purpose; its audit log says so.
    Contributed(ContributedArgs),
    /// Makes a release of the patterns that many organisations share, now.
    Release,
    /// Keys for contributed data.
    #[command(subcommand)]
    DataKey(DataKeyCommand),
    /// Replaces personal data in texts: JSON lines `{"id", "text"}` in, JSON lines with spans and the redacted text out.
    Deidentify(DeidentifyArgs),
    /// Walks the audit logs and says whether anything in them was changed.
    VerifyAudit(VerifyAuditArgs),
    /// Checks a pack of evidence. Needs no database and no network.
    VerifyEvidence(VerifyEvidenceArgs),
    /// Checks the receipt of a removal. Needs no database and no network.
    VerifyReceipt(VerifyReceiptArgs),
    /// Prints the public key that checks this installation's signatures.
    PublicKey,
}

#[derive(Args, Debug)]
struct DecideArgs {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// An app, or with `--space` the app of the space; a platform app works as well.
    #[arg(long)]
    app: Option<String>,
    /// A space of that app, by key.
    #[arg(long, requires = "app", conflicts_with = "connector")]
    space: Option<String>,
    #[arg(long, conflicts_with = "app")]
    connector: Option<String>,
    /// `metadata` or `in-app`.
    #[arg(long)]
    kind: Kind,
    /// At this time instead of now: `2026-08-17`, which means the end of that day, or `2026-08-17T09:00:00Z`.
    #[arg(long, value_parser = parse_time)]
    at: Option<Timestamp>,
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
struct PreviewArgs {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// An answer of a product's REST API (JSON), a CSV export of Jira, or an XML export of a Confluence space (ZIP).
    #[arg(long, value_name = "FILE")]
    jira: PathBuf,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum DataKeyCommand {
    /// Makes a new key for an organisation and has everything sealed with it again, while it goes on.
    Renew {
        /// The organisation's slug.
        #[arg(long)]
        org: String,
    },
}

#[derive(Args, Debug)]
struct DeidentifyArgs {
    /// People who are known: JSON lines `{"username", "display_name", "email"}`.
    #[arg(long, value_name = "FILE")]
    directory: Option<PathBuf>,
    /// How the texts are written: text, adf, wiki, html or markdown.
    #[arg(long, default_value = "text", value_parser = parse_format)]
    format: Format,
    /// Worker threads.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Skip lines that cannot be read; each is told on standard error.
    #[arg(long)]
    keep_going: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| "choose text, adf, wiki, html or markdown".to_owned())
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_as_of(text).ok_or_else(|| "write it as 2026-08-17 or 2026-08-17T09:00:00Z".to_owned())
}

/// Why a command stopped. The text is what the terminal shows.
#[derive(Debug, Error)]
pub enum CommandError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error("the catalogue {file} cannot be used: {error}")]
    Catalogue { file: String, error: policy::CatalogueError },
    #[error("cannot read {file}: {error}")]
    File { file: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Database(#[from] store::OpenError),
    #[error(transparent)]
    Backup(#[from] store::backup::BackupError),
    #[error(transparent)]
    Administration(#[from] service::administration::AdministrationError),
    #[error(transparent)]
    Lines(#[from] lines::LinesError),
    #[error("the database is not up to date; run `sluice migrate` first")]
    NotMigrated,
    #[error("cannot listen on {addr}: {error}. Set SLUICE_ADDR or SLUICE_METRICS_ADDR to another address.")]
    Listen { addr: std::net::SocketAddr, error: std::io::Error },
    #[error(transparent)]
    Seed(#[from] demo::SeedError),
    #[error("there is no organisation `{0}`")]
    NoOrganisation(String),
    #[error("{org} has no {what}")]
    NoTarget { org: String, what: String },
    #[error("{file}: {error}")]
    Preview { file: PathBuf, error: PreviewError },
    #[error(transparent)]
    Key(#[from] KeyCommandError),
    #[error(transparent)]
    Oidc(#[from] OidcError),
    #[error(transparent)]
    Signing(#[from] signing::SigningError),
    #[error(transparent)]
    Master(#[from] master::MasterError),
    #[error(
        "the master key is not the one that the keys in the region {0} are wrapped with: nothing there can be read with it. \
         Put the former one back; if its file was missing, a new one was made in its place and can be overwritten."
    )]
    OtherMaster(String),
    #[error(transparent)]
    Regions(#[from] regions::RegionsError),
    #[error("{file}: {error}")]
    Import { file: PathBuf, error: service::imports::ImportError },
    #[error("there is no such purpose; the catalogue has {0}")]
    NoPurpose(String),
    #[error("nothing was opened: {0}")]
    Contributed(#[source] service::contributed::ContributedError),
    #[error(transparent)]
    Release(#[from] releases::NoRelease),
    #[error(transparent)]
    Job(#[from] service::jobs::JobError),
    #[error(transparent)]
    Move(#[from] service::moves::MoveError),
    #[error(transparent)]
    Verify(#[from] verify::VerifyError),
    #[error("{0}")]
    Store(#[from] service::ports::StoreError),
    #[error("{0}")]
    SignIn(#[from] service::sign_in::SignInError),
    #[error("cannot write the answer: {0}")]
    Output(#[from] std::io::Error),
    #[error("cannot write the answer as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs a command line.
///
/// # Errors
/// Whatever stopped it, in words for the terminal.
pub async fn run(cli: Cli) -> Result<(), CommandError> {
    // Files need neither a configuration nor a database.
    match &cli.command {
        Command::Deidentify(args) => return tokio::task::block_in_place(|| deidentify(args)),
        Command::VerifyEvidence(args) => return Ok(verify::verify_evidence(args)?),
        Command::VerifyReceipt(args) if args.is_offline() => return Ok(verify::verify_receipt(args, None)?),
        Command::VerifyAudit(args) if args.is_offline() => return Ok(verify::verify_export(args)?),
        _ => {}
    }
    let mut config = Config::load(cli.config)?;
    if cli.catalogue.is_some() {
        config.catalogue = cli.catalogue;
    }
    tracing_subscriber::fmt()
        .with_env_filter(config.log.as_str())
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    // A database is saved and put back as it is, whether it is up to date or can be opened at all.
    let command = match cli.command {
        Command::Backup(args) => {
            return Ok(administration::back_up(&config.database_url, args, SystemClock.now()).await?);
        }
        Command::Restore(args) => {
            return Ok(administration::restore(&config.database_url, args, SystemClock.now()).await?);
        }
        command => command,
    };
    let (catalogue, german) = catalogue(&config)?;
    for text in catalogue.missing(&german) {
        tracing::warn!(text, "a text of the catalogue has no German and is told in English");
    }
    let database = Database::open(&config.database_url, Arc::new(SystemClock)).await?;
    let regions = Arc::new(OpenRegions::open(&config, &catalogue)?);
    let sluice = Sluice {
        store: Arc::clone(&database.control_plane),
        catalogues: Catalogues::new(catalogue, &german),
        clock: Arc::new(SystemClock),
        uploads: Uploads::default(),
        signer: Arc::new(signing::load(&config)?),
        regions: regions.regions(),
        master: master::load(&config)?,
        engines: Engines::default(),
        reading: Default::default(),
    };
    let _held = store::backup::hold(&config.database_url)?;
    let done = match ready(&command, &database, &sluice).await {
        Ok(()) => carry_out(command, config, &database, &regions, sluice).await,
        Err(error) => Err(error),
    };
    regions.close().await;
    database.close().await;
    done
}

/// Stops what would fail or do harm with the databases as they are.
async fn ready(command: &Command, database: &Database, sluice: &Sluice) -> Result<(), CommandError> {
    match command {
        Command::Migrate => Ok(()),
        _ if !database.is_current().await => Err(CommandError::NotMigrated),
        // They seal, or make a key that seals.
        Command::Serve | Command::Seed | Command::Ingest(_) | Command::Release | Command::DataKey(_) => {
            try_master(sluice).await
        }
        _ => Ok(()),
    }
}

async fn carry_out(
    command: Command,
    config: Config,
    database: &Database,
    regions: &Arc<OpenRegions>,
    sluice: Sluice,
) -> Result<(), CommandError> {
    match command {
        Command::Migrate => database.migrate().await.map_err(CommandError::from),
        Command::Seed => seed(&sluice).await,
        Command::Serve => serve(config, database.clone(), Arc::clone(regions), sluice).await,
        Command::Org(command) => administration::org(&sluice, database, command).await,
        Command::User(command) => administration::user(&sluice, database, command).await,
        Command::Decide(args) => decide(&sluice, args).await,
        Command::Preview(args) => preview(&sluice, args).await,
        Command::Ingest(args) => match operator(&sluice, args.org()).await {
            Ok(operator) => ingest(&sluice, &operator, &args).await,
            Err(error) => Err(error),
        },
        Command::Contributed(args) => match operator(&sluice, args.org()).await {
            Ok(operator) => contributed(&sluice, &operator, args).await,
            Err(error) => Err(error),
        },
        Command::Release => releases::release(&sluice).await.map_err(CommandError::from),
        Command::DataKey(DataKeyCommand::Renew { org }) => renew_key(&sluice, &org).await,
        Command::VerifyReceipt(args) => {
            verify::verify_receipt(&args, Some(sluice.signer.public())).map_err(CommandError::from)
        }
        Command::Key(command) => {
            println!("{}", keys::run(&sluice, command).await?);
            Ok(())
        }
        Command::VerifyAudit(args) => {
            verify::verify_audit(&sluice, args, config.checkpoints.as_deref()).await.map_err(CommandError::from)
        }
        Command::PublicKey => {
            println!("{}", sluice.signer.public());
            Ok(())
        }
        Command::Deidentify(_) | Command::VerifyEvidence(_) | Command::Backup(_) | Command::Restore(_) => Ok(()),
    }
}

/// The catalogue and its German: for `rules.toml` what stands in `rules.de.toml` beside it, if there is one.
fn catalogue(config: &Config) -> Result<(Catalogue, Translation), CommandError> {
    let Some(file) = &config.catalogue else {
        let named = |error| CommandError::Catalogue { file: "built in".to_owned(), error };
        return Ok((Catalogue::built_in().map_err(named)?, Translation::built_in().map_err(named)?));
    };
    let read = |file: &Path| {
        std::fs::read_to_string(file).map_err(|error| CommandError::File { file: file.to_owned(), error })
    };
    let named = |file: &Path, error| CommandError::Catalogue { file: file.display().to_string(), error };
    let catalogue = Catalogue::parse(&read(file)?).map_err(|error| named(file, error))?;
    let german = file.with_extension("de.toml");
    if !german.exists() {
        return Ok((catalogue, Translation::default()));
    }
    let german = Translation::parse(&read(&german)?).map_err(|error| named(&german, error))?;
    Ok((catalogue, german))
}

async fn seed(sluice: &Sluice) -> Result<(), CommandError> {
    match demo::seed(sluice).await? {
        Seeded::Now => {
            demo::contribute(sluice).await?;
            println!("Wrote the demo organisations.");
        }
        Seeded::Before => println!("The demo organisations are there already; nothing was changed."),
    }
    Ok(())
}

/// How long a start waits for a region to try the master key on.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Stops with a master key that opens nothing: with it every batch would fail, and where an organisation has no key yet, a new one
/// would hide that. A region that does not answer, or a key management system, must not keep the server from starting.
async fn try_master(sluice: &Sluice) -> Result<(), CommandError> {
    for region in sluice.regions.0.values() {
        let tried = tokio::time::timeout(PATIENCE, vault::try_master(region, sluice.master.as_ref())).await;
        if let Ok(Err(VaultError::Sealed)) = tried {
            return Err(CommandError::OtherMaster(region.id.clone()));
        }
    }
    Ok(())
}

async fn serve(
    config: Config,
    database: Database,
    regions: Arc<OpenRegions>,
    sluice: Sluice,
) -> Result<(), CommandError> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let demo = sluice.store.is_demo().await?;
    let state = AppState {
        sluice,
        passwords: Passwords::new(cores)?,
        oidc: config.oidc()?.map(Provider::new).transpose()?.map(Arc::new),
        assets: assets(&config),
        origin: config.public_url.as_deref().map(Arc::from),
        proxies: Arc::new(config.trusted_proxies.clone()),
        limits: Arc::new(Limits::new(Quotas::default())),
        metrics: Arc::default(),
        database: database.clone(),
    };
    let bind = async |addr| TcpListener::bind(addr).await.map_err(|error| CommandError::Listen { addr, error });
    let listener = bind(config.addr).await?;
    let mut beside = vec![
        tokio::spawn(sweep_sessions(database.sessions.clone())),
        tokio::spawn(sweep_uploads(state.sluice.clone())),
    ];
    if let Some(folder) = config.checkpoints.clone() {
        beside.push(tokio::spawn(checkpoints::keep(state.sluice.clone(), folder)));
    }
    if let Some(addr) = config.metrics_addr {
        let metrics = metrics::router(Arc::clone(&state.metrics), database.clone(), regions);
        beside.push(tokio::spawn(listen::serve(
            bind(addr).await?,
            metrics,
            Patience::default(),
            std::future::pending(),
        )));
    }
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::run(state.sluice.clone(), Arc::clone(&state.metrics), stopped));
    println!("Sluice is at {}", config.address());
    if demo {
        println!(
            "This is a demo database: open the address and choose an account, or use its e-mail address with the \
             password “{}”.",
            demo::PASSWORD
        );
    }
    listen::serve(listener, router(state, config.secure()), Patience::default(), stop_signal()).await;
    beside.iter().for_each(tokio::task::JoinHandle::abort);
    // What a worker has begun can be done again, so it is not waited for without end.
    stop.send_replace(true);
    if tokio::time::timeout(LONGEST_STEP, working).await.is_err() {
        tracing::warn!("a job was under way; it goes on at the next start");
    }
    Ok(())
}

/// How long a stop waits for the step of a job that is under way.
const LONGEST_STEP: std::time::Duration = std::time::Duration::from_secs(10);

/// Forgets sessions that are over, for as long as the server runs. A failure is logged and tried again.
async fn sweep_sessions(sessions: Sessions) {
    let mut interval = tokio::time::interval(std::time::Duration::from_secs(600));
    loop {
        interval.tick().await;
        if let Err(error) = sessions.delete_expired().await {
            tracing::warn!(%error, "old sessions were not deleted");
        }
    }
}

/// Forgets files that nobody looks at any more, also when nobody comes to look.
async fn sweep_uploads(sluice: Sluice) {
    let mut interval = tokio::time::interval(std::time::Duration::from_secs(60));
    loop {
        interval.tick().await;
        sluice.uploads.sweep(sluice.now());
    }
}

/// Where the front end was built to. The names agree with the workspace's `Cargo.toml`.
fn assets(config: &Config) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("sluice")
        .site_root(config.site.display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(config.addr)
        .build()
}

/// Waits for Ctrl-C or a polite kill.
async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("finishing what is under way");
}

pub(crate) async fn operator(sluice: &Sluice, slug: &str) -> Result<Operator, CommandError> {
    service::access::operator(sluice.store.as_ref(), slug).await.map_err(|error| match error {
        NoAccess::NotFound | NoAccess::Forbidden { .. } | NoAccess::NoReview { .. } => {
            CommandError::NoOrganisation(slug.to_owned())
        }
        NoAccess::Store(error) => CommandError::Store(error),
    })
}

#[derive(Serialize)]
struct DecideAnswer<'a> {
    org: &'a str,
    target: String,
    at: String,
    catalogue: &'a str,
    #[serde(flatten)]
    why: Why,
}

async fn decide(sluice: &Sluice, args: DecideArgs) -> Result<(), CommandError> {
    let operator = operator(sluice, &args.org).await?;
    let target = match (args.app, args.space, args.connector) {
        (Some(app), Some(key), _) => Target::Space { app, key },
        (Some(app), None, _) if sluice.catalogue().platform_app(&app).is_some() => Target::PlatformApp(app),
        (Some(app), None, _) => Target::App(app),
        (None, _, Some(connector)) => Target::Connector(connector),
        (None, _, None) => Target::Organisation,
    };
    let at = args.at.unwrap_or_else(|| sluice.now());
    let no_target = || CommandError::NoTarget { org: args.org.clone(), what: target.to_string() };
    let explanation = explain(sluice, &operator, &target, at).await.map_err(|error| match error {
        SettingsError::Store(error) => CommandError::Store(error),
        SettingsError::NotFound | SettingsError::Refused(_) => no_target(),
    })?;
    let why = explanation.decisions.into_iter().find(|why| why.kind == args.kind).ok_or_else(no_target)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        let answer = DecideAnswer {
            org: &args.org,
            target: target.to_string(),
            at: at.rfc3339(),
            catalogue: &sluice.catalogue().version,
            why,
        };
        serde_json::to_writer_pretty(&mut out, &answer)?;
        writeln!(out)?;
        return Ok(());
    }
    let state = if why.contributes { "contributes" } else { "does not contribute" };
    writeln!(out, "{target} of {} {state} {} at {}", args.org, words::kind(args.kind).to_lowercase(), at.date_time())?;
    for step in &why.because {
        let mark = if step.decides { "→" } else { " " };
        writeln!(out, "{mark} {:<42} {}", step.question, step.answer)?;
    }
    Ok(())
}

async fn preview(sluice: &Sluice, args: PreviewArgs) -> Result<(), CommandError> {
    let operator = operator(sluice, &args.org).await?;
    let file = args.jira;
    let bytes = std::fs::read(&file).map_err(|error| CommandError::File { file: file.clone(), error })?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut first = true;
    let json = args.json;
    if json {
        write!(out, "[")?;
    }
    let each = |item: &service::preview::PreviewItem| -> Result<(), StreamError> {
        let outgoing = Outgoing::from(item);
        if json {
            // An array with one item a line: readable as a whole and line by line.
            write!(out, "{}", if std::mem::take(&mut first) { "\n" } else { ",\n" })?;
            serde_json::to_writer(&mut out, &outgoing)?;
            return Ok(());
        }
        writeln!(out, "{}", outgoing.item)?;
        for field in outgoing.leaves.metadata.iter().chain(&outgoing.leaves.in_app) {
            writeln!(out, "  leaves  {:<28} {}", field.field, field.values.join(" | "))?;
        }
        for field in &outgoing.stays {
            writeln!(out, "  stays   {:<28} {}", field.field, field.because)?;
        }
        Ok(())
    };
    every_item(sluice, &operator, &bytes, each).await.map_err(|error| match error {
        StreamError::Preview(error) => CommandError::Preview { file, error },
        StreamError::Output(error) => CommandError::Output(error),
        StreamError::Json(error) => CommandError::Json(error),
    })?;
    if json {
        writeln!(out, "\n]")?;
    }
    out.flush()?;
    Ok(())
}

async fn renew_key(sluice: &Sluice, org: &str) -> Result<(), CommandError> {
    let operator = operator(sluice, org).await?;
    let generation = service::jobs::renew_key(sluice, &operator).await?;
    println!(
        "Key {generation} of {org} seals from now on. A running server seals the rest with it and destroys the older ones."
    );
    Ok(())
}

fn deidentify(args: &DeidentifyArgs) -> Result<(), CommandError> {
    let directory = match &args.directory {
        Some(file) => {
            let opened = std::fs::File::open(file);
            let opened = opened.map_err(|error| CommandError::File { file: file.clone(), error })?;
            lines::directory(std::io::BufReader::new(opened))?
        }
        None => Directory::default(),
    };
    let engine = Deidentifier::new(&directory, &Dictionary::default());
    let options = lines::Options { format: args.format, jobs: args.jobs, keep_going: args.keep_going };
    let input = std::io::BufReader::with_capacity(1 << 20, std::io::stdin());
    let output = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    Ok(lines::run(&engine, options, input, output, std::io::stderr())?)
}

#[derive(Debug, Error)]
enum StreamError {
    #[error(transparent)]
    Preview(#[from] PreviewError),
    #[error(transparent)]
    Output(#[from] std::io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
