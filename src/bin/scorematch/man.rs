//! `scorematch man`: the manual, generated from the argument parser.

use std::path::Path;
use std::{fs, io};

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::args::{Arguments, ManArgs, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::help::LANGUAGE;
use crate::output::emit;

pub fn run(args: &ManArgs) -> Result<Ending, Failure> {
    let command = Arguments::command();
    match &args.folder {
        Some(folder) => pages(command, folder)
            .map_err(|reason| Failure::file("write into", folder.display(), &reason))?,
        None => emit(&TargetArgs::default(), |writer| {
            Man::new(command).render(writer)?;
            language().to_writer(writer)
        })?,
    }
    Ok(Ending::Done)
}

/// Writes a page for each command, and one for the language in section 5 of the manual.
fn pages(command: clap::Command, folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(command, folder)?;
    let mut page = Roff::new();
    page.control("TH", ["scorematch-language", "5"]).control("SH", ["NAME"]);
    page.text([roman("scorematch-language - how models are written for scorematch")]);
    let page = page.to_roff() + &language().to_roff();
    fs::write(folder.join("scorematch-language.5"), page)
}

/// The text of `help language` as a section, with its line breaks.
fn language() -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["MODEL LANGUAGE"]).control("nf", []);
    let (_, text) = LANGUAGE.split_once("\n\n").expect("the text begins with a heading");
    section.text([roman(text)]).control("fi", []);
    section
}
