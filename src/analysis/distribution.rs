//! The normalised density of a model at θ: log densities of rows, shares of the mass below them, and
//! quantiles.

use super::normaliser::{NoNormaliser, normaliser};
use crate::data::Selection;
use crate::model::Model;
use crate::numerics::parallel::parallel;
use crate::sample::{self, Distribution, Line, LogDensity};

/// What a normalised density says of each row of a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowDensities {
    /// log p - log ∫ p, given the covariates of the row.
    pub log_density: Vec<f64>,
    /// Of one number, the share of the mass below it, given the covariates of the row; angles are
    /// counted from -π, a composition of two parts by its first.
    pub below: Option<Vec<f64>>,
}

/// The normalised density of a model at each row.
///
/// With covariates each row has a normaliser of its own, which is found for data of one number.
///
/// # Errors
/// When the domain is too large, or a density has no integral.
///
/// # Panics
/// When θ or the columns are not those of the model.
///
/// # Examples
/// ```
/// use scorematch::{Columns, Model, analysis::row_densities, data::Missing};
///
/// let model = Model::parse("data t > 0; param rate; -rate*t")?.bind(&["t"], &["t"])?;
/// let rows = model.select(&Columns::from_csv("t\n1.0\n2.0\n".as_bytes())?, Missing::Error)?;
/// let found = row_densities(&model, &rows, &[0.5], 1)?;
/// assert!((found.log_density[1] - (0.5f64.ln() - 1.0)).abs() < 1e-9);
/// assert!((found.below.expect("one number")[1] - (1.0 - (-1.0f64).exp())).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn row_densities(
    model: &Model,
    data: &Selection,
    theta: &[f64],
    threads: usize,
) -> Result<RowDensities, NoNormaliser> {
    let Some(line) = Line::of(&model.domains()) else {
        let log = normaliser(model, data, theta)?.log;
        let values = LogDensity::of(model, theta).at(&data.slices());
        let log_density = values.into_iter().map(|value| value - log).collect();
        return Ok(RowDensities { log_density, below: None });
    };
    let log_p = LogDensity::of(model, theta);
    let values = log_p.at(&data.slices());
    let places = places(model, data, line);
    if model.conditions().is_empty() {
        let one = Distribution::new(line, &log_p, Vec::new(), &places).map_err(no_normaliser)?;
        let (log, _) = one.log_normaliser();
        let log_density = values.into_iter().map(|value| value - log).collect();
        return Ok(RowDensities { log_density, below: Some(one.shares_below(&places)) });
    }
    let covariates: Vec<&[f64]> = data.slices()[model.data().len()..].to_vec();
    let of_row = |row: usize| {
        let given = covariates.iter().take(model.covariates().len()).map(|z| z[row]).collect();
        let near: Vec<f64> = std::iter::once(places[row]).chain(theta.iter().copied()).collect();
        let one = Distribution::new(line, &log_p, given, &near).map_err(no_normaliser)?;
        let below = one.shares_below(&places[row..=row])[0];
        Ok((values[row] - one.log_normaliser().0, below))
    };
    let rows: Result<Vec<(f64, f64)>, NoNormaliser> =
        parallel(data.rows(), threads, of_row).into_iter().collect();
    let (log_density, below) = rows?.into_iter().unzip();
    Ok(RowDensities { log_density, below: Some(below) })
}

/// The values below which these shares of the mass of a density of one number lie; angles are counted
/// from -π, of a composition of two parts it is the first. The rows tell where mass may be.
///
/// # Errors
/// When the data are not one number, log p contains covariates, or the density has no integral.
///
/// # Panics
/// When θ or the columns are not those of the model.
pub fn quantiles(
    model: &Model,
    data: &Selection,
    theta: &[f64],
    shares: &[f64],
) -> Result<Vec<f64>, NoNormaliser> {
    let line = Line::of(&model.domains()).ok_or(NoNormaliser::NotOneNumber)?;
    if !model.conditions().is_empty() {
        return Err(NoNormaliser::Covariates);
    }
    let log_p = LogDensity::of(model, theta);
    let near = places(model, data, line);
    let one = Distribution::new(line, &log_p, Vec::new(), &near).map_err(no_normaliser)?;
    Ok(one.quantiles(shares))
}

/// The number that stands for the data of each row.
pub(super) fn places(model: &Model, data: &Selection, line: Line) -> Vec<f64> {
    let columns: Vec<&[f64]> = data.slices()[..model.data().len()].to_vec();
    let row = |row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f64>>();
    (0..data.rows()).map(|k| line.place(&row(k))).collect()
}

pub(super) fn no_normaliser(error: sample::Error) -> NoNormaliser {
    match error {
        sample::Error::Divergent => NoNormaliser::Divergent,
        sample::Error::Inaccurate => NoNormaliser::Inaccurate,
        sample::Error::NotGiven { .. } | sample::Error::NoSigma => NoNormaliser::Covariates,
        sample::Error::Undefined
        | sample::Error::Mixed
        | sample::Error::Unsuited { .. }
        | sample::Error::Interrupted => NoNormaliser::Undefined,
    }
}
