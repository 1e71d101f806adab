//! Common slips: the message on each names the remedy.
//!
//! Each `tests/golden/slips/NAME.energy` is compared with `NAME.expected`: its errors, or the
//! warnings about a text that is a model but rarely the intended one. A new file needs only a run
//! with `SCOREMATCH_BLESS=1`, and a look at its output.

#[path = "support/golden.rs"]
mod golden;

use std::cell::RefCell;

use scorematch::model::{ErrorKind, Model};
use scorematch::source::{Diagnostic, Palette, Source, render};
use scorematch::syntax::parse;

/// The errors of a text, or the warnings about it.
fn diagnostics(text: &str) -> Vec<Diagnostic> {
    match Model::parse(text) {
        Ok(model) => model.warnings().to_vec(),
        Err(errors) => Vec::from(&errors),
    }
}

#[test]
fn slips_are_drawn_as_expected_and_each_names_its_remedy() {
    let faults = RefCell::new(Vec::new());
    golden::holds("slips", "energy", 60, |name, bytes| {
        let text = std::str::from_utf8(bytes).expect("a text");
        let source = Source { name: name.to_owned(), text: text.to_owned() };
        let diagnostics = diagnostics(text);
        assert!(!diagnostics.is_empty(), "{name} is no slip");
        for diagnostic in &diagnostics {
            let found = match &diagnostic.help {
                Some(help) => faults_of(help),
                None => vec![format!("no help for: {}", diagnostic.message)],
            };
            faults.borrow_mut().extend(found.iter().map(|fault| format!("{name}: {fault}")));
        }
        let drawn = |diagnostic| render(diagnostic, &source, Palette::Plain);
        diagnostics.iter().map(drawn).collect::<Vec<_>>().join("\n\n")
    });
    assert!(faults.borrow().is_empty(), "{}", faults.borrow().join("\n"));
}

/// Signs and words that a help line may name by themselves.
const LEXEMES: [&str; 28] = [
    "#", "*", "^", "-", "/", "+", "'", "=", "==", "!=", "<", "<=", ">", ">=", ",", ";", ":", "(",
    ")", "[", "]", ".*", "./", ".^", "and", "or", "not", "in",
];
/// Parts of a declaration that a help line may name by themselves, with a text that has them.
const PARTS: [(&str, &str); 4] = [
    ("init", "param a init 1"),
    ("on sphere", "data x[3] on sphere"),
    ("on simplex", "data x[3] on simplex"),
    ("on circle", "data x on circle"),
];

/// The pieces of code in a help line that are not valid in the language.
fn faults_of(help: &str) -> Vec<String> {
    let names_the_wrong =
        ["leave out", "leave it out", "leave the", "without `$`", "is not closed"];
    if names_the_wrong.iter().any(|words| help.contains(words)) {
        return Vec::new();
    }
    help.split('`').skip(1).step_by(2).filter_map(fault_of).collect()
}

fn fault_of(piece: &str) -> Option<String> {
    let part = PARTS.iter().find(|(part, _)| *part == piece).map(|(_, whole)| *whole);
    let text = part.map_or_else(|| piece.replace('…', "a"), str::to_owned);
    let around = [("", ""), ("param ", ""), ("if(", ", 1, 2)"), ("sum(i in ", ", 1)"), ("x[", "]")];
    let parses = |(before, behind)| parse(&format!("{before}{text}{behind}")).is_ok();
    if !LEXEMES.contains(&piece) && !around.into_iter().any(parses) {
        return Some(format!("`{piece}` does not parse"));
    }
    unknown_function(&text).map(|error| format!("in `{piece}`, {error}"))
}

/// The error of a function that is unknown, or called with too few or too many arguments.
fn unknown_function(text: &str) -> Option<ErrorKind> {
    let errors = Model::parse(text).err()?;
    let kinds = errors.as_slice().iter().map(|error| error.kind.clone());
    kinds.into_iter().find(|kind| {
        matches!(kind, ErrorKind::UnknownFunction { .. } | ErrorKind::ArgumentCount { .. })
    })
}

