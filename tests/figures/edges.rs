//! Extreme data in figures: no panic, sensible axes, and notes.

use scorematch::analysis::{Figure, Mark, Scale};

use super::{Case, notes_say, points, spread};
use crate::support::samples::dirichlet;
use scorematch::numerics::rng::stream;

/// Checks that axes have finite ends in order, and bars finite heights.
#[track_caller]
fn is_sensible(figure: &Figure) {
    assert!(!figure.panels.is_empty() || !figure.notes.is_empty());
    for panel in &figure.panels {
        for axis in [&panel.x, &panel.y] {
            assert!(
                axis.low.is_finite() && axis.high.is_finite() && axis.low < axis.high,
                "{axis:?}"
            );
        }
        for layer in &panel.layers {
            if let Mark::Bars(bars) = &layer.mark {
                assert!(bars.iter().all(|bar| bar.0 < bar.1 && bar.2.is_finite()), "{bars:?}");
            }
        }
    }
}

#[test]
fn few_equal_remote_and_outlying_values() {
    let mut outlying = spread(-1.0, 1.0, 400);
    outlying.extend([1e6, -1e9]);
    let remote: Vec<f64> = spread(-1.0, 1.0, 50).iter().map(|x| 1e12 + x).collect();
    let all =
        [vec![3.0; 20], vec![0.0], vec![5.0], vec![1.0, 2.0], vec![1e12; 3], remote, outlying];
    for values in &all {
        let model = Case::of("-(x - mu)^2/(2*s2)", &[("x", values.clone())]);
        for theta in [[values[0], 1.0], [0.0, 1e-12], [-1e8, 1e8]] {
            is_sensible(&model.figure(&theta));
        }
        for text in [
            "-((x-mu)^2 + y^2)/2",
            "data y; covariate x\n-(y - mu*x)^2/2",
            "data x on circle, y\ncos(x-mu) - y^2",
        ] {
            let y = spread(0.0, 1.0, values.len());
            let case = Case::of(text, &[("x", values.clone()), ("y", y)]);
            is_sensible(&case.figure(&[1.0]));
        }
        is_sensible(
            &Case::of("data x on circle\nk*cos(x)", &[("x", values.clone())]).figure(&[2.0]),
        );
    }
    let outlying = || all[6].clone();
    let figure = Case::of("-(x - mu)^2/2", &[("x", outlying())]).figure(&[0.0]);
    assert!(notes_say(&figure, "1 of 402 values lie to the left"), "{:?}", figure.notes);
    let pair = [("x", outlying()), ("y", spread(0.0, 1.0, 402))];
    let figure = Case::of("-(x^2 + y^2 + k*y)/2", &pair).figure(&[0.0]);
    assert!(notes_say(&figure, "2 of 402 rows lie beside"), "{:?}", figure.notes);
}

#[test]
fn infinite_ranges_are_refused() {
    let case = Case::of("-(x - mu)^2/2", &[("x", vec![-1e308, 1e308])]);
    assert!(case.drawn(&[0.0]).is_err());
}

#[test]
fn remote_values_are_counted_from_a_round_number() {
    let remote = spread(-1.0, 1.0, 50).iter().map(|x| 1e9 + x).collect();
    let figure = Case::of("-(x - mu)^2/2", &[("x", remote)]).figure(&[1e9]);
    assert_eq!(figure.panels[0].x.label, "x - 1000000000");
    let normaliser = figure.log_normaliser.expect("a normal has an integral");
    assert!((normaliser - 0.5 * std::f64::consts::TAU.ln()).abs() < 1e-6, "{normaliser}");
}

#[test]
fn pairs() {
    let names = ["a", "b", "c", "d", "e"];
    let column = |k: usize| spread(-2.0, 3.0, 300 + 40 * k)[..300].to_vec();
    let columns: Vec<(&str, Vec<f64>)> =
        names.iter().enumerate().map(|(k, &name)| (name, column(k))).collect();
    let text = "log(exp(-(a^2+b^2+c^2+d^2+e^2)/2) + exp(-((a-m)^2+b^2+c^2+d^2+e^2)/2))";
    let figure = Case::of(text, &columns).figure(&[2.0]);
    assert_eq!(figure.panels.len(), 6);
    is_sensible(&figure);
    assert!(notes_say(&figure, "the first 4 of 5 components"));
    let mut stream = stream(3, 0);
    let rows: Vec<Vec<f64>> =
        (0..200).map(|_| dirichlet(&[1.0, 2.0, 0.5, 3.0], &mut stream)).collect();
    let text = "data x[4] on simplex\nk*log(x[1]) + log(x[2]) + 2*log(x[4])";
    let figure = Case::rows(text, &["x1", "x2", "x3", "x4"], &rows).figure(&[0.3]);
    assert_eq!(figure.panels.len(), 6);
    is_sensible(&figure);
}

