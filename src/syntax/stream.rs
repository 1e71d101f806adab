//! The parser's input and its failures, with the few combinators that nom lacks for them.
//!
//! Every rule is chosen by its first tokens, without backtracking, so parsing is linear.
//! The first tokens of an absent optional part are kept as *hints* until a token is
//! taken: so a failure lists all tokens that would have been accepted in its place.

use nom::error::{ErrorKind as NomKind, ParseError};
use nom::{Err, IResult, Parser};

use super::NESTING_MAX;
use super::lex::{Token, TokenKind};

/// The result of a rule.
pub(super) type Parsed<'a, T> = IResult<Tokens<'a>, T, Failure>;

/// A text and all its tokens, of which the last is the end token.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tokens.
    pub tokens: &'a [Token],
}

/// The remaining tokens. Small, since every frame of the recursion has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'a> {
    context: &'a Context<'a>,
    position: u32,
    depth: u32,
    hints: Labels,
}

impl<'a> Tokens<'a> {
    /// All tokens of a text.
    pub fn new(context: &'a Context<'a>) -> Self {
        Self { context, position: 0, depth: 0, hints: Labels::NONE }
    }

    /// The next token.
    pub fn next(&self) -> Token {
        self.ahead(0)
    }

    /// The token at a distance; beyond the last one, the end token.
    pub fn ahead(&self, distance: usize) -> Token {
        let all = self.context.tokens;
        all[(self.position as usize + distance).min(all.len() - 1)]
    }

    /// The distance of the closer of the bracket at `distance`.
    pub fn closer(&self, distance: usize) -> Option<usize> {
        self.ahead(distance).closer.map(|closer| (closer.get() - self.position) as usize)
    }

    /// The text of a token.
    pub fn spelling(&self, token: Token) -> &'a str {
        &self.context.text[token.span.start as usize..token.span.end as usize]
    }

    /// Whether the next token is this word; a name in backquotes never is.
    pub fn at_word(&self, word: &str) -> bool {
        self.next().kind == TokenKind::Name && self.spelling(self.next()) == word
    }

    /// The tokens after the next one.
    pub fn advance(self) -> Self {
        Self { position: self.position + 1, hints: Labels::NONE, ..self }
    }

    /// The last token that was taken between here and `rest`.
    pub fn last_before(&self, rest: Self) -> Token {
        self.context.tokens[rest.position.max(self.position + 1) as usize - 1]
    }

    /// Fails here: one of `labels` or of the hints was expected.
    pub fn expected<T>(self, labels: Labels) -> Parsed<'a, T> {
        Err(Err::Error(self.failure(Reason::Expected(self.hints.with(labels)))))
    }

    /// Fails here, without trying alternatives.
    pub fn refuse<T>(self, reason: Reason) -> Parsed<'a, T> {
        Err(Err::Failure(self.failure(reason)))
    }

    fn failure(self, reason: Reason) -> Failure {
        Failure { position: self.position, reason }
    }
}

/// A failure at a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure {
    /// The position of the token.
    pub position: u32,
    /// What is wrong with it.
    pub reason: Reason,
}

/// Why a rule fails.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reason {
    /// One of these was expected.
    Expected(Labels),
    /// Nested deeper than [`NESTING_MAX`].
    TooDeep,
    /// `a < b < c`
    ChainedComparison,
    /// A superscript beyond the integers.
    SuperscriptTooLarge,
}

impl<'a> ParseError<Tokens<'a>> for Failure {
    fn from_error_kind(input: Tokens<'a>, _: NomKind) -> Self {
        input.failure(Reason::Expected(input.hints))
    }

    fn append(_: Tokens<'a>, _: NomKind, other: Self) -> Self {
        other
    }

    /// The furthest failure wins; at one place the expectations add up.
    fn or(self, other: Self) -> Self {
        match (self.reason, other.reason) {
            (Reason::Expected(a), Reason::Expected(b)) if self.position == other.position => {
                Self { reason: Reason::Expected(a.with(b)), ..self }
            }
            _ if other.position > self.position => other,
            _ => self,
        }
    }
}

/// An item that a message can call expected, in the order in which messages list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Number,
    Name,
    Statement,
    Operator,
    Comparison,
    And,
    Or,
    OpenParen,
    OpenBracket,
    OpenBrace,
    Constraint,
    Surface,
    Init,
    With,
    Gradient,
    In,
    Assign,
    Colon,
    Star,
    Comma,
    Semicolon,
    CloseParen,
    CloseBracket,
    CloseBrace,
    Separator,
}

