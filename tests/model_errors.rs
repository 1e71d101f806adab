//! The errors of models as the user sees them; no text is so strange that it has
//! neither a model nor errors.
//!
//! The errors of each `tests/golden/bad_model/NAME.energy` are compared with `NAME.expected`. A new
//! file needs only a run with `SCOREMATCH_BLESS=1`, and a look at its output.

#[path = "support/golden.rs"]
mod golden;

use proptest::prelude::*;
use scorematch::model::{ErrorKind, Errors, Model, NamingOption, Options};
use scorematch::source::{Diagnostic, Palette, Source, render};

/// The drawn errors of a text, if there are any.
fn drawn(name: &str, text: &str, options: &Options<'_>) -> Option<String> {
    let errors = Model::with(text, options).err()?;
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    let diagnostics: Vec<Diagnostic> = Vec::from(&errors);
    let drawings = diagnostics.iter().map(|diagnostic| render(diagnostic, &source, Palette::Plain));
    Some(drawings.collect::<Vec<_>>().join("\n\n"))
}

#[test]
fn bad_texts_are_drawn_as_expected() {
    golden::holds("bad_model", "energy", 40, |name, bytes| {
        let text = std::str::from_utf8(bytes).expect("a text");
        drawn(name, text, &Options::default()).unwrap_or_else(|| panic!("{name} is no bad text"))
    });
}

fn with(text: &str, options: &Options<'_>) -> Errors {
    Model::with(text, options).expect_err(text)
}

#[test]
fn options_are_checked_against_the_text() {
    let text = "const d = 2\ndata x[d]\nparam m\n-sumsq(x - m)";
    let columns = ["x1", "y1", "y2"];
    let bound = Options { columns: Some(&columns), numeric: &columns, ..Options::default() };
    let map = |name: &str, columns: &[&str]| {
        vec![(name.to_owned(), columns.iter().map(|column| (*column).to_owned()).collect())]
    };
    let table = [
        (bound.clone(), "`x` has no column: looked for `x2`, `x[1]`, `x_1`"),
        (
            Options { map: map("z", &["y1"]), ..bound.clone() },
            "--map names `z`, which is no data or covariate of the model; \
             `x` has no column: looked for `x2`, `x[1]`, `x_1`",
        ),
        (
            Options { map: map("x", &["y1"]), ..bound.clone() },
            "`x` has 2 entries, `--map` gives it 1 columns",
        ),
        (Options { map: map("x", &["y1", "y3"]), ..bound }, "the data has no column `y3`"),
        (
            Options { constants: vec![("e".to_owned(), 1.0)], ..Options::default() },
            "--const names `e`, which is no constant of the model",
        ),
        (
            Options { constants: vec![("d".to_owned(), f64::NAN)], ..Options::default() },
            "a constant must be a finite number, this is NaN; \
             a size must be an integer, this is NaN",
        ),
        (
            Options { data: Some(vec!["m".to_owned()]), ..Options::default() },
            "the model declares its data, so --data does not apply",
        ),
        (
            Options { nodes_max: 3, ..Options::default() },
            "this needs 4 or more nodes, the limit is 3",
        ),
    ];
    for (options, expected) in table {
        assert_eq!(with(text, &options).to_string(), expected);
    }
}

#[test]
fn an_option_with_a_slip_suggests_the_intended_name() {
    let data = Some(vec!["heigth".to_owned()]);
    let errors = with("-(height - mu)^2", &Options { data, ..Options::default() });
    let expected = ErrorKind::UnknownInOption {
        option: NamingOption::Data,
        name: "heigth".to_owned(),
        nearest: Some("height".to_owned()),
    };
    assert_eq!(errors.as_slice()[0].kind, expected);
}

#[test]
fn a_file_without_the_data_lists_its_columns() {
    let model = Model::parse("-(y - mu)^2").expect("nothing is data yet");
    let errors = model.bind(&["a", "b"], &["a", "b"]).expect_err("no column is y");
    let columns = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(
        errors.as_slice()[0].kind,
        ErrorKind::NoData { columns, others: Vec::new(), meant: None }
    );
}

