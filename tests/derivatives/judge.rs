//! Exact derivatives of an expression, by evaluation with hyper-dual numbers.

use num_traits::Float;
use scorematch::graph::{ExprId, Graph, InputId, evaluate};

use crate::support::dual::HyperDual;

/// f with ∂_i f, ∂_j f and ∂_ij f, at a point by index of the input.
pub fn second<T: Float>(
    g: &Graph,
    root: ExprId,
    point: &[T],
    i: InputId,
    j: InputId,
) -> HyperDual<T> {
    let moves = |input, along| if input == along { T::one() } else { T::zero() };
    let at =
        |input: InputId| HyperDual::moving(point[input.index()], moves(input, i), moves(input, j));
    evaluate(g, &[root], at)[0]
}

/// ∇f and Δf with respect to the data.
pub fn score_and_laplacian<T: Float>(
    g: &Graph,
    root: ExprId,
    point: &[T],
    data: &[InputId],
) -> (Vec<T>, T) {
    let pure = data.iter().map(|&j| second(g, root, point, j, j));
    let (score, curvatures): (Vec<T>, Vec<T>) = pure.map(|dual| (dual.first, dual.mixed)).unzip();
    (score, curvatures.into_iter().fold(T::zero(), |sum, curvature| sum + curvature))
}

/// ρ = Δf + ½‖∇f‖²
pub fn rho<T: Float>(g: &Graph, root: ExprId, point: &[T], data: &[InputId]) -> T {
    let (score, laplacian) = score_and_laplacian(g, root, point, data);
    let norm = score.into_iter().fold(T::zero(), |sum, slope| sum + slope * slope);
    laplacian + norm / (T::one() + T::one())
}

/// ρ with ∂_a ρ, ∂_b ρ and ∂_ab ρ for two parameters.
pub fn rho_second<T: Float>(
    g: &Graph,
    root: ExprId,
    point: &[T],
    data: &[InputId],
    [a, b]: [InputId; 2],
) -> HyperDual<T> {
    let mut lifted: Vec<HyperDual<T>> = point.iter().map(|&x| HyperDual::fixed(x)).collect();
    lifted[a.index()].first = T::one();
    lifted[b.index()].second = T::one();
    rho(g, root, &lifted, data)
}

/// The largest size of all values and derivatives up to fourth order that occur below the root,
/// with all inputs varied at once: rounding errors are relative to it.
pub fn scale(g: &Graph, root: ExprId, point: &[f64], data: &[InputId]) -> f64 {
    let live = g.live(&[root]);
    let at = |input: InputId| {
        let step = if data.contains(&input) { 0.0 } else { 1.0 };
        let outer = HyperDual::moving(point[input.index()], step, step);
        let inner = HyperDual::fixed(1.0 - step);
        HyperDual::moving(outer, inner, inner)
    };
    let parts = |dual: HyperDual<f64>| [dual.value, dual.first, dual.second, dual.mixed];
    let values = evaluate(g, &live, at).into_iter();
    let nested = values.flat_map(|dual| [dual.value, dual.first, dual.second, dual.mixed]);
    // A branch not taken may have any value; one that reaches the root fails the comparison.
    let sizes = nested.flat_map(parts).filter(|part| part.is_finite()).map(f64::abs);
    sizes.fold(1.0, f64::max)
}
