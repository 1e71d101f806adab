//! The bootstrap: errors and intervals from fits to samples of the rows that are drawn with
//! replacement (Efron 1979, Ann. Statist. 7:1), or to samples of whole clusters where the rows are
//! clustered.
//!
//! Weights stay with their rows, but a row of frequency k is k rows, each of which is drawn by
//! itself. Beside percentile intervals there are BCa intervals (Efron 1987, J. Amer. Statist. Assoc.
//! 82:171), whose ends are the quantiles of the replicates at
//!
//! ```text
//! Φ(z₀ + (z₀ + z)/(1 - a(z₀ + z)))
//! ```
//!
//! with Φ(z₀) the share of replicates below the estimate and the acceleration a from the influence of
//! each observation.

use crate::data::Selection;
use crate::model::{Estimands, Model};
use crate::numerics::median::quantile;
use crate::numerics::probability::normal_quantile;
use crate::numerics::rng::{Stream, stream};
use crate::numerics::special::fast::normal_cdf;

use super::delta::Linear;
use super::influence::Influences;
use super::options::Options;
use super::refit::{Failed, Refit, Refitted, Units, replicates};
use super::{Estimate, Outcome, Status, Warning};

/// First key of the random streams of replicates.
const KEY: u64 = 1 << 40;
/// A larger share of failed replicates is a warning.
const FAILED: f64 = 0.05;
/// The code of the warnings.
const CODE: &str = "bootstrap-failed";

/// Errors and intervals of the parameters and of functions of them from the fits of drawn samples.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Bootstrap {
    /// Number of samples drawn.
    pub replicates: usize,
    /// Number of samples whose fit found no minimum near the estimate; these are left out.
    pub failed: usize,
    /// The units that were drawn.
    pub unit: Unit,
    /// By parameter, in order of declaration.
    pub parameters: Vec<Resampled>,
    /// By requested function of the parameters, in order.
    pub derived: Vec<Resampled>,
}

/// The units that a bootstrap draws with replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Rows; a row of frequency k counts as k rows.
    Rows,
    /// Clusters of rows.
    Clusters,
}

impl Unit {
    /// The name in reports and JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Clusters => "clusters",
        }
    }
}

/// A parameter, or a function of the parameters, over the replicates. All entries but the name are
/// `None` for a parameter that is held or not identified, and for a function that is not finite in
/// some replicate.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resampled {
    /// The parameter, or the function as requested.
    pub name: String,
    /// The standard deviation of the replicates.
    pub std_error: Option<f64>,
    /// The interval between quantiles of the replicates; `None` where there are too few replicates
    /// for the level.
    pub percentile: Option<(f64, f64)>,
    /// The bias-corrected and accelerated interval; `None` also where all replicates lie on one side
    /// of the estimate.
    pub bca: Option<(f64, f64)>,
}

/// The settings of a bootstrap.
pub(super) struct Resampling<'a> {
    pub model: &'a Model,
    pub data: &'a Selection,
    pub options: &'a Options,
    pub estimands: &'a [Estimands],
    pub replicates: usize,
}

impl Resampling<'_> {
    /// Adds the bootstrap to an estimate, or a warning where there is none.
    pub fn add_to(&self, estimate: &mut Estimate) {
        let warn = |estimate: &mut Estimate, headline: String| {
            estimate.warnings.push(Warning::new(CODE, headline));
        };
        let refit = match Refit::new(self.model, self.data, self.options, estimate) {
            Ok(refit) => refit,
            Err(why) => return warn(estimate, format!("there is no bootstrap: {why}")),
        };
        let Some(thetas) = self.thetas(&refit) else {
            warn(estimate, "there is no bootstrap: it was interrupted".to_owned());
            estimate.outcome = Outcome::Interrupted;
            "interrupted after the fit".clone_into(&mut estimate.stop_reason);
            return;
        };
        let failed = self.replicates - thetas.len();
        if failed as f64 > FAILED * self.replicates as f64 {
            estimate.warnings.push(self.failures(failed));
        }
        if self.is_too_few(thetas.len()) {
            warn(estimate, self.too_few());
        }
        estimate.bootstrap = Some(self.summary(&refit, &thetas, estimate));
    }

    /// Raw parameters of the replicates whose fit succeeded; `None` after an interrupt.
    fn thetas(&self, refit: &Refit<'_>) -> Option<Vec<Vec<f64>>> {
        let units = refit.units();
        let told = |done| self.options.tell_replicates(done, self.replicates);
        let one = |replicate: usize| {
            let stream = &mut stream(self.options.seed, KEY + replicate as u64);
            drawn(refit, &units, stream).map(|refitted| refitted.theta)
        };
        let threads = self.options.threads;
        let all = replicates(self.replicates, threads, refit.interrupt(), &told, &one)?;
        let interrupted = all.iter().any(|one| one == &Err(Failed::Interrupted));
        (!interrupted).then(|| all.into_iter().filter_map(Result::ok).collect())
    }

    fn failures(&self, failed: usize) -> Warning {
        let headline = format!(
            "{failed} of {} samples of the rows have no minimum near the estimate and are left out",
            self.replicates
        );
        let warning = Warning::new(CODE, headline);
        warning.meaning("Errors and intervals of the bootstrap are too small by that")
    }

    fn too_few(&self) -> String {
        let level = self.options.level;
        let least = (2.0 / (1.0 - level)).ceil();
        format!("intervals of level {level} by the bootstrap take {least} replicates at least")
    }

    /// Whether the tail probability of the level is less than one replicate.
    fn is_too_few(&self, count: usize) -> bool {
        0.5 * (1.0 - self.options.level) * (count as f64) < 1.0 - 1e-9
    }

    fn summary(&self, refit: &Refit<'_>, thetas: &[Vec<f64>], estimate: &Estimate) -> Bootstrap {
        let influences = Influences::of(refit);
        let level = (!self.is_too_few(thetas.len())).then_some(self.options.level);
        let acceleration = |slopes: &[f64]| influences.as_ref()?.acceleration(slopes);
        let p = estimate.parameters.len();
        let parameter = |j: usize| {
            let parameter = &estimate.parameters[j];
            let moves = parameter.status == Status::Interior;
            let values = thetas.iter().map(|theta| theta[j]).filter(|_| moves).collect();
            let alone: Vec<f64> = (0..p).map(|k| f64::from(u8::from(k == j))).collect();
            let draws = Draws { at: parameter.estimate, values, level };
            draws.resampled(parameter.name.clone(), acceleration(&alone))
        };
        let function = |(linear, values): (Linear, Vec<f64>)| {
            let finite = linear.value.filter(|_| values.iter().all(|one| one.is_finite()));
            let values = if finite.is_some() { values } else { Vec::new() };
            let draws = Draws { at: finite.unwrap_or(f64::NAN), values, level };
            let slopes = linear.slopes.ok();
            draws.resampled(linear.text, slopes.and_then(|slopes| acceleration(&slopes)))
        };
        let functions = self.estimands.iter().flat_map(|estimands| {
            let found: Vec<Vec<f64>> = thetas.iter().map(|one| estimands.values(one)).collect();
            let column = move |k: usize| found.iter().map(|one| one[k]).collect();
            Linear::of(estimands, estimate)
                .into_iter()
                .enumerate()
                .map(move |(k, l)| (l, column(k)))
        });
        Bootstrap {
            replicates: self.replicates,
            failed: self.replicates - thetas.len(),
            unit: if refit.is_clustered() { Unit::Clusters } else { Unit::Rows },
            parameters: (0..p).map(parameter).collect(),
            derived: functions.map(function).collect(),
        }
    }
}

