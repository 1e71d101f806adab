//! Plain text and LaTeX.
