//! Published numbers, or numbers printed by other software, on their data.

use std::fs;

use scorematch::fit::Options;
use scorematch::objective::{Choices, Transform};
use scorematch::{Columns, Fit, Model};

fn fitted(text: &str, file: &str, options: &Options) -> Fit {
    let path = format!("tests/domains/data/{file}.csv");
    let columns = Columns::from_csv(fs::File::open(path).expect("the data")).expect("a table");
    Model::parse(text).expect("a model").fit_with(&columns, options).expect("a fit")
}

/// Compares estimates, to a share of their size, or of `floor` where they are smaller.
#[track_caller]
fn estimates(fit: &Fit, expected: &[(&str, f64)], tolerance: f64, floor: f64) {
    for &(name, want) in expected {
        let got = fit.parameter(name).expect("a parameter of the text").estimate;
        let off = (got - want).abs() / want.abs().max(floor);
        assert!(off <= tolerance, "{name}: {got} is not {want} ({off:e})");
    }
}

/// Compares standard errors times a factor.
#[track_caller]
fn errors(fit: &Fit, expected: &[(&str, f64)], factor: f64, tolerance: f64) {
    for &(name, want) in expected {
        let got = fit.parameter(name).and_then(|one| one.std_error).expect("an error") * factor;
        let off = (got - want).abs() / want;
        assert!(off <= tolerance, "{name}: {got} is not {want} ({off:e})");
    }
}

const WITH_LINEAR_Z: &str = "\
    data z[5] on sphere; param a11, a22, a33, a44, a12, a13, a23, a14, a24, a34, b1, b2, \
    b3, b4\n\
    weight z = min(min(z[1]^2, z[2]^2, z[3]^2), min(z[4]^2, z[5]^2), 0.0001)\n\
    a11*z[1]^4 + a22*z[2]^4 + a33*z[3]^4 + a44*z[4]^4 + 2*a12*z[1]^2*z[2]^2 + \
    2*a13*z[1]^2*z[3]^2 + 2*a23*z[2]^2*z[3]^2 + 2*a14*z[1]^2*z[4]^2 + \
    2*a24*z[2]^2*z[4]^2 + 2*a34*z[3]^2*z[4]^2 + b1*z[1]^2 + b2*z[2]^2 + b3*z[3]^2 + \
    b4*z[4]^2 + \
    (-0.6)*log(z[1])+(-0.7)*log(z[2])+(1)*log(z[3])+(0.6)*log(z[4])+(1)*log(z[5])";
const WITH_LINEAR_U: &str = "\
    data u[5] on simplex; param a11, a22, a33, a44, a12, a13, a23, a14, a24, a34, b1, \
    b2, b3, b4\n\
    weight u = min(min(u[1], u[2], u[3]), min(u[4], u[5]), 0.0001)\n\
    a11*u[1]^2 + a22*u[2]^2 + a33*u[3]^2 + a44*u[4]^2 + 2*a12*u[1]*u[2] + \
    2*a13*u[1]*u[3] + 2*a23*u[2]*u[3] + 2*a14*u[1]*u[4] + 2*a24*u[2]*u[4] + \
    2*a34*u[3]*u[4] + b1*u[1] + b2*u[2] + b3*u[3] + b4*u[4] + \
    (-0.8)*log(u[1])+(-0.85)*log(u[2])+(0)*log(u[3])+(-0.2)*log(u[4])+(0)*log(u[5])";
const WITH_LINEAR_ESTIMATES: [(&str, f64); 14] = [
    ("a11", -126742.31),
    ("a22", -9026.6003),
    ("a33", -58.650366),
    ("a44", -33.147724),
    ("a12", 15498.177),
    ("a13", 2099.7523),
    ("a23", -145.99201),
    ("a14", 98.89397),
    ("a24", 311.05321),
    ("a34", 8.8940576),
    ("b1", -251.15851),
    ("b2", 78.697956),
    ("b3", 5.1471484),
    ("b4", -2.9545485),
];
const WITH_LINEAR_ERRORS: [(&str, f64); 14] = [
    ("a11", 25166.784),
    ("a22", 4315.7856),
    ("a33", 35.861412),
    ("a44", 17.97258),
    ("a12", 10192.372),
    ("a13", 915.89229),
    ("a23", 189.98443),
    ("a14", 676.70781),
    ("a24", 212.29883),
    ("a34", 13.410266),
    ("b1", 239.19681),
    ("b2", 50.893722),
    ("b3", 8.5741361),
    ("b4", 4.2475257),
];

