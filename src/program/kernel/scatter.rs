//! Sums over the rows of each cell of one index or two, in a table that each row adds to once.

use pulp::NullaryFnOnce;

use super::{GRAIN, Operand};

/// Partial sums of a cell: row r of a tile goes to number r modulo this, so that rows of one cell that
/// follow each other do not wait for each other's additions.
pub(in super::super) const CELL_LANES: usize = 4;

/// Most values that one pass adds.
pub(in super::super) const VALUES_MAX: usize = 4;

/// Numbers of one lane of a table: the values of each cell, and those of the rows of no cell.
pub(in super::super) const fn cell_table(cells: usize, values: usize) -> usize {
    (cells + 1) * values
}

/// An index of each row, which counts from one, and the number of its levels.
#[derive(Clone, Copy)]
pub(in super::super) struct Index<'a> {
    pub(in super::super) rows: &'a [f64],
    pub(in super::super) levels: u32,
}

/// lanes[r modulo [`CELL_LANES`]][cell of r] += values, over the first `count` rows r. A row in which
/// an index is none of its levels adds to the place after the last cell, which no mean reads.
pub(in super::super) struct Scatter<'a, const N: usize> {
    pub(in super::super) lanes: &'a mut [f64],
    pub(in super::super) indices: &'a [Index<'a>],
    pub(in super::super) values: [Operand<'a>; N],
    pub(in super::super) count: usize,
}

impl<const N: usize> NullaryFnOnce for Scatter<'_, N> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { lanes, indices, values, count } = self;
        let cells: u32 = indices.iter().map(|index| index.levels).product();
        let stride = cell_table(cells as usize, N);
        let lanes = &mut lanes[..CELL_LANES * stride];
        for first in (0..count).step_by(GRAIN) {
            let cell = cells_of(indices, first, cells);
            let mut rows = [[0.0; GRAIN]; N];
            for (rows, value) in rows.iter_mut().zip(values) {
                match value {
                    Operand::Rows(value) => rows.copy_from_slice(&value[first..][..GRAIN]),
                    Operand::Scalar(value) => *rows = [value; GRAIN],
                }
            }
            for row in 0..GRAIN.min(count - first) {
                let at = row % CELL_LANES * stride + cell[row] as usize * N;
                for (sum, rows) in lanes[at..][..N].iter_mut().zip(&rows) {
                    *sum += rows[row];
                }
            }
        }
    }
}

/// To 2⁵² plus an integer below 2³² this adds no digit, and the lowest bits are the integer.
const SHIFT: f64 = 4_503_599_627_370_496.0;

/// The cells of [`GRAIN`] rows, counted from zero; `none` for rows in which an index has no level.
#[inline(always)]
fn cells_of(indices: &[Index<'_>], first: usize, none: u32) -> [u32; GRAIN] {
    let (mut cell, mut outside) = ([0_u32; GRAIN], [false; GRAIN]);
    for &Index { rows, levels } in indices {
        let rows: &[f64; GRAIN] = rows[first..].first_chunk().expect("tiles are padded");
        let most = f64::from(levels);
        for row in 0..GRAIN {
            let index = rows[row];
            let shifted = index + SHIFT;
            let level = shifted.to_bits() as u32;
            let is_level = shifted - SHIFT == index && index >= 1.0 && index <= most;
            outside[row] |= !is_level;
            cell[row] = cell[row].wrapping_mul(levels).wrapping_add(level.wrapping_sub(1));
        }
    }
    for row in 0..GRAIN {
        cell[row] = if outside[row] { none } else { cell[row] };
    }
    cell
}
