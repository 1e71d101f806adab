//! Whether an expression is defined at a point, independent of the range of doubles.
//!
//! An exponential that under- or overflows in doubles is still defined: log(exp(-1e12) + exp(-1e13))
//! is finite. So values have unbounded exponents here, and undefined are only logarithms of numbers
//! that are not positive, roots of negative numbers, divisions by zero and similar cases.

use super::{BinaryFunction, ExprId, Function, Graph, InputId, Node, Number, Part, Relation};
use crate::numerics::extended::Extended;
use crate::numerics::special;

/// Evaluates one root at many points.
#[derive(Debug)]
pub struct Domain<'a> {
    graph: &'a Graph,
    root: ExprId,
    live: Vec<ExprId>,
    values: Vec<Extended>,
}

impl<'a> Domain<'a> {
    /// The domain of a root.
    #[must_use]
    pub fn of(graph: &'a Graph, root: ExprId) -> Self {
        let values = vec![Extended::NAN; graph.len()];
        Self { graph, root, live: graph.live(&[root]), values }
    }

    /// Constant nodes below the roots that are undefined, as √-1, operands first. A branch that a
    /// constant condition never takes is not searched.
    #[must_use]
    pub fn undefined_constants(graph: &Graph, roots: &[ExprId]) -> Vec<ExprId> {
        let live = graph.live(roots);
        let mut values = vec![Extended::NAN; graph.len()];
        let mut constant = vec![false; graph.len()];
        for &id in &live {
            let mut free = !matches!(graph.node(id), Node::Input(_));
            graph.each_operand(id, |operand| free &= constant[operand.index()]);
            constant[id.index()] = free;
            values[id.index()] = value(graph, graph.node(id), &values, &|_| f64::NAN);
        }
        let mut decides = vec![false; graph.len()];
        roots.iter().for_each(|root| decides[root.index()] = true);
        for &id in live.iter().rev() {
            if !decides[id.index()] {
                continue;
            }
            let left_out = left_out(graph.node(id), &constant, &values);
            graph.each_operand(id, |operand| {
                decides[operand.index()] |= Some(operand) != left_out;
            });
        }
        let undefined = |id: &ExprId| {
            let k = id.index();
            decides[k] && constant[k] && values[k].is_nan()
        };
        live.into_iter().filter(undefined).collect()
    }

    /// The value at a point: finite, however large or small, exactly where the root is defined.
    ///
    /// # Examples
    /// ```
    /// use scorematch::graph::{Domain, Function, Graph, Support};
    /// let mut g = Graph::verbatim();
    /// let x = g.input("x", Support::LINE);
    /// let bell = g.call(Function::Exp, x);
    /// let log = g.call(Function::Log, bell);
    /// let value = Domain::of(&g, log).at(|_| -1e6).to_f64();
    /// assert!((value + 1e6).abs() < 1e-6);
    /// assert!(!Domain::of(&g, log).at(|_| f64::NAN).is_finite());
    /// ```
    pub fn at(&mut self, inputs: impl Fn(InputId) -> f64) -> Extended {
        for &id in &self.live {
            self.values[id.index()] = value(self.graph, self.graph.node(id), &self.values, &inputs);
        }
        self.values[self.root.index()]
    }
}

/// The branch that a constant condition never takes.
fn left_out(node: Node, constant: &[bool], values: &[Extended]) -> Option<ExprId> {
    let Node::Select(c, then, otherwise) = node else { return None };
    let (taken, other) =
        if values[c.index()].is_zero() { (otherwise, then) } else { (then, otherwise) };
    (constant[c.index()] && taken != other && c != other).then_some(other)
}

