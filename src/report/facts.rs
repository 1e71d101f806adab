//! The model as reports tell it.

use super::{MatrixFacts, ModelFacts, Roles};
use crate::model::{Block, Component, Model, Shape};

/// Entries of a matrix whose parameters are rows of the table, at most: those of three by three.
const ENTRIES_MAX: usize = 9;

impl ModelFacts {
    /// What a model says of itself.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            text: model.ast().to_string().trim_end().to_owned(),
            formulas: model.formulas(),
            declarations: model.declarations(),
            roles: Roles {
                data: declared(model.data()),
                covariate: declared(model.covariates()),
                param: model.blocks().iter().map(|block| block.name.clone()).collect(),
            },
            matrices: matrices(model),
        }
    }
}

/// Matrices that are told as such, with more entries than can be taken in as rows of a table. Entries that
/// are called by the levels of a group stay rows, with their names.
fn matrices(model: &Model) -> Vec<MatrixFacts> {
    let is_numbered = |block: &Block| {
        let first = model.parameters().get(block.parameters.start);
        first.is_some_and(|first| first.name == format!("{}[1,1]", block.name))
    };
    let of = |block: &Block| match block.shape {
        Shape::Matrix(rows, columns) if rows * columns > ENTRIES_MAX && is_numbered(block) => {
            Some(MatrixFacts {
                name: block.name.clone(),
                shape: (rows, columns),
                parameters: block.parameters.clone(),
            })
        }
        Shape::Matrix(..) | Shape::Vector(_) | Shape::Scalar => None,
    };
    model.blocks().iter().filter_map(of).collect()
}

/// The names behind components, each once: `x` for `x[1]` to `x[4]`.
fn declared(components: &[Component]) -> Vec<String> {
    let groups = components.chunk_by(|one, next| one.group == next.group);
    groups.map(|group| base(group).to_owned()).collect()
}

fn base(group: &[Component]) -> &str {
    let first = group[0].name.as_str();
    let stem = first.split_once('[').map_or(first, |(stem, _)| stem);
    // A single component with brackets may be a column's own name.
    let entries = group.len() > 1 || group[0].column.as_deref() != Some(first);
    if entries { stem } else { first }
}
