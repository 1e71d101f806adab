//! Errors in units in the last place, at the points of tests/reference/points.

use std::fs;

use super::table::Kernel;

/// The largest error of a function and its arguments.
#[derive(Clone, Copy)]
pub struct Worst {
    pub ulp: f64,
    pub argument: f64,
}

/// Arguments with the true value, as the nearest double and the residual in ulp of it.
pub struct Point {
    pub a: f64,
    pub b: f64,
    pub nearest: f64,
    pub residual: f64,
}

impl Point {
    /// A distance in ulp of the nearest double; zero for infinities and NaN.
    pub fn in_ulp(distance: f64, nearest: f64) -> f64 {
        // Both are scaled, since the reciprocal of a subnormal's ulp overflows.
        let big = 2f64.powi(60);
        if nearest.is_finite() { distance * big / (ulp(nearest) * big) } else { 0.0 }
    }
}

fn point(line: &str) -> Point {
    let bits = |field| f64::from_bits(u64::from_str_radix(field, 16).expect("hexadecimal bits"));
    let fields: Vec<&str> = line.split(' ').collect();
    let residual = fields[fields.len() - 1].parse().expect("a residual");
    match fields[..fields.len() - 1] {
        [a, nearest] => Point { a: bits(a), b: f64::NAN, nearest: bits(nearest), residual },
        [a, b, nearest] => Point { a: bits(a), b: bits(b), nearest: bits(nearest), residual },
        _ => panic!("a point has one argument or two: {line}"),
    }
}

/// The distance between neighbouring doubles in the binade of `a`.
fn ulp(a: f64) -> f64 {
    let exponent = (a.abs().to_bits() >> 52).max(1);
    f64::from_bits(exponent << 52) * f64::EPSILON
}

/// The error of a result in ulp; infinite if a true NaN, infinity or exact zero is missed, or the
/// result is not finite where the true value is.
fn error(result: f64, point: &Point, floor: f64) -> f64 {
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
    // Divided in two steps, since the reciprocal of a subnormal's ulp overflows.
    let unit = ulp(nearest.abs().max(floor)) * 2f64.powi(60);
    let steps = (result - nearest) * 2f64.powi(60) / unit;
    (steps - residual * (ulp(nearest) * 2f64.powi(60) / unit)).abs()
}

fn points(name: &str) -> Vec<Point> {
    let path = format!("tests/reference/points/{name}.txt");
    let text = fs::read_to_string(&path).expect("the points of every function are committed");
    text.lines().map(point).collect()
}

/// The arguments of the function's points.
pub fn arguments(name: &str) -> (Vec<f64>, Vec<f64>) {
    points(name).iter().map(|point| (point.a, point.b)).unzip()
}

/// The largest error at the function's points.
pub fn worst(name: &str, floor: f64, function: Kernel) -> Worst {
    worst_of(&points(name), floor, function)
}

/// The largest error at given points.
pub fn worst_of(points: &[Point], floor: f64, function: Kernel) -> Worst {
    let (a, b): (Vec<f64>, Vec<f64>) = points.iter().map(|point| (point.a, point.b)).unzip();
    let mut out = vec![0.0; a.len()];
    function(&mut out, &a, &b);
    let mut worst = Worst { ulp: 0.0, argument: 0.0 };
    for (point, &result) in points.iter().zip(&out) {
        let ulp = error(result, point, floor);
        if ulp > worst.ulp {
            worst = Worst { ulp, argument: point.a };
        }
    }
    worst
}