#[test]
fn unit_vectors_of_two_and_four() {
    let angles = spread(0.0, 6.2, 90);
    let rows: Vec<Vec<f64>> = angles.iter().map(|a| vec![a.cos(), a.sin()]).collect();
    let figure = Case::rows("data x[2] on sphere\nk*x[1]", &["x1", "x2"], &rows).figure(&[1.0]);
    assert_eq!(figure.panels.len(), 1);
    is_sensible(&figure);
    let four: Vec<Vec<f64>> = angles
        .iter()
        .zip(spread(0.0, 6.2, 133))
        .map(|(a, b)| vec![0.6 * a.cos(), 0.6 * a.sin(), 0.8 * b.cos(), 0.8 * b.sin()])
        .collect();
    let text = "data x[4] on sphere\nk*x[1]";
    let figure = Case::rows(text, &["x1", "x2", "x3", "x4"], &four).figure(&[1.0]);
    assert_eq!(figure.panels.len(), 6);
    is_sensible(&figure);
}

/// Angles are drawn in the turn in which they are given.
#[test]
fn turns() {
    for (low, high, start) in [(0.1, 6.2, 0.0), (0.1, 3.0, 0.0), (-3.1, 3.1, -std::f64::consts::PI)]
    {
        let case = Case::of("data x on circle\nk*cos(x)", &[("x", spread(low, high, 80))]);
        let figure = case.figure(&[1.0]);
        let axis = &figure.panels[1].x;
        assert_eq!((axis.low, &axis.scale), (start, &Scale::Turn));
        assert!(figure.panels[0].is_map);
        is_sensible(&figure);
    }
}

/// log p is -∞ above 1 and not a number below -1.
#[test]
fn where_log_p_is_not_finite() {
    let x = [("x", spread(-0.9, 0.9, 80))];
    let cut = Case::of("k*x + log(1 - x)", &x).figure(&[1.0]);
    is_sensible(&cut);
    assert!(notes_say(&cut, "not finite"), "{:?}", cut.notes);
    let zero = Case::of("k*x - 1e9*max(x - 0.5, 0)", &x).figure(&[1.0]);
    is_sensible(&zero);
    let nowhere = Case::of("log(-k - x^2)", &x).figure(&[1.0]);
    assert!(notes_say(&nowhere, "finite nowhere"), "{:?}", nowhere.notes);
    let pair = [("x", spread(-0.9, 0.9, 80)), ("y", spread(-0.9, 0.9, 99)[..80].to_vec())];
    let cut = Case::of("log(k - x^2 - y^2)", &pair).figure(&[0.8]);
    is_sensible(&cut);
    assert!(notes_say(&cut, "not finite on"), "{:?}", cut.notes);
}

/// A million rows give no more marks than are visible, and a note says how many are drawn.
#[test]
fn a_million_rows() {
    let many = 1_000_000;
    let (x, y) = (spread(-1.0, 1.0, many), spread(0.0, 1.0, many));
    let figure = Case::of("-(x - mu)^2/2", &[("x", x.clone())]).figure(&[0.0]);
    let ticks = figure.panels[0].layers.iter().find_map(|layer| match &layer.mark {
        Mark::Rug(ticks) => Some(ticks.len()),
        _ => None,
    });
    assert_eq!(ticks, Some(500));
    assert!(notes_say(&figure, "ticks: 500 of 1000000"));
    let rose = Case::of("data x on circle\nk*cos(x)", &[("x", x.clone())]).figure(&[1.0]);
    assert_eq!(points(&rose.panels[0]).len(), 500);
    assert!(notes_say(&rose, "dots: 500 of 1000000"));
    let pair = [("x", x), ("y", y)];
    for text in ["-(x^2 + y^2 + k*y)/2", "data y; covariate x\n-(y - k*x)^2/2"] {
        let figure = Case::of(text, &pair).figure(&[0.0]);
        assert!(notes_say(&figure, "points: 1500 of 1000000"), "{:?}", figure.notes);
        for panel in &figure.panels {
            assert_eq!(points(panel).len(), 1500);
        }
    }
}
