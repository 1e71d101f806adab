//! Every vector function with its stated error bound.

use scorematch::numerics::vector::{self, Fused, Portable};

/// A function under test.
pub struct Entry {
    pub name: &'static str,
    /// The error bound, in units in the last place.
    pub bound: f64,
    /// Below this size, errors are measured in ulp of it: near zeros that the function does not
    /// promise to resolve.
    pub floor: f64,
    pub fused: Kernel,
    pub portable: Kernel,
    /// May be called only where AVX2 and FMA were detected.
    #[cfg(target_arch = "x86_64")]
    pub avx2: Kernel,
    /// May be called only where AVX-512 F, DQ, VL and BW were detected.
    #[cfg(target_arch = "x86_64")]
    pub avx512: Kernel,
}

/// out = f(a, b); functions of one argument ignore b.
pub type Kernel = fn(&mut [f64], &[f64], &[f64]);

/// An entry compiled for every instruction set, from a body that is generic in the machine `M`.
macro_rules! entry {
    ($name:expr, $bound:expr, $floor:expr, $run:ident, $function:ident) => {
        Entry {
            name: $name,
            bound: $bound,
            floor: $floor,
            fused: |out, a, b| $run!(Fused, $function, out, a, b),
            portable: |out, a, b| $run!(Portable, $function, out, a, b),
            #[cfg(target_arch = "x86_64")]
            avx2: |out, a, b| {
                #[target_feature(enable = "avx2,fma")]
                fn run(out: &mut [f64], a: &[f64], b: &[f64]) {
                    $run!(Fused, $function, out, a, b);
                }
                // SAFETY: the tests call it only where these instructions were detected.
                unsafe { run(out, a, b) }
            },
            #[cfg(target_arch = "x86_64")]
            avx512: |out, a, b| {
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                fn run(out: &mut [f64], a: &[f64], b: &[f64]) {
                    $run!(Fused, $function, out, a, b);
                }
                // SAFETY: the tests call it only where these instructions were detected.
                unsafe { run(out, a, b) }
            },
        }
    };
}

/// The body of a function of one number.
macro_rules! map {
    ($machine:ty, $function:ident, $out:ident, $a:ident, $b:ident) => {{
        let _ = $b;
        map($out, $a, vector::$function::<$machine>)
    }};
}

/// The body of a function of two numbers.
macro_rules! zip {
    ($machine:ty, $function:ident, $out:ident, $a:ident, $b:ident) => {
        zip($out, $a, $b, vector::$function::<$machine>)
    };
}

/// The body of a function on slices.
macro_rules! slice {
    ($machine:ty, $function:ident, $out:ident, $a:ident, $b:ident) => {{
        let _ = $b;
        vector::$function::<$machine>($out, $a)
    }};
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
    entry!("exp", 2.0, 0.0, map, exp),
    entry!("expm1", 2.0, 0.0, map, expm1),
    entry!("log", 2.0, 0.0, map, log),
    entry!("log1p", 2.0, 0.0, map, log1p),
    entry!("sin", 2.0, 0.0, slice, sin_slice),
    entry!("cos", 2.0, 0.0, slice, cos_slice),
    entry!("tan", 2.0, 0.0, slice, tan_slice),
    entry!("asin", 2.0, 0.0, map, asin),
    entry!("acos", 2.0, 0.0, map, acos),
    entry!("atan", 2.0, 0.0, map, atan),
    entry!("atan2", 2.0, 0.0, zip, atan2),
    entry!("pow", 2.0, 0.0, zip, pow),
    entry!("sinh", 2.0, 0.0, map, sinh),
    entry!("cosh", 2.0, 0.0, map, cosh),
    entry!("tanh", 2.0, 0.0, map, tanh),
    entry!("sigmoid", 2.0, 0.0, map, sigmoid),
    entry!("softplus", 2.0, 0.0, map, softplus),
    entry!("log_cosh", 2.0, 0.0, map, log_cosh),
    entry!("erf", 4.0, 0.0, map, erf),
    entry!("erfc", 4.0, 0.0, map, erfc),
    entry!("log_normal_cdf", 4.0, 0.0, map, log_normal_cdf),
    entry!("inverse_mills", 4.0, 0.0, map, inverse_mills),
    entry!("mills_excess", 4.0, 0.0, map, mills_excess),
    entry!("lgamma", 4.0, 0.0, slice, lgamma_slice),
    entry!("digamma", 4.0, 0.0, slice, digamma_slice),
    entry!("trigamma", 4.0, 0.0, slice, trigamma_slice),
    entry!("lgamma_negative", 4.0, 1.0, slice, lgamma_slice),
    entry!("digamma_negative", 4.0, 8.0, slice, digamma_slice),
    entry!("trigamma_negative", 4.0, 0.0, slice, trigamma_slice),
];
