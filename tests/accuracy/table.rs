//! Every function with its stated bound.

use scorematch::numerics::vector::{self, Fused, Portable};

/// A function under test.
pub struct Entry {
    pub name: &'static str,
    /// In units of the last place.
    pub bound: f64,
    /// Values below it are measured in units of its last place: near zeros that the function
    /// does not promise to resolve.
    pub floor: f64,
    pub fused: Kernel,
    pub portable: Kernel,
}

/// out = f(a, b); functions of one argument leave b alone.
pub type Kernel = fn(&mut [f64], &[f64], &[f64]);

/// An entry whose function is a body for one number.
macro_rules! body {
    ($name:ident, $bound:expr) => {
        Entry {
            name: stringify!($name),
            bound: $bound,
            floor: 0.0,
            fused: |out, a, _| map(out, a, vector::$name::<Fused>),
            portable: |out, a, _| map(out, a, vector::$name::<Portable>),
        }
    };
}

/// An entry whose function works on slices.
macro_rules! slice {
    ($name:literal, $function:ident, $bound:expr, $floor:expr) => {
        Entry {
            name: $name,
            bound: $bound,
            floor: $floor,
            fused: |out, a, _| vector::$function::<Fused>(out, a),
            portable: |out, a, _| vector::$function::<Portable>(out, a),
        }
    };
}

/// An entry whose function is a body for two numbers.
macro_rules! pair {
    ($name:ident, $bound:expr) => {
        Entry {
            name: stringify!($name),
            bound: $bound,
            floor: 0.0,
            fused: |out, a, b| zip(out, a, b, vector::$name::<Fused>),
            portable: |out, a, b| zip(out, a, b, vector::$name::<Portable>),
        }
    };
}

#[inline(always)]
fn map(out: &mut [f64], a: &[f64], f: impl Fn(f64) -> f64) {
    for (out, &a) in out.iter_mut().zip(a) {
        *out = f(a);
    }
}

#[inline(always)]
fn zip(out: &mut [f64], a: &[f64], b: &[f64], f: impl Fn(f64, f64) -> f64) {
    for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *out = f(a, b);
    }
}

pub const TABLE: &[Entry] = &[
    body!(exp, 2.0),
    body!(expm1, 2.0),
    body!(log, 2.0),
    body!(log1p, 2.0),
    slice!("sin", sin_slice, 2.0, 0.0),
    slice!("cos", cos_slice, 2.0, 0.0),
    slice!("tan", tan_slice, 2.0, 0.0),
    body!(asin, 2.0),
    body!(acos, 2.0),
    body!(atan, 2.0),
    pair!(atan2, 2.0),
    body!(sinh, 2.0),
    body!(cosh, 2.0),
    body!(tanh, 2.0),
    body!(sigmoid, 2.0),
    body!(softplus, 2.0),
    body!(log_cosh, 2.0),
    body!(erf, 4.0),
    body!(erfc, 4.0),
    body!(log_normal_cdf, 4.0),
    body!(inverse_mills, 4.0),
    body!(mills_excess, 4.0),
    slice!("lgamma", lgamma_slice, 4.0, 0.0),
    slice!("digamma", digamma_slice, 4.0, 0.0),
    slice!("trigamma", trigamma_slice, 4.0, 0.0),
    slice!("lgamma_negative", lgamma_slice, 4.0, 1.0),
    slice!("digamma_negative", digamma_slice, 4.0, 8.0),
    slice!("trigamma_negative", trigamma_slice, 4.0, 0.0),
];
