//! Tests of pictures: round ticks, captions where a picture would mislead, extreme data.

use super::axis::Axis;
use super::*;
use crate::data::{Columns, Missing};
use crate::model::Options;

/// The picture of a model of `x` at θ.
fn picture(text: &str, values: &[f64], theta: &[f64]) -> String {
    let columns = Columns::from_vecs(vec![("x".to_owned(), values.to_vec())]).expect("a column");
    let options = Options { columns: Some(&["x"]), numeric: &["x"], ..Options::default() };
    let model = Model::with(text, &options).expect("a model");
    let selection = columns.select(&["x"], Missing::Error).expect("the columns are complete");
    Picture::of(&model, &selection, theta, PICTURE_WIDTH).text()
}

#[test]
fn ticks_are_round() {
    let labels = |axis: Axis| axis.ticks.into_iter().map(|tick| tick.label).collect::<Vec<_>>();
    assert_eq!(
        labels(Axis::with_step(-0.3, 0.31, 0.1)),
        ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"]
    );
    assert_eq!(labels(Axis::turn(-std::f64::consts::PI)), ["-π", "-π/2", "0", "π/2", "π"]);
}

#[test]
fn a_picture_that_would_mislead_says_so() {
    let values = [0.0, 0.5, 1.0, 1.5, 2.0];
    for (text, theta, said) in [
        ("-(x - mu)^2/2", 100.0, "100 % of the density lies beside the axis"),
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
fn data_far_from_zero_are_drawn_on_a_shifted_axis() {
    let values: Vec<f64> = [0.0, 1.0, 2.0, 2.0, 3.0].iter().map(|x| 1e12 + x).collect();
    let text = picture("-(x - mu)^2/2", &values, &[1e12 + 1.6]);
    assert!(text.contains("the axis counts from 1000000000000"), "{text}");
    assert!(!text.contains("decayed") && !text.contains("narrow"), "{text}");
}

#[test]
fn components_beyond_the_most_panels_are_counted() {
    let columns: Vec<_> =
        (1..=8).map(|k| (format!("x{k}"), vec![0.0, f64::from(k), 9.0])).collect();
    let columns = Columns::from_vecs(columns).expect("columns");
    let model = Model::parse("data x[8]\nparam s\nlogp = -s*sumsq(x)").expect("a model");
    let names = columns.names();
    let model = model.bind(&names, &names).expect("the columns bind");
    let selection = columns.select(&names, Missing::Error).expect("the columns are complete");
    let text = Picture::of(&model, &selection, &[1.0], PICTURE_WIDTH).text();
    assert!(text.contains("2 more components are not drawn"), "{text}");
    assert_eq!(text.matches("score x").count(), 6, "{text}");
}
