//! `scorematch man`: the manual, from the argument parser.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Arguments, ManArgs, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::output::emit;

pub fn run(args: &ManArgs) -> Result<Ending, Failure> {
    // `help` has no page of its own to offer.
    let command = Arguments::command().disable_help_subcommand(true);
    match &args.folder {
        Some(folder) => clap_mangen::generate_to(command, folder)
            .map_err(|reason| Failure::file("write into", folder.display(), &reason))?,
        None => emit(&TargetArgs::default(), |writer| Man::new(command).render(writer))?,
    }
    Ok(Ending::Done)
}
