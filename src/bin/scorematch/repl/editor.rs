//! Lines from a terminal, with history, completion, colours and hints.
//!
//! This file only joins the line editor with what the files beside it know. Promises: a history
//! that cannot be read or written never stops a session.

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
/// Where a line goes on.
const CONTINUED: &str = ". ";
/// Longer lists are shown only when asked for.
const LIST_MAX: usize = 200;
/// How many lines are kept.
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

    /// The next text of the user, who sees the names of the session.
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

    /// Lines until a text is whole, each behind a prompt. The end of input hands in what there is.
    fn text(&mut self) -> Result<Line, Failure> {
        let mut text = String::new();
        loop {
            match self.lines.readline(if text.is_empty() { PROMPT } else { CONTINUED }) {
                Ok(line) => {
                    text.push_str(&line);
                    if !goes_on(&text) {
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

/// What the line editor asks while a line is typed.
struct Assistant {
    scope: Scope,
    /// The lines of the text that are handed in, each with its end.
    before: String,
    palette: Palette,
    /// The line is not finished, so that the cursor means something.
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

/// A hint is to be read, not to be taken into the line.
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

    /// Any change can change the colour of what is already there.
    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.typing.set(kind != CmdKind::ForcedRefresh);
        true
    }
}

impl Validator for Assistant {}

/// Whether a text goes on in a further line. An empty line ends any text, so that one that was never
/// meant to go on can be handed in, and its mistake is shown.
fn goes_on(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    !is_command(text) && !last.trim().is_empty() && unfinished(text)
}

#[cfg(test)]
mod tests {
    use super::goes_on;

    #[test]
    fn a_text_goes_on_until_it_is_whole_or_a_line_is_empty() {
        for text in ["-(x", "-(x\n- mu", "param a,", "logp =", "x + # why"] {
            assert!(goes_on(text), "{text:?}");
        }
        for text in ["", "-x^2", "-(x\n)", "-(x\n", "x +\n  ", ":load (", ":set mu ="] {
            assert!(!goes_on(text), "{text:?}");
        }
    }
}
