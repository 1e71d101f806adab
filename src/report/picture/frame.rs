//! The frame of a canvas: axes with labels.

use super::axis::Axis;
use super::canvas::Canvas;

/// A label to the left of the canvas, with its row: 0 is the axis below, 1 the lowest row of cells.
pub(super) type Mark = (usize, String);

/// Columns of the blank before the axis and of the axis.
const LEFT: usize = 2;
/// Columns right of the canvas for half of the last label, of six characters.
const RIGHT: usize = 3;

/// Columns beside a canvas: its marks, its axis, and half of the last label below it.
pub(super) fn margin(marks: &[Mark]) -> usize {
    LEFT + label_width(marks) + RIGHT
}

/// The canvas with its axes and marks.
pub(super) fn framed(canvas: &Canvas, x: &Axis, marks: &[Mark]) -> Vec<String> {
    let width = label_width(marks);
    let label = |row: usize| {
        let mark = marks.iter().find(|mark| mark.0 == row).map(|mark| mark.1.as_str());
        format!("{:>width$} ", mark.unwrap_or_default())
    };
    let edge = |row: usize| if marks.iter().any(|mark| mark.0 == row) { '┤' } else { '│' };
    let rows = (1..=canvas.rows).rev();
    let mut lines: Vec<String> = rows
        .zip(canvas.lines())
        .map(|(row, line)| trimmed(&format!("{}{}{line}", label(row), edge(row))))
        .collect();
    let (line, labels) = below(canvas.columns, x);
    lines.push(format!("{}└{line}", label(0)));
    lines.push(trimmed(&format!("{}{labels}", " ".repeat(LEFT + width))));
    lines
}

/// Blocks of lines side by side, each padded to `width` columns except the last.
pub(super) fn beside(blocks: &[Vec<String>], width: usize) -> Vec<String> {
    let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let line = |row: usize| {
        let pieces = blocks.iter().map(|block| block.get(row).map_or("", String::as_str));
        trimmed(&pieces.map(|piece| format!("{piece:<width$}")).collect::<String>())
    };
    (0..height).map(line).collect()
}

/// The lines of the axis and of the labels below it, each centred at its tick.
fn below(columns: usize, x: &Axis) -> (String, String) {
    let mut line = vec!['─'; columns + 1];
    let mut labels: Vec<char> = vec![' '; columns + 1];
    for tick in &x.ticks {
        let column = (x.position(tick.at) * columns as f64).round() as usize;
        line[column.min(columns)] = '┬';
        let letters: Vec<char> = tick.label.chars().collect();
        let start = column.saturating_sub(letters.len() / 2);
        let end = start + letters.len();
        if labels.len() < end {
            labels.resize(end, ' ');
        }
        labels[start..end].copy_from_slice(&letters);
    }
    (line.into_iter().collect(), labels.into_iter().collect())
}

fn label_width(marks: &[Mark]) -> usize {
    marks.iter().map(|mark| mark.1.chars().count()).max().unwrap_or(0)
}

/// Inserts a line as wide as the canvas between canvas and axis.
pub(super) fn insert_below(lines: &mut Vec<String>, line: &str, marks: &[Mark]) {
    let place = lines.len() - 2;
    lines.insert(place, trimmed(&format!("{}│{line}", " ".repeat(LEFT - 1 + label_width(marks)))));
}

fn trimmed(line: &str) -> String {
    line.trim_end().to_owned()
}
