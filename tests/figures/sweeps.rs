//! Terms of the objective along a parameter.

use scorematch::analysis::{Evaluation, Film, Sweep};
use scorematch::fit::{self, Options};
use scorematch::objective::{Choices, Path, Rows, Specification};

use super::{Case, spread};

fn objective(case: &Case) -> Specification {
    let specification = Specification::with(&case.model, &Choices::default())
        .expect("an objective that suits the model");
    let slices = case.data.slices();
    let rows = Rows::new(&slices, case.data.original_rows());
    specification.on(&case.model, &rows).expect("an objective that suits the model")
}

fn sweep(case: &Case, theta: &[f64], parameter: usize, values: &[f64]) -> Sweep {
    Sweep::of(&objective(case), &case.model, &case.data, theta, (parameter, values), 2)
}

fn normal() -> Case {
    Case::of("-(x - mu)^2/(2*s2)", &[("x", spread(-3.0, 5.0, 700))])
}

fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

#[test]
fn terms_are_those_of_an_evaluation() {
    let gamma = Case::of("data x > 0\nk*log(x) - b*x", &[("x", spread(0.1, 4.0, 300))]);
    let values: Vec<f64> = (1..9).map(|k| 0.4 * f64::from(k)).collect();
    for (case, parameter) in [(normal(), 1), (normal(), 0), (gamma, 0)] {
        let theta = [1.0, 2.0];
        let sweep = sweep(&case, &theta, parameter, &values);
        assert_eq!(sweep.values, values);
        assert_eq!(sweep.parameter, case.model.parameters()[parameter].name);
        for (k, &value) in values.iter().enumerate() {
            let mut theta = theta.to_vec();
            theta[parameter] = value;
            assert_eq!(sweep.thetas[k], theta);
            let (model, data) = (&case.model, &case.data);
            let at = Evaluation::by(&objective(&case), Path::Rows, model, data, &theta, 1);
            let at = at.expect("rows suit every objective");
            for (j, &(name, term)) in at.terms.iter().enumerate() {
                assert_eq!(sweep.names[j], name);
                assert!(is_close(sweep.terms[k][j], term, 1e-12), "{name} at {value}");
            }
            assert!(is_close(sweep.totals[k], at.objective, 1e-12), "J at {value}");
            let sum: f64 = sweep.terms[k].iter().sum();
            let size: f64 = sweep.terms[k].iter().map(|term| term.abs()).sum();
            assert!((sum - sweep.totals[k]).abs() < 1e-12 * size, "terms sum to J at {value}");
        }
    }
}

/// J = -1/s2 + E[x²]/(2 s2²) is smallest at s2 = E[x²].
#[test]
fn the_lowest_of_a_variance_is_the_second_moment() {
    let x = spread(-3.0, 5.0, 700);
    let moment = x.iter().map(|x| x * x).sum::<f64>() / 700.0;
    let case = normal();
    let values: Vec<f64> = (40..80).map(|k| 0.125 * f64::from(k)).collect();
    let lowest = sweep(&case, &[0.0, 1.0], 1, &values).lowest().expect("J is finite");
    // J(s2) is steeper on the left, but on a grid as fine as this the nearest point is the lowest.
    let nearest = |a: &&f64, b: &&f64| (**a - moment).abs().total_cmp(&(**b - moment).abs());
    assert_eq!(values[lowest], *values.iter().min_by(nearest).expect("the grid is not empty"));
}

#[test]
fn no_finite_value_is_no_lowest() {
    let sweep = sweep(&normal(), &[0.0, 1.0], 1, &[0.0, 2.0]);
    assert_eq!(sweep.lowest(), Some(1));
    let none = self::sweep(&normal(), &[0.0, 1.0], 1, &[0.0]);
    assert_eq!(none.lowest(), None);
}

#[test]
fn a_profile_is_at_most_the_sweep() {
    let y: Vec<f64> = spread(-1.0, 1.0, 300);
    let x = spread(0.0, 2.0, 377)[..300].to_vec();
    let y: Vec<f64> = x.iter().zip(&y).map(|(x, e)| 1.0 + 2.0 * x + e * (1.0 + 0.3 * x)).collect();
    let case = Case::of("data y; covariate x\n-(y - a - b*x)^2/(2*s2)", &[("y", y), ("x", x)]);
    let fitted = fit::fit(&case.model, &case.data, &Options::default()).expect("a fit");
    let theta: Vec<f64> = fitted.parameters.iter().map(|one| one.estimate).collect();
    let b = case.model.parameter("b").expect("a slope");
    let values: Vec<f64> = (-4..5).map(|k| theta[b] + 0.2 * f64::from(k)).collect();
    let plain = sweep(&case, &theta, b, &values);
    let options = Options::default().start("a", 3.0);
    let (model, data) = (&case.model, &case.data);
    let profile = Sweep::profile(&objective(&case), model, data, &theta, (b, &values), &options);
    let profile = profile.expect("every fit is possible");
    assert!(profile.is_profile && !plain.is_profile);
    for (k, &value) in values.iter().enumerate() {
        assert_eq!(profile.thetas[k][b], value);
        let (low, high) = (profile.totals[k], plain.totals[k]);
        assert!(low <= high + 1e-12 * high.abs(), "{low} {high}");
        assert!(k == 4 || low < high - 1e-6, "the others are fitted: {low} {high}");
    }
    assert!(is_close(profile.totals[4], fitted.objective, 1e-10));
    assert_eq!(profile.lowest(), Some(4));
}

/// Where no other parameter is free, the profile is the plain sweep.
#[test]
fn a_profile_of_one_free_parameter() {
    let case = normal();
    let (model, data, values) = (&case.model, &case.data, [2.0, 5.0]);
    let held = Options::default().hold("mu", 1.0);
    let of = |options| {
        Sweep::profile(&objective(&case), model, data, &[1.0, 4.0], (1, &values), options)
    };
    let profile = of(&held).expect("there is nothing to fit");
    assert_eq!(profile.totals, sweep(&case, &[1.0, 4.0], 1, &values).totals);
}

/// The frames of a film share their axes, which contain the curves of all frames.
#[test]
fn frames_share_their_axes() {
    let case = normal();
    let values: Vec<f64> = (1..9).map(f64::from).collect();
    let film = Film::of(&case.model, &case.data, sweep(&case, &[1.0, 4.0], 0, &values));
    let film = film.expect("a model that can be drawn");
    assert_eq!((film.models.len(), film.bars.len()), (8, 8));
    for (frame, &value) in values.iter().enumerate() {
        let (model, bars) = (&film.models[frame], &film.bars[frame]);
        assert_eq!((&model.x, &model.y), (&film.models[0].x, &film.models[0].y));
        assert_eq!((&bars.x, &bars.y), (&film.bars[0].x, &film.bars[0].y));
        let curve = super::line(model, scorematch::analysis::Role::Model);
        let peak = curve.iter().max_by(|a, b| a.1.total_cmp(&b.1)).expect("a curve");
        assert!((peak.0 - value).abs() < 0.05, "{peak:?}");
        assert!(peak.1 <= model.y.high);
    }
}
