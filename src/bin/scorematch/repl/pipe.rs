//! Lines from standard input, without an editor.

use std::io::{self, BufRead, stdin};

use scorematch::syntax::unfinished;

use super::Line;
use super::command::is_command;

/// A reader of lines that joins a line which is incomplete with the next ones.
#[derive(Debug, Default)]
pub struct Pipe {
    /// A line that was read and belongs to the next text.
    ahead: Option<String>,
}

impl Pipe {
    /// The next text, or the end. A line with a command ends an incomplete text, so that an
    /// unclosed bracket does not swallow the rest of the session.
    pub fn line(&mut self) -> io::Result<Line> {
        let Some(mut text) = self.next()? else { return Ok(Line::End) };
        while !is_command(&text) && unfinished(&text) {
            match self.next()? {
                Some(line) if is_command(&line) => {
                    self.ahead = Some(line);
                    break;
                }
                Some(line) => text.push_str(&line),
                None => break,
            }
        }
        Ok(Line::Text(text))
    }

    fn next(&mut self) -> io::Result<Option<String>> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut line = String::new();
        let read = stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    }
}
