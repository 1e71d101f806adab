//! Random expressions without regard to domains: fractional powers and logarithms of any
//! expression, functions at the edges of their domains, cancellations, ties.
#![allow(dead_code, reason = "two test binaries include this module and use a part of it")]

use proptest::prelude::*;
use scorematch::graph::{
    BinaryFunction, DOT_MIN, ExprId, Function, Graph, Number, Part, Relation, Support,
};

/// A step that makes an expression from earlier results, by their number modulo their count.
#[derive(Clone, Debug)]
pub enum Step {
    Constant(u8),
    Sum(Vec<(u8, u8)>),
    Product(Vec<(u8, u8)>),
    Call(u8, u8),
    Binary(u8, u8, u8),
    /// A power whose exponent is an expression.
    Power(u8, u8),
    /// log Π and exp Σ log, which the constructors expand and combine.
    LogOfProduct(Vec<(u8, u8)>),
    ExpOfLogs(Vec<(u8, u8)>),
    Select(u8, [u8; 4]),
    /// A select between an expression and zero, in a product.
    Mask(u8, [u8; 4]),
    Dot(u8, u8, u8),
    LogSumExp(Vec<(u8, u8)>),
    /// log(1 + e^u), log Σ c e^u, log cosh u and e^u - 1, written literally.
    Unstable(u8, Vec<(u8, u8)>),
}

pub fn recipe() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..9)
}

/// Recipes without selects, which take factors into their branches immediately.
pub fn smooth_recipe() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(smooth_step(), 1..9)
}

fn step() -> impl Strategy<Value = Step> {
    let pick = any::<u8>;
    prop_oneof![
        9 => smooth_step(),
        1 => (pick(), any::<[u8; 4]>()).prop_map(|(r, picks)| Step::Select(r, picks)),
        1 => (pick(), any::<[u8; 4]>()).prop_map(|(r, picks)| Step::Mask(r, picks)),
    ]
}

fn smooth_step() -> impl Strategy<Value = Step> {
    let pick = any::<u8>;
    let pairs = || prop::collection::vec((pick(), pick()), 1..4);
    prop_oneof![
        1 => pick().prop_map(Step::Constant),
        5 => pairs().prop_map(Step::Sum),
        6 => pairs().prop_map(Step::Product),
        5 => (pick(), pick()).prop_map(|(f, u)| Step::Call(f, u)),
        1 => (pick(), pick(), pick()).prop_map(|(f, a, b)| Step::Binary(f, a, b)),
        1 => (pick(), pick()).prop_map(|(a, b)| Step::Power(a, b)),
        2 => pairs().prop_map(Step::LogOfProduct),
        2 => pairs().prop_map(Step::ExpOfLogs),
        1 => (pick(), pick(), pick()).prop_map(|(n, a, b)| Step::Dot(n, a, b)),
        1 => pairs().prop_map(Step::LogSumExp),
        2 => (pick(), pairs()).prop_map(|(form, pairs)| Step::Unstable(form, pairs)),
    ]
}

/// The inputs: two on the line, one positive, one negative.
pub const INPUTS: [(&str, Support); 4] = [
    ("x", Support::LINE),
    ("y", Support::LINE),
    ("p", Support { low: 0.0, high: f64::INFINITY }),
    ("n", Support { low: f64::NEG_INFINITY, high: 0.0 }),
];

/// Values of the inputs, on a grid where ties and zeros are common.
pub fn point() -> impl Strategy<Value = [f64; 4]> {
    let line = || (-4..7i8).prop_map(|k| f64::from(k) / 2.0);
    let half = || prop::sample::select(vec![0.25, 0.5, 1.0, 2.0, 3.0]);
    (line(), line(), half(), half()).prop_map(|(x, y, p, n)| [x, y, p, -n])
}

/// The order in which the parts of a sum or product are given, and how they are combined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Writing {
    /// Left to right, all at once.
    AsGiven,
    /// Right to left, all at once.
    Turned,
    /// Right to left, one after the other.
    OneByOne,
}

/// The exponents of products.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exponents {
    Whole,
    Any,
}

/// Builds the expression of a recipe, which is the result of its last step.
pub fn build(g: &mut Graph, recipe: &[Step], exponents: Exponents, writing: Writing) -> ExprId {
    let results = INPUTS.map(|(name, support)| g.input(name, support)).to_vec();
    let exponents = match exponents {
        Exponents::Whole => &WHOLE_EXPONENTS[..],
        Exponents::Any => &EXPONENTS[..],
    };
    let mut builder = Builder { g, results, exponents, writing };
    for step in recipe {
        let result = builder.take(step);
        builder.results.push(result);
    }
    builder.results.pop().expect("the inputs are there")
}