fn value(
    graph: &Graph,
    node: Node,
    values: &[Extended],
    inputs: &impl Fn(InputId) -> f64,
) -> Extended {
    let of = |id: ExprId| values[id.index()];
    match node {
        Node::One => Extended::ONE,
        Node::Pi => Extended::from(std::f64::consts::PI),
        Node::Input(input) => Extended::from(inputs(input)),
        Node::Call(function, u) => call(function, of(u)),
        Node::Binary(function, a, b) => binary(function, of(a), of(b)),
        Node::Sum(parts) => {
            let weighted = |part: &Part| number(part.weight) * of(part.expr);
            total(graph.parts(parts).iter().map(weighted))
        }
        Node::Product(parts) => graph
            .parts(parts)
            .iter()
            .fold(Extended::ONE, |product, part| product * power(*part, of(part.expr))),
        Node::Compare(relation, a, b) => truth(relation, of(a), of(b)),
        Node::Select(c, then, otherwise) => of(if of(c).is_zero() { otherwise } else { then }),
        Node::Gather(list, index) => {
            place(of(index).to_f64(), graph.list(list)).map_or(Extended::from(f64::NAN), of)
        }
        Node::Dot(a, b) => {
            let pairs = graph.list(a).iter().zip(graph.list(b));
            total(pairs.map(|(&a, &b)| of(a) * of(b)))
        }
        Node::LogSumExp(c, u) => {
            let pairs = graph.list(c).iter().zip(graph.list(u));
            total(pairs.map(|(&c, &u)| of(c) * of(u).exp())).ln()
        }
        Node::Share(u, log_sum) => (of(u) - of(log_sum)).exp(),
        // The mean over one row.
        Node::Mean(u) => of(u),
    }
}

/// The entry of a list at an index from one.
pub(super) fn place(index: f64, list: &[ExprId]) -> Option<ExprId> {
    let whole = index >= 1.0 && index <= list.len() as f64 && index.fract() == 0.0;
    whole.then(|| list[index as usize - 1])
}

fn number(number: Number) -> Extended {
    match number.as_ratio() {
        Some((num, 1)) => Extended::from(num as f64),
        Some((num, den)) => Extended::from(num as f64 / den as f64),
        None => Extended::from(number.to_f64()),
    }
}

fn total(terms: impl Iterator<Item = Extended>) -> Extended {
    terms.fold(Extended::ZERO, |sum, term| sum + term)
}

fn power(part: Part, base: Extended) -> Extended {
    match part.weight.as_ratio() {
        Some((1, 1)) => base,
        Some((2, 1)) => base * base,
        Some((-1, 1)) => base.recip(),
        Some((1, 2)) => base.sqrt(),
        Some((-1, 2)) => base.sqrt().recip(),
        Some(_) | None => base.pow(part.weight.to_f64()),
    }
}

fn truth(relation: Relation, a: Extended, b: Extended) -> Extended {
    let holds = match relation {
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
        Relation::Equal => a == b,
    };
    if holds { Extended::ONE } else { Extended::ZERO }
}

fn binary(function: BinaryFunction, a: Extended, b: Extended) -> Extended {
    match function {
        BinaryFunction::Atan2 => a.by(|a| b.by(|b| a.atan2(b)).to_f64()),
        BinaryFunction::Pow(logarithms) => {
            let power = a.pow(b.to_f64());
            let logarithm = |power: Extended, _| power * a.abs().ln();
            if power.is_zero() { power } else { (0..logarithms).fold(power, logarithm) }
        }
        BinaryFunction::Min | BinaryFunction::Max if a.is_nan() || b.is_nan() => Extended::NAN,
        BinaryFunction::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        BinaryFunction::Max => {
            if a < b {
                b
            } else {
                a
            }
        }
    }
}

