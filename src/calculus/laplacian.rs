//! The Laplacian by one forward sweep of (value, tangents, Laplacian), instead of d further
//! gradients (the "forward Laplacian", Li et al. 2024, Nature Machine Intelligence 6:209).

use std::collections::{BTreeMap, BTreeSet};

use super::MEANS_LAST;
use super::gradient::relative_exponential;
use super::jet::{Jet, Tangent};
use super::partials;
use crate::graph::{BinaryFunction, ExprId, Function, Graph, ListId, Node, Number, Part};

/// Most factors with a tangent of a product whose second partial derivatives are all written out.
const PAIRS_MAX: usize = 8;

/// A second-order differential operator, L f = Σ_kl G_kl ∂_k∂_l f + Σ_k b_k ∂_k f, given by tangents
/// of its variables: variable k has the component c_ka in direction a, and G_kl = Σ_a w_a c_ka c_la
/// plus the terms of [`Metric::mixed`].
#[derive(Clone, Debug)]
pub struct Operator {
    /// The tangent and the drift of each variable.
    pub seeds: Vec<Seed>,
    /// The weights of the directions.
    pub metric: Metric,
}

/// The weights of G over directions and pairs of directions.
#[derive(Clone, Debug, Default)]
pub struct Metric {
    /// w by direction; directions beyond its end have weight one. A weight may be negative.
    pub weights: Vec<ExprId>,
    /// Terms of G for pairs of directions.
    pub mixed: Vec<Mixed>,
}

/// The term w (c_ka c_lb + c_kb c_la) of two directions a and b.
#[derive(Clone, Copy, Debug)]
pub struct Mixed {
    /// a and b
    pub pair: (u32, u32),
    /// w
    pub weight: ExprId,
}

/// The tangent and the drift of a variable.
#[derive(Clone, Debug)]
pub struct Seed {
    /// An input, or any other node that is treated as a variable.
    pub variable: ExprId,
    /// A common factor of the entries, kept separate so that it may cancel.
    pub factor: ExprId,
    /// c_ka over that factor by direction, ascending; directions left out are zero.
    pub entries: Vec<(u32, ExprId)>,
    /// b_k
    pub drift: ExprId,
}

/// The value of an operator on an expression, with the tangent of the expression.
#[derive(Clone, Debug)]
pub struct Moved {
    /// L f
    pub value: ExprId,
    /// D_a f = Σ_k c_ka ∂_k f by direction, ascending; those left out are zero.
    pub tangent: Vec<(u32, ExprId)>,
}

impl Operator {
    /// The Laplacian in these variables.
    #[must_use]
    pub fn laplacian(g: &mut Graph, wrt: &[ExprId]) -> Self {
        let unit = |(direction, &variable): (usize, &ExprId)| Seed {
            variable,
            factor: g.one(),
            entries: vec![(direction as u32, g.one())],
            drift: g.zero(),
        };
        Self { seeds: wrt.iter().enumerate().map(unit).collect(), metric: Metric::default() }
    }

    /// The operator without mixed terms, by two further directions for each pair: ab' + ba' is half of
    /// (a + b)(a + b)' less half of (a - b)(a - b)'.
    #[must_use]
    pub fn diagonal(&self, g: &mut Graph) -> Self {
        let Self { mut seeds, metric: Metric { mut weights, mixed } } = self.clone();
        for Mixed { pair: (a, b), weight } in mixed {
            for sign in [1, -1] {
                let direction = weights.len() as u32;
                weights.push(g.scale(Number::ratio(sign, 2), weight));
                for (seed, before) in seeds.iter_mut().zip(&self.seeds) {
                    let [a, b] = [a, b].map(|at| before.entry(at));
                    let b = b.map(|b| g.scale(Number::integer(sign), b));
                    let both = a.zip(b).map(|(a, b)| g.add(a, b));
                    seed.entries.extend(both.or(a).or(b).map(|entry| (direction, entry)));
                }
            }
        }
        Self { seeds, metric: Metric { weights, mixed: Vec::new() } }
    }

    /// L f alone.
    #[must_use]
    pub fn of(&self, g: &mut Graph, f: ExprId) -> ExprId {
        self.sweep(g, f, false).map_or(g.zero(), |jet| jet.laplacian)
    }

    /// L f and the derivatives along the directions, from one sweep.
    #[must_use]
    pub fn moved(&self, g: &mut Graph, f: ExprId) -> Moved {
        match self.sweep(g, f, true) {
            None => Moved { value: g.zero(), tangent: Vec::new() },
            Some(jet) => Moved { value: jet.laplacian, tangent: jet.tangent.written(g).collect() },
        }
    }

