//! A grid of character cells: bars in eighths of a cell, shaded bars, curves of Braille dots.
//!
//! Heights are shares of the height of the canvas. A dot replaces the bar in its cell, so that a
//! curve is in front of bars.

/// Dots of a cell: columns and rows.
pub(super) const DOTS: (usize, usize) = (2, 4);
/// Bits of a Braille character by column of dots, and in it from the top.
const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
/// Characters that fill the lower part of a cell, by eighths.
pub(super) const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    Blank,
    Block(usize),
    Shade,
    Dots(u8),
}

impl Cell {
    fn character(self) -> char {
        match self {
            Self::Blank => ' ',
            Self::Block(eighths) => BLOCKS[eighths],
            Self::Shade => '░',
            Self::Dots(bits) => {
                char::from_u32(0x2800 + u32::from(bits)).expect("Braille patterns are characters")
            }
        }
    }
}

/// Distance from the canvas, in rows of dots, at which levels are clamped.
const FAR: f64 = 1e6;

/// The cells, row by row from the bottom.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    pub columns: usize,
    pub rows: usize,
    cells: Vec<Cell>,
}

impl Canvas {
    pub fn new(columns: usize, rows: usize) -> Self {
        Self { columns, rows, cells: vec![Cell::Blank; columns * rows] }
    }

    /// A solid bar, rounded to eighths of a cell; a positive height fills at least one eighth.
    pub fn bar(&mut self, column: usize, height: f64) {
        let least = if height > 0.0 { 1.0 } else { 0.0 };
        let eighths = (height * 8.0 * self.rows as f64).round().max(least) as usize;
        for row in 0..self.rows {
            let here = eighths.saturating_sub(8 * row).min(8);
            if here > 0 {
                self.cells[row * self.columns + column] = Cell::Block(here);
            }
        }
    }

    /// A shaded bar, rounded to whole cells.
    pub fn shade(&mut self, column: usize, height: f64) {
        let full = (height * self.rows as f64).round() as usize;
        for row in 0..full.min(self.rows) {
            self.cells[row * self.columns + column] = Cell::Shade;
        }
    }

    /// A curve with one height for each column of dots; NaN is a gap, and parts
    /// outside the canvas are cut off.
    pub fn curve(&mut self, heights: &[f64]) {
        let levels: Vec<Option<i64>> = heights.iter().map(|&height| self.level(height)).collect();
        for (x, level) in levels.iter().enumerate() {
            let Some(level) = *level else { continue };
            // Steep parts are filled vertically, by each column half-way to its neighbours.
            let neighbours = [x.checked_sub(1), Some(x + 1)];
            let near = neighbours.into_iter().flatten().filter_map(|x| *levels.get(x)?);
            let ends: Vec<i64> = near.map(|other| half_way(level, other)).collect();
            let low = ends.iter().copied().min().unwrap_or(level).min(level);
            let high = ends.iter().copied().max().unwrap_or(level).max(level);
            let top = (DOTS.1 * self.rows) as i64 - 1;
            for y in low.max(0)..=high.min(top) {
                self.dot(x, y as usize);
            }
        }
    }

    /// A horizontal dotted line.
    pub fn level_line(&mut self, height: f64) {
        let top = DOTS.1 * self.rows - 1;
        let y = self.level(height).and_then(|level| usize::try_from(level).ok());
        if let Some(y) = y.filter(|&y| y <= top) {
            (0..DOTS.0 * self.columns).step_by(2).for_each(|x| self.dot(x, y));
        }
    }

    /// The lines of text from the top.
    pub fn lines(&self) -> Vec<String> {
        let line = |cells: &[Cell]| cells.iter().map(|cell| cell.character()).collect();
        self.cells.chunks(self.columns).rev().map(line).collect()
    }

    /// The row of dots of a height, counted from the bottom.
    fn level(&self, height: f64) -> Option<i64> {
        let dots = (DOTS.1 * self.rows) as f64;
        // A height is the upper edge of a dot; height zero has no dot below it
        // and takes the lowest one.
        let level = (height * dots).round() - 1.0;
        let level = if height >= 0.0 { level.max(0.0) } else { level };
        height.is_finite().then(|| level.clamp(-FAR, FAR) as i64)
    }

    fn dot(&mut self, x: usize, y: usize) {
        let cell = &mut self.cells[y / DOTS.1 * self.columns + x / DOTS.0];
        let bit = BITS[x % DOTS.0][DOTS.1 - 1 - y % DOTS.1];
        *cell = match *cell {
            Cell::Dots(bits) => Cell::Dots(bits | bit),
            Cell::Blank | Cell::Block(_) | Cell::Shade => Cell::Dots(bit),
        };
    }
}

/// The level half-way to the neighbour's, rounded towards `level`.
fn half_way(level: i64, other: i64) -> i64 {
    let way = (other - level).abs();
    level + (other - level).signum() * (way / 2)
}
