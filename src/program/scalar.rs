//! One operation on numbers: constants while compiling, parameter-only values once a call.

use super::kernel;
use super::operation::Operation;
use crate::graph::Relation;

/// The value of an operation whose operands are numbers.
pub(super) fn evaluate<V: Copy>(operation: &Operation<V>, of: impl Fn(V) -> f64) -> f64 {
    let total =
        |pairs: &[(V, V)], start| pairs.iter().fold(start, |sum: f64, &(a, b)| sum + of(a) * of(b));
    match operation {
        Operation::Sum { start, scaled, products } => total(products, total(scaled, of(*start))),
        Operation::Multiply(a, b) => of(*a) * of(*b),
        Operation::Reciprocal(a) => of(*a).recip(),
        Operation::Root(a) => of(*a).sqrt(),
        Operation::Power(a, exponent) => of(*a).powf(exponent.value()),
        Operation::Call(function, a) => call(*function, of(*a)),
        Operation::Binary(function, a, b) => function.eval(of(*a), of(*b)),
        Operation::Compare(relation, a, b) => truth(*relation, of(*a), of(*b)),
        Operation::Select(c, a, b) => of(if of(*c) == 1.0 { *a } else { *b }),
        Operation::Greatest(all) => {
            all.iter().fold(f64::NEG_INFINITY, |m, &v| kernel::greater(m, of(v)))
        }
        Operation::LogTotal(m, s) => kernel::log_total(of(*m), of(*s)),
    }
}

fn call(function: crate::graph::Function, argument: f64) -> f64 {
    let mut out = [0.0];
    super::function::call(function, &mut out, &[argument]);
    out[0]
}

fn truth(relation: Relation, a: f64, b: f64) -> f64 {
    let holds = match relation {
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
        Relation::Equal => a == b,
    };
    f64::from(u8::from(holds))
}
