//! Help lines for common mistakes, guessed from the tokens around a failure.
//!
//! Each guess recognises one mistake; the first guess that does so gives the help line. A corrected
//! piece of the text in a help line is promised to parse.

mod bracket;
mod call;
mod density;
mod number;
mod operator;
mod site;
mod statement;
mod symbol;

use self::site::Site;
use super::stream::{Context, Labels};

pub use self::statement::STATEMENT_WORDS;

type Guess = fn(&Site<'_>) -> Option<String>;

/// All guesses in the order of their precedence: more specific ones come first.
const GUESSES: [Guess; 55] = [
    number::dotted_range,
    number::unfinished,
    number::bare_exponent,
    number::second_point,
    number::decimal_comma,
    number::grouped_digits,
    call::dotted_name,
    call::scoped_name,
    symbol::comment,
    symbol::percent,
    symbol::dots,
    symbol::latex,
    symbol::braces,
    symbol::bars,
    symbol::dollar,
    call::choice,
    symbol::foreign,
    operator::power_stars,
    operator::compound_assignment,
    statement::missing_word,
    statement::log_density,
    operator::missing_parentheses,
    statement::foreign_word,
    operator::tilde_or_arrow,
    operator::foreign_comparison,
    call::named_argument,
    operator::equality,
    operator::broken_line,
    operator::prefix_plus,
    statement::second_statement,
    statement::declaration,
    statement::set,
    statement::reserved_name,
    statement::missing_name,
    statement::surface,
    statement::size_as_range,
    call::repetition,
    operator::stray_comparison,
    call::missing_condition,
    call::range_of_one,
    call::missing_index,
    call::third_index,
    call::missing_body,
    call::no_arguments,
    call::semicolon_for_comma,
    call::infix_word,
    statement::missing_assign,
    statement::stray_comma,
    bracket::unclosed,
    bracket::extra,
    bracket::trailing_comma,
    bracket::mismatched,
    bracket::pair,
    operator::trailing,
    operator::missing_comma,
];

/// A help line for a failure at `position`, where one of `labels` was expected.
pub(super) fn suggest(context: &Context<'_>, position: usize, labels: Labels) -> Option<String> {
    let site = Site { context, position, labels };
    let guess = GUESSES.iter().find_map(|guess| guess(&site));
    guess.or_else(|| operator::missing_product(&site))
}
