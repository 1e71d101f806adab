//! The notation of MathML Core, for HTML pages.
//!
//! It sets what the notation of LaTeX spells, symbol by symbol. Which parts stand apart and in
//! which order terms of equal standing come depends on the length of their text, and tags would
//! change that: so the two notations always show the same formulas, line by line.

mod row;
mod token;

use self::row::Reader;

/// A formula that stands inside a `<math>` element.
pub(in crate::graph::print) fn inline(latex: &str) -> String {
    Reader::new(latex).row()
}

/// A formula on a line of its own.
pub(super) fn display(latex: &str) -> String {
    format!("<math display=\"block\">{}</math>\n", inline(latex))
}

/// Equations below each other, their equals signs aligned; one without a left side has no sign.
pub(crate) fn aligned(equations: &[(String, String)]) -> String {
    let rows: String = equations.iter().map(|(left, right)| equation(left, right)).collect();
    let open = "<math display=\"block\">\n<mtable displaystyle=\"true\">\n";
    format!("{open}{rows}</mtable>\n</math>\n")
}

fn equation(left: &str, right: &str) -> String {
    let equals = if left.is_empty() { "" } else { "<mo>=</mo>" };
    let (left, right) =
        (cell("right", &inline(left)), cell("left", &(equals.to_owned() + &inline(right))));
    format!("<mtr>{left}{right}</mtr>\n")
}

/// A cell of a table, its content on this side of it. Browsers that align blocks and text alike know
/// the first value; those in which a formula is a block need the second.
fn cell(side: &str, content: &str) -> String {
    let style = format!("text-align:{side};text-align:-webkit-{side}");
    format!("<mtd style=\"{style}\">{content}</mtd>")
}

/// Text between tags or quotes; characters that XML forbids become U+FFFD, and spaces, which XML
/// would join, no-break spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            ' ' => escaped.push('\u{A0}'),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            _ if c.is_control() => escaped.push('\u{FFFD}'),
            _ => escaped.push(c),
        }
    }
    escaped
}
