//! Compares the parser with `grammar/scorematch.ebnf`, in both directions.
//!
//! Sentences generated from the grammar must parse, and mutated sentences must be accepted or
//! rejected alike by the parser and by a recogniser that uses only the grammar.

#[path = "grammar/earley.rs"]
mod earley;
#[path = "grammar/ebnf.rs"]
mod ebnf;
#[path = "grammar/generate.rs"]
mod generate;
#[path = "grammar/tokens.rs"]
mod tokens;

use earley::Recogniser;
use ebnf::Ebnf;
use generate::Generator;
use scorematch::syntax::{Ast, ErrorKind, parse};
use tokens::Lexicon;

/// Fixed, so that failures are reproducible.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// Numbers of sentences and of mutants for each seed.
const ROUNDS: usize = 600;

/// Rules that only list tokens for the layout, and from which no sentences are generated.
const LISTS: [&str; 4] = ["RESERVED", "OPENING", "CLOSING", "CONTINUING"];

/// The built-in functions of the language.
const BUILTINS: [&str; 56] = [
    "exp",
    "log",
    "log1p",
    "expm1",
    "sqrt",
    "abs",
    "sign",
    "floor",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "softplus",
    "log_cosh",
    "erf",
    "erfc",
    "log_normal_cdf",
    "inverse_mills",
    "mills_excess",
    "lgamma",
    "digamma",
    "trigamma",
    "polygamma",
    "pow_log",
    "log_bessel_i",
    "log_bessel_even",
    "bessel_ratio",
    "min",
    "max",
    "clamp",
    "log_sum_exp",
    "log_dot_exp",
    "softmax",
    "dot",
    "sum",
    "prod",
    "mean",
    "norm",
    "sumsq",
    "trace",
    "diag",
    "eye",
    "length",
    "inv",
    "solve",
    "log_det",
    "cholesky",
    "quad_form",
    "outer",
];

fn grammar() -> Ebnf {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/scorematch.ebnf");
    Ebnf::read(&std::fs::read_to_string(path).expect("the grammar is there"))
}

#[test]
fn generated_sentences_parse_and_use_every_alternative() {
    let ebnf = grammar();
    let lexicon = Lexicon::new(&ebnf);
    let recogniser = Recogniser::new(&ebnf, "model");
    let mut taken = vec![0; ebnf.ways];
    for seed in SEEDS {
        println!("seed {seed}");
        let mut generator = Generator::new(&ebnf, &lexicon, seed);
        generator.taken = taken;
        for _ in 0..ROUNDS {
            let text = generator.sentence();
            let tokens = lexicon.tokens(&text).unwrap_or_else(|| panic!("{text:?} has no tokens"));
            assert!(recogniser.accepts(&tokens), "seed {seed}: the grammar refuses {text:?}");
            let ast = parse(&text).unwrap_or_else(|error| {
                panic!("seed {seed}: the parser refuses {text:?}: {error}")
            });
            let printed = ast.to_string();
            let again = parse(&printed).unwrap_or_else(|error| {
                panic!("seed {seed}: the parser refuses its own {printed:?}: {error}")
            });
            assert_eq!(without_places(&again), without_places(&ast), "seed {seed}: {text:?}");
        }
        taken = generator.taken;
    }
    let unused: Vec<_> = ebnf
        .all_ways()
        .into_iter()
        .filter(|(rule, _)| !LISTS.contains(rule))
        .filter(|(_, way)| taken[*way] == 0)
        .collect();
    assert!(unused.is_empty(), "never used, as (rule, its way): {unused:?}");
}

/// The tree of an Ast without its spans.
fn without_places(ast: &Ast) -> String {
    let tree = format!("{ast:?}");
    let mut parts = tree.split("Span {");
    let first = parts.next().expect("a split has a part").to_owned();
    parts.fold(first, |kept, part| kept + part.split_once('}').expect("a span is closed").1)
}

