//! Data and texts for which no fit is possible are refused with a remedy; similar ones that can be
//! fitted have no warning.

use std::fmt::Write;

use crate::run::{file, run};

/// A file with `header` and `rows` rows.
fn table(name: &str, header: &str, rows: usize, row: impl Fn(f64) -> String) -> String {
    let mut text = format!("{header}\n");
    for k in 0..rows {
        writeln!(text, "{}", row(k as f64)).expect("a text grows");
    }
    file(name, text)
}

/// Quantiles of the logistic distribution, which resemble normal ones.
fn bell(k: f64, rows: f64) -> f64 {
    let u = (k + 0.5) / rows;
    0.6 * (u / (1.0 - u)).ln()
}

fn plain(name: &str) -> String {
    table(name, "x", 120, |k| (5.0 + bell(k, 120.0)).to_string())
}

#[track_caller]
fn refused(model: &str, data: &str, words: &[&str]) {
    let words = [&["error[no-fit-possible]"], words].concat();
    run(&["fit", "-e", model, data]).refused(1, &words);
}

/// The codes of the warnings of a fit that ends with this status.
#[track_caller]
fn codes(model: &str, data: &str, status: i32) -> Vec<String> {
    let json = run(&["fit", "-e", model, data, "--format", "json", "-q"]).expect(status).json();
    let list = json["warnings"].as_array().expect("a list").clone();
    let code = |one: &serde_json::Value| one["code"].as_str().expect("a code").to_owned();
    list.iter().map(code).collect()
}

fn has(codes: &[String], code: &str) -> bool {
    codes.iter().any(|one| one == code)
}

#[test]
fn binary_data_are_refused() {
    let data = table("binary.csv", "y,x", 40, |k| {
        format!("{},{}", u8::from(k % 3.0 == 0.0 || k > 25.0), k / 10.0)
    });
    let logit = "data y; covariate x; param a, b; y*(a + b*x) - log(1 + exp(a + b*x))";
    refused(logit, &data, &["binary data", "declare such data, `data y in {0, 1}`"]);
    refused("data y; -(y - mu)^2/(2*s2)", &data, &["`y` is 0 or 1"]);
    let spins = table("spins.csv", "s,t", 40, |k| {
        format!("{},{}", if k % 2.0 == 0.0 { -1 } else { 1 }, if k % 3.0 == 0.0 { -1 } else { 1 })
    });
    refused("data s, t; param h, j; h*(s + t) + j*s*t", &spins, &["`data s in {-1, 1}`"]);
    // A covariate may be binary or a count.
    let given = "data x; covariate y; param a, b, s2 > 0; -(x - a - b*y)^2/(2*s2)";
    codes(given, &data, 0);
}

#[test]
fn counts_are_refused_where_the_text_shows_them_and_warned_of_elsewhere() {
    let data = table("counts.csv", "y", 60, |k| ((k * k / 500.0).floor()).to_string());
    refused("data y; param l > 0; y*log(l) - l - lgamma(y + 1)", &data, &["`y` holds counts"]);
    let negative = "data y; param r > 0, q in (0, 1); \
                    lgamma(y + r) - lgamma(y + 1) - lgamma(r) + r*log(q) + y*log(1 - q)";
    refused(negative, &data, &["`y` holds counts"]);
    let found = codes("data y; param m, s2 > 0; -(y - m)^2/(2*s2)", &data, 0);
    assert!(has(&found, "counts") && !has(&found, "evident-edge"), "{found:?}");
    let rates = table("rates.csv", "x", 120, |k| (72.0 + 8.0 * bell(k, 120.0)).round().to_string());
    for data in [rates.as_str(), "examples/faithful.csv"] {
        let name = if data.ends_with("rates.csv") { "x" } else { "waiting" };
        let model = format!("data {name}; param m, s2 > 0; -({name} - m)^2/(2*s2)");
        assert!(!has(&codes(&model, data, 0), "counts"));
    }
}

#[test]
fn a_log_density_without_curvature_is_refused() {
    let data = plain("straight.csv");
    let line = ["linear in `x`", "half-line"];
    for model in [
        "data x; param l > 0; -l*x",
        "data x; param l > 0; log(l) - l*x",
        "data x; param p in (0, 1); log(p) + x*log(1 - p)",
    ] {
        refused(model, &data, &line);
    }
    let kinks = ["kinks", "log_cosh", "Laplacian is zero"];
    for model in [
        "data x; param w; -abs(w*x)",
        "data x; param l > 0, m; -l*abs(x - m)",
        "data x; param l > 0; if(x < 5, l*(x - 5), -l*(x - 5))",
        "data x; param l > 0, m; -l*max(x - m, m - x)",
    ] {
        refused(model, &data, &kinks);
    }
    let two = table("straight2.csv", "x,y", 60, |k| format!("{},{}", bell(k, 60.0), k % 7.0));
    refused("data x, y; param m, l > 0; -(x - m)^2/2 - l*y", &two, &["linear in `y`"]);
    refused("data x, y; param v, w; -abs(v*x + w*y) - abs(v*y - w*x)", &two, &kinks);
    codes("data x; param l > 0, m; -l*log_cosh(x - m)", &data, 0);
    codes("data x; param l > 0, m; -l*sqrt((x - m)^2 + 0.1)", &data, 0);
    // The kink is only one term of log p.
    codes("data x; param l > 0, m; -l*(x - 5)^2 - abs(x - 5)/10", &data, 0);
}

