//! Figures of one number: densities, areas, scores, arrows.

use scorematch::analysis::{Figure, Mark, Role};

use super::{Case, line, marks, notes_say, spread};
use crate::support::samples::normal_density;

/// The mean of f by Gauss's rule with three points in 64 cells, independent of
/// the library's quadrature.
fn mean(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (node, step) = (0.6_f64.sqrt(), (high - low) / 64.0);
    let part = |k: usize| {
        let middle = low + (k as f64 + 0.5) * step;
        let at = |t: f64| f(middle + 0.5 * step * t);
        (5.0 * at(-node) + 8.0 * at(0.0) + 5.0 * at(node)) / 18.0
    };
    (0..64).map(part).sum::<f64>() / 64.0
}

/// The area below the drawn curve, and the width of its cells.
fn area(figure: &Figure) -> (f64, f64) {
    let panel = &figure.panels[0];
    let curve = line(panel, Role::Model);
    let step = (panel.x.high - panel.x.low) / curve.len() as f64;
    (curve.iter().filter(|p| p.1.is_finite()).map(|p| p.1).sum::<f64>() * step, step)
}

/// The percentage of the density that a note says to be outside the axis.
fn beside(figure: &Figure) -> f64 {
    let end = " % of the density lies beside the axis";
    let said = figure.notes.iter().find_map(|note| note.strip_suffix(end));
    said.map_or(0.0, |percent| percent.parse::<f64>().expect("a number"))
}

#[track_caller]
fn is_drawn(case: &Case, theta: &[f64], p: impl Fn(f64) -> f64, tolerance: f64) {
    let figure = case.figure(theta);
    let (_, step) = area(&figure);
    for &(x, y) in line(&figure.panels[0], Role::Model) {
        let want = mean(&p, x - 0.5 * step, x + 0.5 * step);
        assert!((y - want).abs() < tolerance * (want + 1e-9), "at {x}: {y}, want {want}");
    }
}

#[test]
fn densities_are_means_over_cells() {
    let normal = Case::of("-(x - mu)^2/(2*s2)", &[("x", spread(-3.0, 5.0, 200))]);
    is_drawn(&normal, &[1.0, 4.0], |x| normal_density(x, 1.0, 2.0), 1e-5);
    let quartic = Case::of("-x^4/4 + k*x", &[("x", spread(-2.0, 2.5, 90))]);
    let p = |x: f64| (-x.powi(4) / 4.0 + x - 1.265_414_992_571_508_1).exp();
    is_drawn(&quartic, &[1.0], p, 1e-4);
    let half = Case::of("data x > 0\n-(x - m)^2/8", &[("x", spread(0.0001, 5.0, 90))]);
    let p = |x: f64| (-(x - 1.0).powi(2) / 8.0 - 1.243_139_298_475_961_7).exp();
    is_drawn(&half, &[1.0], p, 1e-4);
}

/// The density x^(-1/2) e^(-x) has an eighth of its mass below 0.0247, where the curve has a pole.
#[test]
fn the_mass_of_a_pole_is_drawn() {
    let gamma = Case::of("data x > 0\n-k*log(x) - x", &[("x", spread(0.001, 6.0, 300))]);
    let figure = gamma.figure(&[0.5]);
    let ((area, step), share) = (area(&figure), beside(&figure));
    assert_eq!(share, 0.0, "{:?}", figure.notes);
    // The mass above x is erfc(√x), less than 5.4e-4 for x of at least 6.
    assert!((0.999_4..1.000_001).contains(&area), "{area}");
    // The mean over the first cell is erf(√h)/h = 2/√(πh)·(1 - h/3 + …).
    let first = line(&figure.panels[0], Role::Model)[0].1;
    let want = 2.0 / (std::f64::consts::PI * step).sqrt() * (1.0 - step / 3.0);
    assert!((first / want - 1.0).abs() < 1e-3, "{first} {want}");
    let beta = "data x in (0, 1)\na*log(x) + b*log(1-x)";
    let figure = Case::of(beta, &[("x", spread(0.01, 0.99, 200))]).figure(&[-0.5, -0.6]);
    assert!((self::area(&figure).0 - 1.0).abs() < 1e-5, "{:?}", self::area(&figure));
}

#[test]
fn the_share_outside_the_axis_has_a_note() {
    let x = [("x", spread(-1.0, 1.0, 200))];
    let normal = Case::of("-(x - mu)^2/(2*s2)", &x);
    for theta in [[0.0, 0.3], [0.0, 4.0], [2.0, 1.0], [-4.0, 2.0], [30.0, 1.0]] {
        let figure = normal.figure(&theta);
        let ((area, _), share) = (area(&figure), beside(&figure) / 100.0);
        // Shares of up to half a per cent have no note, others have three digits.
        let tolerance = if share == 0.0 { 5e-3 } else { 6e-4 };
        assert!((area + share - 1.0).abs() < tolerance, "{theta:?}: {area} + {share}");
    }
    assert!(beside(&normal.figure(&[30.0, 1.0])) > 99.9);
}

