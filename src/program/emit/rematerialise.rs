//! Rematerialisation: values that are cheaper to recompute than to store.
//!
//! A value that one segment passes to another goes through memory, where a store costs as much as
//! two additions. So a segment recomputes values that take an instruction or two from operands that
//! it reads anyway.

use std::collections::{BTreeMap, BTreeSet};

use super::super::operation::Operation;
use super::super::steps::{Schedule, Source, Step};

/// Most terms of an operation that is rematerialised.
const SIZE_MAX: usize = 2;

/// Where more slots than this are read, none is rematerialised: the search would take too long.
const SLOTS_MAX: usize = 64;

/// The steps by the slots that they write.
pub(super) struct Makers<'s> {
    steps: &'s [Step],
    /// For each slot the steps that write it, in order.
    of_slot: Vec<Vec<usize>>,
}

impl<'s> Makers<'s> {
    pub(super) fn of(schedule: &'s Schedule) -> Self {
        let mut of_slot = vec![Vec::new(); schedule.slots];
        for (index, step) in schedule.steps.iter().enumerate() {
            step.each_write(|slot| of_slot[slot as usize].push(index));
        }
        Self { steps: &schedule.steps, of_slot }
    }

    /// The step that computed the value of the slot before the step `at`.
    fn before(&self, at: usize, slot: u32) -> Option<usize> {
        let makers = &self.of_slot[slot as usize];
        makers[..makers.partition_point(|&maker| maker < at)].last().copied()
    }

    /// The step that computed an operand of the step `at`; `None` for columns and scalars.
    pub(super) fn of_source(&self, at: usize, source: Source) -> Option<usize> {
        match source {
            Source::Slot(slot) => self.before(at, slot),
            Source::Column(_) | Source::Scalar(_) => None,
        }
    }

    /// The slots whose values before the step `at` can be recomputed from the other slots, columns
    /// and scalars, each with its operation.
    pub(super) fn rematerialisable(
        &self,
        at: usize,
        slots: &BTreeSet<u32>,
    ) -> BTreeMap<u32, Operation<Source>> {
        if slots.len() > SLOTS_MAX {
            return BTreeMap::new();
        }
        slots
            .iter()
            .filter_map(|&slot| Some((slot, self.operation_if_cheap(slot, at, slots)?)))
            .collect()
    }

    fn operation_if_cheap(
        &self,
        slot: u32,
        at: usize,
        slots: &BTreeSet<u32>,
    ) -> Option<Operation<Source>> {
        let maker = self.before(at, slot)?;
        let Step::Value { operation, .. } = &self.steps[maker] else { return None };
        let short = match operation {
            Operation::Sum { .. } | Operation::Multiply(..) => operation.size() <= SIZE_MAX,
            Operation::Reciprocal(_)
            | Operation::Root(_)
            | Operation::Power(..)
            | Operation::Call(..)
            | Operation::Binary(..)
            | Operation::Compare(..)
            | Operation::Select(..)
            | Operation::Greatest(_)
            | Operation::Gather(..)
            | Operation::LogTotal(..) => false,
        };
        let mut at_hand = true;
        operation.each_operand(|operand| {
            at_hand &= match operand {
                Source::Scalar(_) | Source::Column(_) => true,
                Source::Slot(slot) => {
                    slots.contains(&slot) && self.before(maker, slot) == self.before(at, slot)
                }
            };
        });
        (short && at_hand).then(|| operation.clone())
    }
}
