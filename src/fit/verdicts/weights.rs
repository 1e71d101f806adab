//! Warnings about weights of components: score matching hardly sees the relative mass of modes that are
//! far apart.

use crate::fit::Warning;
use crate::fit::labels::is_weight;

use super::{Findings, NAMED, few, unnamed};

/// The largest standard error of a weight, on the logit scale, without a warning.
const ERROR_MAX: f64 = 1.0;

pub(super) fn warnings(findings: &Findings<'_>) -> Option<Warning> {
    let uncertainty = findings.uncertainty?;
    let parameters = 0..findings.model.parameters().len();
    let vague: Vec<String> = parameters
        .filter(|&j| is_weight(findings.model, findings.rules, j))
        .filter(|&j| {
            let unseen = uncertainty.null.iter().any(|change| change[j] != 0.0);
            unseen || logit_error(findings, &uncertainty.free_errors, j) > ERROR_MAX
        })
        .map(|j| format!("`{}`", findings.model.parameters()[j].name))
        .collect();
    (!vague.is_empty()).then(|| {
        let (noun, verb) = if vague.len() == 1 { ("weight", "is") } else { ("weights", "are") };
        let headline = format!("the {noun} {} {verb} hardly determined", few(&vague, NAMED));
        Warning::new("weight-barely-identified", headline)
            .meaning(
                "Score matching sees the shape of well-separated modes but not their relative mass",
            )
            .meaning(unnamed(&vague, NAMED))
            .remedy("Believe the components, and take their shares from counts")
    })
}

/// The largest standard error among the coordinates that decide the parameter.
fn logit_error(findings: &Findings<'_>, free_errors: &[f64], j: usize) -> f64 {
    let active = findings.space.active().iter().zip(free_errors);
    let own = active.filter(|&(&all, _)| findings.space.depends(j, all));
    own.map(|(_, &error)| error).fold(0.0, f64::max)
}
