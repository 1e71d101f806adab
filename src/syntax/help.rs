//! Help lines for common slips, guessed from the tokens around a failure.

use super::lex::Token;
use super::stream::Labels;

/// What to do about a failure at `position`, where one of `labels` was expected.
pub(super) fn suggest(
    text: &str,
    tokens: &[Token],
    position: usize,
    labels: Labels,
) -> Option<String> {
    let _ = (text, tokens, position, labels);
    None
}
