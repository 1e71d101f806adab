//! Random numbers of a specification: whether slices and noise suit the model, the source of the
//! numbers, and their description in reports.

use super::Specification;
use super::choices::{Choices, Kind};
use super::coordinates::Coordinates;
use super::random::{Directions, Numbers};
use super::rows::ROW_KEY;
use super::specification::SIGMA;
use super::unsuited::{
    DENOISING_ONLY, LINE_ONLY, NO_SIGMA, NO_SLICE, NOT_ALONG, POSITIVE_SIGMA, SAY_DENOISING,
    SAY_SIGMA, SAY_SLICED, SLICED_ONLY, Unsuited,
};
use crate::graph::{ExprId, Graph};
use crate::model::{Domain, Model, Support};
use crate::numerics::decimal::shortest;

impl Specification {
    /// Whether the loss contains random numbers.
    pub(super) fn is_random(&self) -> bool {
        self.slices.is_some() || self.noise.is_some()
    }

    /// The source of the random numbers: the key of each row, or named inputs as long as there are
    /// no rows.
    pub(super) fn numbers(&self, g: &mut Graph, name: &'static str) -> Numbers {
        match self.keys {
            Some(_) => Numbers::Keyed(g.internal_input(ROW_KEY)),
            None => Numbers::Named(name),
        }
    }

    /// Whether slices and noise suit the domains, and whether their options go with the kind of
    /// objective.
    pub(super) fn suits_random(&self, choices: &Choices) -> Result<(), Unsuited> {
        let unsuited = |what: String, reason: &'static str, help| {
            Err(Unsuited::beside_the_text(what, reason, help))
        };
        let said = choices.slices.map(|slices| format!("{slices} slices"));
        let said = said.or(choices.directions.map(|one| format!("{} directions", one.name())));
        if let (Some(said), false) = (said, choices.kind == Kind::Sliced) {
            return unsuited(said, SLICED_ONLY, SAY_SLICED);
        }
        let levels: Vec<String> = choices.sigma.iter().copied().map(shortest).collect();
        let levels = format!("sigma = {}", levels.join(", "));
        match (choices.kind == Kind::Denoising, choices.sigma.as_slice()) {
            (false, [_, ..]) => return unsuited(levels, DENOISING_ONLY, SAY_DENOISING),
            (true, []) => return unsuited("denoising".to_owned(), NO_SIGMA, SAY_SIGMA),
            (true, sigma) if !sigma.iter().all(|one| *one > 0.0 && one.is_finite()) => {
                return unsuited(levels, POSITIVE_SIGMA, SAY_SIGMA);
            }
            (true, _) | (false, []) => {}
        }
        if choices.slices == Some(0) {
            return unsuited("0 slices".to_owned(), NO_SLICE, SAY_SLICED);
        }
        let noised = self.noise.is_some();
        let refused = |domain: &&Domain| match domain.support {
            Support::Sphere | Support::Simplex => self.is_random(),
            Support::Line => noised && self.weights[domain.components.start].is_some(),
            Support::Circle | Support::Above(_) | Support::Below(_) | Support::Between(..) => {
                noised
            }
            // `suits` has refused binary data before.
            Support::Binary(..) => false,
        };
        match self.domains.iter().find(refused) {
            None => Ok(()),
            Some(domain) => {
                let what = format!("{}{}", self.component(domain.components.start), domain.support);
                match noised {
                    true => unsuited(what, LINE_ONLY, "`--objective auto` is right here"),
                    false => unsuited(what, NOT_ALONG, "`--objective auto` is right here"),
                }
            }
        }
    }

    /// Name and value of the covariate that the objective itself supplies: the first level of
    /// noise, where the text declares `covariate sigma`. `None` elsewhere.
    #[must_use]
    pub fn supplied(model: &Model, choices: &Choices) -> Option<(&'static str, f64)> {
        let level = choices.sigma.first().filter(|_| choices.kind == Kind::Denoising);
        let declared = model.covariates().iter().any(|one| one.name == SIGMA);
        level.filter(|_| declared).map(|&level| (SIGMA, level))
    }

    /// A description of its random numbers, such as `noise of sd 0.1`; `None` where it has none.
    #[must_use]
    pub fn drawn(&self) -> Option<String> {
        if let Some(slices) = self.slices {
            let law = match slices.directions {
                Directions::Rademacher => "directions of -1 and 1",
                Directions::Gaussian => "normal directions",
                Directions::Sphere => "directions on the sphere",
            };
            return Some(format!("{} {law} a row", slices.count));
        }
        let noise = self.noise.as_ref()?;
        let levels: Vec<String> = noise.levels.iter().copied().map(shortest).collect();
        Some(format!("noise of sd {}", levels.join(", ")))
    }

    /// Whether the text declares the level of noise, as `covariate sigma`.
    #[must_use]
    pub fn takes_in_noise(&self) -> bool {
        self.noise.as_ref().is_some_and(|noise| noise.covariate.is_some())
    }

    /// The levels of noise; empty where the objective adds none.
    #[must_use]
    pub fn sigma(&self) -> &[f64] {
        self.noise.as_ref().map_or(&[], |noise| &noise.levels)
    }

    /// The data with noise of the smallest level, over rows in the given coordinates; `None` where
    /// the objective adds none.
    pub(crate) fn noised(&self, g: &mut Graph, at: &Coordinates) -> Option<Vec<ExprId>> {
        let noise = self.noise.as_ref()?;
        let numbers = self.numbers(g, "e");
        Some(noise.moved(g, (&self.rows[..self.dimension()], at), numbers))
    }
}
