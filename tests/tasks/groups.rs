//! Means of groups: of schools with one standard deviation, and with a known
//! standard error in each row.

use crate::work::{draws, fit, text_file};

const SCHOOLS: [(&str, f64); 4] = [("Ash", 28.0), ("Birch", 8.0), ("Cedar", -3.0), ("Elm", 12.0)];

/// Rows of a school, its effect with an error, and the standard deviation of this error.
fn rows() -> Vec<(usize, f64, f64)> {
    draws(240, 70, |s| {
        let (school, se) = (s.below(SCHOOLS.len()), 4.0 + 6.0 * s.uniform());
        (school, SCHOOLS[school].1 + se * s.normal(), se)
    })
}

fn data(name: &str) -> String {
    let row = |&(school, y, se): &(usize, f64, f64)| format!("{y},{se},{}\n", SCHOOLS[school].0);
    text_file(name, &format!("y,se,school\n{}", rows().iter().map(row).collect::<String>()))
}

/// The weighted mean of y in a school; weights are a function of the standard deviation.
fn weighted(school: usize, weight: impl Fn(f64) -> f64) -> f64 {
    let own = || rows().into_iter().filter(|row| row.0 == school);
    let total: f64 = own().map(|row| weight(row.2)).sum();
    own().map(|row| weight(row.2) * row.1).sum::<f64>() / total
}

#[test]
fn means_of_groups_with_one_spread() {
    let data = data("schools");
    for text in [
        "covariate school; param m[school], s > 0; normal_lpdf(y, m[school], s)",
        "param m[school], s > 0; normal_lpdf(y, m[school], s)",
    ] {
        let fitted = fit(text, &data);
        for (k, (name, truth)) in SCHOOLS.iter().enumerate() {
            let entry = format!("m[{name}]");
            fitted.near(&[(&entry, *truth)]).equals(&[(&entry, weighted(k, |_| 1.0))]);
        }
    }
}

/// J weights a squared score by 1/se^4, so that this is the weight of a row
/// in the mean of its school.
#[test]
fn known_standard_errors() {
    let text = "covariate school, se; param m[school]; normal_lpdf(y, m[school], se)";
    let fitted = fit(text, &data("known_errors"));
    fitted.warns(&[]);
    for (k, (name, truth)) in SCHOOLS.iter().enumerate() {
        let entry = format!("m[{name}]");
        fitted.near(&[(&entry, *truth)]).equals(&[(&entry, weighted(k, |se| se.powi(-4)))]);
    }
}
