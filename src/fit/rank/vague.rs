//! Mixture weights that the score does not determine, maximised for the ranking only.
//!
//! Score matching hardly sees the relative mass of well-separated modes, so that its estimate is
//! noise, and the likelihood at this estimate says nothing about the other parameters. The
//! coordinates of such weights are therefore moved to the maximum of the likelihood before minima are
//! compared.

use super::Judge;
use super::likelihood::Normaliser;

/// First and last step along a coordinate; each step is half of the one before.
const FIRST_STEP: f64 = 4.0;
const LAST_STEP: f64 = 0.03;

impl Judge<'_> {
    /// The mean log-likelihood after coordinate ascent over the coordinates `vague` of a point;
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
