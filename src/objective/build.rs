//! What a specification builds from a log-density: the loss, its components, the operator of a
//! Stein discrepancy, and the weights as text.

use super::coordinates::{Coordinates, number};
use super::diffusion::{by_component, diffusion};
use super::geometry::{Geometry, Weight};
use super::stein::{Stein, stein};
use super::weight::Cap;
use super::{Loss, Specification, Square};
use crate::graph::{ExprId, Graph};
use crate::model::{Domain, Support};

impl Specification {
    /// The constants of default weights that were taken from the data, by name.
    #[must_use]
    pub fn constants(&self) -> Vec<(String, f64)> {
        let named = self
            .domains
            .iter()
            .zip(&self.caps)
            .filter_map(|(domain, cap)| Some((self.cap_name(domain), cap.as_ref()?.value?)));
        named.collect()
    }

    fn cap_name(&self, domain: &Domain) -> String {
        match self.caps.iter().flatten().count() {
            1 => "c".to_owned(),
            _ => format!("c_{}", self.names[domain.components.start]),
        }
    }

    /// The weights as one text, such as `min(x, c)^2`, each after the name of its component where
    /// the data have several components; `None` where no component has a weight.
    /// [`Specification::constants`] has the value of `c`.
    #[must_use]
    pub fn weight_text(&self, g: &Graph) -> Option<String> {
        let weights = self.weights(g);
        match weights.as_slice() {
            [] => None,
            [(_, formula)] if self.names.len() == 1 => Some(formula.clone()),
            several => {
                let named = several.iter().map(|(name, formula)| format!("{name}: {formula}"));
                Some(named.collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// The weights as formulas, by data component. A vector on a sphere or a simplex has one
    /// weight, listed under its first entry.
    fn weights(&self, g: &Graph) -> Vec<(String, String)> {
        let mut g = g.clone();
        let unfrozen = Self {
            caps: self.caps.iter().map(|cap| cap.as_ref().map(Cap::unfrozen)).collect(),
            ..self.clone()
        };
        let space = self.raw();
        let mut lines = Vec::new();
        for (at, domain) in self.domains.iter().enumerate() {
            for k in domain.components.clone() {
                let own = self.weights[k].is_some() || self.caps[at].is_some();
                if own && (domain.components.start == k || self.is_alone(domain)) {
                    let weight = unfrozen.weight(&mut g, at, k, &space);
                    lines.push((self.names[k].clone(), g.plain(weight)));
                }
            }
        }
        lines
    }

    fn is_alone(&self, domain: &Domain) -> bool {
        domain.components.len() == 1
    }

    /// The coordinates of the data themselves.
    fn raw(&self) -> Coordinates {
        Coordinates::raw(self.rows.len(), self.names.len())
    }

    /// ρ of a log-density over the inputs of the model.
    #[must_use]
    pub fn loss(&self, g: &mut Graph, log_density: ExprId) -> Loss {
        self.loss_in(g, log_density, &self.raw())
    }

    /// ρ split by data component; the components sum to ρ. `None` where the domains entangle them.
    #[must_use]
    pub fn components(&self, g: &mut Graph, log_density: ExprId) -> Option<Vec<ExprId>> {
        self.components_in(g, log_density, &self.raw())
    }

    /// Coordinates x = centre + scale·z of the row inputs, with a factor for the loss of each data
    /// component. The unit is the largest constant that multiplies a loss, so that the largest is
    /// about one.
    pub(crate) fn coordinates(
        &self,
        centre: Vec<f64>,
        scale: Vec<f64>,
        factors: Vec<f64>,
    ) -> Coordinates {
        let mut at = Coordinates { centre, scale, factors, unit: 1.0 };
        if self.is_binary() {
            return at;
        }
        let domains = self.domains.iter().zip(&self.caps);
        let sizes = domains.flat_map(|(domain, cap)| {
            let size = |k: usize| match (cap, &self.noise) {
                (Some(_), _) | (None, Some(_)) => at.factors[k],
                (None, None) => at.factors[k] / at.scale[k].powi(2),
            };
            domain.components.clone().map(size).collect::<Vec<_>>()
        });
        at.unit = sizes.fold(0.0, f64::max);
        at
    }

    /// ρ of a log-density that is written in the given coordinates.
    pub(crate) fn loss_in(&self, g: &mut Graph, log_density: ExprId, at: &Coordinates) -> Loss {
        if let Some((values, contrast)) = &self.binary {
            let entries = self.entries(g, values);
            return contrast.loss(g, self.kind(), log_density, &entries);
        }
        if let Some(noise) = &self.noise {
            let numbers = self.numbers(g, "e");
            return noise.loss(g, log_density, (&self.rows[..self.names.len()], at), numbers);
        }
        let geometry = self.geometry(g, at);
        let Some(slices) = self.slices else {
            return diffusion(g, self.kind(), log_density, &geometry);
        };
        let numbers = self.numbers(g, "v");
        let geometry = slices.of(g, geometry, numbers);
        let mut loss = diffusion(g, self.kind(), log_density, &geometry);
        if let Some(first) = loss.terms.first_mut() {
            first.0 = "slices";
        }
        loss
    }

    /// ∇ℓ̃ᵀ G ∇ℓ̃ of a log-density over the inputs of the model, as weighted squares. Two models on
    /// the same domains have their squares in the same order.
    pub(crate) fn squares(&self, g: &mut Graph, log_density: ExprId) -> Vec<Square> {
        let loss = self.loss(g, log_density);
        loss.quadratic.map_or_else(Vec::new, |quadratic| quadratic.squares)
    }

    /// Whether both objectives are on equal domains with the same transform of compositions.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.domains == other.domains && self.transform == other.transform
    }

    /// The components of ρ in the given coordinates; they sum to ρ. `None` where the domains
    /// entangle them.
    pub(crate) fn components_in(
        &self,
        g: &mut Graph,
        log_density: ExprId,
        at: &Coordinates,
    ) -> Option<Vec<ExprId>> {
        if let Some((values, contrast)) = &self.binary {
            let entries = self.entries(g, values);
            return Some(contrast.by_entry(g, log_density, &entries));
        }
        if let Some(noise) = &self.noise {
            let (rows, numbers) = (&self.rows[..self.names.len()], self.numbers(g, "e"));
            return Some(noise.by_component(g, log_density, (rows, at), numbers));
        }
        if self.slices.is_some() {
            // A single component has the whole loss; random directions entangle several.
            let alone = self.names.len() == 1;
            return alone.then(|| vec![self.loss_in(g, log_density, at).total]);
        }
        let geometry = self.geometry(g, at);
        by_component(g, log_density, &geometry)
    }

    /// The operator of a Stein discrepancy in the given coordinates.
    pub(crate) fn stein_in(&self, g: &mut Graph, log_density: ExprId, at: &Coordinates) -> Stein {
        let geometry = self.geometry(g, at);
        stein(g, log_density, &geometry)
    }

    /// The weights of the data components as expressions.
    pub(crate) fn component_weights(&self, g: &mut Graph) -> Vec<ExprId> {
        let space = self.raw();
        let places = self.domains.iter().enumerate();
        let components = places.flat_map(|(at, one)| one.components.clone().map(move |k| (at, k)));
        components.map(|(at, k)| self.weight(g, at, k, &space)).collect()
    }

    /// The domains of the data, in order.
    pub(crate) fn domains(&self) -> &[Domain] {
        &self.domains
    }

    fn geometry(&self, g: &mut Graph, at: &Coordinates) -> Geometry {
        let mut geometry = Geometry::new();
        for (place, domain) in self.domains.iter().enumerate() {
            let x: Vec<ExprId> =
                self.rows[domain.components.clone()].iter().map(|&one| g.input_node(one)).collect();
            let weight = self.weight(g, place, domain.components.start, at);
            let slopes: Option<Vec<ExprId>> =
                domain.components.clone().map(|k| self.slope(g, k, at)).collect();
            let weight = Weight { value: weight, slopes };
            match domain.support {
                Support::Sphere => geometry.sphere(g, &x, &weight),
                Support::Simplex => {
                    let named = self.reference.filter(|at| domain.components.contains(at));
                    let reference = named.unwrap_or(domain.components.end - 1);
                    let by = (self.transform, reference - domain.components.start);
                    geometry.simplex(g, &x, by, &weight);
                }
                Support::Line
                | Support::Circle
                | Support::Above(_)
                | Support::Below(_)
                | Support::Between(..)
                | Support::Binary(..) => geometry.line(g, x[0], &weight),
            }
        }
        geometry
    }

    /// The weight of a component in the given coordinates, times its factor over the unit.
    fn weight(&self, g: &mut Graph, domain: usize, k: usize, at: &Coordinates) -> ExprId {
        let factor = at.factors[k] / at.unit;
        // All are powers of two, so that the weight is exactly one where all columns share one
        // scale.
        if let Some(cap) = &self.caps[domain] {
            let Domain { support, components } = &self.domains[domain];
            let x: Vec<ExprId> =
                self.rows[components.clone()].iter().map(|&one| g.input_node(one)).collect();
            let name = self.cap_name(&self.domains[domain]);
            let weight = cap.weight(g, *support, &x, (at.centre[k], at.scale[k]), &name);
            return g.scale(number(factor), weight);
        }
        let constant = number(factor / at.scale[k].powi(2));
        match self.weights[k] {
            Some(weight) => {
                let inner = at.written_in(g, &self.rows, weight);
                g.scale(constant, inner)
            }
            None => g.number(constant),
        }
    }

    /// The derivative of the weight of a component in its coordinate, where the text gives it.
    fn slope(&self, g: &mut Graph, k: usize, at: &Coordinates) -> Option<ExprId> {
        let raw = self.slopes[k]?;
        let inner = at.written_in(g, &self.rows, raw);
        Some(g.scale(number(at.factors[k] / at.unit / at.scale[k]), inner))
    }
}
