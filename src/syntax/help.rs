//! Help lines for common slips, guessed from the tokens around a failure.
//!
//! Each guess looks at one slip and is asked in turn; the first that knows it answers.

use super::lex::{Token, TokenKind};
use super::stream::{Context, Label, Labels};

/// The longest piece of the text that a help line repeats, in bytes.
const PIECE_MAX: usize = 40;

/// Words that begin a statement.
const STATEMENT_WORDS: [&str; 9] =
    ["data", "covariate", "param", "const", "let", "def", "weight", "logp", "energy"];

/// What to do about a failure at `position`, where one of `labels` was expected.
pub(super) fn suggest(context: &Context<'_>, position: usize, labels: Labels) -> Option<String> {
    let site = Site { context, position, labels };
    let guesses = [
        unfinished_number,
        dotted_name,
        foreign_symbol,
        power_stars,
        assignment_for_name,
        tilde_or_arrow,
        equality,
        broken_line,
        stray_comparison,
        missing_condition,
        reserved_name,
        bare_if,
        second_statement,
        open_bracket,
        extra_closer,
        missing_product,
    ];
    guesses.iter().find_map(|guess| guess(&site))
}

/// The surroundings of a failure.
struct Site<'a> {
    context: &'a Context<'a>,
    position: usize,
    labels: Labels,
}

impl<'a> Site<'a> {
    fn token(&self, position: usize) -> Token {
        self.context.tokens[position.min(self.context.tokens.len() - 1)]
    }

    fn found(&self) -> Token {
        self.token(self.position)
    }

    fn next(&self) -> Token {
        self.token(self.position + 1)
    }

    fn previous(&self) -> Option<Token> {
        self.position.checked_sub(1).map(|position| self.token(position))
    }

    fn previous_kind(&self) -> Option<TokenKind> {
        self.previous().map(|token| token.kind)
    }

    /// The text of a token; a long one is of no use in a help line.
    fn spelling(&self, token: Token) -> &'a str {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if end - start > PIECE_MAX { "…" } else { &self.context.text[start..end] }
    }

    fn found_text(&self) -> &'a str {
        self.spelling(self.found())
    }

    /// Whether two tokens touch.
    fn adjoin(left: Token, right: Token) -> bool {
        left.span.end == right.span.start
    }

    /// The positions of the brackets that are open at the failure, outermost first.
    fn open_brackets(&self) -> Vec<usize> {
        let mut open = Vec::new();
        for position in 0..self.position {
            use TokenKind::{
                CloseBrace, CloseBracket, CloseParen, OpenBrace, OpenBracket, OpenParen,
            };
            match self.token(position).kind {
                OpenParen | OpenBracket | OpenBrace => open.push(position),
                CloseParen | CloseBracket | CloseBrace => drop(open.pop()),
                _ => {}
            }
        }
        open
    }

    fn line_of(&self, token: Token) -> usize {
        self.context.text[..token.span.start as usize].matches('\n').count() + 1
    }
}

fn is_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Name | TokenKind::Quoted)
}