/// Polynomially tilted pairwise interaction model of a microbiome, with zeros, on the positive
/// orthant of a sphere: Scealy and Wood (2023, JASA), Table 4; estimates and errors as asserted in
/// tests/testthat/test-ppi-microdata.R of scorematchingad 0.1.6 (commit d508563e).
#[test]
fn ppi_micro_bl() {
    let in_roots = fitted(WITH_LINEAR_Z, "microbiome", &Options::default());
    estimates(&in_roots, &WITH_LINEAR_ESTIMATES, 6e-08, 0.0);
    errors(&in_roots, &WITH_LINEAR_ERRORS, 1.0, 6e-08);
    let choices = Choices::default().transform(Transform::Sqrt);
    let in_shares = fitted(WITH_LINEAR_U, "microbiome", &Options::default().objective(choices));
    estimates(&in_shares, &WITH_LINEAR_ESTIMATES, 6e-08, 0.0);
    errors(&in_shares, &WITH_LINEAR_ERRORS, 1.0, 6e-08);
}

const WITHOUT_LINEAR_Z: &str = "\
    data z[5] on sphere; param a11, a22, a33, a44, a12, a13, a23, a14, a24, a34\n\
    weight z = min(min(z[1]^2, z[2]^2, z[3]^2), min(z[4]^2, z[5]^2), 0.0001)\n\
    a11*z[1]^4 + a22*z[2]^4 + a33*z[3]^4 + a44*z[4]^4 + 2*a12*z[1]^2*z[2]^2 + \
    2*a13*z[1]^2*z[3]^2 + 2*a23*z[2]^2*z[3]^2 + 2*a14*z[1]^2*z[4]^2 + \
    2*a24*z[2]^2*z[4]^2 + 2*a34*z[3]^2*z[4]^2 + \
    (-0.6)*log(z[1])+(-0.7)*log(z[2])+(1)*log(z[3])+(0.6)*log(z[4])+(1)*log(z[5])";
const WITHOUT_LINEAR_U: &str = "\
    data u[5] on simplex; param a11, a22, a33, a44, a12, a13, a23, a14, a24, a34\n\
    weight u = min(min(u[1], u[2], u[3]), min(u[4], u[5]), 0.0001)\n\
    a11*u[1]^2 + a22*u[2]^2 + a33*u[3]^2 + a44*u[4]^2 + 2*a12*u[1]*u[2] + \
    2*a13*u[1]*u[3] + 2*a23*u[2]*u[3] + 2*a14*u[1]*u[4] + 2*a24*u[2]*u[4] + \
    2*a34*u[3]*u[4] + \
    (-0.8)*log(u[1])+(-0.85)*log(u[2])+(0)*log(u[3])+(-0.2)*log(u[4])+(0)*log(u[5])";
const WITHOUT_LINEAR_ESTIMATES: [(&str, f64); 10] = [
    ("a11", -127480.09),
    ("a22", -8191.1725),
    ("a33", -46.638659),
    ("a44", -39.208915),
    ("a12", 14068.391),
    ("a13", 1782.2618),
    ("a23", -8.0026799),
    ("a14", -240.07657),
    ("a24", 374.69398),
    ("a34", 9.0276334),
];
const WITHOUT_LINEAR_ERRORS: [(&str, f64); 10] = [
    ("a11", 23660.13126653089),
    ("a22", 3782.5978570498955),
    ("a33", 20.954375607675832),
    ("a44", 19.027190704978086),
    ("a12", 9435.710052525288),
    ("a13", 738.7085574860479),
    ("a23", 158.47057206739004),
    ("a14", 600.2956813524589),
    ("a24", 210.93213223071007),
    ("a34", 11.9128931043229),
];

