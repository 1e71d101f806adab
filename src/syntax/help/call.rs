//! Calls, choices and ranges, and qualified names.

use super::super::lex::TokenKind;
use super::super::stream::Label;
use super::site::{Site, is_name};

/// Names of log-densities in other languages.
const DENSITIES: [&str; 5] = ["logpdf", "logpmf", "log_prob", "pdf", "pmf"];

/// `np.exp(x)`, `np.linalg.inv(A)`, `x.T`, `Sepal.Length`
pub(super) fn dotted_name(site: &Site<'_>) -> Option<String> {
    let (previous, found, next) = (site.previous()?, site.found(), site.next());
    let names = is_name(previous.kind) && (is_name(next.kind) || next.kind == TokenKind::Pi);
    let dotted = site.found_text() == "." && names;
    if !dotted || !Site::adjoin(previous, found) || !Site::adjoin(found, next) {
        return None;
    }
    let last = end_of_dotted(site, site.position + 1);
    let (left, right) = (site.spelling(previous), site.spelling(site.token(last)));
    let called = site.kind(last + 1) == TokenKind::OpenParen;
    Some(match right {
        "T" | "transpose" => format!("a transpose is written `{left}'`"),
        "pi" => "the constant goes by its name alone: `pi`".to_owned(),
        _ if called && DENSITIES.contains(&right) => {
            "write out the log-density without its constant: `-(x - mu)^2/(2*s2)`".to_owned()
        }
        _ if called => by_name_alone(site.operand_at(last)),
        _ => {
            let whole = site.stretch(site.position - 1, last);
            format!("write a name with other characters in it in backquotes: `` `{whole}` ``")
        }
    })
}

/// The last of the names that are joined by points, from the one at `position` on.
fn end_of_dotted(site: &Site<'_>, position: usize) -> usize {
    let mut last = position;
    while site.spelling(site.token(last + 1)) == "." && is_name(site.kind(last + 2)) {
        last += 2;
    }
    last
}

/// `std::exp(x)`
pub(super) fn scoped_name(site: &Site<'_>) -> Option<String> {
    let scoped = site.touches(TokenKind::Name) && site.found_text() == ":" && site.followed_by(":");
    let named = is_name(site.kind(site.position + 2));
    (scoped && named).then(|| by_name_alone(site.operand_at(site.position + 2)))
}

fn by_name_alone(call: &str) -> String {
    format!("a function goes by its name alone: `{call}`")
}

/// `sum(x[i], i in 1:3)`, `sum(i = 1:3, x)`, `dnorm(x, log = 1)`
pub(super) fn named_argument(site: &Site<'_>) -> Option<String> {
    let callee = site.callee()?;
    let range = site.found().kind == TokenKind::In;
    let assigns = site.found().kind == TokenKind::Assign && !site.labels.has(Label::Comparison);
    let name = site.previous().filter(|token| is_name(token.kind))?;
    let opens = site.before(2).map(|token| token.kind);
    let first = matches!(opens, Some(TokenKind::OpenParen | TokenKind::Comma));
    if !first || !(range || assigns) || site.followed_by("=") {
        return None;
    }
    let name = site.spelling(name);
    let reduces = matches!(callee, "sum" | "prod" | "min" | "max" | "mean" | "log_sum_exp");
    Some(match range || reduces {
        true => format!("the range stands first, behind `in`: `{callee}({name} in 1:n, …)`"),
        false => format!("arguments have no names: leave out `{name} =`"),
    })
}

/// `sum(i in n, x)`, `sum(i in range(n), x)`
pub(super) fn range_of_one(site: &Site<'_>) -> Option<String> {
    let comma = site.found().kind == TokenKind::Comma && site.labels.has(Label::Colon);
    let in_call = site.callee().is_some() && !site.labels.has(Label::CloseBracket);
    (comma && in_call).then(|| "a range is written with both ends: `1:n`".to_owned())
}

/// `sum(for i in 1:3, x)`, `for i in 1:3 x`
pub(super) fn repetition(site: &Site<'_>) -> Option<String> {
    let previous = site.previous()?;
    let repeats = matches!(site.spelling(previous), "for" | "while");
    let found = is_name(site.found().kind) && site.labels.has(Label::Operator);
    let last = repeats && found;
    let comprehension = site.found_text() == "for" && site.labels.has(Label::Operator);
    (last || comprehension).then(|| "what repeats is a sum: `sum(i in 1:n, …)`".to_owned())
}

