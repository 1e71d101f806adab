//! Lines from standard input, without an editor.

use std::io::{self, BufRead, Write, stdin, stdout};

use scorematch::syntax::unfinished;

use super::Line;
use super::command::is_command;

/// Reads lines; one that asks for more is joined with the next.
#[derive(Debug)]
pub struct Pipe {
    prompt: &'static str,
}

impl Pipe {
    pub fn silent() -> Self {
        Self { prompt: "" }
    }

    /// For a terminal.
    pub fn prompting() -> Self {
        Self { prompt: "> " }
    }

    /// The next text, or the end. What is unfinished at the end is a text too.
    pub fn line(&mut self) -> io::Result<Line> {
        let mut text = String::new();
        loop {
            stdout().write_all(self.prompt.as_bytes()).and_then(|()| stdout().flush())?;
            let read = stdin().lock().read_line(&mut text)?;
            if read == 0 && text.is_empty() {
                return Ok(Line::End);
            }
            if read == 0 || is_command(&text) || !unfinished(&text) {
                return Ok(Line::Text(text));
            }
        }
    }
}
