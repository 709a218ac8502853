//! Who contributes what, and why.
//!
//! The catalogue (what the vendor's rules are), the state of an organisation (what it runs and what its admins chose),
//! the decision that follows from both, and the impact of changing it. Everything here is a pure function of its
//! arguments: no I/O, no clock, no randomness. The time of a decision is passed in. It compiles to wasm.

mod catalogue;
mod decide;
mod impact;
mod state;
mod timestamp;
mod translation;

pub use catalogue::{
    App, BuiltIn, Catalogue, CatalogueError, Category, Clock, ConnectorKind, Exemption, Field, PatternPeriod, Patterns,
    Plan, PlanRule, PlatformApp, Programme, Purpose,
};
pub use decide::{Decision, Held, HeldCause, Reason, Rule, Standing, decide, standing};
pub use impact::{Impact, Inventory, impact};
pub use state::{
    Chosen, Connector, Edit, ExemptionPeriod, Kind, OrgState, ParseSettingError, Setting, Subscription, Target,
};
pub use timestamp::Timestamp;
pub use translation::Translation;
