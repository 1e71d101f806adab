//! Values to steps: their order, the slots of their results, the length of a tile.

use super::kernel::{CELL_LANES, GRAIN, LANES, OUTPUTS_MAX, ROWS_MAX, WIDE, cell_table};
use super::matrix::{Matrix, matrices};
use super::operation::Stage;
use super::reduction::{CellSums, Reduction, ReductionGroup, group_reductions, roots};
use super::steps::{Partial, Scalars, Schedule, Source, Step, TABLE_PLAIN_MAX};
use super::value::{Value, ValueId, Values};

/// The scalars, and the place of each reachable one; the place of other values is `u32::MAX`.
fn place_scalars(
    values: &Values,
    reachable: &[bool],
    parameters: usize,
    means: usize,
) -> (Scalars, Vec<u32>) {
    let ids = |stage: Stage| {
        values.ids().filter(move |id| reachable[id.index()] && values.stage(*id) == stage)
    };
    let mut places = vec![u32::MAX; values.len()];
    let mut constants = Vec::new();
    for id in ids(Stage::Constant).chain(ids(Stage::Parameter)) {
        match values.get(id) {
            Value::Constant(bits) => {
                places[id.index()] = (parameters + constants.len()) as u32;
                constants.push(bits.value());
            }
            Value::Parameter(index) => places[id.index()] = *index,
            Value::Column(_) | Value::Mean(_) | Value::Computed(_) => {}
        }
    }
    let mut place_all = |stage: Stage, first: usize| {
        let mut steps = Vec::new();
        for id in ids(stage) {
            if let Some(operation) = values.operation(id) {
                places[id.index()] = (first + steps.len()) as u32;
                steps.push(operation.map(|operand| places[operand.index()]));
            }
        }
        steps
    };
    let before = place_all(Stage::Parameter, parameters + constants.len());
    let first_mean = parameters + constants.len() + before.len();
    for id in ids(Stage::Mean) {
        if let Value::Mean(index) = values.get(id) {
            places[id.index()] = first_mean as u32 + index;
        }
    }
    let mut after = Vec::new();
    for id in ids(Stage::Mean) {
        if let Some(operation) = values.operation(id) {
            places[id.index()] = (first_mean + means + after.len()) as u32;
            after.push(operation.map(|operand| places[operand.index()]));
        }
    }
    (Scalars { parameters, constants, before, means, after }, places)
}

/// The work of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Value(ValueId),
    Matrix(u32),
    Reductions(u32),
}

/// The units of a schedule.
struct Plan<'v> {
    values: &'v Values,
    matrices: Vec<Matrix>,
    reduction_groups: Vec<ReductionGroup>,
    /// The matrix that a value is computed by.
    matrix_of: Vec<Option<u32>>,
}

impl<'v> Plan<'v> {
    fn new(values: &'v Values, reachable: &[bool], means: &[Reduction]) -> Self {
        let matrices = matrices(values, reachable);
        let mut matrix_of = vec![None; values.len()];
        for (index, matrix) in matrices.iter().enumerate() {
            for sum in &matrix.sums {
                matrix_of[sum.value.index()] = Some(index as u32);
            }
        }
        Self { values, matrices, reduction_groups: group_reductions(means), matrix_of }
    }

    /// The unit that computes a row value; `None` for columns and scalars.
    fn unit_of(&self, id: ValueId) -> Option<Unit> {
        if self.values.is_scalar(id) || self.values.operation(id).is_none() {
            return None;
        }
        Some(self.matrix_of[id.index()].map_or(Unit::Value(id), Unit::Matrix))
    }

    fn each_operand(&self, unit: Unit, mut visit: impl FnMut(ValueId)) {
        match unit {
            Unit::Value(id) => {
                let operation = self.values.operation(id).expect("units are computed");
                operation.each_operand(visit);
            }
            Unit::Matrix(index) => {
                self.matrices[index as usize].rows.iter().for_each(|&row| visit(row));
            }
            Unit::Reductions(index) => self.reduction_groups[index as usize].each_operand(visit),
        }
    }

    /// All units in depth-first postorder: operands come before users, and results are used soon
    /// after they are computed.
    fn order(&self, outputs: &[ValueId]) -> Vec<Unit> {
        let mut order = Vec::new();
        let mut done = Done {
            values: vec![false; self.values.len()],
            matrices: vec![false; self.matrices.len()],
        };
        let reduction_groups = (0..self.reduction_groups.len() as u32).map(Unit::Reductions);
        let roots = reduction_groups.chain(outputs.iter().filter_map(|&root| self.unit_of(root)));
        let mut stack: Vec<(Unit, bool)> = roots.map(|unit| (unit, false)).collect();
        stack.reverse();
        let mut operands = Vec::new();
        while let Some((unit, opened)) = stack.pop() {
            if done.is(unit) {
                continue;
            }
            if opened {
                done.mark(unit);
                order.push(unit);
                continue;
            }
            stack.push((unit, true));
            operands.clear();
            self.each_operand(unit, |operand| operands.extend(self.unit_of(operand)));
            stack.extend(operands.iter().rev().map(|&operand| (operand, false)));
        }
        self.by_level(order)
    }

