//! Whether the units of the columns decide the fit.

use nalgebra::DVector;

use crate::calculus::gradient;
use crate::fit::{Standardise, Warning};
use crate::graph::ExprId;
use crate::model::Support;
use crate::program::{Layout, Program};

use super::Findings;

/// The largest ratio of standard deviations without a warning: a column that is three times as wide has a
/// ninth of the weight, so that it has about a tenth of J.
const UNITS_RATIO: f64 = 3.0;
/// A slope of J below this share of its standard error counts as zero.
const FLAT: f64 = 0.02;
/// Most slopes, one for each component and parameter, that are computed.
const SLOPES_MAX: usize = 4000;

pub(super) fn column_units(findings: &Findings<'_>) -> Option<Warning> {
    let on_line = |k: &usize| findings.model.data()[*k].support == Support::Line;
    let scales: Vec<f64> = (0..findings.model.data().len())
        .filter(on_line)
        .map(|k| findings.spreads[k].scale())
        .collect();
    let low = scales.iter().copied().fold(f64::INFINITY, f64::min);
    let high = scales.iter().copied().fold(0.0, f64::max);
    let plain = findings.options.standardise == Standardise::No;
    let suspect = plain && scales.len() > 1 && high > UNITS_RATIO * low;
    (suspect && !findings.exponential_family && !weights_do_not_matter(findings)).then(|| {
        let factor = high / low;
        let headline =
            format!("the columns' standard deviations differ by a factor of {factor:.3}");
        Warning::new("column-units", headline)
            .meaning(
                "The objective adds terms in 1/unit² of each: components of small scale decide the fit",
            )
            .remedy("`--standardise` weighs them equally")
    })
}

/// Whether the estimate is stationary for J of each data component alone, and so for every choice of their
/// weights: so for a normal with a full precision, and for components with parameters of their own.
fn weights_do_not_matter(findings: &Findings<'_>) -> bool {
    let model = findings.model;
    let (d, p) = (model.data().len(), model.parameters().len());
    if d * p > SLOPES_MAX {
        return false;
    }
    let mut graph = model.graph().clone();
    let Layout { rows, parameters } = findings.specification.layout(&mut graph, model);
    let theta: Vec<ExprId> = parameters.iter().map(|&input| graph.input_node(input)).collect();
    let parts = findings.specification.weighed_components(&mut graph, model.log_density());
    if parts.is_empty() {
        return false;
    }
    let slopes: Vec<ExprId> =
        parts.iter().flat_map(|&part| gradient(&mut graph, part, &theta)).collect();
    let squares: Vec<ExprId> = slopes.iter().map(|&slope| graph.powi(slope, 2)).collect();
    let outputs = [slopes, squares].concat();
    let program = Program::compile_means(&graph, &Layout { rows, parameters }, &outputs);
    let inner: Vec<&[f64]> = findings.inner.iter().map(Vec::as_slice).collect();
    let columns = findings.specification.columns(&inner);
    let at = &findings.best.at;
    let means = program.evaluate(&columns, &findings.space.theta(at), findings.options.threads);
    let jacobian = findings.space.jacobian(at);
    let (means, squares) = means.split_at(d * p);
    let errors = squares.iter().map(|square| (square / findings.rows() as f64).sqrt());
    let errors: Vec<f64> = errors.collect();
    means.chunks(p).zip(errors.chunks(p)).all(|(slopes, errors)| {
        let slopes = jacobian.tr_mul(&DVector::from_column_slice(slopes));
        let errors = jacobian.abs().tr_mul(&DVector::from_column_slice(errors));
        slopes.iter().zip(&errors).all(|(slope, error)| slope.abs() <= FLAT * error)
    })
}
