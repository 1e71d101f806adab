//! The unfinished text of a node, to which its user still adds sign and coefficient.

use std::cmp::Ordering;

use super::super::Number;
use super::notation::Notation;
use super::piece::{Piece, Precedence, Term, Terms};
use super::quotient::{Minus, quotient};

/// A node's text before its user has decided on sign and coefficient.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub negative: bool,
    pub form: Form,
}

#[derive(Clone, Debug)]
pub(super) enum Form {
    Whole(Piece),
    Sum(Terms),
    Product(Vec<Factor>),
}

/// A base and its exponent, never zero.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    pub base: Base,
    pub exponent: Number,
    /// A select below the fraction bar is divided by separately: parsed as a factor of a product, it
    /// would take the other factors into its branches.
    pub is_select: bool,
}

/// Sums keep their terms inside a product, which may flip their signs; all other bases are text.
#[derive(Clone, Debug)]
pub(super) enum Base {
    Whole(Piece),
    Sum(Terms),
}

impl Draft {
    pub fn whole(piece: Piece) -> Self {
        Self { negative: false, form: Form::Whole(piece) }
    }

    /// Estimated length of the text.
    pub fn length(&self) -> usize {
        match &self.form {
            Form::Whole(piece) => piece.text.len(),
            Form::Sum(terms) => terms.length(),
            Form::Product(factors) => factors.iter().map(Factor::length).sum(),
        }
    }

    /// Sign and text; `minus` says whether a product may move its sign into a sum.
    pub fn split(self, minus: Minus, notation: &Notation) -> (bool, Piece) {
        match self.form {
            Form::Whole(piece) => (self.negative, piece),
            Form::Sum(terms) => (self.negative, terms.into_piece()),
            Form::Product(factors) => {
                quotient(self.negative, Number::ONE, factors, minus, notation)
            }
        }
    }

    pub fn into_piece(self, notation: &Notation) -> Piece {
        let (negative, piece) = self.split(Minus::Inside, notation);
        piece.signed(negative, notation)
    }

    /// The terms of a sum; any other draft is one term.
    pub fn into_terms(self, notation: &Notation) -> Vec<Term> {
        match self.form {
            Form::Sum(terms) if !self.negative => terms.0,
            Form::Sum(_) | Form::Whole(_) | Form::Product(_) => {
                let (negative, piece) = self.split(Minus::Inside, notation);
                vec![Term { negative, text: piece.at(Precedence::Product, notation) }]
            }
        }
    }

    pub fn into_text(self, notation: &Notation) -> String {
        self.into_piece(notation).text
    }

    /// Makes the leading term of a sum positive, and moves its sign to the draft.
    pub fn lead_positive(&mut self) {
        if let Form::Sum(terms) = &mut self.form
            && terms.leads_negative()
        {
            terms.flip();
            self.negative = !self.negative;
        }
    }

    /// weight · draft
    pub fn scaled(self, weight: Number, notation: &Notation) -> (bool, Piece) {
        let turned = self.negative != weight.is_negative();
        let factors = match self.form {
            Form::Product(factors) => factors,
            Form::Whole(piece) => vec![Factor::plain(Base::Whole(piece))],
            Form::Sum(terms) => vec![Factor::plain(Base::Sum(terms))],
        };
        quotient(turned, weight.abs(), factors, Minus::Inside, notation)
    }

    /// draft ^ exponent as a factor of a product, and the sign that the product gets from it.
    pub fn into_factor(self, exponent: Number, notation: &Notation) -> (bool, Factor) {
        let integer = exponent.as_integer().is_some();
        let negative = self.negative && integer && !exponent.is_even();
        let kept = self.negative && !integer;
        let is_product = matches!(self.form, Form::Product(_));
        let base = match self.form {
            Form::Sum(terms) if !kept => Base::Sum(terms),
            Form::Whole(_) | Form::Sum(_) | Form::Product(_) => {
                let open = Self { negative: kept, form: self.form };
                let (sign, piece) = open.split(Minus::Inside, notation);
                Base::Whole(piece.signed(sign, notation))
            }
        };
        let factor = Factor { base, exponent, is_select: false };
        // A product within a product is too long to be flattened, and stays grouped.
        let factor =
            if is_product && exponent.abs().is_one() { factor.grouped(notation) } else { factor };
        (negative, factor)
    }
}

impl Base {
    /// The order of factors of one class and first appearance, by text.
    pub fn compare_text(&self, other: &Self) -> Ordering {
        self.texts().cmp(&other.texts())
    }

    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Whole(piece) => vec![&piece.text],
            Self::Sum(terms) => terms.0.iter().map(|term| term.text.as_str()).collect(),
        }
    }
}

impl Factor {
    fn plain(base: Base) -> Self {
        Self { base, exponent: Number::ONE, is_select: false }
    }

    fn length(&self) -> usize {
        let base = match &self.base {
            Base::Whole(piece) => piece.text.len(),
            Base::Sum(terms) => terms.length() + 2,
        };
        base + if self.exponent.abs().is_one() { 1 } else { 3 }
    }

    fn grouped(self, notation: &Notation) -> Self {
        let base = match self.base {
            Base::Whole(piece) if piece.precedence < Precedence::Power => {
                Base::Whole(Piece::atom((notation.group)(&piece.text)))
            }
            other => other,
        };
        Self { base, ..self }
    }

    pub fn is_odd(&self) -> bool {
        self.exponent.as_integer().is_some_and(|n| n % 2 != 0)
    }

    /// The factor with the absolute value of its exponent; the sign has decided between numerator and
    /// denominator.
    pub fn into_piece(self, notation: &Notation) -> Piece {
        let base = match self.base {
            Base::Whole(piece) => piece,
            Base::Sum(terms) => terms.into_piece(),
        };
        let exponent = self.exponent.abs();
        if exponent.is_one() { base } else { (notation.power)(base, exponent) }
    }
}
