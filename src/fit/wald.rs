//! Wald tests of hypotheses τ(θ) = r: (τ̂ - r)ᵀ (R Cov Rᵀ)⁻¹ (τ̂ - r) is χ² with one degree of
//! freedom for each hypothesis, where R is the Jacobian of τ at the estimate.

use crate::model::Hypotheses;
use crate::numerics::probability::chi_squared_p;

use super::Estimate;
use super::delta::{Linear, error, form};

/// A hypothesis is redundant where those before it leave less than this share of its variance.
const REDUNDANT: f64 = 1e-10;
/// Least coefficient of the hypotheses of which a redundant one is a combination.
const COEFFICIENT: f64 = 1e-6;

/// Hypotheses, each tested alone and all tested jointly.
#[derive(Clone, Debug, PartialEq)]
pub struct Wald {
    /// The hypotheses in the requested order.
    pub hypotheses: Vec<TestedHypothesis>,
    /// The joint statistic; `None` where it does not exist.
    pub chi2: Option<f64>,
    /// Its degrees of freedom: the number of hypotheses.
    pub degrees: usize,
    /// The probability of a larger statistic if all hypotheses hold.
    pub p: Option<f64>,
    /// The reason why there is no joint statistic.
    pub reason: Option<String>,
}

/// The test of a single hypothesis.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedHypothesis {
    /// The text of the hypothesis.
    pub text: String,
    /// The estimate of its left side; `None` where it is not finite.
    pub estimate: Option<f64>,
    /// Its right side.
    pub value: f64,
    /// The squared distance in standard errors, χ² with one degree of freedom; `None` where there is
    /// no standard error.
    pub chi2: Option<f64>,
    /// The probability of a larger statistic if the hypothesis holds.
    pub p: Option<f64>,
    /// The reason why there is no statistic.
    pub reason: Option<String>,
}

/// A hypothesis scaled by its standard error.
struct Standardised {
    text: String,
    /// (τ̂ - r)/error.
    z: f64,
    slopes: Vec<f64>,
}

impl Wald {
    /// The tests; `None` where there is no hypothesis.
    pub(super) fn of(texts: &[Hypotheses], estimate: &Estimate) -> Option<Self> {
        let of_text = |text: &Hypotheses| {
            let lines = Linear::of(text.functions(), estimate).into_iter();
            let sides = lines.zip(text.values().to_vec());
            let named = text.texts().map(str::to_owned).zip(sides).collect::<Vec<_>>();
            named.into_iter().map(|(text, (line, value))| alone(text, line, value, estimate))
        };
        let (hypotheses, standardised): (Vec<_>, Vec<_>) = texts.iter().flat_map(of_text).unzip();
        let degrees = hypotheses.len();
        let standardised: Option<Vec<Standardised>> = standardised.into_iter().collect();
        let joint = match &standardised {
            Some(all) => together(all, estimate),
            None => Err("a hypothesis has no error".to_owned()),
        };
        let chi2 = joint.as_ref().ok().copied();
        let p = chi2.map(|chi2| chi_squared_p(chi2, degrees));
        let wald = Self { hypotheses, chi2, degrees, p, reason: joint.err() };
        (degrees > 0).then_some(wald)
    }
}

/// The test of a single hypothesis, and its standardised form where it has a standard error.
fn alone(
    text: String,
    line: Linear,
    value: f64,
    estimate: &Estimate,
) -> (TestedHypothesis, Option<Standardised>) {
    let mut tested = TestedHypothesis {
        text: text.clone(),
        estimate: line.value,
        value,
        chi2: None,
        p: None,
        reason: None,
    };
    let found = line.slopes.and_then(|slopes| Ok((error(&slopes, estimate)?, slopes)));
    match (found, line.value) {
        (Ok((error, slopes)), Some(at)) => {
            let z = (at - value) / error;
            tested.chi2 = Some(z * z);
            tested.p = Some(chi_squared_p(z * z, 1));
            let slopes = slopes.iter().map(|slope| slope / error).collect();
            (tested, Some(Standardised { text, z, slopes }))
        }
        (found, _) => {
            tested.reason = found.err();
            (tested, None)
        }
    }
}

/// The joint statistic |L⁻¹z|², by the Cholesky factor L of the correlations. A redundant hypothesis
/// is an error, which names the hypotheses of which it is a combination.
fn together(all: &[Standardised], estimate: &Estimate) -> Result<f64, String> {
    let covariance = estimate.covariance.as_deref().unwrap_or_default();
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(all.len());
    let mut solved: Vec<f64> = Vec::with_capacity(all.len());
    for one in all {
        let mut row: Vec<f64> = Vec::with_capacity(all.len());
        for (other, before) in all.iter().zip(&factor) {
            let shared: f64 = row.iter().zip(before).map(|(a, b)| a * b).sum();
            let correlation = form(&one.slopes, &other.slopes, covariance).0;
            row.push((correlation - shared) / before[before.len() - 1]);
        }
        let explained: f64 = row.iter().map(|part| part * part).sum();
        let left = 1.0 - explained;
        if left <= REDUNDANT || left.is_nan() {
            return Err(redundant(all, &factor, &row, &one.text));
        }
        let shared: f64 = row.iter().zip(&solved).map(|(a, b)| a * b).sum();
        solved.push((one.z - shared) / left.sqrt());
        row.push(left.sqrt());
        factor.push(row);
    }
    Ok(solved.iter().map(|one| one * one).sum())
}

/// The error for a redundant hypothesis, whose coefficients in the others solve Lᵀc = row.
fn redundant(all: &[Standardised], factor: &[Vec<f64>], row: &[f64], text: &str) -> String {
    let mut parts = row.to_vec();
    for k in (0..parts.len()).rev() {
        let shared: f64 = (k + 1..parts.len()).map(|j| factor[j][k] * parts[j]).sum();
        parts[k] = (parts[k] - shared) / factor[k][k];
    }
    let named = all.iter().zip(&parts).filter(|(_, part)| part.abs() > COEFFICIENT);
    let names: Vec<String> = named.map(|(one, _)| format!("`{}`", one.text)).collect();
    format!("`{text}` asks about the same as {}: leave one out", names.join(", "))
}
