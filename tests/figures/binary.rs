//! Binary data: probabilities of patterns and of entries.

use scorematch::analysis::{Figure, Mark, Role, Scale};

use super::{Case, marks, notes_say};

fn heights(figure: &Figure, role: Role) -> Vec<f64> {
    match marks(&figure.panels[0], role, "bars").next().map(|one| &one.mark) {
        Some(Mark::Bars(bars)) => bars.iter().map(|bar| bar.2).collect(),
        _ => panic!("no bars"),
    }
}

fn names(figure: &Figure) -> &[String] {
    match &figure.panels[0].x.scale {
        Scale::Names(names) => names,
        _ => panic!("no names"),
    }
}

/// Rows of pseudo-random digits: row k has the binary digits of a multiple of k.
fn rows(d: usize, count: usize) -> Vec<Vec<f64>> {
    let digit = |k: usize, j: usize| ((k * 2_654_435_761) >> (j + 7) & 1) as f64;
    (0..count).map(|k| (0..d).map(|j| digit(k, j)).collect()).collect()
}

/// With independent entries, the probability of a pattern is the product of those of its entries.
#[test]
fn independent_entries_multiply() {
    let text = "data x[3] in {0, 1}\na*x[1] + b*x[2] + c*x[3]";
    let (rows, theta) = (rows(3, 90), [0.4, -1.0, 2.0]);
    let figure = Case::rows(text, &["x1", "x2", "x3"], &rows).figure(&theta);
    let chance = theta.map(|t: f64| 1.0 / (1.0 + (-t).exp()));
    let (observed, model) = (heights(&figure, Role::Data), heights(&figure, Role::Model));
    assert_eq!(names(&figure).len(), 8);
    for (k, name) in names(&figure).iter().enumerate() {
        let digits: Vec<f64> = name.bytes().map(|digit| f64::from(digit - b'0')).collect();
        let factor = |j: usize| if digits[j] == 1.0 { chance[j] } else { 1.0 - chance[j] };
        let want: f64 = (0..3).map(factor).product();
        assert!((model[k] - want).abs() < 1e-12, "{name}: {} {want}", model[k]);
        let count = rows.iter().filter(|row| **row == digits).count() as f64 / 90.0;
        assert!((observed[k] - count).abs() < 1e-12, "{name}");
    }
    assert!((observed.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((model.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn one_entry() {
    let figure =
        Case::rows("data x[1] in {-1, 1}\nh*x[1]", &["x1"], &[vec![1.0], vec![-1.0], vec![1.0]])
            .figure(&[0.5]);
    let plus = 1.0 / (1.0 + (-1.0_f64).exp());
    assert_eq!(names(&figure), ["1", "0"]);
    assert!((heights(&figure, Role::Model)[0] - plus).abs() < 1e-12);
    assert!((heights(&figure, Role::Data)[0] - 2.0 / 3.0).abs() < 1e-12);
}

/// For 13 entries there are too many patterns, so each entry is drawn by itself.
#[test]
fn many_entries() {
    let names: [&str; 13] =
        ["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13"];
    let text = "data x[13] in {0, 1}\nt*(x[1] + x[2] + x[13])";
    let rows = rows(13, 200);
    let figure = Case::rows(text, &names, &rows).figure(&[0.7]);
    let (observed, model) = (heights(&figure, Role::Data), heights(&figure, Role::Model));
    assert_eq!((observed.len(), model.len()), (13, 13));
    let chance = 1.0 / (1.0 + (-0.7_f64).exp());
    for (k, name) in names.iter().enumerate() {
        let want = if ["x1", "x2", "x13"].contains(name) { chance } else { 0.5 };
        assert!((model[k] - want).abs() < 1e-12, "{name}: {}", model[k]);
        let count = rows.iter().map(|row| row[k]).sum::<f64>() / 200.0;
        assert!((observed[k] - count).abs() < 1e-12, "{name}");
    }
}

#[test]
fn a_pattern_without_a_value_has_a_note() {
    let rows = rows(2, 30);
    let text = "data x[2] in {0, 1}\nlog(k - x[1] - x[2])";
    let case = Case::rows(text, &["x1", "x2"], &rows);
    assert!(notes_say(&case.figure(&[1.0]), "not finite"));
    assert!(!notes_say(&case.figure(&[3.0]), "not finite"));
}