#[test]
fn mutants_are_judged_alike() {
    let ebnf = grammar();
    let lexicon = Lexicon::new(&ebnf);
    let recogniser = Recogniser::new(&ebnf, "model");
    let (mut accepted, mut refused) = (0, 0);
    for seed in SEEDS {
        println!("seed {seed}");
        let mut generator = Generator::new(&ebnf, &lexicon, seed);
        for round in 0..2 * ROUNDS {
            let text = if round % 2 == 0 {
                let sentence = generator.sentence();
                generator.mutant(&sentence)
            } else {
                generator.near_miss()
            };
            let judged = lexicon.tokens(&text).is_some_and(|tokens| recogniser.accepts(&tokens));
            let parsed = parse(&text);
            // Limits of the parser are not part of the grammar.
            if parsed.as_ref().is_err_and(|e| e.kind == ErrorKind::SuperscriptTooLarge) {
                continue;
            }
            assert_eq!(
                judged,
                parsed.is_ok(),
                "seed {seed}: grammar against parser on {text:?}: {parsed:?}"
            );
            if judged { accepted += 1 } else { refused += 1 }
        }
    }
    println!("{accepted} mutants accepted, {refused} refused");
    assert!(accepted > 200 && refused > 200, "{accepted} accepted, {refused} refused");
}

#[test]
fn every_builtin_occurs() {
    let mut listed = grammar().literals("builtin");
    listed.sort();
    let mut promised = BUILTINS.to_vec();
    promised.sort_unstable();
    assert_eq!(listed, promised);
}

/// Texts about layout and similar-looking characters, which random sentences rarely contain.
#[test]
fn corner_cases_are_judged_alike() {
    let ebnf = grammar();
    let lexicon = Lexicon::new(&ebnf);
    let recogniser = Recogniser::new(&ebnf, "model");
    let table = [
        ("", true),
        ("\n\n# nothing\n;;\n", true),
        ("2.*x", true),
        ("2. * x", false),
        ("x²³ ⁴'", true),
        ("a +\n\n# between\n b", true),
        ("a\n+ b", false),
        ("a\n- b", true),
        ("x'\ny", true),
        ("f\n(x)", true),
        ("(f\n(x))", true),
        ("weight = weight", true),
        ("weight = with with gradient [gradient]", true),
        ("weight with = with", true),
        ("weight = h with [1]", false),
        ("weight = h gradient [1]", false),
        ("weight weight = weight(weight)", true),
        ("data data; data", true),
        ("param simplex simplex, on on simplex, init init init", true),
        ("param in > 0", false),
        ("if(a, b, c)", false),
        ("`if`(a, b, c)", true),
        ("if + if[1]", true),
        ("if((a) < (b) and ((c) >= d or not (e) == f), 1, 2)", true),
        ("if(((a < b)), 1, 2)", true),
        ("if((a) and b < c, 1, 2)", false),
        ("if(a < b < c, 1, 2)", false),
        ("u in (0, 1)", false),
        ("data u in (0, 1], v in [0, inf)", true),
        ("data u in {0, 1)", false),
        ("(a]", false),
        ("sum(i in 1:2, j in i:3, x)", true),
        ("sum(i in 1:2)", false),
        ("sum(x, i in 1:2)", false),
        ("x[1:2, :]", true),
        ("x[1:2:3]", false),
        ("x[1, 2, 3]", false),
        ("-2^-2^-x", true),
        ("+a", false),
        ("a -- b", true),
        ("1e5e5", false),
        ("f()", false),
        ("[a, b; c]", true),
        ("[a; ]", false),
        ("data x[*], y[2, *]", true),
        ("a)\nb", false),
    ];
    for (text, expected) in table {
        let judged = lexicon.tokens(text).is_some_and(|tokens| recogniser.accepts(&tokens));
        assert_eq!(judged, expected, "the grammar on {text:?}");
        assert_eq!(parse(text).is_ok(), expected, "the parser on {text:?}");
    }
}
