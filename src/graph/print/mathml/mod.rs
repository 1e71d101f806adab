//! The notation of MathML Core, for HTML pages.
//!
//! It converts the output of the LaTeX notation, symbol by symbol. The choice of names and the order
//! of equal terms depend on the length of text, which tags would change: by conversion the two
//! notations always show the same formulas, line by line.

mod row;
mod token;

use self::row::Reader;

/// A formula for use inside a `<math>` element.
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

/// A cell of a table with its content aligned to a side. The second value is for browsers in which a
/// formula is a block, which `text-align` alone does not move.
fn cell(side: &str, content: &str) -> String {
    let style = format!("text-align:{side};text-align:-webkit-{side}");
    format!("<mtd style=\"{style}\">{content}</mtd>")
}

/// Text escaped for use between tags or quotes; characters that XML forbids become U+FFFD, and spaces,
/// which browsers would collapse, become no-break spaces.
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
