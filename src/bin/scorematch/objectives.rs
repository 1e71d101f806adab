//! `scorematch objectives`: the available objectives, each with its formula, source and an example.

use scorematch::objective::Kind;
use scorematch::report::SCHEMA;
use serde_json::{Value, json};

use crate::args::{Format, ListArgs, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::output::emit_text;

/// Columns before the text of an objective.
const INDENT: usize = 10;
const HEAD: &str = "\
The mean over the rows of one of these is minimised. s is the gradient of log p
in the data, H the matrix of its second derivatives, and Delta_i what log p falls
by where entry i takes its other value.
";

pub fn run(args: &ListArgs) -> Result<Ending, Failure> {
    let text = match args.format {
        Format::Text => Kind::ALL.iter().fold(HEAD.to_owned(), |all, &kind| all + &text(kind)),
        Format::Json => {
            let entries: Vec<Value> = Kind::ALL.into_iter().map(entry).collect();
            format!(
                "{:#}\n",
                json!({"schema": SCHEMA, "version": env!("CARGO_PKG_VERSION"), "objectives": entries})
            )
        }
    };
    emit_text(&TargetArgs { file: args.file.clone(), ..TargetArgs::default() }, &text)?;
    Ok(Ending::Done)
}

fn text(kind: Kind) -> String {
    let lines = [
        ("", kind.meaning()),
        ("loss", kind.formula()),
        ("source", kind.source()),
        ("example", &command(kind)),
    ];
    let lines = lines.map(|(head, words)| format!("  {head:<INDENT$}{words}\n"));
    format!("\n{kind}\n{}", lines.concat())
}

fn entry(kind: Kind) -> Value {
    json!({
        "name": kind.name(), "meaning": kind.meaning(), "formula": kind.formula(),
        "source": kind.source(), "example": kind.example(), "command": command(kind),
    })
}

/// A shell command that shows the loss of the objective for its example.
pub fn command(kind: Kind) -> String {
    let noise = if kind == Kind::Denoising { " --sigma 0.1" } else { "" };
    format!("scorematch derive --objective {kind}{noise} -e '{}'", kind.example())
}
