//! The choice among models by their held-out losses, and warnings about it.

use super::{Compared, Comparison, NoValidation, Validation};
use crate::fit::Warning;

/// The model with the lowest held-out loss; of ties the first.
pub(super) fn best(models: &[Compared]) -> Option<usize> {
    let loss = |place: &usize| models[*place].validation.as_ref().ok().map(|one| one.loss.value);
    let validated = (0..models.len()).filter(|place| loss(place).is_some());
    validated.min_by(|a, b| {
        let [a, b] =
            [a, b].map(|place| loss(place).expect("validated models have a held-out loss"));
        a.total_cmp(&b)
    })
}

/// The model with the fewest parameters among those within one standard error of the best; of ties in
/// their number the one with the lowest loss, then the first.
pub(super) fn choice(models: &[Compared], best: Option<usize>) -> Option<usize> {
    best?;
    let near = |place: &usize| {
        let validation = models[*place].validation.as_ref().ok();
        validation.is_some_and(Validation::is_near_best)
    };
    let loss = |place: usize| match &models[place].validation {
        Ok(validation) => validation.loss.value,
        Err(_) => f64::INFINITY,
    };
    (0..models.len()).filter(near).min_by(|&a, &b| {
        let fewer = models[a].parameters.cmp(&models[b].parameters);
        fewer.then(loss(a).total_cmp(&loss(b)))
    })
}

impl Comparison {
    /// The model with the lowest SMIC.
    #[must_use]
    pub fn lowest_smic(&self) -> Option<usize> {
        let smic = |place: &usize| self.models[*place].smic;
        let known = (0..self.models.len()).filter(|place| smic(place).is_some());
        known.min_by(|a, b| {
            let [a, b] = [a, b].map(|place| smic(place).unwrap_or(f64::INFINITY));
            a.total_cmp(&b)
        })
    }

    /// Warnings about the comparison, without those about single fits.
    pub(super) fn doubts(&self) -> Vec<Warning> {
        let without = self.models.iter().filter_map(|model| {
            let reason: &NoValidation = model.validation.as_ref().err()?;
            let headline =
                format!("`{}` has no held-out loss and is not chosen: {reason}", model.name);
            Some(Warning::new("not-validated", headline))
        });
        let anew = self.models.iter().filter_map(|model| {
            let anew = model.validation.as_ref().ok()?.anew;
            let headline = format!(
                "`{}` was fitted from scratch in {anew} of {} folds",
                model.name, self.folds
            );
            let warning = Warning::new("folds-from-scratch", headline);
            let why =
                "No minimum of their other rows lies near the estimate, or this is on a bound";
            (anew > 0).then(|| warning.meaning(why))
        });
        without.chain(anew).chain(self.larger_by_smic()).collect()
    }

    /// The warning that SMIC favours a larger model than the chosen one.
    fn larger_by_smic(&self) -> Option<Warning> {
        let (chosen, lowest) = (self.choice?, self.lowest_smic()?);
        let [chosen, lowest] = [chosen, lowest].map(|place| &self.models[place]);
        let headline = format!("SMIC is lowest for `{}`, which has more parameters", lowest.name);
        let larger = lowest.parameters > chosen.parameters;
        larger.then(|| {
            Warning::new("smic-larger", headline).meaning(
                "Like AIC it takes too large a model in a fixed share of samples, however many rows \
                 there are",
            )
        })
    }
}
