//! A program run on single rows, for samplers and searches.

use super::frame::Context;
use super::kernel::GRAIN;
use super::tile::{RunOne, Scratch};
use super::{Program, emit};

/// A program at fixed parameters that takes one row at a time, without allocating memory for it.
///
/// # Examples
/// ```
/// use scorematch::graph::{Graph, Support};
/// use scorematch::program::{Layout, Program};
/// let mut g = Graph::new();
/// let (x, mu) = (g.input("x", Support::LINE), g.input("mu", Support::LINE));
/// let difference = g.sub(x, mu);
/// let inputs = |id| g.as_input(id).into_iter().collect();
/// let layout = Layout { rows: inputs(x), parameters: inputs(mu) };
/// let program = Program::compile(&g, &layout, &[difference]);
/// let mut at = program.at(&[2.0]);
/// let mut outputs = [0.0];
/// at.row(&[5.0], &mut outputs);
/// assert_eq!(outputs, [3.0]);
/// ```
#[derive(Debug)]
pub struct AtPoint<'p> {
    program: &'p Program,
    scalars: Vec<f64>,
    weights: Vec<f64>,
    scratch: Scratch,
    /// Rows that one iteration of the machine code takes; `None` where there is no machine code.
    coded: Option<usize>,
}

impl Program {
    /// The program at these parameters, for one row at a time; values of parameters alone are
    /// computed here.
    ///
    /// # Panics
    /// When the parameters are not those of the layout.
    #[must_use]
    pub fn at(&self, parameters: &[f64]) -> AtPoint<'_> {
        assert_eq!(parameters.len(), self.parameters.len(), "one number for each parameter");
        let scalars = self.scalars.at(parameters, self.isa);
        let weights = self.schedule.weights_at(&scalars);
        let scratch = Scratch::new(&self.schedule, self.columns.len(), GRAIN);
        let coded = emit::grain(&self.sections);
        AtPoint { program: self, scalars, weights, scratch, coded }
    }
}

impl AtPoint<'_> {
    /// Writes the outputs on a row, which has a value for each row input; they have the bits that
    /// [`Program::rows`] gives.
    ///
    /// # Panics
    /// When there are more or fewer values or outputs than those of the program, or an output is made of
    /// means over rows.
    pub fn row(&mut self, row: &[f64], outputs: &mut [f64]) {
        let Program { columns, schedule, sections, isa, .. } = self.program;
        assert_eq!(row.len(), columns.len(), "one value for each row input");
        assert_eq!(outputs.len(), schedule.outputs.len(), "a place for each output");
        assert!(schedule.partials.is_empty(), "outputs of one row hold no means");
        self.scratch.put(row);
        let (scalars, weights) = (&self.scalars, &self.weights);
        let context = Context { schedule, columns: &[], scalars, weights, sections };
        let scratch = &mut self.scratch;
        isa.run(RunOne { context, scratch, coded: self.coded, outputs });
    }
}
