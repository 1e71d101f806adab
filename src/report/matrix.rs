//! A matrix of parameters as a table of its estimates and a table of their standard errors.

use super::MatrixFacts;
use super::table::{Align, table};
use crate::fit::{FittedParameter, Status};
use crate::numerics::digits::significant;

/// Significant digits of an estimate and of its standard error; a row of five
/// entries fits in 80 columns.
const DIGITS: [usize; 2] = [6, 4];

impl MatrixFacts {
    /// Whether every entry is interior or fixed, so that no entry needs a remark on its status.
    pub(super) fn is_plain(&self, parameters: &[FittedParameter]) -> bool {
        let plain = |one: &FittedParameter| matches!(one.status, Status::Interior | Status::Fixed);
        self.parameters.end <= parameters.len()
            && parameters[self.parameters.clone()].iter().all(plain)
    }

    /// The estimates, then the standard errors if any entry has one, with `-` for missing ones.
    pub(super) fn tables(&self, parameters: &[FittedParameter]) -> String {
        let of = |number: &dyn Fn(&FittedParameter) -> Option<f64>, digits| {
            let cell = move |i, j| {
                let value = number(&parameters[self.place(i, j)]);
                value.map_or_else(|| "-".to_owned(), |value| significant(value, digits))
            };
            self.cells(&cell)
        };
        let [mut estimates, mut errors] =
            [of(&|one| Some(one.estimate), DIGITS[0]), of(&|one| one.std_error, DIGITS[1])];
        estimates[0][0].clone_from(&self.name);
        errors[0][0] = format!("{} std. error", self.name);
        let align: Vec<Align> = std::iter::once(Align::Left)
            .chain(std::iter::repeat_n(Align::Right, self.shape.1))
            .collect();
        let any = parameters[self.parameters.clone()].iter().any(|one| one.std_error.is_some());
        let errors = if any { format!("\n{}", table(&errors, &align)) } else { String::new() };
        format!("{}{errors}", table(&estimates, &align))
    }

    /// The index of an entry among the parameters of the model; of a symmetric matrix only one
    /// triangle is stored.
    fn place(&self, i: usize, j: usize) -> usize {
        let (rows, columns) = self.shape;
        let within = match self.parameters.len() == rows * columns {
            true => i * columns + j,
            false => {
                let (low, high) = (i.min(j), i.max(j));
                low * columns - low * low.saturating_sub(1) / 2 + high - low
            }
        };
        self.parameters.start + within
    }

    /// Rows of cells, with a heading of column numbers and a first column of row numbers.
    fn cells(&self, cell: &dyn Fn(usize, usize) -> String) -> Vec<Vec<String>> {
        let (rows, columns) = self.shape;
        let heading = std::iter::once(String::new());
        let heading = heading.chain((1..=columns).map(|j| format!("[,{j}]"))).collect();
        let row = |i: usize| {
            let number = std::iter::once(format!("[{},]", i + 1));
            number.chain((0..columns).map(|j| cell(i, j))).collect()
        };
        std::iter::once(heading).chain((0..rows).map(row)).collect()
    }
}
