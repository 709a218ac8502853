//! Noise on what is published, and the budget that it is taken from.
//!
//! The noise is the discrete Laplace distribution, drawn exactly: no floating point, so nothing of the number can be read from
//! the last bits of its noise. Random bits come in; outside tests they come from the system's generator.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What noise is made of.
pub struct Noise<'a> {
    pub budget: &'a mut Budget,
    /// Uniform random bits.
    pub bits: &'a mut dyn FnMut() -> u64,
}

/// The ledger of one data set and year: epsilon in thousandths. It refuses to spend more than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub yearly: u32,
    pub spent: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the release costs {cost} thousandths of epsilon and {left} are left of this year's budget")]
pub struct Overspent {
    pub cost: u32,
    pub left: u32,
}

impl Budget {
    pub fn new(yearly: u32) -> Self {
        Self { yearly, spent: 0 }
    }

    pub fn left(&self) -> u32 {
        self.yearly.saturating_sub(self.spent)
    }

    /// # Errors
    /// Nothing is spent if there is not enough.
    pub fn spend(&mut self, cost: u32) -> Result<(), Overspent> {
        let left = self.left();
        if cost > left {
            return Err(Overspent { cost, left });
        }
        self.spent += cost;
        Ok(())
    }
}