impl Label {
    const ALL: [Self; 25] = [
        Self::Number,
        Self::Name,
        Self::Statement,
        Self::Operator,
        Self::Comparison,
        Self::And,
        Self::Or,
        Self::OpenParen,
        Self::OpenBracket,
        Self::OpenBrace,
        Self::Constraint,
        Self::Surface,
        Self::Init,
        Self::With,
        Self::Gradient,
        Self::In,
        Self::Assign,
        Self::Colon,
        Self::Star,
        Self::Comma,
        Self::Semicolon,
        Self::CloseParen,
        Self::CloseBracket,
        Self::CloseBrace,
        Self::Separator,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Name => "a name",
            Self::Statement => "a statement",
            Self::Operator => "an operator",
            Self::Comparison => "a comparison",
            Self::And => "`and`",
            Self::Or => "`or`",
            Self::OpenParen => "`(`",
            Self::OpenBracket => "`[`",
            Self::OpenBrace => "`{`",
            Self::Constraint => "a constraint",
            Self::Surface => "`sphere`, `simplex` or `circle`",
            Self::Init => "`init`",
            Self::With => "`with`",
            Self::Gradient => "`gradient`",
            Self::In => "`in`",
            Self::Assign => "`=`",
            Self::Colon => "`:`",
            Self::Star => "`*`",
            Self::Comma => "`,`",
            Self::Semicolon => "`;`",
            Self::CloseParen => "`)`",
            Self::CloseBracket => "`]`",
            Self::CloseBrace => "`}`",
            Self::Separator => "the end of the statement",
        }
    }
}

/// A set of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Labels(u32);

impl Labels {
    /// The empty set, which messages do not mention.
    pub const NONE: Self = Self(0);

    /// The labels of `list`.
    pub const fn of(list: &[Label]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < list.len() {
            bits |= 1 << list[i] as u32;
            i += 1;
        }
        Self(bits)
    }

    /// The union of both sets.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the label is in the set.
    pub fn has(self, label: Label) -> bool {
        self.0 >> label as u32 & 1 == 1
    }

    /// The labels as messages name them.
    pub fn words(self) -> Vec<&'static str> {
        Label::ALL.into_iter().filter(|label| self.has(*label)).map(Label::words).collect()
    }
}

/// Takes a token of this kind; `labels` are its names in messages.
pub(super) fn token<'a>(
    kind: TokenKind,
    labels: Labels,
) -> impl Fn(Tokens<'a>) -> Parsed<'a, Token> {
    move |input| {
        let token = input.next();
        if token.kind == kind { Ok((input.advance(), token)) } else { input.expected(labels) }
    }
}

/// Takes a token of this kind, which has one label.
pub(super) fn symbol<'a>(
    kind: TokenKind,
    label: Label,
) -> impl Fn(Tokens<'a>) -> Parsed<'a, Token> {
    token(kind, Labels::of(&[label]))
}

/// Takes a word that is a keyword only in this place.
pub(super) fn word<'a>(
    word: &'static str,
    label: Label,
) -> impl Fn(Tokens<'a>) -> Parsed<'a, Token> {
    move |input| match input.at_word(word) {
        true => Ok((input.advance(), input.next())),
        false => input.expected(Labels::of(&[label])),
    }
}

/// The part if present; if absent, its expected first tokens become hints.
pub(super) fn optional<'a, T>(
    mut part: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl FnMut(Tokens<'a>) -> Parsed<'a, Option<T>> {
    move |input| match part.parse(input) {
        Ok((rest, value)) => Ok((rest, Some(value))),
        Err(Err::Error(failure)) if failure.position == input.position => {
            Ok((hinted(input, failure), None))
        }
        Err(error) => Err(error),
    }
}

/// The part as often as it occurs, with hints as in [`optional`].
pub(super) fn repeated<'a, T>(
    part: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl FnMut(Tokens<'a>) -> Parsed<'a, Vec<T>> {
    let mut part = optional(part);
    move |mut input| {
        let mut values = Vec::new();
        loop {
            let (rest, value) = part(input)?;
            input = rest;
            match value {
                Some(value) => values.push(value),
                None => return Ok((input, values)),
            }
        }
    }
}

fn hinted(input: Tokens<'_>, failure: Failure) -> Tokens<'_> {
    match failure.reason {
        Reason::Expected(labels) => Tokens { hints: input.hints.with(labels), ..input },
        Reason::TooDeep | Reason::ChainedComparison | Reason::SuperscriptTooLarge => input,
    }
}

/// The part with `levels` more levels of nesting around it.
pub(super) fn nested<'a, T>(
    levels: u32,
    mut part: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl FnMut(Tokens<'a>) -> Parsed<'a, T> {
    move |input| {
        let depth = input.depth + levels;
        if depth as usize > NESTING_MAX {
            return input.refuse(Reason::TooDeep);
        }
        let (rest, value) = part.parse(Tokens { depth, ..input })?;
        Ok((Tokens { depth: input.depth, ..rest }, value))
    }
}
