//! The notation of LaTeX mathematics, within what amsmath and KaTeX both know.

mod name;

use super::super::{BinaryFunction, Function, Number, Relation};
use super::notation::Notation;
use super::piece::{Piece, Precedence};

pub use self::name::LatexNames;
pub(super) use self::name::greek_letter;

pub(super) const LATEX: Notation = Notation {
    name: LatexNames::spell,
    pi: r"\pi",
    number,
    times: |next| if next.starts_with(|c: char| c.is_ascii_digit()) { r" \cdot " } else { r" \, " },
    group,
    quotient: |above, below| {
        Piece::new(Precedence::Product, format!(r"\frac{{{}}}{{{}}}", above.text, below.text))
    },
    power,
    call,
    binary,
    compare,
    select: |condition, [then, otherwise]| {
        let cases =
            format!(r"{} & {condition} \\ {} & \text{{otherwise}}", then.text, otherwise.text);
        Piece::new(Precedence::Sum, format!(r"\begin{{cases}} {cases} \end{{cases}}"))
    },
    holds: |value| format!("{} = 1", value.text),
    mean: |u| Piece::atom(format!(r"\operatorname{{E}}\left[ {} \right]", u.text)),
    list: |entries| group(&entries.join(", ")),
    gather: |list, index| Piece::atom(format!("{list}_{{{index}}}")),
    dot,
    sum_of_squares: |a| {
        Piece::new(Precedence::Power, format!(r"\left\lVert {a} \right\rVert^{{2}}"))
    },
    log_sum_exp,
};

fn group(text: &str) -> String {
    format!(r"\left({text}\right)")
}

/// The shortest digits that identify the number; the output is not parsed.
fn number(number: Number) -> Piece {
    let value = number.to_f64();
    if number.as_ratio().is_some() {
        return Piece::atom(number.to_string());
    }
    if !value.is_finite() {
        return Piece::atom(if value.is_nan() { r"\mathrm{NaN}" } else { r"\infty" });
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if value != 0.0 && !(1e-3..1e6).contains(&value) => {
            let text = format!(r"{digits} \cdot 10^{{{exponent}}}");
            Piece::new(Precedence::Product, text)
        }
        _ => Piece::atom(value.to_string()),
    }
}

fn power(base: Piece, exponent: Number) -> Piece {
    if exponent == Number::ratio(1, 2) {
        return Piece::new(Precedence::Atom, format!(r"\sqrt{{{}}}", base.text));
    }
    let exponent =
        if exponent.as_ratio().is_some() { exponent.to_string() } else { number(exponent).text };
    let base = base.at(Precedence::Atom, &LATEX);
    Piece::new(Precedence::Power, format!("{base}^{{{exponent}}}"))
}

/// e to the u; a long exponent or one with a fraction is an argument of exp.
fn exponential(u: &Piece) -> String {
    if u.text.len() > 40 || u.text.contains(r"\frac") || u.text.contains(r"\begin") {
        format!(r"\exp\left({}\right)", u.text)
    } else {
        format!("e^{{{}}}", u.text)
    }
}