/// Polynomially tilted pairwise interaction model of a microbiome, with zeros, on the positive
/// orthant of a sphere: Scealy and Wood (2023, JASA), Table 4; estimates and errors as asserted in
/// tests/testthat/test-ppi-microdata.R of scorematchingad 0.1.6 (commit d508563e).
#[test]
fn ppi_micro_nobl() {
    let in_roots = fitted(WITHOUT_LINEAR_Z, "microbiome", &Options::default());
    estimates(&in_roots, &WITHOUT_LINEAR_ESTIMATES, 6e-08, 0.0);
    errors(&in_roots, &WITHOUT_LINEAR_ERRORS, 1.0, 2e-07);
    let choices = Choices::default().transform(Transform::Sqrt);
    let in_shares = fitted(WITHOUT_LINEAR_U, "microbiome", &Options::default().objective(choices));
    estimates(&in_shares, &WITHOUT_LINEAR_ESTIMATES, 6e-08, 0.0);
    errors(&in_shares, &WITHOUT_LINEAR_ERRORS, 1.0, 2e-07);
}

const ROBUST: &str = "\
    data u[5] on simplex; param a11, a22, a33, a44, a12, a13, a23, a14, a24, a34, b1, b2, b3, b4\n\
    a11*u[1]^2 + a22*u[2]^2 + a33*u[3]^2 + a44*u[4]^2 + 2*a12*u[1]*u[2] + \
    2*a13*u[1]*u[3] + 2*a23*u[2]*u[3] + 2*a14*u[1]*u[4] + 2*a24*u[2]*u[4] + \
    2*a34*u[3]*u[4] + b1*log(u[1]) + b2*log(u[2]) + b3*log(u[3]) + b4*log(u[4])";
const ROBUST_STARTS: [(&str, f64); 14] = [
    ("a11", -127480.0929),
    ("a22", -8191.17253),
    ("a33", -46.638659),
    ("a44", -39.208915),
    ("a12", 14068.39057),
    ("a13", 1782.261826),
    ("a23", -8.00268),
    ("a14", -240.076568),
    ("a24", 374.693979),
    ("a34", 9.027633),
    ("b1", -0.8),
    ("b2", -0.85),
    ("b3", 0.0),
    ("b4", -0.2),
];
const ROBUST_ESTIMATES: [(&str, f64); 10] = [
    ("a11", -60529.9),
    ("a22", -4934.7),
    ("a33", -22.0347),
    ("a44", -22.1684),
    ("a12", 12432.5),
    ("a13", 430.219),
    ("a23", 73.3407),
    ("a14", -411.204),
    ("a24", 84.0667),
    ("a34", -9.08581),
];
/// The exponents of the entries plus one.
const ROBUST_EXPONENTS: [(&str, f64); 4] =
    [("b1", 0.229402), ("b2", 0.129466), ("b3", 0.920986), ("b4", 0.850936)];

/// The same family on all rows, including two outliers, with robust weights of power 0.7 in three
/// parameters, in log-ratios to the last entry: tests/testthat/_snaps/Windham-Microdata.md of
/// scorematchingad 0.1.6, six digits.
#[test]
fn ppi_micro_alr_windham() {
    let mut options = Options::default().objective(Choices::default().transform(Transform::Alr));
    for name in ["a11", "a22", "a12"] {
        options = options.robust_in(name, 0.7);
    }
    let given = ROBUST_STARTS.iter();
    let options = given.fold(options, |options, &(name, value)| options.start(name, value));
    let fit = fitted(ROBUST, "microbiome_all", &options);
    estimates(&fit, &ROBUST_ESTIMATES, 6e-6, 0.0);
    for (name, value) in ROBUST_EXPONENTS {
        let found = fit.parameter(name).expect("a parameter").estimate + 1.0;
        assert!((found / value - 1.0).abs() < 6e-6, "{name}: {found}");
    }
    assert!(fit.parameter("a11").expect("a parameter").std_error.is_some());
}

