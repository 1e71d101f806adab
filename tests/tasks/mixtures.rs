//! A mixture of two normals, by named densities and written out.

use crate::support::samples::{Table, mixture};
use crate::work::{draws, file, fit, refused};

pub fn two_normals() -> Table {
    let parts = [(0.35, -1.5, 0.8), (0.65, 1.5, 1.0)];
    vec![("x", draws(1500, 10, |s| mixture(&parts, s)))]
}

#[test]
fn shares_places_and_scales_are_found_in_every_spelling() {
    let data = file("mixture", &two_normals());
    let truth = [("w", 0.35), ("m1", -1.5), ("m2", 1.5), ("s1", 0.8), ("s2", 1.0)];
    let first = fit("mixture([w, 1 - w], [normal_lpdf(x, m1, s1), normal_lpdf(x, m2, s2)])", &data);
    first.near(&truth).roles(&["x"], &[], &["w", "m1", "s1", "m2", "s2"]);
    let same: Vec<(&str, f64)> = truth.iter().map(|&(name, _)| (name, first.value(name))).collect();
    for text in [
        "log(w*exp(normal_lpdf(x, m1, s1)) + (1 - w)*exp(normal_lpdf(x, m2, s2)))",
        "log(w*exp(-(x - m1)^2/(2*s1^2))/s1 + (1 - w)*exp(-(x - m2)^2/(2*s2^2))/s2)",
        "log_sum_exp(log(w) + normal_lpdf(x, m1, s1), log(1 - w) + normal_lpdf(x, m2, s2))",
    ] {
        fit(text, &data).equals(&same).says("labels", &["trade places"]);
    }
}

/// One number is no list of weights.
#[test]
fn a_single_weight_is_told_what_to_write() {
    let data = file("mixture_of_one_weight", &two_normals());
    let text = "mixture(w, [normal_lpdf(x, m1, s1), normal_lpdf(x, m2, s2)])";
    let remedy = "mixture([w, 1 - w], [normal_lpdf(x, m1, s1), normal_lpdf(x, m2, s2)])";
    refused(text, &data, &[remedy]);
}

#[test]
fn a_declared_order_needs_no_note_on_labels() {
    let data = file("declared_mixture", &two_normals());
    let text = "param w[2] simplex, m[2] ordered, s[2] > 0\n\
                mixture(w, [normal_lpdf(x, m[1], s[1]), normal_lpdf(x, m[2], s[2])])";
    let fitted = fit(text, &data);
    fitted.near(&[("w[1]", 0.35), ("m[1]", -1.5), ("m[2]", 1.5), ("s[1]", 0.8), ("s[2]", 1.0)]);
    fitted.roles(&["x"], &[], &["w", "m", "s"]);
    // Spikes on a few rows may be listed as other minima.
    fitted.warns_at_most(&["collapse", "ambiguous-minimum"]);
}

#[test]
fn scales_may_be_left_out() {
    let x = draws(1000, 11, |s| mixture(&[(0.4, -1.5, 1.0), (0.6, 1.5, 1.0)], s));
    let data = file("unit_mixture", &vec![("x", x)]);
    let fitted = fit("log(w*exp(-(x - m1)^2/2) + (1 - w)*exp(-(x - m2)^2/2))", &data);
    fitted.near(&[("w", 0.4), ("m1", -1.5), ("m2", 1.5)]).warns(&["labels"]);
}
