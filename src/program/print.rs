//! The listing of a program: one operation a line, by stage.

use std::fmt;

use super::Program;
use super::operation::{Operation, Stage};
use super::schedule::Source;
use crate::graph::Relation;

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.operations();
        writeln!(f, "once a call: {} operations", operations.parameter)?;
        let first = self.scalars.parameters + self.scalars.constants.len();
        for (index, step) in self.scalars.steps.iter().enumerate() {
            let place = (first + index) as u32;
            writeln!(f, "  {} = {}", self.scalar(place), text(step, |&s| self.scalar(s)))?;
        }
        writeln!(
            f,
            "on every row: {} operations on data alone, {} others, {} slots, tiles of {}",
            operations.data, operations.row, operations.slots, self.schedule.tile
        )?;
        for &(slot, scalar) in &self.schedule.spread {
            writeln!(f, "  t{slot} = {}", self.scalar(scalar))?;
        }
        for step in &self.schedule.steps {
            let mark = if step.stage == Stage::Data { "  # data" } else { "" };
            let operation = text(&step.operation, |&source| self.source(source));
            writeln!(f, "  t{} = {operation}{mark}", step.slot)?;
        }
        let outputs: Vec<String> =
            self.schedule.outputs.iter().map(|&source| self.source(source)).collect();
        writeln!(f, "outputs: {}", outputs.join(", "))
    }
}

impl Program {
    fn source(&self, source: Source) -> String {
        match source {
            Source::Scalar(s) => self.scalar(s),
            Source::Column(c) => self.columns[c as usize].clone(),
            Source::Slot(s) => format!("t{s}"),
        }
    }

    /// Parameters by name, constants by value, what is computed from them by number.
    fn scalar(&self, place: u32) -> String {
        let place = place as usize;
        let constants = place.checked_sub(self.scalars.parameters);
        match constants.map(|index| (index, self.scalars.constants.get(index))) {
            None => self.parameters[place].clone(),
            Some((_, Some(value))) => format!("{value}"),
            Some((index, None)) => format!("s{}", index - self.scalars.constants.len()),
        }
    }
}

fn text<V>(operation: &Operation<V>, name: impl Fn(&V) -> String) -> String {
    let call = |function: &str, operands: &[&V]| {
        let operands: Vec<String> = operands.iter().map(|&v| name(v)).collect();
        format!("{function}({})", operands.join(", "))
    };
    match operation {
        Operation::Sum { start, scaled, products } => {
            let terms = scaled.iter().chain(products);
            let terms = terms.map(|(a, b)| format!("{}*{}", name(a), name(b)));
            std::iter::once(name(start)).chain(terms).collect::<Vec<_>>().join(" + ")
        }
        Operation::Multiply(a, b) => format!("{}*{}", name(a), name(b)),
        Operation::Reciprocal(a) => format!("1/{}", name(a)),
        Operation::Root(a) => call("sqrt", &[a]),
        Operation::Power(a, exponent) => format!("{}^{}", name(a), exponent.value()),
        Operation::Call(function, a) => call(function.name(), &[a]),
        Operation::Binary(function, a, b) => call(function.name(), &[a, b]),
        Operation::Compare(relation, a, b) => {
            format!("{} {} {}", name(a), sign(*relation), name(b))
        }
        Operation::Select(c, a, b) => {
            format!("if {} then {} else {}", name(c), name(a), name(b))
        }
        Operation::Greatest(all) => call("max", &all.iter().collect::<Vec<_>>()),
        Operation::LogTotal(m, s) => format!("{} + log({})", name(m), name(s)),
    }
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Less => "<",
        Relation::LessEqual => "<=",
        Relation::Equal => "==",
    }
}
