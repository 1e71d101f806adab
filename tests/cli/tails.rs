//! Tails beyond the range of doubles belong to the domain of a text: exponentials under- and
//! overflow there, and log p is finite. Logarithms, roots and quotients keep their domains.

use crate::run::{file, run};

/// The cells of a table of rows, without its heading.
fn cells(stdout: &str) -> Vec<Vec<f64>> {
    let number = |cell: &str| cell.parse().unwrap_or_else(|_| panic!("`{cell}` in\n{stdout}"));
    stdout.lines().skip(1).map(|line| line.split(',').map(number).collect()).collect()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs().max(1e-300), "{found} is not {expected}");
}

const MIXTURE: &str = "data x; log(w*exp(-(x - a)^2/2) + (1 - w)*exp(-(x - c)^2/8)/2)";

#[test]
fn a_mixture_is_evaluated_in_its_own_tails() {
    let data = file("tails.csv", "x\n-1e6\n-1000\n-40\n0.3\n50\n1e4\n");
    let arguments = ["eval", "-e", MIXTURE, &data, "--at", "w=0.3,a=-1,c=2", "--rows"];
    let found = cells(&run(&arguments).expect(0).stdout);
    // log p, score, Laplacian and loss, computed with mpmath to 60 digits.
    let expected = [
        [-125_000_500_001.549_82, 250_000.5, -0.25, 31_250_124_999.875],
        [-125_501.549_822_124_5, 250.5, -0.25, 31_374.875],
        [-221.549_822_124_498_7, 10.5, -0.25, 54.875],
        [
            -0.986_850_333_023_009_1,
            -0.171_369_152_169_995_58,
            0.163_789_686_107_198,
            0.178_473_379_264_929_55,
        ],
        [-289.049_822_124_498_7, -12.0, -0.25, 71.75],
        [-12_495_001.549_822_124, -2499.5, -0.25, 3_123_749.875],
    ];
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        found[1..].iter().zip(expected).for_each(|(&a, &b)| close(a, b, 1e-12));
    }
}

#[test]
fn a_row_far_from_every_component_is_evaluated() {
    // Two narrow normals six apart and a row between them, 60 sd from each: log p is
    // log(2·exp(-1800)/0.05/2) there, the score 0 and the Laplacian ±3/s² squared less 1/s².
    let data = file("between.csv", "x\n3\n0\n");
    let model = "data x; log(exp(-x^2/(2*s^2))/s/2 + exp(-(x - 6)^2/(2*s^2))/s/2)";
    let found = cells(&run(&["eval", "-e", model, &data, "--at", "s=0.05", "--rows"]).stdout);
    close(found[0][1], -1800.0 + 20_f64.ln(), 1e-14);
    close(found[0][2] + 1.0, 1.0, 1e-9);
    close(found[0][3], 1200.0 * 1200.0 - 400.0, 1e-12);
}

#[test]
fn spellings_of_stable_functions_are_evaluated() {
    let data = file("eight_hundred.csv", "x\n800\n-800\n");
    for (model, expected) in [
        ("a*log(1 + exp(x))", [800.0, 0.0]),
        ("a*(x - 2*log(1 + exp(x)))", [-800.0, -800.0]),
        ("a*log(sigmoid(x))", [0.0, -800.0]),
        ("a*log(1/(1 + exp(-x)))", [0.0, -800.0]),
        ("a*log(cosh(x))", [800.0 - 2_f64.ln(), 800.0 - 2_f64.ln()]),
        // log erfc(800) = -640007.2569774518 (mpmath)
        ("a*log(erfc(x))", [-640_007.256_977_451_8, 2_f64.ln()]),
    ] {
        let model = format!("data x; {model}");
        let run = run(&["eval", "-e", &model, &data, "--at", "a=1", "--rows"]).expect(0);
        let found = cells(&run.stdout);
        let off = |row: usize| (found[row][1] - expected[row]).abs();
        assert!(off(0) <= 1e-9 && off(1) <= 1e-9, "{model}\n{}", run.stdout);
    }
}

#[test]
fn a_spelling_does_not_change_a_fit_far_out() {
    let column: Vec<String> =
        (0..60).map(|k| format!("{}", 10_000.0 + 1000.0 * f64::from(k % 17 - 8))).collect();
    let data = file("wide.csv", format!("x\n{}\n", column.join("\n")));
    let fit = |model: &str| {
        let arguments = ["fit", "-e", model, &data, "--format", "json", "-q", "--seed", "1"];
        let run = run(&arguments);
        assert!(!run.stderr.contains("outside-domain"), "{}", run.stderr);
        let json = run.json();
        (run.status, json["parameters"].clone(), json["objective"].clone())
    };
    let stable = fit("data x; param k > 0, mu; -k*log_cosh(x - mu)");
    assert_eq!(fit("data x; param k > 0, mu; -k*log(cosh(x - mu))"), stable);
    // Its curvature underflows at these rows, and J is least for a = 0.
    let (status, ..) = fit("data x; param a; a*(x - 2*log(1 + exp(x)))");
    assert_eq!(status, 3);
}

#[test]
fn rows_outside_a_domain_are_refused_with_their_line() {
    let data = file("signs.csv", "x\n1\n0\n-2\n1e200\n");
    let gamma = "data x; (al - 1)*log(x) - be*x";
    let refused = ["signs.csv:3", "x = 0"];
    run(&["eval", "-e", gamma, &data, "--at", "al=2,be=1"]).refused(1, &refused);
    run(&["fit", "-e", gamma, &data]).refused(1, &refused);
    run(&["eval", "-e", "data x; a/x", &data, "--at", "a=1"]).refused(1, &refused);
    let root = ["eval", "-e", "data x; -a*sqrt(x)", &data, "--at", "a=1"];
    run(&root).refused(1, &["signs.csv:4", "x = -2", "not a number"]);
    // log(e^x - e^(2x)) is not a number where x > 0, however large both exponentials are.
    let difference = "data x; a*log(exp(x) - exp(2*x))";
    let data = file("far.csv", "x\n-1000\n1e200\n");
    let refused = ["far.csv:3", "x = 1e200"];
    run(&["eval", "-e", difference, &data, "--at", "a=1"]).refused(1, &refused);
    run(&["fit", "-e", difference, &data]).refused(1, &refused);
}
