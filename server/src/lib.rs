//! The server: configuration, HTTP and sub-commands around the use cases. Nothing here decides anything.
//!
//! `router` builds the whole HTTP side as a value, so tests drive exactly what runs.

pub mod address;
mod administration;
pub mod api;
mod checkpoints;
pub mod clock;
pub mod commands;
pub mod config;
mod contributed;
mod download;
mod errors;
mod forms;
mod guard;
mod handlers;
mod imports;
mod key_file;
pub mod keys;
pub mod limits;
pub mod lines;
pub mod listen;
mod master;
pub mod metrics;
pub mod oidc;
mod proof;
mod reader;
mod regions;
mod request_log;
pub mod router;
mod session;
mod signing;
mod verify;
mod view;
mod worker;
