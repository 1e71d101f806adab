//! The rules of expressions and conditions.
//!
//! One function for each rule, in the order of the grammar. Tokens of brackets have the positions of
//! their closers, so a rule can look behind a bracket before it parses the inside: no token is
//! parsed twice.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, value};
use nom::sequence::{pair, preceded, terminated};

use super::lex::{TokenKind, name_text, superscript_value};
use super::stream::{
    Failure, Label, Labels, Parsed, Reason, Tokens, nested, optional, repeated, symbol, token,
};
use super::{
    Condition, ConditionKind, Expr, ExprKind, Generator, Index, Name, PowerOperator,
    ProductOperator, Relation, Sign,
};
use crate::source::Span;

/// The name of an operator in messages.
const OPERATOR: Labels = Labels::of(&[Label::Operator]);
/// The tokens that can begin an operand; `-` and `[` are left out of messages for brevity.
const OPERAND: Labels = Labels::of(&[Label::Number, Label::Name, Label::OpenParen]);

/// `term {("+"|"-") term}`
pub(super) fn expression(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let plus = value(Sign::Plus, token(TokenKind::Plus, OPERATOR));
    let minus = value(Sign::Minus, token(TokenKind::Minus, OPERATOR));
    let (input, first) = term(input)?;
    let (input, rest) = repeated(pair(alt((plus, minus)), cut(term))).parse(input)?;
    Ok((input, chain(first, Sign::Plus, rest, ExprKind::Sum)))
}

/// `unary {("*"|"/"|".*"|"./") unary}`
fn term(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let (input, first) = unary(input)?;
    let (input, rest) = repeated(pair(product_operator, cut(unary))).parse(input)?;
    Ok((input, chain(first, ProductOperator::Times, rest, ExprKind::Product)))
}