const INTERVALS: &str = "\
    data x1, x2, x3, x4, x5; param k11, k12, k13, k14, k15, k22, k23, k24, k25, k33, \
    k34, k35, k44, k45, k55\n\
    weight x1 = min(x1-floor(x1),floor(x1)+1-x1); weight x2 = \
    min(x2-floor(x2),floor(x2)+1-x2); weight x3 = min(x3-floor(x3),floor(x3)+1-x3); \
    weight x4 = min(x4-floor(x4),floor(x4)+1-x4); weight x5 = \
    min(x5-floor(x5),floor(x5)+1-x5)\n\
    - 0.5*k11*x1^2 - 0.5*k22*x2^2 - 0.5*k33*x3^2 - 0.5*k44*x4^2 - 0.5*k55*x5^2 - \
    k12*x1*x2 - k13*x1*x3 - k14*x1*x4 - k15*x1*x5 - k23*x2*x3 - k24*x2*x4 - k25*x2*x5 - \
    k34*x3*x4 - k35*x3*x5 - k45*x4*x5";
const INTERVALS_PRINTED: [(&str, f64); 15] = [
    ("k11", 1.037142623),
    ("k12", -0.19835515),
    ("k13", -0.003285077),
    ("k14", 0.258111089),
    ("k15", 0.06697515),
    ("k22", 1.16963917),
    ("k23", -0.096986651),
    ("k24", -0.123145792),
    ("k25", 0.1635297),
    ("k33", 1.156527553),
    ("k34", -0.009055624),
    ("k35", -0.03244605),
    ("k44", 1.267582275),
    ("k45", -0.3221593),
    ("k55", 0.84250419),
];

/// A normal on the unit intervals [2k, 2k + 1] of each coordinate, with h the distance from their
/// ends: vignettes/gen_vignette.Rmd of genscore 1.0.2 (commit 0388c38), whose descent stops at
/// 1e-6, and the closed form, to all digits, for three entries.
#[test]
fn genscore_union_intervals() {
    let fit = fitted(INTERVALS, "genscore_union_intervals", &Options::default());
    estimates(&fit, &INTERVALS_PRINTED, 1e-5, 0.05);
    let exact = [("k11", 1.0371416864), ("k12", -0.1983550952), ("k55", 0.8425048689)];
    estimates(&fit, &exact, 1e-9, 0.0);
}

const BALL: &str = "\
    data x1, x2, x3; param k11, k12, k13, k22, k23, k33, e1, e2, e3\n\
    weight x1 = min(sqrt(1-x2^2-x3^2)-abs(x1),0.5); weight x2 = \
    min(sqrt(1-x1^2-x3^2)-abs(x2),0.5); weight x3 = min(sqrt(1-x1^2-x2^2)-abs(x3),0.5)\n\
    -(k11*x1^2+k22*x2^2+k33*x3^2)/2-k12*x1*x2-k13*x1*x3-k23*x2*x3+e1*x1+e2*x2+e3*x3";
const BALL_ESTIMATES: [(&str, f64); 9] = [
    ("k11", 3.0871280042),
    ("k12", 1.186702143),
    ("k13", 0.1989527331),
    ("k22", 5.027108766),
    ("k23", -1.302226725),
    ("k33", 2.0496371396),
    ("e1", 0.9865490748),
    ("e2", -0.5612888963),
    ("e3", 0.4017627726),
];

/// A normal on the unit ball, with h_j the distance from its surface along axis j, at most 0.5: a
/// run of genscore 1.0.2 (commit 0388c38).
#[test]
fn genscore_l2ball() {
    let fit = fitted(BALL, "genscore_l2ball", &Options::default());
    estimates(&fit, &BALL_ESTIMATES, 1e-7, 0.0);
}

const FISHER: &str = "\
    data x[5] on sphere; param k1, k2, k3, k4, k5\n\
    k1*x[1]+k2*x[2]+k3*x[3]+k4*x[4]+k5*x[5]";
const FISHER_ESTIMATES: [(&str, f64); 5] = [
    ("k1", -0.9158681469),
    ("k2", 1.219446204),
    ("k3", -0.3878217244),
    ("k4", 1.6505728055),
    ("k5", 2.0189663401),
];
const FISHER_ERRORS: [(&str, f64); 5] = [
    ("k1", 0.0810828661),
    ("k2", 0.0848456114),
    ("k3", 0.0822780889),
    ("k4", 0.0852240509),
    ("k5", 0.0882148673),
];

