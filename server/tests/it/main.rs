//! The server as people meet it: the router in process, and the binary under a hard kill.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "../../../crates/store/tests/contract/database.rs"]
mod database;
#[path = "../../../crates/store/tests/contract/history.rs"]
mod history;
mod html;
mod provider;
mod site;

mod accounts;
mod api;
mod asvs;
mod crash;
mod data_path;
mod hostile;
mod knowledge;
mod languages;
mod ledger;
mod oidc;
mod preview;
mod process;
mod routes;
mod security;
mod settings;
mod sign_in;
mod trust;
mod uploads;
mod webhooks;
