//! Cells of a stretch that become narrow towards ends of the support, where a density may have a pole.

/// The power with which widths of cells fall towards an end.
const POWER: i32 = 4;

/// A stretch in `count` cells; where an end is one of the support, cells are narrow there.
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

    /// Middles of the cells with their widths.
    pub fn cells(&self) -> Vec<(f64, f64)> {
        let cell = |k: usize| {
            let t = (k as f64 + 0.5) / self.count as f64;
            (self.at(t), (self.high - self.low) * self.slope(t) / self.count as f64)
        };
        (0..self.count).map(cell).collect()
    }

    /// The place at a share of all cells, from 0 to 1.
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

    /// The derivative of the place by t, for a stretch of length one.
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
