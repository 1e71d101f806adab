//! Values to steps: an order, places to keep results, the length of a tile.

use super::operation::{Operation, Stage};
use super::scalar;
use super::value::{Value, ValueId, Values};

/// Where an operand of a row step is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Scalar(u32),
    Column(u32),
    Slot(u32),
}

/// Everything that is one number for all rows: parameters, constants, parameter-only values.
#[derive(Debug)]
pub(super) struct Scalars {
    pub(super) parameters: usize,
    pub(super) constants: Vec<f64>,
    pub(super) steps: Vec<Operation<u32>>,
}

/// One row operation; its slot is none of its operands'.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) slot: u32,
    pub(super) stage: Stage,
    pub(super) operation: Operation<Source>,
}

/// The row steps.
#[derive(Debug)]
pub(super) struct Schedule {
    pub(super) steps: Vec<Step>,
    pub(super) outputs: Vec<Source>,
    /// Slots that hold one scalar on every row: outputs that do not depend on data.
    pub(super) spread: Vec<(u32, u32)>,
    pub(super) slots: usize,
    pub(super) tile: usize,
}

impl Scalars {
    /// The numbers at these parameters.
    pub(super) fn at(&self, parameters: &[f64]) -> Vec<f64> {
        let length = parameters.len() + self.constants.len() + self.steps.len();
        let mut numbers = Vec::with_capacity(length);
        numbers.extend_from_slice(parameters);
        numbers.extend_from_slice(&self.constants);
        for step in &self.steps {
            let value = scalar::evaluate(step, |index| numbers[index as usize]);
            numbers.push(value);
        }
        numbers
    }
}

/// Places of the scalars that the roots need; `u32::MAX` elsewhere.
fn place_scalars(values: &Values, reachable: &[bool], parameters: usize) -> (Scalars, Vec<u32>) {
    let wanted = |id: &ValueId| reachable[id.index()] && values.is_scalar(*id);
    let mut places = vec![u32::MAX; values.len()];
    let mut constants = Vec::new();
    for id in values.ids().filter(wanted) {
        match values.get(id) {
            Value::Constant(bits) => {
                places[id.index()] = (parameters + constants.len()) as u32;
                constants.push(bits.value());
            }
            Value::Parameter(index) => places[id.index()] = *index,
            Value::Column(_) | Value::Computed(_) => {}
        }
    }
    let mut steps = Vec::new();
    for id in values.ids().filter(wanted) {
        if let Some(operation) = values.operation(id) {
            places[id.index()] = (parameters + constants.len() + steps.len()) as u32;
            steps.push(operation.map(|operand| places[operand.index()]));
        }
    }
    (Scalars { parameters, constants, steps }, places)
}

/// The row values below the roots, operands before users, each as late as the depth-first walk
/// from the first root that needs it allows: results are used soon after they are made.
fn order(values: &Values, roots: &[ValueId]) -> Vec<ValueId> {
    let mut order = Vec::new();
    let mut done = vec![false; values.len()];
    let mut stack: Vec<(ValueId, bool)> = roots.iter().rev().map(|&root| (root, false)).collect();
    let mut operands = Vec::new();
    while let Some((id, opened)) = stack.pop() {
        let Some(operation) = values.operation(id) else { continue };
        if done[id.index()] || values.is_scalar(id) {
            continue;
        }
        if opened {
            done[id.index()] = true;
            order.push(id);
            continue;
        }
        stack.push((id, true));
        operands.clear();
        operation.each_operand(|operand| operands.push(operand));
        stack.extend(operands.iter().rev().map(|&operand| (operand, false)));
    }
    order
}

/// Makes the steps for the roots.
pub(super) fn schedule(
    values: &Values,
    roots: &[ValueId],
    parameters: usize,
) -> (Scalars, Schedule) {
    let (scalars, places) = place_scalars(values, &values.reachable(roots), parameters);
    let order = order(values, roots);
    let mut slots = Slots::new(values, places, &order, roots);
    let spread = slots.spread(roots);
    let steps: Vec<Step> = order.iter().enumerate().map(|(now, &id)| slots.step(id, now)).collect();
    let outputs = roots.iter().map(|&root| slots.output(root)).collect();
    let tile = tile_rows(slots.count as usize);
    let slots = slots.count as usize;
    (scalars, Schedule { steps, outputs, spread, slots, tile })
}

/// Rows of a tile: long enough to pay for the dispatch, short enough that the slots stay in cache.
fn tile_rows(slots: usize) -> usize {
    match slots {
        0..=64 => 512,
        65..=128 => 256,
        129..=256 => 128,
        _ => 64,
    }
}

/// Never used again, or an output, which is used by the caller at the end.
const FOREVER: usize = usize::MAX;

/// Slots given out and taken back as the steps are laid down.
struct Slots<'v> {
    values: &'v Values,
    /// Of scalars: their number. Of row values: their slot, once they have one.
    places: Vec<u32>,
    /// Of spread outputs: their slot.
    spreads: Vec<u32>,
    last_use: Vec<usize>,
    free: Vec<u32>,
    count: u32,
}

impl<'v> Slots<'v> {
    fn new(values: &'v Values, places: Vec<u32>, order: &[ValueId], roots: &[ValueId]) -> Self {
        let mut last_use = vec![0; values.len()];
        for (now, &id) in order.iter().enumerate() {
            let operation = values.operation(id).expect("ordered values are computed");
            operation.each_operand(|operand| last_use[operand.index()] = now);
        }
        roots.iter().for_each(|root| last_use[root.index()] = FOREVER);
        let spreads = Vec::new();
        Self { values, places, spreads, last_use, free: Vec::new(), count: 0 }
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }

    /// Gives scalar outputs slots of their own.
    fn spread(&mut self, roots: &[ValueId]) -> Vec<(u32, u32)> {
        self.spreads = vec![u32::MAX; self.values.len()];
        let mut spread = Vec::new();
        for &root in roots {
            if self.values.is_scalar(root) && self.spreads[root.index()] == u32::MAX {
                let slot = self.take();
                self.spreads[root.index()] = slot;
                spread.push((slot, self.places[root.index()]));
            }
        }
        spread
    }

    fn source(&self, id: ValueId) -> Source {
        let place = self.places[id.index()];
        match self.values.get(id) {
            Value::Column(index) => Source::Column(*index),
            _ if self.values.is_scalar(id) => Source::Scalar(place),
            _ => Source::Slot(place),
        }
    }

    fn output(&self, id: ValueId) -> Source {
        match self.source(id) {
            Source::Scalar(_) => Source::Slot(self.spreads[id.index()]),
            source => source,
        }
    }

    /// The step of a value: its slot is taken before those of its last-used operands come back.
    fn step(&mut self, id: ValueId, now: usize) -> Step {
        let values = self.values;
        let operation = values.operation(id).expect("ordered values are computed");
        let slot = self.take();
        let step = Step {
            slot,
            stage: values.stage(id),
            operation: operation.map(|operand| self.source(operand)),
        };
        operation.each_operand(|operand| self.release(operand, now));
        self.places[id.index()] = slot;
        step
    }

    fn release(&mut self, operand: ValueId, now: usize) {
        if let (Source::Slot(slot), true) =
            (self.source(operand), self.last_use[operand.index()] == now)
        {
            self.free.push(slot);
            // An operand that occurs twice comes back once.
            self.last_use[operand.index()] = FOREVER;
        }
    }
}