/// Names of functions and densities in other systems.
const ELSEWHERE: &str = "
    ln Log log10 lg log2 ld pow power square sqr cbrt rsqrt fabs arctan arctg arcsin arccos
    arctan2 tg cot ctg sec csc cosec ceil ceiling round mod fmod rem logistic expit inv_logit
    plogis logit qlogis log1p_exp log1pexp log_sigmoid logsigmoid log_inv_logit log1m relu
    ReLU maximum fmax pmax minimum fmin pmin clip gammaln log_gamma loggamma gamma Gamma Γ
    tgamma factorial lfactorial log_factorial beta lbeta Beta betaln choose binomial nchoosek
    lchoose psi besselI besseli iv ive i0 i1 i0e i1e log_modified_bessel_first_kind
    Phi pnorm normal_cdf logsumexp lse ifelse where iif Piecewise piecewise
    transpose t matmul mm product average inner inner_product dot_product outer_product
    sum_squares sum_of_squares sumsqr norm2 len size numel rows ncol nrow identity I tr
    det logdet log_determinant slogdet tcrossprod quadratic_form quad_form_sym determinant
    logabsdet inverse_spd matinv pinv ginv linsolve mldivide mdivide_left mdivide_left_spd
    cho_solve chol cholesky_decompose cholfact inverse normal gaussian Normal Gaussian N
    norm_pdf normpdf dnorm normal_log multi_normal mvnormal mvnpdf dmvnorm
    dgamma Gamma_lpdf dexp exponential dbeta dt student_t dcauchy cauchy laplace
    double_exponential double_exponential_lpdf dlnorm lognormal vonmises dvonmises
    von_mises_lpmf vonmises_fisher dvmf inv_gamma inv_gamma_lpdf dweibull weibull skew_normal log_mix dirichlet
    poisson_lpmf
";

#[test]
fn functions_of_other_systems_are_translated() {
    for name in ELSEWHERE.split_whitespace() {
        let diagnostics = diagnostics(&format!("-{name}(x)"));
        let help = diagnostics[0].help.clone().expect(name);
        assert_eq!(diagnostics[0].code, "unknown-function", "{name}");
        assert!(!help.starts_with("define it"), "{name} is not known to be foreign");
        assert_eq!(faults_of(&help), Vec::<String>::new(), "{name}: {help}");
    }
}

#[test]
fn a_function_without_parentheses_is_shown_with_them() {
    let functions = [
        "log", "exp", "sqrt", "abs", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sigmoid",
        "softplus", "lgamma", "erf", "sum", "norm", "sumsq",
    ];
    for function in functions {
        let error = &diagnostics(&format!("-{function} x"))[0];
        let call = format!("{function}(x)");
        assert!(error.help.as_ref().is_some_and(|help| help.contains(&format!("`{call}`"))));
        assert!(Model::parse(&call).is_ok(), "{call}");
    }
}

/// The text that is offered for a missing operator has the same operands.
#[test]
fn a_product_is_offered_with_its_whole_operands() {
    let table = [
        ("-2x", "2*x"),
        ("-2(x + 1)", "2*(x + 1)"),
        ("-(x - 1)(x + 1)", "(x - 1)*(x + 1)"),
        ("-exp(x)x[1]", "exp(x)*x[1]"),
        ("-W[1,2]x'", "W[1,2]*x'"),
        ("-x² y³", "x²*y³"),
        ("-a exp(x)^2", "a*exp(x)"),
        ("-sumsq(W x)", "W*x"),
    ];
    for (text, offered) in table {
        let help = diagnostics(text)[0].help.clone().expect(text);
        assert_eq!(help, format!("a product needs its operator: `{offered}`"), "{text}");
    }
}
