//! `derive` shows a loss as Laplacian and half of weighed squares, which add up to it.

use scorematch::analysis::Derivation;
use scorematch::graph::evaluate;
use scorematch::{Model, report::Part};

fn derived(text: &str) -> Derivation {
    let model = Model::parse(text).expect("the text is a model");
    Derivation::of(&model).expect("an objective suits it")
}

/// The loss in the model language, without its left side.
fn loss(text: &str) -> String {
    let shown = derived(text).text_of(&[Part::Loss]);
    let (_, right) = shown.trim_end().rsplit_once("loss = ").expect("a left side");
    right.to_owned()
}

#[test]
fn losses_are_shown_in_parts() {
    let check = |text: &str, expected: &str| assert_eq!(loss(text), expected, "{text}");
    check("-(x - mu)^2/(2*s2)", "-1/s2 + 1/2*((mu - x)/s2)^2");
    check("-a*x^2/2", "-a + 1/2*(a*x)^2");
    check("-x^4/4", "-3*x^2 + 1/2*(x^3)^2");
    check(
        "data x, y; -(x - m)^2/2 - (y - k)^2/(2*s)",
        "-1/s - 1 + 1/2*((m - x)^2 + ((k - y)/s)^2)",
    );
    check("data x; weight x = x^2; -x^2/2", "-3*x^2 + 1/2*x^2*x^2");
    // Binary data have no Laplacian, and keep one expression.
    assert!(derived("data q in {0, 1}; param h; h*q").parts.is_none());
}

#[test]
fn latex_has_the_same_parts() {
    let latex = derived("-(x - mu)^2/(2*s2)").latex_of(&[Part::Loss]);
    let expected =
        r"\rho &= -\frac{1}{s_{2}} + \frac{1}{2} \, \left(\frac{\mu - x}{s_{2}}\right)^{2}";
    assert!(latex.contains(expected), "{latex}");
}

#[test]
fn parts_add_up_to_the_loss() {
    for text in [
        "-(x - mu)^2/(2*s2)",
        "-(nu + 1)/2*log(1 + (x - mu)^2/nu)",
        "data x > 0; param a, b; (a - 1)*log(x) - b*x",
        "data x, y; param a, b; -x^4 - (y - a*x)^2*b",
        "data u[3] on simplex; param a; a*log(u[1]) + log(u[2]) + 2*log(u[3])",
        "data v[3] on sphere; param k; k*v[1] + v[2]^2",
        "data a on circle; param k, m; k*cos(a - m)",
    ] {
        let derivation = derived(text);
        let parts = derivation.parts.clone().expect("the data are continuous");
        let pairs = parts.squares.iter().flat_map(|one| [one.weight, one.root]);
        let roots: Vec<_> = [derivation.loss, parts.linear].into_iter().chain(pairs).collect();
        let at = |k: usize| 0.3 + 0.17 * (k % 5) as f64;
        let values = evaluate(&derivation.graph, &roots, |id| at(id.index()));
        let squares: f64 = values[2..].chunks(2).map(|one| one[0] * one[1] * one[1]).sum();
        let (sum, whole) = (values[1] + 0.5 * squares, values[0]);
        assert!((sum - whole).abs() <= 1e-12 * whole.abs().max(1.0), "{text}: {sum} {whole}");
    }
}

#[test]
fn json_has_the_parts_and_one_expression() {
    let json: serde_json::Value =
        serde_json::from_str(&derived("-(x - mu)^2/(2*s2)").json()).expect("JSON");
    assert_eq!(json["loss"], "(x - mu)^2/(2*s2^2) - 1/s2");
    let parts = &json["loss_parts"];
    assert_eq!(parts["text"], "-1/s2 + 1/2*((mu - x)/s2)^2");
    assert_eq!(parts["linear"], "-1/s2");
    assert_eq!(parts["squares"], serde_json::json!([{"weight": "1", "root": "(mu - x)/s2"}]));
    let binary = derived("data q in {0, 1}; param h; h*q").json();
    let binary: serde_json::Value = serde_json::from_str(&binary).expect("JSON");
    assert!(binary["loss_parts"].is_null() && binary["loss"].is_string());
}
