//! Linear algebra in models: inverses, solutions, determinants and factors, compared with nalgebra,
//! finite differences and identities, and fits whose estimates are known.

mod support;

use std::collections::BTreeMap;

use nalgebra::DMatrix;
use scorematch::calculus::gradient;
use scorematch::data::{Columns, Missing, Selection};
use scorematch::fit::{self, Estimate, Options, Outcome};
use scorematch::graph::{ExprId, Graph, InputId, evaluate};
use scorematch::model::Model;
use scorematch::numerics::rng::stream;
use support::differences::first;

/// Values of inputs by name.
type Point = BTreeMap<String, f64>;

fn model(text: &str) -> Model {
    Model::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors}"))
}

fn at(graph: &Graph, roots: &[ExprId], point: &Point) -> Vec<f64> {
    evaluate(graph, roots, |input: InputId| point[&graph.inputs()[input.index()].name])
}

/// log p, after a check that the canonical and the verbatim graph agree.
fn log_density(text: &str, point: &Point) -> f64 {
    let model = model(text);
    let value = at(model.graph(), &[model.log_density()], point)[0];
    let (graph, root) = model.verbatim();
    let verbatim = at(graph, &[root], point)[0];
    let close = (value - verbatim).abs() <= 1e-9 * (1.0 + value.abs());
    assert!(close || value.is_nan() && verbatim.is_nan(), "{text}: {value} {verbatim}");
    value
}

/// A random matrix with eigenvalues of at least one half.
fn positive_definite(d: usize, key: u64) -> DMatrix<f64> {
    let mut stream = stream(3, key);
    let a = DMatrix::from_fn(d, d, |_, _| stream.normal());
    &a * a.transpose() / d as f64 + DMatrix::identity(d, d) * 0.5
}

fn with_matrix(point: &mut Point, name: &str, matrix: &DMatrix<f64>) {
    for i in 0..matrix.nrows() {
        for j in 0..matrix.ncols() {
            point.insert(format!("{name}[{},{}]", i + 1, j + 1), matrix[(i, j)]);
        }
    }
    // A 1×1 matrix is a vector, unless it is declared symmetric.
    point.insert(format!("{name}[1]"), matrix[0]);
}

/// The entries of `expression`, a d×d matrix over the given parameters, at a point.
fn entries(d: usize, params: &str, expression: &str, point: &Point) -> DMatrix<f64> {
    let text = format!("data x; covariate C[{d},{d}]; param {params}\n-x*sum(C .* ({expression}))");
    DMatrix::from_fn(d, d, |i, j| {
        let mut point = point.clone();
        let unit = DMatrix::from_fn(d, d, |k, l| f64::from(u8::from((i, j) == (k, l))));
        with_matrix(&mut point, "C", &unit);
        point.insert("x".to_owned(), -1.0);
        log_density(&text, &point)
    })
}

#[track_caller]
fn assert_alike(got: &DMatrix<f64>, want: &DMatrix<f64>, tolerance: f64) {
    let scale = want.amax().max(1.0);
    assert!((got - want).amax() <= tolerance * scale, "got {got}want {want}");
}

#[test]
fn values_are_those_of_nalgebra() {
    for d in [2, 3, 4, 5, 9] {
        let s = positive_definite(d, d as u64);
        let mut point = Point::new();
        with_matrix(&mut point, "S", &s);
        let params = format!("S[{d},{d}] posdef");
        let inverse = s.clone().try_inverse().expect("far from singular");
        assert_alike(&entries(d, &params, "inv(S)", &point), &inverse, 1e-12);
        let factor = s.clone().cholesky().expect("positive definite").l();
        assert_alike(&entries(d, &params, "cholesky(S)", &point), &factor, 1e-12);
        let text = format!("data x; param {params}\n-x*log_det(S)");
        point.insert("x".to_owned(), -1.0);
        let want = s.determinant().ln();
        assert!((log_density(&text, &point) - want).abs() < 1e-12 * (1.0 + want.abs()));
    }
}

