//! Symbols of other languages, of typesetting, and typographic look-alikes.

use super::super::lex::TokenKind;
use super::super::stream::Label;
use super::site::{Site, is_name};

/// `// note`, `/* note */`
pub(super) fn comment(site: &Site<'_>) -> Option<String> {
    let slash = site.found().kind == TokenKind::Slash;
    let opens = slash && (site.followed_by("/") || site.followed_by("*"));
    let second = matches!(site.found().kind, TokenKind::Slash | TokenKind::Star);
    let help = "a comment starts with `#`, a quotient is rounded down by `floor(a/b)`";
    (opens || second && site.touches(TokenKind::Slash)).then(|| help.to_owned())
}

/// `W %*% v`, `50%`, `% note`
pub(super) fn percent(site: &Site<'_>) -> Option<String> {
    if site.found_text() != "%" {
        return None;
    }
    if site.followed_by("*") && site.spelling(site.token(site.position + 2)) == "%" {
        return Some("write `*` for a matrix product".to_owned());
    }
    if site.touches(TokenKind::Number) {
        let number = site.spelling(site.previous()?);
        return Some(format!("a percentage is written as a quotient: `{number}/100`"));
    }
    Some("a comment starts with `#`, a remainder is `x - n*floor(x/n)`".to_owned())
}

/// `x ...`
pub(super) fn dots(site: &Site<'_>) -> Option<String> {
    let unknown = site.found().kind == TokenKind::Unknown;
    let dots = site.found_text() == "…" || site.found_text() == "." && site.followed_by(".");
    (unknown && dots).then(|| CONTINUATION.to_owned())
}

const CONTINUATION: &str =
    "a line goes on in the next one while a bracket is open or after an operator";

/// `\frac{a}{b}`, `\mu`
pub(super) fn latex(site: &Site<'_>) -> Option<String> {
    if site.found_text() != "\\" {
        return None;
    }
    let word = site.next();
    if !Site::adjoin(site.found(), word) || !is_name(word.kind) && !word.kind.is_reserved() {
        return Some(CONTINUATION.to_owned());
    }
    let (name, _) = site.spelling(word).split_once('_').unwrap_or((site.spelling(word), ""));
    let help = match name {
        "frac" | "tfrac" | "dfrac" => "write `a/b` for a fraction",
        "cdot" | "times" | "ast" => "write `*` for a product",
        "sum" => "write `sum(i in 1:n, …)` for a sum",
        "prod" => "write `prod(i in 1:n, …)` for a product",
        "sqrt" => "write `sqrt(x)` for a root",
        "ln" => "write `log(x)` for the natural logarithm",
        "left" | "right" | "big" | "Big" | "bigl" | "bigr" => "write a bracket alone",
        "le" | "leq" => "write `<=`",
        "ge" | "geq" => "write `>=`",
        "ne" | "neq" => "write `!=`",
        "top" | "intercal" => "write `'` for a transpose",
        "infty" => "write `inf` in a bound",
        "lVert" | "Vert" | "rVert" => "write `norm(x)` for the length of a vector",
        "vert" | "lvert" | "rvert" => "write `abs(x)` for an absolute value",
        name => return Some(format!("a name is written without a backslash: `{name}`")),
    };
    Some(help.to_owned())
}

/// Words that begin blocks in other languages.
const BLOCKS: [&str; 6] = ["data", "parameters", "model", "quantities", "functions", "var"];

/// `x_{1}`, `x^{2}`, `{x}`, `model {`
pub(super) fn braces(site: &Site<'_>) -> Option<String> {
    if site.found().kind != TokenKind::OpenBrace {
        return None;
    }
    if site.previous().is_some_and(|token| BLOCKS.contains(&site.spelling(token))) {
        return Some(
            "there are no blocks: write `param mu, s > 0` for parameters, `data x` for data and \
             `logp = normal_lpdf(x, mu, s)` for the model"
                .to_owned(),
        );
    }
    let inside = site.inside(site.position);
    let subscripted = site.previous().filter(|token| is_name(token.kind));
    if let Some(name) = subscripted.and_then(|token| site.spelling(token).strip_suffix('_')) {
        return Some(match name {
            "sum" | "prod" | "max" | "min" => {
                format!("write `{name}(i in 1:n, …)`, the range before the expression")
            }
            _ => format!("write `{name}_1` for a name of its own, `{name}[1]` for an entry"),
        });
    }
    if site.previous_kind() == Some(TokenKind::Caret) {
        let base = site.operand_before(site.position - 1);
        return Some(format!("an exponent is grouped by parentheses: `{base}^({inside})`"));
    }
    let operand = site.labels.has(Label::Number);
    operand.then(|| format!("an expression is grouped by parentheses: `({inside})`"))
}

