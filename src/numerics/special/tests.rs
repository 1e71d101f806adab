//! The generic functions against published digits, the `f64` ones against the generic
//! ones in wide arithmetic.

use num_traits::Float;

use super::{bessel_ratio, fast, gamma, int, log_bessel, logistic, normal, polygamma};
use crate::numerics::wide::Wide;

/// Values to 72 digits, computed with mpmath 1.3, an independent implementation.
const PUBLISHED: &[(&str, f64, &str)] = &[
    ("erf", 0.125, "1.40316204801333817393029446521623398186979583149845473114173026427636469e-1"),
    ("erf", 0.5, "5.20499877813046537682746653891964528736451575757963700058805725647193522e-1"),
    ("erf", 1.25, "9.22900128256458230136523481197281140423601438702228329793668487592220057e-1"),
    ("erf", -3.0, "-9.99977909503001414558627223870417679620152292912600750342761045157057543e-1"),
    ("erfc", -2.0, "1.99532226501895273416206925636725292861089179704006007673835232620043728"),
    ("erfc", 0.25, "7.23673609831763067014931732235184287934646022107688745917528068737314916e-1"),
    ("erfc", 0.75, "2.88844366346484868401062165408589222625794045903462767721866602874963631e-1"),
    ("erfc", 4.0, "1.54172579002800188521596734868840485721452535891911683429049942130410268e-8"),
    (
        "erfc",
        20.0,
        "5.39586561160790092893499916790534560408827267092360528347010378491301876e-176",
    ),
    (
        "normal_cdf",
        -9.0,
        "1.12858840595384064773550207596874725798004190081816494888734922872155393e-19",
    ),
    (
        "normal_cdf",
        0.5,
        "6.91462461274013103637704610608337739883602175554577936820776142679155795e-1",
    ),
    (
        "log_normal_cdf",
        -40.0,
        "-8.0460844201375378816660683291860993620014963199877792317964779726139023e+2",
    ),
    (
        "log_normal_cdf",
        -0.5,
        "-1.175911761593618608879729093269014721138068663352402176414801835987136",
    ),
    (
        "log_normal_cdf",
        3.0,
        "-1.35080996474819379884111049051738009272934829377594922211185458615042375e-3",
    ),
    (
        "log_normal_cdf",
        12.0,
        "-1.77648211207767899769617100184555867033701370016457507339267018664334438e-33",
    ),
    (
        "inverse_mills",
        -30.0,
        "3.00332596674336770370711241000122514746395604087876157517488603621653426e+1",
    ),
    (
        "inverse_mills",
        -0.25,
        "9.63553979416403906867884935383918142695510042408978105040008161251915565e-1",
    ),
    (
        "inverse_mills",
        2.0,
        "5.52478626789899591023009725555239340362314572405595441243050073126501697e-2",
    ),
    (
        "mills_excess",
        -1000.0,
        "9.99998000009999926000705991838110408291635751489974835542092622054417953e-4",
    ),
    (
        "mills_excess",
        -3.0,
        "2.83098654930436506928092226812199827257877692996532675930615240592643311e-1",
    ),
    (
        "mills_excess",
        -0.5,
        "6.41077770368064480883882973261128518291903618849750664981237890474189777e-1",
    ),
    (
        "mills_excess",
        1.0,
        "1.28759997093917836122867012738521721450229781367127280147950852440293912",
    ),
    ("lgamma", 0.125, "2.01941835755379634532029052116709958994828095213444960513196487267931496"),
    (
        "lgamma",
        1.75,
        "-8.44011210204855559577860341313977317438423959151824084326896316644196325e-2",
    ),
    (
        "lgamma",
        30.5,
        "7.29534711841694083238385530438438853837567967570139946231653671810287593e+1",
    ),
    ("lgamma", -3.75, "-1.31726794244636367385007871659441823774999541343839240559456731933621082"),
    (
        "lgamma",
        1000.0,
        "5.90522042320918121182607691236144078984894240971543259002338751988838413e+3",
    ),
    ("digamma", 0.5, "-1.96351002602142347944097633299875556719315960466043410704712725387165497"),
    ("digamma", 3.25, "1.01699091106817903635491429834776086707720000573620217278916488492548765"),
    ("digamma", -2.25, "4.15858356465797227481755768162726375127436940511130799376410947723330405"),
    ("digamma", 100.0, "4.60016185273808740019860558557585072686681279076852805437076672170235183"),
    (
        "trigamma",
        0.25,
        "1.7197329154507110739271319119335224021506894401494167700545334333194149e+1",
    ),
    (
        "trigamma",
        7.0,
        "1.53545177959337547583526277757136300330061012317909548846669340481118582e-1",
    ),
    (
        "trigamma",
        -1.75,
        "1.93016375445297864762327703665007569013254885058025577232210712946453961e+1",
    ),
    (
        "tetragamma",
        2.5,
        "-2.36204051641727403003741668567707278117215500174391752499209182193142288e-1",
    ),
    (
        "tetragamma",
        -0.5,
        "-8.28796644234319995596334261160299870709808092766984345091801774785734881e-1",
    ),
    (
        "tetragamma",
        -3.25,
        "1.23955211039422022659020729718759780496745912224877456406199105869160479e+2",
    ),
    (
        "polygamma(7)",
        1.5,
        "2.00218185598064969486268531320148350816408143187246126972432449099610649e+2",
    ),
    (
        "polygamma(7)",
        -0.75,
        "3.30352636864020306488240994879972195455263315906085559500328983771870837e+8",
    ),
    (
        "sigmoid",
        -3.0,
        "4.74258731775667808788481517717522013861794324206091007178880087744487115e-2",
    ),
    (
        "sigmoid",
        0.5,
        "6.22459331201854564638900565745508478753279365308910163059437162658544996e-1",
    ),
    (
        "softplus",
        -50.0,
        "1.92874984796391778301715681272821153295468469035705633219564255864474274e-22",
    ),
    ("softplus", 2.0, "2.12692801104297249644372680635830443143433306280835835755014121678797328"),
    (
        "log_cosh",
        0.0625,
        "1.95185475722375682638229419106243329905600944934618077055257800141591598e-3",
    ),
    ("log_cosh", 3.0, "2.30932850457778514011362756058534640070123379030171885137741633931057385"),
];

