//! Correlated columns, and columns in very different units: estimates and standard
//! errors depend on neither.

use crate::cases::{Draws, around, given, has, own, right, rounded};

const NORMAL: &str = "logp = -(x - m)'*K*(x - m)/2";

fn normal(dimension: usize, constraint: &str) -> String {
    let d = dimension;
    format!("data x[{d}]\nparam m[{d}], K[{d},{d}] {constraint}\n{NORMAL}")
}

/// The means and the inverse of the covariance with divisor n, to 80 digits; the standard error of
/// a mean is the standard deviation over √n.
#[test]
fn a_posdef_normal_on_correlated_columns() {
    let fit = given("posdef-correlated");
    let want = [
        ("J", -614.729469232),
        ("m[1]", 169.352449333),
        ("m[2]", 84.6809806667),
        ("m[3]", 60.7622008333),
        ("K[1,1]", 245.721494403),
        ("K[1,2]", -491.630292795),
        ("K[1,3]", -0.156334160839),
        ("K[2,2]", 983.724030662),
        ("K[2,3]", 0.320044045465),
        ("K[3,3]", 0.0134133983874),
        ("error m[1]", 0.8871992),
        ("error m[2]", 0.44348821),
        ("error m[3]", 1.1446607),
    ];
    right(&fit, 1e-6, &want);
    assert!(!has(&fit, "flat-direction") && !has(&fit, "may-not-normalise"));
}

