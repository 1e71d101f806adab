//! What a person would have written.

use super::super::{BinaryFunction, ExprId, Function, Graph, Number, Part, Relation, Support};

/// x, y, mu, s2, nu on the line.
type Inputs = [ExprId; 5];

fn inputs() -> (Graph, Inputs) {
    let mut g = Graph::new();
    let names = ["x", "y", "mu", "s2", "nu"];
    let ids = names.map(|name| g.input(name, Support::LINE));
    (g, ids)
}

fn powers(g: &mut Graph, weight: Number, factors: &[(ExprId, i64)]) -> ExprId {
    let part = |&(expr, exponent)| Part { weight: Number::integer(exponent), expr };
    let parts: Vec<Part> = factors.iter().map(part).collect();
    let product = g.product(&parts);
    g.scale(weight, product)
}

fn weighted(g: &mut Graph, terms: &[(i64, ExprId)]) -> ExprId {
    let part = |&(weight, expr)| Part { weight: Number::integer(weight), expr };
    let parts: Vec<Part> = terms.iter().map(part).collect();
    g.sum(&parts)
}

#[track_caller]
fn check(expected: &str, build: impl Fn(&mut Graph, Inputs) -> ExprId) {
    let (mut g, ids) = inputs();
    let root = build(&mut g, ids);
    assert_eq!(g.plain(root), expected);
}

#[track_caller]
fn check_latex(expected: &str, build: impl Fn(&mut Graph, Inputs) -> ExprId) {
    let (mut g, ids) = inputs();
    let root = build(&mut g, ids);
    assert_eq!(g.latex(&[root]).exprs, [expected]);
}

fn vector(g: &mut Graph, name: &str, length: usize) -> Vec<ExprId> {
    (1..=length).map(|i| g.input(&format!("{name}[{i}]"), Support::LINE)).collect()
}

fn row(g: &mut Graph, name: &str, row: usize, length: usize) -> Vec<ExprId> {
    (1..=length).map(|j| g.input(&format!("{name}[{row},{j}]"), Support::LINE)).collect()
}

#[test]
fn the_gaussian_reads_as_in_the_book() {
    let (mut g, [x, _, mu, s2, _]) = inputs();
    let difference = g.sub(x, mu);
    let log_density = powers(&mut g, Number::ratio(-1, 2), &[(difference, 2), (s2, -1)]);
    let score = powers(&mut g, Number::MINUS_ONE, &[(difference, 1), (s2, -1)]);
    let laplacian = powers(&mut g, Number::MINUS_ONE, &[(s2, -1)]);
    let roots = [log_density, score, laplacian];
    assert_eq!(g.print(&roots).exprs, ["-(x - mu)^2/(2*s2)", "(mu - x)/s2", "-1/s2"]);
    assert_eq!(
        g.latex(&roots).exprs,
        [
            r"-\frac{\left(x - \mu\right)^{2}}{2 \, s_{2}}",
            r"\frac{\mu - x}{s_{2}}",
            r"-\frac{1}{s_{2}}",
        ]
    );
}

#[test]
fn numbers() {
    check("0", |g, _| g.zero());
    check("-3", |g, _| g.integer(-3));
    check("1/2", |g, _| g.ratio(1, 2));
    check("-2/3", |g, _| g.ratio(-2, 3));
    check("1.0000000000000001e-1", |g, _| g.number(Number::float(0.1)));
    check("0.3333333333333333", |g, _| g.number(Number::float(1.0 / 3.0)));
    check("3.141592653589793e-20", |g, _| g.number(Number::float(3.141592653589793e-20)));
    check("-1/0", |g, _| g.number(Number::float(f64::NEG_INFINITY)));
    check("pi", |g, _| g.pi());
    check("sqrt(2)", |g, _| {
        let two = g.integer(2);
        g.sqrt(two)
    });
    check("(2/3)^(1/3)", |g, _| {
        let (base, exponent) = (g.ratio(2, 3), g.ratio(1, 3));
        g.pow(base, exponent)
    });
}

