//! Which objective is right for a model, or why none is: asked by every command before it computes.

use std::sync::Arc;

use super::binary::{Contrast, Entry, differences};
use super::choices::{Choices, Kind, Transform};
use super::coordinates::{Coordinates, number};
use super::diffusion::{by_component, diffusion};
use super::geometry::{Geometry, Weight};
use super::random::{Noise, Slices};
use super::stein::{Stein, stein};
use super::unsuited::{
    CONTINUUM, DECLARE_SIMPLEX, EDGE, ESTIMATED, NO_ENTRY, NO_SIMPLEX, NO_WEIGHT, RATIO,
    TWO_VALUES, Unsuited, obstacle,
};
use super::weighing::Weighing;
use super::weight::{self, Cap};
use super::{Loss, Square};
use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId};
use crate::model::{Component, Domain, Model, Support};

/// Directions of a sliced objective unless another number is asked for.
const SLICES: usize = 4;
/// The covariate that stands for the level of noise.
pub(super) const SIGMA: &str = "sigma";

/// The objective of a model. A loss is built through it alone, so that no command computes one
/// that another refuses.
///
/// # Examples
/// ```
/// use scorematch::model::Model;
/// use scorematch::objective::Specification;
/// let normal = Model::parse("-(x - mu)^2/(2*s2)").expect("a model");
/// assert_eq!(Specification::of(&normal).expect("it is on the line").kind(), "hyvarinen");
/// let waiting = Model::parse("data t > 0; -t/mean").expect("a model");
/// assert_eq!(Specification::of(&waiting).expect("it has an edge").kind(), "weighted");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Specification {
    pub(super) transform: Transform,
    /// The data component that alr takes ratios to; otherwise the last of each composition.
    reference: Option<usize>,
    pub(super) domains: Vec<Domain>,
    /// Names of the data components.
    names: Vec<String>,
    /// Data, then covariates.
    pub(super) rows: Vec<InputId>,
    /// The weight of the text by data component, over the inputs of the model.
    pub(super) weights: Vec<Option<ExprId>>,
    /// Its derivative where the text gives it.
    slopes: Vec<Option<ExprId>>,
    /// By domain, where its weight is the default one.
    pub(super) caps: Vec<Option<Cap>>,
    /// What the rows count for, once they are known, where that is not one for each.
    pub(super) weighing: Option<Arc<Weighing>>,
    /// Directions of second derivatives, where these are random.
    pub(super) slices: Option<Slices>,
    /// Levels of noise, where the density is that of noised data.
    pub(super) noise: Option<Noise>,
    /// The key of each row to its random numbers, once the rows are known, where there are such.
    pub(super) keys: Option<Arc<Vec<f64>>>,
    /// The two values of each component and what is made of their difference, where data are binary.
    binary: Option<(Vec<(f64, f64)>, Contrast)>,
    /// Parameters, by position, that are not estimated, and their values.
    pub(super) held: Vec<(usize, f64)>,
    /// Rows, once they are known, whose loss is a number that J leaves out.
    pub(super) constant_rows: usize,
}

impl Specification {
    /// The objective that estimates this model consistently.
    ///
    /// # Errors
    /// Where none does.
    pub fn of(model: &Model) -> Result<Self, Unsuited> {
        Self::with(model, &Choices::default())
    }

    /// The objective that was asked for.
    ///
    /// # Errors
    /// Where it does not suit the model, or where none does.
    pub fn with(model: &Model, choices: &Choices) -> Result<Self, Unsuited> {
        let domains = model.domains();
        let weights: Vec<Option<ExprId>> =
            (0..model.data().len()).map(|k| model.weight(k)).collect();
        let binary = domains.iter().filter(|domain| domain.support.values().is_some()).count();
        let mixed = binary > 0 && binary < domains.len();
        let found = domains.iter().find_map(|domain| {
            let (reason, help) = obstacle(domain, &weights, mixed)?;
            let component = &model.data()[domain.components.start];
            let what = format!("{}{}", model.declared_name(component), component.support);
            let span = Some(model.declared_at(component));
            Some(Unsuited { what, reason: reason.into(), help, span })
        });
        if let Some(unsuited) = found.or_else(|| estimated_weight(model, &weights)) {
            return Err(unsuited);
        }
        let default = |domain: &Domain| match weights[domain.components.start] {
            Some(_) => None,
            None => weight::default_cap(domain.support, choices.transform.unwrap_or_default()),
        };
        let this = Self {
            transform: choices.transform.unwrap_or_default(),
            reference: reference(model, choices)?,
            caps: domains.iter().map(default).collect(),
            binary: (binary > 0).then(|| {
                let pairs = domains.iter().filter_map(|domain| domain.support.values());
                (pairs.collect(), contrast(choices.kind))
            }),
            names: model.data().iter().map(|component| component.name.clone()).collect(),
            rows: model.row_inputs(),
            weighing: None,
            keys: None,
            slices: slices(choices),
            noise: noise(model, choices),
            held: Vec::new(),
            constant_rows: 0,
            domains,
            weights,
            slopes: (0..model.data().len()).map(|k| model.weight_slope(k)).collect(),
        };
        this.suits(model, choices.kind)?;
        this.suits_random(choices)?;
        Ok(this)
    }