/// As in the test above, for a column that is the sum of two others up to 0.005.
#[test]
fn a_posdef_normal_on_a_column_and_its_parts() {
    let mut draws = Draws::new(204);
    let mut columns = [const { Vec::new() }; 3];
    for _ in 0..300 {
        let a = rounded(50.0 + 3.0 * draws.normal(), 5);
        let b = rounded(-20.0 + 4.0 * draws.normal(), 5);
        let row = [a, b, rounded(a + b + 0.005 * draws.normal(), 5)];
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    let [a, b, c] = columns;
    let fit = own(&normal(3, "posdef"), &[("x1", a), ("x2", b), ("x3", c)]);
    let want = [
        ("J", -66644.0906276),
        ("m[1]", 49.9530187667),
        ("m[2]", -19.8826981333),
        ("m[3]", 30.0702125667),
        ("K[1,1]", 44433.22069),
        ("K[1,2]", 44431.4489),
        ("K[1,3]", -44429.11474),
        ("K[2,2]", 44429.8402),
        ("K[2,3]", -44427.4512),
        ("K[3,3]", 44425.12036),
        ("error m[1]", 0.17326033),
        ("error m[2]", 0.23984308),
        ("error m[3]", 0.29042196),
    ];
    right(&fit, 1e-6, &want);
}

/// As in the test above, for two columns whose correlation is 0.99999.
#[test]
fn a_posdef_normal_on_two_columns_that_nearly_agree() {
    let mut draws = Draws::new(205);
    let rows = (0..200).map(|_| {
        let a = rounded(12.0 + 2.0 * draws.normal(), 6);
        (a, rounded(3.0 * a + 0.027 * draws.normal(), 6))
    });
    let (a, b) = rows.unzip();
    let fit = own(&normal(2, "posdef"), &[("x1", a), ("x2", b)]);
    let want = [
        ("J", -6342.88310509),
        ("m[1]", 11.89561588),
        ("m[2]", 35.68647374),
        ("K[1,1]", 11416.74103),
        ("K[1,2]", -3806.286164),
        ("K[2,2]", 1269.025182),
        ("error m[1]", 0.14136704),
        ("error m[2]", 0.42401784),
    ];
    right(&fit, 1e-6, &want);
}

/// As in the test above, for a correlation of 0.99994 and a matrix that is only declared symmetric.
#[test]
fn a_symmetric_normal_on_correlated_columns() {
    let mut draws = Draws::new(404);
    let rows = (0..120).map(|_| {
        let (p, q) = (draws.normal(), draws.normal());
        (rounded(10.0 + 2.0 * p, 5), rounded(-3.0 + 1.5 * (0.99995 * p + 0.01 * q), 5))
    });
    let (a, b) = rows.unzip();
    let fit = own(&normal(2, "symmetric"), &[("x1", a), ("x2", b)]);
    let want = [
        ("m[1]", 9.94648541667),
        ("m[2]", -3.03868833333),
        ("K[1,1]", 2159.3662),
        ("K[1,2]", -2879.7272),
        ("K[2,2]", 3840.8738),
        ("error m[1]", 0.17676608),
        ("error m[2]", 0.13254003),
    ];
    right(&fit, 1e-6, &want);
}

/// Means, inverse covariance, and standard deviations over √n. The estimates of this model do not
/// depend on units, so there is no warning about them.
#[test]
fn metres_beside_grams() {
    let fit = given("units-flat-direction");
    let want = [
        ("m[1]", 1.678516166667),
        ("m[2]", 69984.95),
        ("K[1,1]", 114.261935),
        ("K[1,2]", -0.0169639971),
        ("K[2,2]", 1.49866225e-4),
        ("error m[1]", 0.0121802),
        ("error m[2]", 10.635374),
    ];
    right(&fit, 1e-5, &want);
    assert!(!has(&fit, "column-units") && !has(&fit, "flat-direction"));
}

/// As in the test above, for standard deviations of 2e-5 and 300.
#[test]
fn micrometres_beside_grams() {
    let mut draws = Draws::new(206);
    let rows = (0..80).map(|_| {
        let (a, b) = (draws.normal(), draws.normal());
        (rounded(0.3 + 2e-5 * a, 9), rounded(9e4 + 300.0 * (0.6 * a + 0.8 * b), 2))
    });
    let (a, b): (Vec<f64>, Vec<f64>) = rows.unzip();
    for constraint in ["posdef", "symmetric"] {
        let fit = own(&normal(2, constraint), &[("x1", a.clone()), ("x2", b.clone())]);
        let want = [
            ("J", -1906856167.02),
            ("m[1]", 0.300001306012),
            ("m[2]", 90017.5315),
            ("K[1,1]", 3813712334.0),
            ("K[1,2]", -163.1329961),
            ("K[2,2]", 1.670578052e-5),
            ("error m[1]", 2.3725165e-6),
            ("error m[2]", 35.846753),
        ];
        right(&fit, 1e-6, &want);
        assert!(!has(&fit, "column-units") && !has(&fit, "flat-direction"), "{constraint}");
    }
}

/// Normal equations and the sandwich (X'X)⁻¹ X'diag(r²)X (X'X)⁻¹ to 120 digits.
#[test]
fn a_line_over_unix_seconds() {
    let want = [
        ("a", -159048.297219),
        ("b", 9.35695537159e-5),
        ("s2", 0.750561102143),
        ("error a", 9201.3081),
        ("error b", 5.4123997e-6),
        ("error s2", 0.12271359),
    ];
    right(&given("timestamps"), 1e-6, &want);
}

/// Computed as in the test above.
#[test]
fn a_parabola_over_years() {
    let want = [
        ("b0", 12596.6915748),
        ("b1", -12.6743072074),
        ("b2", 0.00318838674088),
        ("s2", 0.0401746938644),
        ("error b0", 1263.5214),
        ("error b1", 1.2642947),
        ("error b2", 3.1626131e-4),
    ];
    right(&given("quadratic-in-years"), 1e-6, &want);
}

/// Computed as in the test above.
#[test]
fn a_quartic_over_years() {
    let fit = given("quartic-in-years");
    let want = [
        ("b0", 37236311.9682),
        ("b1", -74970.0661332),
        ("b2", 56.6028924023),
        ("b3", -0.0189935097934),
        ("b4", 2.39002066852e-6),
        ("s2", 0.0121708798089),
        ("error b0", 24036166.0),
        ("error b4", 1.4977371e-6),
        ("error s2", 0.0037370661),
    ];
    right(&fit, 1e-5, &want);
    assert_eq!(fit.minima.len(), 1, "the problem is convex");
}

/// Computed as in the test above, for milliseconds since 1970.
#[test]
fn a_line_over_milliseconds() {
    let start = 1.7e12;
    let x: Vec<f64> = (0..48).map(|k| start + 7.2e6 * f64::from(k)).collect();
    let data = crate::cases::noisy((401, 0.4, 6), x, |x| 20.0 + 3e-8 * (x - start));
    let want = [
        ("a", -51599.8673591),
        ("b", 3.03646065518e-8),
        ("s2", 0.139256820695),
        ("error a", 896.23335),
        ("error b", 5.2715137e-10),
    ];
    right(&own(&around("a, b", "a + b*x"), &data), 1e-6, &want);
}

/// Computed as in the test above, for degree six over 1950 to 2020, where the scaled condition
/// number of X'X is 10³³.
#[test]
fn a_sixth_degree_over_years() {
    let x = (0..71).map(|k| 1950.0 + f64::from(k)).collect();
    let curve = |x: f64| {
        let t = (x - 1985.0) / 35.0;
        3.0 + 2.0 * t - 4.0 * t.powi(2) + 3.0 * t.powi(4) - 2.0 * t.powi(5) + 2.5 * t.powi(6)
    };
    let terms: Vec<String> = (0..7).map(|k| format!("b{k}*x^{k}")).collect();
    let text = around("b0, b1, b2, b3, b4, b5, b6", &terms.join(" + "));
    let fit = own(&text, &crate::cases::noisy((402, 0.1, 4), x, curve));
    right(&fit, 1e-6, &[("s2", 0.00838224855004)]);
    let want = [
        ("b0", 1.09400066399e11),
        ("b1", -330031630.35),
        ("b2", 414844.657722),
        ("b3", -278.110511141),
        ("b4", 0.104875755561),
        ("b5", -2.10928290306e-5),
        ("b6", 1.76761082105e-9),
        ("error b0", 1.3871377e10),
        ("error b6", 2.270605e-10),
    ];
    right(&fit, 1e-3, &want);
}

/// Computed as in the test above, for degree two over an interval of length one far from zero.
#[test]
fn a_parabola_over_a_narrow_range() {
    let x = (0..65).map(|k| 1e5 + f64::from(k) / 64.0).collect();
    let curve = |x: f64| 1.0 + 0.5 * (x - 1e5) - 2.0 * (x - 1e5).powi(2);
    let data = crate::cases::noisy((403, 0.07, 5), x, curve);
    let fit = own(&around("b0, b1, b2", "b0 + b1*x + b2*x^2"), &data);
    let want = [
        ("b0", -22056393572.2),
        ("b1", 441127.136909),
        ("b2", -2.20563201177),
        ("s2", 0.00482660099996),
        ("error b0", 1.1452843e9),
        ("error b1", 22905.58),
        ("error b2", 0.11452737),
    ];
    right(&fit, 1e-5, &want);
}
