//! Whether the fitted density falls fast enough far out to have a finite integral.
//!
//! Along a ray x = m + r·u, t(r) = (x - m)·s(x) is d log p / d log r. An integrable density in d
//! dimensions needs t below -d far out. On a half-line m is the edge, and u points inside. Rays can show
//! that an integral diverges, never that it is finite.

use nalgebra::DMatrix;

use crate::calculus::gradient;
use crate::fit::Warning;
use crate::fit::standardise::{Frame, Spread};
use crate::graph::ExprId;
use crate::model::{Model, Support};
use crate::numerics::matrix::symmetric_eigen;
use crate::numerics::rng::stream;
use crate::program::Program;

use super::shape::layout;

/// Radii 2^0 … 2^40 standard deviations.
pub(super) const DOUBLINGS: i32 = 40;
/// How many of the outermost radii of a ray must agree.
pub(super) const LAST: usize = 3;
/// Random directions beside the axes and the eigenvectors.
const RANDOM_DIRECTIONS: usize = 64;
/// The random stream of the directions, another one than that of the starts.
const STREAM: u64 = u64::MAX / 3;
/// Slack of t < -d: where t is -d the integral diverges too.
const SLACK: f64 = 1e-9;

/// A data component that has no end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub component: usize,
    /// Where the component begins on rays that move it.
    from: f64,
    /// Its value on rays that do not move it.
    rest: f64,
    /// On a half-line, the sign of the way from the edge inside.
    inward: Option<f64>,
}

impl Open {
    /// Where a ray begins that moves the component by this share of its length.
    fn start(&self, share: f64) -> f64 {
        if share == 0.0 { self.rest } else { self.from }
    }
}

/// Components on lines and half-lines; `place` takes a component and a raw value to the coordinates
/// of the spreads.
pub(super) fn open(
    model: &Model,
    spreads: &[Spread],
    place: impl Fn(usize, f64) -> f64,
) -> Vec<Open> {
    let one = |component: usize| {
        let rest = spreads[component].mean;
        let support = model.data()[component].support;
        let (from, inward) = match support {
            Support::Line => (rest, None),
            Support::Above(_) | Support::Below(_) => {
                let (sign, edge) = support.edges()[0];
                (place(component, edge), Some(sign))
            }
            Support::Between(..)
            | Support::Circle
            | Support::Sphere
            | Support::Simplex
            | Support::Binary(..) => return None,
        };
        Some(Open { component, from, rest, inward })
    };
    (0..model.data().len()).filter_map(one).collect()
}

/// A warning where the density does not fall fast enough along some ray. Columns and θ are those of the
/// fit, standardised.
pub(in crate::fit) fn may_not_normalise(
    model: &Model,
    frame: &Frame,
    columns: &[Vec<f64>],
    theta: &[f64],
    threads: usize,
) -> Option<Warning> {
    let spreads: Vec<Spread> = columns.iter().map(|column| Spread::of(column)).collect();
    let place = |k: usize, edge: f64| (edge - frame.centre(k)) / frame.scale(k);
    let open = open(model, &spreads, place);
    if open.is_empty() {
        return None;
    }
    let directions = directions(columns, &spreads, &open);
    let points = rays(&spreads, &open, &directions);
    let slices: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
    let score = score(model).rows(&slices, theta, threads);
    let radii = DOUBLINGS as usize + 1;
    let radial = |row: usize| -> f64 {
        let along = |(one, &share): (&Open, &f64)| {
            let k = one.component;
            (points[k][row] - one.start(share)) * score[k][row]
        };
        open.iter().zip(&directions[row / radii]).map(along).sum()
    };
    let limit = -(open.len() as f64) * (1.0 + SLACK);
    let diverges = |ray: &usize| {
        let t: Vec<f64> = (0..radii).map(|k| radial(ray * radii + k)).collect();
        let known: Vec<f64> = t.into_iter().filter(|t| !t.is_nan()).collect();
        known.len() >= LAST && known[known.len() - LAST..].iter().all(|&t| t > limit)
    };
    let ray = (0..directions.len()).find(diverges)?;
    let [short, along] = [2, 4].map(|most| described(model, &open, &directions[ray], most));
    let diverges = match short == along {
        true => "The density may have no finite integral".to_owned(),
        false => format!("The density may have no finite integral along {along}"),
    };
    let warning =
        Warning::new("may-not-normalise", format!("log p falls too slowly along {short}"));
    Some(warning.meaning(diverges).remedy("Add a term that falls there, or bound the parameters"))
}

