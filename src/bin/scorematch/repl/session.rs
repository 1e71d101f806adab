//! A session: runs lines, writes answers, and remembers states and lines.
//!
//! Promises: a line that fails changes nothing. Deliberately not known here:
//! the source of the lines.

use std::io::Write;

use scorematch::source::Diagnostic;

use crate::failure::{Ending, Failure};
use crate::interrupt::{self, Watch};
use crate::output::unread;

use super::command::{self, Verb, is_command};
use super::formulas::{latex, part, show};
use super::state::{Answer, State};
use super::statements::{Key, Rank};
use super::typed::Typed;
use super::{arguments, data, drawing, files, fitting, help, judging, plain, plot};
use scorematch::report::Part;

/// The continuation after a line that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The session continues; the ending is the one that the line would have as a command.
    Continue(Ending),
    /// The session ends.
    Leave,
}

/// A name in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    /// `data`, `covariate`, `param`, `let`, `def` or `const`.
    pub role: &'static str,
}

/// The state of a session with its history.
#[derive(Debug, Default)]
pub struct Session {
    state: State,
    /// The states before each change, with the line that made the change.
    past: Vec<(String, State)>,
    /// The states that `:undo` left, the most recent last, each with the line that had led to it.
    future: Vec<(String, State)>,
    history: Vec<Typed>,
    /// Number of lines so far.
    lines: usize,
    /// Whether the user was told that commands begin with a colon.
    colon_told: bool,
}

impl Session {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a line and writes its answer.
    pub fn run(&mut self, line: &str, out: &mut dyn Write) -> Result<Flow, Failure> {
        let typed = self.counted(line);
        if typed.text.trim().is_empty() {
            return Ok(Flow::Continue(Ending::Done));
        }
        self.history.push(typed.clone());
        let typed = self.with_colon(typed, out)?;
        let answer = if is_command(&typed.text) {
            let (command, rest) = command::split(&typed)?;
            match command.verb {
                Verb::Quit => return Ok(Flow::Leave),
                Verb::Undo => self.undo()?,
                Verb::Redo => self.redo()?,
                Verb::History => Answer::text(self.history()),
                verb => self.answer(verb, rest, &typed)?,
            }
        } else {
            let line = typed.clone();
            self.attended(move |state, _| state.line(&line))?
        };
        self.told(answer, &typed, out)
    }

    /// The line, with a colon in front if it is a command without one; the first
    /// such line prints a note.
    fn with_colon(&mut self, line: Typed, out: &mut dyn Write) -> Result<Typed, Failure> {
        let columns = self.columns();
        let names = self.names();
        let known = |word: &str| {
            columns.iter().any(|column| column == word)
                || names.iter().any(|name| name.name == word)
        };
        let Some(command) = plain::meant(&line.text, known) else { return Ok(line) };
        if !std::mem::replace(&mut self.colon_told, true) {
            let note = format!("note: commands begin with a colon: `:{}`\n", command.name);
            out.write_all(note.as_bytes()).or_else(unread)?;
        }
        Ok(Typed { text: format!(":{}", line.text.trim_start()), ..line })
    }

    /// The answer of work on the state. An interrupt before the answer is an
    /// error, and changes nothing.
    fn attended(
        &self,
        work: impl FnOnce(&State, &Watch) -> Result<Answer, Failure> + Send + 'static,
    ) -> Result<Answer, Failure> {
        let state = self.state.clone();
        let answer = interrupt::attended(move |watch| work(&state, watch));
        let message = "interrupted before there was an answer; nothing has changed";
        answer.unwrap_or_else(|| Err(Failure::interrupted(message)))
    }

    /// The names in scope, for completion.
    pub fn names(&self) -> Vec<Name> {
        let Some(understood) = &self.state.understood else { return Vec::new() };
        let roles = &understood.facts.roles;
        let lists =
            [("data", &roles.data), ("covariate", &roles.covariate), ("param", &roles.param)];
        let implicit = lists.into_iter().flat_map(|(role, names)| {
            names.iter().map(move |name| Name { name: name.clone(), role })
        });
        let defined = self.state.statements.iter().filter_map(|entry| {
            let role = match entry.rank {
                Rank::Constant => "const",
                Rank::Definition => "let",
                Rank::Declaration | Rank::Weight | Rank::LogDensity => return None,
            };
            match &entry.key {
                Key::Variable(name) => Some(Name { name: name.clone(), role }),
                Key::Function(name) => Some(Name { name: name.clone(), role: "def" }),
                Key::Weight(_) | Key::LogDensity => None,
            }
        });
        implicit.chain(defined).collect()
    }

