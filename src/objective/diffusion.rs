//! The loss of every continuous domain, from its metric, drift and base measure.

use super::geometry::{Geometry, Squares};
use super::{Loss, Quadratic, Square};
use crate::calculus::{Operator, Seed, gradient_times};
use crate::graph::{ExprId, Graph, Number};

/// ρ = ⟨G, ∇²ℓ̃⟩ + b·∇ℓ̃ + ½ ∇ℓ̃ᵀ G ∇ℓ̃, where ℓ̃ is the log-density relative to the base measure.
pub(super) fn diffusion(
    g: &mut Graph,
    kind: &'static str,
    log_density: ExprId,
    geometry: &Geometry,
) -> Loss {
    let density = tilted(g, log_density, geometry);
    let slopes = slopes(g, density, &geometry.operator);
    let carried = sweep(g, density, geometry, |seed, _| Some(seed.clone()));
    let drift = drift(g, geometry, &slopes, |_| true);
    let linear = g.add(carried, drift);
    let squares = squares(g, geometry, &slopes);
    let norm = half_norm(g, &squares);
    Loss {
        kind,
        total: g.add(linear, norm),
        terms: terms(g, density, geometry, &slopes, [linear, norm]),
        quadratic: Some(Quadratic { linear, squares }),
    }
}

/// ρ split by data component; the components sum to ρ. `None` where the metric is not diagonal.
pub(super) fn by_component(
    g: &mut Graph,
    log_density: ExprId,
    geometry: &Geometry,
) -> Option<Vec<ExprId>> {
    if !geometry.diagonal {
        return None;
    }
    let slopes = slopes(g, log_density, &geometry.operator);
    let squares = squares(g, geometry, &slopes);
    let seeds = geometry.operator.seeds.iter().zip(squares);
    Some(
        seeds
            .map(|(seed, square)| {
                let one = Operator {
                    seeds: vec![seed.clone()],
                    metric: geometry.operator.metric.clone(),
                };
                let linear = one.of(g, log_density);
                let norm = half_norm(g, &[square]);
                g.add(linear, norm)
            })
            .collect(),
    )
}

/// By seed, the derivative of ℓ̃ in its variable times its factor, with poles cancelled.
pub(super) fn slopes(g: &mut Graph, density: ExprId, operator: &Operator) -> Vec<ExprId> {
    let variables: Vec<ExprId> = operator.seeds.iter().map(|seed| seed.variable).collect();
    let factors: Vec<ExprId> = operator.seeds.iter().map(|seed| seed.factor).collect();
    gradient_times(g, density, &variables, &factors)
}

/// The operator of the geometry, with seeds changed or left out by `seed`, and zero where the mask
/// does not hold. The drifts of joint seeds are not part of it: [`drift`] computes them.
fn sweep(
    g: &mut Graph,
    density: ExprId,
    geometry: &Geometry,
    seed: impl Fn(&Seed, &str) -> Option<Seed>,
) -> ExprId {
    let zero = g.zero();
    let mut values = Vec::new();
    for mask in masks(geometry) {
        let own = (0..geometry.masks.len()).filter(|&k| geometry.masks[k] == mask);
        let own = own.filter_map(|k| {
            let carried = seed(&geometry.operator.seeds[k], geometry.drifts[k])?;
            Some(if geometry.joint[k] { Seed { drift: zero, ..carried } } else { carried })
        });
        let operator = Operator { seeds: own.collect(), metric: geometry.operator.metric.clone() };
        let value = operator.of(g, density);
        values.push(masked(g, mask, value));
    }
    g.total(&values)
}

/// b·∇ℓ̃ from the gradient, over the drifts of joint seeds whose names pass `named`.
fn drift(
    g: &mut Graph,
    geometry: &Geometry,
    slopes: &[ExprId],
    named: impl Fn(&str) -> bool,
) -> ExprId {
    let mut values = Vec::new();
    for mask in masks(geometry) {
        let own = (0..slopes.len()).filter(|&k| {
            geometry.masks[k] == mask && geometry.joint[k] && named(geometry.drifts[k])
        });
        let (mut drifts, mut along) = (Vec::new(), Vec::new());
        for k in own {
            let Seed { drift, factor, .. } = geometry.operator.seeds[k];
            drifts.push(g.div(drift, factor));
            along.push(slopes[k]);
        }
        let value = g.dot(&drifts, &along);
        values.push(masked(g, mask, value));
    }
    g.total(&values)
}

/// The distinct masks of the seeds.
fn masks(geometry: &Geometry) -> Vec<Option<ExprId>> {
    let mut masks = Vec::new();
    for mask in &geometry.masks {
        if !masks.contains(mask) {
            masks.push(*mask);
        }
    }
    masks
}

/// The expression where the mask holds, else zero.
fn masked(g: &mut Graph, mask: Option<ExprId>, expr: ExprId) -> ExprId {
    let zero = g.zero();
    mask.map_or(expr, |mask| g.select(mask, expr, zero))
}

/// ℓ̃: the log-density relative to the base measure.
pub(super) fn tilted(g: &mut Graph, log_density: ExprId, geometry: &Geometry) -> ExprId {
    let base = g.total(&geometry.base);
    g.add(log_density, base)
}

/// The named terms of ρ: the second-order term, the drifts by name, the norm.
fn terms(
    g: &mut Graph,
    density: ExprId,
    geometry: &Geometry,
    slopes: &[ExprId],
    [linear, norm]: [ExprId; 2],
) -> Vec<(&'static str, ExprId)> {
    let zero = g.zero();
    let still = geometry.operator.seeds.iter().all(|seed| seed.drift == zero);
    if still {
        return vec![("laplacian", linear), ("norm", norm)];
    }
    let undrifted = |seed: &Seed, _: &str| Some(Seed { drift: zero, ..seed.clone() });
    let mut terms = vec![("laplacian", sweep(g, density, geometry, undrifted))];
    for name in ["edge", "curvature", "drift"] {
        let first = |seed: &Seed, own: &str| {
            let named = own == name && seed.drift != zero;
            named.then(|| Seed { entries: Vec::new(), ..seed.clone() })
        };
        let carried = sweep(g, density, geometry, first);
        let own = drift(g, geometry, slopes, |other| other == name);
        let term = g.add(carried, own);
        if term != zero {
            terms.push((name, term));
        }
    }
    terms.push(("norm", norm));
    terms
}

/// ∇ℓ̃ᵀ G ∇ℓ̃ as weighted squares.
fn squares(g: &mut Graph, geometry: &Geometry, slopes: &[ExprId]) -> Vec<Square> {
    let slope = |variable: &ExprId| {
        let seeds = &geometry.operator.seeds;
        let place = seeds.iter().position(|seed| seed.variable == *variable);
        slopes[place.expect("the variables of a square have seeds")]
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
            Squares::Moved { variables, moved, weight } => {
                let slopes: Vec<ExprId> = variables.iter().map(slope).collect();
                let all = g.total(&slopes);
                for &k in moved {
                    let level = g.mul(variables[k], all);
                    let root = g.sub(slopes[k], level);
                    found.push(Square { weight: *weight, root });
                }
            }
        }
    }
    found
}

/// ½ Σ w r²; squares with equal weights share one sum.
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
