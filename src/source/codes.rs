//! The codes of warnings, notes and errors with their explanations, parsed from `codes.txt`, whose order is
//! that of their weights.

use std::sync::OnceLock;

const TEXT: &str = include_str!("codes.txt");

/// A code with its kind and its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The code, as in `heavy-ties`.
    pub code: &'static str,
    /// `warning`, `note` or `error`; both where it is raised as either.
    pub kind: &'static str,
    /// What it means, how it is found and what to do, on one line.
    pub text: String,
}

/// Every code that a message may carry: warnings and notes by weight, the gravest first, then errors by
/// subject.
#[must_use]
pub fn codes() -> &'static [CodeEntry] {
    static ALL: OnceLock<Vec<CodeEntry>> = OnceLock::new();
    ALL.get_or_init(|| parsed(TEXT))
}

/// What a code means, how it is found and what to do; `None` for a word that is no code.
///
/// ```
/// use scorematch::source::explain;
/// assert!(explain("heavy-ties").is_some_and(|text| text.contains("rounded")));
/// assert_eq!(explain("heavy-tails"), None);
/// ```
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    codes().iter().find(|entry| entry.code == code).map(|entry| entry.text.as_str())
}

/// Parses entries: a line begins with a kind and a code, and indented lines continue the explanation.
fn parsed(text: &'static str) -> Vec<CodeEntry> {
    let mut entries: Vec<CodeEntry> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match (line.strip_prefix("    "), line.split_once(": "), entries.last_mut()) {
            (Some(more), _, Some(entry)) => {
                entry.text += if entry.text.is_empty() { "" } else { " " };
                entry.text += more;
            }
            (None, Some((code, kind)), _) => {
                entries.push(CodeEntry { code, kind, text: String::new() });
            }
            _ => unreachable!("the text of codes has no line `{line}`, as a test holds"),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_is_explained() {
        for (position, entry) in codes().iter().enumerate() {
            assert!(codes()[..position].iter().all(|other| other.code != entry.code), "{entry:?}");
            assert!(entry.text.ends_with('.') && entry.text.len() > 20, "{entry:?}");
            let kinds = ["warning", "note", "error"];
            assert!(entry.kind.split(", ").all(|kind| kinds.contains(&kind)), "{entry:?}");
        }
    }
}