/// `|x|`, `‖x‖`, `a || b`, `f(x | m)`
pub(super) fn bars(site: &Site<'_>) -> Option<String> {
    let long = matches!(site.found_text(), "‖" | "∥");
    if site.found_text() != "|" && !long {
        return None;
    }
    let double = long || site.followed_by("|");
    if site.labels.has(Label::Number) || site.labels.has(Label::Statement) {
        let inner = between_bars(site, double && !long);
        return Some(match double {
            true => format!("write `norm({inner})` for the length of a vector"),
            false => {
                format!("write `abs({inner})` for an absolute value, `norm({inner})` for a length")
            }
        });
    }
    let in_condition = [Label::Comparison, Label::And].iter().any(|l| site.labels.has(*l));
    if in_condition || double {
        return Some("write `or` in a condition".to_owned());
    }
    let help = match site.labels.has(Label::Comma) {
        true => "arguments are separated by `,`",
        false => "write `abs(x)` for an absolute value",
    };
    Some(help.to_owned())
}

/// The text between the bars that begin at the failure.
fn between_bars<'a>(site: &Site<'a>, two_tokens: bool) -> &'a str {
    let start = site.position + 1 + usize::from(two_tokens);
    let bar = site.found_text();
    let last = site.context.tokens.len() - 1;
    let end = (start..last).find(|&at| site.spelling(site.token(at)) == bar);
    match end {
        Some(end) if end > start => site.stretch(start, end - 1),
        _ => "x",
    }
}

/// `$x$`, `table$x`
pub(super) fn dollar(site: &Site<'_>) -> Option<String> {
    if site.found_text() != "$" {
        return None;
    }
    let of_table = site.previous_kind().is_some_and(is_name) && is_name(site.next().kind);
    Some(match of_table {
        true => format!("a column goes by its name alone: `{}`", site.next_text()),
        false => "a formula is written without `$`".to_owned(),
    })
}

/// A character that the language does not have.
pub(super) fn foreign(site: &Site<'_>) -> Option<String> {
    if site.found().kind != TokenKind::Unknown {
        return None;
    }
    let help = match site.found_text() {
        "&" => "write `and` in a condition",
        "!" if site.labels.has(Label::Operator) => "a factorial is `exp(lgamma(n + 1))`",
        "!" => "write `not` in a condition",
        "?" => "a choice is written `if(a < b, then, otherwise)`",
        "−" | "–" | "—" | "‐" | "‑" | "‒" | "﹣" | "－" => "write `-` for a minus",
        "×" | "·" | "⋅" | "∗" | "•" => "write `*` for a product",
        "÷" | "∕" | "⁄" => "write `/` for a quotient",
        "≤" | "⩽" => "write `<=`",
        "≥" | "⩾" => "write `>=`",
        "≠" => "write `!=`",
        "∧" => "write `and` in a condition",
        "∨" => "write `or` in a condition",
        "¬" => "write `not` in a condition",
        "∈" => "write `in`",
        "′" | "’" | "⊤" => "write `'` for a transpose",
        "√" => "write `sqrt(x)`",
        "∑" => "write `sum(i in 1:n, …)`",
        "∏" => "write `prod(i in 1:n, …)`",
        "∞" => "write `inf` in a bound",
        "½" => "write `1/2`",
        "¼" => "write `1/4`",
        "¾" => "write `3/4`",
        "⅓" => "write `1/3`",
        "⟨" | "〈" => "write `dot(a, b)` for a product of two vectors",
        "←" => "write `let name = …` to name a part",
        "\"" | "“" | "”" | "„" => {
            "there are no strings; a column with a strange name is written in backquotes"
        }
        "`" => "a name in backquotes is not empty and ends on its line",
        "@" => "write `*` for a matrix product",
        "⁻" => "digits must follow a superscript minus: `x⁻¹`",
        text if text.chars().all(char::is_control) => {
            "this character cannot be seen: delete it, and write the place anew"
        }
        _ => return None,
    };
    Some(help.to_owned())
}
