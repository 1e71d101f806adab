//! The tokens around a failure, as the guesses read them.

use super::super::lex::{Token, TokenKind};
use super::super::stream::{Context, Labels};

/// The longest piece of the text that a help line repeats, in bytes.
const PIECE_MAX: usize = 40;
/// Replaces a longer piece.
const ELLIPSIS: &str = "…";

/// The place of a failure among the tokens.
pub(super) struct Site<'a> {
    pub context: &'a Context<'a>,
    pub position: usize,
    /// What is accepted at the place.
    pub labels: Labels,
}

impl<'a> Site<'a> {
    /// The token at a position; beyond the last one, the end token.
    pub fn token(&self, position: usize) -> Token {
        self.context.tokens[position.min(self.context.tokens.len() - 1)]
    }

    pub fn kind(&self, position: usize) -> TokenKind {
        self.token(position).kind
    }

    pub fn found(&self) -> Token {
        self.token(self.position)
    }

    pub fn next(&self) -> Token {
        self.token(self.position + 1)
    }

    pub fn previous(&self) -> Option<Token> {
        self.before(1)
    }

    pub fn previous_kind(&self) -> Option<TokenKind> {
        self.previous().map(|token| token.kind)
    }

    /// The token `distance` places before the failure.
    pub fn before(&self, distance: usize) -> Option<Token> {
        self.position.checked_sub(distance).map(|position| self.token(position))
    }

    /// The text of a token; [`ELLIPSIS`] for a long one.
    pub fn spelling(&self, token: Token) -> &'a str {
        let text = &self.context.text[token.span.start as usize..token.span.end as usize];
        if text.len() > PIECE_MAX { ELLIPSIS } else { text }
    }

    pub fn found_text(&self) -> &'a str {
        self.spelling(self.found())
    }

    pub fn next_text(&self) -> &'a str {
        self.spelling(self.next())
    }

    /// The text from one token to another, both included; [`ELLIPSIS`] where it does not fit into
    /// backquotes on one line.
    pub fn stretch(&self, first: usize, last: usize) -> &'a str {
        let (start, end) = (self.token(first).span.start, self.token(last).span.end);
        let text = &self.context.text[start as usize..end as usize];
        if text.len() > PIECE_MAX || text.contains(['\n', '#', '`']) { ELLIPSIS } else { text }
    }

    /// Whether two tokens touch.
    pub fn adjoin(left: Token, right: Token) -> bool {
        left.span.end == right.span.start
    }

    /// Whether the token before the failure is of this kind and touches the found one.
    pub fn touches(&self, kind: TokenKind) -> bool {
        self.previous().is_some_and(|token| token.kind == kind && Self::adjoin(token, self.found()))
    }

    /// Whether the token after the found one is spelled `text` and touches it.
    pub fn followed_by(&self, text: &str) -> bool {
        Self::adjoin(self.found(), self.next()) && self.next_text() == text
    }

    /// The positions of the brackets that are open at the failure, outermost first.
    pub fn open_brackets(&self) -> Vec<usize> {
        let mut open = Vec::new();
        for position in 0..self.position {
            if is_opener(self.kind(position)) {
                open.push(position);
            } else if is_closer(self.kind(position)) {
                open.pop();
            }
        }
        open
    }

    /// The innermost bracket that is open.
    pub fn innermost(&self) -> Option<usize> {
        self.open_brackets().pop()
    }

    /// The function in whose arguments the failure is; `None` outside of calls.
    pub fn callee(&self) -> Option<&'a str> {
        let opener = self.innermost()?;
        let name = self.token(opener.checked_sub(1)?);
        let calls = self.kind(opener) == TokenKind::OpenParen && is_name(name.kind);
        calls.then(|| self.spelling(name))
    }

    /// The position of the first token of the statement that contains the failure.
    pub fn head(&self) -> usize {
        let from = self.open_brackets().first().copied().unwrap_or(self.position);
        let separates = |kind| matches!(kind, TokenKind::Newline | TokenKind::Semicolon);
        (0..from).rev().find(|&at| separates(self.kind(at))).map_or(0, |at| at + 1)
    }

    /// The last token of the operand that begins at `start`: a name, a number, a group or a call, with
    /// its postfix operators.
    fn operand_end(&self, start: usize) -> usize {
        let called = is_name(self.kind(start)) && self.kind(start + 1) == TokenKind::OpenParen;
        let mut end = start + usize::from(called);
        end = self.closer(end).unwrap_or(end);
        loop {
            let next = self.token(end + 1);
            let follows = Self::adjoin(self.token(end), next);
            end = match next.kind {
                TokenKind::Prime | TokenKind::Superscript if follows => end + 1,
                TokenKind::OpenBracket if follows => match self.closer(end + 1) {
                    Some(closer) => closer,
                    None => return end,
                },
                _ => return end,
            };
        }
    }

    fn closer(&self, opener: usize) -> Option<usize> {
        self.token(opener).closer.map(|closer| closer.get() as usize)
    }

    /// The first token of the operand that ends at `end`.
    fn operand_start(&self, end: usize) -> usize {
        let mut start = end;
        loop {
            match self.kind(start) {
                TokenKind::Prime | TokenKind::Superscript if start > 0 => start -= 1,
                kind if is_closer(kind) => {
                    let opens = |at: &usize| self.closer(*at) == Some(start);
                    let Some(opener) = (0..start).rev().find(opens) else { return start };
                    let before = opener.checked_sub(1).map(|at| (at, self.kind(at)));
                    match (self.kind(opener), before) {
                        (TokenKind::OpenParen, Some((at, kind))) if is_name(kind) => return at,
                        (TokenKind::OpenBracket, Some((at, kind)))
                            if is_name(kind) || is_closer(kind) =>
                        {
                            start = at;
                        }
                        _ => return opener,
                    }
                }
                _ => return start,
            }
        }
    }

    /// The text of the operand that begins at a token.
    pub fn operand_at(&self, start: usize) -> &'a str {
        let opens = self.kind(start) == TokenKind::OpenParen;
        match self.stretch(start, self.operand_end(start)) {
            ELLIPSIS if opens => "(…)",
            text => text,
        }
    }

    /// The text of the operand that ends before a token.
    pub fn operand_before(&self, position: usize) -> &'a str {
        let Some(end) = position.checked_sub(1) else { return ELLIPSIS };
        let closes = self.kind(end) == TokenKind::CloseParen;
        match self.stretch(self.operand_start(end), end) {
            ELLIPSIS if closes => "(…)",
            text => text,
        }
    }

    /// The text between the bracket at a token and its closer.
    pub fn inside(&self, opener: usize) -> &'a str {
        match self.closer(opener) {
            Some(closer) if closer > opener + 1 => self.stretch(opener + 1, closer - 1),
            _ => ELLIPSIS,
        }
    }

    pub fn line_of(&self, token: Token) -> usize {
        self.context.text[..token.span.start as usize].matches('\n').count() + 1
    }
}

pub(super) fn is_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Name | TokenKind::Quoted)
}

pub(super) fn is_opener(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace)
}

pub(super) fn is_closer(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace)
}

pub(super) fn is_comparison(kind: TokenKind) -> bool {
    use TokenKind::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    matches!(kind, Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual)
}
