//! The pipeline of a fit: check, standardise, solve or search, judge, report.

use crate::data::{OriginalRows, Selection};
use crate::model::Model;
use crate::objective::{Rows, Specification};

use super::bootstrap::Resampling;
use super::delta::Derived;
use super::domain::{check_domain, check_supports, columns_of};
use super::error::Error;
use super::estimate::{Report, estimate};
use super::impossible::{self, Impossible};
use super::options::Options;
use super::profile_intervals;
use super::progress::Stage;
use super::tally::Tally;
use super::task::Task;
use super::verdicts::{looks_like_a_density, sentinels};
use super::wald::Wald;
use super::windham;
use super::{Estimate, Outcome, Warning};

/// Fits a model to the selected columns: those of its data components, then those of its covariates.
/// A column is found by name, or by position where no column has the name of the component.
///
/// # Errors
/// When the data or the options do not suit the model. A fit that does not converge is an
/// [`Estimate`] that says so.
pub fn fit(model: &Model, data: &Selection, options: &Options) -> Result<Estimate, Error> {
    options.check_level()?;
    options.check_robust()?;
    let estimands = options.estimands(model)?;
    let hypotheses = options.hypotheses(model)?;
    let mut estimate = plain(model, data, options)?;
    let components = model.data().iter().chain(model.covariates());
    let names = components.map(|component| component.name.as_str());
    estimate.warnings.extend(sentinels(names.zip(columns_of(model, data)?)));
    let functions = estimands.iter().flat_map(|one| Derived::of(one, &estimate));
    estimate.derived = functions.collect();
    estimate.wald = Wald::of(&hypotheses, &estimate);
    if let Some(replicates) = options.bootstrap {
        options.enter(Stage::Bootstrap);
        let estimands = &estimands;
        Resampling { model, data, options, estimands, replicates }.add_to(&mut estimate);
    }
    if options.profile_intervals {
        options.enter(Stage::Profile);
        profile_intervals::add_to(&mut estimate, model, data, options);
    }
    estimate.warnings.sort_by_key(Warning::weight);
    Ok(estimate)
}

/// The fit without functions of the parameters, tests, bootstrap and profiles.
fn plain(model: &Model, data: &Selection, options: &Options) -> Result<Estimate, Error> {
    options.enter(Stage::Preparing);
    let columns = columns_of(model, data)?;
    check_supports(model, &columns)?;
    let rows = Rows::new(&columns, data.original_rows()).seed(options.seed);
    let rows = rows.choose(data, &options.rows).map_err(Error::Unsuited)?;
    let specification = Specification::with(model, &options.objective).map_err(Error::Unsuited)?;
    let specification = specification.holding(options.held(model)?);
    let whole = specification.clone().on(model, &rows).map_err(Error::Unsuited)?;
    if options.is_robust() {
        return windham::fit(model, data, (&specification, &columns), options);
    }
    let counts = rows.counts().filter(|_| specification.is_binary());
    if let Some(tally) = counts.and_then(|counts| Tally::of(&columns, data.original_rows(), counts))
    {
        let counted = tally.objective(model, specification).map_err(Error::Unsuited)?;
        let distinct: Vec<&[f64]> = tally.columns.iter().map(Vec::as_slice).collect();
        let original_rows = OriginalRows::from(&tally.original_rows);
        return on_rows(model, data, options, &whole, (counted, distinct, original_rows));
    }
    on_rows(model, data, options, &whole.clone(), (whole, columns, data.original_rows()))
}

/// The fit of an objective on its columns: all rows, or the distinct rows of binary data with their
/// counts.
pub(super) fn on_rows(
    model: &Model,
    data: &Selection,
    options: &Options,
    whole: &Specification,
    (specification, columns, original_rows): (Specification, Vec<&[f64]>, OriginalRows<'_>),
) -> Result<Estimate, Error> {
    let nothing = |unidentified| Error::NothingToEstimate { unidentified };
    if options.held(model)?.len() == model.parameters().len() {
        return Err(nothing(Vec::new()));
    }
    let refuse = |found: Option<Impossible>| found.map_or(Ok(()), |it| Err(Error::Impossible(it)));
    refuse(impossible::in_columns(model, &columns))?;
    let task = Task::new(model, specification, columns, options)?;
    if task.space.active().is_empty() {
        let name = |&j: &usize| model.parameters()[j].name.clone();
        return Err(nothing(task.unidentified().iter().map(name).collect()));
    }
    // Noise smooths out kinks.
    if task.asked.specification.sigma().is_empty() {
        refuse(impossible::in_curvature(model))?;
    }
    options.enter(Stage::Solving);
    let mut solution = match task.solved().or_else(|| task.closed_form()) {
        Some(solution) => solution,
        None => task.search()?,
    };
    options.enter(Stage::Errors);
    let theta = task.frame.raw(&task.theta(&solution.best.at));
    if solution.outcome != Outcome::Interrupted {
        refuse(looks_like_a_density(model, &task.columns, &theta, options.threads))?;
        task.doubt(&mut solution);
    }
    if solution.outcome == Outcome::Converged && solution.best.edges.is_empty() {
        check_domain(model, &task.columns, &theta, options.threads)?;
    }
    Ok(estimate(&Report {
        task: &task,
        solution: &solution,
        original_rows,
        rescaled: data.rescaled(),
        rows: data.rows(),
        whole,
    }))
}
