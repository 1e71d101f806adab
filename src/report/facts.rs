//! The model as reports tell it.

use super::{ModelFacts, Roles};
use crate::model::Component;
use crate::model::Model;

impl ModelFacts {
    /// What a model says of itself.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        Self {
            log_density: model.graph().plain(model.log_density()),
            roles: Roles {
                data: declared(model.data()),
                covariate: declared(model.covariates()),
                param: model.blocks().iter().map(|block| block.name.clone()).collect(),
            },
        }
    }
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
