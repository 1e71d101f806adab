//! Cells of an interval that become narrow towards ends of the support, where a density may have a
//! pole.

/// Exponent of the map of equal cells to cells that are narrow at an end.
const POWER: i32 = 4;

/// An interval divided into `count` cells, which are narrow at ends of the support.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grading {
    low: f64,
    high: f64,
    is_end: (bool, bool),
    count: usize,
}

impl Grading {
    pub fn of((low, high): (f64, f64), is_end: (bool, bool), count: usize) -> Self {
        Self { low, high, is_end, count }
    }

    /// Centres and widths of the cells.
    pub fn cells(&self) -> Vec<(f64, f64)> {
        let cell = |k: usize| {
            let t = (k as f64 + 0.5) / self.count as f64;
            (self.at(t), (self.high - self.low) * self.slope(t) / self.count as f64)
        };
        (0..self.count).map(cell).collect()
    }

    /// The position at a fraction t of the cells, from 0 to 1.
    pub fn at(&self, t: f64) -> f64 {
        let (a, b) = (t.powi(POWER), (1.0 - t).powi(POWER));
        let length = self.high - self.low;
        match self.is_end {
            (false, false) => self.low + length * t,
            (true, false) => self.low + length * a,
            (false, true) => self.high - length * b,
            (true, true) => self.low + length * a / (a + b),
        }
    }

    /// The derivative of the position by t, for an interval of length one.
    fn slope(&self, t: f64) -> f64 {
        let (a, b) = (t.powi(POWER - 1), (1.0 - t).powi(POWER - 1));
        let power = f64::from(POWER);
        match self.is_end {
            (false, false) => 1.0,
            (true, false) => power * a,
            (false, true) => power * b,
            (true, true) => power * a * b / (a * t + b * (1.0 - t)).powi(2),
        }
    }
}
