//! Work that goes on behind the pages: withdrawals, new keys, and imports from the command line.
//!
//! A job stands in the database of the region whose data it is about. Whoever takes it has it for a while; if nothing is heard
//! of them until then, another worker goes on. Every step of a job can be done twice without harm, so it does not matter
//! if both do.

use policy::Timestamp;

/// What a job is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Remove what a withdrawal is about; the job has its id.
    Withdraw,
    /// Seal every record of the organisation under its newest key.
    Rotate,
    /// Read a file; a process at the command line does it.
    Ingest,
    /// Take the organisation's records to another region, which is the job's subject.
    Move,
}

impl Task {
    pub const ALL: [Self; 4] = [Self::Withdraw, Self::Rotate, Self::Ingest, Self::Move];

    pub fn id(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Rotate => "rotate",
            Self::Ingest => "ingest",
            Self::Move => "move",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Withdraw => "Removal",
            Self::Rotate => "New key",
            Self::Ingest => "Import",
            Self::Move => "Move to another region",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.id() == id)
    }
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Waiting,
    Running,
    Done,
    /// It was tried as often as it is tried.
    GivenUp,
}

impl JobState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::GivenUp];

    pub fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::GivenUp => "given-up",
        }
    }

    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.id() == id)
    }
}

/// A job that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Of a withdrawal's job the id of the withdrawal.
    pub id: String,
    pub task: Task,
    /// What it is about, in the task's own words: the name of a file, a region.
    pub subject: String,
    /// Records or items that it has to do with; 0 if that is not known.
    pub total: i64,
    pub at: Timestamp,
    /// The worker that does it already and until when it has it; none for whoever comes first.
    pub worker: Option<(String, Timestamp)>,
}

/// A job as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    pub task: Task,
    pub subject: String,
    pub state: JobState,
    pub done: i64,
    pub total: i64,
    /// How often it was taken.
    pub attempts: i64,
    pub created_at: Timestamp,
    /// When it is due.
    pub due_at: Timestamp,
    /// When anything was last heard of it.
    pub seen_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}
