//! The language, with one line of a table for each fact.

use super::*;
use crate::graph::{Graph, evaluate};

fn model(text: &str) -> Model {
    Model::parse(text).unwrap_or_else(|errors| panic!("{text}: {errors}"))
}

fn names(components: &[Component]) -> Vec<&str> {
    components.iter().map(|component| component.name.as_str()).collect()
}

fn parameter_names(model: &Model) -> Vec<&str> {
    model.parameters().iter().map(|parameter| parameter.name.as_str()).collect()
}

/// Declarations for the expressions below.
const PREAMBLE: &str = "data x, v[3], w[3]; param a, b, s2 > 0, W[2,3], K[3,3] symmetric\n";

/// Asserts that two expressions have equal values at several points, in the canonical and the
/// verbatim graph.
#[track_caller]
fn check(left: &str, right: &str) {
    let of = |text: &str| model(&format!("{PREAMBLE}logp = {text}"));
    let (left_model, right_model) = (of(left), of(right));
    // All graphs have the inputs of the preamble in the same order; an input has the same value in
    // each.
    let at = |model: &Model, graph: &Graph, root, seed: u64| {
        evaluate(graph, &[root], |input| {
            let k = input.index() as u64 + 1;
            let spread = (k * 7919 + seed * 104_729) % 1000;
            let value = spread as f64 / 400.0 - 1.2;
            if model.graph().inputs()[input.index()].support.low == 0.0 {
                value.abs() + 0.1
            } else {
                value
            }
        })[0]
    };
    for seed in 0..5 {
        let value = at(&left_model, left_model.graph(), left_model.log_density(), seed);
        for (model, (graph, root)) in [
            (&left_model, left_model.verbatim()),
            (&right_model, right_model.verbatim()),
            (&right_model, (right_model.graph(), right_model.log_density())),
        ] {
            let other = at(model, graph, root, seed);
            let close = (value - other).abs() <= 1e-9 * (1.0 + value.abs());
            assert!(
                close || value.is_nan() && other.is_nan(),
                "{left} is {value}, {right} {other}"
            );
        }
    }
}

