//! Bins count every value, and areas of densities are 1.

use super::density::Shifted;
use super::*;
use crate::model::Model;
use crate::numerics::digits::{round_above, round_below};
use crate::sample::LogDensity;

fn bins(values: &[f64]) -> Bins {
    Bins::of(&Sample::of(values).expect("a finite range"), 30, 0.0)
}

fn curve(text: &str, theta: &[f64], extent: (f64, f64), domain: (f64, f64)) -> Density {
    let model = Model::parse(text).expect("a model");
    let log_p = Shifted { log_p: LogDensity::of(&model, theta), shift: 0.0 };
    let extent = Extent { low: extent.0, high: extent.1, domain };
    Density::of(&log_p, extent, 120, &[]).expect("log p is finite somewhere")
}

const LINE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

#[test]
fn round_numbers() {
    for (number, below, above) in [
        (1.0, 1.0, 1.0),
        (0.3, 0.2, 0.5),
        (7.4, 5.0, 10.0),
        (2e-7, 2e-7, 2e-7),
        (99.0, 50.0, 100.0),
    ] {
        assert!((round_below(number) / below - 1.0).abs() < 1e-12, "below {number}");
        assert!((round_above(number) / above - 1.0).abs() < 1e-12, "above {number}");
    }
}

/// Tenths are not exact in binary, and each must be in its own bin.
#[test]
fn values_on_a_lattice_are_counted_evenly() {
    let tenths: Vec<f64> = (0..200).map(|i| f64::from(30 + i % 20) / 10.0).collect();
    let counted = bins(&tenths);
    let each = (counted.step / 0.1).round() as usize * 10;
    assert!(counted.counts.iter().all(|&count| count == each), "{counted:?}");
    let dice: Vec<f64> = (0..60).map(|i| f64::from(1 + i % 6)).collect();
    assert_eq!(bins(&dice).counts, [10; 6]);
}

#[test]
fn every_value_is_counted_once() {
    let cauchy: Vec<f64> =
        (1..500).map(|i| (std::f64::consts::PI * (f64::from(i) / 500.0 - 0.5)).tan()).collect();
    let remote: Vec<f64> = (0..50).map(|i| 1e12 + f64::from(i * i % 17)).collect();
    let negative: Vec<f64> = (1..9).map(|i| -f64::from(i).sqrt()).collect();
    for values in
        [&cauchy[..], &remote, &negative, &[3.5], &[0.0; 4], &[-2e300; 3], &[1e-300, 2e-300]]
    {
        let bins = bins(values);
        let inside: usize = bins.counts.iter().sum();
        assert_eq!(inside + bins.below + bins.above, values.len(), "{bins:?}");
        assert!(bins.counts.len() <= 30 && inside > values.len() / 2, "{bins:?}");
    }
    assert!(bins(&cauchy).below > 0, "the tails would hide the middle");
    assert_eq!(Sample::of(&remote).expect("a finite range").shift, 1e12);
}

/// exp(-x²/2)/√(2π), to the resolution of the parts.
#[test]
fn the_area_of_a_density_is_one() {
    let normal = curve("-(x - mu)^2/(2*s2)", &[1.0, 4.0], (-9.0, 11.0), LINE);
    let area: f64 = normal.values.iter().sum::<f64>() * 20.0 / 120.0;
    assert!((area - 1.0).abs() < 1e-6, "{area}");
    let peak = 1.0 / (2.0 * (2.0 * std::f64::consts::PI).sqrt());
    assert!((normal.highest() - peak).abs() < 2e-3 * peak, "{} {peak}", normal.highest());
    assert!(normal.doubts.is_empty(), "{:?}", normal.doubts);
}

/// The area outside the axis counts: half of a normal density has area one half.
#[test]
fn the_area_outside_the_axis_counts() {
    let half = curve("-(x - mu)^2/2", &[0.0], (0.0, 6.0), LINE);
    let area: f64 = half.values.iter().sum::<f64>() * 6.0 / 120.0;
    assert!((area - 0.5).abs() < 1e-6, "{area}");
}

/// x^(-1/2) exp(-x) has a pole at the end of its support; the share of its mass below 1 is erf(1).
#[test]
fn a_pole_at_the_edge_of_the_support() {
    let text = "data x > 0\nparam k\nlogp = -k*log(x) - x";
    let gamma = curve(text, &[0.5], (0.0, 6.0), (0.0, f64::INFINITY));
    let below: f64 = gamma.values[..20].iter().sum::<f64>() * 6.0 / 120.0;
    assert!((below - 0.842_700_8).abs() < 0.01, "{below}");
    assert!(gamma.doubts.is_empty(), "{:?}", gamma.doubts);
}
