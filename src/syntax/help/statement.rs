//! Statements and declarations in the notation of other languages.

use super::super::lex::TokenKind;
use super::super::stream::Label;
use super::site::{Site, is_name};
use crate::source::nearest;

/// Words that begin a statement.
pub const STATEMENT_WORDS: [&str; 9] =
    ["data", "covariate", "param", "const", "let", "def", "weight", "logp", "energy"];

/// The statement word for a word that begins a statement in another language.
fn meant(word: &str) -> Option<&'static str> {
    Some(match word {
        "params" | "parameter" | "parameters" | "par" | "real" | "float" | "double" | "vector"
        | "matrix" | "array" => "param",
        "var" | "variable" | "observed" | "input" | "int" => "data",
        "given" | "covariates" => "covariate",
        "constant" | "constants" => "const",
        "set" | "local" | "auto" | "val" => "let",
        "function" | "func" | "fn" | "fun" | "lambda" => "def",
        "model" | "target" | "logpdf" | "log_density" | "lp" => "logp",
        word => nearest(word, STATEMENT_WORDS)?,
    })
}

/// `s = 3`, `s := 3`, `logp: …`, `f(x) = …`
pub(super) fn missing_word(site: &Site<'_>) -> Option<String> {
    let head = site.head();
    let assigns = match site.found().kind {
        TokenKind::Assign | TokenKind::Equal => true,
        TokenKind::Colon => !site.labels.has(Label::Colon),
        _ => false,
    };
    if !assigns || !is_name(site.kind(head)) || !site.labels.has(Label::Separator) {
        return None;
    }
    let name = site.spelling(site.token(head));
    if site.position == head + 1 {
        let logs = matches!(name, "logp" | "energy") && site.found().kind != TokenKind::Assign;
        let typed = site.found().kind == TokenKind::Colon && !site.followed_by("=");
        return Some(match (logs, typed) {
            (true, _) => format!("write `{name} = …`"),
            (false, true) => format!("a name is declared with `data {name}` or `param {name}`"),
            (false, false) => format!(
                "write `let {name} = …` to name a part, `logp = …` or `energy = …` for the model"
            ),
        });
    }
    let called = site.kind(head + 1) == TokenKind::OpenParen
        && site.operand_before(site.position) == site.stretch(head, site.position - 1);
    let call = site.stretch(head, site.position - 1);
    called.then(|| format!("write `def {call} = …` for a function, `logp = …` for the log-density"))
}

/// `log p = …`, `log p(x) = …`
pub(super) fn log_density(site: &Site<'_>) -> Option<String> {
    let word = site.spelling(site.previous()?);
    let given = matches!(site.next().kind, TokenKind::Assign | TokenKind::OpenParen);
    let logs = matches!(word, "log" | "ln") && matches!(site.found_text(), "p" | "f" | "pdf");
    (logs && given && site.position == site.head() + 1 && site.labels.has(Label::Separator))
        .then(|| "the log-density is written `logp = …`".to_owned())
}

/// `parameter s`, `function f(x) = x`
pub(super) fn foreign_word(site: &Site<'_>) -> Option<String> {
    let head = site.head();
    let word = site.spelling(site.token(head));
    let declares = site.kind(head) == TokenKind::Name && site.position == head + 1;
    if !declares || !site.labels.has(Label::Separator) {
        return None;
    }
    let name = site.found_text();
    if matches!(word, "real" | "int" | "vector") && name == "<" {
        return Some("a declaration with a bound is written `param s > 0`".to_owned());
    }
    if !is_name(site.found().kind) || word == name {
        return None;
    }
    Some(match meant(word).filter(|meant| *meant != word)? {
        "def" if word == "lambda" && site.next().kind != TokenKind::Colon => return None,
        "def" => "a function is written `def f(x) = …`".to_owned(),
        "logp" => "the log-density is written `logp = …`".to_owned(),
        "energy" => "the energy is written `energy = …`".to_owned(),
        "let" | "const" if site.next().kind != TokenKind::Assign => return None,
        word @ ("let" | "const") => format!("write `{word} {name} = …`"),
        word => format!("write `{word} {name}`"),
    })
}

/// `let in = 3`
pub(super) fn reserved_name(site: &Site<'_>) -> Option<String> {
    let taken = site.labels.has(Label::Name) && site.found().kind.is_reserved();
    let text = site.found_text();
    taken.then(|| format!("`{text}` is reserved; a column of that name is written `` `{text}` ``"))
}