#[test]
fn expressions_are_elaborated_to_their_meaning() {
    let table = [
        ("-x^2", "-(x*x)"),
        ("x²^3", "x^6"),
        ("2^-1 * x", "x/2"),
        ("sum(i in 1:3, i*x)", "6*x"),
        ("sum(i in 1:3, j in i+1:3, v[i]*v[j])", "v[1]*v[2] + v[1]*v[3] + v[2]*v[3]"),
        ("sum(i in 2:1, x)", "0"),
        ("prod(i in 2:1, x)", "1"),
        ("prod(i in 1:3, x)", "x^3"),
        ("max(i in 1:3, v[i])", "max(v)"),
        ("mean(v)", "sum(v)/3"),
        ("v'*w", "dot(v, w)"),
        ("sum(W*v)", "W[1,:]*v + W[2,:]*v"),
        ("v'*K*w", "sum(i in 1:3, j in 1:3, v[i]*K[i,j]*w[j])"),
        ("K[2,1]", "K[1,2]"),
        ("trace(K)", "K[1,1] + K[2,2] + K[3,3]"),
        ("trace(v*w')", "dot(v, w)"),
        ("sum(W)", "sum(W')"),
        ("sum(v .* w)", "dot(v, w)"),
        ("sum(v ./ w)", "v[1]/w[1] + v[2]/w[2] + v[3]/w[3]"),
        ("sum(1/v)", "1/v[1] + 1/v[2] + 1/v[3]"),
        ("sum(v^2)", "sumsq(v)"),
        ("sum(W .^ 2)", "sumsq(W)"),
        ("sum(2*v - a)", "2*sum(v) - 3*a"),
        ("norm(v)", "sqrt(v'*v)"),
        ("sum(v[2:3])", "v[2] + v[3]"),
        ("sum(W[:, 2])", "W[1,2] + W[2,2]"),
        ("sum(W[2, 2:3])", "W[2,2] + W[2,3]"),
        ("sum(v'[2:3])", "v[2] + v[3]"),
        ("dot([a, b], [x, 2])", "a*x + 2*b"),
        ("sum([a, b; x, 2]*[1, 2])", "a + 2*b + x + 4"),
        ("sum(diag(v)*w)", "dot(v, w)"),
        ("sum(diag(K))", "trace(K)"),
        ("sum(eye(3)*v)", "sum(v)"),
        ("log_sum_exp(v)", "log(exp(v[1]) + exp(v[2]) + exp(v[3]))"),
        ("log_sum_exp(a, b)", "log(exp(a) + exp(b))"),
        ("log_dot_exp([1, 2, s2], v)", "log(exp(v[1]) + 2*exp(v[2]) + s2*exp(v[3]))"),
        ("log_sum_exp(i in 1:3, v[i])", "log_sum_exp(v)"),
        ("log_sum_exp(log(a) + x, log(1 - a) + b)", "log_dot_exp([a, 1 - a], [x, b])"),
        ("log_sum_exp(x + log(a), log1p(-a) + b)", "log_dot_exp([a, 1 - a], [x, b])"),
        ("log_sum_exp(log(s2) + v)", "log_dot_exp(s2*[1, 1, 1], v)"),
        ("log_sum_exp(log(0.25) + x, log(0.75) + b)", "log_dot_exp([0.25, 0.75], [x, b])"),
        ("log_sum_exp(log(pi*s2/2) - x, 3)", "log_dot_exp([pi*s2/2, 1], [-x, 3])"),
        ("sum(softmax(v))", "1"),
        ("softmax(v)[2]", "exp(v[2])/sum(exp(v))"),
        ("min(a, b, x)", "min(min(a, b), x)"),
        ("sum(min(v, 0))", "min(v[1], 0) + min(v[2], 0) + min(v[3], 0)"),
        ("clamp(x, -1, 1)", "min(max(x, -1), 1)"),
        ("if(x < a, 1, 2)", "if(x >= a, 2, 1)"),
        ("if(x > a and x < b, 1, 2)", "if(not (x <= a or b <= x), 1, 2)"),
        ("if(x == x or a < b, x, b)", "x"),
        ("if(x != x, a, b)", "b"),
        ("sum(if(v < 0, -v, v))", "sum(abs(v))"),
        ("sum(i in 1:3, if(i > 1, v[i-1], 0))", "v[1] + v[2]"),
        ("sum(i in 1:3, if(i == 2 or i == 3, v[i], 0))", "v[2] + v[3]"),
        ("polygamma(1, s2)", "trigamma(s2)"),
        ("digamma(s2 + 1)", "digamma(s2) + 1/s2"),
        ("atan2(a, 1)", "atan(a)"),
        ("sigmoid(x)", "1/(1 + exp(-x))"),
        ("v[floor(7/2)]", "v[3]"),
        ("v[min(5, 2)]", "v[2]"),
        ("x^a", "exp(a*log(x))"),
        ("sum(2^v)", "sum(i in 1:3, 2^v[i])"),
        ("pi*x", "4*atan(1)*x"),
    ];
    for (left, right) in table {
        check(left, right);
    }
}

#[test]
fn definitions_are_lexical_and_take_any_shape() {
    let text = "data x[2]; const t = 3; let r = x - 1; def q(t, c) = (t - c)^2\n\
                logp = -sum(q(r, t)) - q(x[1], 0)";
    let other = "data x[2]; logp = -(x[1] - 4)^2 - (x[2] - 4)^2 - x[1]^2";
    let value = |text| {
        let model = model(text);
        evaluate(model.graph(), &[model.log_density()], |i| 0.3 + i.index() as f64)[0]
    };
    assert!((value(text) - value(other)).abs() < 1e-12);
}

#[test]
fn roles_without_a_data_statement() {
    let text = "-(x - mu)^2/(2*s2) + beta*z";
    let plain = model(text);
    assert_eq!(names(plain.data()), ["x"]);
    assert_eq!(parameter_names(&plain), ["mu", "s2", "beta", "z"]);
    let bound = plain.bind(&["z", "x", "other"], &["z", "x", "other"]).expect("columns fit");
    assert_eq!(names(bound.data()), ["x", "z"]);
    assert_eq!(bound.data()[1].column.as_deref(), Some("z"));
    assert_eq!(bound.warnings()[0].code, "implicit-data");
    let only = plain.bind(&["name", "height"], &["height"]).expect("x is the only one");
    assert_eq!(only.data()[0].column.as_deref(), Some("height"));
    assert_eq!(only.warnings()[0].code, "only-column");
    let chosen = Options { data: Some(vec!["z".to_owned()]), ..Options::default() };
    let chosen = Model::with(text, &chosen).expect("z is used");
    assert_eq!(names(chosen.data()), ["z"]);
}