#[test]
fn identities_hold() {
    for d in [1, 2, 3, 4, 8, 10] {
        let mut point = Point::new();
        let s = positive_definite(d, 20 + d as u64);
        let a = DMatrix::from_fn(d, d, |i, j| ((3 * i + 7 * j) % 5) as f64 - 1.7);
        with_matrix(&mut point, "S", &s);
        with_matrix(&mut point, "A", &a);
        let params = format!("S[{d},{d}] posdef, A[{d},{d}]");
        let one = DMatrix::identity(d, d);
        let of = |expression: &str| entries(d, &params, expression, &point);
        assert_alike(&of("inv(S)*S + 0*A"), &one, 1e-11);
        assert_alike(&of("solve(S, S)"), &one, 1e-11);
        assert_alike(&of("inv(inv(S))"), &s, 1e-10);
        assert_alike(&of("cholesky(S)*cholesky(S)'"), &s, 1e-12);
        assert_alike(
            &of("solve(A*A' + eye(SIZE), A)".replace("SIZE", &d.to_string()).as_str()),
            &{ (&a * a.transpose() + &one).try_inverse().expect("positive definite") * &a },
            1e-10,
        );
        assert_alike(
            &of("inv(A + A' + 20*eye(SIZE))".replace("SIZE", &d.to_string()).as_str()),
            &{ (&a + a.transpose() + &one * 20.0).try_inverse().expect("regular") },
            1e-10,
        );
    }
}

#[test]
fn up_to_three_rows_any_square_matrix_is_inverted() {
    let a = DMatrix::from_row_slice(3, 3, &[0.0, 2.0, -1.0, 0.5, 0.0, 3.0, 1.5, -2.5, 0.7]);
    for d in [1, 2, 3] {
        let part = a.view((0, 3 - d), (d, d)).into_owned();
        let mut point = Point::new();
        with_matrix(&mut point, "A", &part);
        let want = part.try_inverse().expect("regular");
        assert_alike(&entries(d, &format!("A[{d},{d}]"), "inv(A)", &point), &want, 1e-13);
    }
}

/// Products that are symmetric though no two entries are one expression, sums of them, and multiples.
#[test]
fn matrices_are_symmetric_by_their_values() {
    for d in [4, 6] {
        let mut point = Point::new();
        let (s, t) = (positive_definite(d, 50 + d as u64), positive_definite(d, 70 + d as u64));
        let a = DMatrix::from_fn(d, d, |i, j| ((5 * i + 3 * j) % 7) as f64 - 2.3);
        with_matrix(&mut point, "S", &s);
        with_matrix(&mut point, "T", &t);
        with_matrix(&mut point, "A", &a);
        let params = format!("S[{d},{d}] posdef, T[{d},{d}] symmetric, A[{d},{d}]");
        let of = |expression: &str| entries(d, &params, expression, &point);
        let congruent = &a * &s * a.transpose();
        for (written, want) in [
            ("A*S*A'", congruent.clone()),
            ("A*S*A' + 3*T/2", &congruent + &t * 1.5),
            ("A*T*A' + A*S*A'", &a * &t * a.transpose() + &congruent),
            ("S + T", &s + &t),
        ] {
            let inverse = want.clone().try_inverse().expect("regular");
            assert_alike(&of(&format!("inv({written})")), &inverse, 1e-8);
            let factor = want.clone().cholesky().expect("positive definite").l();
            assert_alike(&of(&format!("cholesky({written})")), &factor, 1e-9);
            let mut point = point.clone();
            point.insert("x".to_owned(), -1.0);
            let text = format!("data x; param {params}\n-x*log_det({written})");
            let want = factor.diagonal().map(f64::ln).sum() * 2.0;
            assert!((log_density(&text, &point) - want).abs() < 1e-8 * (1.0 + want.abs()));
        }
        let product = format!("data x; param {params}\n-x*log_det(A*S)");
        assert!(Model::parse(&product).is_err(), "A*S is not symmetric");
    }
}