fn call(function: Function, u: Extended) -> Extended {
    match function {
        Function::Exp => u.exp(),
        Function::Log => u.ln(),
        Function::Log1p => u.ln_1p(),
        Function::Expm1 => u.exp_m1(),
        Function::Abs => u.abs(),
        Function::Sin
        | Function::Tan
        | Function::Asin
        | Function::Atan
        | Function::Tanh
        | Function::Erf => u.odd(|u| function.eval(u)),
        Function::Sinh => u.sinh(),
        Function::Cosh => u.cosh(),
        Function::Sigmoid => u.sigmoid(),
        Function::Softplus => u.softplus(),
        Function::LogCosh => u.log_cosh(),
        Function::Erfc => u.erfc(),
        Function::InverseMills => u.inverse_mills(),
        Function::LogNormalCdf => u.entire(special::log_normal_cdf),
        Function::Sign
        | Function::Floor
        | Function::Cos
        | Function::Acos
        | Function::MillsExcess
        | Function::Lgamma
        | Function::Polygamma(_)
        | Function::LogBessel(_)
        | Function::BesselRatio(_)
        | Function::Random(_) => u.by(|u| function.eval(u)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Support;

    /// A text-like tree over one input.
    fn defined(x: f64, build: impl Fn(&mut Graph, ExprId) -> ExprId) -> bool {
        let mut graph = Graph::verbatim();
        let input = graph.input("x", Support::LINE);
        let root = build(&mut graph, input);
        Domain::of(&graph, root).at(|_| x).is_finite()
    }

    #[test]
    fn poles_and_negative_arguments_are_outside() {
        let log = |g: &mut Graph, x| g.call(Function::Log, x);
        assert!(defined(1e-320, log) && !defined(0.0, log) && !defined(-1.0, log));
        let inverse = |g: &mut Graph, x| g.powi(x, -1);
        assert!(defined(5e-324, inverse) && !defined(0.0, inverse));
        let root = |g: &mut Graph, x| g.sqrt(x);
        assert!(defined(0.0, root) && !defined(-1e-300, root));
        // x² - 9 is exactly 0 at 3, which no logarithm of sizes must blur.
        let edge = |g: &mut Graph, x| {
            let (square, nine) = (g.powi(x, 2), g.integer(9));
            let difference = g.sub(square, nine);
            g.call(Function::Log, difference)
        };
        assert!(defined(3.1, edge) && !defined(3.0, edge) && !defined(2.0, edge));
        let gamma = |g: &mut Graph, x| g.call(Function::Lgamma, x);
        assert!(defined(0.5, gamma) && !defined(0.0, gamma));
    }

    #[test]
    fn sizes_are_not() {
        // 1/(1 + e^-x), then its logarithm.
        let sigmoid = |g: &mut Graph, x| {
            let (one, minus) = (g.one(), g.neg(x));
            let exponential = g.call(Function::Exp, minus);
            let sum = g.add(one, exponential);
            let value = g.div(one, sum);
            g.call(Function::Log, value)
        };
        let tail = |g: &mut Graph, x| {
            let value = g.call(Function::Erfc, x);
            g.call(Function::Log, value)
        };
        // log(e^x - e^(2x)) is defined for negative x alone.
        let difference = |g: &mut Graph, x| {
            let twice = g.scale(Number::integer(2), x);
            let (first, second) = (g.call(Function::Exp, x), g.call(Function::Exp, twice));
            let value = g.sub(first, second);
            g.call(Function::Log, value)
        };
        assert!([-1e12, -800.0, 800.0].iter().all(|&x| defined(x, sigmoid)));
        assert!([30.0, 1e6].iter().all(|&x| defined(x, tail)));
        assert!([-1e6, -1000.0].iter().all(|&x| defined(x, difference)));
        assert!([1000.0, 1e6, 0.0].iter().all(|&x| !defined(x, difference)));
    }

    #[test]
    fn every_function_is_that_of_the_reference() {
        for function in Function::ALL {
            for u in [-2.5, -0.7, 0.3, 0.9, 4.2, 30.0] {
                let (found, expected) = (call(function, Extended::from(u)), function.eval(u));
                let close = (found.to_f64() - expected).abs() <= 1e-13 * expected.abs();
                assert!(close || expected.is_nan() && found.is_nan(), "{function:?} {u} {found:?}");
            }
        }
    }
}
