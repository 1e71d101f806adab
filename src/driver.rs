//! The driver: the only file of the library that crosses all stages, from a model
//! and its data to a report.

use std::fmt;

use crate::data::{self, Columns, Missing, Selection};
use crate::fit::{self, Estimate, FittedParameter};
use crate::model::{Component, Errors, Levels, Model, OffDomain};
use crate::objective::Specification;
use crate::report::{DataFacts, ModelFacts, Report, significant, warnings_of};

/// An error between a model and its fit.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The text of the model is wrong, or does not fit the columns.
    Model(Errors),
    /// The data are wrong.
    Data(data::Error),
    /// The model cannot be fitted to the data.
    Fit(fit::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(errors) => write!(f, "{errors}"),
            Self::Data(error) => write!(f, "{error}"),
            Self::Fit(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Errors> for Error {
    fn from(errors: Errors) -> Self {
        Self::Model(errors)
    }
}

impl From<data::Error> for Error {
    fn from(error: data::Error) -> Self {
        Self::Data(error)
    }
}

impl From<fit::Error> for Error {
    fn from(error: fit::Error) -> Self {
        Self::Fit(error)
    }
}

/// Why a model does not suit a table.
#[derive(Clone, Debug)]
pub enum Misfit {
    /// The text does not suit the levels of its groups.
    Model(Errors),
    /// A column has no levels: it was not read, or has more than 10 000 distinct values.
    Data(data::Error),
}

impl From<Errors> for Misfit {
    fn from(errors: Errors) -> Self {
        Self::Model(errors)
    }
}

impl From<data::Error> for Misfit {
    fn from(error: data::Error) -> Self {
        Self::Data(error)
    }
}

impl From<Misfit> for Error {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Model(errors) => Self::Model(errors),
            Misfit::Data(error) => Self::Data(error),
        }
    }
}

/// A fitted model with facts about its data.
#[derive(Clone, Debug)]
pub struct Fit {
    model: Model,
    estimate: Estimate,
    facts: DataFacts,
    seed: u64,
}

impl Model {
    /// Fits the model to columns with default options. Names are bound to columns by the rules of
    /// the language; a missing value in a column that is used is an error.
    ///
    /// # Errors
    /// When the text does not fit the columns, a column that is used does not hold numbers, or
    /// plain score matching would be wrong for the model.
    pub fn fit(&self, columns: &Columns) -> Result<Fit, Error> {
        self.fit_with(columns, &fit::Options::default())
    }

    /// Fits the model to columns with options; parameters in the options are given by name.
    ///
    /// # Errors
    /// As for [`Model::fit`], and when the options do not suit the model.
    pub fn fit_with(&self, columns: &Columns, options: &fit::Options) -> Result<Fit, Error> {
        let supplied = Specification::supplied(self, &options.objective);
        let supplied = supplied.map(|(name, value)| columns.with_constant(name, value));
        let columns = supplied.as_ref().unwrap_or(columns);
        let counting = options.rows.columns();
        let free = |name: &&str| !counting.contains(name) || self.declares(name);
        let names = columns.names().into_iter().filter(free).collect::<Vec<_>>();
        let numeric = columns.numeric_names().into_iter().filter(free).collect::<Vec<_>>();
        if let Some((weights, _)) = &options.rows.weights {
            columns.numbers(weights)?;
        }
        let model = self.bind(&names, &numeric)?.grouped_by(columns)?;
        let selection = model.select_with(columns, options.missing, &counting)?;
        Ok(Fit::of(model, &selection, columns.rows(), options)?)
    }