#[test]
fn products_are_quotients_by_the_sign_of_exponents() {
    check("3*x", |g, [x, ..]| g.scale(Number::integer(3), x));
    check("x/2", |g, [x, ..]| g.scale(Number::ratio(1, 2), x));
    check("-3*x/(2*s2)", |g, [x, _, _, s2, _]| {
        powers(g, Number::ratio(-3, 2), &[(x, 1), (s2, -1)])
    });
    check("x^2/(y^3*mu)", |g, [x, y, mu, ..]| powers(g, Number::ONE, &[(mu, -1), (y, -3), (x, 2)]));
    check("1/x", |g, [x, ..]| g.powi(x, -1));
    check("1/sqrt(x)", |g, [x, ..]| {
        let exponent = g.ratio(-1, 2);
        g.pow(x, exponent)
    });
    check("x^(1/3)", |g, [x, ..]| {
        let exponent = g.ratio(1, 3);
        g.pow(x, exponent)
    });
    check("x^(3/2)*sin(y)^2", |g, [x, y, ..]| {
        let exponent = g.ratio(3, 2);
        let (power, sine) = (g.pow(x, exponent), g.call(Function::Sin, y));
        powers(g, Number::ONE, &[(sine, 2), (power, 1)])
    });
    check("sqrt(x*y)", |g, [x, y, ..]| {
        let product = g.mul(x, y);
        g.sqrt(product)
    });
    check("(x*y)^(1/3)", |g, [x, y, ..]| {
        let (product, exponent) = (g.mul(x, y), g.ratio(1, 3));
        g.pow(product, exponent)
    });
    check("2.5000000000000000e0*x", |g, [x, ..]| g.scale(Number::float(2.5), x));
}

#[test]
fn a_sum_takes_in_the_minus_of_its_product() {
    for (first, second) in [(1, -1), (-1, 1)] {
        let name = if first < 0 { "(x - mu)/s2" } else { "(mu - x)/s2" };
        check(name, |g, [x, _, mu, s2, _]| {
            let difference = weighted(g, &[(first, x), (second, mu)]);
            powers(g, Number::MINUS_ONE, &[(difference, 1), (s2, -1)])
        });
        check("-(x - mu)^2/s2", |g, [x, _, mu, s2, _]| {
            let difference = weighted(g, &[(first, x), (second, mu)]);
            powers(g, Number::MINUS_ONE, &[(difference, 2), (s2, -1)])
        });
    }
    check("y/(mu - x)^3", |g, [x, y, mu, ..]| {
        let difference = g.sub(x, mu);
        powers(g, Number::MINUS_ONE, &[(difference, -3), (y, 1)])
    });
    check("-(x + mu)/s2", |g, [x, _, mu, s2, _]| {
        let sum = g.add(x, mu);
        powers(g, Number::MINUS_ONE, &[(sum, 1), (s2, -1)])
    });
    check("-(x - mu)^(1/3)", |g, [x, _, mu, ..]| {
        let (difference, exponent) = (g.sub(x, mu), g.ratio(1, 3));
        let root = g.pow(difference, exponent);
        g.neg(root)
    });
}

#[test]
fn sums_go_by_degree_and_first_appearance_with_constants_last() {
    check("x^2 + 2*x*y - mu + 1/2", |g, [x, y, mu, ..]| {
        let (square, product) = (g.powi(x, 2), g.mul(x, y));
        let half = g.ratio(1, 2);
        weighted(g, &[(1, half), (-1, mu), (2, product), (1, square)])
    });
    check("mu - x", |g, [x, _, mu, ..]| g.sub(mu, x));
    check("-x - mu", |g, [x, _, mu, ..]| weighted(g, &[(-1, x), (-1, mu)]));
    check("x + pi + 1", |g, [x, ..]| {
        let (pi, one) = (g.pi(), g.one());
        g.total(&[one, pi, x])
    });
    check("-x^2/s2 - log(s2)/2", |g, [x, _, _, s2, _]| {
        let (square, log) =
            (powers(g, Number::ONE, &[(x, 2), (s2, -1)]), g.call(Function::Log, s2));
        let half = g.scale(Number::ratio(1, 2), log);
        weighted(g, &[(-1, half), (-1, square)])
    });
    check("(nu - 1)*log(x) - x*mu", |g, [x, _, mu, _, nu]| {
        let shape = Part { weight: Number::MINUS_ONE, expr: g.one() };
        let (shape, log) = (g.sum(&[Part::one(nu), shape]), g.call(Function::Log, x));
        let (first, second) = (g.mul(shape, log), g.mul(mu, x));
        g.sub(first, second)
    });
}