fn call(function: Function, u: Piece) -> Piece {
    let of =
        |operator: &str| Piece::new(Precedence::Power, format!("{operator}{}", group(&u.text)));
    let named = |name: &str| of(&format!(r"\operatorname{{{name}}}"));
    let fenced =
        |open: &str, close: &str| Piece::atom(format!(r"\left{open} {} \right{close}", u.text));
    match function {
        Function::Exp => Piece::new(Precedence::Power, exponential(&u)),
        Function::Expm1 => Piece::new(Precedence::Sum, format!("{} - 1", exponential(&u))),
        Function::Log => of(r"\log"),
        Function::Log1p => {
            let inner = match u.text.strip_prefix('-') {
                Some(size) => format!("1 - {size}"),
                None => format!("1 + {}", u.text),
            };
            Piece::new(Precedence::Power, format!(r"\log{}", group(&inner)))
        }
        Function::Abs => fenced(r"\lvert", r"\rvert"),
        Function::Sign => named("sign"),
        Function::Floor => fenced(r"\lfloor", r"\rfloor"),
        Function::Sin => of(r"\sin"),
        Function::Cos => of(r"\cos"),
        Function::Tan => of(r"\tan"),
        Function::Asin => of(r"\arcsin"),
        Function::Acos => of(r"\arccos"),
        Function::Atan => of(r"\arctan"),
        Function::Sinh => of(r"\sinh"),
        Function::Cosh => of(r"\cosh"),
        Function::Tanh => of(r"\tanh"),
        Function::Sigmoid => named("sigmoid"),
        Function::Softplus => named("softplus"),
        Function::LogCosh => of(r"\log \cosh"),
        Function::Erf => named("erf"),
        Function::Erfc => named("erfc"),
        Function::LogNormalCdf => of(r"\log \Phi"),
        // φ/Φ and id + φ/Φ as functions, so that the argument is written once.
        Function::InverseMills => of(r"\tfrac{\varphi}{\Phi}"),
        Function::MillsExcess => of(r"\left(\operatorname{id} + \tfrac{\varphi}{\Phi}\right)"),
        Function::Lgamma => of(r"\log \Gamma"),
        Function::Polygamma(0) => of(r"\psi"),
        Function::Polygamma(1) => of(r"\psi'"),
        Function::LogBessel(0) => of(r"\log I_{0}"),
        Function::LogBessel(twice) => of(&log_bessel(twice)),
        Function::BesselRatio(twice) => {
            let (order, next) = (halves(twice), halves(twice.saturating_add(2)));
            of(&format!(r"\tfrac{{I_{{{next}}}}}{{\operatorname{{id}} \, I_{{{order}}}}}"))
        }
        Function::Random(_) => named("random"),
        Function::Polygamma(order) => of(&format!(r"\psi^{{({order})}}")),
    }
}

/// log(2^k Γ(k+1) I_k(u)/u^k) as the name of one function.
fn log_bessel(twice: u8) -> String {
    let (order, next) = (halves(twice), halves(twice.saturating_add(2)));
    let above = format!(r"2^{{{order}}} \, \Gamma\left({next}\right) \, I_{{{order}}}");
    format!(r"\log \tfrac{{{above}}}{{\operatorname{{id}}^{{{order}}}}}")
}

/// k of 2k, for an index.
fn halves(twice: u8) -> Number {
    Number::ratio(twice.into(), 2)
}

fn binary(function: BinaryFunction, [a, b]: [Piece; 2]) -> Piece {
    let operator = match function {
        BinaryFunction::Atan2 => r"\operatorname{atan2}",
        BinaryFunction::Min => r"\min",
        BinaryFunction::Max => r"\max",
        BinaryFunction::Pow(logs) => return powers(&a, &b, logs),
    };
    Piece::new(Precedence::Power, format!(r"{operator}\left({}, {}\right)", a.text, b.text))
}

/// u^p, and the power of log u that it is multiplied by.
fn powers(u: &Piece, p: &Piece, logs: u8) -> Piece {
    let base = u.clone().at(Precedence::Atom, &LATEX);
    let power = format!("{base}^{{{}}}", p.text);
    let order = if logs > 1 { format!("^{{{logs}}}") } else { String::new() };
    match logs {
        0 => Piece::new(Precedence::Power, power),
        _ => {
            let log = format!(r"\log{order}{}", group(&u.text));
            Piece::new(Precedence::Product, format!(r"{power} \, {log}"))
        }
    }
}

fn compare(relation: Relation, [a, b]: [Piece; 2]) -> String {
    let sign = match relation {
        Relation::Less => "<",
        Relation::LessEqual => r"\le",
        Relation::Equal => "=",
    };
    format!("{} {sign} {}", a.text, b.text)
}

/// Two names as a product of vectors; lists of entries in angle brackets.
fn dot(a: &str, b: &str) -> Piece {
    if [a, b].iter().any(|side| side.starts_with(r"\left(")) {
        return Piece::atom(format!(r"\left\langle {a}, {b} \right\rangle"));
    }
    Piece::new(Precedence::Product, format!(r"{a}^{{\top}} {b}"))
}

fn log_sum_exp(pairs: Vec<(Option<Piece>, Piece)>) -> Piece {
    let terms: Vec<String> = pairs
        .into_iter()
        .map(|(coefficient, u)| match coefficient {
            None => exponential(&u),
            Some(c) => format!(r"{} \, {}", c.at(Precedence::Product, &LATEX), exponential(&u)),
        })
        .collect();
    Piece::new(Precedence::Power, format!(r"\log{}", group(&terms.join(" + "))))
}
