//! Nanoseconds per element of the vector functions on each instruction set, compared with the
//! standard library's functions if there are any.
//!
//!     cargo bench --bench functions

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scorematch::numerics::vector::{self, Fused, Portable};

/// Elements of a slice, as many as in a tile of a program.
const LENGTH: usize = 512;

type Slices = fn(&mut [f64], &[f64]);

/// A function with the range of its arguments.
struct Case {
    name: &'static str,
    range: (f64, f64),
    avx512: Slices,
    avx2: Slices,
    portable: Slices,
    std: Option<fn(f64) -> f64>,
}

macro_rules! case {
    ($name:literal, $run:ident, $function:ident, $low:literal..$high:literal, $std:expr) => {
        Case {
            name: $name,
            range: ($low, $high),
            avx512: |out, a| {
                #[cfg_attr(
                    target_arch = "x86_64",
                    target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")
                )]
                fn run(out: &mut [f64], a: &[f64]) {
                    $run!(Fused, $function, out, a);
                }
                #[allow(unused_unsafe)]
                // SAFETY: run only where these instructions were detected.
                unsafe {
                    run(out, a);
                }
            },
            avx2: |out, a| {
                #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2,fma"))]
                fn run(out: &mut [f64], a: &[f64]) {
                    $run!(Fused, $function, out, a);
                }
                #[allow(unused_unsafe)]
                // SAFETY: as above.
                unsafe {
                    run(out, a);
                }
            },
            portable: |out, a| $run!(Portable, $function, out, a),
            std: $std,
        }
    };
}

macro_rules! body {
    ($machine:ty, $function:ident, $out:ident, $a:ident) => {
        for (out, &a) in $out.iter_mut().zip($a) {
            *out = vector::$function::<$machine>(a);
        }
    };
}

macro_rules! slice {
    ($machine:ty, $function:ident, $out:ident, $a:ident) => {
        vector::$function::<$machine>($out, $a)
    };
}

const CASES: &[Case] = &[
    case!("exp", body, exp, -20.0..20.0, Some(f64::exp)),
    case!("expm1", body, expm1, -5.0..5.0, Some(f64::exp_m1)),
    case!("log", body, log, 0.01..20.0, Some(f64::ln)),
    case!("log1p", body, log1p, -0.9..20.0, Some(f64::ln_1p)),
    case!("sin", slice, sin_slice, -10.0..10.0, Some(f64::sin)),
    case!("cos", slice, cos_slice, -10.0..10.0, Some(f64::cos)),
    case!("tan", slice, tan_slice, -10.0..10.0, Some(f64::tan)),
    case!("asin", body, asin, -1.0..1.0, Some(f64::asin)),
    case!("acos", body, acos, -1.0..1.0, Some(f64::acos)),
    case!("atan", body, atan, -5.0..5.0, Some(f64::atan)),
    case!("sinh", body, sinh, -5.0..5.0, Some(f64::sinh)),
    case!("cosh", body, cosh, -5.0..5.0, Some(f64::cosh)),
    case!("tanh", body, tanh, -3.0..3.0, Some(f64::tanh)),
    case!("sigmoid", body, sigmoid, -5.0..5.0, None),
    case!("softplus", body, softplus, -5.0..5.0, None),
    case!("log_cosh", body, log_cosh, -5.0..5.0, None),
    case!("erf", body, erf, -4.0..4.0, None),
    case!("erfc", body, erfc, -3.0..8.0, None),
    case!("log_normal_cdf", body, log_normal_cdf, -5.0..5.0, None),
    case!("inverse_mills", body, inverse_mills, -5.0..5.0, None),
    case!("mills_excess", body, mills_excess, -5.0..5.0, None),
    case!("lgamma", slice, lgamma_slice, 0.01..20.0, None),
    case!("digamma", slice, digamma_slice, 0.01..20.0, None),
    case!("trigamma", slice, trigamma_slice, 0.01..20.0, None),
];

/// Numbers spread over the range, in an order that branch predictors do not learn.
fn arguments((low, high): (f64, f64)) -> Vec<f64> {
    let place = |i: usize| (((i * 7919) % LENGTH) as f64 + 0.37) / LENGTH as f64;
    (0..LENGTH).map(|i| low + (high - low) * place(i)).collect()
}

#[cfg(target_arch = "x86_64")]
fn has(set: &str) -> bool {
    match set {
        "avx512" => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw")
        }
        "avx2" => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        _ => true,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn has(_: &str) -> bool {
    true
}

fn functions(criterion: &mut Criterion) {
    for case in CASES {
        let a = arguments(case.range);
        let mut out = vec![0.0; LENGTH];
        let mut group = criterion.benchmark_group(case.name);
        group.throughput(Throughput::Elements(LENGTH as u64));
        let sets = [("avx512", case.avx512), ("avx2", case.avx2), ("portable", case.portable)];
        for (set, run) in sets.into_iter().filter(|(set, _)| has(set)) {
            group.bench_function(set, |b| b.iter(|| run(black_box(&mut out), black_box(&a))));
        }
        if let Some(function) = case.std {
            group.bench_function("std", |b| {
                b.iter(|| {
                    for (out, &a) in black_box(&mut out).iter_mut().zip(black_box(&a)) {
                        *out = function(a);
                    }
                });
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(200))
        .measurement_time(std::time::Duration::from_millis(500));
    targets = functions
}
criterion_main!(benches);
