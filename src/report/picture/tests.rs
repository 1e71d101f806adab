//! What pictures rest on: bins that count everything, areas that are 1, words where both fail.

use super::axis::{Axis, nice_above, nice_below};
use super::density::{Curve, Extent};
use super::slice::LogDensity;
use super::*;
use crate::data::{Columns, Missing};
use crate::model::Options;

fn bins(values: &[f64]) -> Bins {
    Bins::of(&Sample::of(values).expect("they can be drawn"), 30, 0.0)
}

/// The picture of a model of `x` at θ.
fn picture(text: &str, values: &[f64], theta: &[f64]) -> String {
    let columns = Columns::from_vecs(vec![("x".to_owned(), values.to_vec())]).expect("a column");
    let options = Options { columns: Some(&["x"]), numeric: &["x"], ..Options::default() };
    let model = Model::with(text, &options).expect("it is a model");
    let selection = columns.select(&["x"], Missing::Error).expect("they are complete");
    Picture::of(&model, &selection, theta, PICTURE_WIDTH).text()
}

fn curve(text: &str, theta: &[f64], extent: (f64, f64), domain: (f64, f64)) -> Curve {
    let model = Model::parse(text).expect("it is a model");
    let extent = Extent { low: extent.0, high: extent.1, domain };
    Curve::of(&LogDensity::of(&model, theta, 0.0), extent, 120, &[]).expect("it has a density")
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
        assert!((nice_below(number) / below - 1.0).abs() < 1e-12, "below {number}");
        assert!((nice_above(number) / above - 1.0).abs() < 1e-12, "above {number}");
    }
    let labels = |axis: Axis| axis.ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
    assert_eq!(
        labels(Axis::with_step(-0.3, 0.31, 0.1)),
        ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]
    );
    assert_eq!(labels(Axis::turn(-std::f64::consts::PI)), ["-π", "-π/2", "0", "π/2", "π"]);
}

/// Tenths are not exact: each must be in its own bin all the same.
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
    assert_eq!(Sample::of(&remote).expect("it can be drawn").shift, 1e12);
}

/// exp(-x²/2)/√(2π), to a part of the picture's own resolution.
#[test]
fn the_area_of_a_density_is_one() {
    let normal = curve("-(x - mu)^2/(2*s2)", &[1.0, 4.0], (-9.0, 11.0), LINE);
    let area: f64 = normal.values.iter().sum::<f64>() * 20.0 / 120.0;
    assert!((area - 1.0).abs() < 1e-6, "{area}");
    let peak = 1.0 / (2.0 * (2.0 * std::f64::consts::PI).sqrt());
    assert!((normal.highest() - peak).abs() < 2e-3 * peak, "{} {peak}", normal.highest());
    assert!(normal.doubts.is_empty(), "{:?}", normal.doubts);
}

/// The area beyond the picture counts: half of a normal has half of the area in it.
#[test]
fn the_area_beyond_the_picture_counts() {
    let half = curve("-(x - mu)^2/2", &[0.0], (0.0, 6.0), LINE);
    let area: f64 = half.values.iter().sum::<f64>() * 6.0 / 120.0;
    assert!((area - 0.5).abs() < 1e-6, "{area}");
}

/// x^(-1/2) exp(-x) has a pole at the end of its support; the share below 1 is erf(1).
#[test]
fn a_pole_at_the_edge_of_the_support() {
    let text = "data x > 0\nparam k\nlogp = -k*log(x) - x";
    let gamma = curve(text, &[0.5], (0.0, 6.0), (0.0, f64::INFINITY));
    let below: f64 = gamma.values[..20].iter().sum::<f64>() * 6.0 / 120.0;
    assert!((below - 0.842_700_8).abs() < 0.01, "{below}");
    assert!(gamma.doubts.is_empty(), "{:?}", gamma.doubts);
}

#[test]
fn what_misleads_is_said() {
    let values = [0.0, 0.5, 1.0, 1.5, 2.0];
    for (text, theta, said) in [
        ("-(x - mu)^2/2", 100.0, "not decayed at the right end"),
        ("a*x^2", 1.0, "not decayed at either end"),
        ("a + 0*x", 1.0, "not decayed at either end"),
        ("-1e14*(x - mu)^2", 1.0, "peak too narrow"),
        ("log(x + 1e-9) - a*x", 1.0, "log p is not finite on"),
        ("a*log(-x^2 - 1)", 1.0, "log p is finite nowhere"),
        ("-(x - mu)^2/2", f64::NAN, "log p is finite nowhere"),
    ] {
        let text = picture(
            &format!("data x\nparam {}\n{text}", if text.contains("mu") { "mu" } else { "a" }),
            &values,
            &[theta],
        );
        assert!(text.contains(said), "{said}\n{text}");
    }
    let calm = picture("-(x - mu)^2/2", &values, &[1.0]);
    assert_eq!(
        calm.lines()
            .filter(|line| line.starts_with("  ") && !line.contains(['┤', '│', '┬']))
            .count(),
        3,
        "{calm}"
    );
}

#[test]
fn few_and_equal_values() {
    assert!(Picture::histogram("x", &[], 40).text().contains("no values"));
    assert!(Picture::histogram("x", &[f64::NAN; 2], 40).text().contains("2 missing"));
    assert!(Picture::histogram("x", &[5.0; 7], 40).text().contains("all values are 5"));
    assert!(Picture::histogram("x", &[-1.7e308, 1.7e308], 40).text().contains("nothing is drawn"));
    let one = Picture::histogram("x", &[3.5], 40).text();
    assert!(one.starts_with("x: 1 value\n") && one.contains('█'), "{one}");
}

#[test]
fn a_remote_model_is_drawn_where_its_data_are() {
    let values: Vec<f64> = [0.0, 1.0, 2.0, 2.0, 3.0].iter().map(|x| 1e12 + x).collect();
    let text = picture("-(x - mu)^2/2", &values, &[1e12 + 1.6]);
    assert!(text.contains("the axis counts from 1000000000000"), "{text}");
    assert!(!text.contains("decayed") && !text.contains("narrow"), "{text}");
}

#[test]
fn more_components_than_panels_are_told() {
    let columns: Vec<_> =
        (1..=8).map(|k| (format!("x{k}"), vec![0.0, f64::from(k), 9.0])).collect();
    let columns = Columns::from_vecs(columns).expect("they are columns");
    let model = Model::parse("data x[8]\nparam s\nlogp = -s*sumsq(x)").expect("it is a model");
    let names = columns.names();
    let model = model.bind(&names, &names).expect("it binds");
    let selection = columns.select(&names, Missing::Error).expect("they are complete");
    let text = Picture::of(&model, &selection, &[1.0], PICTURE_WIDTH).text();
    assert!(text.contains("2 more components are not drawn"), "{text}");
    assert_eq!(text.matches("score x").count(), 6, "{text}");
}
