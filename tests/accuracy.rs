//! The vector functions compared with correctly rounded values, and with one another on every
//! instruction set that this machine has.

#[path = "accuracy/judge.rs"]
mod judge;
#[path = "accuracy/random.rs"]
mod random;
mod support;
#[path = "accuracy/table.rs"]
mod table;

use judge::{Worst, arguments, worst};
use random::worst_at_random;
use table::TABLE;

#[test]
fn errors_stay_within_the_stated_bounds() {
    let mut failures = Vec::new();
    println!("{:<18} {:>6} {:>12} {:>12}", "function", "bound", "fused", "portable");
    for entry in TABLE {
        let fused = worst(entry.name, entry.floor, entry.fused);
        let portable = worst(entry.name, entry.floor, entry.portable);
        println!(
            "{:<18} {:>6} {:>12.3} {:>12.3}   at {:e}",
            entry.name, entry.bound, fused.ulp, portable.ulp, fused.argument
        );
        for (machine, Worst { ulp, argument }) in [("fused", fused), ("portable", portable)] {
            if ulp > entry.bound {
                failures
                    .push(format!("{} ({machine}) is off by {ulp} at {argument:e}", entry.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `cargo test --release --test accuracy -- --ignored --nocapture`
#[test]
#[ignore = "takes some minutes of arithmetic with many digits"]
fn errors_stay_within_the_bounds_at_random_arguments() {
    let mut failures = Vec::new();
    for entry in TABLE {
        if let Some(Worst { ulp, argument }) = worst_at_random(entry) {
            println!("{:<18} {:>6} {ulp:>12.3}   at {argument:e}", entry.name, entry.bound);
            if ulp > entry.bound {
                failures.push(format!("{} is off by {ulp} at {argument:e}", entry.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Fused kernels for each instruction set that this machine has, the scalar one first.
fn fused_kernels(entry: &table::Entry) -> Vec<(&'static str, table::Kernel)> {
    let mut kernels: Vec<(_, table::Kernel)> = vec![("one at a time", entry.fused)];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            kernels.push(("AVX2", entry.avx2));
        }
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
        {
            kernels.push(("AVX-512", entry.avx512));
        }
    }
    kernels
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for entry in TABLE {
        let (a, b) = arguments(entry.name);
        let results: Vec<(_, Vec<u64>)> = fused_kernels(entry)
            .into_iter()
            .map(|(set, kernel)| {
                let mut out = vec![0.0; a.len()];
                kernel(&mut out, &a, &b);
                (set, out.iter().map(|value| canonical(*value)).collect())
            })
            .collect();
        let (_, expected) = &results[0];
        for (set, found) in &results {
            for i in 0..a.len() {
                let (value, argument) = (found[i], a[i]);
                assert_eq!(value, expected[i], "{} on {set} at {argument:e}", entry.name);
            }
        }
    }
}

/// The bits of a number, with one pattern for all NaN, whose bits are not specified.
fn canonical(value: f64) -> u64 {
    if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() }
}