#[test]
fn functions() {
    check("exp(-x^2/2)", |g, [x, ..]| {
        let exponent = powers(g, Number::ratio(-1, 2), &[(x, 2)]);
        g.call(Function::Exp, exponent)
    });
    check("cos(x - mu)", |g, [x, _, mu, ..]| {
        let difference = g.sub(mu, x);
        g.call(Function::Cos, difference)
    });
    check("-tanh(x - mu)", |g, [x, _, mu, ..]| {
        let difference = g.sub(mu, x);
        g.call(Function::Tanh, difference)
    });
    check("polygamma(2, x) + trigamma(y)", |g, [x, y, ..]| {
        let (a, b) = (g.call(Function::Polygamma(2), x), g.call(Function::Polygamma(1), y));
        g.add(a, b)
    });
    check("max(x, 0)", |g, [x, ..]| {
        let zero = g.zero();
        g.binary(BinaryFunction::Max, zero, x)
    });
    check("atan2(y, x)", |g, [x, y, ..]| g.binary(BinaryFunction::Atan2, y, x));
    check("2*if(x <= 0, x + 1, -y)", |g, [x, y, ..]| {
        let (zero, one) = (g.zero(), g.one());
        let condition = g.compare(Relation::LessEqual, x, zero);
        let (then, otherwise) = (g.add(x, one), g.neg(y));
        let selected = g.select(condition, then, otherwise);
        g.scale(Number::integer(2), selected)
    });
    check("log_sum_exp(x, y)", |g, [x, y, ..]| {
        let one = g.one();
        g.log_sum_exp(&[one, one], &[y, x])
    });
    check("log_dot_exp([nu, 1 - nu], [x, y])", |g, [x, y, _, _, nu]| {
        let one = g.one();
        let rest = g.sub(one, nu);
        g.log_sum_exp(&[nu, rest], &[x, y])
    });
    check("nu*exp(x - log_dot_exp([nu, 1 - nu], [x, y]))", |g, [x, y, _, _, nu]| {
        let one = g.one();
        let rest = g.sub(one, nu);
        let log_sum = g.log_sum_exp(&[nu, rest], &[x, y]);
        let difference = g.sub(x, log_sum);
        let share = g.call(Function::Exp, difference);
        g.mul(nu, share)
    });
}

#[test]
fn names_that_are_no_words_stand_in_backquotes() {
    let mut g = Graph::new();
    for (name, expected) in [
        ("Sepal.Length", "`Sepal.Length`"),
        ("μ", "μ"),
        ("2nd", "`2nd`"),
        ("x²", "`x²`"),
        ("pi", "`pi`"),
        ("in", "`in`"),
        ("W[1,2]", "W[1,2]"),
        ("x[2]", "x[2]"),
        ("`Petal.Width`", "`Petal.Width`"),
        ("a b[2]", "`a b`[2]"),
        ("[2]", "`[2]`"),
    ] {
        let input = g.input(name, Support::LINE);
        assert_eq!(g.plain(input), expected);
    }
}

#[test]
fn inner_products_name_whole_slices() {
    let mut g = Graph::new();
    let x = vector(&mut g, "x", 9);
    let (w1, w2) = (row(&mut g, "W", 1, 9), row(&mut g, "W", 2, 9));
    let check = |g: &Graph, id: ExprId, plain: &str, latex: &str| {
        assert_eq!(g.plain(id), plain);
        assert_eq!(g.latex(&[id]).exprs, [latex]);
    };
    let product = g.dot(&w2, &x);
    check(&g, product, "dot(W[2,:], x)", r"W_{2,:}^{\top} x");
    let product = g.dot(&w1[..8], &x[1..]);
    check(&g, product, "dot(W[1,1:8], x[2:9])", r"W_{1,1:8}^{\top} x_{2:9}");
    let squares = g.sum_of_squares(&x);
    check(&g, squares, "sumsq(x)", r"\left\lVert x \right\rVert^{2}");
    let backwards: Vec<ExprId> = x.iter().rev().copied().collect();
    let product = g.dot(&w1, &backwards);
    let entries: Vec<String> = (1..=9).rev().map(|i| format!("x[{i}]")).collect();
    assert!(g.plain(product).contains(&format!("[{}]", entries.join(", "))));
}

#[test]
fn a_list_of_several_inner_products_gets_a_name() {
    let mut g = Graph::new();
    let x = vector(&mut g, "x", 8);
    let (w1, w2) = (row(&mut g, "W", 1, 8), row(&mut g, "W", 2, 8));
    let hidden: Vec<ExprId> = x.iter().map(|&x| g.call(Function::Tanh, x)).collect();
    let roots = [g.dot(&w1, &hidden), g.dot(&w2, &hidden), g.sum_of_squares(&hidden)];
    let printed = g.print(&roots);
    let entries: Vec<String> = (1..=8).map(|i| format!("tanh(x[{i}])")).collect();
    assert_eq!(printed.lets, [("v1".to_owned(), format!("[{}]", entries.join(", ")))]);
    assert_eq!(printed.exprs.len(), 3);
    assert!(printed.exprs.iter().all(|text| text.contains("v1") && !text.contains("tanh")));
}