/// The fit of a sample of units, as many as the data have, drawn with replacement.
fn drawn(refit: &Refit<'_>, units: &Units, stream: &mut Stream) -> Result<Refitted, Failed> {
    match units {
        Units::Rows(rows) => {
            let rows: Vec<u32> = (0..*rows).map(|_| stream.below(*rows) as u32).collect();
            refit.rows(&rows)
        }
        Units::Clusters(members) => {
            let drawn = (0..members.len()).flat_map(|_| &members[stream.below(members.len())]);
            refit.rows(&drawn.copied().collect::<Vec<u32>>())
        }
        Units::Counted(ends) => {
            let total = ends.last().copied().unwrap_or(0);
            let mut counts = vec![0.0; ends.len()];
            for _ in 0..total {
                let one = stream.below(total);
                counts[ends.partition_point(|&end| end <= one)] += 1.0;
            }
            refit.frequencies(&counts)
        }
    }
}

/// The replicates of a parameter or function.
struct Draws {
    /// The estimate.
    at: f64,
    values: Vec<f64>,
    /// Level of the intervals; `None` where there are too few replicates.
    level: Option<f64>,
}

impl Draws {
    fn resampled(mut self, name: String, acceleration: Option<f64>) -> Resampled {
        self.values.sort_by(f64::total_cmp);
        let spread = self.deviation().filter(|error| *error > 0.0 && error.is_finite());
        let level = self.level.filter(|_| spread.is_some());
        let tails = level.map(|level| [0.5 * (1.0 - level), 0.5 * (1.0 + level)]);
        let end = |share: f64| quantile(&self.values, share);
        let between = |[low, high]: [f64; 2]| (end(low), end(high));
        let corrected = |tails: [f64; 2]| {
            let shares = tails.map(|tail| self.corrected(tail, acceleration?));
            Some(between([shares[0]?, shares[1]?]))
        };
        Resampled {
            name,
            std_error: spread,
            percentile: tails.map(between),
            bca: tails.and_then(corrected),
        }
    }

    fn deviation(&self) -> Option<f64> {
        let n = self.values.len();
        if n < 2 {
            return None;
        }
        let mean = self.values.iter().sum::<f64>() / n as f64;
        let squares: f64 = self.values.iter().map(|value| (value - mean).powi(2)).sum();
        Some((squares / (n - 1) as f64).sqrt())
    }

    /// The quantile of a BCa end in place of `tail`; `None` where the correction has no finite value.
    fn corrected(&self, tail: f64, acceleration: f64) -> Option<f64> {
        let below = self.values.partition_point(|value| *value < self.at);
        let equal = self.values[below..].partition_point(|value| *value == self.at);
        let share = (below as f64 + 0.5 * equal as f64) / self.values.len() as f64;
        let bias = normal_quantile(share);
        let moved = bias + normal_quantile(tail);
        let scale = 1.0 - acceleration * moved;
        let end = bias + moved / scale;
        (scale > 0.0 && end.is_finite()).then(|| normal_cdf(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(values: &[f64], at: f64) -> Draws {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        Draws { at, values, level: Some(0.5) }
    }

    #[test]
    fn without_bias_and_acceleration_ends_are_percentiles() {
        let draws = draws(&[4.0, 1.0, 2.0, 3.0, 10.0], 3.0);
        assert!((draws.corrected(0.25, 0.0).expect("finite") - 0.25).abs() < 1e-15);
        assert!(draws.corrected(0.25, 0.1).expect("finite") > 0.25);
    }

    #[test]
    fn no_correction_where_all_replicates_lie_on_one_side() {
        let draws = draws(&[1.0, 2.0], 3.0);
        assert_eq!(draws.corrected(0.25, 0.0), None);
        let found = draws.resampled("a".to_owned(), Some(0.0));
        assert!(found.bca.is_none() && found.percentile.is_some());
    }
}
