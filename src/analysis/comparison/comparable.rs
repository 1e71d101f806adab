//! Whether objectives may be compared: values of J are comparable only where they are means of one
//! kind of loss over the same rows of the same data.

use std::fmt;

use crate::model::Component;
use crate::objective::{Specification, Transform};

use super::Contender;

/// The reason why models cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotComparable {
    /// There are fewer than two models.
    TooFew,
    /// There are fewer than two folds, or more folds than rows, or than clusters where rows are
    /// clustered.
    Folds {
        /// The requested number of folds.
        folds: usize,
        /// The number of rows or clusters.
        units: usize,
        /// Whether rows are clustered.
        clustered: bool,
    },
    /// The losses of two models are different quantities.
    Different {
        /// The name of the first model.
        first: String,
        /// The name of the second model.
        second: String,
        /// The difference of their losses.
        difference: Difference,
    },
    /// An interrupt was raised.
    Interrupted,
}

/// A difference that makes the losses of two models different quantities.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// They model different columns.
    Data {
        /// The columns of the first model.
        first: Vec<String>,
        /// The columns of the second model.
        second: Vec<String>,
    },
    /// The order of their columns differs, and a loss depends on it.
    Order,
    /// The values of this column differ.
    Values(String),
    /// They use different rows.
    Rows {
        /// Number of rows of the first model.
        first: usize,
        /// Number of rows of the second model.
        second: usize,
    },
    /// The declared domain of this column differs.
    Domain(String),
    /// The kind of objective differs.
    Objective {
        /// The objective of the first model.
        first: &'static str,
        /// The objective of the second model.
        second: &'static str,
    },
    /// The weight in the objective differs.
    Weight {
        /// The weight of the first model, in words and formulas.
        first: Option<String>,
        /// The weight of the second model.
        second: Option<String>,
    },
    /// The coordinates of compositions differ.
    Transform,
    /// The constants that the objective took from the data differ.
    Constants,
    /// The directions of slices or the levels of noise differ.
    Random,
    /// The weights or clusters of rows differ.
    RowWeights,
    /// The rows with zeros in compositions whose loss is left out of J differ.
    Zeros,
}

impl fmt::Display for NotComparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFew => f.write_str("a comparison takes two models at least"),
            Self::Folds { folds, units, clustered } => {
                let what = if *clustered { "clusters" } else { "rows" };
                write!(
                    f,
                    "{folds} folds of {units} {what}: there are 2 at least, and at most {units}"
                )
            }
            Self::Different { first, second, difference } => {
                write!(f, "`{first}` and `{second}` cannot be compared: {difference}")
            }
            Self::Interrupted => f.write_str("the comparison was interrupted"),
        }
    }
}

impl std::error::Error for NotComparable {}

impl NotComparable {
    /// A remedy that makes the models comparable.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooFew => "name a second model, or give it with `-e`",
            Self::Folds { .. } => "choose another number of folds",
            Self::Different { difference, .. } => difference.help(),
            Self::Interrupted => "",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = |weight: &Option<String>| weight.clone().unwrap_or_else(|| "none".to_owned());
        match self {
            Self::Data { first, second } => {
                write!(f, "they model other data, {} and {}", first.join(", "), second.join(", "))
            }
            Self::Order => {
                f.write_str("their data stand in another order, on which the loss depends")
            }
            Self::Values(column) => write!(f, "their values of `{column}` differ"),
            Self::Rows { first, second } => {
                write!(f, "they use other rows of the data, {first} and {second} of them")
            }
            Self::Domain(column) => write!(f, "they declare `{column}` on other domains"),
            Self::Objective { first, second } => {
                write!(f, "their objectives are {first} and {second}")
            }
            Self::Weight { first, second } => write!(
                f,
                "their objectives have other weights, {} and {}",
                none(first),
                none(second)
            ),
            Self::Transform => {
                f.write_str("their compositions are differentiated in other coordinates")
            }
            Self::Constants => f.write_str("their objectives froze other constants"),
            Self::Random => f.write_str("their slices or levels of noise differ"),
            Self::RowWeights => f.write_str("their rows count for something else"),
            Self::Zeros => {
                f.write_str("J leaves out the loss of other rows with zeros in compositions")
            }
        }
    }
}

