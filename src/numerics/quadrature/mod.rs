//! log ∫ exp(f) over one or two dimensions, with a bound of its error.
//!
//! Adaptive Gauss–Kronrod cubature in coordinates t in which tails fall exponentially: on the line
//! x = m + s·sinh t, beside a finite end x = a + s·eᵗ. Everything is kept as a logarithm, so
//! that no peak overflows. Hints say where mass may be: points, such as rows of data, at which f is
//! evaluated. A cell in which f is higher at a hint than at the nodes of the rule is divided
//! on, so a spike of a millionth of the range is found when a hint lies in it.
//!
//! Promises an error or a number; the error bound is an estimate from two rules of different
//! degree, together with what is left beyond the outermost cells. Deliberately not known here:
//! models and parameters.

mod adapt;
mod axis;
mod cumulative;
mod rule;
mod tails;

#[cfg(test)]
mod tests;

use adapt::Cells;
use axis::Axes;
use tails::Reach;

pub use cumulative::Cumulative;

/// f at points given by columns, one a dimension.
pub type LogFunction<'a> = dyn FnMut(&[Vec<f64>]) -> Vec<f64> + 'a;

/// Where to integrate, and where mass may be.
#[derive(Clone, Copy, Debug)]
pub struct Region<'a> {
    /// The ends of each dimension, of which there are one or two; infinite ends are allowed.
    pub ends: &'a [(f64, f64)],
    /// Points by columns; they decide centre and scale of the coordinates as well.
    pub hints: &'a [Vec<f64>],
}

/// A logarithm of an integral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogIntegral {
    /// log ∫ exp(f)
    pub value: f64,
    /// Bound of the error of `value`, which is the relative error of the integral.
    pub error: f64,
}

/// Why there is no integral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// f is NaN or +∞ at an inner point, or exp(f) is zero everywhere.
    Undefined,
    /// exp(f) does not fall fast enough towards an end of the region.
    Divergent,
    /// The accuracy was not reached; how far it went.
    Unresolved(LogIntegral),
}

/// log ∫ exp(f) to a relative error of the integral.
///
/// In two dimensions a ridge that falls more slowly than r⁻² counts as divergent, whatever its
/// width.
///
/// # Errors
/// When f or its integral is not finite, or the accuracy is out of reach.
///
/// # Panics
/// If there are no hints, or not one or two dimensions.
pub fn log_integral(
    log_f: &mut LogFunction<'_>,
    region: &Region<'_>,
    accuracy: f64,
) -> Result<LogIntegral, Failure> {
    let dimensions = region.ends.len();
    assert!((1..=2).contains(&dimensions), "one or two dimensions can be integrated over");
    over(log_f, region, |cells, reach| cells.divide(reach, accuracy)).map(|(_, found)| found)
}

/// What `work` makes of cells over the part of a region that holds the mass, with their coordinates.
fn over<T>(
    log_f: &mut LogFunction<'_>,
    region: &Region<'_>,
    work: impl FnOnce(&mut Cells<'_>, &Reach) -> Result<T, Failure>,
) -> Result<(Axes, T), Failure> {
    assert!(!region.hints[0].is_empty(), "an integral needs a hint where mass is");
    let axes = Axes::new(region);
    let mut f = |t: &[Vec<f64>]| in_t(&axes, log_f, t);
    let hints = axes.inverse(region.hints);
    let at_hints = f(&hints);
    let reach = tails::reach(&mut f, &axes, &hints, &at_hints)?;
    let found = work(&mut Cells::new(&mut f, &reach.range, hints, at_hints)?, &reach)?;
    Ok((axes, found))
}

/// f in the coordinates t, with the logarithm of their volume.
fn in_t(axes: &Axes, log_f: &mut LogFunction<'_>, t: &[Vec<f64>]) -> Vec<f64> {
    let values = log_f(&axes.points(t));
    values.iter().zip(axes.log_jacobian(t)).map(|(f, jacobian)| f + jacobian).collect()
}