fn generic<T: Float>(name: &str, x: T) -> T {
    match name {
        "erf" => normal::erf(x),
        "erfc" => normal::erfc(x),
        "normal_cdf" => normal::normal_cdf(x),
        "log_normal_cdf" => normal::log_normal_cdf(x),
        "inverse_mills" => normal::inverse_mills(x),
        "mills_excess" => normal::mills_excess(x),
        "lgamma" => gamma::lgamma(x),
        "digamma" => polygamma(0, x),
        "trigamma" => polygamma(1, x),
        "tetragamma" => polygamma(2, x),
        "polygamma(7)" => polygamma(7, x),
        "sigmoid" => logistic::sigmoid(x),
        "softplus" => logistic::softplus(x),
        "log_cosh" => logistic::log_cosh(x),
        other => panic!("no function {other}"),
    }
}

#[test]
fn generic_functions_reach_seventy_digits() {
    for &(name, x, digits) in PUBLISHED {
        let published = Wide(digits.parse().expect("published digits are a number"));
        let error = ((generic(name, Wide::from(x)) - published) / published).abs().narrow();
        assert!(error < 1e-68, "{name}({x}): relative error {error:e}");
    }
}

#[test]
fn generic_functions_at_f64_stay_within_a_few_roundings() {
    for &(name, x, digits) in PUBLISHED {
        let published: f64 = digits.parse().expect("published digits are a number");
        // Absolute below one: the shift of log Γ cancels near its zeros.
        let floor = if name == "lgamma" { 1.0 } else { 0.0 };
        let error = (generic(name, x) - published).abs() / published.abs().max(floor);
        assert!(error < 6e-15, "{name}({x}): relative error {error:e}");
    }
}

