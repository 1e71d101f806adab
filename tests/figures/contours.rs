//! Contours contain the mass that they claim: by the area of an ellipse, and by draws inside them.

use scorematch::analysis::{Figure, Mark, Panel, Point};
use scorematch::numerics::rng::{Stream, stream};

use super::{Case, notes_say};
use crate::support::samples::{dirichlet, gamma, von_mises, von_mises_fisher};

const MASSES: [f64; 3] = [0.5, 0.8, 0.95];
const DRAWS: usize = 20_000;

fn lines(panel: &Panel, wanted: f64) -> &[Vec<Point>] {
    let lines = panel.layers.iter().find_map(|layer| match &layer.mark {
        Mark::Contour { mass, lines } if (*mass - wanted).abs() < 1e-9 => Some(lines),
        _ => None,
    });
    lines.unwrap_or_else(|| panic!("no contour of {wanted}"))
}

/// Whether a contour closes.
fn is_closed(line: &[Point]) -> bool {
    line.first() == line.last()
}

/// The signed area of a closed line, positive where it runs anticlockwise.
fn area(line: &[Point]) -> f64 {
    0.5 * line.windows(2).map(|p| p[0].0 * p[1].1 - p[1].0 * p[0].1).sum::<f64>()
}

/// The winding number of closed lines around a point, by a ray to the right.
fn winding(lines: &[Vec<Point>], (x, y): Point) -> i32 {
    let crossed = |pair: &[Point]| {
        let (a, b) = (pair[0], pair[1]);
        let is_right = (b.0 - a.0) * (y - a.1) - (x - a.0) * (b.1 - a.1);
        match (a.1 <= y, b.1 <= y) {
            (true, false) if is_right > 0.0 => 1,
            (false, true) if is_right < 0.0 => -1,
            _ => 0,
        }
    };
    lines.iter().flat_map(|line| line.windows(2)).map(crossed).sum()
}

fn draws(draw: impl Fn(&mut Stream) -> Vec<f64>, seed: u64) -> Vec<Vec<f64>> {
    let mut stream = stream(seed, 0);
    (0..DRAWS).map(|_| draw(&mut stream)).collect()
}

/// Checks the masses of contours to 1.5 percentage points: with 20 000 draws five standard errors
/// are 1.8 for a share of 0.5 and 0.8 for 0.95.
#[track_caller]
fn holds(panels: &[Panel], rows: &[Vec<f64>], place: impl Fn(&[f64]) -> (usize, Point)) {
    for mass in MASSES {
        for panel in panels {
            assert!(lines(panel, mass).iter().all(|line| is_closed(line)), "{mass} is open");
        }
        let is_inside = |row: &&Vec<f64>| {
            let (panel, at) = place(row);
            winding(lines(&panels[panel], mass), at) != 0
        };
        let share = rows.iter().filter(is_inside).count() as f64 / rows.len() as f64;
        assert!((share - mass).abs() < 0.015, "{share} of the draws in the contour of {mass}");
    }
}

fn correlated(s: &mut Stream) -> Vec<f64> {
    let (a, b) = (s.normal(), s.normal());
    vec![1.0 + 2.0 * a, -3.0 + 10.0 * (0.6 * a + 0.8 * b)]
}

/// exp(-q/2) with q = (u² - 1.2uv + v²)/0.64 has the mass 1 - exp(-q/2) below q, in an ellipse of
/// area π·q·2·10·0.8.
#[test]
fn ellipses_have_their_area() {
    let text = "-(((x-a)/2)^2 - 1.2*(x-a)/2*(y-b)/10 + ((y-b)/10)^2)/1.28";
    let rows = draws(correlated, 1);
    let case = Case::rows(text, &["x", "y"], &rows);
    let figure = case.figure(&[1.0, -3.0]);
    for mass in MASSES {
        let lines = lines(&figure.panels[0], mass);
        assert_eq!(lines.len(), 1);
        let want = std::f64::consts::PI * -2.0 * (1.0 - mass).ln() * 16.0;
        assert!((area(&lines[0]) / want - 1.0).abs() < 0.02, "{mass}: {}", area(&lines[0]));
    }
    holds(&figure.panels, &rows, |row| (0, (row[0], row[1])));
    assert!(notes_say(&figure, "points: 1500 of 20000 rows"));
}

/// With two modes, a contour consists of two lines.
#[test]
fn contours_of_two_modes() {
    let text = "log(exp(-((x+a)^2+y^2)/2) + exp(-((x-a)^2+y^2)/2))";
    let draw = |s: &mut Stream| {
        let side = if s.uniform() < 0.5 { 3.0 } else { -3.0 };
        vec![side + s.normal(), s.normal()]
    };
    let rows = draws(draw, 2);
    let figure = Case::rows(text, &["x", "y"], &rows).figure(&[3.0]);
    assert_eq!(lines(&figure.panels[0], 0.5).len(), 2);
    holds(&figure.panels, &rows, |row| (0, (row[0], row[1])));
}

