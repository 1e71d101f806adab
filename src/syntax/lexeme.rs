//! Classified tokens and comments of a text, for editors that colour and complete lines.
//!
//! Promises: works on any text, also on an incomplete one, and never fails; the lexemes are
//! in order, do not overlap, and only blanks lie between them. Uses the lexer of the parser, so
//! that both agree on tokens. Deliberately not known here: which names exist.

use super::SOURCE_MAX;
use super::lex::{Token, TokenKind, lex};
use super::statement::begins_statement;
use super::stream::{Context, Tokens};
use crate::source::Span;

/// A token or a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    /// Its place in the text.
    pub span: Span,
    /// Its class.
    pub class: Class,
    /// For a bracket, the place of the matching one.
    pub partner: Option<Span>,
}

/// The class of a lexeme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A number, or `pi`.
    Number,
    /// A name, in backquotes or not.
    Name,
    /// A name that is called.
    Function,
    /// A word of the language in a place where it is a keyword.
    Word,
    /// An operator, a relation or `=`.
    Operator,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// `,`, `:` or `;`.
    Separator,
    /// From `#` to the end of the line.
    Comment,
    /// Text that is no token of the language.
    Unknown,
}

/// The words that may follow the name and the shape in a declaration.
pub const DECLARATION_WORDS: [&str; 8] =
    ["init", "on", "sphere", "simplex", "circle", "symmetric", "posdef", "ordered"];

/// Cuts a text into lexemes. A text that is too long to be parsed has none.
#[must_use]
pub fn lexemes(text: &str) -> Vec<Lexeme> {
    if text.len() > SOURCE_MAX {
        return Vec::new();
    }
    let tokens = lex(text);
    let context = Context { text, tokens: &tokens };
    let mut reader = Reader { rest: Tokens::new(&context), open: Vec::new(), declares: false };
    let partners = partners(&tokens);
    let mut lexemes = Vec::new();
    let mut end = 0;
    for (position, token) in tokens.iter().enumerate() {
        lexemes.extend(comments(text, end..token.span.start));
        end = end.max(token.span.end);
        let previous = position.checked_sub(1).map(|before| tokens[before].kind);
        if let Some(class) = reader.class(previous, token.kind) {
            lexemes.push(Lexeme { span: token.span, class, partner: partners[position] });
        }
    }
    let length = u32::try_from(text.len()).expect("a source has at most SOURCE_MAX bytes");
    lexemes.extend(comments(text, end..length));
    lexemes
}

/// For every bracket the place of the matching one; `None` for other tokens.
fn partners(tokens: &[Token]) -> Vec<Option<Span>> {
    let mut partners = vec![None; tokens.len()];
    for (opener, token) in tokens.iter().enumerate() {
        if let Some(closer) = token.closer {
            let closer = closer.get() as usize;
            partners[opener] = Some(tokens[closer].span);
            partners[closer] = Some(token.span);
        }
    }
    partners
}

/// The comments between two tokens; the rest of the text between them is blank.
fn comments(text: &str, gap: std::ops::Range<u32>) -> Vec<Lexeme> {
    let mut found = Vec::new();
    let mut start = gap.start;
    for line in text[gap.start as usize..(gap.end.max(gap.start)) as usize].split_inclusive('\n') {
        let length = |text: &str| u32::try_from(text.len()).expect("a part of a source");
        if let Some(sign) = line.find('#') {
            let comment = line[sign..].trim_end_matches(['\n', '\r']);
            let begin = start + length(&line[..sign]);
            let span = Span { start: begin, end: begin + length(comment) };
            found.push(Lexeme { span, class: Class::Comment, partner: None });
        }
        start += length(line);
    }
    found
}

/// A walk over the tokens with the brackets that are open at the next one.
struct Reader<'a> {
    rest: Tokens<'a>,
    open: Vec<TokenKind>,
    /// Whether the statement declares names.
    declares: bool,
}

