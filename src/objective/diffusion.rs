//! The loss of every continuous domain, from its metric, drift and base measure.

use super::geometry::{Geometry, Squares};
use super::{Loss, Quadratic, Square};
use crate::calculus::{Moved, Operator, Seed, gradient};
use crate::graph::{ExprId, Graph, Number};

/// ρ = ⟨G, ∇²ℓ̃⟩ + b·∇ℓ̃ + ½ ∇ℓ̃ᵀ G ∇ℓ̃ with ℓ̃ = ℓ + log base.
pub(super) fn diffusion(
    g: &mut Graph,
    kind: &'static str,
    log_density: ExprId,
    geometry: &Geometry,
) -> Loss {
    let density = tilted(g, log_density, geometry);
    let needs_tangent =
        geometry.squares.iter().any(|square| matches!(square, Squares::Moved { .. }));
    let Moved { value: linear, tangent } =
        sweep(g, density, geometry, |seed, _| Some(seed.clone()), needs_tangent);
    let squares = squares(g, density, geometry, &tangent);
    let norm = half_norm(g, &squares);
    Loss {
        kind,
        total: g.add(linear, norm),
        terms: terms(g, density, geometry, linear, norm),
        quadratic: Some(Quadratic { linear, squares }),
    }
}

/// ρ split by data component where the metric is diagonal; the components sum to ρ.
pub(super) fn by_component(
    g: &mut Graph,
    log_density: ExprId,
    geometry: &Geometry,
) -> Option<Vec<ExprId>> {
    if !geometry.diagonal {
        return None;
    }
    let squares = squares(g, log_density, geometry, &[]);
    let seeds = geometry.operator.seeds.iter().zip(squares);
    Some(
        seeds
            .map(|(seed, square)| {
                let one = Operator {
                    seeds: vec![seed.clone()],
                    weights: geometry.operator.weights.clone(),
                };
                let linear = one.of(g, log_density);
                let norm = half_norm(g, &[square]);
                g.add(linear, norm)
            })
            .collect(),
    )
}

/// The operator of the geometry with some of its seeds changed or left out, masked where rows may
/// contribute nothing.
fn sweep(
    g: &mut Graph,
    density: ExprId,
    geometry: &Geometry,
    seed: impl Fn(&Seed, &str) -> Option<Seed>,
    with_tangent: bool,
) -> Moved {
    let mut masks: Vec<Option<ExprId>> = Vec::new();
    for mask in &geometry.masks {
        if !masks.contains(mask) {
            masks.push(*mask);
        }
    }
    let (mut values, mut tangent) = (Vec::new(), Vec::new());
    for mask in masks {
        let own = geometry.operator.seeds.iter().zip(&geometry.drifts).zip(&geometry.masks);
        let own = own.filter(|(_, other)| **other == mask);
        let seeds: Vec<Seed> = own.filter_map(|((one, name), _)| seed(one, name)).collect();
        let operator = Operator { seeds, weights: geometry.operator.weights.clone() };
        if with_tangent {
            let moved = operator.moved(g, density);
            values.push(masked(g, mask, moved.value));
            tangent.extend(moved.tangent);
        } else {
            let value = operator.of(g, density);
            values.push(masked(g, mask, value));
        }
    }
    Moved { value: g.total(&values), tangent }
}

/// Zero where the mask does not hold.
fn masked(g: &mut Graph, mask: Option<ExprId>, expr: ExprId) -> ExprId {
    let zero = g.zero();
    mask.map_or(expr, |mask| g.select(mask, expr, zero))
}

/// ℓ̃
pub(super) fn tilted(g: &mut Graph, log_density: ExprId, geometry: &Geometry) -> ExprId {
    let base = g.total(&geometry.base);
    g.add(log_density, base)
}

/// The second-order term, the drift by name, the norm.
fn terms(
    g: &mut Graph,
    density: ExprId,
    geometry: &Geometry,
    linear: ExprId,
    norm: ExprId,
) -> Vec<(&'static str, ExprId)> {
    let zero = g.zero();
    let still = geometry.operator.seeds.iter().all(|seed| seed.drift == zero);
    if still {
        return vec![("laplacian", linear), ("norm", norm)];
    }
    let undrifted = |seed: &Seed, _: &str| Some(Seed { drift: zero, ..seed.clone() });
    let mut terms = vec![("laplacian", sweep(g, density, geometry, undrifted, false).value)];
    for name in ["edge", "curvature", "drift"] {
        let first = |seed: &Seed, own: &str| {
            let named = own == name && seed.drift != zero;
            named.then(|| Seed { entries: Vec::new(), ..seed.clone() })
        };
        let term = sweep(g, density, geometry, first, false).value;
        if term != zero {
            terms.push((name, term));
        }
    }
    terms.push(("norm", norm));
    terms
}

/// ∇ℓ̃ᵀ G ∇ℓ̃ as weighed squares.
fn squares(
    g: &mut Graph,
    density: ExprId,
    geometry: &Geometry,
    tangent: &[(u32, ExprId)],
) -> Vec<Square> {
    let variables: Vec<ExprId> = geometry.operator.seeds.iter().map(|seed| seed.variable).collect();
    let score = gradient(g, density, &variables);
    let slope = |variable: &ExprId| {
        let place = variables.iter().position(|other| other == variable);
        score[place.expect("every square is of variables with a seed")]
    };
    let mut found = Vec::new();
    for squares in &geometry.squares {
        match squares {
            Squares::Slope { variable, weight } => {
                found.push(Square { weight: *weight, root: slope(variable) });
            }
            Squares::Projected { variables, weights, normal, mean, mask } => {
                let slopes: Vec<ExprId> = variables.iter().map(slope).collect();
                let along = g.dot(mean, &slopes);
                for (k, &slope) in slopes.iter().enumerate() {
                    let away = g.mul(normal[k], along);
                    let root = g.sub(slope, away);
                    let root = masked(g, *mask, root);
                    found.push(Square { weight: weights[k], root });
                }
            }
            Squares::Moved { first, count, moved, weight } => {
                let zero = g.zero();
                let along = |at: u32| tangent.iter().find(|one| one.0 == first + at);
                let slopes: Vec<ExprId> =
                    (0..*count).map(|at| along(at).map_or(zero, |one| one.1)).collect();
                let all = g.total(&slopes);
                for &(at, share) in moved {
                    let level = g.mul(share, all);
                    let root = g.sub(slopes[at as usize], level);
                    found.push(Square { weight: *weight, root });
                }
            }
        }
    }
    found
}

/// ½ Σ w r²; squares of one weight stand under one sum.
pub(super) fn half_norm(g: &mut Graph, squares: &[Square]) -> ExprId {
    let mut weights: Vec<ExprId> = Vec::new();
    for square in squares {
        if !weights.contains(&square.weight) {
            weights.push(square.weight);
        }
    }
    let mut terms = Vec::with_capacity(weights.len());
    for weight in weights {
        let roots: Vec<ExprId> = squares
            .iter()
            .filter(|square| square.weight == weight)
            .map(|square| square.root)
            .collect();
        let norm = g.sum_of_squares(&roots);
        terms.push(g.mul(weight, norm));
    }
    let norm = g.total(&terms);
    g.scale(Number::ratio(1, 2), norm)
}