    /// The same where parameters, by position, have values that are not estimated.
    pub(crate) fn holding(self, held: Vec<(usize, f64)>) -> Self {
        Self { held, ..self }
    }

    /// Rows with a zero in a composition whose loss is a number that J leaves out.
    pub(crate) fn constant_rows(&self) -> usize {
        self.constant_rows
    }

    /// Whether the objective is of the kind that was asked for.
    fn suits(&self, model: &Model, kind: Kind) -> Result<(), Unsuited> {
        let unsuited = |reason: &'static str, help| {
            let edged = |at: &usize| self.binary.is_some() || self.caps[*at].is_some();
            let component = (0..self.domains.len()).find(edged);
            let component = component.map(|at| &model.data()[self.domains[at].components.start]);
            Err(Unsuited {
                what: match (component, model.weight_at()) {
                    (Some(one), _) => format!("{}{}", model.declared_name(one), one.support),
                    (None, Some((text, _))) => text,
                    (None, None) => self.names.join(", "),
                },
                span: component
                    .map(|one| model.declared_at(one))
                    .or(model.weight_at().map(|(_, span)| span)),
                reason: reason.into(),
                help,
            })
        };
        match (kind, self.binary.is_some(), self.is_weighted()) {
            (Kind::Auto, ..)
            | (Kind::Hyvarinen, false, false)
            | (Kind::Weighted, false, true)
            | (Kind::Sliced | Kind::Denoising, false, _)
            | (Kind::Ratio | Kind::PseudoLikelihood | Kind::Flow, true, _) => Ok(()),
            (Kind::Hyvarinen | Kind::Weighted | Kind::Sliced | Kind::Denoising, true, _) => {
                unsuited(TWO_VALUES, RATIO)
            }
            (Kind::Ratio | Kind::PseudoLikelihood | Kind::Flow, false, _) => {
                unsuited(CONTINUUM, "`--objective auto` is right here")
            }
            (Kind::Hyvarinen, false, true) => {
                unsuited(EDGE, "`--objective weighted` is right here")
            }
            (Kind::Weighted, false, false) => {
                unsuited(NO_WEIGHT, "declare the edge, as in `data x > 0`, or write `weight x = …`")
            }
        }
    }

    /// The name of a data component.
    pub(super) fn component(&self, k: usize) -> &str {
        &self.names[k]
    }

    /// How many data components there are.
    pub(super) fn dimension(&self) -> usize {
        self.names.len()
    }

    fn is_weighted(&self) -> bool {
        self.weights.iter().any(Option::is_some) || self.caps.iter().any(Option::is_some)
    }

    /// Its name in reports and JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        let kind = match self.binary {
            Some((_, Contrast::Ratio)) => Kind::Ratio,
            Some((_, Contrast::PseudoLikelihood)) => Kind::PseudoLikelihood,
            Some((_, Contrast::Flow)) => Kind::Flow,
            None if self.slices.is_some() => Kind::Sliced,
            None if self.noise.is_some() => Kind::Denoising,
            None if self.is_weighted() => Kind::Weighted,
            None => Kind::Hyvarinen,
        };
        kind.name()
    }

    /// Whether all data are binary: log p is compared between their values, not differentiated.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.binary.is_some()
    }

    /// What the objective sees of log p, by data component: the slope in it or, of binary data, the
    /// difference Δ from log p with this component at its other value.
    #[must_use]
    pub fn seen(&self, g: &mut Graph, log_density: ExprId) -> Vec<ExprId> {
        match &self.binary {
            Some((values, _)) => {
                let entries = self.entries(g, values);
                differences(g, log_density, &entries)
            }
            None => {
                let data = self.rows[..self.names.len()].iter();
                let data: Vec<ExprId> = data.map(|&one| g.input_node(one)).collect();
                gradient(g, log_density, &data)
            }
        }
    }

    fn entries(&self, g: &Graph, values: &[(f64, f64)]) -> Vec<Entry> {
        let places = self.rows.iter().zip(values);
        places.map(|(&one, &values)| Entry { variable: g.input_node(one), values }).collect()
    }

    /// The transform of the compositions among the data; `None` where there are none.
    #[must_use]
    pub fn transform(&self) -> Option<Transform> {
        let composition = |domain: &Domain| domain.support == Support::Simplex;
        self.domains.iter().any(composition).then_some(self.transform)
    }

    /// What was taken from the data, by name.
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

    /// The weights as one text, `min(x, c)^2`, each after the name of its component where there are
    /// several; `None` where there is none. [`Specification::constants`] has the value of `c`.
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

    /// The weights as formulas, by data component; of a vector on a sphere or a simplex, that of its
    /// first entry, which is that of all.
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
    /// component, and the unit in which the largest of these losses is about one.
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

    /// ρ of a log-density in other coordinates.
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

    /// ∇ℓ̃ᵀ G ∇ℓ̃ of a log-density over the inputs of the model, as weighed squares; those of two
    /// models on the same domains stand in the same order.
    pub(crate) fn squares(&self, g: &mut Graph, log_density: ExprId) -> Vec<Square> {
        let loss = self.loss(g, log_density);
        loss.quadratic.map_or_else(Vec::new, |quadratic| quadratic.squares)
    }

    /// Whether both objectives are on the same domains in the same coordinates.
    pub(crate) fn is_alike(&self, other: &Self) -> bool {
        self.domains == other.domains && self.transform == other.transform
    }

    /// The components in other coordinates.
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
        if self.slices.is_some() && self.names.len() > 1 {
            return None;
        }
        let geometry = self.geometry(g, at);
        match self.slices {
            // One component has all of the loss.
            Some(_) => Some(vec![self.loss_in(g, log_density, at).total]),
            None => by_component(g, log_density, &geometry),
        }
    }

    /// The operator of a Stein discrepancy in other coordinates.
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

    /// The weight of a component in these coordinates.
    fn weight(&self, g: &mut Graph, domain: usize, k: usize, at: &Coordinates) -> ExprId {
        let factor = at.factors[k] / at.unit;
        // Powers of two, so that one unit for all columns gives a weight of one to the last bit.
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
}

