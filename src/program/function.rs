//! The functions on slices, as vector code of the instruction set at hand.

use pulp::Simd;

use super::kernel::{Operand, greater, is_fused, map, zip};
use crate::graph::{BinaryFunction, Function};
use crate::numerics::special::fast;
use crate::numerics::vector::{self, Fused, Machine, Portable};

/// out = f(a)
#[inline(always)]
pub(super) fn call<S: Simd>(function: Function, out: &mut [f64], a: &[f64]) {
    if is_fused::<S>() {
        call_on::<Fused>(function, out, a);
    } else {
        call_on::<Portable>(function, out, a);
    }
}

#[inline(always)]
fn call_on<M: Machine>(function: Function, out: &mut [f64], a: &[f64]) {
    match function {
        Function::Exp => map(out, a, vector::exp::<M>),
        Function::Log => map(out, a, vector::log::<M>),
        Function::Log1p => map(out, a, vector::log1p::<M>),
        Function::Expm1 => map(out, a, vector::expm1::<M>),
        Function::Abs => map(out, a, f64::abs),
        Function::Sign => map(out, a, sign),
        Function::Floor => map(out, a, f64::floor),
        Function::Sin => vector::sin_slice::<M>(out, a),
        Function::Cos => vector::cos_slice::<M>(out, a),
        Function::Tan => vector::tan_slice::<M>(out, a),
        Function::Asin => map(out, a, vector::asin::<M>),
        Function::Acos => map(out, a, vector::acos::<M>),
        Function::Atan => map(out, a, vector::atan::<M>),
        Function::Sinh => map(out, a, vector::sinh::<M>),
        Function::Cosh => map(out, a, vector::cosh::<M>),
        Function::Tanh => map(out, a, vector::tanh::<M>),
        Function::Sigmoid => map(out, a, vector::sigmoid::<M>),
        Function::Softplus => map(out, a, vector::softplus::<M>),
        Function::LogCosh => map(out, a, vector::log_cosh::<M>),
        Function::Erf => map(out, a, vector::erf::<M>),
        Function::Erfc => map(out, a, vector::erfc::<M>),
        Function::LogNormalCdf => map(out, a, vector::log_normal_cdf::<M>),
        Function::InverseMills => map(out, a, vector::inverse_mills::<M>),
        Function::MillsExcess => map(out, a, vector::mills_excess::<M>),
        Function::Lgamma => vector::lgamma_slice::<M>(out, a),
        Function::Polygamma(0) => vector::digamma_slice::<M>(out, a),
        Function::Polygamma(1) => vector::trigamma_slice::<M>(out, a),
        Function::Polygamma(order) => map(out, a, |u| fast::polygamma(order, u)),
    }
}

/// out = f(a, b)
#[inline(always)]
pub(super) fn binary<S: Simd>(
    function: BinaryFunction,
    out: &mut [f64],
    a: Operand<'_>,
    b: Operand<'_>,
) {
    match function {
        BinaryFunction::Atan2 if is_fused::<S>() => zip(out, a, b, vector::atan2::<Fused>),
        BinaryFunction::Atan2 => zip(out, a, b, vector::atan2::<Portable>),
        BinaryFunction::Min => zip(out, a, b, lesser),
        BinaryFunction::Max => zip(out, a, b, greater),
    }
}

/// out = m + log s; an infinite m stands for itself.
#[inline(always)]
pub(super) fn log_total<S: Simd>(out: &mut [f64], m: Operand<'_>, s: Operand<'_>) {
    if is_fused::<S>() {
        zip(out, m, s, log_total_on::<Fused>);
    } else {
        zip(out, m, s, log_total_on::<Portable>);
    }
}

#[inline(always)]
fn log_total_on<M: Machine>(m: f64, s: f64) -> f64 {
    let total = m + vector::log::<M>(s);
    if m.is_infinite() { m } else { total }
}

/// Zero keeps its sign, NaN stays NaN.
#[inline(always)]
fn sign(u: f64) -> f64 {
    if u.is_nan() || u == 0.0 { u } else { 1.0_f64.copysign(u) }
}

/// The lesser; NaN if either is.
#[inline(always)]
fn lesser(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}
