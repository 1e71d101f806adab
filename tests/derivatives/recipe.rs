//! Random expressions as recipes: a list of steps, each of which makes an expression from earlier
//! results. One recipe builds a canonical graph and a verbatim one.

use proptest::prelude::*;
use scorematch::graph::{BinaryFunction, ExprId, Function, Graph, Number, Part, Relation, Support};

/// Numbers of data and of parameters; the last parameter is positive.
pub const DATA: usize = 3;
pub const PARAMETERS: usize = 3;

/// An earlier result, by its number modulo their count.
type Pick = u8;

/// A step that makes one expression.
#[derive(Clone, Debug)]
pub enum Step {
    Constant(i8, u8),
    /// A function at an argument in its domain, of moderate size.
    Call(u8, Pick),
    /// A function at any argument; undefined values end the case.
    Raw(u8, Pick),
    Binary(u8, Pick, Pick),
    Sum(Vec<(i8, Pick)>),
    Product(Pick, Pick),
    Quotient(Pick, Pick),
    /// An integer power of any result.
    Whole(i8, Pick),
    /// A fractional power of a positive expression.
    Broken(i8, u8, Pick),
    /// A product of many factors, some of which are repeated.
    Chain(u8, Pick),
    Select(u8, [Pick; 4]),
    /// One of three results, selected by comparisons.
    Gather([Pick; 3]),
    Dot(u8, Pick, Pick),
    LogSumExp(Vec<(i8, Pick)>),
    /// log Σ c e^u, written literally.
    LogOfExponentials(Vec<(i8, Pick)>),
    /// A softmax weight, written literally as e^(u - L).
    Share(Pick, Pick, Pick),
    /// log(1 + e^u), log cosh u, e^u - 1, log(1 + u²), log(e^u - 1)
    Unstable(u8, Pick),
}

/// Steps in the order of their results.
pub type Recipe = Vec<Step>;

fn step() -> impl Strategy<Value = Step> {
    let pick = any::<Pick>;
    let terms = || prop::collection::vec((-3..4i8, pick()), 2..5);
    let positive = || prop::collection::vec((1..4i8, pick()), 2..5);
    prop_oneof![
        1 => (-5..6i8, 1..7u8).prop_map(|(n, d)| Step::Constant(n, d)),
        6 => (any::<u8>(), pick()).prop_map(|(f, u)| Step::Call(f, u)),
        2 => (any::<u8>(), pick()).prop_map(|(f, u)| Step::Raw(f, u)),
        1 => (any::<u8>(), pick(), pick()).prop_map(|(f, a, b)| Step::Binary(f, a, b)),
        4 => terms().prop_map(Step::Sum),
        4 => (pick(), pick()).prop_map(|(a, b)| Step::Product(a, b)),
        2 => (pick(), pick()).prop_map(|(a, b)| Step::Quotient(a, b)),
        2 => (-2..5i8, pick()).prop_map(|(n, a)| Step::Whole(n, a)),
        2 => (-5..6i8, 2..5u8, pick()).prop_map(|(n, d, a)| Step::Broken(n, d, a)),
        1 => (2..20u8, pick()).prop_map(|(n, a)| Step::Chain(n, a)),
        1 => (any::<u8>(), any::<[u8; 4]>()).prop_map(|(r, picks)| Step::Select(r, picks)),
        1 => any::<[u8; 3]>().prop_map(Step::Gather),
        1 => (7..10u8, pick(), pick()).prop_map(|(n, a, b)| Step::Dot(n, a, b)),
        1 => positive().prop_map(Step::LogSumExp),
        1 => positive().prop_map(Step::LogOfExponentials),
        1 => (pick(), pick(), pick()).prop_map(|(u, v, w)| Step::Share(u, v, w)),
        1 => (any::<u8>(), pick()).prop_map(|(form, u)| Step::Unstable(form, u)),
    ]
}

/// Recipes of up to fourteen steps.
pub fn recipe() -> impl Strategy<Value = Recipe> {
    prop::collection::vec(step(), 2..14)
}

/// The expressions that a recipe builds in a graph.
pub struct Dish {
    pub data: [ExprId; DATA],
    pub parameters: [ExprId; PARAMETERS],
    pub root: ExprId,
}

