//! `sluice key`: API keys from the machine, for whoever sets up programs without a browser.

use clap::{Args, Subcommand};
use service::Sluice;
use service::access::{OrgAdmin, ReadsOrg as _, Via, Who, org_admin};
use service::keys::{KeyError, Scope, Wanted, create};
use service::ports::StoreError;
use thiserror::Error;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Makes a key and prints it, this once.
    Create(CreateArgs),
}

#[derive(Args, Debug)]
pub(crate) struct CreateArgs {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// Which program uses it.
    #[arg(long)]
    name: String,
    /// What it may do: some of read, write, preview, ingest, audit, with commas between them.
    #[arg(long = "scope", value_delimiter = ',', value_parser = parse_scope, required = true)]
    scopes: Vec<Scope>,
    /// For how many days it works.
    #[arg(long)]
    days: i64,
    /// The admin on whose behalf it acts, by e-mail address; without it, the first admin that the organisation has.
    #[arg(long)]
    admin: Option<String>,
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| "choose from read, write, preview, ingest, audit".to_owned())
}

/// Why no key was made. The text is what the terminal shows.
#[derive(Debug, Error)]
pub enum KeyCommandError {
    #[error("there is no organisation `{0}` with such an admin")]
    NoAdmin(String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// Does what was asked and returns what to print.
pub(crate) async fn run(sluice: &Sluice, command: KeyCommand) -> Result<String, KeyCommandError> {
    let KeyCommand::Create(args) = command;
    let admin = admin(sluice, &args).await?;
    let wanted = Wanted { name: args.name, scopes: args.scopes, days: args.days, proved: true };
    let (secret, key) = create(sluice, &admin, &wanted).await?;
    tracing::info!(key = key.id, org = admin.org().slug, "made an API key");
    Ok(secret.reveal().to_owned())
}

async fn admin(sluice: &Sluice, args: &CreateArgs) -> Result<OrgAdmin, KeyCommandError> {
    for account in sluice.store.all_accounts().await? {
        if args.admin.as_ref().is_some_and(|email| *email != account.email) {
            continue;
        }
        let who = Who { account, via: Via::command_line() };
        if let Ok(admin) = org_admin(sluice.store.as_ref(), who, &args.org).await {
            return Ok(admin);
        }
    }
    Err(KeyCommandError::NoAdmin(args.org.clone()))
}
