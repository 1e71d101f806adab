//! Warnings as text: the gravest first, each in two lines or with all that there is to say.

use serde_json::{Value, json};

use super::page::{Page, Telling};
use super::table::{hanging, wrapped};
use crate::source::{Warning, by_weight, explain};

/// Columns by which the lines of a warning behind its first are set in.
const INDENT: usize = 4;

/// Warnings as text, the gravest first, told as the page has it: in brief, with a last line that names what
/// tells more where something was left out, or in full, with the explanation of each code.
///
/// ```
/// use scorematch::report::{Page, Telling, warnings_on};
/// use scorematch::source::Warning;
/// let warning = Warning::new("point-mass", "`x` is 0 in 30 of 90 rows").meaning("It has no density");
/// let brief = "warning[point-mass]: `x` is 0 in 30 of 90 rows\n--explain tells more\n";
/// assert_eq!(warnings_on([&warning], Page::PLAIN), brief);
/// let full = warnings_on([&warning], Page::PLAIN.telling(Telling::Full));
/// assert!(full.starts_with("warning[point-mass]: `x` is 0 in 30 of 90 rows. It has no density\n\n"));
/// ```
#[must_use]
pub fn warnings_on<'a>(warnings: impl IntoIterator<Item = &'a Warning>, page: Page) -> String {
    page.set(&marked(warnings, page))
}

/// Warnings with the marks of a page.
pub(super) fn marked<'a>(warnings: impl IntoIterator<Item = &'a Warning>, page: Page) -> String {
    let sorted = by_weight(warnings);
    match page.tells() {
        Telling::Brief(more) => brief(&sorted, more),
        Telling::Full => {
            let codes = sorted.chunk_by(|a, b| a.code == b.code);
            codes.map(|one| full(one, page)).collect::<Vec<_>>().join("\n")
        }
    }
}

fn brief(warnings: &[&Warning], more: &str) -> String {
    let line = |one: &&Warning| paragraph(&format!("{}: {}", one.head(), one.brief()));
    let lines: String = warnings.iter().map(line).collect();
    match warnings.iter().any(|one| one.is_shortened()) {
        true => format!("{lines}{more} tells more\n"),
        false => lines,
    }
}

/// The messages of one code, then its explanation.
fn full(warnings: &[&Warning], page: Page) -> String {
    let messages: String = warnings.iter().map(|one| paragraph(&one.to_string())).collect();
    let known = warnings.first().and_then(|one| explain(one.code));
    let explanation = known.map(|text| format!("\n{}\n", wrapped(text, page.width(), INDENT)));
    format!("{messages}{}", explanation.unwrap_or_default())
}

fn paragraph(text: &str) -> String {
    format!("{}\n", hanging(text, INDENT))
}

/// Warnings for programs, the gravest first, with all that there is to say.
pub(super) fn entries<'a>(warnings: impl IntoIterator<Item = &'a Warning>) -> Vec<Value> {
    let entry = |one: &&Warning| json!({"code": one.code, "message": one.message});
    by_weight(warnings).iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two() -> [Warning; 2] {
        let ties = Warning::new("heavy-ties", "9 values").meaning("They are rounded");
        [Warning::new("labels", "in order"), ties]
    }

    #[test]
    fn brief_texts_name_what_tells_more_only_where_there_is_more() {
        let page = Page::PLAIN.telling(Telling::Brief(":explain"));
        let expected =
            "warning[heavy-ties]: 9 values\nnote[labels]: in order\n:explain tells more\n";
        assert_eq!(warnings_on(&two(), page), expected);
        assert_eq!(warnings_on(&two()[..1], page), "note[labels]: in order\n");
        assert_eq!(warnings_on(&[], page), "");
    }

    #[test]
    fn full_texts_explain_each_code_once() {
        let [labels, ties] = two();
        let other = Warning::new("heavy-ties", "7 values");
        let full = warnings_on([&ties, &labels, &other], Page::PLAIN.telling(Telling::Full));
        let first = "warning[heavy-ties]: 9 values. They are rounded\nwarning[heavy-ties]: 7 values\n\n    ";
        assert!(full.starts_with(first), "{full}");
        assert_eq!(full.matches("Fewer than half of the rows").count(), 1, "{full}");
        assert!(full.contains("\n\nnote[labels]: in order\n\n    "), "{full}");
        assert!(
            !full.contains("tells more") && full.lines().all(|line| line.chars().count() <= 80)
        );
    }
}