    /// The jet of the root; `None` where it does not depend on a variable.
    fn sweep(&self, g: &mut Graph, root: ExprId, with_tangent: bool) -> Option<Jet> {
        let wrt: Vec<ExprId> = self.seeds.iter().map(|seed| seed.variable).collect();
        let moving = g.dependents(&wrt);
        if !moving[root.index()] {
            return None;
        }
        let live: Vec<ExprId> =
            g.live(&[root]).into_iter().filter(|id| moving[id.index()]).collect();
        let asked = with_tangent.then_some(root);
        let bent = bent(g, &live, &moving, asked);
        let mut sweep = Sweep { jets: BTreeMap::new(), bent, moving, metric: &self.metric };
        for id in live {
            let jet = match self.seeds.iter().find(|seed| seed.variable == id) {
                Some(seed) => seed.jet(),
                None => sweep.jet(g, id),
            };
            sweep.jets.insert(id, jet);
        }
        sweep.jets.remove(&root)
    }
}

impl Seed {
    /// The component in a direction, over the factor; `None` where it is zero.
    #[must_use]
    pub fn entry(&self, direction: u32) -> Option<ExprId> {
        self.entries.iter().find(|&&(at, _)| at == direction).map(|&(_, entry)| entry)
    }

    fn jet(&self) -> Jet {
        Jet {
            value: self.variable,
            tangent: Tangent::new(self.factor, &self.entries),
            laplacian: self.drift,
        }
    }
}

/// Σ_j ∂²root/∂v_j² over `wrt`.
///
/// # Examples
/// ```
/// use scorematch::calculus::laplacian;
/// use scorematch::graph::{Graph, Support};
/// let mut g = Graph::new();
/// let (x, y) = (g.input("x", Support::LINE), g.input("y", Support::LINE));
/// let radius2 = g.dot(&[x, y], &[x, y]);
/// let four = g.integer(4);
/// assert_eq!(laplacian(&mut g, radius2, &[x, y]), four);
/// ```
pub fn laplacian(g: &mut Graph, root: ExprId, wrt: &[ExprId]) -> ExprId {
    Operator::laplacian(g, wrt).of(g, root)
}

/// Marks the nodes whose tangent is needed: one that the caller requests, operands of nodes that are
/// not linear in them, and the nodes below these.
fn bent(g: &Graph, live: &[ExprId], moving: &[bool], caller: Option<ExprId>) -> Vec<bool> {
    let mut asked = vec![false; moving.len()];
    caller.iter().for_each(|id| asked[id.index()] = true);
    for &id in live.iter().rev() {
        if asked[id.index()] || !is_linear(g, id, moving) {
            g.each_operand(id, |operand| asked[operand.index()] = true);
        }
    }
    asked
}

fn is_linear(g: &Graph, id: ExprId, moving: &[bool]) -> bool {
    let moves = |list: ListId| g.list(list).iter().any(|entry| moving[entry.index()]);
    match g.node(id) {
        Node::One | Node::Pi | Node::Input(_) | Node::Compare(..) => true,
        Node::Sum(_) | Node::Select(..) | Node::Gather(..) => true,
        Node::Product(parts) => {
            let mut factors = g.parts(parts).iter().filter(|part| moving[part.expr.index()]);
            factors.next().is_none_or(|part| part.weight.is_one()) && factors.next().is_none()
        }
        Node::Dot(a, b) => !(moves(a) && moves(b)),
        Node::Call(..) | Node::Binary(..) | Node::LogSumExp(..) | Node::Share(..) => false,
        Node::Mean(_) => unreachable!("{MEANS_LAST}"),
    }
}

struct Sweep<'a> {
    jets: BTreeMap<ExprId, Jet>,
    bent: Vec<bool>,
    moving: Vec<bool>,
    metric: &'a Metric,
}

