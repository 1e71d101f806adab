//! Operations on single numbers: constants while compiling, scalars once a call.

use pulp::{Simd, WithSimd};

use super::function;
use super::kernel::{self, Operand};
use super::operation::Operation;
use crate::graph::{Function, Relation};

/// Appends the values of scalar steps, computed with the functions of an instruction set: a value has
/// the same bits whether it is computed once or on every row.
pub(super) struct Compute<'a> {
    pub(super) steps: &'a [Operation<u32>],
    pub(super) numbers: &'a mut Vec<f64>,
}

impl WithSimd for Compute<'_> {
    type Output = ();

    fn with_simd<S: Simd>(self, simd: S) {
        let call = |function: Function, argument: f64| {
            let mut out = [0.0];
            function::call(simd, function, &mut out, &[argument]);
            out[0]
        };
        for step in self.steps {
            let of = |place: u32| self.numbers[place as usize];
            let value = match step {
                Operation::Call(function, a) => call(*function, of(*a)),
                Operation::LogTotal(m, s) => log_total(simd, of(*m), of(*s)),
                Operation::Binary(function, a, b) => {
                    let mut out = [0.0];
                    let (a, b) = (Operand::Scalar(of(*a)), Operand::Scalar(of(*b)));
                    function::binary(simd, *function, &mut out, a, b);
                    out[0]
                }
                other => evaluate(other, of),
            };
            self.numbers.push(value);
        }
    }
}

#[inline(always)]
fn log_total<S: Simd>(simd: S, m: f64, s: f64) -> f64 {
    let mut out = [0.0];
    function::log_total(simd, &mut out, Operand::Scalar(m), Operand::Scalar(s));
    out[0]
}

/// The value of an operation on constants, by the functions of the reference evaluator.
pub(super) fn evaluate<V: Copy>(operation: &Operation<V>, of: impl Fn(V) -> f64) -> f64 {
    let total =
        |pairs: &[(V, V)], start| pairs.iter().fold(start, |sum: f64, &(a, b)| sum + of(a) * of(b));
    match operation {
        Operation::Sum { start, scaled, products } => total(products, total(scaled, of(*start))),
        Operation::Multiply(a, b) => of(*a) * of(*b),
        Operation::Reciprocal(a) => of(*a).recip(),
        Operation::Root(a) => of(*a).sqrt(),
        Operation::Power(a, exponent) => of(*a).powf(exponent.value()),
        Operation::Call(function, a) => function.eval(of(*a)),
        Operation::Binary(function, a, b) => function.eval(of(*a), of(*b)),
        Operation::Compare(relation, a, b) => truth(*relation, of(*a), of(*b)),
        Operation::Select(c, a, b) => of(if of(*c) == 1.0 { *a } else { *b }),
        Operation::Greatest(all) => {
            all.iter().fold(f64::NEG_INFINITY, |m, &v| kernel::greater(m, of(v)))
        }
        Operation::Gather(list, index) => {
            kernel::place(of(*index), list.len()).map_or(f64::NAN, |k| of(list[k]))
        }
        Operation::LogTotal(m, s) => {
            let m = of(*m);
            if m.is_infinite() { m } else { m + of(*s).ln() }
        }
    }
}

fn truth(relation: Relation, a: f64, b: f64) -> f64 {
    let holds = match relation {
        Relation::Less => a < b,
        Relation::LessEqual => a <= b,
        Relation::Equal => a == b,
    };
    f64::from(u8::from(holds))
}
