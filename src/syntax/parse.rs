//! Text → [`Ast`].

use nom::Err;

use super::lex::{Token, TokenKind, lex};
use super::statement::statements;
use super::stream::{Context, Failure, Reason, Tokens};
use super::{Ast, Error, ErrorKind, SOURCE_MAX, help};
use crate::source::Span;

/// The longest piece of the text that a message repeats, in characters.
const FOUND_MAX: usize = 40;

/// Parses a model.
///
/// # Errors
/// The first syntax error, at the furthest place that any alternative reached.
pub fn parse(text: &str) -> Result<Ast, Error> {
    if text.len() > SOURCE_MAX {
        let kind = ErrorKind::SourceTooLong { length: text.len() };
        return Err(Error { kind, span: Span::default() });
    }
    let tokens = lex(text);
    let context = Context { text, tokens: &tokens };
    match statements(Tokens::new(&context)) {
        Ok((_, statements)) => Ok(Ast { statements }),
        Err(Err::Error(failure) | Err::Failure(failure)) => Err(explain(&context, failure)),
        Err(Err::Incomplete(_)) => unreachable!("the rules work on complete texts"),
    }
}

fn explain(context: &Context<'_>, failure: Failure) -> Error {
    let token = context.tokens[failure.position as usize];
    let kind = match failure.reason {
        Reason::Expected(labels) => ErrorKind::Unexpected {
            expected: labels.words(),
            found: found(context.text, token),
            help: help::suggest(context, failure.position as usize, labels),
        },
        Reason::TooDeep => ErrorKind::NestingTooDeep,
        Reason::ChainedComparison => ErrorKind::ChainedComparison,
        Reason::SuperscriptTooLarge => ErrorKind::SuperscriptTooLarge,
    };
    Error { kind, span: token.span }
}

fn found(text: &str, token: Token) -> String {
    let spelling = &text[token.span.start as usize..token.span.end as usize];
    match token.kind {
        TokenKind::End => "the end of the text".to_owned(),
        TokenKind::Newline => "the end of the line".to_owned(),
        TokenKind::Quoted => shortened(spelling),
        TokenKind::Unknown if spelling == "`" => "a backquote without its partner".to_owned(),
        kind if kind.is_reserved() => format!("the reserved word `{spelling}`"),
        _ => format!("`{}`", shortened(spelling)),
    }
}

/// A piece of the text for a message: not too long, control characters as escapes.
fn shortened(text: &str) -> String {
    let mut visible = String::new();
    for c in text.chars().take(FOUND_MAX) {
        if c.is_control() { visible.extend(c.escape_unicode()) } else { visible.push(c) }
    }
    if text.chars().nth(FOUND_MAX).is_some() {
        visible.push('…');
    }
    visible
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text as the printer writes it.
    fn printed(text: &str) -> String {
        let ast = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let printed = ast.to_string();
        let again = parse(&printed).unwrap_or_else(|error| panic!("{printed:?}: {error}"));
        assert_eq!(again.to_string(), printed);
        printed.trim_end().to_owned()
    }

    fn message(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn every_statement_prints_as_written() {
        let texts = [
            "data x, y > 0, u in (0, 1), v[3], w in [0, inf), b in {0, 1}, z[*]",
            "covariate g in {north, `New York`, 3}, h in 1:12",
            "covariate z[2, d]",
            "param K[3, 3] symmetric, P[3, 3] posdef, w[4] simplex, c[3] ordered, nu > 2 init 5",
            "data m[3] on sphere, p[3] on simplex, a on circle",
            "const d = 3",
            "let r = y - a",
            "def bump(t, c) = exp(-(t - c)^2)",
            "weight y = min(y, 3)^2",
            "weight = y",
            "weight = h with gradient [dx, dy]",
            "logp = -r^2/(2*s2)",
            "energy = x²",
            "-x^2",
        ];
        for text in texts {
            assert_eq!(printed(text), text);
        }
    }

    #[test]
    fn failures_say_what_was_expected() {
        let table = [
            ("logp = *", "expected a number, a name or `(`, found `*`"),
            ("logp = a b", "expected an operator or the end of the statement, found `b`"),
            ("logp = f(a b", "expected an operator, `,` or `)`, found `b`"),
            (
                "param a b",
                "expected `[`, a constraint, `init`, `,` or the end of the statement, found `b`",
            ),
            ("f(x in 1, 2)", "expected an operator or `:`, found `,`"),
            ("* x", "expected a statement, found `*`"),
            ("if(a, b, c)", "expected an operator or a comparison, found `,`"),
            ("let in = 3", "expected a name, found the reserved word `in`"),
            ("(", "expected a number, a name or `(`, found the end of the text"),
        ];
        for (text, expected) in table {
            assert_eq!(message(text), expected);
        }
    }

    #[test]
    fn every_expression_prints_as_written() {
        let texts = [
            "a + b - -c*d/e .* f ./ g",
            "2^-1^x .^ y",
            "x²'³ ⁻¹",
            "x[1][2:n + 1, :]",
            "[a, b; c, d]",
            "sum(i in 1:d, j in i + 1:d, W[i, j])",
            "if((a + b) < c and (a < b or not (not d >= 2)) or x != y, 1, 0)",
            "pi*`pi` + `Sepal.Length` + `if`(1)",
            "data + param + on + init + .5e-3",
        ];
        for text in texts {
            assert_eq!(printed(text), text);
        }
    }
}