impl Sweep<'_> {
    fn moves(&self, id: ExprId) -> bool {
        self.moving.get(id.index()).copied().unwrap_or(false)
    }

    fn of(&self, g: &mut Graph, id: ExprId) -> Jet {
        self.jets.get(&id).cloned().unwrap_or_else(|| Jet::fixed(g, id))
    }

    fn jet(&self, g: &mut Graph, id: ExprId) -> Jet {
        match g.node(id) {
            Node::One | Node::Pi | Node::Input(_) | Node::Compare(..) => Jet::fixed(g, id),
            Node::Call(function, u) => self.call(g, id, function, u),
            Node::Binary(function, a, b) => match function.takes_first(g, a, b) {
                // The tangent of an only varying operand is scaled, and stays a list times a factor.
                Some(c) if self.moves(a) && self.moves(b) => self.select(g, id, c, a, b),
                _ => self.binary(g, id, function, a, b),
            },
            Node::Sum(parts) => {
                let parts = g.parts(parts).to_vec();
                self.sum(g, id, &parts)
            }
            Node::Product(parts) => {
                let parts = g.parts(parts).to_vec();
                self.product(g, id, &parts)
            }
            Node::Select(c, a, b) => self.select(g, id, c, a, b),
            Node::Gather(list, index) => self.gather(g, id, list, index),
            Node::Dot(a, b) => self.dot(g, id, a, b),
            Node::LogSumExp(c, u) => self.log_sum_exp(g, id, c, u),
            Node::Share(u, log_sum) => self.softmax_weight(g, id, u, log_sum),
            Node::Mean(_) => unreachable!("{MEANS_LAST}"),
        }
    }

    /// Σ weight · tangent; zero where the tangent of the node is not needed.
    fn tangent(&self, g: &mut Graph, id: ExprId, terms: &[(Number, Tangent)]) -> Tangent {
        if self.bent[id.index()] { Tangent::sum(g, terms) } else { Tangent::zero(g) }
    }

    fn sum(&self, g: &mut Graph, id: ExprId, parts: &[Part]) -> Jet {
        let mut laplacian = Vec::new();
        let mut tangents = Vec::new();
        for part in parts.iter().filter(|part| self.moves(part.expr)) {
            let jet = self.of(g, part.expr);
            laplacian.push(Part { weight: part.weight, expr: jet.laplacian });
            tangents.push((part.weight, jet.tangent));
        }
        let laplacian = g.sum(&laplacian);
        Jet { value: id, tangent: self.tangent(g, id, &tangents), laplacian }
    }

    /// Δf(u) = f'(u)Δu + f''(u)‖∇u‖²
    fn call(&self, g: &mut Graph, id: ExprId, function: Function, u: ExprId) -> Jet {
        let inner = self.of(g, u);
        let slope = function.slope(g, u, id);
        let curvature = function.curvature(g, u, id);
        let norm = inner.tangent.squared_norm(g, self.metric);
        let (first, second) = (g.mul(slope, inner.laplacian), g.mul(curvature, norm));
        let laplacian = g.add(first, second);
        Jet { value: id, tangent: inner.tangent.scaled(g, slope), laplacian }
    }

    /// Δf(a, b) = f_aΔa + f_bΔb + f_aa‖∇a‖² + 2f_ab∇a·∇b + f_bb‖∇b‖²
    fn binary(&self, g: &mut Graph, id: ExprId, f: BinaryFunction, a: ExprId, b: ExprId) -> Jet {
        let (left, right) = (self.of(g, a), self.of(g, b));
        let (slope_a, slope_b) = f.slopes(g, a, b);
        let [twice_a, mixed, twice_b] = f.curvatures(g, a, b);
        let norms = [
            left.tangent.squared_norm(g, self.metric),
            Tangent::inner(g, self.metric, &left.tangent, &right.tangent),
            right.tangent.squared_norm(g, self.metric),
        ];
        let terms = [
            (Number::ONE, slope_a, left.laplacian),
            (Number::ONE, slope_b, right.laplacian),
            (Number::ONE, twice_a, norms[0]),
            (Number::integer(2), mixed, norms[1]),
            (Number::ONE, twice_b, norms[2]),
        ];
        let parts = terms.map(|(weight, x, y)| Part { weight, expr: g.mul(x, y) });
        let laplacian = g.sum(&parts);
        let tangents = [
            (Number::ONE, left.tangent.scaled(g, slope_a)),
            (Number::ONE, right.tangent.scaled(g, slope_b)),
        ];
        Jet { value: id, tangent: self.tangent(g, id, &tangents), laplacian }
    }

    fn select(&self, g: &mut Graph, id: ExprId, c: ExprId, a: ExprId, b: ExprId) -> Jet {
        let (then, otherwise) = (self.of(g, a), self.of(g, b));
        let laplacian = g.select(c, then.laplacian, otherwise.laplacian);
        let tangent = if self.bent[id.index()] {
            Tangent::zip_with(g, &then.tangent, &otherwise.tangent, |g, x, y| g.select(c, x, y))
        } else {
            Tangent::zero(g)
        };
        Jet { value: id, tangent, laplacian }
    }

    /// The jet of an indexed entry: its parts are indexed likewise, since the index has no tangent.
    fn gather(&self, g: &mut Graph, id: ExprId, list: ListId, index: ExprId) -> Jet {
        let jets: Vec<Jet> = g.list(list).to_vec().iter().map(|&entry| self.of(g, entry)).collect();
        let laplacians: Vec<ExprId> = jets.iter().map(|jet| jet.laplacian).collect();
        let laplacian = g.gather(&laplacians, index);
        if !self.bent[id.index()] {
            return Jet { value: id, tangent: Tangent::zero(g), laplacian };
        }
        let written: Vec<BTreeMap<u32, ExprId>> =
            jets.iter().map(|jet| jet.tangent.written(g).collect()).collect();
        let directions: BTreeSet<u32> =
            written.iter().flat_map(|one| one.keys().copied()).collect();
        let zero = g.zero();
        let entries = directions.into_iter().map(|direction| {
            let along: Vec<ExprId> =
                written.iter().map(|one| one.get(&direction).copied().unwrap_or(zero)).collect();
            (direction, g.gather(&along, index))
        });
        let entries: Vec<(u32, ExprId)> = entries.collect();
        Jet { value: id, tangent: Tangent::from_entries(g, entries), laplacian }
    }

    /// ΔP = Σ P_i Δb_i + Σ P_ii ‖∇b_i‖² + 2 Σ_{i<j} P_ij ∇b_i·∇b_j
    fn product(&self, g: &mut Graph, id: ExprId, parts: &[Part]) -> Jet {
        let moving: Vec<usize> = (0..parts.len()).filter(|&i| self.moves(parts[i].expr)).collect();
        if moving.len() > PAIRS_MAX {
            return self.long_product(g, id, parts);
        }
        let jets: Vec<Jet> = moving.iter().map(|&i| self.of(g, parts[i].expr)).collect();
        let mut terms = Vec::new();
        let mut tangents = Vec::new();
        for (k, &i) in moving.iter().enumerate() {
            let slope = partials::partial(g, parts, &[i]);
            terms.push(Part::one(g.mul(slope, jets[k].laplacian)));
            tangents.push((Number::ONE, jets[k].tangent.scaled(g, slope)));
            for (l, &j) in moving.iter().enumerate().skip(k) {
                let second = partials::partial(g, parts, &[i, j]);
                let inner = Tangent::inner(g, self.metric, &jets[k].tangent, &jets[l].tangent);
                let weight = if k == l { Number::ONE } else { Number::integer(2) };
                terms.push(Part { weight, expr: g.mul(second, inner) });
            }
        }
        let laplacian = g.sum(&terms);
        Jet { value: id, tangent: self.tangent(g, id, &tangents), laplacian }
    }

    /// A product of many factors with tangents: products of two at a time, in a balanced tree.
    fn long_product(&self, g: &mut Graph, id: ExprId, parts: &[Part]) -> Jet {
        let mut jets: Vec<Jet> = parts.iter().map(|&part| self.power(g, part)).collect();
        while jets.len() > 1 {
            let halves = jets.chunks(2).map(|pair| match pair {
                [a, b] => Jet::product(g, self.metric, a, b),
                single => single[0].clone(),
            });
            jets = halves.collect();
        }
        let whole = jets.pop().expect("a product has factors");
        Jet { value: id, ..whole }
    }

    /// The jet of base ^ weight.
    fn power(&self, g: &mut Graph, part: Part) -> Jet {
        let base = self.of(g, part.expr);
        let value = g.product(&[part]);
        let slope = partials::partial(g, &[part], &[0]);
        let second = partials::partial(g, &[part], &[0, 0]);
        let norm = base.tangent.squared_norm(g, self.metric);
        let (linear, curved) = (g.mul(slope, base.laplacian), g.mul(second, norm));
        Jet { value, tangent: base.tangent.scaled(g, slope), laplacian: g.add(linear, curved) }
    }

    /// Δ(a·b) = Σ a_iΔb_i + b_iΔa_i + 2∇a_i·∇b_i
    fn dot(&self, g: &mut Graph, id: ExprId, a: ListId, b: ListId) -> Jet {
        let pairs: Vec<(ExprId, ExprId)> =
            g.list(a).iter().copied().zip(g.list(b).iter().copied()).collect();
        let (mut values, mut laplacians) = (Vec::new(), Vec::new());
        let mut crosses = Vec::new();
        let mut slopes: BTreeMap<u32, (Vec<ExprId>, Vec<ExprId>)> = BTreeMap::new();
        for (x, y) in pairs {
            let (left, right) = (self.of(g, x), self.of(g, y));
            for (value, jet) in [(x, &right), (y, &left)] {
                values.push(value);
                laplacians.push(jet.laplacian);
                if self.bent[id.index()] {
                    for (direction, entry) in jet.tangent.written(g) {
                        let slope = slopes.entry(direction).or_default();
                        slope.0.push(value);
                        slope.1.push(entry);
                    }
                }
            }
            crosses.push(Part {
                weight: Number::integer(2),
                expr: Tangent::inner(g, self.metric, &left.tangent, &right.tangent),
            });
        }
        crosses.push(Part::one(g.dot(&values, &laplacians)));
        let laplacian = g.sum(&crosses);
        let entries =
            slopes.into_iter().map(|(j, (values, entries))| (j, g.dot(&values, &entries)));
        let entries: Vec<(u32, ExprId)> = entries.collect();
        Jet { value: id, tangent: Tangent::from_entries(g, entries), laplacian }
    }

    /// The softmax weight e^v with v = u - L: Δe^v = e^v(Δv + ‖∇v‖²)
    fn softmax_weight(&self, g: &mut Graph, id: ExprId, u: ExprId, log_sum: ExprId) -> Jet {
        let (up, down) = (self.of(g, u), self.of(g, log_sum));
        let terms = [(Number::ONE, up.tangent), (Number::MINUS_ONE, down.tangent)];
        let away = Tangent::sum(g, &terms);
        let norm = away.squared_norm(g, self.metric);
        let lowered = g.sub(up.laplacian, down.laplacian);
        let bent = g.add(lowered, norm);
        Jet { value: id, tangent: away.scaled(g, id), laplacian: g.mul(id, bent) }
    }

    /// With q_k = e^(u_k - L), p_k = c_k q_k and G = ∇L = Σ p_k∇u_k + q_k∇c_k:
    ///
    /// ΔL = Σ p_k(Δu_k + ‖∇u_k - G‖²) + q_k(Δc_k + 2∇c_k·(∇u_k - G))
    ///
    /// The differences ∇u_k - G are accurate where a difference of squares would cancel all digits.
    fn log_sum_exp(&self, g: &mut Graph, id: ExprId, c: ListId, u: ListId) -> Jet {
        let coefficients: Vec<ExprId> = g.list(c).to_vec();
        let exponents: Vec<ExprId> = g.list(u).to_vec();
        let (mut shares, mut weights, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
        for (&c, &u) in coefficients.iter().zip(&exponents) {
            let share = relative_exponential(g, u, id);
            let weight = g.mul(c, share);
            slopes.push((Number::ONE, self.of(g, u).tangent.scaled(g, weight)));
            slopes.push((Number::ONE, self.of(g, c).tangent.scaled(g, share)));
            shares.push(share);
            weights.push(weight);
        }
        let mean = Tangent::sum(g, &slopes);
        let mut terms = Vec::new();
        for k in 0..exponents.len() {
            let (coefficient, exponent) = (self.of(g, coefficients[k]), self.of(g, exponents[k]));
            let away = Tangent::sum(
                g,
                &[(Number::ONE, exponent.tangent), (Number::MINUS_ONE, mean.clone())],
            );
            let spread = away.squared_norm(g, self.metric);
            let bent = g.add(exponent.laplacian, spread);
            terms.push(Part::one(g.mul(weights[k], bent)));
            let cross = Tangent::inner(g, self.metric, &coefficient.tangent, &away);
            let twice = g.scale(Number::integer(2), cross);
            let moved = g.add(coefficient.laplacian, twice);
            terms.push(Part::one(g.mul(shares[k], moved)));
        }
        Jet { value: id, tangent: mean, laplacian: g.sum(&terms) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Support, evaluate};

    /// 2w c_xa c_yb ∂_x∂_y of x²y³ with a pair alone, and of the same by squares of directions.
    #[test]
    fn a_pair_of_directions_is_a_difference_of_squares() {
        let mut graph = Graph::new();
        let g = &mut graph;
        let [x, y] = ["x", "y"].map(|name| g.input(name, Support::LINE));
        let (square, cube) = (g.powi(x, 2), g.powi(y, 3));
        let f = g.mul(square, cube);
        let [zero, one, two, three] = [0, 1, 2, 3].map(|k| g.integer(k));
        let seed = |variable, entries| Seed { variable, factor: one, entries, drift: zero };
        let seeds = vec![seed(x, vec![(0, two)]), seed(y, vec![(1, one)])];
        let mixed = vec![Mixed { pair: (0, 1), weight: three }];
        let operator = Operator { seeds, metric: Metric { weights: vec![zero; 2], mixed } };
        let diagonal = operator.diagonal(g);
        let values = [operator.of(g, f), diagonal.of(g, f)];
        // 12 · 6xy² at (0.5, 2)
        assert_eq!(evaluate(g, &values, |k| [0.5, 2.0][k.index()]), [144.0, 144.0]);
    }
}