#[test]
fn triangular_matrices_are_inverted() {
    for d in [4, 7] {
        let mut point = Point::new();
        let s = positive_definite(d, 80 + d as u64);
        with_matrix(&mut point, "S", &s);
        let a = DMatrix::from_fn(d, d, |i, j| ((5 * i + 3 * j) % 7) as f64 + 0.7);
        with_matrix(&mut point, "A", &a);
        let params = format!("S[{d},{d}] posdef, A[{d},{d}]");
        let of = |expression: &str| entries(d, &params, expression, &point);
        let lower = s.clone().cholesky().expect("positive definite").l();
        let inverse = lower.clone().try_inverse().expect("regular");
        assert_alike(&of("inv(cholesky(S))"), &inverse, 1e-11);
        assert_alike(&of("inv(cholesky(S)')"), &inverse.transpose(), 1e-11);
        assert_alike(&of("solve(cholesky(S), S)"), &lower.transpose(), 1e-11);
        let row =
            |i: usize| -> Vec<&str> { (0..d).map(|j| if j < i { "0" } else { "1" }).collect() };
        let mask = (0..d).map(|i| row(i).join(", ")).collect::<Vec<String>>().join("; ");
        let upper = a.upper_triangle().try_inverse().expect("regular");
        assert_alike(&of(&format!("inv(A .* [{mask}])")), &upper, 1e-10);
    }
}

#[test]
fn forms_and_outer_products_equal_their_expansions() {
    let mut point = Point::new();
    with_matrix(
        &mut point,
        "A",
        &DMatrix::from_fn(3, 3, |i, j| (i as f64 - 1.3 * j as f64).powi(2)),
    );
    for k in 1..=3 {
        point.insert(format!("x[{k}]"), 0.3 + k as f64);
        point.insert(format!("b[{k}]"), 2.0 - k as f64);
    }
    let head = "data x[3]; param A[3,3], b[3]\n";
    for (short, long) in [
        ("quad_form(A, x - b)", "(x - b)'*A*(x - b)"),
        ("quad_form(A, x')", "x'*A*x"),
        ("sum(outer(x, b) .* A)", "sum((x*b') .* A)"),
        ("sum(outer(x', [1, 2]))", "3*sum(x)"),
        ("dot(b, solve(A, x))", "b'*(inv(A)*x)"),
        ("sum(solve(A, x*b')*b)", "sum(inv(A)*x)*dot(b, b)"),
    ] {
        let (left, right) = (format!("{head}{short}"), format!("{head}{long}"));
        let (left, right) = (log_density(&left, &point), log_density(&right, &point));
        assert!((left - right).abs() <= 1e-12 * (1.0 + right.abs()), "{short}: {left} {right}");
    }
}

