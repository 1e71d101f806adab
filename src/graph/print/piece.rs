//! Pieces of text with a precedence, and sums whose signs can still be flipped.

use std::cmp::Ordering;

use super::notation::Notation;

/// The precedence of the outermost operator of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Sum,
    Product,
    Power,
    Atom,
}

/// A piece of text; its user adds parentheses by [`Piece::at`].
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

    /// The text, in parentheses where its precedence is below `needed`.
    pub fn at(self, needed: Precedence, notation: &Notation) -> String {
        if self.precedence >= needed { self.text } else { (notation.group)(&self.text) }
    }

    /// The piece, after a minus if `negative`.
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
    /// The order of terms of equal degree and appearance: the shorter first.
    pub fn compare_text(&self, other: &Self) -> Ordering {
        self.text.len().cmp(&other.text.len()).then_with(|| self.text.cmp(&other.text))
    }
}

/// The terms of a sum in printed order; their signs can still be flipped together.
#[derive(Clone, Debug)]
pub(super) struct Terms(pub Vec<Term>);

impl Terms {
    pub fn leads_negative(&self) -> bool {
        self.0.first().is_some_and(|term| term.negative)
    }

    /// Whether there is a negative term, which would lead positively after a flip.
    pub fn has_negative(&self) -> bool {
        self.0.iter().any(|term| term.negative)
    }

    pub fn flip(&mut self) {
        self.0.iter_mut().for_each(|term| term.negative = !term.negative);
    }

    pub fn length(&self) -> usize {
        self.0.iter().map(|term| term.text.len() + 3).sum()
    }

    /// The sum as text; its first positive term leads, if there is one.
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
