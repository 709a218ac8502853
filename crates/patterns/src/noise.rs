//! Noise on what is published, and the budget that it is taken from.
//!
//! The noise is the discrete Laplace distribution, drawn exactly: no floating point, so nothing of the number can be read from
//! the last bits of its noise. Random bits come in; outside tests they come from the system's generator.

use std::convert::Infallible;
use std::fmt;

use prio::dp::Rational;
use prio::dp::distributions::DiscreteLaplace;
use rand::TryRng;
use rand::distr::Distribution;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What noise is made of.
pub struct Noise<'a> {
    pub budget: &'a mut Budget,
    /// Uniform random bits.
    pub bits: &'a mut dyn FnMut() -> u64,
}

impl fmt::Debug for Noise<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Noise").field("budget", &self.budget).finish_non_exhaustive()
    }
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

/// The discrete Laplace distribution around zero: each number is exp(1/scale) times as likely as its neighbour further out.
pub(crate) struct Laplace {
    distribution: DiscreteLaplace,
    scale: f64,
}

impl Laplace {
    /// For a sum that one organisation changes by at most `sensitivity`. None if one of the two is zero.
    pub(crate) fn new(sensitivity: u64, epsilon_thousandths: u32) -> Option<Self> {
        let (over, under) = (u128::from(sensitivity) * 1000, u128::from(epsilon_thousandths));
        let distribution = DiscreteLaplace::new(Rational::from_unsigned(over, under).ok()?).ok()?;
        Some(Self { distribution, scale: over as f64 / under as f64 })
    }

    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }

    /// 95 of 100 draws are no further from zero than this.
    pub(crate) fn within(&self) -> u64 {
        (self.scale * 20_f64.ln()).ceil() as u64
    }

    /// A number with noise on it; never below zero, which costs nothing.
    pub(crate) fn on(&self, number: u64, bits: &mut dyn FnMut() -> u64) -> u64 {
        let drawn = self.distribution.sample(&mut Bits(bits));
        // A draw that does not fit in 64 bits does not happen in the life of the universe.
        let drawn = i64::try_from(drawn).unwrap_or_default();
        number.saturating_add_signed(drawn)
    }
}

struct Bits<'a>(&'a mut dyn FnMut() -> u64);

impl TryRng for Bits<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.0)() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok((self.0)())
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(8) {
            let bytes = (self.0)().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 40_000;
    const MIDDLE: u64 = 1_000_000;

    /// `SplitMix64`: seeded, so that a failure can be seen again.
    fn seeded(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        }
    }

    fn draws(sensitivity: u64, epsilon_thousandths: u32, count: usize) -> Vec<i64> {
        let laplace = Laplace::new(sensitivity, epsilon_thousandths).unwrap();
        let mut bits = seeded(7);
        let draw = |_| laplace.on(MIDDLE, &mut bits).cast_signed() - MIDDLE.cast_signed();
        (0..count).map(draw).collect()
    }

    /// Mean and variance beside those of the distribution, in standard errors of a sample of this size.
    fn moments(draws: &[i64], scale: f64) -> (f64, f64) {
        let (count, step) = (draws.len() as f64, (-1.0 / scale).exp());
        let variance = 2.0 * step / (1.0 - step).powi(2);
        let mean = draws.iter().sum::<i64>() as f64 / count;
        let seen = draws.iter().map(|draw| (*draw as f64).powi(2)).sum::<f64>() / count;
        // The fourth moment is six times the square of the variance, and a little more for small scales.
        (mean / (variance / count).sqrt(), (seen / variance - 1.0) / (5.5 / count).sqrt())
    }

    #[test]
    fn many_draws_are_those_of_the_distribution() {
        let draws = draws(2, 1000, DRAWS);
        let (mean, variance) = moments(&draws, 2.0);
        assert!(mean.abs() < 4.0 && variance.abs() < 4.0, "mean {mean}, variance {variance}");

        let step = (-0.5_f64).exp();
        let likely = |number: i64| (1.0 - step) / (1.0 + step) * step.powi(number.abs() as i32);
        let tail = |from: i32| step.powi(from) / (1.0 + step);
        let mut square = 0.0;
        let mut add = |seen: usize, likely: f64| {
            let expected = likely * DRAWS as f64;
            square += (seen as f64 - expected).powi(2) / expected;
        };
        for number in -9..=9_i64 {
            add(draws.iter().filter(|draw| **draw == number).count(), likely(number));
        }
        add(draws.iter().filter(|draw| **draw >= 10).count(), tail(10));
        add(draws.iter().filter(|draw| **draw <= -10).count(), tail(10));
        // 21 classes: of a fair sample one in ten thousand is above 52.4.
        assert!(square < 52.4, "chi-square {square}");
    }

    #[test]
    fn wide_noise_is_as_wide_as_it_says() {
        let draws = draws(20, 500, DRAWS / 2);
        let (mean, variance) = moments(&draws, 40.0);
        assert!(mean.abs() < 4.0 && variance.abs() < 4.0, "mean {mean}, variance {variance}");
        let within = Laplace::new(20, 500).unwrap().within();
        let inside = draws.iter().filter(|draw| draw.unsigned_abs() <= within).count();
        assert!(inside as f64 / draws.len() as f64 > 0.94, "{inside} within {within}");
    }

    #[test]
    fn a_budget_is_not_overspent() {
        let mut budget = Budget::new(4000);
        assert_eq!(budget.spend(1000), Ok(()));
        assert_eq!(budget.spend(3001), Err(Overspent { cost: 3001, left: 3000 }));
        assert_eq!(budget, Budget { yearly: 4000, spent: 1000 });
        assert_eq!(budget.spend(3000), Ok(()));
        assert_eq!(budget.left(), 0);
    }
}
