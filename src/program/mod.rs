//! Expressions lowered to straight-line programs that run over tiles of rows.
//!
//! A [`Program`] is immutable and shared by threads; the scratch memory of a thread is allocated
//! once and kept in a pool. Constants are folded, values of parameters alone are computed once a
//! call, all others row by row in vector loops over tiles that stay in cache.
//!
//! Promises the values of [`graph::evaluate`](crate::graph::evaluate) up to a few roundings,
//! NaN and infinities included, and the same bytes for any number of threads. Deliberately not
//! known here: what the outputs mean, names of the language, files.

mod cells;
mod compose;
mod emit;
mod fold;
mod form;
mod frame;
mod function;
mod fuse;
mod isa;
mod kernel;
mod lower;
mod matrix;
mod nest;
mod operation;
mod pairing;
mod point;
mod print;
mod reduction;
mod scalar;
mod schedule;
mod slots;
mod steps;
mod tile;
mod value;

use crate::graph::{ExprId, Graph, InputId};
use emit::{Machine, Section};
use operation::Stage;
use schedule::tile_rows;
use steps::{Scalars, Schedule, Step};
use tile::Pool;

pub use fold::{BLOCK, Workers};
pub(crate) use form::{Product, Symmetric};
pub use isa::{ISA_VARIABLE, Isa};
pub use point::AtPoint;

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
/// assert_eq!(program.rows(&[&[1.0, 2.0, 3.0]], &[2.0], 1), [[1.0, 0.0, 1.0]]);
/// ```
#[derive(Debug)]
pub struct Program {
    columns: Vec<String>,
    parameters: Vec<String>,
    scalars: Scalars,
    schedule: Schedule,
    isa: Isa,
    sections: Vec<Section>,
    pool: Pool,
}

/// How much a program computes, by stage; operations with many terms count each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operations {
    /// Constants that the program holds.
    pub constant: usize,
    /// Operations once a call.
    pub parameter: usize,
    /// Operations on every row that depend on data alone.
    pub data: usize,
    /// Operations on every row that depend on parameters too.
    pub row: usize,
    /// Additions, or multiply-adds, to the means over rows, on every row.
    pub mean: usize,
    /// Operations once a call, on the means.
    pub after: usize,
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
        Self::with_products(graph, layout, outputs, &[])
    }

    /// Compiles the means over rows of whole values: no term or factor is moved out of the mean.
    ///
    /// # Panics
    /// As [`Program::compile`].
    #[must_use]
    pub fn compile_means(graph: &Graph, layout: &Layout, values: &[ExprId]) -> Self {
        let products: Vec<_> = values.iter().map(|&value| (value, graph.one())).collect();
        Self::with_products(graph, layout, &[], &products)
    }

    /// Compiles outputs, and further ones that are means over rows of a·b. Unlike a mean in the
    /// graph, such a mean multiplies whole values: each inner product of two rows of a list costs
    /// one multiply-add.
    ///
    /// # Panics
    /// As [`Program::compile`].
    #[must_use]
    pub fn with_products(
        graph: &Graph,
        layout: &Layout,
        outputs: &[ExprId],
        products: &[(ExprId, ExprId)],
    ) -> Self {
        let lower::Program { mut values, outputs, mut means } =
            lower::lower(graph, layout, outputs, products);
        let roots = reduction::roots(&outputs, &means);
        compose::compose(&mut values, &roots);
        nest::nest(&mut values, &roots);
        fuse::fuse(&mut values, &outputs, &mut means);
        let (scalars, schedule) =
            schedule::schedule(&values, &outputs, &means, layout.parameters.len());
        let names = |inputs: &[InputId]| {
            inputs.iter().map(|input| graph.inputs()[input.index()].name.clone()).collect()
        };
        let (columns, parameters) = (names(&layout.rows), names(&layout.parameters));
        let (isa, sections, pool) = (Isa::chosen(), Vec::new(), Pool::default());
        Self { columns, parameters, scalars, schedule, isa, sections, pool }.prepared()
    }

    /// Adds machine code where the instruction set has an emitter, and sizes tiles by the slots that
    /// this code leaves in memory.
    fn prepared(mut self) -> Self {
        let known = self.scalars.parameters..self.scalars.parameters + self.scalars.constants.len();
        let constant = |place: u32| {
            let place = place as usize;
            known.contains(&place).then(|| self.scalars.constants[place - known.start])
        };
        self.sections = match self.isa {
            Isa::Avx512 => emit::emit(&self.schedule, Machine::Avx512, &constant),
            Isa::Avx2 => emit::emit(&self.schedule, Machine::Avx2, &constant),
            Isa::Neon | Isa::Portable => emit::whole(&self.schedule),
        };
        let slots = emit::slots_in_memory(&self.schedule, &self.sections);
        self.cut_into_tiles(slots)
    }

    /// Sets the tile length for this number of slots in memory, and drops the pool: its scratch
    /// memory has the old length.
    fn cut_into_tiles(mut self, slots: usize) -> Self {
        self.schedule.tile = tile_rows(slots);
        self.pool = Pool::default();
        self
    }

    /// The same program on an instruction set of the caller's choice, for tests and measurements.
    ///
    /// # Panics
    /// When this machine does not have it.
    #[must_use]
    pub fn on(self, isa: Isa) -> Self {
        assert!(isa.is_available(), "this machine has no {isa}");
        Self { isa, ..self }.prepared()
    }

    /// The same program without machine code of its own, for tests and measurements: every step
    /// by a kernel that was compiled beforehand.
    #[must_use]
    pub fn interpreted(mut self) -> Self {
        self.sections = emit::whole(&self.schedule);
        let slots = self.schedule.slots;
        self.cut_into_tiles(slots)
    }

    /// The instruction set that the program runs on.
    #[must_use]
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Rows of a tile.
    #[must_use]
    pub fn tile(&self) -> usize {
        self.schedule.tile
    }

    /// Number of outputs.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.schedule.outputs.len()
    }

    /// How much the program computes.
    #[must_use]
    pub fn operations(&self) -> Operations {
        let (mut data, mut row, mut mean) = (0, 0, 0);
        for step in &self.schedule.steps {
            let size = step.size();
            match step {
                Step::Value { stage: Stage::Data, .. } => data += size,
                Step::Value { .. } | Step::Matrix { .. } => row += size,
                Step::Sum { .. }
                | Step::Product { .. }
                | Step::Outer { .. }
                | Step::Cells { .. } => mean += size,
            }
        }
        let size = |steps: &[operation::Operation<u32>]| steps.iter().map(|step| step.size()).sum();
        Operations {
            constant: self.scalars.constants.len(),
            parameter: size(&self.scalars.before),
            data,
            row,
            mean,
            after: size(&self.scalars.after),
            slots: self.schedule.slots,
        }
    }
}
