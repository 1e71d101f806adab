//! The one renderer of diagnostics.

use super::{Diagnostic, Source};

/// Plain text, or ANSI colours for a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// Draws a diagnostic: message, source line, caret, notes and help.
#[must_use]
pub fn render(diagnostic: &Diagnostic, source: &Source, palette: Palette) -> String {
    let _ = (diagnostic, source, palette);
    todo!()
}
