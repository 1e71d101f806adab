//! `:sample`: draws from the model at the current values.

use scorematch::model::NODES_MAX;
use scorematch::report::{Align, aligned, significant};

use crate::args::{ModelArgs, TargetArgs, telling};
use crate::failure::Failure;
use crate::interrupt::Watch;
use crate::output::{check_target, page};
use crate::sample::Drawn;

use super::arguments::{SampleLine, parsed};
use super::state::{Answer, State};

/// Draws that are shown without a file.
const SHOWN: usize = 5;
/// Significant digits of a value that is shown.
const DIGITS: usize = 7;

/// Draws, and reports on the draws. A file gets all draws; without one the first are shown.
pub fn run(state: &State, rest: &str, watch: &Watch) -> Result<Answer, Failure> {
    let understood = state.complete()?;
    let SampleLine { count, file, drawing, table, map, explain } = parsed(rest)?;
    let target = TargetArgs { file, ..TargetArgs::default() };
    check_target(&target)?;
    let alone = understood.model().clone();
    let theta = state.current.complete(&alone)?;
    // A `data` statement decides itself which names are data.
    let data = (!state.statements.declares_data()).then(|| understood.facts.roles.data.clone());
    let named =
        ModelArgs { expression: None, constants: Vec::new(), map, nodes_max: NODES_MAX, data };
    let (model, given) = drawing.subject(&state.source(), &named, alone, &table, watch)?;
    let drawn = drawing.drawn(model, given, &theta, count, watch)?;
    let below = match &target.file {
        Some(file) => {
            drawn.save(&target, watch)?;
            format!("written: {}\n", file.display())
        }
        None => first(&drawn),
    };
    let page = page().telling(telling(explain, ":sample --explain"));
    let text = format!("{}\n{below}", drawn.draws.text_on(page));
    Ok(Answer { text, ending: drawn.ending(), next: None })
}

/// The first draws as a table.
fn first(drawn: &Drawn) -> String {
    let (all, shown) = (drawn.draws.len(), drawn.draws.len().min(SHOWN));
    let record = |row| drawn.record(row, |value| significant(value, DIGITS));
    let rows: Vec<_> = std::iter::once(drawn.heading()).chain((0..shown).map(record)).collect();
    let table = aligned(&rows, &vec![Align::Right; rows[0].len()]);
    match all > shown {
        true => format!("{table}\nthe first {shown} of {all}; `-o FILE` writes all\n"),
        false => table,
    }
}
