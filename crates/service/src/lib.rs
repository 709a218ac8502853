//! The use cases of Sluice: what a person or a program can do, each in one function.
//!
//! A use case takes a capability (who may do this, in which organisation), reads and writes through the ports, and
//! returns a model that a page, the command line or an API can show. Nothing here knows HTTP, SQL or the clock.

pub mod access;
pub mod accounts;
pub mod administration;
pub mod audit_log;
pub mod blocking;
pub mod contributed;
pub mod data_plane;
pub mod demo;
pub mod evidence;
pub mod hooks;
pub mod identities;
pub mod impact;
pub mod imports;
pub mod ingest;
pub mod invitations;
pub mod jobs;
pub mod keys;
pub mod knowledge;
pub mod ledger;
pub mod members;
pub mod model;
pub mod moves;
pub mod overview;
pub mod people;
pub mod ports;
pub mod preview;
pub mod regions;
pub mod releases;
pub mod removal;
pub mod requests;
pub mod safeguards;
pub mod settings;
pub mod sign_in;
pub mod suggestions;
pub mod support;
mod target;
pub mod terms;
pub mod uploads;
pub mod vault;
pub mod walkthrough;
mod wash;
pub mod withdrawal;
pub mod words;

use std::sync::Arc;

use language::Language;
use policy::{Catalogue, CatalogueError, Timestamp, Translation};

/// What every use case works with: the store, the rules, the time, and the files that are held.
#[derive(Clone, Debug)]
pub struct Sluice {
    pub store: Arc<dyn ports::ControlPlane>,
    pub catalogues: Catalogues,
    pub clock: Arc<dyn ports::Clock>,
    /// Files that people look at. They are in this process only.
    pub uploads: uploads::Uploads,
    /// Signs what leaves as evidence.
    pub signer: Arc<audit::SigningKey>,
    /// Where contributed data is kept.
    pub regions: data_plane::Regions,
    /// Encrypts the keys under which it is kept.
    pub master: Arc<dyn vault::WrapKeys>,
    /// What washes it, ready for the organisations that send.
    pub engines: ingest::Engines,
    /// The current release of patterns, ready for suggestions.
    pub reading: releases::Reading,
}

/// The rules, with their texts in each language: the same ids, dates and numbers.
#[derive(Clone, Debug)]
pub struct Catalogues {
    english: Arc<Catalogue>,
    german: Arc<Catalogue>,
}

impl Catalogues {
    /// The rules with their German. A text without it is told in English.
    pub fn new(english: Catalogue, german: &Translation) -> Self {
        Self { german: Arc::new(english.translated(german)), english: Arc::new(english) }
    }

    /// Those that ship with Sluice.
    ///
    /// # Errors
    /// None in a build whose tests pass.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Ok(Self::new(Catalogue::built_in()?, &Translation::built_in()?))
    }
}

impl Sluice {
    /// The rules, in the words of the language that is spoken.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        match Language::current() {
            Language::English => &self.catalogues.english,
            Language::German => &self.catalogues.german,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The moment that a settings page shows: now, or the first day in force while that is still ahead. Before that day
    /// nothing flows and every row would read Off, which tells an admin nothing.
    pub fn shown_at(&self) -> Timestamp {
        self.now().max(self.catalogue().programme.in_force)
    }
}
