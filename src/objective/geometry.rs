//! Continuous domains as diffusions: the metric G, the drift b and the base measure of each.
//!
//! With ℓ̃ the log-density relative to the base measure, every continuous domain has the loss
//!
//! ```text
//! ρ = ⟨G, ∇²ℓ̃⟩ + b·∇ℓ̃ + ½ ∇ℓ̃ᵀ G ∇ℓ̃
//! ```
//!
//! (diffusion score matching, Barp, Briol, Duncan, Girolami, Mackey 2019). G vanishes towards the
//! edges. A scalar weight w turns G into wG and b into wb + G∇w. This file is the table of domains;
//! everything derived from it is common to all of them.

use std::collections::BTreeMap;

use super::choices::Transform;
use crate::calculus::{Metric, Mixed, Operator, Seed};
use crate::graph::{ExprId, Function, Graph, Number, Relation};

/// The product of the domains of a model: one operator, one base measure, one list of squares.
#[derive(Debug)]
pub(super) struct Geometry {
    /// f ↦ ⟨G, ∇²f⟩ + b·∇f
    pub operator: Operator,
    /// The name of the drift of each seed, for reports.
    pub drifts: Vec<&'static str>,
    /// By seed, the condition under which a row contributes, where the weight can be zero: its
    /// factors may then be infinite, and the limit of their product is zero.
    pub masks: Vec<Option<ExprId>>,
    /// By seed, whether its domain has several components: b·∇f is then computed from the gradient,
    /// which the norm takes too. With one component the operator includes the drift, so that poles
    /// cancel.
    pub joint: Vec<bool>,
    /// Terms of ℓ̃ - ℓ: minus the log-density of the base measure.
    pub base: Vec<ExprId>,
    pub squares: Vec<Squares>,
    /// Whether every domain has one component, so that G is diagonal.
    pub diagonal: bool,
}

/// A part of ∇fᵀ G ∇f as a weighted sum of squares, which stays non-negative in rounding.
#[derive(Debug)]
pub(super) enum Squares {
    /// w (∂_k f)²
    Slope { variable: ExprId, weight: ExprId },
    /// Σ_k w_k (∂_k f - n_k Σ_l m_l ∂_l f)²
    Projected {
        variables: Vec<ExprId>,
        weights: Vec<ExprId>,
        normal: Vec<ExprId>,
        mean: Vec<ExprId>,
        mask: Option<ExprId>,
    },
    /// w Σ_j (E_j f - u_j Σ_k E_k f)² with E_k = u_k ∂_k, in which poles cancel; j runs over the
    /// positions `moved`.
    Moved { variables: Vec<ExprId>, moved: Vec<usize>, weight: ExprId },
}

/// A weight, with its derivatives in the variables of its domain where the text gives them.
#[derive(Clone, Debug)]
pub(super) struct Weight {
    pub value: ExprId,
    pub slopes: Option<Vec<ExprId>>,
}

/// One domain without its weight.
struct Unweighted {
    seeds: Vec<Seed>,
    /// The metric of its directions.
    metric: Metric,
    name: &'static str,
}

impl Geometry {
    pub fn new() -> Self {
        Self {
            operator: Operator { seeds: Vec::new(), metric: Metric::default() },
            drifts: Vec::new(),
            masks: Vec::new(),
            joint: Vec::new(),
            base: Vec::new(),
            squares: Vec::new(),
            diagonal: true,
        }
    }

    /// The first direction that no seed uses yet.
    fn next(&self) -> u32 {
        self.operator.metric.weights.len() as u32
    }

