//! Untrusted text within messages.

/// The text with U+FFFD in place of characters that act on a terminal instead of being shown: control
/// characters, and marks that change the direction of text.
///
/// # Examples
/// ```
/// use scorematch::source::printable;
/// assert_eq!(printable("a\u{202e}b\u{1b}c"), "a\u{fffd}b\u{fffd}c");
/// assert_eq!(printable("höhe <m>"), "höhe <m>");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if acts(letter) { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}

fn acts(letter: char) -> bool {
    let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// The first `letters` characters of a text on one line: control characters become blanks, and `…`
/// replaces the rest of a longer text.
///
/// # Examples
/// ```
/// use scorematch::source::one_line;
/// assert_eq!(one_line("two\nlines", 20), "two lines");
/// assert_eq!(one_line("waiting", 4), "wait…");
/// ```
#[must_use]
pub fn one_line(text: &str, letters: usize) -> String {
    let blank = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line: String = text.chars().take(letters).map(blank).collect();
    let rest = if text.chars().count() > letters { "…" } else { "" };
    printable(&line) + rest
}

/// Most texts of a list that a message has.
const LISTED_MAX: usize = 12;

/// The first texts of a list, and a sign where there are more.
pub(crate) fn first_of(texts: &[String]) -> String {
    let shown = texts.iter().take(LISTED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    if texts.len() > LISTED_MAX { format!("{shown}, …") } else { shown }
}
