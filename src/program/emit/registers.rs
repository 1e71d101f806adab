//! Register allocation within one copy of a loop body.

use std::ops::Range;

use super::assembler::Register;
use super::body::{Body, Value};

/// Most vector registers of any machine.
const REGISTERS: usize = 32;

/// The state of the registers at one operation of the body.
pub(super) struct Registers<'b> {
    body: &'b Body,
    /// The operations that read each value, in descending order; past ones are removed.
    uses: Vec<Vec<usize>>,
    holder: [Option<usize>; REGISTERS],
    of_value: Vec<Option<Register>>,
    stored: Vec<bool>,
    /// Registers that the current operation uses, and that are not to be reallocated.
    locked: [bool; REGISTERS],
    /// Registers that are allocated here; the others are pinned to sums.
    range: Range<usize>,
}

/// A register that was taken, and the spill that it needs.
pub(super) struct Taken {
    pub(super) register: Register,
    /// A value that has to be stored before the register is written: it has no copy in memory.
    pub(super) spilled: Option<usize>,
}

impl<'b> Registers<'b> {
    /// The registers of the range, all free.
    pub(super) fn new(body: &'b Body, range: Range<usize>) -> Self {
        let mut uses = vec![Vec::new(); body.values.len()];
        for (at, op) in body.ops.iter().enumerate().rev() {
            op.each_value(|value| uses[value].push(at));
        }
        let stored = body.values.iter().map(|value| value.given).collect();
        let of_value = vec![None; body.values.len()];
        let (holder, locked) = ([None; REGISTERS], [false; REGISTERS]);
        Self { body, uses, holder, of_value, stored, locked, range }
    }

    pub(super) fn of(&self, value: usize) -> Option<Register> {
        self.of_value[value]
    }

    pub(super) fn lock(&mut self, register: Register) {
        self.locked[register.0 as usize] = true;
    }

    /// Allows the register to be reallocated.
    pub(super) fn unlock(&mut self, register: Register) {
        self.locked[register.0 as usize] = false;
    }

    /// A register for a new value or an intermediate result, locked.
    pub(super) fn take(&mut self, holder: Option<usize>) -> Taken {
        let candidates = self.range.clone();
        let free = candidates.clone().find(|&r| self.holder[r].is_none() && !self.locked[r]);
        // Without a free register, the value whose next use is farthest is evicted.
        let chosen = free.unwrap_or_else(|| {
            let held = candidates.filter(|&r| !self.locked[r]);
            held.max_by_key(|&r| self.next_use(self.holder[r].expect("it is not free")))
                .expect("an operation locks few registers")
        });
        let spilled = self.holder[chosen].take();
        if let Some(value) = spilled {
            self.of_value[value] = None;
        }
        self.holder[chosen] = holder;
        if let Some(value) = holder {
            self.of_value[value] = Some(Register(chosen as u8));
        }
        self.locked[chosen] = true;
        let spilled = spilled.filter(|&value| !self.stored[value]);
        spilled.into_iter().for_each(|value| self.stored[value] = true);
        Taken { register: Register(chosen as u8), spilled }
    }

    fn next_use(&self, value: usize) -> usize {
        self.uses[value].last().copied().unwrap_or(usize::MAX)
    }

    /// The register of an intermediate result becomes that of a value.
    pub(super) fn assign(&mut self, register: Register, value: usize) {
        self.holder[register.0 as usize] = Some(value);
        self.of_value[value] = Some(register);
    }

    /// Whether a new value has to be stored now: it is live after the body and not in memory.
    pub(super) fn is_due(&mut self, value: usize) -> bool {
        let Value { live_out, .. } = self.body.values[value];
        let due = live_out && !self.stored[value];
        self.stored[value] |= due;
        due
    }

    /// Ends the operation `at`: unlocks all registers, and frees those whose values no later
    /// operation reads.
    pub(super) fn done(&mut self, at: usize) {
        self.locked = [false; REGISTERS];
        let values = &mut self.uses;
        self.body.ops[at].each_value(|value| {
            while values[value].last().is_some_and(|&used| used <= at) {
                values[value].pop();
            }
        });
        for register in self.range.clone() {
            if let Some(value) = self.holder[register]
                && self.uses[value].is_empty()
            {
                self.holder[register] = None;
                self.of_value[value] = None;
            }
        }
    }
}