    /// The geometry of sliced score matching: the mean of (G^½v)ᵀ∇²f(G^½v) over directions v
    /// replaces ⟨G, ∇²f⟩. Each direction has an entry for every seed, and the metric must be
    /// diagonal.
    pub fn sliced(mut self, g: &mut Graph, directions: &[Vec<ExprId>]) -> Self {
        let own_weights = std::mem::take(&mut self.operator.metric.weights);
        for (k, seed) in self.operator.seeds.iter_mut().enumerate() {
            let (own, _) = seed.entries[0];
            let root = g.sqrt(own_weights[own as usize]);
            let entry = |(m, v): (usize, &Vec<ExprId>)| (m as u32, g.mul(root, v[k]));
            seed.entries = directions.iter().enumerate().map(entry).collect();
        }
        let share = g.ratio(1, directions.len() as i64);
        self.operator.metric.weights = vec![share; directions.len()];
        self
    }

    /// A component with weight h: G = h, b = h'.
    pub fn line(&mut self, g: &mut Graph, x: ExprId, weight: &Weight) {
        let entries = vec![(self.next(), g.one())];
        let seed = Seed { variable: x, factor: g.one(), entries, drift: g.zero() };
        let unweighted =
            Unweighted { seeds: vec![seed], metric: diagonal(vec![g.one()]), name: "edge" };
        self.squares.push(Squares::Slope { variable: x, weight: weight.value });
        self.add(g, unweighted, weight);
    }

    /// A unit vector: G = I - xxᵀ, b = -(p - 1)x (Mardia, Kent, Laha 2016).
    pub fn sphere(&mut self, g: &mut Graph, x: &[ExprId], weight: &Weight) {
        let first = self.next();
        let inward = first + x.len() as u32;
        let turns = Number::integer(1 - x.len() as i64);
        let seed = |(k, &variable): (usize, &ExprId)| {
            let drift = g.scale(turns, variable);
            let entries = vec![(first + k as u32, g.one()), (inward, variable)];
            Seed { variable, factor: g.one(), entries, drift }
        };
        let seeds = x.iter().enumerate().map(seed).collect();
        let mut weights = vec![g.one(); x.len()];
        weights.push(g.integer(-1));
        self.squares.push(Squares::Projected {
            variables: x.to_vec(),
            weights: vec![weight.value; x.len()],
            normal: x.to_vec(),
            mean: x.to_vec(),
            mask: mask(g, weight.value),
        });
        self.diagonal = false;
        self.add(g, Unweighted { seeds, metric: diagonal(weights), name: "curvature" }, weight);
    }

    /// A composition, in the coordinates of a transform.
    ///
    /// `reference` is the position of the entry that alr takes ratios to.
    pub fn simplex(
        &mut self,
        g: &mut Graph,
        u: &[ExprId],
        (transform, reference): (Transform, usize),
        weight: &Weight,
    ) {
        self.diagonal = false;
        let unweighted = match transform {
            Transform::Clr => self.log_ratios(g, u, None, weight),
            Transform::Alr => self.log_ratios(g, u, Some(reference), weight),
            Transform::Sqrt => self.roots(g, u, weight),
            Transform::Flat => self.flat(g, u, weight),
        };
        self.add(g, unweighted, weight);
    }