/// A search for the nearest of many names, for each of many unknown ones, would take minutes.
#[test]
fn of_very_many_unknown_names_the_first_are_reported() {
    let list = |prefix: &str, separator: &str| {
        let names: Vec<String> = (0..40_000).map(|i| format!("{prefix}{i}")).collect();
        names.join(separator)
    };
    let declared = format!("data x\nparam {}", list("a", ", "));
    for (text, code) in [
        (format!("{declared}\n{}", list("b", " + ")), "unknown-name"),
        (format!("{declared}\n{}(x)", list("b", "(x) + ")), "unknown-function"),
    ] {
        let errors = Model::parse(&text).expect_err("nothing declares the names");
        let diagnostics: Vec<Diagnostic> = Vec::from(&errors);
        assert_eq!((diagnostics.len(), errors.has_more()), (20, true));
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == code));
    }
}

/// Expressions of every form, whose names, shapes and counts may be right or wrong.
fn expression() -> impl Strategy<Value = String> {
    let leaves =
        ["x", "v", "W", "K", "a", "k", "i", "inf", "pi", "0", "1", "2.5", "1e400", "99999"];
    prop::sample::select(leaves.to_vec()).prop_map(str::to_owned).prop_recursive(
        5,
        40,
        3,
        |inner| {
            let functions = [
                "exp",
                "sum",
                "max",
                "f",
                "eye",
                "diag",
                "polygamma",
                "dot",
                "trace",
                "log_dot_exp",
                "softmax",
                "clamp",
                "norm",
                "mean",
                "log_sum_exp",
                "floor",
                "ln",
            ];
            let call = (
                prop::sample::select(functions.to_vec()),
                prop::collection::vec(inner.clone(), 1..4),
            );
            let infix = prop::sample::select(vec!["+", "-", "*", "/", "^", " .* ", " ./ ", " .^ "]);
            let relation = prop::sample::select(vec!["<", "<=", ">", "==", "!="]);
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                call.prop_map(|(name, arguments)| format!("{name}({})", arguments.join(", "))),
                (pair.clone(), infix).prop_map(|((a, b), infix)| format!("({a}{infix}{b})")),
                (pair.clone(), relation)
                    .prop_map(|((a, b), r)| format!("if({a} {r} {b}, {b}, {a})")),
                pair.clone().prop_map(|(a, b)| format!("sum(i in 1:{a}, {b})")),
                pair.clone().prop_map(|(a, b)| format!("{a}[{b}]")),
                pair.clone().prop_map(|(a, b)| format!("W[{a}, :]*v[2:{b}]")),
                pair.prop_map(|(a, b)| format!("[{a}, {b}; 1, {b}]'")),
                inner.prop_map(|a| format!("-{a}²")),
            ]
        },
    )
}

fn statement() -> impl Strategy<Value = String> {
    let around = [
        ("", ""),
        ("logp = ", ""),
        ("let r = ", ""),
        ("const k = ", ""),
        ("def f(t) = t + ", ""),
        ("data u[", "]"),
        ("param m in (0, ", ") init 1"),
        ("weight v = ", ""),
        ("param P[2,2] posdef init ", ""),
        ("energy = sum(", ")"),
    ];
    (prop::sample::select(around.to_vec()), expression())
        .prop_map(|((before, after), expression)| format!("{before}{expression}{after}"))
}

#[test]
fn too_many_trips_are_refused_however_many() {
    let huge = "9007199254740991";
    let ranges = |n: usize| {
        let one = |k: usize| format!("i{k} in -{huge}:{huge}");
        (0..n).map(one).collect::<Vec<_>>().join(", ")
    };
    for n in 1..6 {
        let text = format!("data x; let a = x + 1; -a^2 + sum({}, a)", ranges(n));
        let errors = with(&text, &Options::default());
        assert!(errors.to_string().contains("nodes"), "{n}: {errors}");
    }
    let sizes = format!("data x; param W[{huge}, {huge}], V[{huge}, {huge}]; -x^2");
    assert!(with(&sizes, &Options::default()).to_string().contains("nodes"));
}

proptest! {
    /// Every text has a model, or errors that can be drawn.
    #[test]
    fn no_text_panics(
        preamble in prop::sample::select(vec![
            "", "data x, v[3]", "data x, v[3]\nparam W[2,3], K[3,3] symmetric, a",
        ]),
        statements in prop::collection::vec(statement(), 1..5),
    ) {
        let text = format!("{preamble}\n{}", statements.join("\n"));
        let options = Options { nodes_max: 20_000, ..Options::default() };
        let drawing = drawn("model.energy", &text, &options);
        prop_assert!(drawing.is_none_or(|drawing| !drawing.is_empty()));
    }
}
