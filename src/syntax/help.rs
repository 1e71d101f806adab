//! Help lines for common slips, guessed from the tokens around a failure.

use super::stream::{Context, Labels};

/// What to do about a failure at `position`, where one of `labels` was expected.
pub(super) fn suggest(context: &Context<'_>, position: usize, labels: Labels) -> Option<String> {
    let _ = (context, position, labels);
    None
}