    /// Derivations D_j u_k = u_k(δ_jk - u_j), for all j (clr: G = (diag u - uuᵀ)²) or for all j but
    /// a reference (alr: the coordinates log u_j/u_ref of R^(p-1)).
    ///
    /// With E_k = u_k ∂_k and P = Σ_k E_k, D_j = E_j - u_j P. As
    /// Σ_j D_j D_jᵀ = Σ_j E_j E_jᵀ + H Pᵀ + P Hᵀ with H = ½S₂ P - Σ_j u_j E_j, each entry moves along
    /// a direction of its own and along two common ones, H and P.
    fn log_ratios(
        &mut self,
        g: &mut Graph,
        u: &[ExprId],
        reference: Option<usize>,
        weight: &Weight,
    ) -> Unweighted {
        let (first, count) = (self.next(), u.len() as u32);
        let moves = |k: usize| Some(k) != reference;
        let parts: Vec<ExprId> = (0..u.len()).filter(|&k| moves(k)).map(|k| u[k]).collect();
        let (sum, squares) = (g.total(&parts), g.sum_of_squares(&parts));
        let level = g.scale(Number::ratio(1, 2), squares);
        let (along_h, along_p) = (first + count, first + count + 1);
        let mut seeds = Vec::with_capacity(u.len());
        for (k, &variable) in u.iter().enumerate() {
            let common = if moves(k) { g.sub(level, variable) } else { level };
            let own = moves(k).then(|| (first + k as u32, g.one()));
            let entries = own.into_iter().chain([(along_h, common), (along_p, g.one())]).collect();
            let drift = drift(g, variable, (sum, squares), (reference.is_some(), moves(k)));
            seeds.push(Seed { variable, factor: variable, entries, drift });
            self.base.push(g.call(Function::Log, variable));
        }
        let mut weights = vec![g.one(); u.len()];
        weights.extend([g.zero(); 2]);
        let mixed = vec![Mixed { pair: (along_h, along_p), weight: g.one() }];
        let moved = (0..u.len()).filter(|&k| moves(k)).collect();
        self.squares.push(Squares::Moved { variables: u.to_vec(), moved, weight: weight.value });
        Unweighted { seeds, metric: Metric { weights, mixed }, name: "drift" }
    }

    /// √u on the sphere, as a function of u: G = 4(diag u - uuᵀ), b = 2(1 - pu), base measure Π
    /// u^-½.
    fn roots(&mut self, g: &mut Graph, u: &[ExprId], weight: &Weight) -> Unweighted {
        let first = self.next();
        let inward = first + u.len() as u32;
        let four = Number::integer(4);
        let mut weights: Vec<ExprId> = u.iter().map(|&u| g.scale(four, u)).collect();
        weights.push(g.integer(-4));
        let mut seeds = Vec::with_capacity(u.len());
        for (k, &variable) in u.iter().enumerate() {
            let (one, scaled) = (g.one(), g.scale(Number::integer(u.len() as i64), variable));
            let away = g.sub(one, scaled);
            let drift = g.scale(Number::integer(2), away);
            let entries = vec![(first + k as u32, one), (inward, variable)];
            seeds.push(Seed { variable, factor: one, entries, drift });
            let log = g.call(Function::Log, variable);
            self.base.push(g.scale(Number::ratio(1, 2), log));
        }
        let by_entry =
            weights[..u.len()].iter().map(|&four_u| g.mul(weight.value, four_u)).collect();
        let normal = vec![g.one(); u.len()];
        self.squares.push(Squares::Projected {
            variables: u.to_vec(),
            weights: by_entry,
            normal,
            mean: u.to_vec(),
            mask: mask(g, weight.value),
        });
        Unweighted { seeds, metric: diagonal(weights), name: "drift" }
    }

    /// The simplex as a part of its plane: G = I - 11ᵀ/p.
    fn flat(&mut self, g: &mut Graph, u: &[ExprId], weight: &Weight) -> Unweighted {
        let first = self.next();
        let along = first + u.len() as u32;
        let share = Number::ratio(1, u.len() as i64);
        let seed = |(k, &variable): (usize, &ExprId)| {
            let entries = vec![(first + k as u32, g.one()), (along, g.one())];
            Seed { variable, factor: g.one(), entries, drift: g.zero() }
        };
        let seeds = u.iter().enumerate().map(seed).collect();
        let (one, mean) = (g.one(), g.number(share));
        let mut weights = vec![one; u.len()];
        weights.push(g.neg(mean));
        self.squares.push(Squares::Projected {
            variables: u.to_vec(),
            weights: vec![weight.value; u.len()],
            normal: vec![one; u.len()],
            mean: vec![mean; u.len()],
            mask: mask(g, weight.value),
        });
        Unweighted { seeds, metric: diagonal(weights), name: "edge" }
    }

