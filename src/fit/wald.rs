//! Wald tests of hypotheses τ(θ) = r: (τ̂ - r)ᵀ (R Cov Rᵀ)⁻¹ (τ̂ - r) is χ² with as many degrees of
//! freedom as there are hypotheses, R the slopes of τ at the estimate.

use crate::model::Hypotheses;
use crate::numerics::probability::chi_squared_p;

use super::Estimate;
use super::delta::{Linear, error, form};

/// A hypothesis follows from others where they leave less than this share of its variance.
const FOLLOWS: f64 = 1e-10;
/// And it follows from those of them whose part in it is more than this.
const PART: f64 = 1e-6;

/// Hypotheses, each tested by itself and all together.
#[derive(Clone, Debug, PartialEq)]
pub struct Wald {
    /// In the order in which they were asked for.
    pub hypotheses: Vec<TestedHypothesis>,
    /// The joint statistic; `None` where there is none.
    pub chi2: Option<f64>,
    /// Its degrees of freedom: how many hypotheses there are.
    pub degrees: usize,
    /// The probability of a larger one where all hypotheses hold.
    pub p: Option<f64>,
    /// Why there is no joint statistic.
    pub reason: Option<String>,
}

/// A hypothesis tested by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct TestedHypothesis {
    /// As it was asked for.
    pub text: String,
    /// The estimate of its left side; `None` where that is not finite.
    pub estimate: Option<f64>,
    /// Its right side.
    pub value: f64,
    /// The squared distance in standard errors, χ² with one degree of freedom; `None` where there is no
    /// error.
    pub chi2: Option<f64>,
    /// The probability of a larger one where the hypothesis holds.
    pub p: Option<f64>,
    /// Why there is no statistic.
    pub reason: Option<String>,
}

/// A hypothesis in units of its standard error.
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

/// A hypothesis by itself.
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

/// The joint statistic, by the Cholesky factor L of the correlations: |L⁻¹z|². A hypothesis that
/// follows from those before it has no row in L, and is told with those that it follows from.
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
        if left <= FOLLOWS || left.is_nan() {
            return Err(follows(all, &factor, &row, &one.text));
        }
        let shared: f64 = row.iter().zip(&solved).map(|(a, b)| a * b).sum();
        solved.push((one.z - shared) / left.sqrt());
        row.push(left.sqrt());
        factor.push(row);
    }
    Ok(solved.iter().map(|one| one * one).sum())
}

/// Which hypotheses the next one is a combination of: the solution of Lᵀc = row.
fn follows(all: &[Standardised], factor: &[Vec<f64>], row: &[f64], text: &str) -> String {
    let mut parts = row.to_vec();
    for k in (0..parts.len()).rev() {
        let shared: f64 = (k + 1..parts.len()).map(|j| factor[j][k] * parts[j]).sum();
        parts[k] = (parts[k] - shared) / factor[k][k];
    }
    let named = all.iter().zip(&parts).filter(|(_, part)| part.abs() > PART);
    let names: Vec<String> = named.map(|(one, _)| format!("`{}`", one.text)).collect();
    format!("`{text}` asks about the same as {}: leave one out", names.join(", "))
}
