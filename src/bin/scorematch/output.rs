//! Writes results and messages.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use scorematch::report::{PICTURE_WIDTH, Page, warnings_on, wrapped};
use scorematch::source::{Diagnostic, Palette, Source, Warning, render};
use terminal_size::{Width, terminal_size_of};

use crate::args::{Colour, TargetArgs};
use crate::failure::Failure;
use crate::interrupt;

/// When messages are coloured, as the command line says.
static PAINTED: OnceLock<Colour> = OnceLock::new();
/// Columns that a diagnostic's notes stand from the left, with line numbers of up to three digits.
const NOTE: usize = 14;
/// Sentences are not broken to fewer columns.
const NARROWEST: usize = 24;
/// Held while a file is written.
static WRITING: Mutex<()> = Mutex::new(());

/// Writes a result to the target file, or to standard output.
pub fn emit(
    target: &TargetArgs,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    interrupt::close_line();
    let Some(file) = &target.file else {
        return write_all(io::stdout().lock(), write).or_else(unread);
    };
    // Pipes and devices may block until they are read, and have no content to be left incomplete.
    let kept = !file.exists() || file.is_file();
    let _writing = kept.then(|| WRITING.lock().unwrap_or_else(PoisonError::into_inner));
    let failure = |reason| Failure::file("write", file.display(), &reason);
    let created = File::create(file).map_err(failure)?;
    write_all(created, write).map_err(|reason| {
        // An incomplete result is removed.
        let _ = if kept { std::fs::remove_file(file) } else { Ok(()) };
        failure(reason)
    })
}

/// Waits for a file that is being written, and prevents all further writing. Called when the
/// program is about to end while its command still runs.
pub fn finish() {
    std::mem::forget(WRITING.lock().unwrap_or_else(PoisonError::into_inner));
}

pub fn emit_text(target: &TargetArgs, text: &str) -> Result<(), Failure> {
    emit(target, |writer| writer.write_all(text.as_bytes()))
}

fn write_all(
    writer: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = BufWriter::new(writer);
    write(&mut writer)?;
    writer.flush()
}

/// The failure of writing to standard output. A reader that closes it early, as
/// `head` does, is no error.
pub fn unread(reason: io::Error) -> Result<(), Failure> {
    match reason.kind() {
        ErrorKind::BrokenPipe => Err(Failure::OutputClosed),
        _ => Err(Failure::file("write", "standard output", &reason)),
    }
}

/// Refuses a file that cannot be written, before the result is computed.
pub fn check_target(target: &TargetArgs) -> Result<(), Failure> {
    let Some(file) = &target.file else { return Ok(()) };
    let folder = file.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let reason = if file.is_dir() {
        io::Error::from(ErrorKind::IsADirectory)
    } else if !folder.is_dir() {
        io::Error::from(ErrorKind::NotFound)
    } else {
        return Ok(());
    };
    Err(Failure::file("write", file.display(), &reason))
}

/// Prints a message to standard error; a failure to do so is ignored.
pub fn say(message: &str) {
    interrupt::beside_line(|| drop(writeln!(io::stderr().lock(), "{message}")));
}

/// Tells people warnings on standard error, the gravest first, unless they want none.
pub fn tell<'a>(warnings: impl IntoIterator<Item = &'a Warning>, target: &TargetArgs) {
    let text = warnings_on(warnings, target.page());
    if !target.quiet && !text.is_empty() {
        say(text.trim_end());
    }
}

/// What a session sets its answers for: the columns of the terminal, or a plain text without one.
pub fn page() -> Page {
    let size = Some(io::stdout()).filter(IsTerminal::is_terminal).and_then(terminal_size_of);
    size.map_or(Page::PLAIN, |(Width(columns), _)| Page::of(usize::from(columns)))
}

/// The width of a picture in columns: that of the page on a terminal, otherwise the default.
pub fn picture_width() -> usize {
    let page = page();
    if page == Page::PLAIN { PICTURE_WIDTH } else { page.width() }
}

/// Sets when messages are coloured; called once.
pub fn paint(when: Colour) {
    // A second call would have no effect.
    let _ = PAINTED.set(when);
}

/// The palette of messages: by default coloured only on a terminal where `NO_COLOR` is not set.
pub fn palette() -> Palette {
    let declined = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let coloured = match PAINTED.get().unwrap_or(&Colour::Auto) {
        Colour::Auto => io::stderr().is_terminal() && !declined(),
        Colour::Always => true,
        Colour::Never => false,
    };
    if coloured { Palette::Ansi } else { Palette::Plain }
}

/// A diagnostic as it is shown: in colour where asked for, its sentences broken at the width of the
/// terminal that messages go to.
pub fn drawn(diagnostic: &Diagnostic, source: &Source) -> String {
    let size = Some(io::stderr()).filter(IsTerminal::is_terminal).and_then(terminal_size_of);
    match size {
        Some((Width(columns), _)) => {
            render(&folded(diagnostic, usize::from(columns)), source, palette())
        }
        None => render(diagnostic, source, palette()),
    }
}

/// Message, notes and help in lines that fit beside their headings.
fn folded(diagnostic: &Diagnostic, columns: usize) -> Diagnostic {
    let fit = |text: &String, heading: usize| {
        let width = columns.saturating_sub(heading).max(NARROWEST);
        text.split('\n').map(|line| wrapped(line, width, 0)).collect::<Vec<_>>().join("\n")
    };
    let mut folded = diagnostic.clone();
    // `warning[code]: ` is the longest severity.
    folded.message = fit(&diagnostic.message, "warning[]: ".len() + diagnostic.code.len());
    folded.notes = diagnostic.notes.iter().map(|note| fit(note, NOTE)).collect();
    folded.help = diagnostic.help.as_ref().map(|help| fit(help, NOTE));
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_a_diagnostic_fit_the_terminal() {
        let text = "a sentence of many words that is longer than a narrow terminal is wide";
        let diagnostic = Diagnostic::error("code", text).note(text).help(text);
        for columns in [40, 60, 80, 200] {
            let nowhere = Source { name: String::new(), text: String::new() };
            let drawn = render(&folded(&diagnostic, columns), &nowhere, Palette::Plain);
            let widest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(columns), "{columns}: {drawn}");
            assert_eq!(drawn.split_whitespace().filter(|word| *word == "narrow").count(), 3);
        }
    }
}
