//! Groups: covariates whose levels index parameters.
//!
//! `covariate g in 1:12` and `covariate g in {north, south}` declare the levels. For any other covariate
//! that is the size of a parameter, as in `param m[g]`, the levels are the distinct values of its column.
//! Promises: indices count levels from one. Deliberately not known here: columns and their text.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::Names;
use crate::graph::{ExprId, Graph, Number, Support};
use crate::numerics::rng::Stream;
use crate::source::Span;
use crate::syntax::Name;

/// Names of the levels as long as no column is known.
const UNKNOWN: [&str; 2] = ["1", "2"];

/// The levels of a group, each with a name, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    labels: Arc<[String]>,
    values: Values,
}

/// A value of a component in a row of data.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A number.
    Number(f64),
    /// The name of a level.
    Level(String),
}

impl Cell {
    /// The name of the level, or the number as `number` formats it.
    pub fn text(&self, number: impl FnOnce(f64) -> String) -> String {
        match self {
            Self::Number(x) => number(*x),
            Self::Level(label) => label.clone(),
        }
    }
}

/// How rows of data represent the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// The level itself: integers from this one on.
    Whole(i64),
    /// The index of the level, from one; the column holds numbers or text.
    Places,
    /// The index of a placeholder, from one, as long as no column is known.
    Unknown,
    /// Places too, of levels that the text lists.
    Listed,
}

impl Levels {
    /// The integers from `first` to `last`.
    pub(super) fn whole(first: i64, last: i64) -> Self {
        let labels = (first..=last).map(|level| level.to_string()).collect();
        Self { labels, values: Values::Whole(first) }
    }

    /// The distinct values of a column, as names of levels.
    pub(super) fn of_column(labels: &[String]) -> Self {
        Self { labels: labels.into(), values: Values::Places }
    }

    /// The levels that a declaration lists.
    pub(super) fn listed(labels: Vec<String>) -> Self {
        Self { labels: labels.into(), values: Values::Listed }
    }

    /// Two placeholders for the levels of a column that is not known.
    pub(super) fn unknown() -> Self {
        Self { labels: UNKNOWN.map(str::to_owned).into(), values: Values::Unknown }
    }

    /// The names of the levels, in order.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Whether the column of the group holds the names of the levels, so that a row of data has the place
    /// of its level in their list, from one.
    #[must_use]
    pub fn are_names(&self) -> bool {
        match self.values {
            Values::Places | Values::Unknown | Values::Listed => true,
            Values::Whole(_) => false,
        }
    }

    /// Whether the levels are the distinct values of the column, whatever these are.
    #[must_use]
    pub fn from_column(&self) -> bool {
        match self.values {
            Values::Places | Values::Unknown => true,
            Values::Whole(_) | Values::Listed => false,
        }
    }

    /// Whether the levels are placeholders, since no column is known.
    #[must_use]
    pub fn are_unknown(&self) -> bool {
        self.values == Values::Unknown
    }

    /// Whether a row of data may hold this value.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        let place = x - (self.first() - 1) as f64;
        place.fract() == 0.0 && place >= 1.0 && place <= self.labels.len() as f64
    }

    /// The values of the levels in rows of data, in order.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        let first = self.first();
        (0..self.labels.len()).map(move |k| (first + k as i64) as f64)
    }

    /// The value of a random level, uniformly.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.value_at(stream.uniform())
    }

    /// The value of the level at a share of the list, from 0 to below 1.
    pub(crate) fn value_at(&self, share: f64) -> f64 {
        let last = self.labels.len() as f64 - 1.0;
        self.first() as f64 + (share * self.labels.len() as f64).floor().min(last)
    }

    fn first(&self) -> i64 {
        match self.values {
            Values::Whole(first) => first,
            Values::Places | Values::Unknown | Values::Listed => 1,
        }
    }

    /// The level or number that a value stands for.
    pub(super) fn cell(&self, x: f64) -> Cell {
        match self.labels.get((x - self.first() as f64) as usize) {
            Some(label) if self.are_names() && self.contains(x) => Cell::Level(label.clone()),
            Some(_) | None => Cell::Number(x),
        }
    }

    /// The open interval of the values, on which the graph may base simplifications.
    pub(super) fn graph_support(&self) -> Support {
        let first = self.first() as f64;
        Support { low: first - 0.5, high: first + self.labels.len() as f64 - 0.5 }
    }

    /// The index of the level, from one, given the value in a row.
    pub(super) fn index(&self, graph: &mut Graph, value: ExprId) -> ExprId {
        let before = graph.number(Number::integer(1 - self.first()));
        graph.add(value, before)
    }

    /// The constraint of a declaration of the group, with a space before it; empty where a column
    /// has the levels.
    pub(super) fn declaration(&self) -> String {
        match (self.values, self.labels.first(), self.labels.last()) {
            (Values::Whole(_), Some(first), Some(last)) => format!(" in {first}:{last}"),
            (Values::Listed, ..) => {
                format!(" in {{{}}}", self.spelled().collect::<Vec<_>>().join(", "))
            }
            (Values::Whole(_) | Values::Places | Values::Unknown, ..) => String::new(),
        }
    }

    /// The position of a level, from zero, by its name.
    pub(super) fn place(&self, label: &str) -> Option<usize> {
        self.labels.iter().position(|one| one == label)
    }

    /// The names of the levels as in an index: in backquotes where they are neither numbers nor
    /// plain names.
    pub(super) fn spelled(&self) -> impl Iterator<Item = String> + '_ {
        self.labels.iter().map(|label| match label.parse::<f64>() {
            Ok(number) if number.is_finite() => label.clone(),
            _ => Name { text: label.clone(), span: Span { start: 0, end: 0 } }.to_string(),
        })
    }
}

/// The levels of the groups of a text that take them from columns.
#[derive(Debug, Default)]
pub(super) struct Groups<'a>(BTreeMap<&'a str, Levels>);

impl<'a> Groups<'a> {
    /// The groups among the names; `known` has the levels of columns, by the name of the group.
    pub fn of(names: &Names<'a>, known: &[(String, Vec<String>)]) -> Self {
        let levels = |name: &str| {
            let found = known.iter().find(|(group, _)| group == name);
            found.map_or_else(Levels::unknown, |(_, labels)| Levels::of_column(labels))
        };
        Self(names.groups().map(|name| (name, levels(name))).collect())
    }

    /// The levels of a group.
    pub fn find(&self, name: &str) -> Option<&Levels> {
        self.0.get(name)
    }
}
