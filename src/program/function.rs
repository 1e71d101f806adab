//! The functions on slices, as vector code of the instruction set at hand.

use std::marker::PhantomData;

use pulp::{NullaryFnOnce, Simd};

use super::kernel::{Operand, greater, is_fused, map, whole, zip};
use crate::graph::{BinaryFunction, Function};
use crate::numerics::rng::Law;
use crate::numerics::special::{self, fast};
use crate::numerics::vector::{self, Fused, Machine, Portable};

/// out = f(a)
#[inline(always)]
pub(super) fn call<S: Simd>(simd: S, function: Function, out: &mut [f64], a: &[f64]) {
    if is_fused::<S>() {
        call_on::<S, Fused>(simd, function, out, a);
    } else {
        call_on::<S, Portable>(simd, function, out, a);
    }
}

#[inline(always)]
fn call_on<S: Simd, M: Machine>(simd: S, function: Function, out: &mut [f64], a: &[f64]) {
    match function {
        Function::Exp => map(simd, out, a, vector::exp::<M>),
        Function::Log => map(simd, out, a, vector::log::<M>),
        Function::Log1p => map(simd, out, a, vector::log1p::<M>),
        Function::Expm1 => map(simd, out, a, vector::expm1::<M>),
        Function::Abs => map(simd, out, a, f64::abs),
        Function::Sign => map(simd, out, a, sign),
        Function::Floor => map(simd, out, a, f64::floor),
        Function::Sin => whole(simd, out, a, vector::sin_slice::<M>),
        Function::Cos => whole(simd, out, a, vector::cos_slice::<M>),
        Function::Tan => whole(simd, out, a, vector::tan_slice::<M>),
        Function::Asin => map(simd, out, a, vector::asin::<M>),
        Function::Acos => map(simd, out, a, vector::acos::<M>),
        Function::Atan => map(simd, out, a, vector::atan::<M>),
        Function::Sinh => map(simd, out, a, vector::sinh::<M>),
        Function::Cosh => map(simd, out, a, vector::cosh::<M>),
        Function::Tanh => map(simd, out, a, vector::tanh::<M>),
        Function::Sigmoid => map(simd, out, a, vector::sigmoid::<M>),
        Function::Softplus => map(simd, out, a, vector::softplus::<M>),
        Function::LogCosh => map(simd, out, a, vector::log_cosh::<M>),
        Function::Erf => map(simd, out, a, vector::erf::<M>),
        Function::Erfc => map(simd, out, a, vector::erfc::<M>),
        Function::LogNormalCdf => map(simd, out, a, vector::log_normal_cdf::<M>),
        Function::InverseMills => map(simd, out, a, vector::inverse_mills::<M>),
        Function::MillsExcess => map(simd, out, a, vector::mills_excess::<M>),
        Function::Lgamma => whole(simd, out, a, vector::lgamma_slice::<M>),
        Function::Polygamma(0) => whole(simd, out, a, vector::digamma_slice::<M>),
        Function::Polygamma(1) => whole(simd, out, a, vector::trigamma_slice::<M>),
        Function::Polygamma(order) => map(simd, out, a, |u| fast::polygamma(order, u)),
        Function::LogBessel(twice) => map(simd, out, a, |u| fast::log_bessel(twice, u)),
        Function::BesselRatio(twice) => map(simd, out, a, |u| special::bessel_ratio(twice, u)),
        Function::Random(Law::Rademacher) => map(simd, out, a, vector::random_sign),
        Function::Random(Law::Normal) => map(simd, out, a, vector::random_normal::<M>),
    }
}

/// out = f(a, b)
#[inline(always)]
pub(super) fn binary<S: Simd>(
    simd: S,
    function: BinaryFunction,
    out: &mut [f64],
    a: Operand<'_>,
    b: Operand<'_>,
) {
    match function {
        BinaryFunction::Atan2 if is_fused::<S>() => zip(simd, out, a, b, vector::atan2::<Fused>),
        BinaryFunction::Atan2 => zip(simd, out, a, b, vector::atan2::<Portable>),
        BinaryFunction::Min => zip(simd, out, a, b, lesser),
        BinaryFunction::Max => zip(simd, out, a, b, greater),
        BinaryFunction::Pow(0) if is_fused::<S>() => raise::<S, Fused>(simd, out, a, b),
        BinaryFunction::Pow(0) => raise::<S, Portable>(simd, out, a, b),
        BinaryFunction::Pow(logs) if is_fused::<S>() => {
            zip(simd, out, a, b, |u, p| vector::pow_log::<Fused>(u, p, logs));
        }
        BinaryFunction::Pow(logs) => {
            zip(simd, out, a, b, |u, p| vector::pow_log::<Portable>(u, p, logs));
        }
    }
}

/// out = a^b
#[inline(always)]
fn raise<S: Simd, M: Machine>(simd: S, out: &mut [f64], a: Operand<'_>, b: Operand<'_>) {
    simd.vectorize(Raise { out, a, b, machine: PhantomData::<M> });
}

/// Calls the power function by name: a closure that four loops share would not be inlined.
struct Raise<'a, M> {
    out: &'a mut [f64],
    a: Operand<'a>,
    b: Operand<'a>,
    machine: PhantomData<M>,
}

impl<M: Machine> NullaryFnOnce for Raise<'_, M> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match (self.a, self.b) {
            (Operand::Rows(a), Operand::Rows(b)) => {
                for ((out, &a), &b) in self.out.iter_mut().zip(a).zip(b) {
                    *out = vector::pow_of_any::<M>(a, b);
                }
            }
            (Operand::Rows(a), Operand::Scalar(b)) => {
                for (out, &a) in self.out.iter_mut().zip(a) {
                    *out = vector::pow_of_any::<M>(a, b);
                }
            }
            (Operand::Scalar(a), Operand::Rows(b)) => {
                for (out, &b) in self.out.iter_mut().zip(b) {
                    *out = vector::pow_of_any::<M>(a, b);
                }
            }
            (Operand::Scalar(a), Operand::Scalar(b)) => {
                self.out.fill(vector::pow_of_any::<M>(a, b));
            }
        }
    }
}

/// out = m + log s; an infinite m stands for itself.
#[inline(always)]
pub(super) fn log_total<S: Simd>(simd: S, out: &mut [f64], m: Operand<'_>, s: Operand<'_>) {
    if is_fused::<S>() {
        zip(simd, out, m, s, log_total_on::<Fused>);
    } else {
        zip(simd, out, m, s, log_total_on::<Portable>);
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