#[test]
fn roles_with_a_data_statement() {
    let implicit = model("data y; covariate z\n-(y - b*z)^2/s");
    assert_eq!(names(implicit.data()), ["y"]);
    assert_eq!(names(implicit.covariates()), ["z"]);
    assert_eq!(parameter_names(&implicit), ["b", "s"]);
    assert!(Model::parse("data y; param b\n-(y - b*z)^2").is_err());
}

#[test]
fn places_for_constants_refuse_names_that_vary() {
    let errors = |text| Model::parse(text).expect_err(text).to_string();
    let expected = "a bound must be constant, but `a` is a parameter";
    assert_eq!(errors("data y > a\n-y"), expected);
    let expected = "a size must be constant, but `x` is data";
    assert_eq!(errors("covariate z[x]\n-x"), expected);
    let codes: Vec<_> = model("-(y - mu)^2").warnings().iter().map(|w| w.code).collect();
    assert_eq!(codes, ["no-data"]);
}

#[test]
fn columns_are_bound_in_order_of_preference() {
    let bind = |text: &str, columns: &[&str]| {
        let bound = model(text).bind(columns, columns).expect("columns fit");
        let columns = bound.data().iter().map(|component| component.column.clone());
        let columns: Vec<String> = columns.map(Option::unwrap_or_default).collect();
        (columns.join(" "), bound.warnings().iter().map(|w| w.code).collect::<Vec<_>>())
    };
    let text = "data x[2]; logp = -sumsq(x)";
    let table: [(&[&str], &str, &[&str]); 6] = [
        (&["x1", "x2", "x[1]", "x[2]"], "x1 x2", &[]),
        (&["x1", "x[1]", "x[2]"], "x[1] x[2]", &[]),
        (&["x_2", "x_1"], "x_1 x_2", &[]),
        (&["height", "width"], "height width", &["columns-in-order"]),
        (&["x0", "x1", "x2"], "x1 x2", &["column-from-zero"]),
        (&["x0", "x1"], "x0 x1", &["columns-in-order"]),
    ];
    for (columns, expected, warnings) in table {
        let (found, codes) = bind(text, columns);
        assert_eq!((found.as_str(), codes.as_slice()), (expected, warnings), "{columns:?}");
    }
    assert!(model(text).bind(&["a", "b", "c"], &["a", "b", "c"]).is_err());
}

#[test]
fn a_star_takes_its_size_from_the_columns() {
    let columns = ["x1", "x2", "x3", "y"];
    let options = Options { columns: Some(&columns), numeric: &columns, ..Options::default() };
    let model = Model::with("data x[*], y; logp = -sumsq(x) - y^2", &options).expect("3 and 1");
    assert_eq!(names(model.data()), ["x[1]", "x[2]", "x[3]", "y"]);
    let map = vec![("x".to_owned(), vec!["y".to_owned(), "x3".to_owned()])];
    let options = Options { map, ..options };
    let model = Model::with("data x[*]; logp = -sumsq(x)", &options).expect("mapped");
    assert_eq!(model.data()[1].column.as_deref(), Some("x3"));
}

#[test]
fn parameters_are_named_row_by_row() {
    let model = model("data x\nparam W[2,2], K[2,2] symmetric, c[2] ordered init [1, 2]\n-x^2");
    let expected =
        ["W[1,1]", "W[1,2]", "W[2,1]", "W[2,2]", "K[1,1]", "K[1,2]", "K[2,2]", "c[1]", "c[2]"];
    assert_eq!(parameter_names(&model), expected);
    assert_eq!(model.parameter("K[2,1]"), model.parameter("K[1,2]"));
    assert_eq!((model.parameter("W[2,1]"), model.parameter("W[3,1]")), (Some(2), None));
    assert_eq!(model.parameters()[8].init, Some(2.0));
    assert_eq!(model.blocks()[1].parameters, 4..7);
}

