//! The lexical rules of the grammar as the file defines them: longest match, then layout.

use std::collections::BTreeSet;

use unicode_normalization::char::is_combining_mark;

use crate::ebnf::{Ebnf, Node, is_word};

/// The rules that compete for the longest match, besides the symbols.
const TOKEN_RULES: [&str; 7] =
    ["NUMBER", "NAME", "QUOTED", "SUPERSCRIPT", "COMMENT", "BLANK", "NEWLINE"];

/// A token: its spelling and its rule, which symbols do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub rule: Option<&'static str>,
    pub text: String,
}

/// The lexical rules of a grammar.
#[derive(Debug)]
pub struct Lexicon<'a> {
    ebnf: &'a Ebnf,
    symbols: Vec<String>,
    pub reserved: Vec<String>,
    opening: Vec<String>,
    closing: Vec<String>,
    continuing: Vec<String>,
}

impl<'a> Lexicon<'a> {
    pub fn new(ebnf: &'a Ebnf) -> Self {
        let mut symbols = ebnf.syntax_literals();
        symbols.retain(|literal| !is_word(literal));
        Self {
            ebnf,
            symbols,
            reserved: ebnf.literals("RESERVED"),
            opening: ebnf.literals("OPENING"),
            closing: ebnf.literals("CLOSING"),
            continuing: ebnf.literals("CONTINUING"),
        }
    }

    /// The tokens of a text after layout; `None` where a character belongs to no token.
    pub fn tokens(&self, text: &str) -> Option<Vec<Token>> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut depth = 0_usize;
        let mut rest = text;
        while !rest.is_empty() {
            let token = self.longest(rest)?;
            rest = &rest[token.text.len()..];
            let continued = tokens.last().is_some_and(|last| self.continues(last));
            match token.rule {
                Some("COMMENT" | "BLANK") => continue,
                Some("NEWLINE") if depth > 0 || continued => continue,
                _ => {}
            }
            if self.opening.contains(&token.text) {
                depth += 1;
            } else if self.closing.contains(&token.text) {
                depth = depth.saturating_sub(1);
            }
            tokens.push(token);
        }
        Some(tokens)
    }

    pub fn opens(&self, token: &Token) -> bool {
        token.rule.is_none() && self.opening.contains(&token.text)
    }

    pub fn closes(&self, token: &Token) -> bool {
        token.rule.is_none() && self.closing.contains(&token.text)
    }

    pub fn continues(&self, token: &Token) -> bool {
        token.rule.is_none() && self.continuing.contains(&token.text)
    }

    fn longest(&self, rest: &str) -> Option<Token> {
        let symbols = self.symbols.iter().filter(|symbol| rest.starts_with(*symbol));
        let symbol = symbols.map(|symbol| (symbol.len(), None)).max();
        let rules = TOKEN_RULES.iter().filter_map(|rule| {
            let ends = self.ends(&self.ebnf.rules[*rule], rest, BTreeSet::from([0]));
            ends.last().filter(|end| **end > 0).map(|end| (*end, Some(*rule)))
        });
        let (length, rule) = rules.chain(symbol).max()?;
        let text = rest[..length].to_owned();
        let rule = rule.filter(|_| !self.reserved.contains(&text));
        Some(Token { rule, text })
    }

    /// The ends of matches that begin at one of `starts`.
    fn ends(&self, node: &Node, text: &str, starts: BTreeSet<usize>) -> BTreeSet<usize> {
        match node {
            Node::Literal(literal) => {
                let matching = starts.iter().filter(|start| text[**start..].starts_with(literal));
                matching.map(|start| start + literal.len()).collect()
            }
            Node::Special(words) => {
                let next = |start: usize| Some((start, text[start..].chars().next()?));
                let matching =
                    starts.into_iter().filter_map(next).filter(|(_, c)| special(words, *c));
                matching.map(|(start, c)| start + c.len_utf8()).collect()
            }
            Node::Rule(rule) => self.ends(&self.ebnf.rules[rule], text, starts),
            Node::Sequence(parts) => {
                parts.iter().fold(starts, |starts, part| self.ends(part, text, starts))
            }
            Node::Choice(parts) => {
                parts.iter().flat_map(|(_, part)| self.ends(part, text, starts.clone())).collect()
            }
            Node::Optional(_, part) => {
                let mut all = self.ends(part, text, starts.clone());
                all.extend(starts);
                all
            }
            Node::Repeat(_, part) => {
                let mut all = starts.clone();
                let mut new = starts;
                while !new.is_empty() {
                    new = self.ends(part, text, new);
                    new.retain(|end| all.insert(*end));
                }
                all
            }
            Node::Except(..) => unreachable!("exceptions stand in rules of tokens"),
        }
    }
}

/// Whether a character belongs to a special sequence, which is described in words.
fn special(words: &str, c: char) -> bool {
    match words {
        "a letter" => c.is_alphabetic(),
        "a numeral that is not RAISED" => c.is_numeric() && !"⁰¹²³⁴⁵⁶⁷⁸⁹".contains(c),
        "a combining mark" => is_combining_mark(c),
        // The second character is a backquote in NFC.
        "any character but a backquote or a control character" => {
            c != '`' && c != '\u{1fef}' && !c.is_control()
        }
        "any character but a newline" => c != '\n',
        "tab" => c == '\t',
        "carriage return" => c == '\r',
        "no-break space" => c == '\u{a0}',
        "byte-order mark" => c == '\u{feff}',
        "newline" => c == '\n',
        _ => panic!("nobody knows {words:?}"),
    }
}

/// Characters of a special sequence, for generated sentences.
pub fn examples(words: &str) -> Vec<char> {
    let candidates = "abexzKÅθσμµ日ª19٣½₁Ⅷ\u{301}\u{302}\t\r\u{a0}\u{feff}\n `.#'⁻²\u{200b}";
    candidates.chars().filter(|c| special(words, *c)).collect()
}
