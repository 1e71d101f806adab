//! The parser's input and its failures, with the few combinators that nom lacks for them.
//!
//! Every rule decides by its first tokens and is committed from then on, so parsing is linear.
//! What an optional part could have begun with travels along as a *hint* until a token is
//! taken: a failure then knows all that could have stood in its place.

use nom::error::{ErrorKind as NomKind, ParseError};
use nom::{Err, IResult, Parser};

use super::NESTING_MAX;
use super::lex::{Token, TokenKind};

/// The result of a rule.
pub(super) type Parsed<'a, T> = IResult<Tokens<'a>, T, Failure>;

/// A text and all its tokens, the last one an end.
#[derive(Debug)]
pub(super) struct Context<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tokens.
    pub tokens: &'a [Token],
}

/// The tokens that are left. Small, for it is in every frame of the recursion.
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

    /// A token further on; the end repeats for ever.
    pub fn ahead(&self, distance: usize) -> Token {
        let all = self.context.tokens;
        all[(self.position as usize + distance).min(all.len() - 1)]
    }

    /// How far on the closer of the bracket at `distance` stands.
    pub fn closer(&self, distance: usize) -> Option<usize> {
        self.ahead(distance).closer.map(|closer| (closer.get() - self.position) as usize)
    }

    /// What a token looks like in the text.
    pub fn spelling(&self, token: Token) -> &'a str {
        &self.context.text[token.span.start as usize..token.span.end as usize]
    }

    /// Whether the next token is this word; a name in backquotes never is.
    pub fn at_word(&self, word: &str) -> bool {
        self.next().kind == TokenKind::Name && self.spelling(self.next()) == word
    }

    /// Behind the next token.
    pub fn advance(self) -> Self {
        Self { position: self.position + 1, hints: Labels::NONE, ..self }
    }

    /// The last token that was taken on the way from here to `rest`.
    pub fn last_before(&self, rest: Self) -> Token {
        self.context.tokens[rest.position.max(self.position + 1) as usize - 1]
    }

    /// Fails here: one of `labels`, or of what was optional before, could have stood here.
    pub fn expected<T>(self, labels: Labels) -> Parsed<'a, T> {
        Err(Err::Error(self.failure(Reason::Expected(self.hints.with(labels)))))
    }

    /// Fails here for good.
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
    /// Something else should stand here.
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

/// What can be expected somewhere, in the order in which a message lists it.
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
    /// Nothing that a message would mention.
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

    /// Both sets.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the label is in the set.
    pub fn has(self, label: Label) -> bool {
        self.0 >> label as u32 & 1 == 1
    }

    /// The labels in the user's words.
    pub fn words(self) -> Vec<&'static str> {
        Label::ALL.into_iter().filter(|label| self.has(*label)).map(Label::words).collect()
    }
}

/// Takes a token of this kind; `labels` is what a message calls it.
pub(super) fn token<'a>(
    kind: TokenKind,
    labels: Labels,
) -> impl Fn(Tokens<'a>) -> Parsed<'a, Token> {
    move |input| {
        let token = input.next();
        if token.kind == kind { Ok((input.advance(), token)) } else { input.expected(labels) }
    }
}

/// Takes a token of this kind, which goes by one label.
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

/// The part if it is there; if not, what it could have begun with becomes a hint.
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

/// The part as often as it is there, with hints as in [`optional`].
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
