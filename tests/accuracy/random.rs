//! Errors at many random arguments, against an evaluation of the function table with 71 digits.

use scorematch::graph::Function;

use super::judge::{Point, Worst, worst_of};
use super::support::wide::Wide;
use super::table::Entry;

/// Number of arguments of each kind for a function.
const COUNT: usize = 10_000;

/// The largest error at random arguments; `None` for entries that are not functions of the table.
pub fn worst_at_random(entry: &Entry) -> Option<Worst> {
    let function = of_name(entry.name)?;
    let arguments: Vec<f64> = arguments().into_iter().filter(|a| belongs(function, *a)).collect();
    let points: Vec<Point> = arguments.iter().map(|&a| judged(function, a)).collect();
    Some(worst_of(&points, entry.floor, entry.fused))
}

fn of_name(name: &str) -> Option<Function> {
    let trigamma = Some(Function::Polygamma(1)).filter(|f| f.name() == name);
    Function::ALL.into_iter().find(|f| f.name() == name).or(trigamma)
}

/// Whether an argument is tested: the gamma family has other bounds for negative arguments, and
/// arguments so large that 71 digits are too few are left out.
fn belongs(function: Function, a: f64) -> bool {
    match function {
        Function::Lgamma | Function::Polygamma(_) => a > 1e-30,
        Function::Sin | Function::Cos | Function::Tan => a.abs() < 1e30,
        _ => true,
    }
}

fn judged(function: Function, a: f64) -> Point {
    let truth = function.eval(Wide::from(a));
    let nearest = truth.narrow();
    let distance = (truth - Wide::from(nearest)).narrow();
    Point { a, b: f64::NAN, nearest, residual: Point::in_ulp(distance, nearest) }
}

/// Arguments that are uniform in three ranges about zero, and others whose exponents are uniform.
fn arguments() -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15;
    let mut unit = || {
        state = next(state);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut all = Vec::new();
    for _ in 0..COUNT {
        all.push(2.0 * unit() - 1.0);
        all.push(10.0 * unit() - 5.0);
        all.push(80.0 * unit() - 40.0);
        let sign = if unit() < 0.5 { -1.0 } else { 1.0 };
        all.push(sign * (80.0 * unit() - 40.0).exp2() * (1.0 + unit()));
    }
    all
}

/// Marsaglia's xorshift.
fn next(mut state: u64) -> u64 {
    state ^= state << 13;
    state ^= state >> 7;
    state ^ (state << 17)
}