#[test]
fn unconstrained_coordinates_are_inverted() {
    let model = model(
        "data x\nparam m, s > 2, t < -1, r in (-1, 3), c[3] ordered, w[3] simplex, P[3,3] posdef\n-x^2",
    );
    let theta =
        [0.5, 2.25, -4.0, 2.5, -1.0, 0.5, 3.0, 0.2, 0.5, 0.3, 2.0, 0.5, -0.3, 1.5, 0.2, 1.0];
    let free = model.to_free(&theta).expect("inside");
    assert_eq!(free.len(), theta.len() - 1);
    for (there, back) in theta.iter().zip(model.from_free(&free)) {
        assert!((there - back).abs() < 1e-12, "{there} {back}");
    }
    let mut outside = theta;
    outside[1] = 2.0;
    assert_eq!(model.to_free(&outside), None);
    let mut graph = Graph::new();
    let transform = model.transform(&mut graph);
    let names: Vec<_> =
        transform.free.iter().map(|input| graph.inputs()[input.index()].name.as_str()).collect();
    let expected =
        ["m", "log(s - 2)", "log(-1 - t)", "logit(r in (-1, 3))", "c[1]", "log(c[2] - c[1])"];
    assert_eq!(names[..6], expected);
    // Every unconstrained point is mapped inside the constraints.
    let wild: Vec<f64> = (0..free.len()).map(|k| (k as f64 * 1.7).sin() * 3.0).collect();
    assert!(model.to_free(&model.from_free(&wild)).is_some());
}

#[test]
fn declarations_make_roles_explicit() {
    let text =
        "data x[2] > 0, t on circle; covariate `a b`; param K[2,2] posdef, r in [-1, 1]\n-x[1]*m";
    let again = "data x[2] > 0, t on circle\ncovariate `a b`\nparam K[2, 2] posdef, r in (-1, 1)";
    assert_eq!(model(&text.replace("*m", "")).declarations(), again);
    assert_eq!(model("-(x - mu)^2*s").declarations(), "data x\nparam mu, s");
    let parsed = model(&format!("{again}\n-x[1]"));
    assert_eq!(parsed.declarations(), again);
}

#[test]
fn constants_and_their_overrides() {
    let text = "const d = 2; const h = d/2\ndata x[d]; logp = -h*sumsq(x)";
    assert_eq!(names(model(text).data()).len(), 2);
    let constants = vec![("d".to_owned(), 5.0)];
    let model = Model::with(text, &Options { constants, ..Options::default() }).expect("d = 5");
    assert_eq!(names(model.data()).len(), 5);
    let value = evaluate(model.graph(), &[model.log_density()], |_| 1.0)[0];
    assert_eq!(value, -12.5);
}

#[test]
fn simplifications_rely_on_supports() {
    let text = "data y > 0, u in [0, 1], b in {0, 1}, p[2] on simplex; param s2 > 0\n\
                logp = log(s2^2) + log(y^2) - u^2 - b - p[1]";
    let model = model(text);
    let supports: Vec<_> = model.data().iter().map(|component| component.support).collect();
    let expected = [
        Support::Above(0.0),
        Support::Between(0.0, 1.0),
        Support::Binary(0.0, 1.0),
        Support::Simplex,
        Support::Simplex,
    ];
    assert_eq!(supports, expected);
    let mut graph = model.graph().clone();
    let (s2, y) = (model.parameters()[0].input, model.data()[0].input);
    let terms = [s2, y].map(|input| {
        let node = graph.input_node(input);
        let log = graph.call(crate::graph::Function::Log, node);
        graph.scale(crate::graph::Number::integer(2), log)
    });
    let live = graph.live(&[model.log_density()]);
    for term in terms {
        let crate::graph::Node::Sum(parts) = graph.node(term) else { panic!("2 log") };
        assert!(live.contains(&graph.parts(parts)[0].expr));
    }
}

#[test]
fn both_graphs_have_the_same_inputs() {
    let model = model("data x, v[2]; param K[2,2] posdef\n-v'*K*v - x^2");
    assert_eq!(model.graph().inputs(), model.verbatim().0.inputs());
}

