//! Work on a thread of its own, and how it stopped if it did.

use thiserror::Error;
use tokio::task::JoinError;

/// Never in the words of a panic: they may quote what was worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Stopped {
    #[error("the task panicked")]
    Panicked,
    #[error("the task was cancelled")]
    Cancelled,
}

impl From<JoinError> for Stopped {
    fn from(error: JoinError) -> Self {
        if error.is_panic() { Self::Panicked } else { Self::Cancelled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_panic_says_goes_no_further() {
        let error = tokio::task::spawn_blocking(|| panic!("Ana Reis")).await.unwrap_err();
        assert!(error.to_string().contains("Ana Reis"), "the test must be able to fail");
        assert_eq!(Stopped::from(error).to_string(), "the task panicked");
    }
}
