//! The objective of a model, or the reason why no objective suits it: every command asks this
//! before it computes.

use std::sync::Arc;

use super::binary::{Contrast, Entry, differences};
use super::choices::{Choices, Kind, Transform};
use super::random::{Noise, Slices};
use super::unsuited::{
    CONTINUUM, DECLARE_SIMPLEX, EDGE, ESTIMATED, NO_ENTRY, NO_SIMPLEX, NO_WEIGHT, RATIO,
    TWO_VALUES, Unsuited, obstacle,
};
use super::weighing::Weighing;
use super::weight::{self, Cap};
use crate::calculus::gradient;
use crate::graph::{ExprId, Graph, InputId};
use crate::model::{Component, Domain, Model, Support};

/// Default number of directions of a sliced objective.
const SLICES: usize = 4;
/// The name of the covariate that stands for the level of noise.
pub(super) const SIGMA: &str = "sigma";

/// The objective of a model. Losses are built through it alone, so that all commands accept the
/// same models.
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
    /// The data component that alr takes ratios to; `None` for the last entry of each composition.
    pub(super) reference: Option<usize>,
    pub(super) domains: Vec<Domain>,
    /// Names of the data components.
    pub(super) names: Vec<String>,
    /// Inputs of the data, then of the covariates.
    pub(super) rows: Vec<InputId>,
    /// The weight that the text gives, by data component, over the inputs of the model.
    pub(super) weights: Vec<Option<ExprId>>,
    /// The derivative of that weight, where the text gives it.
    pub(super) slopes: Vec<Option<ExprId>>,
    /// The default weight by domain; `None` where the text gives a weight or the domain needs none.
    pub(super) caps: Vec<Option<Cap>>,
    /// Weights and clusters of the rows, once these are known; `None` for independent rows of
    /// weight one.
    pub(super) weighing: Option<Arc<Weighing>>,
    /// The random directions of sliced score matching.
    pub(super) slices: Option<Slices>,
    /// The noise of denoising score matching.
    pub(super) noise: Option<Noise>,
    /// The key of each row for its random numbers, once the rows are known; `None` without random
    /// numbers.
    pub(super) keys: Option<Arc<Vec<f64>>>,
    /// For binary data, the two values of each component, and the function of Δ whose mean is
    /// minimised.
    pub(super) binary: Option<(Vec<(f64, f64)>, Contrast)>,
    /// Parameters, by position, that are held at the given values.
    pub(super) held: Vec<(usize, f64)>,
    /// Number of rows whose loss is a constant that J leaves out; 0 until the rows are known.
    pub(super) constant_rows: usize,
}

impl Specification {
    /// The default objective, which estimates the model consistently.
    ///
    /// # Errors
    /// Where no objective suits the model.
    pub fn of(model: &Model) -> Result<Self, Unsuited> {
        Self::with(model, &Choices::default())
    }

    /// The objective that the choices ask for.
    ///
    /// # Errors
    /// Where it does not suit the model, or no objective does.
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

    /// The specification with parameters, by position, held at values.
    pub(crate) fn holding(self, held: Vec<(usize, f64)>) -> Self {
        Self { held, ..self }
    }

    /// Number of rows with a zero in a composition whose loss is a constant that J leaves out.
    pub(crate) fn constant_rows(&self) -> usize {
        self.constant_rows
    }

    /// Whether the requested kind of objective suits the data.
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

    /// The number of data components.
    pub(super) fn dimension(&self) -> usize {
        self.names.len()
    }

    pub(super) fn is_weighted(&self) -> bool {
        self.weights.iter().any(Option::is_some) || self.caps.iter().any(Option::is_some)
    }

    /// Its name in reports and JSON, as that of [`Kind`].
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

    /// Whether all data are binary: the objective then compares log p between values and takes no
    /// derivative.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.binary.is_some()
    }

    /// The functions of log p that enter the objective, by data component: the slope or, for binary
    /// data, the difference Δ between log p and log p with this component at its other value.
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

    pub(super) fn entries(&self, g: &Graph, values: &[(f64, f64)]) -> Vec<Entry> {
        let places = self.rows.iter().zip(values);
        places.map(|(&one, &values)| Entry { variable: g.input_node(one), values }).collect()
    }

    /// The transform of the compositions among the data; `None` where there are none.
    #[must_use]
    pub fn transform(&self) -> Option<Transform> {
        let composition = |domain: &Domain| domain.support == Support::Simplex;
        self.domains.iter().any(composition).then_some(self.transform)
    }
}

/// The slices that the choices ask for.
fn slices(choices: &Choices) -> Option<Slices> {
    let count = choices.slices.unwrap_or(SLICES);
    let directions = choices.directions.unwrap_or_default();
    (choices.kind == Kind::Sliced).then_some(Slices { count, directions })
}

/// The noise that the choices ask for.
fn noise(model: &Model, choices: &Choices) -> Option<Noise> {
    let covariate = model.covariates().iter().find(|one| one.name == SIGMA).map(|one| one.input);
    let levels = choices.sigma.clone();
    (choices.kind == Kind::Denoising).then_some(Noise { levels, covariate })
}

/// The error of a weight that contains a parameter.
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

/// The position of the data component that alr takes ratios to; `None` where the choices name none.
fn reference(model: &Model, choices: &Choices) -> Result<Option<usize>, Unsuited> {
    let composed = model.data().iter().any(|one| one.support == Support::Simplex);
    let unsuited =
        |what: &str, reason: &'static str, help| Err(Unsuited::beside_the_text(what, reason, help));
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

/// The binary objective of a kind: ratio matching, unless the kind is another one.
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