    /// The units sorted into longer runs of plain ones: first the plain units that need no result of
    /// a kernel, then the kernels that need only these, then the plain units that need only both,
    /// and so on.
    fn by_level(&self, order: Vec<Unit>) -> Vec<Unit> {
        let mut levels = vec![0; self.values.len()];
        let mut keyed = Vec::with_capacity(order.len());
        for unit in order {
            let mut level = 0;
            self.each_operand(unit, |operand| level = level.max(levels[operand.index()]));
            let plain = self.is_plain(unit);
            keyed.push((2 * level + usize::from(!plain), unit));
            let after = if plain { level } else { level + 1 };
            match unit {
                Unit::Value(id) => levels[id.index()] = after,
                Unit::Matrix(index) => {
                    for sum in &self.matrices[index as usize].sums {
                        levels[sum.value.index()] = after;
                    }
                }
                Unit::Reductions(_) => {}
            }
        }
        keyed.sort_by_key(|&(key, _)| key);
        keyed.into_iter().map(|(_, unit)| unit).collect()
    }

    fn is_plain(&self, unit: Unit) -> bool {
        match unit {
            Unit::Value(id) => self.values.operation(id).expect("units are computed").is_plain(),
            Unit::Matrix(_) => false,
            Unit::Reductions(index) => match &self.reduction_groups[index as usize] {
                ReductionGroup::Sum { .. } | ReductionGroup::Product { .. } => true,
                ReductionGroup::Outer { left, right, .. } => {
                    left.len() * right.len() <= TABLE_PLAIN_MAX
                }
                ReductionGroup::Cells(_) => false,
            },
        }
    }
}

struct Done {
    values: Vec<bool>,
    matrices: Vec<bool>,
}

impl Done {
    fn is(&self, unit: Unit) -> bool {
        match unit {
            Unit::Value(id) => self.values[id.index()],
            Unit::Matrix(index) => self.matrices[index as usize],
            Unit::Reductions(_) => false,
        }
    }

    fn mark(&mut self, unit: Unit) {
        match unit {
            Unit::Value(id) => self.values[id.index()] = true,
            Unit::Matrix(index) => self.matrices[index as usize] = true,
            Unit::Reductions(_) => {}
        }
    }
}

/// Makes the steps for outputs and means.
pub(super) fn schedule(
    values: &Values,
    outputs: &[ValueId],
    means: &[Reduction],
    parameters: usize,
) -> (Scalars, Schedule) {
    let roots = roots(outputs, means);
    let reachable = values.reachable(&roots);
    let (scalars, places) = place_scalars(values, &reachable, parameters, means.len());
    let plan = Plan::new(values, &reachable, means);
    let order = plan.order(outputs);
    let mut layout = Slots::new(&plan, places, &order, outputs, means.len());
    let steps: Vec<Step> =
        order.iter().enumerate().map(|(now, &unit)| layout.step(unit, now)).collect();
    let outputs = outputs.iter().map(|&root| layout.source(root)).collect();
    let slots = layout.count as usize;
    let Slots { weights, partials, lanes, width, .. } = layout;
    let tile = tile_rows(slots);
    (scalars, Schedule { steps, outputs, slots, tile, weights, partials, lanes, width })
}

/// Numbers that the slots of a tile may take of the first-level cache.
const NEAR: usize = 4096;
/// Bounds of the rows of a tile: fewer do not pay for the dispatch of a step, more gain nothing.
const TILE: std::ops::RangeInclusive<usize> = 256..=2048;

/// Rows of a tile: long enough to pay for the dispatch, short enough that the slots stay in cache.
pub(super) fn tile_rows(slots: usize) -> usize {
    let fitting = NEAR / slots.max(1);
    fitting.clamp(*TILE.start(), *TILE.end()).next_multiple_of(GRAIN)
}

/// The last use of an output, which the caller reads after all steps, and of a freed operand.
const FOREVER: usize = usize::MAX;

/// Allocates slots, weights and partial sums, step by step.
struct Slots<'v> {
    plan: &'v Plan<'v>,
    /// The index of a scalar; the slot of a row value, once it has one.
    places: Vec<u32>,
    last_use: Vec<usize>,
    free: Vec<u32>,
    count: u32,
    weights: Vec<u32>,
    partials: Vec<Partial>,
    lanes: usize,
    /// Number of partial sums of a mean outside a table of products.
    width: usize,
}

/// Up to this number of means, each has enough partial sums to hide the latency of an addition; the
/// additions of more means hide each other's latency.
const WIDE_MEANS_MAX: usize = 4;

