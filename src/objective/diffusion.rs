//! The loss of every continuous domain, from its metric, drift and base measure.

use super::geometry::{Geometry, Squares};
use super::{Loss, Quadratic, Square};
use crate::calculus::{Operator, Seed, gradient};
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
    let (linear, tangent) = if needs_tangent {
        let moved = geometry.operator.moved(g, density);
        (moved.value, moved.tangent)
    } else {
        (geometry.operator.of(g, density), Vec::new())
    };
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
    let seeds = geometry.operator.seeds.iter();
    let undrifted = seeds.clone().map(|seed| Seed { drift: zero, ..seed.clone() }).collect();
    let weights = geometry.operator.weights.clone();
    let laplacian = Operator { seeds: undrifted, weights }.of(g, density);
    let mut terms = vec![("laplacian", laplacian)];
    for name in ["edge", "curvature", "drift"] {
        let named = seeds.clone().zip(&geometry.drifts).filter(|(_, other)| **other == name);
        let named = named.filter(|(seed, _)| seed.drift != zero);
        let first: Vec<Seed> =
            named.map(|(seed, _)| Seed { entries: Vec::new(), ..seed.clone() }).collect();
        if !first.is_empty() {
            terms.push((name, Operator { seeds: first, weights: Vec::new() }.of(g, density)));
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
            Squares::Projected { variables, weights, normal, mean } => {
                let slopes: Vec<ExprId> = variables.iter().map(slope).collect();
                let along = g.dot(mean, &slopes);
                for (k, &slope) in slopes.iter().enumerate() {
                    let away = g.mul(normal[k], along);
                    found.push(Square { weight: weights[k], root: g.sub(slope, away) });
                }
            }
            Squares::Moved { first, end, weight } => {
                let own = tangent.iter().filter(|(at, _)| (*first..*end).contains(at));
                found.extend(own.map(|&(_, root)| Square { weight: *weight, root }));
            }
        }
    }
    found
}

/// ½ Σ w r²; squares of one weight stand under one sum.
fn half_norm(g: &mut Graph, squares: &[Square]) -> ExprId {
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
