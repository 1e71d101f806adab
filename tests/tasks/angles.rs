//! Angles: the von Mises distribution, with and without the declaration of the circle, and a
//! mixture of two.

use std::f64::consts::TAU;

use scorematch::numerics::rng::Stream;

use crate::support::samples::von_mises;
use crate::work::{draws, file, fit};

/// Angles in [0, 2π), a common range in other programs.
fn around(centre: f64, kappa: f64, s: &mut Stream) -> f64 {
    (centre + von_mises(kappa, s)).rem_euclid(TAU)
}

#[test]
fn von_mises_distribution() {
    let data = file("angles", &vec![("a", draws(600, 40, |s| around(1.0, 2.5, s)))]);
    let truth = [("mu", 1.0), ("kappa", 2.5)];
    let declared = fit("data a on circle; von_mises_lpdf(a, mu, kappa)", &data);
    declared.near(&truth).roles(&["a"], &[], &["mu", "kappa"]).warns(&["labels"]);
    // Where log p is periodic, J is that of the circle: the ends of the turn are not edges.
    for text in ["von_mises_lpdf(a, mu, kappa)", "kappa*cos(a - mu)"] {
        let fitted = fit(text, &data);
        fitted.equals(&truth.map(|(name, _)| (name, declared.value(name)))).warns(&["labels"]);
    }
}

#[test]
fn two_directions() {
    let row = |s: &mut Stream| match s.uniform() < 0.6 {
        true => around(1.0, 4.0, s),
        false => around(4.0, 3.0, s),
    };
    let data = file("two_directions", &vec![("a", draws(1500, 41, row))]);
    let text = "mixture([w, 1 - w], [von_mises_lpdf(a, m1, k1), von_mises_lpdf(a, m2, k2)])";
    // Directions are reported in (-π, π].
    let (one, other) = ((1.0, 4.0, 0.6), (4.0 - TAU, 3.0, 0.4));
    for text in [format!("data a on circle; {text}"), text.to_owned()] {
        let fitted = fit(&text, &data);
        let (first, second) = if fitted.value("m1") > 0.0 { (one, other) } else { (other, one) };
        fitted.near(&[("w", first.2), ("m1", first.0), ("k1", first.1)]);
        fitted.near(&[("m2", second.0), ("k2", second.1)]);
    }
    let declared = "data a on circle; param w[2] simplex, m[2], k[2] > 0\n\
                    mixture(w, [von_mises_lpdf(a, m[1], k[1]), von_mises_lpdf(a, m[2], k[2])])";
    let fitted = fit(declared, &data);
    let direct = fitted.value("m[1]") > 0.0;
    let (first, second) = if direct { (one, other) } else { (other, one) };
    fitted.near(&[("w[1]", first.2), ("m[1]", first.0), ("k[1]", first.1)]);
    fitted.near(&[("m[2]", second.0), ("k[2]", second.1)]);
}
