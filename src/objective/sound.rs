//! Checks the weights that a text gives: non-negative in every row, and zero at every declared
//! edge. Without an edge any non-negative weight is valid.

use crate::data::OriginalRows;
use crate::graph::ExprId;
use crate::model::Model;
use crate::numerics::decimal::shortest;
use crate::program::{Layout, Program};

/// Most rows from which a component is moved to its edges.
const ROWS: usize = 100;
/// A weight at an edge below this share of its largest value in a row counts as zero.
const ZERO: f64 = 1e-9;
/// Where a weight has no value on an edge, it is evaluated at these distances from it, as shares of
/// the row's distance; from the first to the second it has to fall to half.
const NEAR: [f64; 2] = [1e-6, 1e-12];

/// The weights of the text by data component, on the rows of the data.
pub(super) struct Weights<'a> {
    model: &'a Model,
    columns: &'a [&'a [f64]],
    /// Positions of the data components with a weight.
    components: Vec<usize>,
    program: Program,
}

impl<'a> Weights<'a> {
    /// Columns are those of data, then of covariates; `None` where the text gives no weight.
    pub fn of(
        model: &'a Model,
        weights: &[Option<ExprId>],
        columns: &'a [&'a [f64]],
    ) -> Option<Self> {
        let components: Vec<usize> = (0..weights.len()).filter(|&k| weights[k].is_some()).collect();
        if components.is_empty() {
            return None;
        }
        let outputs: Vec<ExprId> = weights.iter().copied().flatten().collect();
        let layout = Layout { rows: model.row_inputs(), parameters: Vec::new() };
        let program = Program::compile(model.graph(), &layout, &outputs);
        Some(Self { model, columns, components, program })
    }

    /// A description of the first row in which a weight is negative or not finite, else of an edge
    /// where it is not zero; `None` where all weights are valid.
    pub fn flaw(&self, original_rows: OriginalRows<'_>) -> Option<String> {
        let values = self.program.rows(self.columns, &[], 1);
        let mut wrong = values.iter().filter_map(|values| {
            let row = values.iter().position(|&value| !(value >= 0.0 && value.is_finite()))?;
            Some(self.in_row(row, values[row], original_rows))
        });
        let edges = || {
            self.components.iter().enumerate().find_map(|(at, &component)| {
                let largest = values[at].iter().copied().fold(0.0, f64::max);
                let ends = self.model.data()[component].support.edges();
                let open = |(sign, edge)| self.at_edge((at, component), (sign, edge), largest);
                ends.into_iter().find_map(open)
            })
        };
        wrong.next().or_else(edges)
    }

    fn in_row(&self, row: usize, value: f64, original_rows: OriginalRows<'_>) -> String {
        let data = self.model.data().iter().chain(self.model.covariates()).zip(self.columns);
        let named =
            data.take(4).map(|(one, column)| format!("{} = {}", one.name, shortest(column[row])));
        let place = named.collect::<Vec<_>>().join(", ");
        let row = u64::from(original_rows.at(row)) + 1;
        let value = shortest(value);
        format!("the weight is {value} in row {row} ({place}), and must be a number ≥ 0")
    }

    /// A description of a weight that is not zero with the component moved to its edge, in some of
    /// the rows.
    fn at_edge(
        &self,
        (at, component): (usize, usize),
        (sign, edge): (f64, f64),
        largest: f64,
    ) -> Option<String> {
        let step = self.columns[0].len().div_ceil(ROWS).max(1);
        let thinned: Vec<Vec<f64>> = self
            .columns
            .iter()
            .map(|column| column.iter().step_by(step).copied().collect())
            .collect();
        let moved = |share: f64| -> Vec<f64> {
            let mut columns = thinned.clone();
            let place = |x: &mut f64| *x = edge + sign * share * (*x - edge).abs();
            columns[component].iter_mut().for_each(place);
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            self.program.rows(&slices, &[], 1).swap_remove(at)
        };
        let (on, near, nearer) = (moved(0.0), moved(NEAR[0]), moved(NEAR[1]));
        let remains = |i: usize| match on[i].is_finite() {
            true => (on[i].abs() > ZERO * largest).then_some(on[i]),
            false => {
                (nearer[i].is_nan() || nearer[i].abs() > 0.5 * near[i].abs()).then_some(nearer[i])
            }
        };
        let value = shortest((0..on.len()).find_map(remains)?);
        let name = &self.model.data()[component].name;
        let edge = shortest(edge);
        Some(format!("the weight is {value} at the edge {name} = {edge}, and must vanish there"))
    }
}