    /// The columns of the data.
    pub fn columns(&self) -> Vec<String> {
        let columns = self.state.data.iter().flat_map(|data| data.table.columns.names());
        columns.map(str::to_owned).collect()
    }

    fn counted(&mut self, line: &str) -> Typed {
        let text = line.trim_end_matches(['\n', '\r']);
        let first = self.lines + 1;
        self.lines += text.split('\n').count();
        Typed::line(text, first)
    }

    fn told(&mut self, answer: Answer, line: &Typed, out: &mut dyn Write) -> Result<Flow, Failure> {
        if let Some(next) = answer.next {
            let before = std::mem::replace(&mut self.state, next);
            self.past.push((line.text.clone(), before));
            self.future.clear();
        }
        out.write_all(answer.text.as_bytes()).and_then(|()| out.flush()).or_else(unread)?;
        Ok(Flow::Continue(answer.ending))
    }

    fn answer(&self, verb: Verb, rest: &str, line: &Typed) -> Result<Answer, Failure> {
        let (rest, line) = (rest.to_owned(), line.clone());
        self.attended(move |state, watch| answer(state, verb, &rest, &line, watch))
    }

    /// Returns to the state before the last change. This is not a change
    /// that could itself be undone.
    fn undo(&mut self) -> Result<Answer, Failure> {
        let Some((line, before)) = self.past.pop() else {
            let message = "nothing has been changed";
            return Err(Failure::plain(&Diagnostic::error("undo", message)));
        };
        let after = std::mem::replace(&mut self.state, before);
        let text = format!("undone: {line}\n");
        self.future.push((line, after));
        Ok(Answer::text(text))
    }

    /// Returns to the state that the last `:undo` left, unless another change was made since.
    fn redo(&mut self) -> Result<Answer, Failure> {
        let Some((line, after)) = self.future.pop() else {
            let message = "nothing has been undone since the last change";
            return Err(Failure::plain(&Diagnostic::error("redo", message)));
        };
        let before = std::mem::replace(&mut self.state, after);
        let text = format!("redone: {line}\n");
        self.past.push((line, before));
        Ok(Answer::text(text))
    }

    fn history(&self) -> String {
        let lines = self.history.iter().flat_map(|typed| {
            typed.text.lines().enumerate().map(|(i, text)| (typed.first + i, text))
        });
        lines.map(|(number, text)| format!("{number:>4}  {text}\n")).collect()
    }
}

/// The answer to a command that depends on the state only.
fn answer(
    state: &State,
    verb: Verb,
    rest: &str,
    line: &Typed,
    watch: &Watch,
) -> Result<Answer, Failure> {
    match verb {
        Verb::Load => files::load(state, arguments::file(rest)?),
        Verb::Data => data::run(state, rest, line, watch),
        Verb::Score => part(state, Part::Score),
        Verb::Laplacian => part(state, Part::Laplacian),
        Verb::Objective => part(state, Part::Loss),
        Verb::Gradient => part(state, Part::Gradient),
        Verb::Latex => latex(state, rest),
        Verb::Show => show(state, rest),
        Verb::Fit => fitting::fit(state, rest, watch),
        Verb::Explain => fitting::explain(state),
        Verb::Test => judging::test(state, rest, watch),
        Verb::Compare => judging::compare(state, rest, watch),
        Verb::Eval => fitting::eval(state, rest),
        Verb::Set => fitting::set(state, rest),
        Verb::Params => fitting::params(state),
        Verb::Sample => drawing::run(state, rest, watch),
        Verb::Plot => plot::run(state, rest),
        Verb::Save => files::save(state, arguments::file(rest)?),
        Verb::Forget => files::forget(state, rest, line),
        Verb::Clear => files::clear(state, rest, line),
        Verb::Help => help::run(rest),
        // These commands are about the session, which answers them itself.
        Verb::Undo | Verb::Redo | Verb::History | Verb::Quit => Ok(Answer::text("")),
    }
}