impl Reader<'_> {
    /// The class of the next token, which is consumed; `None` for layout.
    fn class(&mut self, previous: Option<TokenKind>, kind: TokenKind) -> Option<Class> {
        let class = self.classify(previous, kind);
        if kind.is_opener() {
            self.open.push(kind);
        } else if kind.is_closer() {
            self.open.pop();
        }
        self.rest = self.rest.advance();
        class
    }

    fn classify(&mut self, previous: Option<TokenKind>, kind: TokenKind) -> Option<Class> {
        use TokenKind::*;
        Some(match kind {
            Number | Pi => Class::Number,
            Name => self.name(previous),
            Quoted => self.called_or(Class::Name),
            And | Or | Not | In => Class::Word,
            Superscript | Plus | Minus | Star | Slash | DotStar | DotSlash | Caret | DotCaret
            | Prime | Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual | Assign => {
                Class::Operator
            }
            Comma | Colon | Semicolon => Class::Separator,
            OpenParen | OpenBracket | OpenBrace => Class::Open,
            CloseParen | CloseBracket | CloseBrace => Class::Close,
            Unknown => Class::Unknown,
            Newline | End => return None,
        })
    }

    fn name(&mut self, previous: Option<TokenKind>) -> Class {
        let separates = |kind| matches!(kind, TokenKind::Newline | TokenKind::Semicolon);
        if self.open.is_empty() && previous.is_none_or(separates) {
            let word = begins_statement(self.rest);
            self.declares = word && self.at_declarator();
            return if word { Class::Word } else { self.called_or(Class::Name) };
        }
        let counts = self.open.is_empty() && self.declares && previous.is_some_and(ends_operand);
        if counts && DECLARATION_WORDS.iter().any(|word| self.rest.at_word(word)) {
            return Class::Word;
        }
        self.called_or(Class::Name)
    }

    fn at_declarator(&self) -> bool {
        ["data", "covariate", "param"].iter().any(|word| self.rest.at_word(word))
    }

    /// A name directly before `(` is a call, anywhere else a variable.
    fn called_or(&self, other: Class) -> Class {
        if self.rest.ahead(1).kind == TokenKind::OpenParen { Class::Function } else { other }
    }
}

/// Whether a token can end an operand, so that no operand can follow it.
fn ends_operand(kind: TokenKind) -> bool {
    use TokenKind::*;
    match kind {
        Number | Name | Quoted | Superscript | Pi | Prime | CloseParen | CloseBracket
        | CloseBrace => true,
        And | Or | Not | In | Plus | Minus | Star | Slash | DotStar | DotSlash | Caret
        | DotCaret | Less | LessEqual | Greater | GreaterEqual | Equal | NotEqual | Assign
        | Comma | Colon | Semicolon | Newline | OpenParen | OpenBracket | OpenBrace | Unknown
        | End => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every lexeme with a letter for its class.
    fn classes(text: &str) -> String {
        let letter = |class| match class {
            Class::Number => 'n',
            Class::Name => 'v',
            Class::Function => 'f',
            Class::Word => 'w',
            Class::Operator => 'o',
            Class::Open => '(',
            Class::Close => ')',
            Class::Separator => ',',
            Class::Comment => '#',
            Class::Unknown => '?',
        };
        lexemes(text).iter().map(|lexeme| letter(lexeme.class)).collect()
    }

    fn spelled(text: &str, class: Class) -> Vec<&str> {
        let found = lexemes(text).into_iter().filter(|lexeme| lexeme.class == class);
        found.map(|lexeme| &text[lexeme.span.start as usize..lexeme.span.end as usize]).collect()
    }

    #[test]
    fn classes_of_lexemes() {
        let table = [
            ("", ""),
            ("-(x - mu)^2/(2*s2)", "o(vov)ono(nov)"),
            ("param a, s2 > 0 init 1", "wv,vonwn"),
            ("data x[3] on sphere; x²", "wv(n)ww,vo"),
            ("param + data*init", "vovov"),
            ("param K[2,2] posdef, posdef", "wv(n,n)w,v"),
            ("logp = log(pi) # why", "wof(n)#"),
            ("sum(i in 1:3, x[i])", "f(vwn,n,v(v))"),
            ("`a b` ? 2", "v?n"),
            ("a;b\nlet c = 1", "v,vwvon"),
            ("(a\nlet c", "(vvv"),
        ];
        for (text, expected) in table {
            assert_eq!(classes(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_end_with_their_line() {
        let text = "# first\r\na + # second\n  b # third # still";
        assert_eq!(spelled(text, Class::Comment), ["# first", "# second", "# third # still"]);
        assert_eq!(spelled(text, Class::Name), ["a", "b"]);
    }

    #[test]
    fn brackets_know_their_partners() {
        let pairs: Vec<_> = lexemes("(a[1]").iter().map(|l| l.partner.map(|s| s.start)).collect();
        assert_eq!(pairs, [None, None, Some(4), None, Some(2)]);
    }

    #[test]
    fn only_blanks_lie_between() {
        for text in ["\u{feff}data  x # é\n\n\t-x²/θ̂  # end", "(((;]]#", "`broken é\n#\n#x"] {
            let mut end = 0;
            for lexeme in lexemes(text) {
                let gap = &text[end..lexeme.span.start as usize];
                assert!(gap.chars().all(|c| c.is_whitespace() || c == '\u{feff}'), "{gap:?}");
                end = lexeme.span.end as usize;
            }
            assert!(text[end..].trim().is_empty());
        }
    }
}