#[test]
fn shared_parts_get_names_that_no_input_has() {
    let (mut g, [x, _, mu, ..]) = inputs();
    let t1 = g.input("t1", Support::LINE);
    g.input("t2[1]", Support::LINE);
    let difference = g.sub(x, mu);
    let bell = powers(&mut g, Number::MINUS_ONE, &[(difference, 2)]);
    let bell = g.call(Function::Exp, bell);
    let sine = g.call(Function::Sin, bell);
    let root = weighted(&mut g, &[(1, bell), (2, sine), (1, t1)]);
    let printed = g.print(&[root]);
    assert_eq!(printed.to_string(), "let t3 = exp(-(x - mu)^2)\nt1 + t3 + 2*sin(t3)");
    assert_eq!(g.plain(root), "t1 + exp(-(x - mu)^2) + 2*sin(exp(-(x - mu)^2))");
    assert_eq!(g.latex(&[root]).lets[0].0, "t_{3}");
}

#[test]
fn expressions_that_double_at_every_step_stay_short() {
    let (mut g, [x, y, ..]) = inputs();
    let mut value = x;
    for _ in 0..200 {
        let sine = g.call(Function::Sin, value);
        let square = g.powi(sine, 2);
        let inner = g.total(&[square, value, y]);
        value = g.call(Function::Cos, inner);
    }
    assert!(g.print(&[value]).to_string().len() < 20_000);
    assert!(g.plain(value).len() < 20_000);
    assert!(g.plain(value).starts_with("let t1 = "));
}

#[test]
fn depth_costs_neither_stack_nor_quadratic_time() {
    let (mut g, [x, y, ..]) = inputs();
    let mut value = x;
    for _ in 0..100_000 {
        let sum = g.add(value, y);
        value = g.call(Function::Sin, sum);
    }
    let printed = g.print(&[value]);
    assert_eq!(printed.exprs.len(), 1);
    assert!(printed.to_string().len() < 2_000_000);
    assert!(g.latex(&[value]).lets.len() > 100);
}

#[test]
fn a_condition_is_written_out_wherever_it_is_used() {
    let (mut g, [x, y, mu, ..]) = inputs();
    let sum = g.add(x, y);
    let bell = g.call(Function::Exp, sum);
    let condition = g.compare(Relation::Less, bell, mu);
    let (zero, one) = (g.zero(), g.one());
    let (first, second) = (g.select(condition, x, zero), g.select(condition, one, y));
    let (first, second) = (g.call(Function::Exp, first), g.call(Function::Exp, second));
    let root = g.sub(first, second);
    // The side exp(x + y) is short enough to be repeated.
    assert_eq!(
        g.print(&[root]).to_string(),
        "exp(if(exp(x + y) < mu, x, 0)) - exp(if(exp(x + y) < mu, 1, y))"
    );
}

#[test]
fn latex_writes_formulas_out() {
    check_latex(r"\log\left(\nu \, e^{x} + e^{y}\right)", |g, [x, y, _, _, nu]| {
        let one = g.one();
        g.log_sum_exp(&[nu, one], &[x, y])
    });
    check_latex(r"\exp\left(-\frac{x^{2}}{2}\right)", |g, [x, ..]| {
        let exponent = powers(g, Number::ratio(-1, 2), &[(x, 2)]);
        g.call(Function::Exp, exponent)
    });
    check_latex(r"2 \, \sqrt{2} \, \left(\sin\left(x\right)\right)^{2}", |g, [x, ..]| {
        let two = g.integer(2);
        let (root, sine) = (g.sqrt(two), g.call(Function::Sin, x));
        powers(g, Number::integer(2), &[(root, 1), (sine, 2)])
    });
    check_latex(r"3 \cdot 2^{1/3}", |g, _| {
        let (two, third) = (g.integer(2), g.ratio(1, 3));
        let root = g.pow(two, third);
        g.scale(Number::integer(3), root)
    });
    check_latex(r"\begin{cases} x & x < y \\ 0 & \text{otherwise} \end{cases}", |g, [x, y, ..]| {
        let (condition, zero) = (g.compare(Relation::Less, x, y), g.zero());
        g.select(condition, x, zero)
    });
    check_latex(r"1.5 \cdot 10^{-7}", |g, _| g.number(Number::float(1.5e-7)));
    check_latex(r"\log\left(1 + x - y\right)", |g, [x, y, ..]| {
        let difference = g.sub(x, y);
        g.call(Function::Log1p, difference)
    });
}

#[test]
fn the_listing_has_a_line_for_each_live_node() {
    let (mut g, [x, _, mu, ..]) = inputs();
    let difference = weighted(&mut g, &[(1, x), (-2, mu)]);
    let root = g.call(Function::Exp, difference);
    let shown = g.show(&[root]);
    assert_eq!(shown.lines().count(), 4);
    assert!(shown.contains(&format!("e{} = exp(e{})", root.index(), difference.index())));
    assert!(shown.contains(&format!("-2*e{}", mu.index())));
}
