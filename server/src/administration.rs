//! The sub-commands for organisations, accounts and backups. A password is read from standard input or made up and shown
//! once; it is never an argument, which every other program on the machine could read.

#![allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]

use std::io::BufRead as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use policy::Timestamp;
use service::Sluice;
use service::administration::{
    AdministrationError, Belongs, create_account, create_organisation, reset_password, unlink,
};
use service::model::{Role, StaffRole};
use service::moves;
use store::Database;
use store::backup::{self, BackupError};
use uuid::Uuid;

use crate::commands::{CommandError, operator};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account: of the vendor's staff, or in an organisation.
    Create(CreateUser),
    /// Gives an account another password and ends all of its sessions.
    Reset(ResetUser),
    /// Forgets whom the sign-in provider calls this account, and ends all of its sessions.
    Unlink(UnlinkUser),
}

#[derive(Args, Debug)]
pub(crate) struct CreateUser {
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    /// `support` or `operator`.
    #[arg(long, value_parser = parse_staff, required_unless_present = "org", conflicts_with = "org")]
    staff: Option<StaffRole>,
    /// The slug of the account's organisation.
    #[arg(long, requires = "role")]
    org: Option<String>,
    /// What the account may do there: `admin`, `auditor` or `member`.
    #[arg(long, value_parser = parse_role, requires = "org")]
    role: Option<Role>,
    /// Tell nobody the password: the account signs in through the provider only.
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    #[command(flatten)]
    password: Password,
}

#[derive(Args, Debug)]
pub(crate) struct ResetUser {
    #[arg(long)]
    email: String,
    #[command(flatten)]
    password: Password,
}

#[derive(Args, Debug)]
pub(crate) struct UnlinkUser {
    #[arg(long)]
    email: String,
}

#[derive(Args, Debug)]
struct Password {
    /// Read the password from standard input, one line; without this one is made up and shown.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    /// Makes an organisation. It has no account yet: `sluice user create` makes one.
    Create(CreateOrg),
    /// Moves what an organisation contributed to another region. A server that runs does it; until it is there, batches are
    /// refused.
    Move(MoveOrg),
}

#[derive(Args, Debug)]
pub(crate) struct MoveOrg {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// A region of the catalogue for which a database is set up.
    #[arg(long, value_name = "REGION")]
    to: String,
}

#[derive(Args, Debug)]
pub(crate) struct CreateOrg {
    /// Its name in addresses: a–z, 0–9 and -.
    #[arg(long)]
    slug: String,
    #[arg(long)]
    name: String,
    /// Where what it contributes is kept: a region of the catalogue for which a database is set up; without it, the catalogue's
    /// first.
    #[arg(long)]
    region: Option<String>,
    /// An app that it subscribes to from now on, with its plan: `jira=premium`. May be given more than once.
    #[arg(long = "app", value_name = "APP=PLAN", value_parser = parse_app)]
    apps: Vec<(String, String)>,
}

#[derive(Args, Debug)]
pub(crate) struct BackupArgs {
    /// The new file to write.
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    /// A file that `sluice backup` wrote.
    file: PathBuf,
    /// Put it in the place of a database that is there; that one is kept beside it.
    #[arg(long)]
    replace: bool,
}

fn parse_staff(text: &str) -> Result<StaffRole, String> {
    StaffRole::parse(text).ok_or_else(|| "choose support or operator".to_owned())
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "choose admin, auditor or member".to_owned())
}

fn parse_app(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or("write it as jira=premium")?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

impl Password {
    /// The password, and whether it still has to be shown to someone.
    fn read(&self) -> Result<(String, bool), CommandError> {
        if !self.password_stdin {
            // 122 random bits.
            return Ok((Uuid::new_v4().simple().to_string(), true));
        }
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        let end = line.trim_end_matches(['\r', '\n']).len();
        line.truncate(end);
        Ok((line, false))
    }
}

pub(crate) async fn user(sluice: &Sluice, database: &Database, command: UserCommand) -> Result<(), CommandError> {
    let administration = database.administration.as_ref();
    match command {
        UserCommand::Create(CreateUser { email, name, staff, org, role, no_password, password }) => {
            let belongs = match (staff, org.zip(role)) {
                (Some(staff), _) => Belongs::Staff(staff),
                (None, Some((org, role))) => Belongs::Member(org, role),
                // The command line asks for one of the two.
                (None, None) => return Err(AdministrationError::NoOrganisation(String::new()).into()),
            };
            let (password, made_up) = password.read()?;
            let account = create_account(sluice, administration, &email, &name, &belongs, &password).await?;
            let through = if no_password { " through the provider" } else { "" };
            println!("{} can sign in{through} with {}.", account.name, account.email);
            show(&password, made_up && !no_password);
        }
        UserCommand::Reset(ResetUser { email, password }) => {
            let (password, made_up) = password.read()?;
            reset_password(sluice, &email, &password).await?;
            println!("The password of {email} was changed, and everyone who was signed in with it is signed out.");
            show(&password, made_up);
        }
        UserCommand::Unlink(UnlinkUser { email }) => {
            unlink(sluice, &email).await?;
            println!("{email} is linked to no provider, and everyone who was signed in with it is signed out.");
        }
    }
    Ok(())
}

fn show(password: &str, made_up: bool) {
    if made_up {
        println!("The password is shown this once: {password}");
    }
}

pub(crate) async fn org(sluice: &Sluice, database: &Database, command: OrgCommand) -> Result<(), CommandError> {
    let CreateOrg { slug, name, region, apps } = match command {
        OrgCommand::Create(create) => create,
        OrgCommand::Move(MoveOrg { org, to }) => {
            let begun = moves::begin(sluice, &operator(sluice, &org).await?, &to).await?;
            println!(
                "{org} moves from {} to {}. A running server does it; batches are refused meanwhile.",
                begun.source, begun.target
            );
            println!("The organisation's audit log says when it is there, and has the receipt of what was removed.");
            return Ok(());
        }
    };
    let first = || sluice.catalogue().regions.first().map(|region| region.id.clone()).unwrap_or_default();
    let region = region.unwrap_or_else(first);
    let org = create_organisation(sluice, database.administration.as_ref(), &slug, &name, &region, &apps).await?;
    println!("{} is at /orgs/{slug}. Next: sluice user create --org {slug} --role admin …", org.name);
    Ok(())
}

pub(crate) async fn back_up(url: &str, args: BackupArgs, now: Timestamp) -> Result<(), BackupError> {
    backup::backup(url, &args.file, now).await?;
    println!("Wrote {} and read it through. Keep it as safe as the database.", args.file.display());
    println!("It holds neither contributed data nor keys: these stand in the databases of the regions.");
    Ok(())
}

pub(crate) async fn restore(url: &str, args: RestoreArgs, now: Timestamp) -> Result<(), BackupError> {
    let kept = backup::restore(url, &args.file, args.replace, now).await?;
    println!("Restored {}. Everyone has to sign in again.", args.file.display());
    if let Some(kept) = kept {
        println!("The former database is {}.", kept.display());
    }
    println!("If this is a newer version of Sluice than the one that wrote it, run `sluice migrate` now.");
    Ok(())
}