/// The error of `got` in units of the last place of the true value, or of `floor` if that
/// is larger in size.
fn ulps(got: f64, truth: Wide, floor: f64) -> f64 {
    let size = truth.narrow().abs().max(floor).max(f64::MIN_POSITIVE);
    let ulp = Wide::from(2.0).powi((size.log2().floor() as i32 - 52).max(-1074));
    ((Wide::from(got) - truth).abs() / ulp).narrow()
}

/// The largest error over an irregular grid in a range, in ulp.
#[track_caller]
fn check(fast: fn(f64) -> f64, truth: fn(Wide) -> Wide, range: (f64, f64), bound: f64, floor: f64) {
    let count = 400;
    let worst = (0..count)
        .map(|i| {
            let x = range.0 + (range.1 - range.0) * ((f64::from(i) + 0.377) / f64::from(count));
            (ulps(fast(x), truth(Wide::from(x)), floor), x)
        })
        .fold((0.0, f64::NAN), |worst, next| if next.0 > worst.0 { next } else { worst });
    assert!(worst.0 <= bound, "{} ulp at {:e}", worst.0, worst.1);
}

#[test]
fn fast_erf() {
    check(fast::erf, normal::erf, (-6.0, 6.0), 2.0, 0.0);
    check(fast::erf, normal::erf, (-1e-3, 1e-3), 2.0, 0.0);
}

#[test]
fn fast_erfc() {
    check(fast::erfc, normal::erfc, (-6.0, 6.0), 4.0, 0.0);
    check(fast::erfc, normal::erfc, (6.0, 26.5), 4.0, 0.0);
}

#[test]
fn fast_normal_cdf() {
    check(fast::normal_cdf, normal::normal_cdf, (-37.0, 9.0), 4.0, 0.0);
}

#[test]
fn fast_log_normal_cdf() {
    check(fast::log_normal_cdf, normal::log_normal_cdf, (-8.0, 37.0), 4.0, 0.0);
    check(fast::log_normal_cdf, normal::log_normal_cdf, (-1e5, 0.0), 4.0, 0.0);
}

#[test]
fn fast_inverse_mills() {
    check(fast::inverse_mills, normal::inverse_mills, (-8.0, 37.0), 4.0, 0.0);
    check(fast::inverse_mills, normal::inverse_mills, (-1e5, 0.0), 4.0, 0.0);
}

#[test]
fn fast_mills_excess() {
    check(fast::mills_excess, normal::mills_excess, (-9.0, 9.0), 4.0, 0.0);
    check(fast::mills_excess, normal::mills_excess, (-1e9, 0.0), 4.0, 0.0);
}

#[test]
fn fast_lgamma() {
    check(fast::lgamma, gamma::lgamma, (0.0, 4.0), 5.0, 0.0);
    check(fast::lgamma, gamma::lgamma, (0.99, 1.01), 4.0, 0.0);
    check(fast::lgamma, gamma::lgamma, (1.99, 2.01), 4.0, 0.0);
    check(fast::lgamma, gamma::lgamma, (4.0, 200.0), 4.0, 0.0);
    check(fast::lgamma, gamma::lgamma, (1e5, 1e15), 4.0, 0.0);
    check(fast::lgamma, gamma::lgamma, (-9.0, 0.0), 4.0, 4.0);
}

#[test]
fn fast_polygamma() {
    check(|x| fast::polygamma(0, x), |x| polygamma(0, x), (0.0, 40.0), 4.0, 1.0);
    check(|x| fast::polygamma(0, x), |x| polygamma(0, x), (-8.9, 0.0), 4.0, 4.0);
    check(|x| fast::polygamma(1, x), |x| polygamma(1, x), (0.0, 40.0), 4.0, 0.0);
    check(|x| fast::polygamma(1, x), |x| polygamma(1, x), (-8.9, 0.0), 8.0, 0.0);
    check(|x| fast::polygamma(2, x), |x| polygamma(2, x), (0.0, 40.0), 5.0, 0.0);
    check(|x| fast::polygamma(3, x), |x| polygamma(3, x), (0.0, 40.0), 6.0, 0.0);
}