/// The area of all bars is 1, and that of each bar is its share of the rows.
#[test]
fn bars_are_shares() {
    let x = spread(-1.0, 1.0, 500);
    let figure = Case::of("-(x - mu)^2/2", &[("x", x.clone())]).figure(&[0.0]);
    let Some(Mark::Bars(bars)) =
        marks(&figure.panels[0], Role::Data, "bars").next().map(|one| &one.mark)
    else {
        panic!("no bars");
    };
    for &(low, high, height) in bars {
        let count = x.iter().filter(|&&x| low <= x && x < high).count();
        assert!((height * (high - low) * 500.0 - count as f64).abs() < 1e-9, "{low} to {high}");
    }
    let area: f64 = bars.iter().map(|(low, high, height)| (high - low) * height).sum();
    assert!((area - 1.0).abs() < 1e-12, "{area}");
}

#[test]
fn scores_are_slopes() {
    let quartic = Case::of("-x^4/4 + k*x", &[("x", spread(-2.0, 2.5, 90))]);
    let figure = quartic.figure(&[1.0]);
    for &(x, score) in line(&figure.panels[1], Role::Score) {
        assert!((score - (1.0 - x.powi(3))).abs() < 1e-9, "at {x}: {score}");
    }
    let mises = Case::of("data x on circle\nk*cos(x - m)", &[("x", spread(0.0, 6.2, 90))]);
    for &(x, score) in line(&mises.figure(&[2.0, 0.4]).panels[1], Role::Score) {
        assert!((score + 2.0 * (x - 0.4).sin()).abs() < 1e-9, "at {x}: {score}");
    }
}

/// Radii are square roots of densities: the curve around a rose encloses an area proportional to
/// the total mass, scaled so that the highest density has the longest radius.
#[test]
fn a_rose_holds_the_density_by_area() {
    let x = [("x", spread(0.0, 6.2, 900))];
    let figure = Case::of("data x on circle\nk*cos(x - m)", &x).figure(&[1.0, 0.4]);
    let curve = line(&figure.panels[0], Role::Model);
    let (area, most) = (
        0.5 * curve.windows(2).map(|p| p[0].0 * p[1].1 - p[1].0 * p[0].1).sum::<f64>(),
        curve.iter().map(|p| p.0.hypot(p.1)).fold(0.0, f64::max),
    );
    // ½∫r² = ½∫p·s = s/2, where s = most²/max p and max p = e/(2π I₀(1)).
    let highest = 1.0_f64.exp() / (std::f64::consts::TAU * 1.266_065_877_752_008_4);
    let want = 0.5 * most * most / highest;
    assert!((area / want - 1.0).abs() < 1e-3, "{area} {want}");
}

/// Arrows are along the score in units of the drawn axes, so that they are perpendicular to the
/// contours there, and longer where the score is larger.
#[test]
fn arrows_are_along_the_score() {
    let text = "-(x^2/4 - 1.2*x*y/20 + y^2/100)/2/0.64";
    let rows = [("x", spread(-4.0, 4.0, 300)), ("y", spread(-20.0, 20.0, 377)[..300].to_vec())];
    let figure = Case::of(&format!("{text} + k*x"), &rows).figure(&[0.0]);
    let panel = &figure.panels[0];
    let (w, h) = (panel.x.high - panel.x.low, panel.y.high - panel.y.low);
    let Some(Mark::Arrows(arrows)) =
        marks(panel, Role::Score, "arrows").next().map(|one| &one.mark)
    else {
        panic!("no arrows");
    };
    assert!(arrows.len() > 60, "{}", arrows.len());
    let mut longest = 0.0_f64;
    for &((x, y), (to_x, to_y)) in arrows {
        let score = (-(x / 2.0 - 0.06 * y) / 1.28, -(y / 50.0 - 0.06 * x) / 1.28);
        let (drawn, along) = (((to_x - x) / w, (to_y - y) / h), (score.0 * w, score.1 * h));
        let (length, size) = (drawn.0.hypot(drawn.1), along.0.hypot(along.1));
        let cross = drawn.0 * along.1 - drawn.1 * along.0;
        assert!(cross.abs() < 1e-9 * length * size, "at {x}, {y}");
        assert!(drawn.0 * along.0 + drawn.1 * along.1 > 0.0, "at {x}, {y}");
        longest = longest.max(length);
    }
    assert!((longest - 0.9 / 12.0).abs() < 1e-9, "{longest}");
    assert!(notes_say(&figure, "arrows: the score"));
}
