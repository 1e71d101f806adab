//! Diagnostics of each row: density, loss, leverage, robust weight and misfit.

use nalgebra::DMatrix;

use super::evaluation::row_values;
use super::goodness::ROWS_SQUARED;
use crate::calculus::gradient;
use crate::data::Selection;
use crate::fit::{self, Warning, windham_weights};
use crate::model::Model;
use crate::numerics::matrix::symmetric_eigen;
use crate::objective::Specification;
use crate::objective::discrepancy::{Discrepancy, KernelChoices};
use crate::program::Program;

/// Most entries of the matrix of slopes, by row and parameter.
const SLOPES: usize = 100_000_000;
/// Eigenvalues of K, scaled to unit diagonal, below this share of the largest count as zero.
const FLAT: f64 = 1e-12;

/// Diagnostics of rows by column, in order, and warnings about missing columns.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowScores {
    /// The columns of [`row_values`], then `leverage`, `robust_weight` where a power is given, and
    /// `ksd`.
    pub columns: Vec<(String, Vec<f64>)>,
    /// Warnings about columns that cannot be computed, with reasons.
    pub warnings: Vec<Warning>,
}

/// Diagnostics of the rows of a table under a model at θ.
///
/// * `leverage` is ψᵀK⁻¹ψ/n with the slopes ψ of the row's loss by the parameters and their mean outer
///   product K over these rows: the influence of the row on the parameters. It sums to the number of
///   parameters; for a regression with a known variance it is about the leverage of least squares times
///   the squared residual over its mean.
/// * `robust_weight` is the weight p^c of a robust fit (Windham 1995), the largest one 1.
/// * `ksd` is the contribution of the row to nV, where V is the kernel Stein discrepancy of these rows.
///
/// # Errors
/// When robust weights are requested and log p is not linear in its parameters.
///
/// # Panics
/// When θ or the columns are not those of the model.
pub fn row_scores(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    options: &fit::Options,
    threads: usize,
) -> Result<RowScores, fit::Error> {
    let mut columns = row_values(specification, model, data, theta, threads);
    let mut warnings = Vec::new();
    let mut missing = |column: &str, reason: String| {
        let message = format!("there is no column `{column}`: {reason}");
        warnings.push(Warning::new("no-column", message));
    };
    match leverages(specification, model, data, theta, threads) {
        Ok(values) => columns.push(("leverage".to_owned(), values)),
        Err(reason) => missing("leverage", reason),
    }
    if let Some(weights) = windham_weights(model, &data.slices(), theta, options)? {
        columns.push(("robust_weight".to_owned(), weights));
    }
    match misfits(specification, model, data, theta, threads) {
        Ok(values) => columns.push(("ksd".to_owned(), values)),
        Err(reason) => missing("ksd", reason),
    }
    Ok(RowScores { columns, warnings })
}

/// ψᵀK⁻¹ψ/n by row; null directions of K are left out.
fn leverages(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Result<Vec<f64>, String> {
    let (n, p) = (data.rows(), theta.len());
    if p == 0 {
        return Err("the model has no parameters".to_owned());
    }
    if n * p > SLOPES {
        return Err(format!("the slopes of {n} rows by {p} parameters are too many"));
    }
    let mut graph = model.graph().clone();
    let layout = specification.layout(&mut graph, model);
    let loss = specification.weighed_loss(&mut graph, model.log_density());
    let inputs: Vec<_> = layout.parameters.iter().map(|&one| graph.input_node(one)).collect();
    let slopes = gradient(&mut graph, loss.total, &inputs);
    let program = Program::compile(&graph, &layout, &slopes);
    let slices = data.slices();
    let values = program.rows(&specification.columns(&slices), theta, threads);
    // Slopes are scaled to root mean square one, so that the units of parameters do not matter.
    let size = |column: &Vec<f64>| {
        let square = column.iter().map(|x| x * x).sum::<f64>() / n as f64;
        if square > 0.0 { square.sqrt() } else { 1.0 }
    };
    let scales: Vec<f64> = values.iter().map(size).collect();
    let slopes = DMatrix::from_fn(p, n, |k, row| values[k][row] / scales[k]);
    let outer = &slopes * slopes.transpose() / n as f64;
    let eigen = symmetric_eigen(&outer).ok_or("a slope of the loss is not finite")?;
    let largest = eigen.values.iter().copied().fold(0.0, f64::max);
    let weight = |value: &f64| if *value > FLAT * largest { value.recip() } else { 0.0 };
    let weights: Vec<f64> = eigen.values.iter().map(weight).collect();
    let turned = eigen.vectors.transpose() * slopes;
    let one = |column: nalgebra::DVectorView<'_, f64>| {
        let squares = column.iter().zip(&weights).map(|(x, weight)| weight * x * x);
        squares.sum::<f64>() / n as f64
    };
    Ok(turned.column_iter().map(one).collect())
}

/// The contribution of each row to the kernel Stein discrepancy.
fn misfits(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Result<Vec<f64>, String> {
    if !(2..=ROWS_SQUARED).contains(&data.rows()) {
        return Err(format!("it takes all pairs of 2 to {ROWS_SQUARED} rows"));
    }
    let (slices, choices) = (data.slices(), KernelChoices::default());
    let prepared = Discrepancy::prepare(specification, model, &slices, &choices, threads);
    let prepared = prepared.map_err(|reason| reason.to_string())?;
    Ok(prepared.at(theta, &slices, threads).contributions())
}
