//! Syntax errors as the user sees them; no text is so strange that it neither
//! parses nor has an error.
//!
//! The error of each `tests/golden/bad_syntax/NAME.energy` is compared with `NAME.expected`. A new
//! file needs only a run with `SCOREMATCH_BLESS=1`, and a look at its output.

#[path = "support/golden.rs"]
mod golden;

use std::time::{Duration, Instant};

use proptest::prelude::*;
use scorematch::source::{Diagnostic, Palette, Source, render};
use scorematch::syntax::{
    ErrorKind, ExprKind, NESTING_MAX, SOURCE_MAX, Statement, StatementKind, parse,
};

/// The drawn error of a text, if it has one.
fn drawn(name: &str, text: &str) -> Option<String> {
    let error = parse(text).err()?;
    let source = Source { name: name.to_owned(), text: text.to_owned() };
    Some(render(&Diagnostic::from(&error), &source, Palette::Plain))
}

#[test]
fn bad_texts_are_drawn_as_expected() {
    golden::holds("bad_syntax", "energy", 25, |name, bytes| {
        let text = std::str::from_utf8(bytes).expect("a text");
        drawn(name, text).unwrap_or_else(|| panic!("{name} is no bad text"))
    });
}

#[test]
fn nesting_is_limited_and_named() {
    let shapes: [(&str, &str); 8] = [
        ("(", ")"),
        ("-", ""),
        ("", "'"),
        ("x^", ""),
        ("[", "]"),
        ("f(", ")"),
        ("x[", "]"),
        ("if(not (", " < 1), 1, 2)"),
    ];
    for (open, close) in shapes {
        for count in [10, 60, 120, 250, NESTING_MAX + 1, 50_000] {
            let text = format!("{}x{}", open.repeat(count), close.repeat(count));
            match parse(&text) {
                Ok(ast) => {
                    assert!(count <= NESTING_MAX, "{open} × {count}");
                    assert_eq!(
                        parse(&ast.to_string()).expect("what is printed parses").to_string(),
                        ast.to_string()
                    );
                }
                Err(error) => {
                    assert!(count > 60, "{open} × {count}: {error}");
                    assert_eq!(error.kind, ErrorKind::NestingTooDeep, "{open} × {count}");
                }
            }
        }
    }
}

/// A mebibyte of any repeated text is parsed or refused in linear time.
#[test]
fn a_mebibyte_of_any_text_is_parsed_or_refused_in_linear_time() {
    let pieces = [
        "x+",
        "x*",
        "x'",
        "'",
        "-",
        "(",
        "x ",
        "f(",
        "x^",
        "if(",
        "1e",
        "9",
        "²",
        "[x;",
        "x\n",
        "\0",
        "a*(b)+",
        "not ",
        ")",
        "`",
        "#",
        "(a)<",
        "x,",
        "data x[",
        "ä",
        "{",
        "if((a)<b,if((",
        "(((x)'",
        "x[1]",
        "a<",
        "\n",
        ";",
        ".",
        "sum(i in 1:",
    ];
    for piece in pieces {
        let text = piece.repeat(SOURCE_MAX / piece.len());
        let start = Instant::now();
        let _ = drawn("text", &text);
        let _ = drawn("text", text.strip_suffix(['+', '*']).unwrap_or(&text));
        // Linear time is well below a second here, quadratic time would be hours.
        assert!(start.elapsed() < Duration::from_secs(20), "{piece:?}: {:?}", start.elapsed());
    }
}

#[test]
fn long_chains_are_one_list_and_drop_without_recursion() {
    for operator in ["+", "-", "*", "/", " .* ", " ./ "] {
        let count = SOURCE_MAX / (1 + operator.len());
        let ast = parse(&vec!["x"; count].join(operator)).expect("a chain is not nested");
        let [Statement { kind: StatementKind::Bare(chain), .. }] = ast.statements.as_slice() else {
            panic!("{operator} is no single expression")
        };
        let parts = match &chain.kind {
            ExprKind::Sum(terms) => terms.len(),
            ExprKind::Product(factors) => factors.len(),
            kind => panic!("{operator} is no chain but {kind:?}"),
        };
        assert_eq!(parts, count);
    }
}

#[test]
fn the_source_is_limited_and_the_limit_named() {
    let text = " ".repeat(SOURCE_MAX + 1);
    let drawing = drawn("text", &text).expect("the text is too long");
    assert!(drawing.contains("1048577 bytes") && drawing.contains("1 MiB"), "{drawing}");
    assert!(parse(&text[1..]).is_ok());
}

/// Pieces of the language, so that random texts are parsed beyond their first token.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "x",
        "y ",
        "2",
        "1e9",
        ".5",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "+",
        "-",
        "*",
        "/",
        "^",
        ".*",
        "'",
        "²",
        "⁻¹",
        ",",
        ";",
        ":",
        "\n",
        " ",
        "#",
        "`",
        "`a b`",
        "=",
        "==",
        "<",
        ">=",
        "!=",
        "and ",
        "or ",
        "not ",
        "in ",
        "pi ",
        "if(",
        "sum(i in 1:",
        "data ",
        "param ",
        "let ",
        "def ",
        "logp = ",
        "init ",
        "on ",
        "µ",
        "é",
        "\0",
        "\r\n",
        "\t",
        "99999999999999999999",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn random_pieces_parse_and_print_or_are_drawn(text in pieces()) {
        judged(&text);
    }

    #[test]
    fn random_texts_parse_and_print_or_are_drawn(text in any::<String>()) {
        judged(&text);
    }

    #[test]
    fn random_bytes_parse_and_print_or_are_drawn(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        judged(&String::from_utf8_lossy(&bytes));
    }
}

fn judged(text: &str) {
    match parse(text) {
        Ok(ast) => {
            let printed = ast.to_string();
            let again =
                parse(&printed).unwrap_or_else(|error| panic!("{text:?} {printed:?} {error}"));
            assert_eq!(again.to_string(), printed);
        }
        Err(_) => assert!(drawn("text", text).is_some_and(|drawing| drawing.starts_with("error["))),
    }
}
