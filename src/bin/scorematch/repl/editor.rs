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
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
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
        match self.lines.readline(PROMPT) {
            Ok(text) => {
                self.past.keep(&mut self.lines, &text);
                Ok(Line::Text(text))
            }
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => Ok(Line::Cancelled),
            Err(error) => Err(unusable(&error)),
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
    lines.set_helper(Some(Assistant { scope: Scope::default(), palette, typing: Cell::new(true) }));
    Ok(lines)
}

fn unusable(error: &ReadlineError) -> Failure {
    Failure::file("read", "the terminal", &std::io::Error::other(error.to_string()))
}

/// What the line editor asks while a line is typed.
struct Assistant {
    scope: Scope,
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
        let Completion { start, offers } = complete(&line[..position], &self.scope);
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
        (position == line.len()).then(|| hint(line)).flatten().map(Aside)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, position: usize) -> Cow<'l, str> {
        match self.palette {
            Palette::Plain => Cow::Borrowed(line),
            Palette::Ansi => Cow::Owned(highlight(line, self.typing.get().then_some(position))),
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

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match goes_on(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

/// Whether Enter opens a further line. An empty line ends any text, so that one that was never
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
