//! Brackets without a partner or with the wrong one.

use super::super::lex::TokenKind;
use super::super::stream::Label;
use super::site::{Site, is_closer};

/// `(a + b`: an unclosed bracket continues the statement over the following lines.
pub(super) fn unclosed(site: &Site<'_>) -> Option<String> {
    let open = site.open_brackets();
    let unclosed = open.iter().rev().find(|opener| site.token(**opener).closer.is_none())?;
    let opener = site.token(*unclosed);
    let (text, line) = (site.spelling(opener), site.line_of(opener));
    let swallowed = site.found().kind == TokenKind::End || site.line_of(site.found()) > line;
    swallowed.then(|| format!("the `{text}` in line {line} is not closed"))
}

/// `(a + b))`
pub(super) fn extra(site: &Site<'_>) -> Option<String> {
    let text = site.found_text();
    (is_closer(site.found().kind) && site.open_brackets().is_empty())
        .then(|| format!("no bracket is open for `{text}`: leave it out"))
}

/// `(a]`
pub(super) fn mismatched(site: &Site<'_>) -> Option<String> {
    let opener = site.spelling(site.token(site.innermost()?));
    let closer = match opener {
        "(" if site.labels.has(Label::CloseParen) => ")",
        "[" if site.labels.has(Label::CloseBracket) => "]",
        "{" if site.labels.has(Label::CloseBrace) => "}",
        _ => return None,
    };
    is_closer(site.found().kind).then(|| format!("a `{opener}` is closed by `{closer}`"))
}

/// `(a, b)`
pub(super) fn pair(site: &Site<'_>) -> Option<String> {
    let comma = site.found().kind == TokenKind::Comma && !site.labels.has(Label::Comma);
    let group = site.labels.has(Label::CloseParen) && site.labels.has(Label::Operator);
    let inside = site.inside(site.innermost()?);
    (comma && group).then(|| format!("a vector is written in square brackets: `[{inside}]`"))
}

/// `max(a, )`
pub(super) fn trailing_comma(site: &Site<'_>) -> Option<String> {
    let trailing = site.previous_kind() == Some(TokenKind::Comma) && is_closer(site.found().kind);
    trailing.then(|| "leave out the comma before a closing bracket".to_owned())
}
