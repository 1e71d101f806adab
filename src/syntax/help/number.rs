//! Numbers in the notation of other languages.

use super::super::lex::TokenKind;
use super::super::stream::Label;
use super::site::Site;

/// `1..3`
pub(super) fn dotted_range(site: &Site<'_>) -> Option<String> {
    let dots = site.found_text() == "." && site.touches(TokenKind::Number);
    let end =
        site.next_text().strip_prefix('.').filter(|_| Site::adjoin(site.found(), site.next()));
    let start = site.spelling(site.previous()?);
    let end = end.map(|end| if end.is_empty() { "n" } else { end })?;
    dots.then(|| format!("a range is written with a colon: `{start}:{end}`"))
}

/// `2.`
pub(super) fn unfinished(site: &Site<'_>) -> Option<String> {
    let unfinished = site.found_text() == "." && site.touches(TokenKind::Number);
    let text = site.spelling(site.previous()?);
    unfinished.then(|| format!("a digit must follow the point of a number: `{text}.0`"))
}

/// `1e`
pub(super) fn bare_exponent(site: &Site<'_>) -> Option<String> {
    let bare = matches!(site.found_text(), "e" | "E") && site.touches(TokenKind::Number);
    let text = site.spelling(site.previous()?);
    let e = site.found_text();
    bare.then(|| {
        format!("digits follow the `e` of a number, `{text}e3`; a product is `{text}*{e}`")
    })
}

/// `1.5.2`
pub(super) fn second_point(site: &Site<'_>) -> Option<String> {
    let second = site.found().kind == TokenKind::Number && site.touches(TokenKind::Number);
    (second && site.found_text().starts_with('.')).then(|| "a number has one point".to_owned())
}

/// `1,5` where no list is open
pub(super) fn decimal_comma(site: &Site<'_>) -> Option<String> {
    let comma = site.found().kind == TokenKind::Comma && !site.labels.has(Label::Comma);
    let numbers = site.touches(TokenKind::Number) && site.next().kind == TokenKind::Number;
    if !comma || !numbers || !Site::adjoin(site.found(), site.next()) {
        return None;
    }
    let (whole, part) = (site.spelling(site.previous()?), site.next_text());
    let thousands =
        if part.len() == 3 { format!(", for thousands `{whole}{part}`") } else { String::new() };
    Some(format!("the decimal sign is a point: `{whole}.{part}`{thousands}"))
}

/// `1_000`, `1'000`, `1 000`
pub(super) fn grouped_digits(site: &Site<'_>) -> Option<String> {
    let text = site.found_text();
    let three = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |distance| site.before(distance).filter(|token| token.kind == TokenKind::Number);
    let in_matrix = site.labels.has(Label::Semicolon);
    let (start, rest) = match (site.found().kind, site.previous_kind()?) {
        (TokenKind::Name, TokenKind::Number) if site.touches(TokenKind::Number) => {
            let digits = text.strip_prefix('_')?.replace('_', "");
            (number(1)?, digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)?)
        }
        (TokenKind::Number, TokenKind::Prime) if three(text) && site.touches(TokenKind::Prime) => {
            (number(2)?, text.to_owned())
        }
        (TokenKind::Number, TokenKind::Number) if three(text) && !in_matrix => {
            (number(1)?, text.to_owned())
        }
        _ => return None,
    };
    Some(format!("digits are written without a separator: `{}{rest}`", site.spelling(start)))
}
