//! One column of numbers: the normal, Student's t and logistic distributions, a double well.

use scorematch::numerics::rng::Stream;

use crate::support::samples::{logistic, student};
use crate::work::{covariance, draws, file, fit, mean};

#[test]
fn normal() {
    let x = draws(400, 1, |s| 2.0 + 1.5 * s.normal());
    let (m, deviation) = (mean(&x), covariance(&x, &x).sqrt());
    let data = file("normal", &vec![("x", x)]);
    let by_hand = fit("-(x - mu)^2/(2*s^2)", &data);
    by_hand.roles(&["x"], &[], &["mu", "s"]).warns(&["labels"]);
    by_hand.near(&[("mu", 2.0), ("s", 1.5)]).equals(&[("mu", m), ("s", deviation)]);
    by_hand.says("labels", &["`s` enters up to its sign"]);
    // The logarithm of the scale in log p determines its sign.
    for text in [
        "normal_lpdf(x, mu, s)",
        "log(1/(s*sqrt(2*pi))*exp(-(x - mu)^2/(2*s^2)))",
        "data x; param mu, s > 0; -(x - mu)^2/(2*s^2)",
    ] {
        fit(text, &data).warns(&[]).equals(&[("mu", m), ("s", deviation)]);
    }
}

#[test]
fn student_t_with_free_degrees() {
    let x = draws(1500, 2, |s| 1.0 + 2.0 * student(4, s));
    let data = file("student", &vec![("x", x)]);
    let truth = [("nu", 4.0), ("mu", 1.0), ("s", 2.0)];
    for text in ["student_t_lpdf(x, nu, mu, s)", "-(nu + 1)/2*log(1 + ((x - mu)/s)^2/nu)"] {
        fit(text, &data).near(&truth).roles(&["x"], &[], &["nu", "mu", "s"]);
    }
    let declared = "data x; param nu > 0, mu, s > 0; student_t_lpdf(x, nu, mu, s)";
    fit(declared, &data).near(&truth);
}

#[test]
fn logistic_distribution() {
    let x = draws(800, 3, |s| 3.0 + 0.7 * logistic(s));
    let data = file("logistic", &vec![("x", x)]);
    let truth = [("mu", 3.0), ("s", 0.7)];
    let named = fit("logistic_lpdf(x, mu, s)", &data);
    named.near(&truth).warns(&[]);
    let by_hand = fit("-(x - mu)/s - 2*log(1 + exp(-(x - mu)/s))", &data);
    by_hand.equals(&[("mu", named.value("mu")), ("s", named.value("s"))]).warns(&["labels"]);
}

#[test]
fn double_well() {
    // Drawn by rejection from the uniform distribution on (-3, 3); the energy
    // is smallest at x^2 = 3/2.
    let energy = |x: f64| 0.5 * x.powi(4) - 1.5 * x.powi(2);
    let well = |s: &mut Stream| loop {
        let x = 6.0 * s.uniform() - 3.0;
        if s.uniform().ln() < energy(1.5_f64.sqrt()) - energy(x) {
            return x;
        }
    };
    let data = file("well", &vec![("x", draws(1500, 4, well))]);
    for text in ["energy = a*x^4 - b*x^2", "-a*x^4 + b*x^2"] {
        fit(text, &data).near(&[("a", 0.5), ("b", 1.5)]).warns(&[]);
    }
    fit("energy = a*(x^2 - c)^2", &data).near(&[("a", 0.5), ("c", 1.5)]).warns(&[]);
}
