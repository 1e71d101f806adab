//! The listing of a program: one operation a line, by stage.

use std::fmt;

use super::Program;
use super::operation::{ADDITIVE_IDENTITY, Operation, Stage};
use super::steps::{Source, Step};
use crate::graph::Relation;

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.operations();
        writeln!(f, "once a call: {} operations", operations.parameter)?;
        let first = self.scalars.parameters + self.scalars.constants.len();
        self.list(f, first, &self.scalars.before)?;
        writeln!(
            f,
            "on every row: {} operations on data alone, {} others, {} sums, {} slots, tiles of {}",
            operations.data, operations.row, operations.mean, operations.slots, self.schedule.tile
        )?;
        self.schedule.steps.iter().try_for_each(|step| self.step(f, step))?;
        if self.scalars.means > 0 {
            writeln!(f, "once a call, after the rows: {} operations", operations.after)?;
            self.list(f, self.scalars.first_mean() + self.scalars.means, &self.scalars.after)?;
        }
        let outputs: Vec<String> =
            self.schedule.outputs.iter().map(|&source| self.source(source)).collect();
        writeln!(f, "outputs: {}", outputs.join(", "))
    }
}

impl Program {
    fn list(
        &self,
        f: &mut fmt::Formatter<'_>,
        first: usize,
        steps: &[Operation<u32>],
    ) -> fmt::Result {
        for (index, step) in steps.iter().enumerate() {
            let place = (first + index) as u32;
            writeln!(f, "  {} = {}", self.scalar(place), text(step, |&s| self.scalar(s)))?;
        }
        Ok(())
    }

    fn step(&self, f: &mut fmt::Formatter<'_>, step: &Step) -> fmt::Result {
        let sources = |sources: &[Source]| {
            sources.iter().map(|&source| self.source(source)).collect::<Vec<_>>().join(", ")
        };
        match step {
            Step::Value { slot, stage, operation } => {
                let mark = if *stage == Stage::Data { "  # data" } else { "" };
                let operation = text(operation, |&source| self.source(source));
                writeln!(f, "  t{slot} = {operation}{mark}")
            }
            Step::Matrix { slots, rows, .. } => {
                let slots: Vec<String> = slots.iter().map(|slot| format!("t{slot}")).collect();
                writeln!(f, "  {} = matrix * [{}]", slots.join(", "), sources(rows))
            }
            Step::Sum { a, lanes } => writeln!(f, "  {} += {}", self.mean(*lanes), self.source(*a)),
            Step::Product { a, b, lanes } => {
                writeln!(f, "  {} += {}*{}", self.mean(*lanes), self.source(*a), self.source(*b))
            }
            Step::Outer { left, right, .. } => {
                writeln!(f, "  means += [{}]' * [{}]", sources(left), sources(right))
            }
            Step::Cells { indices, values, .. } => {
                let indices: Vec<Source> = indices.iter().map(|&(index, _)| index).collect();
                writeln!(f, "  means[{}] += [{}]", sources(&indices), sources(values))
            }
        }
    }

    /// The mean whose partial sums begin at index `lanes`.
    fn mean(&self, lanes: usize) -> String {
        let found = self.schedule.partials.iter().position(|partial| partial.first == lanes);
        self.scalar((self.scalars.first_mean() + found.unwrap_or_default()) as u32)
    }

    fn source(&self, source: Source) -> String {
        match source {
            Source::Scalar(s) => self.scalar(s),
            Source::Column(c) => self.columns[c as usize].clone(),
            Source::Slot(s) => format!("t{s}"),
        }
    }

    /// A scalar as text: parameters by name, constants by value, means and computed scalars by number.
    fn scalar(&self, place: u32) -> String {
        let place = place as usize;
        let constants = place.checked_sub(self.scalars.parameters);
        match constants.map(|index| (index, self.scalars.constants.get(index))) {
            None => self.parameters[place].clone(),
            Some((_, Some(value))) => format!("{value}"),
            Some((index, None)) => {
                let index = index - self.scalars.constants.len();
                let computed = self.scalars.before.len();
                match index.checked_sub(computed) {
                    None => format!("s{index}"),
                    Some(mean) if mean < self.scalars.means => format!("mean{mean}"),
                    Some(after) => format!("s{}", computed + after - self.scalars.means),
                }
            }
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
            let start = Some(name(start)).filter(|start| *start != format!("{ADDITIVE_IDENTITY}"));
            start.into_iter().chain(terms).collect::<Vec<_>>().join(" + ")
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
        Operation::Gather(list, index) => {
            let list: Vec<String> = list.iter().map(&name).collect();
            format!("[{}][{}]", list.join(", "), name(index))
        }
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
