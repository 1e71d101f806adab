//! `:plot`: the density or the score over the data, or the values of a column.

use scorematch::data::Missing;
use scorematch::report::Picture;
use scorematch::source::{Diagnostic, nearest};

use crate::failure::Failure;
use crate::output::picture_width;

use super::state::{Answer, State};
use super::understood::Data;

/// Draws the model at the current values, or a column.
pub fn run(state: &State, column: &str) -> Result<Answer, Failure> {
    let picture = if column.is_empty() { model(state)? } else { histogram(state, column)? };
    Ok(Answer::text(picture.text()))
}

fn model(state: &State) -> Result<Picture, Failure> {
    let bound = state.bound()?;
    let theta = state.current.complete(&bound.model)?;
    Ok(Picture::of(&bound.model, &bound.selection, &theta, picture_width()))
}

fn histogram(state: &State, column: &str) -> Result<Picture, Failure> {
    let Data { table, reading: _, map: _ } = state.data()?;
    let column = column.trim_matches('`');
    let selection = table.columns.select(&[column], Missing::Drop);
    match selection {
        Ok(selection) => Ok(Picture::histogram(column, selection.column(0), picture_width())),
        Err(_) if !table.columns.names().contains(&column) => {
            let message = format!("the data has no column `{column}`");
            let error = Diagnostic::error("unknown-column", message);
            Err(Failure::plain(&match nearest(column, table.columns.names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            }))
        }
        Err(error) => Err(Failure::plain(&error.diagnostic(&table.name))),
    }
}
