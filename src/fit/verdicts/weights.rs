//! About weights of components: score matching hardly sees the relative mass of modes that are far
//! apart.

use crate::fit::Warning;
use crate::fit::labels::{Mirror, Rule};
use crate::model::Constraint;

use super::{Findings, enumerate, warning};

/// On the logit scale.
const ERROR_MAX: f64 = 1.0;

pub(super) fn warnings(findings: &Findings<'_>) -> Option<Warning> {
    let uncertainty = findings.uncertainty?;
    let parameters = 0..findings.model.parameters().len();
    let vague: Vec<String> = parameters
        .filter(|&j| is_weight(findings, j))
        .filter(|&j| logit_error(findings, &uncertainty.free_errors, j) > ERROR_MAX)
        .map(|j| format!("`{}`", findings.model.parameters()[j].name))
        .collect();
    (!vague.is_empty()).then(|| {
        warning(
            "weight-barely-identified",
            format!(
                "the weight {} is hardly determined: score matching sees the shape of well-separated \
                 modes but not their relative mass",
                enumerate(&vague)
            ),
        )
    })
}

/// A share, or what changes sign when two components trade places.
fn is_weight(findings: &Findings<'_>, j: usize) -> bool {
    let constraint = findings.model.blocks()[findings.model.parameters()[j].block].constraint;
    let mirrored = findings.rules.iter().any(|rule| match rule {
        Rule::Exchange { mirror: Some(Mirror::Negate(k) | Mirror::Reflect(k, _)), .. } => *k == j,
        Rule::Exchange { mirror: None, .. } | Rule::Sign(_) | Rule::Turn { .. } | Rule::Wrap(_) => {
            false
        }
    });
    mirrored || matches!(constraint, Constraint::Simplex | Constraint::Between(0.0, 1.0))
}

/// The largest error among the coordinates that decide the parameter.
fn logit_error(findings: &Findings<'_>, free_errors: &[f64], j: usize) -> f64 {
    let active = findings.space.active().iter().zip(free_errors);
    let own = active.filter(|&(&all, _)| findings.space.depends(j, all));
    own.map(|(_, &error)| error).fold(0.0, f64::max)
}
