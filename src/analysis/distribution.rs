//! The normalised density of a model at θ: log-densities of rows, distribution function and
//! quantiles.

use super::normaliser::{NoNormaliser, Normaliser, whole};
use crate::data::Selection;
use crate::model::Model;
use crate::numerics::parallel::parallel;
use crate::sample::{self, Distribution, Line, LogDensity};

/// The normalised density and the distribution function at each row of a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowDensities {
    /// log p - log ∫ p, given the covariates of the row.
    pub log_density: Vec<f64>,
    /// For data of one number, the distribution function at the row, given its covariates; angles are
    /// counted from -π, and a composition of two parts is its first part.
    pub below: Option<Vec<f64>>,
}

/// The normalised density of a model at each row.
///
/// With covariates each row has a normaliser of its own, which is computed for data of one number
/// only.
///
/// # Errors
/// When the domain has too many dimensions, or a density has no finite integral.
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
    let log_p = LogDensity::of(model, theta);
    NormalisedDensity::new(model, data, theta, &log_p)?.rows(threads)
}

/// Quantiles of a density of one number at these shares; angles are counted from -π, and a
/// composition of two parts is its first part. The rows are hints where the mass may be.
///
/// # Errors
/// When the data are not one number, log p contains covariates, or the density has no finite
/// integral.
///
/// # Panics
/// When θ or the columns are not those of the model.
pub fn quantiles(
    model: &Model,
    data: &Selection,
    theta: &[f64],
    shares: &[f64],
) -> Result<Vec<f64>, NoNormaliser> {
    let log_p = LogDensity::of(model, theta);
    NormalisedDensity::new(model, data, theta, &log_p)?.quantiles(shares)
}

/// A density at θ with its normaliser, which is computed once.
pub(super) struct NormalisedDensity<'a> {
    model: &'a Model,
    data: &'a Selection,
    theta: &'a [f64],
    log_p: &'a LogDensity<'a>,
    kind: Kind<'a>,
}

enum Kind<'a> {
    /// One number, with its distribution function and the numbers of the rows.
    Number(Distribution<'a>, Vec<f64>),
    /// The numbers of the rows, with covariates that give each row its own distribution function.
    Given(Line, Vec<f64>),
    /// Several numbers without covariates: log ∫ p alone.
    Whole(Normaliser),
}

impl<'a> NormalisedDensity<'a> {
    /// Prepares the density; the rows are hints where the mass may be.
    pub fn new(
        model: &'a Model,
        data: &'a Selection,
        theta: &'a [f64],
        log_p: &'a LogDensity<'a>,
    ) -> Result<Self, NoNormaliser> {
        let kind = match (Line::of(&model.domains()), model.conditions().is_empty()) {
            (Some(line), true) => {
                let places = places(model, data, line);
                let one = Distribution::new(line, log_p, Vec::new(), &places);
                Kind::Number(one.map_err(no_normaliser)?, places)
            }
            (Some(line), false) => Kind::Given(line, places(model, data, line)),
            (None, true) => Kind::Whole(whole(model, data, log_p)?),
            (None, false) => return Err(NoNormaliser::Covariates),
        };
        Ok(Self { model, data, theta, log_p, kind })
    }

    /// log ∫ p; `None` where covariates give each row a normaliser of its own.
    pub fn normaliser(&self) -> Option<Normaliser> {
        match &self.kind {
            Kind::Number(one, _) => {
                let (log, error) = one.log_normaliser();
                Some(Normaliser { log, error })
            }
            Kind::Given(..) => None,
            Kind::Whole(found) => Some(*found),
        }
    }

    /// The normalised density and the distribution function at each row.
    pub fn rows(&self, threads: usize) -> Result<RowDensities, NoNormaliser> {
        let values = self.log_p.at(&self.data.slices());
        let (log, below) = match &self.kind {
            Kind::Number(one, places) => (one.log_normaliser().0, Some(one.shares_below(places))),
            Kind::Whole(found) => (found.log, None),
            Kind::Given(line, places) => return self.given(*line, places, &values, threads),
        };
        let log_density = values.into_iter().map(|value| value - log).collect();
        Ok(RowDensities { log_density, below })
    }

    /// [`NormalisedDensity::rows`] with covariates, where `values` is log p of the rows.
    fn given(
        &self,
        line: Line,
        places: &[f64],
        values: &[f64],
        threads: usize,
    ) -> Result<RowDensities, NoNormaliser> {
        let Self { model, theta, log_p, .. } = *self;
        let columns = self.data.slices();
        let covariates = &columns[model.data().len()..][..model.covariates().len()];
        let of_row = |row: usize| {
            let given = covariates.iter().map(|z| z[row]).collect();
            let near: Vec<f64> = [places[row]].iter().chain(theta).copied().collect();
            let one = Distribution::new(line, log_p, given, &near).map_err(no_normaliser)?;
            let below = one.shares_below(&places[row..=row])[0];
            Ok((values[row] - one.log_normaliser().0, below))
        };
        let rows: Result<Vec<(f64, f64)>, NoNormaliser> =
            parallel(values.len(), threads, of_row).into_iter().collect();
        let (log_density, below) = rows?.into_iter().unzip();
        Ok(RowDensities { log_density, below: Some(below) })
    }

    /// The quantiles at these shares.
    pub fn quantiles(&self, shares: &[f64]) -> Result<Vec<f64>, NoNormaliser> {
        match &self.kind {
            Kind::Number(one, _) => Ok(one.quantiles(shares)),
            Kind::Given(..) => Err(NoNormaliser::Covariates),
            Kind::Whole(_) => Err(NoNormaliser::NotOneNumber),
        }
    }
}

/// The number to which the data of each row are mapped.
fn places(model: &Model, data: &Selection, line: Line) -> Vec<f64> {
    let columns: Vec<&[f64]> = data.slices()[..model.data().len()].to_vec();
    let row = |row: usize| columns.iter().map(|column| column[row]).collect::<Vec<f64>>();
    (0..data.rows()).map(|k| line.place(&row(k))).collect()
}

fn no_normaliser(error: sample::Error) -> NoNormaliser {
    match error {
        sample::Error::Divergent => NoNormaliser::Divergent,
        sample::Error::Inaccurate => NoNormaliser::Inaccurate,
        sample::Error::NotGiven { .. } | sample::Error::NoSigma => NoNormaliser::Covariates,
        sample::Error::Undefined
        | sample::Error::Mixed
        | sample::Error::Unsuited { .. }
        | sample::Error::Regional { .. }
        | sample::Error::Interrupted => NoNormaliser::Undefined,
    }
}
