//! `sluice contributed`: what an organisation contributed, opened at the machine. The organisation's audit log says so before
//! anything is read.

#![allow(clippy::print_stdout, reason = "a command's answer goes to standard output")]

use std::io::Write as _;

use clap::Args;
use language::Dates as _;
use policy::Kind;
use serde::Serialize;
use service::Sluice;
use service::access::Operator;
use service::contributed::{ContributedError, KeptField, MOST, Opened, records};
use service::data_plane::RecordFilter;
use service::words;

use crate::commands::CommandError;

#[derive(Args, Debug)]
pub(crate) struct ContributedArgs {
    /// The organisation's slug.
    #[arg(long)]
    org: String,
    /// What it is read for: the id of a purpose of the catalogue. The organisation reads it in its audit log.
    #[arg(long)]
    purpose: String,
    /// Of this app only.
    #[arg(long)]
    app: Option<String>,
    /// Of this space of the app only, by key.
    #[arg(long, requires = "app")]
    space: Option<String>,
    /// `metadata` or `in-app`; without it, both.
    #[arg(long)]
    kind: Option<Kind>,
    /// How many of the newest records.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST)))]
    limit: u32,
    /// A record a line.
    #[arg(long)]
    json: bool,
}

impl ContributedArgs {
    pub(crate) fn org(&self) -> &str {
        &self.org
    }
}

#[derive(Serialize)]
struct Line<'a> {
    /// What the item is called here: a keyed hash.
    item: &'a str,
    app: &'a str,
    space: &'a str,
    kind: &'static str,
    stored_at: String,
    settings_version: i64,
    fields: &'a [KeptField],
}

/// Opens the newest records.
///
/// # Errors
/// Without a purpose of the catalogue, and when the region, its keys or the audit log cannot be reached.
pub(crate) async fn contributed(
    sluice: &Sluice,
    operator: &Operator,
    args: ContributedArgs,
) -> Result<(), CommandError> {
    let filter = RecordFilter { app: args.app, space: args.space, kind: args.kind, item: None };
    let opened = records(sluice, operator, &args.purpose, &filter, None, args.limit).await.map_err(|error| {
        let purposes = sluice.catalogue().purposes.iter().map(|purpose| purpose.id.as_str());
        match error {
            ContributedError::NoPurpose => CommandError::NoPurpose(purposes.collect::<Vec<_>>().join(", ")),
            error => CommandError::Contributed(error),
        }
    })?;
    let mut out = std::io::stdout().lock();
    for Opened { record, fields } in &opened {
        if args.json {
            let line = Line {
                item: &record.place.item,
                app: &record.app,
                space: &record.space,
                kind: record.place.kind.id(),
                stored_at: record.stored_at.rfc3339(),
                settings_version: record.version,
                fields,
            };
            serde_json::to_writer(&mut out, &line)?;
            writeln!(out)?;
            continue;
        }
        let (kind, at) = (words::kind(record.place.kind).to_lowercase(), record.stored_at.date_time());
        writeln!(out, "{}/{} {kind}, stored {at} under version {}", record.app, record.space, record.version)?;
        for field in fields {
            writeln!(out, "  {:<28} {}", field.field, field.values.join(" | "))?;
        }
    }
    Ok(())
}