/// Builds a recipe; the result is the sum of its last steps.
pub fn cook(g: &mut Graph, recipe: &[Step]) -> Dish {
    let data = ["x1", "x2", "x3"].map(|name| g.input(name, Support::LINE));
    let half_line = Support { low: 0.0, high: f64::INFINITY };
    let parameters = [("a", Support::LINE), ("b", Support::LINE), ("s", half_line)]
        .map(|(name, support)| g.input(name, support));
    let mut kitchen = Kitchen { g, results: data.into_iter().chain(parameters).collect() };
    for step in recipe {
        let result = kitchen.take(step);
        kitchen.results.push(result);
    }
    let first = kitchen.results.len() - recipe.len().min(3);
    let last = kitchen.results[first..].to_vec();
    Dish { data, parameters, root: g.total(&last) }
}

struct Kitchen<'a> {
    g: &'a mut Graph,
    results: Vec<ExprId>,
}

impl Kitchen<'_> {
    /// An earlier result, counted from the latest, so that expressions
    /// become deep rather than wide.
    fn of(&self, pick: Pick) -> ExprId {
        let count = self.results.len();
        self.results[count - 1 - usize::from(pick) % count]
    }

    fn take(&mut self, step: &Step) -> ExprId {
        match *step {
            Step::Constant(n, d) => self.g.ratio(n.into(), d.into()),
            Step::Call(f, u) => {
                let function = function(f);
                let argument = self.inside(function, u);
                self.g.call(function, argument)
            }
            Step::Raw(f, u) => {
                let u = self.of(u);
                self.g.call(function(f), u)
            }
            Step::Binary(f, a, b) => {
                let (a, b) = (self.of(a), self.of(b));
                let all = BinaryFunction::ALL;
                self.g.binary(all[usize::from(f) % all.len()], a, b)
            }
            Step::Sum(ref terms) => {
                let parts = self.weighted(terms);
                self.g.sum(&parts)
            }
            Step::Product(a, b) => {
                let (a, b) = (self.of(a), self.of(b));
                self.g.mul(a, b)
            }
            Step::Quotient(a, b) => {
                let (a, b) = (self.of(a), self.positive(b));
                self.g.div(a, b)
            }
            Step::Whole(n, a) => {
                let base = self.of(a);
                self.g.powi(base, n.into())
            }
            Step::Broken(n, d, a) => {
                let base = self.positive(a);
                let exponent = self.g.ratio(n.into(), d.into());
                self.g.pow(base, exponent)
            }
            Step::Chain(n, a) => self.chain(n, a),
            Step::Select(r, picks) => self.select(r, picks),
            Step::Gather(picks) => self.gather(picks),
            Step::Dot(n, a, b) => {
                let row = |start: Pick| (0..n).map(move |k| start.wrapping_add(k));
                let left: Vec<ExprId> = row(a).map(|pick| self.of(pick)).collect();
                let right: Vec<ExprId> = row(b).map(|pick| self.of(pick)).collect();
                self.g.dot(&left, &right)
            }
            Step::LogSumExp(ref terms) => {
                let (coefficients, exponents) = self.mixture(terms);
                self.g.log_sum_exp(&coefficients, &exponents)
            }
            Step::LogOfExponentials(ref terms) => self.log_of_exponentials(terms),
            Step::Share(u, v, w) => {
                let [u, v, w] = [u, v, w].map(|pick| self.of(pick));
                let ones = [self.g.one(); 3];
                let total = self.g.log_sum_exp(&ones, &[u, v, w]);
                let difference = self.g.sub(u, total);
                self.g.call(Function::Exp, difference)
            }
            Step::Unstable(form, u) => self.unstable(form, u),
        }
    }

    fn weighted(&self, terms: &[(i8, Pick)]) -> Vec<Part> {
        let part = |&(weight, pick): &(i8, Pick)| Part {
            weight: Number::ratio(weight.into(), 2),
            expr: self.of(pick),
        };
        terms.iter().filter(|term| term.0 != 0).map(part).collect()
    }

    /// u/√(1 + u²/4), which is between -2 and 2.
    fn tame(&mut self, u: Pick) -> ExprId {
        let u = self.of(u);
        let square = self.g.powi(u, 2);
        let one = self.g.one();
        let quarter = Part { weight: Number::ratio(1, 4), expr: square };
        let inner = self.g.sum(&[Part::one(one), quarter]);
        let root = self.g.sqrt(inner);
        self.g.div(u, root)
    }

    /// ½ + u²
    fn positive(&mut self, u: Pick) -> ExprId {
        let u = self.of(u);
        let square = self.g.powi(u, 2);
        let half = self.g.ratio(1, 2);
        self.g.add(half, square)
    }

    /// An argument in the function's domain, at which its value is moderate.
    fn inside(&mut self, function: Function, u: Pick) -> ExprId {
        match function {
            Function::Exp | Function::Expm1 | Function::Sinh | Function::Cosh => self.tame(u),
            Function::Tan | Function::Asin | Function::Acos => {
                let tame = self.tame(u);
                self.g.scale(Number::ratio(1, 3), tame)
            }
            Function::Log | Function::Lgamma | Function::Polygamma(_) => self.positive(u),
            Function::Log1p => {
                let u = self.of(u);
                self.g.powi(u, 2)
            }
            Function::Abs
            | Function::Sign
            | Function::Floor
            | Function::Sin
            | Function::Cos
            | Function::Atan
            | Function::Tanh
            | Function::Sigmoid
            | Function::Softplus
            | Function::LogCosh
            | Function::Erf
            | Function::Erfc
            | Function::LogNormalCdf
            | Function::LogBessel(_)
            | Function::BesselRatio(_)
            | Function::InverseMills
            | Function::MillsExcess
            | Function::Random(_) => self.of(u),
        }
    }

    fn chain(&mut self, n: u8, a: Pick) -> ExprId {
        let mut factors = Vec::new();
        for k in 0..n {
            let tame = self.tame(a.wrapping_add(k));
            let two = self.g.integer(2);
            let quarter = Part { weight: Number::ratio(1, 4), expr: tame };
            let factor = self.g.sum(&[Part { weight: Number::ratio(1, 2), expr: two }, quarter]);
            let weight = Number::integer([1, 1, 2, -1][usize::from(k) % 4]);
            factors.push(Part { weight, expr: factor });
        }
        self.g.product(&factors)
    }

    fn select(&mut self, r: u8, picks: [Pick; 4]) -> ExprId {
        let [a, b, then, otherwise] = picks.map(|pick| self.of(pick));
        let relations = [Relation::Less, Relation::LessEqual, Relation::Equal];
        let condition = self.g.compare(relations[usize::from(r) % 3], a, b);
        self.g.select(condition, then, otherwise)
    }

    fn gather(&mut self, picks: [Pick; 3]) -> ExprId {
        let entries = picks.map(|pick| self.of(pick));
        let one = self.g.one();
        let steps =
            [(0, 1), (1, 2)].map(|(i, j)| self.g.compare(Relation::Less, entries[i], entries[j]));
        let index = self.g.total(&[one, steps[0], steps[1]]);
        self.g.gather(&entries, index)
    }

    /// Coefficients c, c·s or c·(½ + u²), and exponents.
    fn mixture(&mut self, terms: &[(i8, Pick)]) -> (Vec<ExprId>, Vec<ExprId>) {
        let mut pairs = Vec::new();
        for &(weight, pick) in terms {
            let scaled = match pick % 3 {
                0 => self.g.one(),
                1 => self.results[DATA + PARAMETERS - 1],
                _ => self.positive(pick.wrapping_add(1)),
            };
            let coefficient = self.g.scale(Number::ratio(weight.into(), 3), scaled);
            pairs.push((coefficient, self.of(pick)));
        }
        pairs.into_iter().unzip()
    }

    fn log_of_exponentials(&mut self, terms: &[(i8, Pick)]) -> ExprId {
        let (coefficients, exponents) = self.mixture(terms);
        let mut total = Vec::new();
        for (c, u) in coefficients.into_iter().zip(exponents) {
            let exponential = self.g.call(Function::Exp, u);
            total.push(self.g.mul(c, exponential));
        }
        let sum = self.g.total(&total);
        self.g.call(Function::Log, sum)
    }

    fn unstable(&mut self, form: u8, u: Pick) -> ExprId {
        let u = self.of(u);
        let one = self.g.one();
        let g = &mut *self.g;
        match form % 5 {
            0 => {
                let exponential = g.call(Function::Exp, u);
                let sum = g.add(one, exponential);
                g.call(Function::Log, sum)
            }
            1 => {
                let cosh = g.call(Function::Cosh, u);
                g.call(Function::Log, cosh)
            }
            2 => {
                let exponential = g.call(Function::Exp, u);
                g.sub(exponential, one)
            }
            3 => {
                let square = g.powi(u, 2);
                let sum = g.add(square, one);
                g.call(Function::Log, sum)
            }
            _ => {
                let exponential = g.call(Function::Exp, u);
                let difference = g.sub(exponential, one);
                g.call(Function::Log, difference)
            }
        }
    }
}

fn function(index: u8) -> Function {
    let all = Function::ALL;
    match all[usize::from(index) % all.len()] {
        Function::Polygamma(_) => Function::Polygamma(index % 3),
        Function::LogBessel(_) => Function::LogBessel(index % 5),
        Function::BesselRatio(_) => Function::BesselRatio(index % 5),
        function => function,
    }
}