#[test]
fn the_verbatim_graph_keeps_the_domain() {
    let model = model("2*log(x) - log(x^2) - x^2");
    let (graph, root) = model.verbatim();
    assert!(evaluate(graph, &[root], |_| -1.0_f64)[0].is_nan());
}

#[test]
fn constants_without_a_value_are_refused() {
    let failed = |text: &str| {
        let errors = Model::parse(text).expect_err(text);
        let [error] = errors.as_slice() else { panic!("{text}: {errors}") };
        assert_eq!(error.kind, ErrorKind::NoValue, "{text}");
        let span = error.span.expect("it has a place");
        text[span.start as usize..span.end as usize].to_owned()
    };
    for (text, place) in [
        ("sqrt(-1)^2*x^2", "sqrt(-1)"),
        ("-x^2 + log(-1) - log(-1)", "log(-1)"),
        ("-x^2*(-8)^(1/3)", "(-8)^(1/3)"),
        ("-(x - asin(2))^2/asin(2)", "asin(2)"),
        ("-x^2 + 0*sqrt(1 - 2)", "sqrt(1 - 2)"),
        ("-x^2/(1/0 - 1/0)", "1/0 - 1/0"),
        ("def f(a) = log(a)\n-x^2*f(-1)^0", "log(a)"),
        ("const n = -2; let c = log(n); -c*x^2", "log(n)"),
        ("data x; weight = sqrt(-4)^2; -x^2", "sqrt(-4)"),
        ("-x^2*if(x > 0, 1, acos(3)*0)", "acos(3)"),
    ] {
        assert_eq!(failed(text), place, "{text}");
    }
    // Constants without a value in a branch that is not taken or a name that is not used, and
    // infinite values, are no errors.
    for text in [
        "const n = 0; -x^2 + if(n > 0, log(n - 1), 0)",
        "let unused = sqrt(-1); -x^2",
        "-x^2 + log(0)",
        "-x^2 + sqrt(-x)",
        "-x^2 + 3^0.5*(-8)^3",
    ] {
        model(text);
    }
}

#[test]
fn weights_belong_to_components() {
    let model = model("data x > 0, v[2] > 0; weight = x; weight v = [1, v[2]]\n-x - sum(v)");
    let weights: Vec<_> = (0..3).map(|k| model.weight(k)).collect();
    let mut graph = model.graph().clone();
    let of = |k: usize| graph.input_node(model.data()[k].input);
    let (x, second) = (of(0), of(2));
    // The weight of the name times that of all data.
    let product = graph.mul(x, second);
    assert_eq!(weights, [Some(x), Some(x), Some(product)]);
}

