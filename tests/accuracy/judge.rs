//! Errors in units of the last place, measured at the points of tests/reference/points.

use std::fs;

/// The largest error of a function and where it is.
#[derive(Clone, Copy)]
pub struct Worst {
    pub ulp: f64,
    pub argument: f64,
}

/// An argument, and its true value as the nearest double and the rest in ulp of it.
struct Point {
    argument: f64,
    nearest: f64,
    residual: f64,
}

fn point(line: &str) -> Point {
    let mut fields = line.split(' ');
    let mut next = || fields.next().expect("three fields a line");
    let bits = |field| f64::from_bits(u64::from_str_radix(field, 16).expect("hexadecimal bits"));
    let (argument, nearest) = (bits(next()), bits(next()));
    Point { argument, nearest, residual: next().parse().expect("a residual") }
}

/// The distance from a double to the next one away from zero, in its binade.
fn ulp(a: f64) -> f64 {
    let exponent = (a.abs().to_bits() >> 52).max(1);
    f64::from_bits(exponent << 52) * f64::EPSILON
}

/// Infinite if the result is of another kind than the value.
fn error(result: f64, point: &Point) -> f64 {
    let Point { nearest, residual, .. } = *point;
    if nearest.is_nan() {
        return if result.is_nan() { 0.0 } else { f64::INFINITY };
    }
    if nearest.is_infinite() || (nearest == 0.0 && residual == 0.0) {
        return if result.to_bits() == nearest.to_bits() { 0.0 } else { f64::INFINITY };
    }
    if !result.is_finite() {
        return f64::INFINITY;
    }
    // Divided in two steps: the ulp of a subnormal has no reciprocal.
    let steps = (result - nearest) * 2f64.powi(60) / (ulp(nearest) * 2f64.powi(60));
    (steps - residual).abs()
}

/// The worst point of the function's file.
pub fn worst(name: &str, function: fn(f64) -> f64) -> Worst {
    let path = format!("tests/reference/points/{name}.txt");
    let text = fs::read_to_string(&path).expect("the points of every function are committed");
    let mut worst = Worst { ulp: 0.0, argument: 0.0 };
    for point in text.lines().map(point) {
        let ulp = error(function(point.argument), &point);
        if ulp > worst.ulp {
            worst = Worst { ulp, argument: point.argument };
        }
    }
    worst
}