/// `let a = 1 logp = -x^2`
pub(super) fn second_statement(site: &Site<'_>) -> Option<String> {
    let text = site.found_text();
    let word = site.found().kind == TokenKind::Name && STATEMENT_WORDS.contains(&text);
    let heads = is_name(site.next().kind) || site.next().kind == TokenKind::Assign;
    (word && heads && site.labels.has(Label::Separator))
        .then(|| format!("a statement ends with its line: put `;` or a new line before `{text}`"))
}

/// `def f(x) -x^2`
pub(super) fn missing_assign(site: &Site<'_>) -> Option<String> {
    let only = site.labels.words().len() == 1 && site.labels.has(Label::Assign);
    only.then(|| "write `=` before what the name stands for".to_owned())
}

/// Unknown text after a declared name: `data x: real`, `param s positive`, `data y(2)`.
pub(super) fn declaration(site: &Site<'_>) -> Option<String> {
    if !site.labels.has(Label::Constraint) || !site.labels.has(Label::Init) {
        return None;
    }
    let name = site.operand_before(site.position);
    if let (Some(comma), Some(named)) = (site.before(2), site.previous())
        && comma.kind == TokenKind::Comma
        && site.line_of(comma) < site.line_of(named)
        && site.line_of(named) == site.line_of(site.found())
        && site.found().kind != TokenKind::OpenParen
    {
        return Some(
            "a line that ends in `,` goes on in the next one: leave the comma out".to_owned(),
        );
    }
    Some(match (site.found().kind, site.found_text()) {
        (TokenKind::Colon, _) => {
            format!("every name is a real number; a constraint is written `{name} > 0`")
        }
        (TokenKind::OpenParen, _) => {
            format!("a size stands in square brackets: `{name}[{}]`", site.inside(site.position))
        }
        (TokenKind::Assign, _) => format!("a start value is written `{name} init …`"),
        (_, "positive" | "pos") => format!("write `{name} > 0`"),
        (_, "negative") => format!("write `{name} < 0`"),
        (_, "nonnegative" | "non_negative") => format!("write `{name} >= 0`"),
        (_, "positive_definite" | "spd" | "pd" | "posdefinite") => format!("write `{name} posdef`"),
        (_, "unit" | "probability") => format!("write `{name} in (0, 1)`"),
        (_, "between") => format!("write `{name} in (a, b)`"),
        (_, "sphere" | "circle") => format!("write `{name} on {}`", site.found_text()),
        _ if is_name(site.found().kind) => format!(
            "names are separated by commas; a constraint is written `{name} > 0` or `{name} in (0, 1)`"
        ),
        _ => return None,
    })
}

/// `data x in R`
pub(super) fn set(site: &Site<'_>) -> Option<String> {
    let set = site.labels.has(Label::OpenBrace) && site.labels.has(Label::OpenBracket);
    let behind = site.previous_kind() == Some(TokenKind::In);
    (set && behind).then(|| {
        "an interval is written `x in (0, 1)`; a name without one is any real number".to_owned()
    })
}

/// `param s > 0, < 5`, `param 0 < s < 1`, `param 3 a`
pub(super) fn missing_name(site: &Site<'_>) -> Option<String> {
    let head = site.spelling(site.token(site.head()));
    let declares = matches!(head, "data" | "covariate" | "param") && site.labels.has(Label::Name);
    (declares && site.position > site.head()).then(|| {
        format!(
            "a declaration begins with its name: `{head} s > 0`, `{head} s in (0, 5)`, `{head} s[3]`"
        )
    })
}

/// `data x[3] on torus`
pub(super) fn surface(site: &Site<'_>) -> Option<String> {
    site.labels
        .has(Label::Surface)
        .then(|| "data lie `on sphere`, `on simplex` or `on circle`".to_owned())
}

/// `data x[1:3]`
pub(super) fn size_as_range(site: &Site<'_>) -> Option<String> {
    let head = site.spelling(site.token(site.head()));
    let declares = matches!(head, "data" | "covariate" | "param");
    let ranged = site.found().kind == TokenKind::Colon && site.labels.has(Label::CloseBracket);
    (declares && ranged)
        .then(|| format!("a size is one number, and indices begin at 1: `{head} x[3]`"))
}

/// `a, b = 1, 2`, `-x^2,`
pub(super) fn stray_comma(site: &Site<'_>) -> Option<String> {
    let ends = site.labels.has(Label::Separator) && !site.labels.has(Label::Comma);
    (ends && site.found().kind == TokenKind::Comma)
        .then(|| "statements are separated by `;` or a new line".to_owned())
}
