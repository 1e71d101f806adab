//! The functions on slices: the standard library's elementary ones, tabulated special ones.

use super::kernel::{Operand, greater, map, zip};
use crate::graph::{BinaryFunction, Function};
use crate::numerics::special::fast;
use crate::numerics::special::logistic;

/// out = f(a)
#[inline(always)]
pub(super) fn call(function: Function, out: &mut [f64], a: &[f64]) {
    match function {
        Function::Exp => map(out, a, f64::exp),
        Function::Log => map(out, a, f64::ln),
        Function::Log1p => map(out, a, f64::ln_1p),
        Function::Expm1 => map(out, a, f64::exp_m1),
        Function::Abs => map(out, a, f64::abs),
        Function::Sign => map(out, a, sign),
        Function::Floor => map(out, a, f64::floor),
        Function::Sin => map(out, a, f64::sin),
        Function::Cos => map(out, a, f64::cos),
        Function::Tan => map(out, a, f64::tan),
        Function::Asin => map(out, a, f64::asin),
        Function::Acos => map(out, a, f64::acos),
        Function::Atan => map(out, a, f64::atan),
        Function::Sinh => map(out, a, f64::sinh),
        Function::Cosh => map(out, a, f64::cosh),
        Function::Tanh => map(out, a, f64::tanh),
        Function::Sigmoid => map(out, a, logistic::sigmoid),
        Function::Softplus => map(out, a, logistic::softplus),
        Function::LogCosh => map(out, a, logistic::log_cosh),
        Function::Erf => map(out, a, fast::erf),
        Function::Erfc => map(out, a, fast::erfc),
        Function::LogNormalCdf => map(out, a, fast::log_normal_cdf),
        Function::InverseMills => map(out, a, fast::inverse_mills),
        Function::MillsExcess => map(out, a, fast::mills_excess),
        Function::Lgamma => map(out, a, fast::lgamma),
        Function::Polygamma(order) => map(out, a, |u| fast::polygamma(order, u)),
    }
}

/// out = f(a, b)
#[inline(always)]
pub(super) fn binary(function: BinaryFunction, out: &mut [f64], a: Operand<'_>, b: Operand<'_>) {
    match function {
        BinaryFunction::Atan2 => zip(out, a, b, f64::atan2),
        BinaryFunction::Min => zip(out, a, b, lesser),
        BinaryFunction::Max => zip(out, a, b, greater),
    }
}

/// Zero keeps its sign, NaN stays NaN.
fn sign(u: f64) -> f64 {
    if u.is_nan() || u == 0.0 { u } else { u.signum() }
}

/// The lesser; NaN if either is.
fn lesser(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}
