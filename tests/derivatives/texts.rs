//! Random well-typed models as a user would write them: templates of the
//! language, nested in one another.

use proptest::prelude::*;
use proptest::sample::select;
use scorematch::model::{Model, functions};

use crate::support::filled;

/// Names of numbers that every model below has.
const LEAVES: [&str; 14] = [
    "y", "x[1]", "x[2]", "a", "b[1]", "b[2]", "s2", "W[2,1]", "K[1,2]", "3/2", "pi", "0.25",
    "v[7]", "u[3]",
];

/// Expressions with places `@` for others, each defined for all values there.
const TEMPLATES: &[&str] = &[
    // arithmetic
    "(@) + (@)",
    "(@) - (@)/2",
    "-(@)^2",
    "(@)*(@)",
    "(@)/(1 + (@)^2)",
    "(@)^3",
    "(@)²",
    "2^(-(@)^2)",
    "(1 + (@)^2)^a",
    "(1/2 + (@)^2)^(-1/3)",
    "(s2*(1 + (@)^2))^(3/2)",
    // functions of one number
    "exp(-(@)^2)",
    "exp(bounded(@))",
    "log(1 + (@)^2)",
    "log(2 + sin(@))",
    "log(s2*(1 + (@)^2)^2)",
    "log1p((@)^2)",
    "expm1(bounded(@))",
    "sqrt(1 + (@)^2)",
    "abs(@)",
    "sign(@)*(@)",
    "floor(@)*(@)",
    "sin(@)",
    "cos(@ - a)",
    "tan(bounded(@))",
    "asin(bounded(@))",
    "acos(bounded(@))",
    "atan(@)",
    "sinh(bounded(@))",
    "cosh(bounded(@))",
    "tanh(@)",
    "sigmoid(@)",
    "softplus(@)",
    "log_cosh(@)",
    "erf(@)",
    "erfc(@)",
    "log_normal_cdf(@)",
    "inverse_mills(@)",
    "mills_excess(@)",
    "lgamma(2 + (@)^2)",
    "digamma(1 + (@)^2)",
    "trigamma(1/2 + (@)^2)",
    "polygamma(2, 1 + (@)^2)",
    "log_bessel_i(3/2, 1 + (@)^2)",
    "log_bessel_even(1/2, @)",
    "bessel_ratio(0, @)",
    "length(v)*(@)",
    "pow_log(2, 1 + (@)^2, a)",
    "(1/2 + (@)^2)^(1 + a^2)",
    "abs(@)^(3 + a^2)",
    // as in the paper
    "log(1 + exp(@))",
    "log(cosh(@))",
    "log(exp(@) + exp(@))",
    "log(sigmoid(a)*exp(-(@)^2/(2*s2)) + (1 - sigmoid(a))*exp(-(@)^2/2))",
    "log(1/3*exp(@)/s2 + s2*exp(@) + 2)",
    "-(@)^2/(2*s2) - log(s2)/2",
    "-(s2 + 1)/2*log(1 + (@)^2/s2)",
    // of several
    "atan2(@, 1 + (@)^2)",
    "min(@, @)",
    "max(@, @, @)",
    "clamp(@, -1, 1/2)",
    "if(@ < @, @, @)",
    "if(@ <= 1 and not (@ > 2 or @ == 0), @, @)",
    "log_sum_exp(@, @, 1)",
    "bump(@, b[1])",
    // shapes
    "sum(log(cosh(W*x + @)))",
    "(W*(x - b))[2]*(@)",
    "x'*K*x*(@)",
    "-(x - b)'*K*(x - b)/2",
    "(W*x)'*diag([1, @, a])*(W*x)",
    "dot(x - b, [@, @])",
    "dot(u, v)/(1 + sumsq(u))",
    "dot(u + (@), v)/8",
    "sumsq(v .* u - (@))/8",
    "norm(x - [@, @])",
    "norm(v)*(@)",
    "trace(K .* [@, 1; 2, a])",
    "trace(eye(2)*K) + (@)",
    "quad_form(inv(plane(@)), x)/8",
    "solve(plane(@), x)[1]",
    "log_det(space(@))",
    "cholesky(plane(@))[2,1]",
    "trace(inv(space(@)))",
    "sum(outer([@, a], x))",
    "log_sum_exp(v .* (@))",
    "log_dot_exp([1, s2, 1/2], W*x + (@))",
    "log_dot_exp(1 + u.^2, v)",
    "softmax(v)[2]*(@)",
    "dot(softmax(W*x), [@, @, a])",
    "mean(tanh(u + (@)))",
    "sum(sigmoid(v)) - (@)",
    "prod(1 + bounded(v)/8)*(@)",
    "min(v)*(@)",
    "max(W*x)",
    // generators
    "sum(i in 1:2, j in i:3, W[j,i]*x[i]^j)",
    "sum(i in 1:3, tanh(W[i,:]*x)*(@))",
    "prod(i in 1:2, 1 + (x[i] - b[i])^2/4)",
    "prod(i in 1:8, 1 + bounded(v[i] - (@))/8)",
    "mean(i in 1:2, x[i]*b[i])",
    "log_sum_exp(i in 1:3, -(y - W[i,1])^2/(2*s2) + i)",
    "min(i in 1:2, x[i]*(@))",
    "max(i in 1:8, v[i])",
];