/// von Mises–Fisher on S⁴: data of tests/testthat/test-vMF.R of scorematchingad 0.1.6
/// (commit d508563e); the numbers are an independent computation, errors with divisor n - 1.
#[test]
fn vmf_s4() {
    let fit = fitted(FISHER, "vmf_s4", &Options::default());
    estimates(&fit, &FISHER_ESTIMATES, 1e-8, 0.0);
    errors(&fit, &FISHER_ERRORS, (1000.0_f64 / 999.0).sqrt(), 1e-8);
}

const BINGHAM: &str = "\
    data x[4] on sphere; param a11, a22, a33, a12, a13, a23, a14, a24, a34\n\
    a11*(x[1]^2-x[4]^2)+a22*(x[2]^2-x[4]^2)+a33*(x[3]^2-x[4]^2)+2*a12*x[1]*x[2]+2*a13*x[1]*x[3]+2*a23*x[2]*x[3]+2*a14*x[1]*x[4]+2*a24*x[2]*x[4]+2*a34*x[3]*x[4]";
const BINGHAM_ESTIMATES: [(&str, f64); 9] = [
    ("a11", 0.310780531),
    ("a22", 0.0030905246),
    ("a33", 0.3934976147),
    ("a12", 0.7621509097),
    ("a13", 0.6311591837),
    ("a23", 0.8608127893),
    ("a14", 0.500760042),
    ("a24", 1.006134419),
    ("a34", 0.3488476635),
];
const BINGHAM_ERRORS: [(&str, f64); 9] = [
    ("a11", 0.3421501606),
    ("a22", 0.3222397314),
    ("a33", 0.3469075247),
    ("a12", 0.2879146806),
    ("a13", 0.2679062188),
    ("a23", 0.3191034981),
    ("a14", 0.325653945),
    ("a24", 0.3461498728),
    ("a34", 0.2844063732),
];

/// Bingham on S³: data of tests/testthat/test-Bingham.R of scorematchingad 0.1.6
/// (commit d508563e); the numbers are an independent computation, errors with divisor n - 1.
#[test]
fn bingham_s3() {
    let fit = fitted(BINGHAM, "bingham_s3", &Options::default());
    estimates(&fit, &BINGHAM_ESTIMATES, 1e-8, 0.1);
    errors(&fit, &BINGHAM_ERRORS, (100.0_f64 / 99.0).sqrt(), 1e-8);
}

/// Homicides in a city whose boundary truncates two normals of equal variance; h is the distance
/// from the nearest boundary point and dh its gradient (Liu, Kanamori, Williams 2022; data of
/// truncsm-blog, commit e715fb9, objective of Truncated-Score-Matching, section 8.3, which is twice
/// this one). The numbers were computed independently, from 60 starts of which 58 reach them.
#[test]
fn chicago_truncsm() {
    let text = "data lon, lat; covariate h, dh1, dh2; param m1, m2, m3, m4\n\
                weight = h with gradient [dh1, dh2]\n\
                log(exp(-((lon - m1)^2 + (lat - m2)^2)/(2*0.06^2)) \
                + exp(-((lon - m3)^2 + (lat - m4)^2)/(2*0.06^2)))";
    let fit = fitted(text, "chicago_truncsm", &Options::default());
    assert!((fit.estimate().objective + 5.620711).abs() < 1e-6, "{}", fit.estimate().objective);
    let place = |name: &str| fit.parameter(name).expect("a mean").estimate;
    let [north, south] = [["m1", "m2"], ["m3", "m4"]].map(|names| names.map(place));
    let [south, north] = if north[1] > south[1] { [south, north] } else { [north, south] };
    let expected = [[-87.62118296, 41.76152341], [-87.76497966, 41.87304805]];
    for (got, want) in [south, north].iter().flatten().zip(expected.iter().flatten()) {
        assert!((got - want).abs() < 1e-7 * want.abs(), "{got} is not {want}");
    }
}