/// Of symmetric matrices that are not positive definite, which the pivots show,
/// log_det is not a number.
#[test]
fn a_matrix_that_is_not_positive_definite_has_no_log_determinant() {
    let text = "data x; param K[3,3] symmetric\n-x^2 + log_det(K)";
    // The second has a positive determinant and two negative pivots.
    for (diagonal, finite) in [([1.0, 2.0, 3.0], true), ([-1.0, -2.0, 3.0], false)] {
        let mut point = Point::from([("x".to_owned(), 0.0)]);
        with_matrix(&mut point, "K", &DMatrix::from_diagonal(&diagonal.to_vec().into()));
        let model = model(text);
        let value = at(model.graph(), &[model.log_density()], &point)[0];
        assert_eq!(value.is_finite(), finite, "{value}");
        assert_eq!(value.is_nan(), !finite, "{value}");
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    for d in [2, 3, 5, 9] {
        let text = format!(
            "data x[{d}]; param S[{d},{d}] posdef, L[{d},1], psi[{d}] > 0, m[{d}]\n\
             logp = -quad_form(inv(S), x - m)/2 - log_det(S)/2 - sumsq(cholesky(S)*x)/9\n\
             - dot(x, solve(L*L' + diag(psi), x - m))/2"
        )
        .replace("/9\n", "/9");
        let model = model(&text);
        let mut point = Point::new();
        with_matrix(&mut point, "S", &positive_definite(d, 40 + d as u64));
        for k in 1..=d {
            let k_th = k as f64;
            let named = [
                ("x", 0.4 * k_th - 1.0),
                ("L", 0.9 - 0.3 * k_th),
                ("psi", 0.6 + 0.1 * k_th),
                ("m", 0.2 * k_th),
            ];
            point.extend(named.map(|(name, value)| (format!("{name}[{k}]"), value)));
        }
        let mut graph = model.graph().clone();
        let names: Vec<String> = graph.inputs().iter().map(|input| input.name.clone()).collect();
        let inputs: Vec<ExprId> = (model.data().iter().map(|component| component.input))
            .chain(model.parameters().iter().map(|parameter| parameter.input))
            .map(|input| graph.input_node(input))
            .collect();
        let slopes = gradient(&mut graph, model.log_density(), &inputs);
        let got = at(&graph, &slopes, &point);
        for (&input, got) in inputs.iter().zip(got) {
            let name = &names[graph.as_input(input).expect("an input").index()];
            let along = |step: f64| {
                let mut point = point.clone();
                *point.get_mut(name).expect("an input with a value") += step;
                at(model.graph(), &[model.log_density()], &point)[0]
            };
            let want = first(along, 1e-2);
            let error = (got - want.value).abs();
            assert!(error <= 1e-8 * (1.0 + got.abs()), "{d} {name}: {got} {want:?}");
        }
    }
}

/// The graph of log-density, score, Laplacian and their gradients remains small for 30 columns.
#[test]
fn a_covariance_of_many_columns_has_a_small_graph() {
    for (d, most) in [(10, 4_000), (30, 30_000)] {
        for form in ["quad_form(inv(S), x - m)", "(x - m)'*solve(S, x - m)"] {
            let text = format!("data x[{d}]; param m[{d}], S[{d},{d}] posdef\n-{form}/2");
            let model = model(&text);
            let mut graph = model.graph().clone();
            let nodes = |model: &[InputId], graph: &Graph| -> Vec<ExprId> {
                model.iter().map(|&input| graph.input_node(input)).collect()
            };
            let data: Vec<InputId> = model.data().iter().map(|one| one.input).collect();
            let parameters: Vec<InputId> = model.parameters().iter().map(|one| one.input).collect();
            let (data, parameters) = (nodes(&data, &graph), nodes(&parameters, &graph));
            let score = gradient(&mut graph, model.log_density(), &data);
            let squares = graph.sum_of_squares(&score);
            let laplacian = scorematch::calculus::laplacian(&mut graph, model.log_density(), &data);
            let rho = graph.add(squares, laplacian);
            let slopes = gradient(&mut graph, rho, &parameters);
            let live = graph.live(&slopes).len();
            println!("{d} {form}: {live} nodes of {} made", graph.len());
            assert!(live <= most, "{d} {form}: {live}");
        }
    }
}

fn fitted(text: &str, columns: &[Vec<f64>]) -> Estimate {
    let names: Vec<String> = (1..=columns.len()).map(|k| format!("x{k}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let model = model(text).bind(&names, &names).expect("columns bind");
    fit::fit(&model, &selected(&names, columns), &Options::default()).expect("a fit")
}

fn selected(names: &[&str], columns: &[Vec<f64>]) -> Selection {
    let owned = names.iter().map(|name| (*name).to_owned()).zip(columns.iter().cloned());
    let columns = Columns::from_vecs(owned.collect()).expect("columns of one length");
    columns.select(names, Missing::Error).expect("complete columns")
}

fn value(fit: &Estimate, name: &str) -> f64 {
    fit.parameters.iter().find(|p| p.name == name).expect("a parameter of this name").estimate
}

/// Columns of a normal with this Cholesky factor and the means 3, 6, 9, …
fn normal(factor: &DMatrix<f64>, rows: usize, key: u64) -> Vec<Vec<f64>> {
    let mut stream = stream(17, key);
    let d = factor.nrows();
    let mut columns = vec![Vec::with_capacity(rows); d];
    for _ in 0..rows {
        let z = DMatrix::from_fn(d, 1, |_, _| stream.normal());
        let x = factor * z;
        columns.iter_mut().enumerate().for_each(|(k, one)| one.push(x[k] + 3.0 * (k + 1) as f64));
    }
    columns
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len() as f64;
    values.sum::<f64>() / n
}

/// Score matching of a normal is maximum likelihood: the estimate of S is
/// the covariance of the rows.
#[test]
fn the_covariance_of_a_normal_is_that_of_its_rows() {
    for (d, text) in [
        (2, "data x[2]; param m[2], S[2,2] posdef\n-quad_form(inv(S), x - m)/2"),
        (3, "data x[3]; param m[3], S[3,3] posdef\n-(x - m)'*solve(S, x - m)/2"),
        (5, "data x[5]; param m[5], S[5,5] posdef\n-quad_form(inv(S), x - m)/2"),
    ] {
        let factor = positive_definite(d, 60).cholesky().expect("positive definite").l();
        let columns = normal(&factor, 300, d as u64);
        let fit = fitted(text, &columns);
        assert_eq!(fit.outcome, Outcome::Converged, "{text}");
        let means: Vec<f64> = columns.iter().map(|one| mean(one.iter().copied())).collect();
        for i in 0..d {
            let got = value(&fit, &format!("m[{}]", i + 1));
            assert!((got - means[i]).abs() <= 1e-8 * means[i].abs(), "{text}: {got}");
            for j in i..d {
                let products = columns[i].iter().zip(&columns[j]);
                let want = mean(products.map(|(a, b)| (a - means[i]) * (b - means[j])));
                let got = value(&fit, &format!("S[{},{}]", i + 1, j + 1));
                assert!((got - want).abs() <= 1e-8, "{text} {i} {j}: {got} {want}");
            }
        }
    }
}

/// A model with one factor: the loadings are recovered up to their common sign.
#[test]
fn a_factor_model_recovers_its_loadings() {
    let (loadings, psi) = ([0.9, -0.6, 1.2, 0.4, 0.8], [0.5, 0.8, 0.6, 1.0, 0.4_f64]);
    let mut stream = stream(19, 1);
    let mut columns = vec![Vec::new(); 5];
    for _ in 0..4000 {
        let common = stream.normal();
        for (k, column) in columns.iter_mut().enumerate() {
            column.push(loadings[k] * common + psi[k].sqrt() * stream.normal());
        }
    }
    let text = "data x[5]; param L[5,1], psi[5] > 0\n-quad_form(inv(L*L' + diag(psi)), x)/2";
    let fit = fitted(text, &columns);
    assert_eq!(fit.outcome, Outcome::Converged);
    let sign = value(&fit, "L[1]").signum();
    for k in 0..5 {
        let (loading, rest) =
            (sign * value(&fit, &format!("L[{}]", k + 1)), value(&fit, &format!("psi[{}]", k + 1)));
        assert!((loading - loadings[k]).abs() < 0.1, "L[{k}] {loading}");
        assert!((rest - psi[k]).abs() < 0.12, "psi[{k}] {rest}");
    }
}

/// The weights of a mixture of normals with different covariances depend on the determinants.
#[test]
fn a_mixture_needs_the_log_determinants() {
    let factors = [
        DMatrix::from_row_slice(2, 2, &[1.0, 0.0, 0.6, 0.8]),
        DMatrix::from_row_slice(2, 2, &[0.4, 0.0, -0.2, 0.5]),
    ];
    let mut columns = [normal(&factors[0], 2400, 5), normal(&factors[1], 1600, 6)];
    // Means (3, 6) and (6, 4).
    columns[1][0].iter_mut().for_each(|x| *x += 3.0);
    columns[1][1].iter_mut().for_each(|x| *x -= 2.0);
    let joined: Vec<Vec<f64>> =
        (0..2).map(|k| [columns[0][k].clone(), columns[1][k].clone()].concat()).collect();
    let text = "data x[2]; param w in (0, 1), a[2], b[2], S[2,2] posdef, T[2,2] posdef\n\
        def normal(m, C) = -quad_form(inv(C), x - m)/2 - log_det(C)/2\n\
        log_sum_exp(log(w) + normal(a, S), log(1 - w) + normal(b, T))";
    let fit = fitted(text, &joined);
    assert_eq!(fit.outcome, Outcome::Converged);
    let first = value(&fit, "a[1]") < 4.5;
    let names = if first { ["a", "b", "S", "T"] } else { ["b", "a", "T", "S"] };
    let share = if first { value(&fit, "w") } else { 1.0 - value(&fit, "w") };
    assert!((share - 0.6).abs() < 0.03, "{share}");
    for (k, centre) in [[3.0, 6.0], [6.0, 4.0]].iter().enumerate() {
        let want = &factors[k] * factors[k].transpose();
        for i in 0..2 {
            let got = value(&fit, &format!("{}[{}]", names[k], i + 1));
            assert!((got - centre[i]).abs() < 0.1, "{got}");
            let got = value(&fit, &format!("{}[{},2]", names[k + 2], i + 1));
            assert!((got - want[(i, 1)]).abs() < 0.1, "{} {got}", names[k + 2]);
        }
    }
}