#[test]
fn logistic_family_at_f64() {
    check(logistic::sigmoid, logistic::sigmoid, (-700.0, 40.0), 3.0, 0.0);
    check(logistic::softplus, logistic::softplus, (-700.0, 40.0), 3.0, 0.0);
    check(logistic::log_cosh, logistic::log_cosh, (-3.0, 3.0), 4.0, 0.0);
    check(logistic::log_cosh, logistic::log_cosh, (-1e-3, 1e-3), 4.0, 0.0);
}

/// Equal up to four roundings: with the sign of a zero, and any NaN as good as any other.
#[track_caller]
fn same(got: f64, want: f64) {
    let equal = got.to_bits().abs_diff(want.to_bits()) <= 4 || (got.is_nan() && want.is_nan());
    assert!(equal, "got {got:e}, want {want:e}");
}

/// Value at -∞, -0, +0, +∞; NaN gives NaN everywhere.
#[track_caller]
fn edges(function: impl Fn(f64) -> f64, values: [f64; 4]) {
    let arguments = [f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY];
    for (x, want) in arguments.into_iter().zip(values) {
        same(function(x), want);
    }
    same(function(f64::NAN), f64::NAN);
}

#[test]
fn edges_of_the_normal_family() {
    let (inf, root) = (f64::INFINITY, (2.0 / std::f64::consts::PI).sqrt());
    for erf in [fast::erf, normal::erf] {
        edges(erf, [-1.0, -0.0, 0.0, 1.0]);
    }
    for erfc in [fast::erfc, normal::erfc] {
        edges(erfc, [2.0, 1.0, 1.0, 0.0]);
    }
    edges(fast::normal_cdf, [0.0, 0.5, 0.5, 1.0]);
    for log_normal_cdf in [fast::log_normal_cdf, normal::log_normal_cdf] {
        edges(log_normal_cdf, [-inf, -std::f64::consts::LN_2, -std::f64::consts::LN_2, -0.0]);
    }
    for inverse_mills in [fast::inverse_mills, normal::inverse_mills] {
        edges(inverse_mills, [inf, root, root, 0.0]);
    }
    for mills_excess in [fast::mills_excess, normal::mills_excess] {
        edges(mills_excess, [0.0, root, root, inf]);
    }
}

#[test]
fn far_tails_neither_overflow_nor_vanish() {
    same(fast::mills_excess(-1e200), 1e-200);
    same(fast::inverse_mills(-1e200), 1e200);
    same(fast::log_normal_cdf(-1e100), -5e199);
    same(fast::erfc(1e200), 0.0);
    same(fast::inverse_mills(1e200), 0.0);
    same(fast::lgamma(1e-310), -(1e-310f64.ln()));
}

#[test]
fn edges_of_the_gamma_family() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    for lgamma in [fast::lgamma, gamma::lgamma] {
        edges(lgamma, [inf; 4]);
        same(lgamma(-3.0), inf);
    }
    same(fast::lgamma(1.0), 0.0);
    same(fast::lgamma(2.0), 0.0);
    edges(|x| fast::polygamma(0, x), [nan, nan, nan, inf]);
    edges(|x| fast::polygamma(1, x), [nan, inf, inf, 0.0]);
    edges(|x| fast::polygamma(2, x), [nan, nan, nan, 0.0]);
    same(fast::polygamma(0, -4.0), nan);
    same(fast::polygamma(1, -4.0), inf);
}

/// 2k, x, log I_k(x), log F_k(x) and I_(k+1)(x)/(x·I_k(x)), by mpmath.
const BESSEL: &str = include_str!("../../../tests/reference/bessel.txt");

