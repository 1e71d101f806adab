//! Whether log p is a function on the circle: it has to have the same value one turn of 2π later.

use std::f64::consts::{PI, TAU};

use crate::fit::Warning;
use crate::model::{Model, Support};
use crate::numerics::decimal::shortest;
use crate::numerics::rng::stream;
use crate::program::Program;

use super::shape::layout;

/// Number of rows whose angles are replaced by random ones.
const ROWS: usize = 16;
/// A change below this share of the largest |log p| is rounding.
const ROUNDING: f64 = 1e-9;
/// The random stream of these draws, another one than that of the starts.
const STREAM: u64 = u64::MAX / 7;

/// A warning for the first circle on which log p jumps after a turn. Columns and θ are those of the data,
/// not standardised.
pub(in crate::fit) fn not_periodic(
    model: &Model,
    columns: &[&[f64]],
    theta: &[f64],
) -> Option<Warning> {
    let circle = |k: &usize| model.data()[*k].support == Support::Circle;
    let circles: Vec<usize> = (0..model.data().len()).filter(circle).collect();
    if circles.is_empty() {
        return None;
    }
    let jumps = jumps(model, columns, theta, &circles);
    circles.iter().zip(jumps).find_map(|(&k, jump)| {
        let jump = jump.filter(|&jump| jump > 0.0)?;
        Some(described(&model.data()[k].name, jump))
    })
}

/// Whether log p comes back when data component `k`, which is declared to be on the line, moves on by a
/// full turn: its values are angles then. Columns and θ are those of the data, not standardised.
pub(super) fn is_periodic(model: &Model, columns: &[&[f64]], theta: &[f64], k: usize) -> bool {
    jumps(model, columns, theta, &[k]) == [Some(0.0)]
}

/// By how much log p changes at most when each of these data components moves on by a full turn: zero
/// where that is rounding, `None` where log p has no value.
fn jumps(model: &Model, columns: &[&[f64]], theta: &[f64], turning: &[usize]) -> Vec<Option<f64>> {
    let program = Program::compile(model.graph(), &layout(model), &[model.log_density()]);
    let log_p = |points: &[Vec<f64>]| -> Vec<f64> {
        let slices: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        program.rows(&slices, theta, 1).swap_remove(0)
    };
    let points = points(columns, turning);
    let before = log_p(&points);
    let largest = before.iter().map(|value| value.abs()).fold(1.0, f64::max);
    let jump = |&k: &usize| {
        let mut turned = points.clone();
        turned[k].iter_mut().for_each(|x| *x += TAU);
        let jumps = before.iter().zip(log_p(&turned)).map(|(a, b)| (b - a).abs());
        let jump = jumps.filter(|jump| jump.is_finite()).reduce(f64::max)?;
        Some(if jump > ROUNDING * largest { jump } else { 0.0 })
    };
    turning.iter().map(jump).collect()
}

/// Rows at even steps through the data, with random angles in the columns of circles.
fn points(columns: &[&[f64]], circles: &[usize]) -> Vec<Vec<f64>> {
    let step = columns[0].len().div_ceil(ROWS).max(1);
    let mut stream = stream(0, STREAM);
    let column = |(k, column): (usize, &&[f64])| {
        let rows = column.iter().step_by(step);
        let mut angle = || PI * (2.0 * stream.uniform() - 1.0);
        rows.map(|&x| if circles.contains(&k) { angle() } else { x }).collect()
    };
    columns.iter().enumerate().map(column).collect()
}

fn described(name: &str, jump: f64) -> Warning {
    let headline =
        format!("log p jumps by up to {} where `{name}` grows by 2π", three_digits(jump));
    Warning::new("not-periodic", headline)
        .meaning("It is no function on the circle, and the estimate is not consistent")
        .remedy(format!("Let `{name}` occur in cos and sin of whole multiples alone"))
}

fn three_digits(value: f64) -> String {
    let rounded = format!("{value:.2e}").parse();
    shortest(rounded.expect("what is written as a number reads as one"))
}
