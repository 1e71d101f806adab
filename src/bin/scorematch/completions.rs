//! `scorematch completions`: a shell's completion script, generated from the argument parser.

use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArgs, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::output::emit;

pub fn run(args: &CompletionsArgs) -> Result<Ending, Failure> {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    emit(&TargetArgs::default(), |writer| writer.write_all(&script))?;
    Ok(Ending::Done)
}