struct Builder<'a> {
    g: &'a mut Graph,
    results: Vec<ExprId>,
    exponents: &'static [(i64, i64)],
    writing: Writing,
}

const EXPONENTS: [(i64, i64); 12] = [
    (1, 1),
    (2, 1),
    (-1, 1),
    (1, 2),
    (-2, 1),
    (3, 1),
    (1, 3),
    (-1, 2),
    (3, 2),
    (2, 3),
    (4, 1),
    (-3, 1),
];

const WHOLE_EXPONENTS: [(i64, i64); 6] = [(1, 1), (2, 1), (-1, 1), (3, 1), (-2, 1), (4, 1)];

const WEIGHTS: [(i64, i64); 8] =
    [(1, 1), (-1, 1), (2, 1), (1, 2), (-3, 2), (-2, 1), (5, 3), (0, 1)];

fn one_of(table: &[(i64, i64)], index: u8) -> Number {
    let (num, den) = table[usize::from(index) % table.len()];
    Number::ratio(num, den)
}

impl Builder<'_> {
    /// An earlier result, counted from the latest, so that recipes become deep.
    fn of(&self, pick: u8) -> ExprId {
        let count = self.results.len();
        self.results[count - 1 - usize::from(pick) % count]
    }

    fn take(&mut self, step: &Step) -> ExprId {
        match *step {
            Step::Constant(n) => self.constant(n),
            Step::Sum(ref terms) => self.sum(terms),
            Step::Product(ref factors) => self.product(factors),
            Step::Call(f, u) => {
                let u = self.of(u);
                self.g.call(function(f), u)
            }
            Step::Binary(f, a, b) => {
                let (a, b) = (self.of(a), self.of(b));
                let function = BinaryFunction::ALL[usize::from(f) % BinaryFunction::ALL.len()];
                self.g.binary(function, a, b)
            }
            Step::Power(a, b) => {
                let (a, b) = (self.of(a), self.of(b));
                self.g.pow(a, b)
            }
            Step::LogOfProduct(ref factors) => {
                let product = self.product(factors);
                self.g.call(Function::Log, product)
            }
            Step::ExpOfLogs(ref terms) => self.exp_of_logs(terms),
            Step::Select(relation, picks) => self.select(relation, picks),
            Step::Mask(relation, picks) => self.mask(relation, picks),
            Step::Dot(n, a, b) => {
                let length = DOT_MIN as u8 - 1 + n % 3;
                let row = |start: u8| (0..length).map(move |k| start.wrapping_add(k));
                let left: Vec<ExprId> = row(a).map(|pick| self.of(pick)).collect();
                let right: Vec<ExprId> = row(b).map(|pick| self.of(pick)).collect();
                self.g.dot(&left, &right)
            }
            Step::LogSumExp(ref pairs) => {
                let (coefficients, exponents) = self.mixture(pairs);
                self.g.log_sum_exp(&coefficients, &exponents)
            }
            Step::Unstable(form, ref pairs) => self.unstable(form, pairs),
        }
    }

    fn constant(&mut self, n: u8) -> ExprId {
        match n % 5 {
            0 => self.g.pi(),
            1 => self.g.number(Number::float(f64::from(n) / 64.0 - 1.0)),
            _ => self.g.ratio(i64::from(n) / 32 - 3, i64::from(n % 3) + 1),
        }
    }

    fn sum(&mut self, terms: &[(u8, u8)]) -> ExprId {
        let parts = self.parts(terms, &WEIGHTS);
        self.put_together(parts, Graph::sum)
    }

    fn product(&mut self, factors: &[(u8, u8)]) -> ExprId {
        let parts = self.parts(factors, self.exponents);
        self.put_together(parts, Graph::product)
    }

    fn parts(&self, pairs: &[(u8, u8)], weights: &[(i64, i64)]) -> Vec<Part> {
        let part = |&(w, pick): &(u8, u8)| Part { weight: one_of(weights, w), expr: self.of(pick) };
        pairs.iter().map(part).collect()
    }

    fn put_together(
        &mut self,
        mut parts: Vec<Part>,
        make: fn(&mut Graph, &[Part]) -> ExprId,
    ) -> ExprId {
        match self.writing {
            Writing::AsGiven => make(self.g, &parts),
            Writing::Turned => {
                parts.reverse();
                make(self.g, &parts)
            }
            Writing::OneByOne => {
                let last = parts.pop().into_iter().collect::<Vec<_>>();
                let start = make(self.g, &last);
                parts.iter().rev().fold(start, |all, &part| make(self.g, &[part, Part::one(all)]))
            }
        }
    }

    fn exp_of_logs(&mut self, terms: &[(u8, u8)]) -> ExprId {
        let logs = terms.iter().map(|&(w, pick)| {
            let u = self.of(pick);
            Part { weight: one_of(self.exponents, w), expr: self.g.call(Function::Log, u) }
        });
        let logs = logs.collect();
        let exponent = self.put_together(logs, Graph::sum);
        self.g.call(Function::Exp, exponent)
    }

    fn condition(&mut self, relation: u8, a: u8, b: u8) -> ExprId {
        let relations = [Relation::Less, Relation::LessEqual, Relation::Equal];
        let (a, b) = (self.of(a), self.of(b));
        self.g.compare(relations[usize::from(relation) % 3], a, b)
    }

    fn select(&mut self, relation: u8, [a, b, then, otherwise]: [u8; 4]) -> ExprId {
        let condition = self.condition(relation, a, b);
        let (then, otherwise) = (self.of(then), self.of(otherwise));
        self.g.select(condition, then, otherwise)
    }

    fn mask(&mut self, relation: u8, [a, b, value, factor]: [u8; 4]) -> ExprId {
        let (condition, zero) = (self.condition(relation, a, b), self.g.zero());
        let (value, factor) = (self.of(value), self.of(factor));
        let masked = if relation.is_multiple_of(2) {
            self.g.select(condition, value, zero)
        } else {
            self.g.select(condition, zero, value)
        };
        self.put_together(vec![Part::one(masked), Part::one(factor)], Graph::product)
    }

    fn mixture(&mut self, pairs: &[(u8, u8)]) -> (Vec<ExprId>, Vec<ExprId>) {
        let pair = |&(c, u): &(u8, u8)| {
            let coefficient = match c % 3 {
                0 => self.g.one(),
                1 => self.of(c / 3),
                _ => self.g.number(one_of(&WEIGHTS, c / 3)),
            };
            (coefficient, self.of(u))
        };
        let mut pairs: Vec<_> = pairs.iter().map(pair).collect();
        if self.writing != Writing::AsGiven {
            pairs.reverse();
        }
        pairs.into_iter().unzip()
    }

    fn unstable(&mut self, form: u8, pairs: &[(u8, u8)]) -> ExprId {
        let u = self.of(pairs[0].1);
        match form % 4 {
            0 => {
                let cosh = self.g.call(Function::Cosh, u);
                self.g.call(Function::Log, cosh)
            }
            1 => {
                let (exponential, one) = (self.g.call(Function::Exp, u), self.g.one());
                let weight = one_of(&WEIGHTS, form / 4);
                let difference =
                    [Part { weight, expr: exponential }, Part { weight: -weight, expr: one }];
                self.put_together(difference.to_vec(), Graph::sum)
            }
            2 => {
                let one = self.g.one();
                let sum = self.put_together(vec![Part::one(u), Part::one(one)], Graph::sum);
                self.g.call(Function::Log, sum)
            }
            _ => self.log_of_exponentials(pairs),
        }
    }

    fn log_of_exponentials(&mut self, pairs: &[(u8, u8)]) -> ExprId {
        let (coefficients, exponents) = self.mixture(pairs);
        let mut terms = vec![Part::one(self.g.one())];
        for (c, u) in coefficients.into_iter().zip(exponents) {
            let exponential = self.g.call(Function::Exp, u);
            terms.push(Part::one(self.g.mul(c, exponential)));
        }
        let sum = self.put_together(terms, Graph::sum);
        self.g.call(Function::Log, sum)
    }
}

fn function(index: u8) -> Function {
    let all = Function::ALL;
    match all[usize::from(index) % all.len()] {
        Function::Polygamma(_) => Function::Polygamma(index / 64),
        Function::LogBessel(_) => Function::LogBessel(index / 64),
        Function::BesselRatio(_) => Function::BesselRatio(index / 64),
        function => function,
    }
}