/// Declarations of a model; each defines the names of the leaves in another way.
const HEADS: [&str; 4] = [
    "data y\nlet x = [y, 1 - y/2]\n",
    "data x[2]\nlet y = x[1] - x[2]/2\n",
    "data x[2], y\n",
    "data y\ncovariate z\nlet x = [y*z, z - y]\n",
];
const PARAMETERS: [&str; 2] = [
    "param a, b[2], s2 > 0, W[3,2]\nlet K = [s2, a; a, 1 + s2^2]\n",
    "param a, b[2], s2 > 0, K[2,2] symmetric\nlet W = [a, b[1]; b[2], 1/2; K[1,2], s2]\n",
];
const SHARED: &str = "\
let u = [y, x[1], x[2], a, y*a, x[1]*x[2], b[1], s2]
let v = [b[2], y^2/4, 1, a - x[2], s2*y, W[1,1], x[1], x[1]/(1 + y^2)]
def bounded(t) = t ./ (1 + t.^2)
def bump(t, c) = exp(-(t - c)^2)
def plane(t) = eye(2) + outer([t, a], [t, a])
def space(t) = eye(4) + outer([t, a, x[1], 1], [t, a, x[1], 1])
";

fn expression() -> impl Strategy<Value = String> {
    let leaf = select(&LEAVES[..]).prop_map(str::to_owned);
    leaf.prop_recursive(4, 16, 3, |inner| {
        (select(TEMPLATES), prop::collection::vec(inner, 6))
            .prop_map(|(template, children)| filled(template, &children))
    })
}

/// The text of a model with one to three data.
pub fn text() -> impl Strategy<Value = String> {
    let terms = prop::collection::vec(expression(), 1..3);
    (select(&HEADS[..]), select(&PARAMETERS[..]), terms).prop_map(|(head, parameters, terms)| {
        format!("{head}{parameters}{SHARED}logp = {}", terms.join(" + "))
    })
}

/// The model of a well-typed text.
pub fn model(text: &str) -> Model {
    Model::parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors:?}"))
}

#[test]
fn every_template_is_well_typed_alone() {
    let children = ["x[1]", "a", "y", "b[1]", "s2", "x[2]"].map(str::to_owned);
    for template in TEMPLATES {
        for (head, parameters) in HEADS.iter().flat_map(|head| PARAMETERS.map(|p| (head, p))) {
            model(&format!("{head}{parameters}{SHARED}logp = {}", filled(template, &children)));
        }
    }
}

#[test]
fn every_function_of_the_language_has_a_template() {
    for entry in functions() {
        let call = format!("{}(", entry.name);
        let is_called = |template: &&str| {
            template.match_indices(&call).any(|(place, _)| {
                !template[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        };
        assert!(TEMPLATES.iter().any(is_called), "{}", entry.name);
    }
}
