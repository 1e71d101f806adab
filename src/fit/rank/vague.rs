//! Weights that the score does not determine, for the ranking alone.
//!
//! Score matching hardly sees the relative mass of modes that are far apart, so an estimate of it is
//! noise, and the likelihood of noise says nothing about the other parameters. Such coordinates are
//! moved to where the likelihood is highest before minima are compared.

use super::Judge;
use super::likelihood::Normaliser;

/// Steps of a coordinate on either side, each half of the one before.
const FIRST_STEP: f64 = 4.0;
const LAST_STEP: f64 = 0.03;

impl Judge<'_> {
    /// The highest mean log-likelihood over the coordinates `vague` of a point, one after the other;
    /// `None` without such coordinates, and where the density cannot be normalised.
    pub fn relaxed(
        &self,
        at: &[f64],
        vague: &[usize],
        theta: impl Fn(&[f64]) -> Vec<f64>,
    ) -> Option<f64> {
        let normaliser = if vague.is_empty() { None } else { Normaliser::new(self) }?;
        let likelihood = |at: &[f64]| {
            normaliser.log_likelihood(&theta(at)).map_or(f64::NEG_INFINITY, |found| found.mean)
        };
        let mut at = at.to_vec();
        let mut best = likelihood(&at);
        let finite: Vec<usize> = vague.iter().copied().filter(|&k| at[k].is_finite()).collect();
        for k in finite {
            let mut step = FIRST_STEP;
            while step > LAST_STEP {
                let moved = [step, -step].into_iter().find_map(|by| {
                    let mut trial = at.clone();
                    trial[k] += by;
                    let value = likelihood(&trial);
                    (value > best).then_some((trial, value))
                });
                match moved {
                    Some((trial, value)) => (at, best) = (trial, value),
                    None => step *= 0.5,
                }
            }
        }
        Some(best)
    }
}
