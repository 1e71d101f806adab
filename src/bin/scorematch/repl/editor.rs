//! Lines from a terminal, with history, completion, colours and hints.
//!
//! This file connects the line editor to completion, highlighting and hints. Promises: a history
//! that cannot be read or written does not stop a session.

use std::borrow::Cow;
use std::cell::Cell;

use rustyline::completion::{Completer, Pair};
use rustyline::config::{BellStyle, Builder, ColorMode, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use scorematch::source::Palette;
use scorematch::syntax::unfinished;

use super::Line;
use super::command::is_command;
use super::complete::{Completion, Scope, complete};
use super::highlight::{faint, highlight};
use super::hint::hint;
use super::past::Past;
use super::session::Session;
use crate::failure::Failure;
use crate::output::palette;

const PROMPT: &str = "> ";
/// Prompt of the further lines of a text.
const CONTINUED: &str = ". ";
/// Length beyond which a list of completions is shown only after confirmation.
const LIST_MAX: usize = 200;
/// Most lines that the history keeps.
const HISTORY_MAX: usize = 10_000;

/// The line editor of a session.
pub struct Editor {
    lines: rustyline::Editor<Assistant, FileHistory>,
    past: Past,
}

impl Editor {
    pub fn new() -> Result<Self, Failure> {
        let lines = opened(palette()).map_err(|error| unusable(&error))?;
        let mut editor = Self { lines, past: Past::kept() };
        editor.past.recall(&mut editor.lines);
        Ok(editor)
    }

    /// The next text of the user, with the names of the session for completion.
    pub fn line(&mut self, session: &Session) -> Result<Line, Failure> {
        if let Some(assistant) = self.lines.helper_mut() {
            assistant.scope = Scope { names: session.names(), columns: session.columns() };
        }
        let read = self.text();
        if let Some(assistant) = self.lines.helper_mut() {
            assistant.before.clear();
        }
        if let Ok(Line::Text(text)) = &read {
            self.past.keep(&mut self.lines, text);
        }
        read
    }

    /// Reads lines until the text is complete, each with a prompt. The end of input ends the text.
    fn text(&mut self) -> Result<Line, Failure> {
        let mut text = String::new();
        loop {
            match self.lines.readline(if text.is_empty() { PROMPT } else { CONTINUED }) {
                Ok(line) => {
                    text.push_str(&line);
                    if !continues(&text) {
                        return Ok(Line::Text(text));
                    }
                    text.push('\n');
                    if let Some(assistant) = self.lines.helper_mut() {
                        assistant.before.clone_from(&text);
                    }
                }
                Err(ReadlineError::Eof) if text.is_empty() => return Ok(Line::End),
                Err(ReadlineError::Eof) => return Ok(Line::Text(text)),
                Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => {
                    return Ok(Line::Cancelled);
                }
                Err(error) => return Err(unusable(&error)),
            }
        }
    }
}

fn opened(palette: Palette) -> Result<rustyline::Editor<Assistant, FileHistory>, ReadlineError> {
    let colours = match palette {
        Palette::Ansi => ColorMode::Enabled,
        Palette::Plain => ColorMode::Disabled,
    };
    let config = Builder::new()
        .max_history_size(HISTORY_MAX)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .completion_prompt_limit(LIST_MAX)
        .bell_style(BellStyle::None)
        .color_mode(colours)
        .build();
    let mut lines = rustyline::Editor::with_config(config)?;
    let (scope, before, typing) = (Scope::default(), String::new(), Cell::new(true));
    lines.set_helper(Some(Assistant { scope, before, palette, typing }));
    Ok(lines)
}

fn unusable(error: &ReadlineError) -> Failure {
    Failure::file("read", "the terminal", &std::io::Error::other(error.to_string()))
}

/// Completion, hints and colours for the line being typed.
struct Assistant {
    scope: Scope,
    /// The earlier lines of the text, each with its line break.
    before: String,
    palette: Palette,
    /// Whether the line is still being edited, so that its cursor counts.
    typing: Cell<bool>,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = format!("{}{}", self.before, &line[..position]);
        let Completion { start, offers } = complete(&typed, &self.scope);
        let start = start.saturating_sub(self.before.len());
        let pairs =
            offers.into_iter().map(|offer| Pair { display: offer.shown, replacement: offer.text });
        Ok((start, pairs.collect()))
    }
}

/// A hint that is only displayed and cannot be inserted into the line.
struct Aside(String);

impl Hint for Aside {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Assistant {
    type Hint = Aside;

    fn hint(&self, line: &str, position: usize, _: &Context<'_>) -> Option<Aside> {
        (position == line.len())
            .then(|| hint(&format!("{}{line}", self.before)))
            .flatten()
            .map(Aside)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, position: usize) -> Cow<'l, str> {
        match self.palette {
            Palette::Plain => Cow::Borrowed(line),
            Palette::Ansi => {
                let text = format!("{}{line}", self.before);
                let cursor = self.typing.get().then_some(self.before.len() + position);
                let coloured = highlight(&text, cursor);
                let lines = coloured.splitn(self.before.matches('\n').count() + 1, '\n');
                Cow::Owned(lines.last().unwrap_or_default().to_owned())
            }
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.palette {
            Palette::Plain => Cow::Borrowed(hint),
            Palette::Ansi => Cow::Owned(faint(hint)),
        }
    }

    /// Repaints the line at every change, since any change can alter the colours of other parts.
    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.typing.set(kind != CmdKind::ForcedRefresh);
        true
    }
}

impl Validator for Assistant {}

/// Whether a text continues on a further line. An empty line ends any text, so that a text that can
/// never be complete is submitted, and its error is shown.
fn continues(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    !is_command(text) && !last.trim().is_empty() && unfinished(text)
}

#[cfg(test)]
mod tests {
    use super::continues;

    #[test]
    fn a_text_continues_until_it_is_complete_or_a_line_is_empty() {
        for text in ["-(x", "-(x\n- mu", "param a,", "logp =", "x + # why"] {
            assert!(continues(text), "{text:?}");
        }
        for text in ["", "-x^2", "-(x\n)", "-(x\n", "x +\n  ", ":load (", ":set mu ="] {
            assert!(!continues(text), "{text:?}");
        }
    }
}