#[test]
fn a_constant_log_density_is_refused() {
    let data = plain("constant.csv");
    for model in ["data x; param s2 > 0; x^2/(2*s2)", "data x; param l > 0; l*x^4"] {
        assert!(has(&codes(model, &data, 3), "constant-log-density"), "{model}");
    }
    let wide = table("wide_constant.csv", "x", 60, |k| (1e9 + 1e7 * bell(k, 60.0)).to_string());
    codes("data x; param m, s2 > 0; -(x - m)^2/(2*s2)", &wide, 0);
    let turn = table("uniform.csv", "t", 60, |k| (k / 10.0).to_string());
    codes("data t on circle; param a, b; a*cos(t) + b*sin(t)", &turn, 0);
}

#[test]
fn degrees_are_recognised() {
    let degrees = table("degrees.csv", "t", 120, |k| {
        (60.0 + 25.0 * bell(k, 120.0)).rem_euclid(360.0).to_string()
    });
    let model = "data t on circle; param k, mu; k*cos(t - mu)";
    refused(model, &degrees, &["look like degrees", "π/180", "`t*pi/180`"]);
    let converted = "data t; param k, mu; let r = t*pi/180; k*cos(r - mu)";
    let json = run(&["fit", "-e", converted, &degrees, "--format", "json", "-q"]).expect(0).json();
    let mean = json["parameters"][1]["estimate"].as_f64().expect("a number");
    assert!((mean - 60_f64.to_radians()).abs() < 0.02, "{mean}");
    let hours = table("hours.csv", "t", 120, |k| (12.0 + 3.0 * bell(k, 120.0)).to_string());
    assert!(has(&codes(model, &hours, 0), "not-radians"));
    for (name, shift) in [("radians.csv", 0.0), ("radians2.csv", std::f64::consts::PI)] {
        let radians = table(name, "t", 120, |k| (shift + (k - 60.0) / 19.11).to_string());
        assert!(!has(&codes(model, &radians, 0), "not-radians"));
    }
}

#[test]
fn a_density_in_place_of_its_logarithm_is_recognised() {
    let data = plain("density.csv");
    for model in [
        "exp(-(x - mu)^2/(2*s2))",
        "data x; param mu, s > 0; exp(-(x - mu)^2/(2*s^2))/(s*sqrt(2*pi))",
        "data x; param mu, s > 0; 1/(1 + ((x - mu)/s)^2)",
        "data x; param w in (0, 1), m; w*exp(-(x - m)^2/2) + (1 - w)*exp(-x^2/8)/2",
    ] {
        refused(model, &data, &["looks like a density", "`log(…)`"]);
    }
    for model in [
        "data x; param mu, s > 0; log(exp(-(x - mu)^2/(2*s^2))/s)",
        "data x; param mu, s > 0; 1000 - (x - mu)^2/(2*s^2)",
        "data x; param mu, s > 0; -log(1 + ((x - mu)/s)^2)",
    ] {
        codes(model, &data, 0);
    }
}

#[test]
fn as_many_parameters_as_rows_have_no_errors() {
    let one = file("one_row.csv", "x,y,z\n1.5,2,0\n");
    for model in
        ["data x; -(x - mu)^2/2", "data x, y, z; param m[3]; -(x-m[1])^2-(y-m[2])^2-(z-m[3])^2"]
    {
        let run = run(&["fit", "-e", model, &one, "--format", "json", "-q"]).expect(0).json();
        let parameters = run["parameters"].as_array().expect("a list");
        assert!(parameters.iter().all(|one| one["std_error"].is_null()), "{parameters:?}");
        assert!(has(&codes(model, &one, 0), "too-few-rows"));
    }
    let three = file("three_rows.csv", "x,y\n0,1\n1,3\n2,4\n");
    let cubic = "data y; covariate x; param c[3]; -(y - c[1] - c[2]*x - c[3]*x^2)^2/2";
    let found = run(&["fit", "-e", cubic, &three]).expect(0);
    assert!(found.stdout.contains("3 rows for 3 parameters"), "{}", found.stdout);
    let line = "data y; covariate x; param a, b; -(y - a - b*x)^2/2";
    assert!(has(&codes(line, &three, 0), "small-sample"));
}

#[test]
fn units_are_warned_of_from_a_ninth_of_the_weight() {
    let model = "data a, b; param m, s2 > 0; -(a - m)^2/(2*s2) - (b - m)^2/(2*s2)";
    for (ratio, expected) in [(2.1, false), (3.3, true), (1000.0, true)] {
        let data = table("ratio.csv", "a,b", 60, |k| {
            format!("{},{}", bell(k, 60.0), ratio * bell(k * 7.0 % 60.0, 60.0))
        });
        assert_eq!(has(&codes(model, &data, 0), "column-units"), expected, "{ratio}");
    }
}

#[test]
fn a_value_with_a_probability_of_its_own_is_named() {
    let data = table("inflated.csv", "x", 90, |k| {
        if k % 3.0 == 0.0 { "0".to_owned() } else { bell(k, 90.0).to_string() }
    });
    let normal = "data x; param m, s2 > 0; -(x - m)^2/(2*s2)";
    assert!(has(&codes(normal, &data, 0), "point-mass"));
    assert!(!has(&codes(normal, &plain("no_heap.csv"), 0), "point-mass"));
}
