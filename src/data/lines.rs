//! The line of the file on which each row began.

/// The line of every row, stored only where rows and lines fall out of step.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// Rows at which a new stretch of one line a row begins, with their lines; ascending.
    stretches: Vec<(usize, u64)>,
    rows: usize,
}

impl Lines {
    /// One line a row from line 1 on.
    pub(super) fn consecutive(rows: usize) -> Self {
        Self { stretches: vec![(0, 1)], rows }
    }

    /// The next row begins on this line.
    pub(super) fn push(&mut self, line: u64) {
        self.begin(self.rows, line);
        self.rows += 1;
    }

    /// Appends the rows of a text that has this number of lines before it.
    pub(super) fn append(&mut self, other: Self, after: u64) {
        for (first, line) in other.stretches {
            self.begin(self.rows + first, after + line);
        }
        self.rows += other.rows;
    }

    /// Notes that a row, which is behind the last stretch, begins on this line.
    fn begin(&mut self, row: usize, line: u64) {
        let in_step = |&(first, begun): &(usize, u64)| begun + (row - first) as u64 == line;
        if !self.stretches.last().is_some_and(in_step) {
            self.stretches.push((row, line));
        }
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The line on which a row began. Beyond the last row, lines go on one by one.
    pub(super) fn line(&self, row: usize) -> u64 {
        let after = self.stretches.partition_point(|&(first, _)| first <= row);
        let (first, line) = self.stretches[after - 1];
        line + (row - first) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_remembered() {
        let begins = [2, 3, 4, 7, 8, 12];
        let mut lines = Lines::default();
        begins.iter().for_each(|&line| lines.push(line));
        assert_eq!(lines.rows(), 6);
        assert_eq!(lines.stretches.len(), 3);
        assert_eq!((0..6).map(|row| lines.line(row)).collect::<Vec<_>>(), begins);
        assert_eq!(Lines::consecutive(3).line(2), 3);
    }
    #[test]
    fn texts_follow_each_other() {
        let mut lines = Lines::default();
        for (begins, after) in [(&[1, 2][..], 0), (&[1, 3], 2), (&[], 5), (&[2], 6)] {
            let mut more = Lines::default();
            begins.iter().for_each(|&line| more.push(line));
            lines.append(more, after);
        }
        assert_eq!((0..5).map(|row| lines.line(row)).collect::<Vec<_>>(), [1, 2, 3, 5, 8]);
        assert_eq!(lines.stretches.len(), 3);
    }
}
