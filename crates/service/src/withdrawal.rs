//! Withdrawal: what may not be kept any more is removed, and a receipt shows it.

use policy::Timestamp;

use crate::data_plane::Group;

/// Why data is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An admin turned something off or excluded it.
    Setting,
    /// An exemption, a plan or a subscription ended it.
    Rule,
    /// It was kept as long as the catalogue allows.
    Retention,
    /// The organisation was moved to another region.
    Moved,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::Setting, Self::Rule, Self::Retention, Self::Moved];

    pub fn id(self) -> &'static str {
        match self {
            Self::Setting => "setting",
            Self::Rule => "rule",
            Self::Retention => "retention",
            Self::Moved => "moved",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.id() == id)
    }
}

/// Records of one group that a withdrawal is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnGroup {
    pub group: Group,
    /// Records that stood when it began, and that were removed since.
    pub total: i64,
    pub removed: i64,
}

/// Something that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub id: String,
    pub cause: Cause,
    /// Why, in a sentence.
    pub because: String,
    /// The number of the change of settings that it follows from; 0 if from none.
    pub version: i64,
    /// Records of this epoch and above are not meant.
    pub epoch: i64,
    /// Everything of the organisation is meant, also of groups that are not listed.
    pub whole: bool,
    /// What is meant, or what stood there when it began, with what was removed of each. A receipt names them.
    pub groups: Vec<WithdrawnGroup>,
    /// Only records that were stored before this time.
    pub stored_before: Option<Timestamp>,
    /// The keys up to this generation are destroyed, because nothing that they sealed is to stay; 0 if none is.
    pub key_generation: i64,
    /// When it ceased to contribute. The clocks count from here.
    pub since: Timestamp,
    /// When the in-app data, and when the rest has to be gone.
    pub due_in_app: Timestamp,
    pub due: Timestamp,
    /// Records that it was about when it began, and that were removed.
    pub total: i64,
    pub removed: i64,
    pub finished_at: Option<Timestamp>,
    /// A signed note.
    pub receipt: Option<String>,
}