#[test]
fn kinks_in_data_are_named_and_others_are_not() {
    let codes = |text: &str| {
        let model = model(text);
        model.warnings().iter().map(|warning| warning.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(codes("-abs(x)/b"), ["`abs` gives the log-density a kink in the data"]);
    assert_eq!(codes("-abs(b)*x^2"), [""; 0]);
    assert_eq!(codes("-abs(x)^2"), [""; 0]);
    assert_eq!(codes("data x > 0\n-abs(x)"), [""; 0]);
    assert_eq!(codes("-if(x < 0, a*x, b*x)").len(), 1);
    assert_eq!(codes("-if(x < 0, a*x^2, b*x^2)"), [""; 0]);
    assert_eq!(codes("def h(t) = max(t, 0)\n-h(x)^2 - h(x - 1)").len(), 1);
    for text in [
        "-sqrt(x^2)",
        "data x, y\n-norm([x, y])",
        "-(x^2)^0.5",
        "-x^2 - a*if(x > 0, x, 0)",
        "-sqrt(abs(x - m))",
        "param s > 0\n-((x - m)^2/s^2)^0.5",
        "-x^2 - a*max(x - 170, 0)",
        "-x^2 + a*floor(x)",
        "-x^2 + a*sign(x - 3)*x",
        "data x, y\n-x^2 - y^2 - a*min(x, y)",
    ] {
        assert_eq!(codes(text).len(), 1, "{text}: {:?}", codes(text));
    }
    for text in [
        "-abs(x)^3",
        "-abs(x)^2.5",
        "-max(x, 0)^3 - x^2",
        "-sqrt(x^2 + 1)",
        "data x, y\n-norm([x, y, 1])",
        "-(x^2)^1.5",
        "-if(abs(x) <= 1, x^2/2, abs(x) - 1/2)",
        "-x^2 - a*min(x, 0)^2",
        "data x > 0\n-x - sqrt(x)",
        "data x, y\n-norm([x, y])^3",
    ] {
        assert_eq!(codes(text), [""; 0], "{text}");
    }
}

#[test]
fn assignments_set_parameters() {
    let model =
        model("data x\nparam mu, s2 > 0, W[2,2], K[2,2] symmetric, w[2] simplex\n-x^2*(mu + s2)");
    let read = |text| assignments(text, &model).map_err(|errors| errors.to_string());
    assert_eq!(read("mu=0, s2=1/2"), Ok(vec![(0, 0.0), (1, 0.5)]));
    assert_eq!(read("s2 = 2\n mu = -3;"), Ok(vec![(1, 2.0), (0, -3.0)]));
    assert_eq!(read("W=[1,2;3,4]"), Ok(vec![(2, 1.0), (3, 2.0), (4, 3.0), (5, 4.0)]));
    assert_eq!(read("W[2,1]=7, K[2,1]=3"), Ok(vec![(4, 7.0), (7, 3.0)]));
    assert_eq!(read("K=[1,2;2,3], K[1,2]=2"), Ok(vec![(6, 1.0), (7, 2.0), (8, 3.0)]));
    assert_eq!(read("K=0"), Ok(vec![(6, 0.0), (7, 0.0), (8, 0.0)]));
    assert_eq!(read(""), Ok(vec![]));
    let table = [
        ("mu=0, muu=1", "there is no parameter `muu`"),
        ("W[3,1]=1", "there is no parameter `W[3, 1]`"),
        ("s2=-1", "-1 is no value for `s2`, which must be above 0"),
        ("K=[1,2;3,4]", "`K[1,2]` is given twice: first 2, here 3"),
        ("mu=1, mu=2", "`mu` is given twice: first 1, here 2"),
        ("w=[0.5, 0.6]", "this is no value for `w`, which must be positive entries that sum to 1"),
        ("mu", "expected an assignment such as `mu = 0`"),
        ("mu=q", "a value must be constant, but `q` is not a number"),
        ("W=[1,2,3]", "`W` needs a scalar or its declared shape, but `[1, 2, 3]` is a vector of 3"),
        ("mu=1e400", "inf is no value for `mu`, which must be finite"),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), Err(expected.to_owned()), "{text}");
    }
}

#[test]
fn limits_are_checked_before_the_text_is_expanded() {
    let errors = |text: &str| Model::parse(text).expect_err(text).to_string();
    let texts = [
        "data x\n-sum(i in 1:1000000000000, x^i)",
        "data x\n-sum(i in 1:100000, j in 1:100000, x)",
        "data x[1000000000]\n-sumsq(x)",
        "data x\nparam W[100000,100000]\n-x^2",
        "data x\n-x^2*trace(eye(100000))",
        "data x\nlet v = x + diag(eye(1))\n-sum(i in 1:3000, j in i:3000, x)",
    ];
    for text in texts {
        assert!(errors(text).contains("the limit is 4000000"), "{text}: {}", errors(text));
    }
    let mut doubling = "data x\ndef f0(t) = t + 1\n".to_owned();
    for k in 1..60 {
        doubling += &format!("def f{k}(t) = f{}(t) + f{}(t + 1)\n", k - 1, k - 1);
    }
    assert!(errors(&format!("{doubling}-f59(x)")).contains("the limit is"));
    let mut deep = "data x\ndef f0(t) = t\n".to_owned();
    for k in 1..3000 {
        deep += &format!("def f{k}(t) = (f{}(t) + 1)*2\n", k - 1);
    }
    assert!(errors(&format!("{deep}-f2999(x)")).contains("nested too deep"));
}

#[test]
fn the_deepest_text_elaborates() {
    let text = format!("-x^2{}{}", " + x*(1".repeat(250), ")".repeat(250));
    assert!(Model::parse(&text).is_ok());
}

#[test]
fn models_are_send_and_sync() {
    fn check<T: Clone + std::fmt::Debug + Send + Sync>() {}
    check::<Model>();
}