impl<'v> Slots<'v> {
    fn new(
        plan: &'v Plan<'v>,
        places: Vec<u32>,
        order: &[Unit],
        outputs: &[ValueId],
        means: usize,
    ) -> Self {
        let mut last_use = vec![0; plan.values.len()];
        for (now, &unit) in order.iter().enumerate() {
            plan.each_operand(unit, |operand| last_use[operand.index()] = now);
        }
        outputs.iter().for_each(|root| last_use[root.index()] = FOREVER);
        let partials = vec![Partial { first: 0, count: 0, stride: 1 }; means];
        let (free, weights) = (Vec::new(), Vec::new());
        let width = if means <= WIDE_MEANS_MAX { WIDE } else { LANES };
        Self { plan, places, last_use, free, count: 0, weights, partials, lanes: 0, width }
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }

    fn source(&self, id: ValueId) -> Source {
        let place = self.places[id.index()];
        match self.plan.values.get(id) {
            Value::Column(index) => Source::Column(*index),
            _ if self.plan.values.is_scalar(id) => Source::Scalar(place),
            _ => Source::Slot(place),
        }
    }

    fn sources(&self, ids: &[ValueId]) -> Box<[Source]> {
        ids.iter().map(|&id| self.source(id)).collect()
    }

    /// The step of a unit. Its slots are allocated before those of its operands are freed, so that
    /// they differ.
    fn step(&mut self, unit: Unit, now: usize) -> Step {
        let plan = self.plan;
        let step = match unit {
            Unit::Value(id) => self.value(id),
            Unit::Matrix(index) => self.matrix(&plan.matrices[index as usize]),
            Unit::Reductions(index) => self.reduction_group(&plan.reduction_groups[index as usize]),
        };
        plan.each_operand(unit, |operand| self.release(operand, now));
        step
    }

    fn value(&mut self, id: ValueId) -> Step {
        let values = self.plan.values;
        let operation = values.operation(id).expect("units are computed");
        let slot = self.take();
        let operation = operation.map(|operand| self.source(operand));
        self.places[id.index()] = slot;
        Step::Value { slot, stage: values.stage(id), operation }
    }

    fn matrix(&mut self, matrix: &Matrix) -> Step {
        let slots: Box<[u32]> = matrix.sums.iter().map(|_| self.take()).collect();
        for (sum, &slot) in matrix.sums.iter().zip(&slots) {
            self.places[sum.value.index()] = slot;
        }
        let starts = matrix.sums.iter().map(|sum| self.places[sum.start.index()]).collect();
        let first = self.weights.len();
        for range in row_blocks(matrix.rows.len()) {
            for block in matrix.sums.chunks(OUTPUTS_MAX) {
                for k in range.clone() {
                    let of = |weight: ValueId| self.places[weight.index()];
                    let weights: Vec<u32> = block.iter().map(|sum| of(sum.weights[k])).collect();
                    self.weights.extend(weights);
                }
            }
        }
        Step::Matrix { slots, starts, rows: self.sources(&matrix.rows), weights: first }
    }

    fn reduction_group(&mut self, reduction_group: &ReductionGroup) -> Step {
        let lanes = self.lanes;
        match reduction_group {
            ReductionGroup::Sum { a, mean } => {
                self.sum_up(&[*mean], self.width);
                Step::Sum { a: self.source(*a), lanes }
            }
            ReductionGroup::Product { a, b, mean } => {
                self.sum_up(&[*mean], self.width);
                Step::Product { a: self.source(*a), b: self.source(*b), lanes }
            }
            ReductionGroup::Outer { left, right, means } => {
                self.sum_up(means, LANES);
                Step::Outer { left: self.sources(left), right: self.sources(right), lanes }
            }
            ReductionGroup::Cells(sums) => self.cells(sums),
        }
    }

    /// A table of partial sums: for each lane the cells, and for each cell the values.
    fn cells(&mut self, sums: &CellSums) -> Step {
        let (lanes, width) = (self.lanes, sums.values.len());
        let stride = cell_table(sums.cells(), width);
        for &(mean, cell, value) in &sums.means {
            let first = lanes + cell * width + value;
            self.partials[mean] = Partial { first, count: CELL_LANES, stride };
        }
        // The sums that follow begin at a whole vector.
        self.lanes += (CELL_LANES * stride).next_multiple_of(LANES);
        let indices = sums.indices.iter().map(|&(index, levels)| (self.source(index), levels));
        Step::Cells { indices: indices.collect(), values: self.sources(&sums.values), lanes }
    }

    /// Allocates `count` partial sums for each of the means.
    fn sum_up(&mut self, means: &[usize], count: usize) {
        for &mean in means {
            self.partials[mean] = Partial { first: self.lanes, count, stride: 1 };
            self.lanes += count;
        }
    }

    fn release(&mut self, operand: ValueId, now: usize) {
        if let (Source::Slot(slot), true) =
            (self.source(operand), self.last_use[operand.index()] == now)
        {
            self.free.push(slot);
            // An operand that occurs twice is freed once.
            self.last_use[operand.index()] = FOREVER;
        }
    }
}

/// Positions of the rows of a matrix, a block at a time.
pub(super) fn row_blocks(rows: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    (0..rows).step_by(ROWS_MAX).map(move |first| first..rows.min(first + ROWS_MAX))
}