#[test]
fn bessel_functions_are_the_published_ones() {
    for line in BESSEL.lines() {
        let mut numbers = line.split(' ').map(|one| one.parse::<f64>().expect("a number"));
        let [twice, x, _, even, ratio] = std::array::from_fn(|_| numbers.next().expect("five"));
        let twice = twice as u8;
        for (got, want) in [
            (fast::log_bessel(twice, x), even),
            (log_bessel(twice, x), even),
            (log_bessel(twice, -x), even),
            (bessel_ratio(twice, x), ratio),
            (bessel_ratio(twice, -x), ratio),
        ] {
            let error = (got / want - 1.0).abs();
            assert!(error < 3e-15, "2k = {twice}, x = {x:e}: {got:e}, not {want:e}: {error:e}");
        }
    }
}

#[test]
fn bessel_functions_at_f64() {
    fn all<const TWICE: u8>() {
        for range in [(0.0, 1.0), (1.0, 50.0), (50.0, 1000.0), (1e4, 1e6)] {
            let fast = |x| fast::log_bessel(TWICE, x);
            check(fast, |x| log_bessel(TWICE, x), range, 6.0, 0.0);
            check(|x| bessel_ratio(TWICE, x), |x| bessel_ratio(TWICE, x), range, 4.0, 0.0);
        }
    }
    all::<0>();
    all::<1>();
    all::<2>();
    all::<5>();
    all::<60>();
}

#[test]
fn edges_of_the_bessel_family() {
    let inf = f64::INFINITY;
    edges(|x| fast::log_bessel(3, x), [inf, 0.0, 0.0, inf]);
    edges(|x| log_bessel(0, x), [inf, 0.0, 0.0, inf]);
    edges(|x| bessel_ratio(3, x), [0.0, 0.2, 0.2, 0.0]);
    same(fast::log_bessel(4, 1e300), 1e300);
    same(bessel_ratio(4, 1e300), 1e-300);
    same(fast::log_bessel(0, 1e-150), 0.25e-300);
}

#[test]
fn edges_of_the_logistic_family() {
    let inf = f64::INFINITY;
    edges(logistic::sigmoid, [0.0, 0.5, 0.5, 1.0]);
    edges(logistic::softplus, [0.0, std::f64::consts::LN_2, std::f64::consts::LN_2, inf]);
    edges(logistic::log_cosh, [inf, 0.0, 0.0, inf]);
}

#[test]
fn derivatives_agree_across_orders() {
    // ψ⁽ᵏ⁺¹⁾ by a central difference of ψ⁽ᵏ⁾ in wide arithmetic.
    let step = Wide::from(2f64.powi(-70));
    for (k, x) in [(0, 0.3), (1, 2.5), (3, -1.4), (6, 9.0)] {
        let x = Wide::from(x);
        let difference = polygamma(k, x + step) - polygamma(k, x - step);
        let slope = difference / (int::<Wide>(2) * step);
        let error = (slope / polygamma(k + 1, x) - int(1)).abs().narrow();
        assert!(error < 1e-38, "order {k}: {error:e}");
    }
}

#[test]
fn bessel_slopes_are_ratios() {
    // (log F_k)' = x b_k and b_k' = x b_k (b_(k+1) - b_k), on both sides of the change of formula.
    let step = Wide::from(2f64.powi(-70));
    for (twice, x) in [(0, 0.3), (1, 2.5), (3, 60.0), (12, 300.0), (40, 500.0)] {
        let x = Wide::from(x);
        let slope = |f: fn(u8, Wide) -> Wide| {
            (f(twice, x + step) - f(twice, x - step)) / (int::<Wide>(2) * step)
        };
        let (ratio, next) = (bessel_ratio(twice, x), bessel_ratio(twice + 2, x));
        for (slope, want) in
            [(slope(log_bessel), x * ratio), (slope(bessel_ratio), x * ratio * (next - ratio))]
        {
            let error = (slope / want - int(1)).abs().narrow();
            assert!(error < 1e-36, "2k = {twice}: {error:e}");
        }
    }
}
