//! The Fisher divergence of a model from a known density, on its data.

use std::fmt;

use crate::data::Selection;
use crate::graph::ExprId;
use crate::model::Model;
use crate::objective::Specification;
use crate::program::Program;

/// A known density, with all that its score depends on.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// A model without parameters.
    pub model: &'a Model,
    /// Its objective, on the domains of the model that is compared with it.
    pub specification: &'a Specification,
    /// The columns of its data.
    pub data: &'a Selection,
}

/// The reason why two densities cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incomparable {
    /// The known density has parameters.
    Parameters,
    /// The densities have different domains.
    Domains,
    /// The objective has no score.
    NoScore,
}

impl fmt::Display for Incomparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parameters => "a known density has no parameters: make them constants",
            Self::Domains => "the two models declare different data",
            Self::NoScore => "a Fisher divergence needs data that have a density",
        })
    }
}

impl std::error::Error for Incomparable {}

/// mean ½ (s - s₀)ᵀ G (s - s₀) over the rows, where s is the score of the model at θ, s₀ that of a
/// known density, and G the metric in the objective of the model (Hyvärinen 2005, JMLR 6:695, eq. 1,
/// where the rows come from the known density). In that case J differs from it by a constant, in
/// expectation.
///
/// # Errors
/// When the known density has parameters, or different domains.
pub fn fisher_divergence(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    known: Known<'_>,
    threads: usize,
) -> Result<f64, Incomparable> {
    if !known.model.parameters().is_empty() {
        return Err(Incomparable::Parameters);
    }
    if !specification.is_alike(known.specification) {
        return Err(Incomparable::Domains);
    }
    let own = squares(specification, model, data, theta, threads);
    let other = squares(known.specification, known.model, known.data, &[], threads);
    if own.is_empty() || own.len() != other.len() {
        return Err(Incomparable::NoScore);
    }
    let rows = data.rows();
    let counts = specification.row_counts();
    let mut sum = 0.0;
    for ((weights, roots), (_, known)) in own.iter().zip(&other) {
        for row in 0..rows {
            // A row of weight zero contributes nothing, even where its score is not finite.
            let weight = weights[row] * counts.map_or(1.0, |counts| counts[row]);
            if weight != 0.0 {
                sum += 0.5 * weight * (roots[row] - known[row]).powi(2);
            }
        }
    }
    Ok(sum / rows as f64)
}

/// Weight and root of each square of the loss, by row.
fn squares(
    specification: &Specification,
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let mut graph = model.graph().clone();
    let squares = specification.squares(&mut graph, model.log_density());
    let outputs: Vec<ExprId> = squares.iter().flat_map(|one| [one.weight, one.root]).collect();
    let layout = specification.layout(&mut graph, model);
    let (program, slices) = (Program::compile(&graph, &layout, &outputs), data.slices());
    let values = program.rows(&specification.columns(&slices), theta, threads);
    let mut values = values.into_iter();
    std::iter::from_fn(|| Some((values.next()?, values.next()?))).collect()
}