    /// Whether a data component or a covariate has this name.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        self.data().iter().chain(self.covariates()).any(|one| one.name == name)
    }

    /// For each group of a bound model, its name and the distinct values of its column, in the form
    /// that [`model::Options::levels`](crate::model::Options::levels) takes.
    ///
    /// # Errors
    /// When a column has more than 10 000 distinct values, or was not read.
    pub fn levels_in(&self, columns: &Columns) -> Result<Vec<(String, Vec<String>)>, data::Error> {
        let found = self.groups().filter_map(|group| Some((group, group.column.as_deref()?)));
        found.map(|(group, column)| Ok((group.name.clone(), columns.levels(column)?))).collect()
    }

    /// A bound model whose groups have the levels that their columns hold; the model itself where no
    /// group takes its levels from a column.
    ///
    /// # Errors
    /// As for [`Model::levels_in`] and [`Model::bind_levels`].
    pub fn grouped_by(self, columns: &Columns) -> Result<Self, Misfit> {
        let levels = self.levels_in(columns)?;
        if levels.is_empty() { Ok(self) } else { Ok(self.with_levels(&levels)?) }
    }

    /// The columns of a bound model: those of the data components, then those of the covariates.
    /// Unit vectors and compositions that deviate from their norm or sum by at most 0.002, as by
    /// rounding, are rescaled.
    ///
    /// # Errors
    /// When a column does not hold numbers, or a row is not a unit vector or composition where one
    /// is declared.
    ///
    /// # Panics
    /// When the model is not bound; see [`Model::bind`].
    pub fn select(&self, columns: &Columns, missing: Missing) -> Result<Selection, data::Error> {
        self.select_with(columns, missing, &[])
    }

    /// The columns of the covariates of a bound model, without those of the data components.
    ///
    /// # Errors
    /// As for [`Model::select`].
    ///
    /// # Panics
    /// When the model is not bound; see [`Model::bind`].
    pub fn select_covariates(
        &self,
        columns: &Columns,
        missing: Missing,
    ) -> Result<Selection, data::Error> {
        columns.select_places(&self.covariates().iter().map(wanted).collect::<Vec<_>>(), missing)
    }

    /// The columns of [`Model::select`], followed by further ones, such as weights of rows. A
    /// further column of text is encoded: each row has the index of its text among the distinct
    /// texts of the column.
    ///
    /// # Errors
    /// As for [`Model::select`].
    ///
    /// # Panics
    /// When the model is not bound; see [`Model::bind`].
    pub fn select_with(
        &self,
        columns: &Columns,
        missing: Missing,
        further: &[&str],
    ) -> Result<Selection, data::Error> {
        let components = self.data().iter().chain(self.covariates()).map(wanted);
        let levels = further.iter().map(|name| columns.levels_of_text(name));
        let levels: Vec<Option<Vec<String>>> = levels.collect();
        let further = further.iter().zip(&levels).map(|(&name, levels)| (name, levels.as_deref()));
        let mut selection =
            columns.select_places(&components.chain(further).collect::<Vec<_>>(), missing)?;
        for domain in self.domains() {
            let places = domain.components.clone();
            let slices: Vec<&[f64]> = places.clone().map(|k| selection.column(k)).collect();
            let sizes =
                domain.sizes(&slices).map_err(|OffDomain { row, what, size }| data::Error {
                    kind: data::ErrorKind::Unnormalised { what, found: significant(size, 6) },
                    line: Some(columns.line_of(selection.original_rows().at(row) as usize)),
                    column: Some(self.declared_name(&self.data()[places.start]).to_owned()),
                })?;
            selection.divide(places, &sizes);
        }
        Ok(selection)
    }
}

/// The column of a bound component, with its levels, among which each value has an index, if they
/// come from the column.
fn wanted(component: &Component) -> (&str, Option<&[String]>) {
    let column = component.column.as_deref().expect("a bound component has a column");
    let levels = component.levels.as_ref().filter(|levels| levels.are_names());
    (column, levels.map(Levels::labels))
}

impl Fit {
    /// Fits a bound model to its columns, which were selected from a table of `rows` rows.
    ///
    /// # Errors
    /// When plain score matching would be wrong for the model, the rows lie outside its domain, or
    /// the options do not suit the model.
    ///
    /// # Panics
    /// When the columns are not those of [`Model::select_with`].
    pub fn of(
        model: Model,
        selection: &Selection,
        rows: usize,
        options: &fit::Options,
    ) -> Result<Self, fit::Error> {
        let estimate = fit::fit(&model, selection, options)?;
        let facts = DataFacts {
            file: String::new(),
            digest: selection.digest(),
            rows,
            used: selection.rows(),
            dropped: selection.dropped(),
        };
        Ok(Self { model, estimate, facts, seed: options.seed })
    }

    /// The model, bound to its columns.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Estimates, standard errors, minima and warnings.
    #[must_use]
    pub fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// One parameter by name, such as `mu` or `W[1,2]`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&FittedParameter> {
        self.estimate.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The report that `scorematch fit` prints, as [`Report::text`] and [`Report::json`], with the
    /// command and the file left empty.
    #[must_use]
    pub fn report(&self) -> Report {
        Report {
            command: String::new(),
            seed: self.seed,
            data: self.facts.clone(),
            model: ModelFacts::of(&self.model),
            estimate: self.estimate.clone(),
            warnings: warnings_of(&self.model, self.estimate.objective_kind),
            timing: None,
        }
    }
}

/// Fits can run on the caller's threads, and their results can be sent between threads.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<fit::Options>();
    is_shared::<Model>();
    is_shared::<Columns>();
    is_shared::<Fit>();
    is_shared::<Estimate>();
    is_shared::<Report>();
    is_shared::<Error>();
};
