//! Facts about a model for reports: its text, roles and matrices.

use super::{MatrixFacts, ModelFacts, Roles};
use crate::model::{Block, Component, Model, Shape};

/// Most entries of a matrix that is shown as rows of the table of parameters; larger
/// ones are shown as matrices.
const ENTRIES_MAX: usize = 9;

impl ModelFacts {
    /// The facts that a model states: text, formulas, declarations, roles, matrices.
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

/// The matrices with more than [`ENTRIES_MAX`] entries. Matrices whose entries are named by the
/// levels of a group are left out: their entries stay rows of the table, with these names.
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

/// The declared names of components, each once: `x` for `x[1]` to `x[4]`.
fn declared(components: &[Component]) -> Vec<String> {
    let groups = components.chunk_by(|one, next| one.declared == next.declared);
    groups.map(|group| base(group).to_owned()).collect()
}

fn base(group: &[Component]) -> &str {
    let first = group[0].name.as_str();
    let stem = first.split_once('[').map_or(first, |(stem, _)| stem);
    // A single component with brackets may have the name of its column.
    let entries = group.len() > 1 || group[0].column.as_deref() != Some(first);
    if entries { stem } else { first }
}
