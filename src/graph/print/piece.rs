//! Pieces of text with a precedence, and sums whose signs can still be turned.

use std::cmp::Ordering;

use super::notation::Notation;

/// How tightly a piece of text holds together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Sum,
    Product,
    Power,
    Atom,
}

/// A piece of text; whoever puts it into something larger asks for the precedence needed there.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub text: String,
    pub precedence: Precedence,
}

impl Piece {
    pub fn new(precedence: Precedence, text: impl Into<String>) -> Self {
        Self { text: text.into(), precedence }
    }

    pub fn atom(text: impl Into<String>) -> Self {
        Self::new(Precedence::Atom, text)
    }

    /// The text, in parentheses where it holds together less than `needed`.
    pub fn at(self, needed: Precedence, notation: &Notation) -> String {
        if self.precedence >= needed { self.text } else { (notation.group)(&self.text) }
    }

    /// The piece behind a minus, if it is to have one.
    pub fn signed(self, negative: bool, notation: &Notation) -> Self {
        if !negative {
            return self;
        }
        let text = self.at(Precedence::Product, notation);
        Self::new(Precedence::Sum, format!("-{text}"))
    }
}

/// A term of a sum: its sign, and its text at the precedence of a product.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub negative: bool,
    pub text: String,
}

impl Term {
    /// Between terms that degree and appearance leave equal: the shorter first.
    pub fn compare_text(&self, other: &Self) -> Ordering {
        self.text.len().cmp(&other.text.len()).then_with(|| self.text.cmp(&other.text))
    }
}

/// The terms of a sum in reading order, their signs still free to be turned all at once.
#[derive(Clone, Debug)]
pub(super) struct Terms(pub Vec<Term>);

impl Terms {
    pub fn leads_negative(&self) -> bool {
        self.0.first().is_some_and(|term| term.negative)
    }

    /// Whether turning the signs leaves a positive term to lead.
    pub fn has_negative(&self) -> bool {
        self.0.iter().any(|term| term.negative)
    }

    pub fn flip(&mut self) {
        self.0.iter_mut().for_each(|term| term.negative = !term.negative);
    }

    pub fn length(&self) -> usize {
        self.0.iter().map(|term| term.text.len() + 3).sum()
    }

    /// Signs stand between the terms; the first positive term leads, if there is one.
    pub fn into_piece(self) -> Piece {
        let leader = self.0.iter().position(|term| !term.negative).unwrap_or(0);
        let mut text = String::with_capacity(self.length());
        let lead = &self.0[leader];
        text.push_str(if lead.negative { "-" } else { "" });
        text.push_str(&lead.text);
        for (position, term) in self.0.iter().enumerate() {
            if position != leader {
                text.push_str(if term.negative { " - " } else { " + " });
                text.push_str(&term.text);
            }
        }
        Piece::new(Precedence::Sum, text)
    }
}