impl Specification {
    /// The derivative of the weight of a component by its coordinate, where the text gives it.
    fn slope(&self, g: &mut Graph, k: usize, at: &Coordinates) -> Option<ExprId> {
        let raw = self.slopes[k]?;
        let inner = at.written_in(g, &self.rows, raw);
        Some(g.scale(number(at.factors[k] / at.unit / at.scale[k]), inner))
    }
}

/// Slices, where they are asked for.
fn slices(choices: &Choices) -> Option<Slices> {
    let count = choices.slices.unwrap_or(SLICES);
    let directions = choices.directions.unwrap_or_default();
    (choices.kind == Kind::Sliced).then_some(Slices { count, directions })
}

/// Noise, where it is asked for.
fn noise(model: &Model, choices: &Choices) -> Option<Noise> {
    let covariate = model.covariates().iter().find(|one| one.name == SIGMA).map(|one| one.input);
    let levels = choices.sigma.clone();
    (choices.kind == Kind::Denoising).then_some(Noise { levels, covariate })
}

/// A weight that contains a parameter.
fn estimated_weight(model: &Model, weights: &[Option<ExprId>]) -> Option<Unsuited> {
    let graph = model.graph();
    let parameters: Vec<ExprId> =
        model.parameter_inputs().iter().map(|&input| graph.input_node(input)).collect();
    let depends = graph.dependents(&parameters);
    let (what, span) = model.weight_at()?;
    weights.iter().flatten().any(|weight| depends[weight.index()]).then_some(Unsuited {
        what,
        reason: ESTIMATED.into(),
        help: "write it in data, covariates and constants",
        span: Some(span),
    })
}

/// The position of the data component that alr takes ratios to, where one is named.
fn reference(model: &Model, choices: &Choices) -> Result<Option<usize>, Unsuited> {
    let composed = model.data().iter().any(|one| one.support == Support::Simplex);
    let unsuited = |what: &str, reason: &'static str, help| {
        Err(Unsuited { what: what.to_owned(), reason: reason.into(), help, span: None })
    };
    if let (Some(transform), false) = (choices.transform, composed) {
        return unsuited(transform.name(), NO_SIMPLEX, DECLARE_SIMPLEX);
    }
    let Some(name) = &choices.reference else { return Ok(None) };
    let entry = |one: &Component| {
        let named = one.name == *name || one.column.as_ref() == Some(name);
        named && one.support == Support::Simplex
    };
    match model.data().iter().position(entry) {
        Some(at) => Ok(Some(at)),
        None => unsuited(name, NO_ENTRY, "name an entry of the data, as in `alr:u[2]`"),
    }
}

/// Ratio matching, unless another one is asked for.
fn contrast(kind: Kind) -> Contrast {
    match kind {
        Kind::PseudoLikelihood => Contrast::PseudoLikelihood,
        Kind::Flow => Contrast::Flow,
        Kind::Auto
        | Kind::Hyvarinen
        | Kind::Weighted
        | Kind::Ratio
        | Kind::Sliced
        | Kind::Denoising => Contrast::Ratio,
    }
}