/// `W[1,]`, `W[,1]`
pub(super) fn missing_index(site: &Site<'_>) -> Option<String> {
    let index = site.labels.has(Label::Colon) && site.labels.has(Label::Number);
    let missing = matches!(site.found().kind, TokenKind::CloseBracket | TokenKind::Comma);
    let around = matches!(site.previous_kind()?, TokenKind::OpenBracket | TokenKind::Comma);
    (index && missing && around)
        .then(|| "all of a row or a column is `:`, as in `W[1, :]`".to_owned())
}

/// `x[1, 2, 3]`
pub(super) fn third_index(site: &Site<'_>) -> Option<String> {
    let third = site.found().kind == TokenKind::Comma && !site.labels.has(Label::Comma);
    let closes = site.labels.has(Label::CloseBracket);
    (third && closes).then(|| "a shape has at most two sizes: rows, then columns".to_owned())
}

/// `if a < b then c`, `a if b > 0 else c`, `if (a < b) c else d`
pub(super) fn choice(site: &Site<'_>) -> Option<String> {
    let bare = site
        .previous()
        .is_some_and(|token| token.kind == TokenKind::Name && site.spelling(token) == "if");
    let behind = site.found_text() == "if" && site.labels.has(Label::Operator);
    let early = site.callee() == Some("if")
        && site.found().kind == TokenKind::CloseParen
        && (site.labels.has(Label::Comma) && !site.labels.has(Label::CloseParen));
    let marked = site.found_text() == "?" && site.labels.has(Label::Operator);
    (bare || behind || early || marked)
        .then(|| "a choice is written `if(a < b, then, otherwise)`".to_owned())
}

/// `if(a, b, c)`
pub(super) fn missing_condition(site: &Site<'_>) -> Option<String> {
    let ends = matches!(site.found().kind, TokenKind::Comma | TokenKind::CloseParen);
    let missing = site.labels.has(Label::Comparison) && ends;
    missing.then(|| "a number is no condition: compare it, as in `if(a != 0, b, c)`".to_owned())
}

/// `sum(i in 1:3)`
pub(super) fn missing_body(site: &Site<'_>) -> Option<String> {
    let ends = site.found().kind == TokenKind::CloseParen && site.labels.has(Label::Comma);
    let ranged = ends && !site.labels.has(Label::CloseParen) && site.callee() != Some("if");
    let callee = site.callee()?;
    ranged.then(|| format!("what is repeated stands behind the range: `{callee}(i in 1:n, …)`"))
}

/// `f()`, `def f() = 3`
pub(super) fn no_arguments(site: &Site<'_>) -> Option<String> {
    let empty = site.found().kind == TokenKind::CloseParen
        && site.previous_kind() == Some(TokenKind::OpenParen);
    let callee = site.callee()?;
    empty.then(|| format!("a function has one argument or more: `{callee}(x)`"))
}

/// `f(a; b)`, `x in (0; 1)`
pub(super) fn semicolon_for_comma(site: &Site<'_>) -> Option<String> {
    let comma = site.labels.has(Label::Comma) && !site.labels.has(Label::Semicolon);
    let inside = !site.open_brackets().is_empty() && site.found().kind == TokenKind::Semicolon;
    (comma && inside)
        .then(|| "write `,` between them, as in `max(a, b)`; `;` ends a row of a matrix".to_owned())
}

/// `x mod 2`, `x > 0 where …`
pub(super) fn infix_word(site: &Site<'_>) -> Option<String> {
    if !site.labels.has(Label::Operator) || site.found().kind != TokenKind::Name {
        return None;
    }
    let help = match site.found_text() {
        "mod" | "rem" => "a remainder is `x - n*floor(x/n)`",
        "div" => "a quotient is rounded down by `floor(a/b)`",
        "where" | "when" | "unless" => "a choice is written `if(a < b, then, otherwise)`",
        "xor" => "write `(a or b) and not (a and b)` in a condition",
        _ => return None,
    };
    Some(help.to_owned())
}
