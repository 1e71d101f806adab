//! Text → tokens: the lexical half of the grammar and its layout rule.
//!
//! Promises: the last token is [`TokenKind::End`]; a [`TokenKind::Newline`] occurs only where a
//! newline ends a statement; an opening bracket has the position of its closer, also of a different
//! shape (intervals mix them). Never fails: text that is no token of the language becomes
//! [`TokenKind::Unknown`], which no rule accepts. Deliberately not known here: statement words.

use std::borrow::Cow;

use nom::IResult;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{anychar, char, digit1, one_of, satisfy};
use nom::combinator::{map, opt, recognize, value};
use nom::sequence::{delimited, pair, preceded};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::source::Span;

/// The superscript digits in order of value.
pub(super) const SUPERSCRIPT_DIGITS: [char; 10] =
    ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
/// The sign of a negative superscript.
pub(super) const SUPERSCRIPT_MINUS: char = '⁻';

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// The kind of the token.
    pub kind: TokenKind,
    /// Its place in the text.
    pub span: Span,
    /// For an opening bracket the position of its closer among the tokens, if it has one.
    pub closer: Option<std::num::NonZeroU32>,
}

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Number,
    /// A plain name, which may be a statement word.
    Name,
    /// A name in backquotes, never a statement word.
    Quoted,
    Superscript,
    And,
    Or,
    Not,
    In,
    Pi,
    Plus,
    Minus,
    Star,
    Slash,
    DotStar,
    DotSlash,
    Caret,
    DotCaret,
    Prime,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    Assign,
    Comma,
    Colon,
    Semicolon,
    Newline,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Unknown,
    End,
}

/// Symbols; a symbol comes before any symbol that is its prefix.
const SYMBOLS: [(&str, TokenKind); 25] = [
    (".*", TokenKind::DotStar),
    ("./", TokenKind::DotSlash),
    (".^", TokenKind::DotCaret),
    ("<=", TokenKind::LessEqual),
    (">=", TokenKind::GreaterEqual),
    ("==", TokenKind::Equal),
    ("!=", TokenKind::NotEqual),
    ("+", TokenKind::Plus),
    ("-", TokenKind::Minus),
    ("*", TokenKind::Star),
    ("/", TokenKind::Slash),
    ("^", TokenKind::Caret),
    ("'", TokenKind::Prime),
    ("<", TokenKind::Less),
    (">", TokenKind::Greater),
    ("=", TokenKind::Assign),
    (",", TokenKind::Comma),
    (":", TokenKind::Colon),
    (";", TokenKind::Semicolon),
    ("(", TokenKind::OpenParen),
    (")", TokenKind::CloseParen),
    ("[", TokenKind::OpenBracket),
    ("]", TokenKind::CloseBracket),
    ("{", TokenKind::OpenBrace),
    ("}", TokenKind::CloseBrace),
];

/// Reserved words.
const RESERVED: [(&str, TokenKind); 5] = [
    ("and", TokenKind::And),
    ("or", TokenKind::Or),
    ("not", TokenKind::Not),
    ("in", TokenKind::In),
    ("pi", TokenKind::Pi),
];

impl TokenKind {
    /// Whether a line that ends in this token goes on in the next line.
    pub(super) fn continues(self) -> bool {
        use TokenKind::*;
        match self {
            Plus | Minus | Star | Slash | DotStar | DotSlash | Caret | DotCaret | Less
            | LessEqual | Greater | GreaterEqual | Equal | NotEqual | Assign | Comma | And | Or => {
                true
            }
            Number | Name | Quoted | Superscript | Not | In | Pi | Prime | Colon | Semicolon
            | Newline | OpenParen | CloseParen | OpenBracket | CloseBracket | OpenBrace
            | CloseBrace | Unknown | End => false,
        }
    }

    /// Whether this is a reserved word.
    pub(super) fn is_reserved(self) -> bool {
        RESERVED.iter().any(|(_, kind)| *kind == self)
    }

    pub(super) fn is_opener(self) -> bool {
        matches!(self, Self::OpenParen | Self::OpenBracket | Self::OpenBrace)
    }

    pub(super) fn is_closer(self) -> bool {
        matches!(self, Self::CloseParen | Self::CloseBracket | Self::CloseBrace)
    }
}

/// Cuts a text into tokens.
pub(super) fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { tokens: Vec::new(), open: Vec::new() };
    let mut rest = text;
    loop {
        rest = skip_blanks(rest);
        let start = text.len() - rest.len();
        let Ok((after, kind)) = lexeme(rest) else { break };
        lexer.push(kind, start, text.len() - after.len());
        rest = after;
    }
    lexer.push_empty(TokenKind::End);
    lexer.tokens
}

/// Whether a newline at the end of the text would not end a statement: a bracket is open, or the
/// last token continues on the next line.
///
/// ```
/// use scorematch::syntax::unfinished;
/// assert!(unfinished("logp = -(x - mu") && unfinished("logp = x +  # and"));
/// assert!(!unfinished("logp = x'") && !unfinished(""));
/// ```
#[must_use]
pub fn unfinished(text: &str) -> bool {
    if text.len() > super::SOURCE_MAX {
        return false;
    }
    let tokens = lex(&format!("{text}\n"));
    // The last token is the end of the text.
    let last = tokens.iter().rev().nth(1);
    last.is_some_and(|last| last.kind != TokenKind::Newline)
}

