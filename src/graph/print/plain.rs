//! The notation of the model language. Its output is valid input.

use super::super::{BinaryFunction, Function, Number, Relation};
use super::LatexNames;
use super::notation::Notation;
use super::piece::{Piece, Precedence};
use super::slice::split_indices;

pub(super) const PLAIN: Notation = Notation {
    name,
    pi: "pi",
    number,
    times: |_| "*",
    group: |text| format!("({text})"),
    quotient,
    power,
    call,
    binary,
    compare,
    select: |condition, [then, otherwise]| {
        Piece::atom(format!("if({condition}, {}, {})", then.text, otherwise.text))
    },
    holds: |value| format!("{} == 1", value.text),
    mean: |u| Piece::atom(format!("E[{}]", u.text)),
    list: |entries| format!("[{}]", entries.join(", ")),
    gather: |list, index| Piece::atom(format!("{list}[{index}]")),
    dot: |a, b| Piece::atom(format!("dot({a}, {b})")),
    sum_of_squares: |a| Piece::atom(format!("sumsq({a})")),
    log_sum_exp,
};

/// Elements and slices keep their brackets; a base that is no plain name is printed in backquotes,
/// whether it has them already or not.
fn name(_: &LatexNames, name: &str) -> String {
    let (base, indices) = split_indices(name);
    let base = base.trim_matches('`');
    if is_plain_name(base) { format!("{base}{indices}") } else { format!("`{base}`{indices}") }
}

/// Reserved words of the language.
const RESERVED: [&str; 5] = ["and", "or", "not", "in", "pi"];

fn is_plain_name(name: &str) -> bool {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|c| c == '_' || c.is_alphabetic());
    // Superscript digits are numeric to Unicode and exponents in the language.
    let continues = |c: char| c == '_' || (c.is_alphanumeric() && !"⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c));
    starts && letters.all(continues) && !RESERVED.contains(&name)
}

/// Infinity and NaN have no literals; divisions by zero give them.
fn number(number: Number) -> Piece {
    match number.to_f64() {
        value if value.is_nan() => Piece::new(Precedence::Product, "0/0"),
        value if value.is_infinite() => Piece::new(Precedence::Product, "1/0"),
        _ => Piece::atom(number.to_string()),
    }
}

fn quotient(above: Piece, below: Piece) -> Piece {
    let above = above.at(Precedence::Product, &PLAIN);
    Piece::new(Precedence::Product, format!("{above}/{}", below.at(Precedence::Power, &PLAIN)))
}

fn power(base: Piece, exponent: Number) -> Piece {
    if exponent == Number::ratio(1, 2) {
        return Piece::atom(format!("sqrt({})", base.text));
    }
    let base = base.at(Precedence::Atom, &PLAIN);
    let exponent = match exponent.as_ratio() {
        Some((num, den)) if den != 1 => format!("({num}/{den})"),
        _ => number(exponent).at(Precedence::Atom, &PLAIN),
    };
    Piece::new(Precedence::Power, format!("{base}^{exponent}"))
}

fn call(function: Function, u: Piece) -> Piece {
    let name = function.name();
    Piece::atom(match function {
        Function::Polygamma(order) if order > 1 => format!("{name}({order}, {})", u.text),
        Function::LogBessel(twice) | Function::BesselRatio(twice) => {
            format!("{name}({}, {})", Number::ratio(twice.into(), 2), u.text)
        }
        _ => format!("{name}({})", u.text),
    })
}

fn binary(function: BinaryFunction, [a, b]: [Piece; 2]) -> Piece {
    let name = function.name();
    match function {
        BinaryFunction::Pow(0) => {
            let (base, exponent) = (a.at(Precedence::Atom, &PLAIN), b.at(Precedence::Atom, &PLAIN));
            Piece::new(Precedence::Power, format!("{base}^{exponent}"))
        }
        BinaryFunction::Pow(logs) => Piece::atom(format!("{name}({logs}, {}, {})", a.text, b.text)),
        BinaryFunction::Atan2 | BinaryFunction::Min | BinaryFunction::Max => {
            Piece::atom(format!("{name}({}, {})", a.text, b.text))
        }
    }
}

fn compare(relation: Relation, [a, b]: [Piece; 2]) -> String {
    let sign = match relation {
        Relation::Less => "<",
        Relation::LessEqual => "<=",
        Relation::Equal => "==",
    };
    format!("{} {sign} {}", a.text, b.text)
}

fn log_sum_exp(pairs: Vec<(Option<Piece>, Piece)>) -> Piece {
    let (coefficients, exponents): (Vec<_>, Vec<_>) =
        pairs.into_iter().map(|(c, u)| (c, u.text)).unzip();
    let exponents = exponents.join(", ");
    if coefficients.iter().all(Option::is_none) {
        return Piece::atom(format!("log_sum_exp({exponents})"));
    }
    let one = || "1".to_owned();
    let coefficients: Vec<_> =
        coefficients.into_iter().map(|c| c.map_or_else(one, |c| c.text)).collect();
    Piece::atom(format!("log_dot_exp([{}], [{exponents}])", coefficients.join(", ")))
}
