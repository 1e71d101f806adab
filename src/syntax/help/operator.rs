//! Operators of other languages, and missing or superfluous operators.

use super::super::lex::{Token, TokenKind};
use super::super::stream::Label;
use super::density;
use super::site::{Site, is_closer, is_comparison, is_name};

/// Functions that are often written without parentheses: the name as written and the name in this
/// language.
const FUNCTIONS: [(&str, &str); 18] = [
    ("ln", "log"),
    ("log", "log"),
    ("exp", "exp"),
    ("sqrt", "sqrt"),
    ("abs", "abs"),
    ("sin", "sin"),
    ("cos", "cos"),
    ("tan", "tan"),
    ("sinh", "sinh"),
    ("cosh", "cosh"),
    ("tanh", "tanh"),
    ("sigmoid", "sigmoid"),
    ("softplus", "softplus"),
    ("lgamma", "lgamma"),
    ("erf", "erf"),
    ("sum", "sum"),
    ("norm", "norm"),
    ("sumsq", "sumsq"),
];

/// The function that a token names.
fn function(site: &Site<'_>, token: Token) -> Option<&'static str> {
    let text = site.spelling(token);
    FUNCTIONS.iter().find(|(name, _)| *name == text).map(|(_, function)| *function)
}

/// `x**2`
pub(super) fn power_stars(site: &Site<'_>) -> Option<String> {
    let stars = site.found().kind == TokenKind::Star && site.touches(TokenKind::Star);
    if !stars {
        return None;
    }
    let base = site.operand_before(site.position - 1);
    Some(format!("write `^` for a power: `{base}^{}`", site.operand_at(site.position + 1)))
        .filter(|help| !help.contains('…'))
        .or_else(|| Some("write `^` for a power".to_owned()))
}

/// `x += 1`
pub(super) fn compound_assignment(site: &Site<'_>) -> Option<String> {
    use TokenKind::{Minus, Plus, Slash, Star};
    let operator = [Plus, Minus, Star, Slash].into_iter().any(|kind| site.touches(kind));
    (operator && site.found().kind == TokenKind::Assign).then(|| {
        "nothing is changed once it is given: write the whole as one expression, `logp = …`"
            .to_owned()
    })
}

/// `x ~ normal(m, s)`, `x <- 3`
pub(super) fn tilde_or_arrow(site: &Site<'_>) -> Option<String> {
    if site.found_text() == "~" {
        return density::sampled(site).or_else(|| density::formula(site)).or_else(|| {
            Some("write the log-density itself, `logp = …`, up to a constant".to_owned())
        });
    }
    let arrow = site.found().kind == TokenKind::Less && site.followed_by("-");
    let named = site.previous().filter(|token| is_name(token.kind));
    let name = named.map_or("name", |token| site.spelling(token));
    (arrow && !site.labels.has(Label::Comparison))
        .then(|| format!("write `let {name} = …` to name a part"))
}

/// `=>`, `=<`, `<>`, `===`
pub(super) fn foreign_comparison(site: &Site<'_>) -> Option<String> {
    let found = site.found().kind;
    let assigns = found == TokenKind::Assign;
    let meant = match () {
        () if assigns && site.followed_by(">") => ">=",
        () if assigns && site.followed_by("<") => "<=",
        () if assigns && (site.touches(TokenKind::Equal)) => "==",
        () if found == TokenKind::Greater && site.touches(TokenKind::Less) => "!=",
        () => return None,
    };
    Some(format!("write `{meant}`"))
}

/// `=` where a comparison or a part of an expression should be.
pub(super) fn equality(site: &Site<'_>) -> Option<String> {
    let found = site.found().kind;
    let gives = matches!(found, TokenKind::Equal | TokenKind::Colon);
    if gives && site.labels.has(Label::Assign) {
        return Some("write `=` to give a value".to_owned());
    }
    let compared = site.labels.has(Label::Comparison) || !site.open_brackets().is_empty();
    (found == TokenKind::Assign && compared && site.labels.has(Label::Operator))
        .then(|| "write `==` to compare; there are no named arguments".to_owned())
}

/// `+x`
pub(super) fn prefix_plus(site: &Site<'_>) -> Option<String> {
    let operand = site.labels.has(Label::Number) || site.labels.has(Label::Statement);
    (operand && site.found().kind == TokenKind::Plus)
        .then(|| "there is no plus before an operand: leave it out".to_owned())
}

/// A line that begins with an operator.
pub(super) fn broken_line(site: &Site<'_>) -> Option<String> {
    let begins = site.labels.has(Label::Statement) && site.found().kind.continues();
    let text = site.found_text();
    (begins && site.previous_kind() == Some(TokenKind::Newline)).then(|| {
        format!(
            "a newline ended the statement before: write `{text}` at the end of that line, \
             or put the whole in parentheses"
        )
    })
}

/// `x^2 +` at the end
pub(super) fn trailing(site: &Site<'_>) -> Option<String> {
    let previous = site.previous()?;
    let ends = site.found().kind == TokenKind::End || is_closer(site.found().kind);
    let text = site.spelling(previous);
    if !ends || !site.labels.has(Label::Number) || !previous.kind.continues() {
        return None;
    }
    Some(match previous.kind {
        TokenKind::Assign => "write what it stands for behind the `=`".to_owned(),
        _ => format!("something must follow the `{text}`, or leave it out"),
    })
}

/// `a < b` outside of a condition.
pub(super) fn stray_comparison(site: &Site<'_>) -> Option<String> {
    let found = site.found().kind;
    let connects = matches!(found, TokenKind::And | TokenKind::Or);
    let negates = found == TokenKind::Not;
    let behind = site.labels.has(Label::Operator) && !site.labels.has(Label::Comparison);
    let before = site.labels.has(Label::Number) || site.labels.has(Label::Statement);
    ((is_comparison(found) || connects) && behind || negates && before).then(|| {
        "a comparison stands in a condition, `if(a < b, then, otherwise)`, \
         or in a declaration, `param a > 0`"
            .to_owned()
    })
}

/// `exp x`, `sin^2(x)`
pub(super) fn missing_parentheses(site: &Site<'_>) -> Option<String> {
    if !starts_operand(site) {
        return None;
    }
    let operand = site.operand_at(site.position);
    let bare = operand.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let argument = bare.unwrap_or(operand);
    let previous = site.previous()?;
    let (name, power) = match previous.kind {
        TokenKind::Superscript => (site.before(2)?, site.spelling(previous).to_owned()),
        TokenKind::Number if site.before(2)?.kind == TokenKind::Caret => {
            (site.before(3)?, format!("^{}", site.spelling(previous)))
        }
        _ => (previous, String::new()),
    };
    if !power.is_empty() && bare.is_none() {
        return None;
    }
    let function = function(site, name)?;
    Some(format!("a function has its argument in parentheses: `{function}({argument}){power}`"))
}

fn starts_operand(site: &Site<'_>) -> bool {
    let kind = site.found().kind;
    let starts = matches!(kind, TokenKind::Number | TokenKind::Pi | TokenKind::OpenParen);
    (is_name(kind) || starts) && site.labels.has(Label::Operator)
}

/// `[1 2; 3 4]`
pub(super) fn missing_comma(site: &Site<'_>) -> Option<String> {
    let in_matrix = site.labels.has(Label::Semicolon) && site.labels.has(Label::CloseBracket);
    if !in_matrix || !starts_operand(site) {
        return None;
    }
    let (left, right) = (site.operand_before(site.position), site.operand_at(site.position));
    Some(format!(
        "entries are separated by commas, `[{left}, {right}]`; a product is `{left}*{right}`"
    ))
}

/// `2x`, `2σ²`, `(a)(b)`
pub(super) fn missing_product(site: &Site<'_>) -> Option<String> {
    let (left, right) = (site.operand_before(site.position), site.operand_at(site.position));
    let below = site.before(2).is_some_and(|token| token.kind == TokenKind::Slash);
    let hint = if below { ", in parentheses where it divides" } else { "" };
    starts_operand(site).then(|| format!("a product needs its operator: `{left}*{right}`{hint}"))
}
