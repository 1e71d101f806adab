//! A product as a quotient: split by the sign of exponents, with the coefficient's numerator and
//! denominator each on their side, and a minus moved into a sum where possible.

use super::super::Number;
use super::draft::{Base, Factor};
use super::notation::Notation;
use super::piece::{Piece, Precedence};

/// Where the minus of a product goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Minus {
    /// Into a sum among the factors where that reads better: `(mu - x)/s2`.
    Inside,
    /// Before the product, for a user that passes signs on.
    Outside,
}

/// ±coefficient · Π factors: the sign left before it, and its text.
pub(super) fn quotient(
    negative: bool,
    coefficient: Number,
    mut factors: Vec<Factor>,
    minus: Minus,
    notation: &Notation,
) -> (bool, Piece) {
    let negative = settle_signs(negative, &mut factors, minus);
    let (below, above): (Vec<Factor>, Vec<Factor>) =
        factors.into_iter().partition(|factor| factor.exponent.is_negative());
    let (over, under) = match coefficient.as_ratio() {
        Some((num, den)) => (Number::integer(num), Number::integer(den)),
        None => (coefficient, Number::ONE),
    };
    let (apart, together): (Vec<Factor>, Vec<Factor>) =
        below.into_iter().partition(|factor| factor.is_select);
    let mut piece = side(over, above, notation);
    if !together.is_empty() || !under.is_one() {
        piece = (notation.quotient)(piece, side(under, together, notation));
    }
    let divided = |piece, factor: Factor| (notation.quotient)(piece, factor.into_piece(notation));
    (negative, apart.into_iter().fold(piece, divided))
}

/// Flips every sum to a positive first term, where this only moves signs; then moves a remaining
/// minus into the first sum that can take it.
fn settle_signs(mut negative: bool, factors: &mut [Factor], minus: Minus) -> bool {
    for factor in factors.iter_mut() {
        let (odd, integer) = (factor.is_odd(), factor.exponent.as_integer().is_some());
        if let Base::Sum(terms) = &mut factor.base
            && integer
            && terms.leads_negative()
        {
            terms.flip();
            negative ^= odd;
        }
    }
    negative && !(minus == Minus::Inside && (take_in(factors, false) || take_in(factors, true)))
}

/// Flips the first factor above (or below) the fraction bar that is an odd power of a sum with a
/// negative term.
fn take_in(factors: &mut [Factor], below: bool) -> bool {
    let turned = factors.iter_mut().find_map(|factor| {
        let here = factor.is_odd() && factor.exponent.is_negative() == below;
        match &mut factor.base {
            Base::Sum(terms) if here && terms.has_negative() => Some(terms),
            Base::Sum(_) | Base::Whole(_) => None,
        }
    });
    turned.map(|terms| terms.flip()).is_some()
}

fn side(number: Number, factors: Vec<Factor>, notation: &Notation) -> Piece {
    let mut pieces: Vec<Piece> =
        factors.into_iter().map(|factor| factor.into_piece(notation)).collect();
    if pieces.is_empty() || !number.is_one() {
        pieces.insert(0, (notation.number)(number));
    }
    if pieces.len() == 1 {
        return pieces.remove(0);
    }
    let mut text = String::new();
    for piece in pieces {
        let next = piece.at(Precedence::Power, notation);
        if !text.is_empty() {
            text.push_str((notation.times)(&next));
        }
        text.push_str(&next);
    }
    Piece::new(Precedence::Product, text)
}