/// y > 0 with a pole at the edge, and an angle: lines end at the edges, so draws are counted by
/// whether their density is above the level of the line.
#[test]
fn contours_on_a_half_plane_with_a_pole() {
    let draw = |s: &mut Stream| vec![s.normal(), gamma(0.6, s)];
    let rows = draws(draw, 3);
    let figure =
        Case::rows("data x, y > 0\n-x^2/2 + k*log(y) - y", &["x", "y"], &rows).figure(&[-0.4]);
    by_level(&figure, &rows, |row| -0.5 * row[0] * row[0] - 0.4 * row[1].ln() - row[1]);
    let draw = |s: &mut Stream| vec![von_mises(1.5, s), s.normal()];
    let rows = draws(draw, 4);
    let text = "data x on circle, y\nk*cos(x) - y^2/2";
    let figure = Case::rows(text, &["x", "y"], &rows).figure(&[1.5]);
    by_level(&figure, &rows, |row| 1.5 * row[0].cos() - 0.5 * row[1] * row[1]);
}

/// Compares the mass above the level of a contour, the median of log p along its lines, with the
/// share of draws.
#[track_caller]
fn by_level(figure: &Figure, rows: &[Vec<f64>], log_p: impl Fn(&[f64]) -> f64) {
    for mass in MASSES {
        let along = lines(&figure.panels[0], mass).iter().flatten();
        let mut levels: Vec<f64> = along.map(|p| log_p(&[p.0, p.1])).collect();
        levels.sort_by(f64::total_cmp);
        let level = levels[levels.len() / 2];
        let inside = rows.iter().filter(|row| log_p(row) > level).count();
        let share = inside as f64 / rows.len() as f64;
        assert!((share - mass).abs() < 0.015, "{share} of the draws in the contour of {mass}");
    }
}

fn in_triangle(row: &[f64]) -> Point {
    let half = 0.75_f64.sqrt();
    (half * (row[2] - row[1]), row[0] - 0.5 * (row[1] + row[2]))
}

#[test]
fn contours_of_compositions() {
    let text = "data x[3] on simplex\na*log(x[1]) + b*log(x[2]) + c*log(x[3])";
    let rows = draws(|s| dirichlet(&[4.0, 3.0, 5.0], s), 5);
    let figure = Case::rows(text, &["x1", "x2", "x3"], &rows).figure(&[3.0, 2.0, 4.0]);
    holds(&figure.panels, &rows, |row| (0, in_triangle(row)));
    // Where a part has a pole, no line is outside the triangle.
    let rows = draws(|s| dirichlet(&[0.5, 2.0, 3.0], s), 6);
    let figure = Case::rows(text, &["x1", "x2", "x3"], &rows).figure(&[-0.5, 1.0, 2.0]);
    assert!(!notes_say(&figure, "beside"), "{:?}", figure.notes);
    let back = |row: &[f64]| {
        let first = (row[1] + 0.5) / 1.5;
        let third = 0.5 * (1.0 - first + row[0] / 0.75_f64.sqrt());
        [first, 1.0 - first - third, third]
    };
    let log_p = |p: [f64; 3]| -0.5 * p[0].ln() + p[1].ln() + 2.0 * p[2].ln();
    let places: Vec<Vec<f64>> =
        rows.iter().map(|row| in_triangle(row)).map(|p| vec![p.0, p.1]).collect();
    by_level(&figure, &places, |at| log_p(back(at)));
}

#[test]
fn contours_of_directions() {
    let text = "data x[3] on sphere\na*x[1] + b*x[2] + c*x[3]";
    let theta = [2.0, -4.0, 9.0];
    let rows = draws(|s| von_mises_fisher(theta, s), 7);
    let figure = Case::rows(text, &["x1", "x2", "x3"], &rows).figure(&theta);
    let place = |row: &[f64]| {
        let scale = (1.0 + row[2].abs()).sqrt();
        (usize::from(row[2] < 0.0), (row[0] / scale, row[1] / scale))
    };
    holds(&figure.panels, &rows, place);
    // A density that spans both hemispheres.
    let theta = [1.0, 0.5, 0.2];
    let rows = draws(|s| von_mises_fisher(theta, s), 8);
    let figure = Case::rows(text, &["x1", "x2", "x3"], &rows).figure(&theta);
    let log_p = |row: &[f64]| row[0] + 0.5 * row[1] + 0.2 * row[2];
    for mass in MASSES {
        let mut levels = Vec::new();
        for (panel, side) in figure.panels.iter().zip([1.0, -1.0]) {
            for &(x, y) in lines(panel, mass).iter().flatten() {
                let square = x * x + y * y;
                let scale = (2.0 - square).sqrt();
                levels.push(log_p(&[x * scale, y * scale, side * (1.0 - square)]));
            }
        }
        levels.sort_by(f64::total_cmp);
        let level = levels[levels.len() / 2];
        let spread = levels[levels.len() - 1] - levels[0];
        assert!(spread < 0.01, "one level on both halves, not {spread} apart");
        let share = rows.iter().filter(|row| log_p(row) > level).count() as f64 / DRAWS as f64;
        assert!((share - mass).abs() < 0.015, "{share} of the draws in the contour of {mass}");
    }
}
