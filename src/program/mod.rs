//! Expressions lowered to straight-line programs that run over tiles of rows.
//!
//! A [`Program`] is immutable and shared by threads; what a thread needs to run it is made once
//! a call. Constants are folded, what depends on parameters alone is computed once a call, the
//! rest row by row in vector loops over tiles that stay in cache.
//!
//! Promises the values of [`graph::evaluate`](crate::graph::evaluate) up to a few roundings,
//! NaN and infinities included, and the same bytes for any number of threads. Deliberately not
//! known here: what the outputs mean, names of the language, files.

mod fold;
mod function;
mod fuse;
mod kernel;
mod lanes;
mod lower;
mod operation;
mod print;
mod scalar;
mod schedule;
mod tile;
mod value;

use crate::graph::{ExprId, Graph, InputId};
use operation::Stage;
use schedule::{Scalars, Schedule};

pub use fold::BLOCK;
pub use lanes::Lanes;
pub use tile::Tile;

/// Which inputs are columns of data and which are parameters, in the order in which a program
/// takes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Inputs that have a value for every row.
    pub rows: Vec<InputId>,
    /// Inputs that have one value.
    pub parameters: Vec<InputId>,
}

/// A compiled list of expressions.
///
/// # Examples
/// ```
/// use scorematch::graph::{Graph, Support};
/// use scorematch::program::{Layout, Program};
/// let mut g = Graph::new();
/// let (x, mu) = (g.input("x", Support::LINE), g.input("mu", Support::LINE));
/// let difference = g.sub(x, mu);
/// let square = g.powi(difference, 2);
/// let inputs = |id| g.as_input(id).into_iter().collect();
/// let layout = Layout { rows: inputs(x), parameters: inputs(mu) };
/// let program = Program::compile(&g, &layout, &[square]);
/// assert_eq!(program.means(&[&[1.0, 2.0, 3.0]], &[2.0], 1), [2.0 / 3.0]);
/// ```
#[derive(Debug)]
pub struct Program {
    columns: Vec<String>,
    parameters: Vec<String>,
    scalars: Scalars,
    schedule: Schedule,
}

/// How much a program computes, by stage; operations with many terms count each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operations {
    /// Numbers that it holds.
    pub constant: usize,
    /// Operations once a call.
    pub parameter: usize,
    /// Operations on every row that depend on data alone.
    pub data: usize,
    /// Operations on every row that depend on parameters too.
    pub row: usize,
    /// Tiles of intermediate results alive at once.
    pub slots: usize,
}

impl Program {
    /// Compiles the outputs, in linear time.
    ///
    /// # Panics
    /// When an output depends on an input that the layout does not have.
    #[must_use]
    pub fn compile(graph: &Graph, layout: &Layout, outputs: &[ExprId]) -> Self {
        let (mut values, roots) = lower::lower(graph, layout, outputs);
        fuse::fuse(&mut values, &roots);
        let (scalars, schedule) = schedule::schedule(&values, &roots, layout.parameters.len());
        let names = |inputs: &[InputId]| {
            inputs.iter().map(|input| graph.inputs()[input.index()].name.clone()).collect()
        };
        let (columns, parameters) = (names(&layout.rows), names(&layout.parameters));
        Self { columns, parameters, scalars, schedule }
    }

    /// How many outputs there are.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.schedule.outputs.len()
    }

    /// How much the program computes.
    #[must_use]
    pub fn operations(&self) -> Operations {
        let (mut data, mut row) = (0, 0);
        for step in &self.schedule.steps {
            match step.stage {
                Stage::Data => data += step.operation.size(),
                Stage::Row => row += step.operation.size(),
                Stage::Constant | Stage::Parameter => {
                    unreachable!("scalars are computed before the rows")
                }
            }
        }
        Operations {
            constant: self.scalars.constants.len(),
            parameter: self.scalars.steps.iter().map(|step| step.size()).sum(),
            data,
            row,
            slots: self.schedule.slots,
        }
    }
}
