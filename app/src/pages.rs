//! The pages, one file each.

pub mod account;
pub mod actions;
pub mod api;
pub mod audit;
pub mod conflict;
pub mod data_types;
pub mod evidence;
pub mod history;
pub mod keys;
pub mod ledger;
pub mod members;
pub mod organisations;
pub mod people;
pub mod picker;
pub mod preview;
pub mod problem;
pub mod removal;
pub mod review;
pub mod scorecard;
pub mod settings;
pub mod sign_in;
pub mod spaces;
pub mod support;
pub mod terms;
pub mod webhooks;
pub mod why;