/// The score of each data component.
pub(super) fn score(model: &Model) -> Program {
    let mut graph = model.graph().clone();
    let data: Vec<ExprId> =
        model.data().iter().map(|component| graph.input_node(component.input)).collect();
    let score = gradient(&mut graph, model.log_density(), &data);
    Program::compile(&graph, &layout(model), &score)
}

/// ± axes, eigenvectors of the correlations, and random directions, in standard deviations; inward on
/// half-lines.
fn directions(columns: &[Vec<f64>], spreads: &[Spread], open: &[Open]) -> Vec<Vec<f64>> {
    let mut directions = axes(open);
    if open.len() > 1 {
        directions.extend(mixed(columns, spreads, open));
    }
    directions
}

/// ± each axis, inward alone on half-lines.
pub(super) fn axes(open: &[Open]) -> Vec<Vec<f64>> {
    let axis =
        |k: usize, sign: f64| (0..open.len()).map(|i| if i == k { sign } else { 0.0 }).collect();
    let both = |k: usize| open[k].inward.map_or(vec![1.0, -1.0], |sign| vec![sign]);
    (0..open.len()).flat_map(|k| both(k).into_iter().map(move |sign| axis(k, sign))).collect()
}

/// Eigenvectors of the correlations, and random directions.
fn mixed(columns: &[Vec<f64>], spreads: &[Spread], open: &[Open]) -> Vec<Vec<f64>> {
    let d = open.len();
    let mut directions: Vec<Vec<f64>> = Vec::new();
    let correlation = DMatrix::from_fn(d, d, |i, j| {
        let z = |k: usize, row: usize| {
            let column = open[k].component;
            (columns[column][row] - spreads[column].mean) / spreads[column].scale()
        };
        let rows = columns[open[0].component].len();
        (0..rows).map(|row| z(i, row) * z(j, row)).sum::<f64>() / rows as f64
    });
    if let Some(eigen) = symmetric_eigen(&correlation) {
        directions.extend(eigen.vectors.column_iter().map(|v| v.iter().copied().collect()));
    }
    let mut stream = stream(0, STREAM);
    for _ in 0..RANDOM_DIRECTIONS {
        let draw: Vec<f64> = (0..d).map(|_| stream.normal()).collect();
        let norm = draw.iter().map(|v| v * v).sum::<f64>().sqrt();
        directions.push(draw.iter().map(|v| v / norm).collect());
    }
    for direction in &mut directions {
        for (share, one) in direction.iter_mut().zip(open) {
            *share = one.inward.map_or(*share, |sign| sign * share.abs());
        }
    }
    directions
}

/// Columns of the points of all rays; a component that no ray moves stays at its mean.
pub(super) fn rays(spreads: &[Spread], open: &[Open], directions: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let points =
        directions.iter().flat_map(|u| (0..=DOUBLINGS).map(move |k| (u, f64::from(k).exp2())));
    let points: Vec<(&Vec<f64>, f64)> = points.collect();
    let column = |k: usize| {
        let place = open.iter().position(|one| one.component == k);
        let at = |&(u, r): &(&Vec<f64>, f64)| {
            let along =
                |place: usize| open[place].start(u[place]) + r * u[place] * spreads[k].scale();
            place.map_or(spreads[k].mean, along)
        };
        points.iter().map(at).collect()
    };
    (0..spreads.len()).map(column).collect()
}

/// A direction in words, with at most this many of its entries.
fn described(model: &Model, open: &[Open], direction: &[f64], most: usize) -> String {
    let main = (0..direction.len()).find(|&k| direction[k].abs() == 1.0);
    match main {
        Some(k) => {
            let sign = if direction[k] > 0.0 { "+" } else { "-" };
            format!("`{}` → {sign}∞", model.data()[open[k].component].name)
        }
        None => {
            let named = direction.iter().take(most).zip(open);
            let parts: Vec<String> = named
                .map(|(share, one)| format!("{share:.2} {}", model.data()[one.component].name))
                .collect();
            let more = if direction.len() > most { ", …" } else { "" };
            format!("({}{more})", parts.join(", "))
        }
    }
}