impl Difference {
    /// A remedy that makes the two models comparable.
    fn help(&self) -> &'static str {
        match self {
            Self::Data { .. } => {
                "a density of other data has another J: let both models have the same data, and \
                 everything else as covariates"
            }
            Self::Order => "declare the data in the same order in both",
            Self::Values(_) => "give both models the same table",
            Self::Rows { .. } => "keep the rows that are complete in the columns of all models",
            Self::Domain(_) => {
                "declare the data alike in both; a density on a larger domain has another loss"
            }
            Self::Objective { .. } => "ask for one objective that suits both, as `--objective`",
            Self::Weight { .. } => "write the same `weight` in both models",
            Self::Transform => "ask for one `--transform`",
            Self::Constants => "write the same `weight` in both models, so that nothing is frozen",
            Self::Random => "give both the same seed and levels of noise",
            Self::RowWeights => "give both the same weights and clusters",
            Self::Zeros => {
                "leave out the rows with zeros, or write the models alike in these parts"
            }
        }
    }
}

/// The first difference of the losses of two models.
pub(super) fn difference(
    (one, mine): (&Contender<'_>, &Specification),
    (other, theirs): (&Contender<'_>, &Specification),
) -> Option<Difference> {
    let differ = |differs: bool, difference: Difference| differs.then_some(difference);
    data(one, other)
        .or_else(|| order((one, mine), (other, theirs)))
        .or_else(|| rows(one, other))
        .or_else(|| domain(one, other))
        .or_else(|| {
            let (first, second) = (mine.kind(), theirs.kind());
            differ(first != second, Difference::Objective { first, second })
        })
        .or_else(|| differ(mine.transform() != theirs.transform(), Difference::Transform))
        .or_else(|| {
            let first = mine.weight_text(one.model.graph());
            let second = theirs.weight_text(other.model.graph());
            differ(first != second, Difference::Weight { first, second })
        })
        .or_else(|| differ(mine.constants() != theirs.constants(), Difference::Constants))
        .or_else(|| {
            let random = |of: &Specification| (of.drawn(), of.sigma().to_vec());
            differ(random(mine) != random(theirs), Difference::Random)
        })
        .or_else(|| {
            let counts =
                |of: &Specification| (of.row_weights(), of.size().map(|size| size.clusters));
            let alike = counts(mine) == counts(theirs) && mine.row_counts() == theirs.row_counts();
            differ(!alike, Difference::RowWeights)
        })
        .or_else(|| {
            let left_out = |of: &Specification| of.constant_rows();
            differ(left_out(mine) != left_out(theirs), Difference::Zeros)
        })
}

/// The name of the column of a component.
pub(super) fn column(component: &Component) -> &str {
    component.column.as_deref().unwrap_or(&component.name)
}

/// The names of the data columns of a model.
pub(super) fn columns(contender: &Contender<'_>) -> Vec<String> {
    contender.model.data().iter().map(|one| column(one).to_owned()).collect()
}

fn data(one: &Contender<'_>, other: &Contender<'_>) -> Option<Difference> {
    let (first, second) = (columns(one), columns(other));
    let sorted = |columns: &[String]| {
        let mut columns = columns.to_vec();
        columns.sort();
        columns
    };
    (sorted(&first) != sorted(&second)).then_some(Difference::Data { first, second })
}

/// Directions and noise depend on the position of a component, and additive log-ratios on which part
/// is last.
fn order(
    (one, mine): (&Contender<'_>, &Specification),
    (other, theirs): (&Contender<'_>, &Specification),
) -> Option<Difference> {
    let depends =
        |of: &Specification| of.drawn().is_some() || of.transform() == Some(Transform::Alr);
    let matters = depends(mine) || depends(theirs);
    (matters && columns(one) != columns(other)).then_some(Difference::Order)
}

fn rows(one: &Contender<'_>, other: &Contender<'_>) -> Option<Difference> {
    let (first, second) = (one.data.rows(), other.data.rows());
    if one.data.original_rows() != other.data.original_rows() {
        return Some(Difference::Rows { first, second });
    }
    let differs = |name: &&String| values(one, name) != values(other, name);
    columns(one).iter().find(differs).cloned().map(Difference::Values)
}

/// The values of a data column.
fn values<'a>(contender: &'a Contender<'_>, name: &str) -> Option<&'a [f64]> {
    let at = contender.model.data().iter().position(|one| column(one) == name)?;
    Some(contender.data.column(at))
}

/// The first column whose support differs, or whose vector has other columns.
fn domain(one: &Contender<'_>, other: &Contender<'_>) -> Option<Difference> {
    let declared = |of: &Contender<'_>, name: &str| {
        let data = of.model.data();
        let at = data.iter().position(|one| column(one) == name)?;
        let domains = of.model.domains();
        let domain = domains.iter().find(|domain| domain.components.contains(&at))?;
        let mut beside: Vec<String> =
            data[domain.components.clone()].iter().map(|one| column(one).to_owned()).collect();
        beside.sort();
        Some((domain.support, beside))
    };
    let differs = |name: &&String| declared(one, name) != declared(other, name);
    columns(one).iter().find(differs).cloned().map(Difference::Domain)
}
