//! The last step of every text: paragraphs and tables are set for the columns of a page.
//!
//! Texts are written with two marks: `HANG` where the content of a paragraph begins, which is the
//! indentation of its further lines, and `CELL` between the cells of a table. Deliberately not
//! known here: terminals.

use super::table::{WIDTH, broken};

/// Marks where the content of a paragraph begins.
pub(super) const HANG: char = '\u{1f}';
/// Separates the cells of a table.
pub(super) const CELL: char = '\u{1e}';
/// Least width of the content of a paragraph in columns, even where its indentation leaves less.
const CONTENT: usize = 12;
/// Least and largest width of a page on a terminal, in columns.
const NARROWEST: usize = 60;
const WIDEST: usize = 200;

/// How much of warnings is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// What is wrong and what to do; what this names, as `--explain`, tells more.
    Brief(&'static str),
    /// Everything, with the explanation of each code.
    Full,
}

/// What a text is set for: columns, and how much of warnings is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    width: usize,
    /// Whether a table that is wider than the page continues below itself.
    breaks_tables: bool,
    telling: Telling,
}

/// By which option commands tell more of their warnings.
const BRIEF: Telling = Telling::Brief("--explain");

impl Page {
    /// For files and pipes: 80 columns, every table in one piece, warnings in brief.
    pub const PLAIN: Self = Self { width: WIDTH, breaks_tables: false, telling: BRIEF };

    /// For a terminal of this many columns, of which 60 to 200 are used; warnings in brief.
    #[must_use]
    pub fn of(columns: usize) -> Self {
        let width = columns.clamp(NARROWEST, WIDEST);
        Self { width, breaks_tables: true, telling: BRIEF }
    }

    /// The page with another amount of what warnings tell.
    #[must_use]
    pub fn telling(self, telling: Telling) -> Self {
        Self { telling, ..self }
    }

    /// How much of warnings is told.
    pub(super) fn tells(self) -> Telling {
        self.telling
    }

    /// The width in columns.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    /// A text laid out by its marks, which are removed.
    pub(super) fn set(self, marked: &str) -> String {
        let lines: Vec<&str> = marked.split_inclusive('\n').collect();
        let table = |line: &&str| line.contains(CELL);
        let blocks = lines.chunk_by(|a, b| table(a) && table(b));
        blocks
            .map(|block| if table(&block[0]) { self.table(block) } else { self.line(block[0]) })
            .collect()
    }

    fn line(self, line: &str) -> String {
        let Some((head, content)) = line.split_once(HANG) else { return line.to_owned() };
        let indent = head.chars().count();
        let width = self.width.max(indent + CONTENT);
        // In a paragraph whose first line is not indented, the mark can be inside a word.
        let text = match head.ends_with(|c: char| !c.is_whitespace()) {
            true => broken(&format!("{head}{content}"), width, [0, indent]),
            false => format!("{head}{}", broken(content, width, [indent, indent]).trim_start()),
        };
        let end = if line.ends_with('\n') { "\n" } else { "" };
        format!("{text}{end}")
    }

    /// The lines of a table, in pieces that fit the page; each piece begins with the first column.
    fn table(self, lines: &[&str]) -> String {
        let rows: Vec<Vec<&str>> =
            lines.iter().map(|line| line.trim_end_matches('\n').split(CELL).collect()).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |k: usize| {
            rows.iter().filter_map(|row| row.get(k)).map(|cell| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|k| width(k).unwrap_or(0)).collect();
        let pieces =
            if self.breaks_tables { self.pieces(&widths) } else { vec![(1..columns).collect()] };
        let text = |piece: &Vec<usize>| -> String {
            let line = |row: &Vec<&str>| {
                let cells = std::iter::once(&0).chain(piece).filter_map(|&k| row.get(k).copied());
                format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
            };
            rows.iter().map(line).collect()
        };
        pieces.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    /// The columns of each piece besides the first column.
    fn pieces(self, widths: &[usize]) -> Vec<Vec<usize>> {
        let first = widths.first().copied().unwrap_or(0);
        let mut pieces = vec![Vec::new()];
        let mut used = first;
        for (k, width) in widths.iter().enumerate().skip(1) {
            let last = pieces.last_mut().expect("pieces has at least one element");
            if used + 2 + width > self.width && !last.is_empty() {
                pieces.push(vec![k]);
                used = first + 2 + width;
            } else {
                last.push(k);
                used += 2 + width;
            }
        }
        pieces
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::PLAIN
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::{Align, hanging, labelled, table};
    use super::*;

    #[test]
    fn paragraphs_fill_the_page() {
        let text = labelled("data", &"word ".repeat(30)) + &hanging(&"more ".repeat(30), 4) + "\n";
        for columns in [60, 80, 200] {
            let set = Page::of(columns).set(&text);
            let longest = set.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(columns) && longest > Some(columns.min(149) - 5), "{set}");
            assert!(set.starts_with("data        word word"), "{set}");
            assert!(set.contains("\nmore more"), "{set}");
        }
        assert!(Page::of(60).set(&text).contains("\n            word"));
        assert!(Page::of(60).set(&text).contains("\n    more"));
        assert_eq!(Page::of(10), Page::of(60));
        assert_eq!(Page::of(1000), Page::of(200));
    }

    #[test]
    fn a_wide_table_continues_below_itself() {
        let row = |name: &str| -> Vec<String> {
            std::iter::once(name.to_owned()).chain((1..9).map(|k| format!("{k}.0000000"))).collect()
        };
        let marked = table(&[row("a"), row("long")], &[Align::Right; 9]);
        assert_eq!(Page::PLAIN.set(&marked).lines().count(), 2);
        let set = Page::of(60).set(&marked);
        let lines: Vec<&str> = set.lines().collect();
        assert_eq!(lines.len(), 5, "{set}");
        assert!(lines.iter().all(|line| line.len() <= 60), "{set}");
        assert!(lines[0].starts_with("   a  1.0") && lines[3].starts_with("   a  6.0"), "{set}");
    }
}
