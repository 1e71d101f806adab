//! The rules of statements and declarations.

use nom::Err;
use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, value};
use nom::sequence::{pair, preceded, terminated};

use super::expression::{expression, leaf, list, name};
use super::lex::{Token, TokenKind};
use super::stream::{
    Label, Labels, Parsed, Tokens, nested, optional, repeated, symbol, token, word,
};
use super::{
    Constraint, ConstraintKind, Declaration, Declarator, Expr, ExprKind, Extent, Manifold, Name,
    Relation, Statement, StatementKind,
};

/// `[stmt {sep stmt}]`, where blank lines and doubled separators do not matter.
pub(super) fn statements(input: Tokens<'_>) -> Parsed<'_, Vec<Statement>> {
    let mut input = skip_separators(input);
    let mut statements = Vec::new();
    while input.next().kind != TokenKind::End {
        let (rest, next) = statement(input)?;
        statements.push(next);
        let end = token(TokenKind::End, Labels::of(&[Label::Separator]));
        let (rest, _) = alt((separator, end)).parse(rest)?;
        input = skip_separators(rest);
    }
    Ok((input, statements))
}

fn skip_separators(mut input: Tokens<'_>) -> Tokens<'_> {
    while let Ok((rest, _)) = separator(input) {
        input = rest;
    }
    input
}

fn separator(input: Tokens<'_>) -> Parsed<'_, Token> {
    let labels = Labels::of(&[Label::Separator]);
    let (rest, token) =
        alt((token(TokenKind::Newline, labels), token(TokenKind::Semicolon, labels)))
            .parse(input)?;
    Ok((rest, token))
}

fn statement(input: Tokens<'_>) -> Parsed<'_, Statement> {
    let start = input.next().span;
    let (rest, kind) = match head(input) {
        Some(rule) => cut(rule).parse(input.advance())?,
        None => bare(input)?,
    };
    let span = start.to(input.last_before(rest).span);
    Ok((rest, Statement { kind, span }))
}

/// A bare expression; where none begins, the message is about statements instead of operands.
fn bare(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    match expression(input) {
        Ok((rest, value)) => Ok((rest, StatementKind::Bare(value))),
        Err(Err::Error(_)) => input.expected(Labels::of(&[Label::Statement])),
        Err(error) => Err(error),
    }
}

type Rule = for<'a> fn(Tokens<'a>) -> Parsed<'a, StatementKind>;

/// The rule of a statement word, if the next token is one in a place where it is a keyword.
fn head(input: Tokens<'_>) -> Option<Rule> {
    let next = input.next();
    if next.kind != TokenKind::Name {
        return None;
    }
    let named = begins_word_or_number(input.ahead(1).kind);
    let assigned = input.ahead(1).kind == TokenKind::Assign;
    match input.spelling(next) {
        "data" if named => Some(data),
        "covariate" if named => Some(covariate),
        "param" if named => Some(param),
        "const" if named => Some(constant),
        "let" if named => Some(binding),
        "def" if named => Some(definition),
        "weight" if named || assigned => Some(weight),
        "logp" if assigned => Some(log_density),
        "energy" if assigned => Some(energy),
        _ => None,
    }
}

/// Whether the next token is a statement word in a place where it is a keyword.
pub(super) fn begins_statement(input: Tokens<'_>) -> bool {
    head(input).is_some()
}

/// Whether a token begins a name, a reserved word or a number. None of these can follow an expression,
/// so a statement word before one is a keyword: where it is no name, the message is about the missing
/// name.
fn begins_word_or_number(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Name | TokenKind::Quoted | TokenKind::Number) || kind.is_reserved()
}

fn data(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    declarations(input, Declarator::Data)
}

fn covariate(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    declarations(input, Declarator::Covariate)
}

fn param(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    declarations(input, Declarator::Param)
}

fn declarations(input: Tokens<'_>, declarator: Declarator) -> Parsed<'_, StatementKind> {
    let declarations = list(declaration, TokenKind::Comma, Label::Comma);
    map(declarations, |list| StatementKind::Declare(declarator, list)).parse(input)
}

/// `NAME "=" expr`
fn assignment(input: Tokens<'_>) -> Parsed<'_, (Name, Expr)> {
    pair(name, assigned).parse(input)
}

/// `"=" expr`
fn assigned(input: Tokens<'_>) -> Parsed<'_, Expr> {
    preceded(symbol(TokenKind::Assign, Label::Assign), cut(expression)).parse(input)
}

fn constant(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    map(assignment, |(name, value)| StatementKind::Const(name, value)).parse(input)
}

fn binding(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    map(assignment, |(name, value)| StatementKind::Let(name, value)).parse(input)
}

/// `NAME "(" NAME {"," NAME} ")" "=" expr`
fn definition(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    let open = symbol(TokenKind::OpenParen, Label::OpenParen);
    let close = symbol(TokenKind::CloseParen, Label::CloseParen);
    let parameters = terminated(list(name, TokenKind::Comma, Label::Comma), close);
    let parts = (name, preceded(open, parameters), assigned);
    map(parts, |(name, parameters, body)| StatementKind::Def { name, parameters, body })
        .parse(input)
}

fn weight(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    let with = pair(word("with", Label::With), cut(word("gradient", Label::Gradient)));
    let parts = (optional(name), assigned, optional(preceded(with, cut(expression))));
    map(parts, |(target, value, gradient)| StatementKind::Weight { target, value, gradient })
        .parse(input)
}

fn log_density(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    map(assigned, StatementKind::LogDensity).parse(input)
}

fn energy(input: Tokens<'_>) -> Parsed<'_, StatementKind> {
    map(assigned, StatementKind::Energy).parse(input)
}

/// `NAME ["[" extent ["," extent] "]"] [constraint] ["init" expr]`
fn declaration(input: Tokens<'_>) -> Parsed<'_, Declaration> {
    let init = preceded(word("init", Label::Init), cut(expression));
    let mut parts = (name, optional(shape), optional(constraint), optional(init));
    let (rest, (name, shape, constraint, init)) = parts.parse(input)?;
    let span = name.span.to(input.last_before(rest).span);
    Ok((rest, Declaration { name, shape: shape.unwrap_or_default(), constraint, init, span }))
}

fn shape(input: Tokens<'_>) -> Parsed<'_, Vec<Extent>> {
    let open = symbol(TokenKind::OpenBracket, Label::OpenBracket);
    let close = symbol(TokenKind::CloseBracket, Label::CloseBracket);
    let second = preceded(symbol(TokenKind::Comma, Label::Comma), cut(extent));
    let extents = nested(1, terminated(pair(extent, optional(second)), close));
    map(preceded(open, cut(extents)), |(first, second)| {
        std::iter::once(first).chain(second).collect()
    })
    .parse(input)
}

/// `expr | "*"`
fn extent(input: Tokens<'_>) -> Parsed<'_, Extent> {
    let columns = map(symbol(TokenKind::Star, Label::Star), |star| Extent::Columns(star.span));
    alt((columns, map(expression, Extent::Size))).parse(input)
}

fn constraint(input: Tokens<'_>) -> Parsed<'_, Constraint> {
    let (rest, kind) = alt((bound, member, on, property)).parse(input)?;
    let span = input.next().span.to(input.last_before(rest).span);
    Ok((rest, Constraint { kind, span }))
}

/// `(">"|">="|"<"|"<=") expr`
fn bound(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    let labels = Labels::of(&[Label::Constraint]);
    let relation = alt((
        value(Relation::Greater, token(TokenKind::Greater, labels)),
        value(Relation::GreaterEqual, token(TokenKind::GreaterEqual, labels)),
        value(Relation::Less, token(TokenKind::Less, labels)),
        value(Relation::LessEqual, token(TokenKind::LessEqual, labels)),
    ));
    map(pair(relation, cut(expression)), |(relation, end)| ConstraintKind::Bound(relation, end))
        .parse(input)
}

/// `"in" interval | "in" set | "in" whole ":" whole`
fn member(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    let set = cut(alt((set, interval, range)));
    preceded(symbol(TokenKind::In, Label::Constraint), set).parse(input)
}

/// `"{" expr "," row "}"`
fn set(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    let open = symbol(TokenKind::OpenBrace, Label::OpenBrace);
    let close = symbol(TokenKind::CloseBrace, Label::CloseBrace);
    let comma = symbol(TokenKind::Comma, Label::Comma);
    let others = nested(1, repeated(preceded(comma, cut(expression))));
    let entries = preceded(open, cut(terminated(pair(ends, others), close)));
    map(entries, |((first, second), others)| {
        ConstraintKind::Set([vec![first, second], others].concat())
    })
    .parse(input)
}

/// `("("|"[") expr "," expr (")"|"]")`
fn interval(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    let opener = alt((
        value(false, symbol(TokenKind::OpenParen, Label::OpenParen)),
        value(true, symbol(TokenKind::OpenBracket, Label::OpenBracket)),
    ));
    let closer = alt((
        value(false, symbol(TokenKind::CloseParen, Label::CloseParen)),
        value(true, symbol(TokenKind::CloseBracket, Label::CloseBracket)),
    ));
    map((opener, cut(ends), cut(closer)), |(low_closed, (low, high), high_closed)| {
        ConstraintKind::Interval { low, high, low_closed, high_closed }
    })
    .parse(input)
}

/// `whole ":" whole`
fn range(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    // Without a colon this may be an interval without its bracket, which the message then expects.
    let end = 1 + usize::from(input.next().kind == TokenKind::Minus);
    if input.ahead(end).kind != TokenKind::Colon {
        return input.expected(Labels::NONE);
    }
    let colon = symbol(TokenKind::Colon, Label::Colon);
    map(pair(whole, preceded(cut(colon), cut(whole))), |(first, last)| {
        ConstraintKind::Range(first, last)
    })
    .parse(input)
}

/// `["-"] (NUMBER | NAME)`
fn whole(input: Tokens<'_>) -> Parsed<'_, Expr> {
    let minus = input.next();
    if minus.kind != TokenKind::Minus {
        return leaf_of_range(input);
    }
    let (rest, inner) = leaf_of_range(input.advance())?;
    let span = minus.span.to(inner.span);
    Ok((rest, Expr { kind: ExprKind::Negate(Box::new(inner)), span }))
}

fn leaf_of_range(input: Tokens<'_>) -> Parsed<'_, Expr> {
    if input.next().kind == TokenKind::Number {
        return leaf(input, ExprKind::Number(input.spelling(input.next()).to_owned()));
    }
    map(name, |name| Expr { kind: ExprKind::Name(name.text), span: name.span }).parse(input)
}

/// `expr "," expr`
fn ends(input: Tokens<'_>) -> Parsed<'_, (Expr, Expr)> {
    let comma = symbol(TokenKind::Comma, Label::Comma);
    nested(1, pair(expression, preceded(comma, cut(expression)))).parse(input)
}

/// `"on" ("sphere"|"simplex"|"circle")`
fn on(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    let manifold = alt((
        value(Manifold::Sphere, word("sphere", Label::Surface)),
        value(Manifold::Simplex, word("simplex", Label::Surface)),
        value(Manifold::Circle, word("circle", Label::Surface)),
    ));
    map(preceded(word("on", Label::Constraint), cut(manifold)), ConstraintKind::On).parse(input)
}

fn property(input: Tokens<'_>) -> Parsed<'_, ConstraintKind> {
    alt((
        value(ConstraintKind::Symmetric, word("symmetric", Label::Constraint)),
        value(ConstraintKind::Posdef, word("posdef", Label::Constraint)),
        value(ConstraintKind::Simplex, word("simplex", Label::Constraint)),
        value(ConstraintKind::Ordered, word("ordered", Label::Constraint)),
    ))
    .parse(input)
}