    /// Adds a domain with its weight: G → wG, b → wb + G∇w.
    fn add(&mut self, g: &mut Graph, unweighted: Unweighted, weight: &Weight) {
        let Unweighted { mut seeds, metric, name } = unweighted;
        let first = self.next();
        let mut padded = Metric { weights: vec![g.one(); first as usize], ..metric.clone() };
        padded.weights.extend(&metric.weights);
        let plain = Operator { seeds: seeds.clone(), metric: padded };
        let slopes = match &weight.slopes {
            None => plain.moved(g, weight.value).tangent,
            Some(given) => along(g, &seeds, given),
        };
        for seed in &mut seeds {
            let own = g.mul(weight.value, seed.drift);
            let mut pull = vec![own];
            for &(direction, slope) in &slopes {
                let own = (direction, metric.weights[(direction - first) as usize]);
                for (partner, one) in std::iter::once(own).chain(partners(&metric, direction)) {
                    if let Some(entry) = seed.entry(partner) {
                        let size = g.mul(seed.factor, entry);
                        let weighed = g.mul(one, size);
                        pull.push(g.mul(weighed, slope));
                    }
                }
            }
            seed.drift = g.total(&pull);
        }
        self.drifts.extend(vec![name; seeds.len()]);
        let mask = if seeds.len() > 1 { mask(g, weight.value) } else { None };
        self.masks.extend(vec![mask; seeds.len()]);
        self.joint.extend(vec![seeds.len() > 1; seeds.len()]);
        self.operator.seeds.extend(seeds);
        let Metric { weights, mixed } = &mut self.operator.metric;
        weights.extend(metric.weights.iter().map(|&one| g.mul(weight.value, one)));
        let weighed = |one: Mixed| Mixed { weight: g.mul(weight.value, one.weight), ..one };
        mixed.extend(metric.mixed.into_iter().map(weighed));
    }
}

fn diagonal(weights: Vec<ExprId>) -> Metric {
    Metric { weights, mixed: Vec::new() }
}

/// The directions that a metric pairs with the given one, with the weights of the pairs.
fn partners(metric: &Metric, direction: u32) -> impl Iterator<Item = (u32, ExprId)> {
    metric.mixed.iter().filter_map(move |&Mixed { pair: (a, b), weight }| {
        let partner = if a == direction { Some(b) } else { (b == direction).then_some(a) };
        partner.map(|partner| (partner, weight))
    })
}

/// The drift of an entry u in log-ratios, from the sum S₁ and the sum of squares S₂ of the entries
/// that move: 2u(S₂ - u) where all do, else u(2S₂ - S₁ + [u moves](1 - 2u)).
fn drift(
    g: &mut Graph,
    u: ExprId,
    (sum, squares): (ExprId, ExprId),
    (has_reference, moves): (bool, bool),
) -> ExprId {
    let two = Number::integer(2);
    let doubled = g.scale(two, squares);
    let twice = g.scale(two, u);
    let towards = if !has_reference {
        g.sub(doubled, twice)
    } else {
        let all = g.sub(doubled, sum);
        let one = g.one();
        let rest = g.sub(one, twice);
        if moves { g.add(all, rest) } else { all }
    };
    g.mul(u, towards)
}

/// The derivatives along directions, from those in the variables of the seeds.
fn along(g: &mut Graph, seeds: &[Seed], slopes: &[ExprId]) -> Vec<(u32, ExprId)> {
    let mut found: BTreeMap<u32, Vec<ExprId>> = BTreeMap::new();
    for (seed, &slope) in seeds.iter().zip(slopes) {
        for &(direction, entry) in &seed.entries {
            let size = g.mul(seed.factor, entry);
            found.entry(direction).or_default().push(g.mul(size, slope));
        }
    }
    found.into_iter().map(|(direction, terms)| (direction, g.total(&terms))).collect()
}

/// The condition that the weight of a sphere or a simplex is positive; `None` for a constant
/// weight.
fn mask(g: &mut Graph, weight: ExprId) -> Option<ExprId> {
    let zero = g.zero();
    g.as_number(weight).is_none().then(|| g.compare(Relation::Less, zero, weight))
}
