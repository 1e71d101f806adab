//! The file with the lines of earlier sessions; a session works without it too.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rustyline::history::FileHistory;
use rustyline::{Editor, Helper};

use crate::output::say;

/// The variable that names another file; if it is empty, no history is kept.
const VARIABLE: &str = "SCOREMATCH_HISTORY";

/// The file of the history; `None` after an error, or where none is kept.
#[derive(Debug)]
pub struct Past {
    file: Option<PathBuf>,
}

impl Past {
    /// The file that the environment determines.
    pub fn kept() -> Self {
        Self { file: place(|name| env::var_os(name)) }
    }

    /// Fills the editor with the lines of earlier sessions. A file that does
    /// not exist yet is no error.
    pub fn recall<H: Helper>(&mut self, lines: &mut Editor<H, FileHistory>) {
        let Some(file) = self.file.as_deref().filter(|file| file.exists()) else { return };
        let file = file.to_owned();
        self.unless(&file, lines.load_history(&file));
    }

    /// Writes a line at once, so that it is kept even if the session crashes.
    pub fn keep<H: Helper>(&mut self, lines: &mut Editor<H, FileHistory>, text: &str) {
        let new = !text.trim().is_empty() && lines.add_history_entry(text).unwrap_or(false);
        let Some(file) = self.file.clone().filter(|_| new) else { return };
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        let kept = folder.map_err(Into::into).and_then(|()| lines.append_history(&file));
        self.unless(&file, kept);
    }

    /// After an error prints a note, and stops using the file.
    fn unless(&mut self, file: &Path, done: rustyline::Result<()>) {
        if let Err(error) = done {
            say(&format!("note: no history is kept in `{}`: {error}", file.display()));
            self.file = None;
        }
    }
}

/// The file of the history: the one that the variable names, otherwise one in the folder for the
/// state of programs.
fn place(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(file) = variable(VARIABLE) {
        return (!file.is_empty()).then(|| PathBuf::from(file));
    }
    let path = |name, rest| {
        let folder = variable(name).filter(|folder| Path::new(folder).is_absolute())?;
        Some(PathBuf::from(folder).join(rest))
    };
    let state = path("XDG_STATE_HOME", "").or_else(|| path("HOME", ".local/state"));
    let state = state.or_else(|| path("LOCALAPPDATA", ""))?;
    Some(state.join("scorematch").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(variables: &[(&str, &str)], expected: Option<&str>) {
        let value = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        };
        assert_eq!(place(value), expected.map(PathBuf::from));
    }

    #[cfg(unix)]
    #[test]
    fn the_environment_names_the_file() {
        let (home, state) = (("HOME", "/home/a"), ("XDG_STATE_HOME", "/state"));
        check(&[home], Some("/home/a/.local/state/scorematch/history"));
        check(&[home, state], Some("/state/scorematch/history"));
        check(&[home, state, (VARIABLE, "mine")], Some("mine"));
        check(&[home, (VARIABLE, "")], None);
        check(
            &[home, ("XDG_STATE_HOME", "relative")],
            Some("/home/a/.local/state/scorematch/history"),
        );
        check(&[], None);
    }
}
