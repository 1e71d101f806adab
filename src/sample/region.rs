//! The region of the data: where the text gives a weight that is not positive everywhere, the
//! density is zero outside the region in which it is (Liu, Kanamori, Williams 2022).

use super::chart::coordinates;
use super::starts::anywhere;
use super::target::Target;
use super::{SEARCH, Subject, stream_of};
use crate::graph::ExprId;
use crate::model::{Domain, Support};
use crate::program::{Layout, Program};

/// Number of points at which weights are evaluated.
const POINTS: usize = 1000;
/// Largest |y| of the points where x is exponential in y: beyond it a weight may be zero by
/// rounding.
const REACH: f64 = 30.0;

/// The weights of the text that exclude a part of the domain, and whether there are other weights
/// that cannot be evaluated beyond the rows of the data.
#[derive(Clone, Debug, Default)]
pub(super) struct Region {
    pub weights: Vec<ExprId>,
    pub is_unknown: bool,
}

impl Region {
    /// Evaluates the weights at random points of all scales. One that is positive at all of them
    /// excludes nothing, even if it is zero at single values, as x² is. Binary data have no region.
    pub fn of(subject: &Subject<'_>) -> Self {
        let model = subject.model;
        let mut weights: Vec<ExprId> =
            (0..model.data().len()).filter_map(|k| model.weight(k)).collect();
        weights.sort_unstable();
        weights.dedup();
        let is_binary = |domain: &Domain| matches!(domain.support, Support::Binary(..));
        if model.domains().iter().any(is_binary) {
            return Self { weights: Vec::new(), is_unknown: !weights.is_empty() };
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            weights.into_iter().partition(|&weight| is_known(subject, weight));
        let weights = if known.is_empty() { known } else { restricting(subject, known) };
        Self { weights, is_unknown: !unknown.is_empty() }
    }

    /// Whether the density is zero in a part of the domain.
    pub fn is_bounded(&self) -> bool {
        !self.weights.is_empty()
    }
}

/// Whether a weight can be evaluated at any point: covariates that it contains are given.
fn is_known(subject: &Subject<'_>, weight: ExprId) -> bool {
    let (model, graph) = (subject.model, subject.model.graph());
    let missing: Vec<ExprId> =
        model.covariates().iter().map(|one| graph.input_node(one.input)).collect();
    !subject.given.is_empty() || !graph.dependents(&missing)[weight.index()]
}

/// The weights that are not positive at some point.
fn restricting(subject: &Subject<'_>, weights: Vec<ExprId>) -> Vec<ExprId> {
    let Subject { model, theta, given, options } = *subject;
    let target = Target::new(model, theta, given, &[]);
    let mut stream = stream_of(options, 0, SEARCH);
    let d = target.coordinates();
    let near_edges: Vec<bool> = model.domains().iter().flat_map(has_edge).collect();
    let far = |(y, ends): (&f64, &bool)| *ends && y.abs() > REACH;
    let inside = |y: &Vec<f64>| !y.iter().zip(&near_edges).any(far);
    let y: Vec<Vec<f64>> = anywhere(d, theta, &mut stream).filter(inside).take(POINTS).collect();
    let coordinate = |k: usize| y.iter().map(|point| point[k]).collect();
    let y: Vec<Vec<f64>> = (0..d).map(coordinate).collect();
    let mut columns = target.points(&y);
    let covariate = |column: &&[f64]| (0..POINTS).map(|i| column[i % column.len()]).collect();
    columns.extend(given.iter().map(covariate));
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let inputs = model.row_inputs();
    let rows = inputs[..columns.len()].to_vec();
    let layout = Layout { rows, parameters: model.parameter_inputs() };
    let values = Program::compile(model.graph(), &layout, &weights).rows(&columns, theta, 1);
    let cuts = |values: &[f64]| values.iter().any(|weight| !weight.is_nan() && *weight <= 0.0);
    weights.into_iter().zip(values).filter(|(_, values)| cuts(values)).map(|(one, _)| one).collect()
}

/// For each coordinate of a domain, whether the domain has an edge.
fn has_edge(domain: &Domain) -> Vec<bool> {
    let ends = match domain.support {
        Support::Line | Support::Circle | Support::Sphere => false,
        Support::Above(_)
        | Support::Below(_)
        | Support::Between(..)
        | Support::Simplex
        | Support::Binary(..) => true,
    };
    vec![ends; coordinates(domain)]
}