fn product_operator(input: Tokens<'_>) -> Parsed<'_, ProductOperator> {
    alt((
        value(ProductOperator::Times, token(TokenKind::Star, OPERATOR)),
        value(ProductOperator::Over, token(TokenKind::Slash, OPERATOR)),
        value(ProductOperator::DotTimes, token(TokenKind::DotStar, OPERATOR)),
        value(ProductOperator::DotOver, token(TokenKind::DotSlash, OPERATOR)),
    ))
    .parse(input)
}

/// A chain of one operand is that operand.
fn chain<T>(
    first: Expr,
    leading: T,
    rest: Vec<(T, Expr)>,
    kind: fn(Vec<(T, Expr)>) -> ExprKind,
) -> Expr {
    let Some((_, last)) = rest.last() else { return first };
    let span = first.span.to(last.span);
    let parts = std::iter::once((leading, first)).chain(rest).collect();
    Expr { kind: kind(parts), span }
}

/// `"-" unary | power`
fn unary(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let minus = input.next();
    if minus.kind != TokenKind::Minus {
        return power(input);
    }
    let (input, inner) = nested(1, cut(unary)).parse(input.advance())?;
    let span = minus.span.to(inner.span);
    Ok((input, Expr { kind: ExprKind::Negate(Box::new(inner)), span }))
}

/// `post [("^"|".^") unary]`
///
/// The operators after the operand are counted before it is parsed, since they add to its nesting.
fn power(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let (input, base) = nested(levels_behind(input), postfixed).parse(input)?;
    let plain = value(PowerOperator::Power, token(TokenKind::Caret, OPERATOR));
    let dotted = value(PowerOperator::DotPower, token(TokenKind::DotCaret, OPERATOR));
    let exponent = pair(alt((plain, dotted)), nested(1, cut(unary)));
    let (input, exponent) = optional(exponent).parse(input)?;
    Ok((input, raised(base, exponent)))
}

fn raised(base: Expr, exponent: Option<(PowerOperator, Expr)>) -> Expr {
    let Some((operator, exponent)) = exponent else { return base };
    let span = base.span.to(exponent.span);
    Expr { kind: ExprKind::Power(Box::new(base), operator, Box::new(exponent)), span }
}

/// The number of postfix and power operators after the operand that begins here.
fn levels_behind(input: Tokens<'_>) -> u32 {
    let opens = |at| matches!(input.ahead(at).kind, TokenKind::OpenParen | TokenKind::OpenBracket);
    let is_call = !opens(0) && input.ahead(1).kind == TokenKind::OpenParen;
    let mut at = usize::from(is_call);
    if opens(at) {
        let Some(closer) = input.closer(at) else { return 0 };
        at = closer;
    }
    let mut levels = 0;
    loop {
        at += 1;
        match input.ahead(at).kind {
            TokenKind::Prime | TokenKind::Superscript => {}
            TokenKind::Caret | TokenKind::DotCaret => return levels + 1,
            TokenKind::OpenBracket => match input.closer(at) {
                Some(closer) => at = closer,
                None => return levels + 1,
            },
            _ => return levels,
        }
        levels += 1;
    }
}

/// A postfix operator.
enum Postfix {
    Transpose,
    Superscript(i64),
    Index(Vec<Index>),
}

/// `prim {"'" | SUPERSCRIPT | "[" index ["," index] "]"}`
fn postfixed(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let (input, base) = operand(input)?;
    let (input, postfixes) = repeated(postfix).parse(input)?;
    Ok((input, postfixes.into_iter().fold(base, apply)))
}

fn apply(base: Expr, (postfix, end): (Postfix, Span)) -> Expr {
    let span = base.span.to(end);
    let base = Box::new(base);
    let kind = match postfix {
        Postfix::Transpose => ExprKind::Transpose(base),
        Postfix::Superscript(exponent) => ExprKind::Superscript(base, exponent),
        Postfix::Index(indices) => ExprKind::Index(base, indices),
    };
    Expr { kind, span }
}

fn postfix(input: Tokens<'_>) -> Parsed<'_, (Postfix, Span)> {
    let transpose = map(token(TokenKind::Prime, OPERATOR), |t| (Postfix::Transpose, t.span));
    alt((transpose, superscript, indexing)).parse(input)
}

fn superscript(input: Tokens<'_>) -> Parsed<'_, (Postfix, Span)> {
    let (rest, token) = token(TokenKind::Superscript, OPERATOR).parse(input)?;
    match superscript_value(input.spelling(token)) {
        Some(exponent) => Ok((rest, (Postfix::Superscript(exponent), token.span))),
        None => input.refuse(Reason::SuperscriptTooLarge),
    }
}

fn indexing(input: Tokens<'_>) -> Parsed<'_, (Postfix, Span)> {
    let (input, _) = token(TokenKind::OpenBracket, OPERATOR).parse(input)?;
    let second = preceded(symbol(TokenKind::Comma, Label::Comma), cut(index));
    let (input, (first, second)) = pair(cut(index), optional(second)).parse(input)?;
    let (input, closer) = cut(symbol(TokenKind::CloseBracket, Label::CloseBracket)).parse(input)?;
    let indices = std::iter::once(first).chain(second).collect();
    Ok((input, (Postfix::Index(indices), closer.span)))
}

/// `expr [":" expr] | ":"`
fn index(input: Tokens<'_>) -> Parsed<'_, Index> {
    let colon = || symbol(TokenKind::Colon, Label::Colon);
    let range = pair(expression, optional(preceded(colon(), cut(expression))));
    let range = map(range, |(from, to)| match to {
        Some(to) => Index::Range(from, to),
        None => Index::At(from),
    });
    alt((map(colon(), |token| Index::All(token.span)), range)).parse(input)
}

/// A number, a name, a call, or a bracketed expression.
fn operand(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let called = input.ahead(1).kind == TokenKind::OpenParen;
    match input.next().kind {
        TokenKind::Number => leaf(input, ExprKind::Number(input.spelling(input.next()).to_owned())),
        TokenKind::Pi => leaf(input, ExprKind::Pi),
        TokenKind::Name if called && input.at_word("if") => choice(input),
        TokenKind::Name | TokenKind::Quoted if called => call(input),
        TokenKind::Name | TokenKind::Quoted => {
            leaf(input, ExprKind::Name(name_text(input.spelling(input.next()))))
        }
        TokenKind::OpenParen => group(input),
        TokenKind::OpenBracket => matrix(input),
        _ => input.expected(OPERAND),
    }
}

pub(super) fn leaf(input: Tokens<'_>, kind: ExprKind) -> Parsed<'_, Expr> {
    Ok((input.advance(), Expr { kind, span: input.next().span }))
}

/// A rule between brackets, one nesting level deeper, with the span including the brackets.
fn enclosed<'a, T>(
    opener: TokenKind,
    inside: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
    closer: TokenKind,
    label: Label,
) -> impl FnMut(Tokens<'a>) -> Parsed<'a, (T, Span)> {
    let mut inside = nested(1, cut(inside));
    move |input| {
        let (input, start) = token(opener, OPERAND).parse(input)?;
        let (input, value) = inside.parse(input)?;
        let (input, end) = cut(symbol(closer, label)).parse(input)?;
        Ok((input, (value, start.span.to(end.span))))
    }
}

fn parenthesised<'a, T>(
    inside: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl FnMut(Tokens<'a>) -> Parsed<'a, (T, Span)> {
    enclosed(TokenKind::OpenParen, inside, TokenKind::CloseParen, Label::CloseParen)
}

/// `"(" expr ")"`
fn group(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let (input, (inner, span)) = parenthesised(expression).parse(input)?;
    Ok((input, Expr { kind: ExprKind::Group(Box::new(inner)), span }))
}

/// `"[" row {";" row} "]"`
fn matrix(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let rows = list(
        list(expression, TokenKind::Comma, Label::Comma),
        TokenKind::Semicolon,
        Label::Semicolon,
    );
    let (input, (rows, span)) =
        enclosed(TokenKind::OpenBracket, rows, TokenKind::CloseBracket, Label::CloseBracket)
            .parse(input)?;
    Ok((input, Expr { kind: ExprKind::Matrix(rows), span }))
}

/// One or more items with separators between them.
pub(super) fn list<'a, T>(
    item: impl Fn(Tokens<'a>) -> Parsed<'a, T>,
    separator: TokenKind,
    label: Label,
) -> impl Fn(Tokens<'a>) -> Parsed<'a, Vec<T>> {
    move |input| {
        let (input, first) = item(input)?;
        let more = preceded(symbol(separator, label), cut(&item));
        let (input, rest) = repeated(more).parse(input)?;
        Ok((input, std::iter::once(first).chain(rest).collect()))
    }
}

/// `NAME "(" args ")"`
fn call(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let (input, function) = name(input)?;
    let (input, ((generators, arguments), end)) = parenthesised(arguments).parse(input)?;
    let span = function.span.to(end);
    Ok((input, Expr { kind: ExprKind::Call { function, generators, arguments }, span }))
}

/// `gen {"," gen} "," expr | expr {"," expr}`
fn arguments(input: Tokens<'_>) -> Parsed<'_, (Vec<Generator>, Vec<Expr>)> {
    let comma = || symbol(TokenKind::Comma, Label::Comma);
    if !at_generator(input) {
        let plain = list(expression, TokenKind::Comma, Label::Comma);
        return map(plain, |arguments| (Vec::new(), arguments)).parse(input);
    }
    let generators = repeated(terminated(generator, cut(comma())));
    map(pair(generators, cut(expression)), |(generators, body)| (generators, vec![body]))
        .parse(input)
}

fn at_generator(input: Tokens<'_>) -> bool {
    matches!(input.next().kind, TokenKind::Name | TokenKind::Quoted)
        && input.ahead(1).kind == TokenKind::In
}

/// `NAME "in" expr ":" expr`
fn generator(input: Tokens<'_>) -> Parsed<'_, Generator> {
    if !at_generator(input) {
        return input.expected(Labels::NONE);
    }
    let (input, name) = terminated(name, symbol(TokenKind::In, Label::In)).parse(input)?;
    let (input, from) = cut(expression).parse(input)?;
    let colon = symbol(TokenKind::Colon, Label::Colon);
    let (input, to) = cut(preceded(colon, expression)).parse(input)?;
    Ok((input, Generator { name, from, to }))
}

/// A name, plain or in backquotes.
pub(super) fn name(input: Tokens<'_>) -> Parsed<'_, Name> {
    let labels = Labels::of(&[Label::Name]);
    let (rest, token) =
        alt((token(TokenKind::Name, labels), token(TokenKind::Quoted, labels))).parse(input)?;
    Ok((rest, Name { text: name_text(input.spelling(token)), span: token.span }))
}

/// `"if" "(" cond "," expr "," expr ")"`
fn choice(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let start = input.next().span;
    let comma = || symbol(TokenKind::Comma, Label::Comma);
    let branch = || preceded(comma(), cut(expression));
    let parts = (condition, cut(branch()), cut(branch()));
    let (input, ((condition, then, otherwise), end)) =
        parenthesised(parts).parse(input.advance())?;
    let kind = ExprKind::If(condition, Box::new(then), Box::new(otherwise));
    Ok((input, Expr { kind, span: start.to(end) }))
}

/// `conj {"or" conj}`
fn condition(input: Tokens<'_>) -> Parsed<'_, Box<Condition>> {
    connected(input, conjunction, TokenKind::Or, Label::Or, ConditionKind::Or)
}

/// `neg {"and" neg}`
fn conjunction(input: Tokens<'_>) -> Parsed<'_, Box<Condition>> {
    connected(input, negation, TokenKind::And, Label::And, ConditionKind::And)
}

fn connected<'a>(
    input: Tokens<'a>,
    part: fn(Tokens<'a>) -> Parsed<'a, Box<Condition>>,
    connective: TokenKind,
    label: Label,
    kind: fn(Vec<Condition>) -> ConditionKind,
) -> Parsed<'a, Box<Condition>> {
    let (input, first) = part(input)?;
    let more = preceded(symbol(connective, label), cut(part));
    let (input, rest) = repeated(more).parse(input)?;
    let Some(last) = rest.last() else { return Ok((input, first)) };
    let span = first.span.to(last.span);
    let parts = std::iter::once(first).chain(rest).map(|part| *part).collect();
    Ok((input, Box::new(Condition { kind: kind(parts), span })))
}

/// `"not" neg | expr REL expr | "(" cond ")"`
fn negation(input: Tokens<'_>) -> Parsed<'_, Box<Condition>> {
    match input.next().kind {
        TokenKind::Not => {
            let start = input.next().span;
            let (input, inner) = nested(1, cut(negation)).parse(input.advance())?;
            let span = start.to(inner.span);
            Ok((input, Box::new(Condition { kind: ConditionKind::Not(inner), span })))
        }
        TokenKind::OpenParen if encloses_condition(input) => {
            let (input, (inner, span)) = parenthesised(condition).parse(input)?;
            Ok((input, Box::new(Condition { kind: ConditionKind::Group(inner), span })))
        }
        _ => comparison(input),
    }
}

/// Whether a parenthesis encloses a condition: a connective or the end of the enclosing rule follows
/// it, while an operator follows a parenthesised expression.
fn encloses_condition(input: Tokens<'_>) -> bool {
    let Some(closer) = input.closer(0) else { return false };
    matches!(
        input.ahead(closer + 1).kind,
        TokenKind::And | TokenKind::Or | TokenKind::Comma | TokenKind::CloseParen
    )
}

/// `expr REL expr`
fn comparison(input: Tokens<'_>) -> Parsed<'_, Box<Condition>> {
    let mut parts = (expression, cut(relation), cut(expression));
    let (rest, (left, sign, right)) = parts.parse(input)?;
    if relation(rest).is_ok() {
        return rest.refuse(Reason::ChainedComparison);
    }
    let span = left.span.to(right.span);
    Ok((rest, Box::new(Condition { kind: ConditionKind::Compare(sign, left, right), span })))
}

fn relation(input: Tokens<'_>) -> Parsed<'_, Relation> {
    let relation = match input.next().kind {
        TokenKind::Less => Relation::Less,
        TokenKind::LessEqual => Relation::LessEqual,
        TokenKind::Greater => Relation::Greater,
        TokenKind::GreaterEqual => Relation::GreaterEqual,
        TokenKind::Equal => Relation::Equal,
        TokenKind::NotEqual => Relation::NotEqual,
        _ => return input.expected(Labels::of(&[Label::Comparison])),
    };
    Ok((input.advance(), relation))
}
