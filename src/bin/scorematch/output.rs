//! Where results and messages go.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use scorematch::report::{PICTURE_WIDTH, Page};
use scorematch::source::Palette;
use terminal_size::{Width, terminal_size_of};

use crate::args::{Colour, TargetArgs};
use crate::failure::Failure;
use crate::interrupt;

/// When messages are coloured.
static PAINTED: OnceLock<Colour> = OnceLock::new();
/// Held while a file is written.
static WRITING: Mutex<()> = Mutex::new(());

/// Writes a result to the file asked for, or to standard output.
pub fn emit(
    target: &TargetArgs,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    interrupt::close_line();
    let Some(file) = &target.file else {
        return write_all(io::stdout().lock(), write).or_else(unread);
    };
    // Pipes and devices may wait for their readers, and keep nothing.
    let kept = !file.exists() || file.is_file();
    let _writing = kept.then(|| WRITING.lock().unwrap_or_else(PoisonError::into_inner));
    let failure = |reason| Failure::file("write", file.display(), &reason);
    let created = File::create(file).map_err(failure)?;
    write_all(created, write).map_err(|reason| {
        // Half a result is none.
        let _ = if kept { std::fs::remove_file(file) } else { Ok(()) };
        failure(reason)
    })
}

/// Waits until a file that is being written is whole, and lets nobody write after that: the program
/// is about to end while its command is still at work.
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

/// A reader that has seen enough, as `head` does, is no error.
pub fn unread(reason: io::Error) -> Result<(), Failure> {
    match reason.kind() {
        ErrorKind::BrokenPipe => Err(Failure::Unread),
        _ => Err(Failure::file("write", "standard output", &reason)),
    }
}

/// Refuses a file that cannot be written before time is spent on what it should hold.
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

/// A message to people; there is nobody to tell when that fails.
pub fn say(message: &str) {
    interrupt::beside_line(|| drop(writeln!(io::stderr().lock(), "{message}")));
}

/// What a session sets its answers for: the columns of the terminal, or a plain text without one.
pub fn page() -> Page {
    let size = Some(io::stdout()).filter(IsTerminal::is_terminal).and_then(terminal_size_of);
    size.map_or(Page::PLAIN, |(Width(columns), _)| Page::of(usize::from(columns)))
}

/// Columns of a picture on this page: those of the terminal, within bounds.
pub fn picture_width() -> usize {
    let page = page();
    if page == Page::PLAIN { PICTURE_WIDTH } else { page.width() }
}

/// Sets when messages are coloured, once for the program.
pub fn paint(when: Colour) {
    // It is read before anything is drawn.
    let _ = PAINTED.set(when);
}

/// Colours as asked for: by default on a terminal only, and not where the user declines them.
pub fn palette() -> Palette {
    let declined = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let coloured = match PAINTED.get().unwrap_or(&Colour::Auto) {
        Colour::Auto => io::stderr().is_terminal() && !declined(),
        Colour::Always => true,
        Colour::Never => false,
    };
    if coloured { Palette::Ansi } else { Palette::Plain }
}