/// The tokens so far and the positions of the brackets that are open.
struct Lexer {
    tokens: Vec<Token>,
    open: Vec<usize>,
}

impl Lexer {
    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        if kind == TokenKind::Newline {
            return self.newline();
        }
        let position = self.tokens.len();
        if kind.is_opener() {
            self.open.push(position);
        } else if kind.is_closer()
            && let Some(opener) = self.open.pop()
        {
            self.tokens[opener].closer = std::num::NonZeroU32::new(offset(position));
        }
        let span = Span { start: offset(start), end: offset(end) };
        self.tokens.push(Token { kind, span, closer: None });
    }

    /// A newline ends a statement unless a bracket is open or the last token continues the line.
    fn newline(&mut self) {
        let ends = self.tokens.last().is_some_and(|last| !last.kind.continues());
        if ends && self.open.is_empty() {
            self.push_empty(TokenKind::Newline);
        }
    }

    /// Adds an empty token right after the last one, where a message about a missing token should
    /// point.
    fn push_empty(&mut self, kind: TokenKind) {
        let end = self.tokens.last().map_or(0, |last| last.span.end);
        self.tokens.push(Token { kind, span: Span { start: end, end }, closer: None });
    }
}

/// A byte offset or a token position; both are bounded by [`super::SOURCE_MAX`].
fn offset(position: usize) -> u32 {
    u32::try_from(position).expect("a source has at most SOURCE_MAX bytes")
}

/// Spaces and comments. The byte-order mark and the no-break space come with copied text.
fn skip_blanks(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\u{a0}', '\u{feff}']);
        let Some(comment) = rest.strip_prefix('#') else { return rest };
        rest = &comment[comment.find('\n').unwrap_or(comment.len())..];
    }
}

fn lexeme(text: &str) -> IResult<&str, TokenKind> {
    alt((
        value(TokenKind::Newline, char('\n')),
        value(TokenKind::Number, number),
        word,
        symbol,
        value(TokenKind::Superscript, superscript),
        value(TokenKind::Quoted, quoted),
        value(TokenKind::Unknown, anychar),
    ))
    .parse(text)
}

/// A number. A digit must follow the point, so that `2.*x` is `2 .* x`.
fn number(text: &str) -> IResult<&str, &str> {
    let fraction = || preceded(char('.'), digit1);
    let exponent = preceded(one_of("eE"), preceded(opt(one_of("+-")), digit1));
    let mantissa = alt((recognize(pair(digit1, opt(fraction()))), recognize(fraction())));
    recognize(pair(mantissa, opt(exponent))).parse(text)
}

fn word(text: &str) -> IResult<&str, TokenKind> {
    map(plain_name, |name| {
        RESERVED.iter().find(|(word, _)| *word == name).map_or(TokenKind::Name, |(_, kind)| *kind)
    })
    .parse(text)
}

fn plain_name(text: &str) -> IResult<&str, &str> {
    recognize(pair(satisfy(starts_name), take_while(continues_name))).parse(text)
}

fn starts_name(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// Whether a character may continue a name. Superscript digits, numeric in Unicode, are exponents here;
/// combining marks are for letters without a composed form, as in `θ̂`.
fn continues_name(c: char) -> bool {
    c == '_' || (c.is_alphanumeric() && !SUPERSCRIPT_DIGITS.contains(&c)) || is_combining_mark(c)
}

fn symbol(text: &str) -> IResult<&str, TokenKind> {
    match SYMBOLS.iter().find(|(symbol, _)| text.starts_with(symbol)) {
        Some((symbol, kind)) => Ok((&text[symbol.len()..], *kind)),
        None => Err(nom::Err::Error(nom::error::Error::new(text, nom::error::ErrorKind::Tag))),
    }
}

fn superscript(text: &str) -> IResult<&str, &str> {
    let digits = take_while1(|c| SUPERSCRIPT_DIGITS.contains(&c));
    recognize(pair(opt(char(SUPERSCRIPT_MINUS)), digits)).parse(text)
}

fn quoted(text: &str) -> IResult<&str, &str> {
    // U+1FEF becomes a backquote in NFC.
    let inside = take_while1(|c: char| !['`', '\u{1fef}'].contains(&c) && !c.is_control());
    recognize(delimited(char('`'), inside, char('`'))).parse(text)
}

/// The name that a [`TokenKind::Name`] or [`TokenKind::Quoted`] token spells: without
/// backquotes, in NFC, the micro sign folded to the letter.
pub(super) fn name_text(spelling: &str) -> String {
    let bare = spelling.trim_matches('`');
    if bare.is_ascii() {
        return bare.to_owned();
    }
    bare.nfc().map(|c| if c == 'µ' { 'μ' } else { c }).collect()
}

/// The spelling of a name in a text: in backquotes unless it is a plain name.
pub fn name_spelling(name: &str) -> Cow<'_, str> {
    match word(name) {
        Ok(("", TokenKind::Name)) => Cow::Borrowed(name),
        _ => Cow::Owned(format!("`{name}`")),
    }
}

/// The value of a superscript; `None` beyond the 64-bit integers.
pub(super) fn superscript_value(spelling: &str) -> Option<i64> {
    let plain: String = spelling.chars().map(plain_digit).collect();
    plain.parse().ok()
}

fn plain_digit(c: char) -> char {
    let digit = SUPERSCRIPT_DIGITS.iter().position(|d| *d == c);
    digit.map_or('-', |d| char::from(b'0' + u8::try_from(d).expect("there are ten digits")))
}