fn is_comparison(kind: TokenKind) -> bool {
    use TokenKind::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(kind, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}

/// `2.`
fn unfinished_number(site: &Site<'_>) -> Option<String> {
    let previous = site.previous()?;
    let number = previous.kind == TokenKind::Number && Site::adjoin(previous, site.found());
    let text = site.spelling(previous);
    (number && site.found_text() == ".")
        .then(|| format!("a digit must follow the point of a number: `{text}.0`"))
}

/// `Sepal.Length`
fn dotted_name(site: &Site<'_>) -> Option<String> {
    let (previous, found, next) = (site.previous()?, site.found(), site.next());
    let dotted = site.found_text() == "." && is_name(previous.kind) && is_name(next.kind);
    (dotted && Site::adjoin(previous, found) && Site::adjoin(found, next)).then(|| {
        let (left, right) = (site.spelling(previous), site.spelling(next));
        format!("write a name with other characters in it in backquotes: `` `{left}.{right}` ``")
    })
}

/// Symbols of other languages and typographic look-alikes.
fn foreign_symbol(site: &Site<'_>) -> Option<String> {
    if site.found().kind != TokenKind::Unknown {
        return None;
    }
    let help = match site.found_text() {
        "|" if site.next().kind == TokenKind::Unknown && site.spelling(site.next()) == "|" => {
            "write `or` in a condition, `norm(x)` for the length of a vector"
        }
        "|" => "write `abs(x)` for an absolute value",
        "&" => "write `and` in a condition",
        "!" => "write `not` in a condition, `exp(lgamma(n + 1))` for a factorial",
        "−" | "–" | "—" => "write `-` for a minus",
        "×" | "·" | "⋅" | "∗" => "write `*` for a product",
        "÷" => "write `/` for a quotient",
        "≤" => "write `<=`",
        "≥" => "write `>=`",
        "≠" => "write `!=`",
        "∈" => "write `in`",
        "′" | "’" | "ᵀ" => "write `'` for a transpose",
        "√" => "write `sqrt(x)`",
        "∑" => "write `sum(i in 1:n, …)`",
        "∞" => "write `inf` in a bound",
        "\"" | "“" | "”" => {
            "there are no strings; a column with a strange name is written in backquotes"
        }
        "`" => "a name in backquotes is not empty and ends on its line",
        "%" => "a comment starts with `#`",
        "\\" => "a line goes on in the next one while a bracket is open or after an operator",
        "@" => "write `*` for a matrix product",
        "⁻" => "digits must follow a superscript minus: `x⁻¹`",
        _ => return None,
    };
    Some(help.to_owned())
}

/// `x**2`
fn power_stars(site: &Site<'_>) -> Option<String> {
    let stars =
        site.found().kind == TokenKind::Star && site.previous_kind() == Some(TokenKind::Star);
    stars.then(|| "write `^` for a power".to_owned())
}

/// `s = 3`
fn assignment_for_name(site: &Site<'_>) -> Option<String> {
    let first = match site.position.checked_sub(2) {
        None => true,
        Some(before) => {
            matches!(site.token(before).kind, TokenKind::Newline | TokenKind::Semicolon)
        }
    };
    let previous = site.previous()?;
    let named = first && is_name(previous.kind) && site.found().kind == TokenKind::Assign;
    let name = site.spelling(previous);
    named.then(|| {
        format!("write `let {name} = …` to name a part, `logp = …` or `energy = …` for the model")
    })
}

/// `x ~ normal(m, s)`, `x <- 3`
fn tilde_or_arrow(site: &Site<'_>) -> Option<String> {
    if site.found_text() == "~" {
        return Some("write the log-density itself, `logp = …`, up to a constant".to_owned());
    }
    let arrow = site.found().kind == TokenKind::Less && site.next().kind == TokenKind::Minus;
    (arrow && Site::adjoin(site.found(), site.next()) && !site.labels.has(Label::Comparison))
        .then(|| "write `let name = …` to name a part".to_owned())
}

/// `=` where a comparison or a part of an expression should be.
fn equality(site: &Site<'_>) -> Option<String> {
    let found = site.found().kind;
    if found == TokenKind::Equal && site.labels.has(Label::Assign) {
        return Some("write `=` to give a value".to_owned());
    }
    if found == TokenKind::Colon && site.labels.has(Label::Assign) {
        return Some("write `=` to give a value".to_owned());
    }
    let compared = site.labels.has(Label::Comparison) || !site.open_brackets().is_empty();
    (found == TokenKind::Assign && compared && site.labels.has(Label::Operator))
        .then(|| "write `==` to compare; there are no named arguments".to_owned())
}

/// A line that begins with an operator.
fn broken_line(site: &Site<'_>) -> Option<String> {
    let begins = site.labels.has(Label::Statement) && site.found().kind.continues();
    let text = site.found_text();
    (begins && site.previous_kind() == Some(TokenKind::Newline)).then(|| {
        format!(
            "a newline ended the statement before: write `{text}` at the end of that line, \
             or put the whole in parentheses"
        )
    })
}

/// `a < b` outside of a condition.
fn stray_comparison(site: &Site<'_>) -> Option<String> {
    let stray = is_comparison(site.found().kind)
        && site.labels.has(Label::Operator)
        && !site.labels.has(Label::Comparison);
    stray.then(|| {
        "a comparison stands in a condition, `if(a < b, then, otherwise)`, \
         or in a declaration, `param a > 0`"
            .to_owned()
    })
}

/// `if(a, b, c)`
fn missing_condition(site: &Site<'_>) -> Option<String> {
    let missing = site.labels.has(Label::Comparison)
        && matches!(site.found().kind, TokenKind::Comma | TokenKind::CloseParen);
    missing.then(|| "a number is no condition: compare it, as in `a != 0`".to_owned())
}

/// `let in = 3`
fn reserved_name(site: &Site<'_>) -> Option<String> {
    let taken = site.labels.has(Label::Name) && site.found().kind.is_reserved();
    let text = site.found_text();
    taken.then(|| format!("`{text}` is reserved; a column of that name is written `` `{text}` ``"))
}

/// `if a < b then c`
fn bare_if(site: &Site<'_>) -> Option<String> {
    let previous = site.previous()?;
    let bare = previous.kind == TokenKind::Name && site.spelling(previous) == "if";
    bare.then(|| "a choice is written `if(condition, then, otherwise)`".to_owned())
}

/// `let a = 1 logp = -x^2`
fn second_statement(site: &Site<'_>) -> Option<String> {
    let text = site.found_text();
    let word = site.found().kind == TokenKind::Name && STATEMENT_WORDS.contains(&text);
    let heads = is_name(site.next().kind) || site.next().kind == TokenKind::Assign;
    (word && heads && site.labels.has(Label::Separator))
        .then(|| format!("a statement ends with its line: put `;` or a new line before `{text}`"))
}

/// A bracket that nobody closes swallows the lines behind it.
fn open_bracket(site: &Site<'_>) -> Option<String> {
    let open = site.open_brackets();
    let unclosed = open.iter().rev().find(|opener| site.token(**opener).closer.is_none())?;
    let opener = site.token(*unclosed);
    let (text, line) = (site.spelling(opener), site.line_of(opener));
    let swallowed = site.found().kind == TokenKind::End || site.line_of(site.found()) > line;
    swallowed.then(|| format!("the `{text}` in line {line} is not closed"))
}

/// `(a + b))`
fn extra_closer(site: &Site<'_>) -> Option<String> {
    use TokenKind::{CloseBrace, CloseBracket, CloseParen};
    let closes = matches!(site.found().kind, CloseParen | CloseBracket | CloseBrace);
    let text = site.found_text();
    (closes && site.open_brackets().is_empty()).then(|| format!("no bracket is open for `{text}`"))
}

/// `2x`, `2σ²`, `(a)(b)`
fn missing_product(site: &Site<'_>) -> Option<String> {
    let (previous, found) = (site.previous()?, site.found());
    let starts = is_name(found.kind)
        || matches!(found.kind, TokenKind::Number | TokenKind::Pi | TokenKind::OpenParen);
    if !starts || !site.labels.has(Label::Operator) {
        return None;
    }
    let left = match previous.kind {
        TokenKind::CloseParen => "(…)",
        _ => site.spelling(previous),
    };
    let right = match site.next() {
        _ if found.kind == TokenKind::OpenParen => "(…)".to_owned(),
        power if power.kind == TokenKind::Superscript && Site::adjoin(found, power) => {
            format!("{}{}", site.spelling(found), site.spelling(power))
        }
        _ => site.spelling(found).to_owned(),
    };
    Some(format!("a product needs its operator: `{left}*{right}`"))
}
