//! What a session knows, and what a line makes of it.

use std::sync::Arc;

use scorematch::objective::RowChoices;
use scorematch::report::Report;
use scorematch::source::{Diagnostic, Source};

use crate::bound::Bound;
use crate::failure::{Ending, Failure};

use super::answers;
use super::arguments::FitLine;
use super::current::Current;
use super::echo;
use super::statements::{Placement, Statements, entries};
use super::typed::{MODEL, Typed};
use super::understood::{Data, Misfit, Understood};

/// Everything that a change can change; `:undo` brings an old one back.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub statements: Statements,
    /// What the statements mean; `None` while there are none.
    pub understood: Option<Arc<Understood>>,
    pub data: Option<Arc<Data>>,
    pub current: Current,
    /// The last fit, while neither the model nor the data have changed since.
    pub fit: Option<Arc<Fitted>>,
}

/// A fit, and what was asked of it.
#[derive(Debug)]
pub struct Fitted {
    pub report: Report,
    pub asked: FitLine,
}

/// What a line leads to. A line that fails leads to none, and so changes nothing.
#[derive(Debug)]
pub struct Answer {
    pub text: String,
    pub ending: Ending,
    /// The state from now on, where it changes.
    pub next: Option<State>,
}

impl Answer {
    /// Says something and changes nothing.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ending: Ending::Done, next: None }
    }

    pub fn change(text: impl Into<String>, next: State) -> Self {
        Self { text: text.into(), ending: Ending::Done, next: Some(next) }
    }
}

impl State {
    /// What the statements mean, once there is a log-density.
    pub fn complete(&self) -> Result<&Understood, Failure> {
        self.understood.as_deref().filter(|understood| understood.complete).ok_or_else(|| {
            let error = Diagnostic::error("no-model", "there is no log-density yet");
            Failure::plain(&error.help("type one, as `-(x - mu)^2/(2*s2)`, or `:load` a file"))
        })
    }

    /// The data, with or without a model.
    pub fn data(&self) -> Result<&Data, Failure> {
        self.data.as_deref().ok_or_else(|| {
            let error = Diagnostic::error("no-data", "there are no data yet");
            Failure::plain(&error.help("read some with `:data FILE`"))
        })
    }

    /// The model with its rows.
    pub fn bound(&self) -> Result<&Bound, Failure> {
        let understood = self.complete()?;
        self.data()?;
        Ok(understood.bound().expect("a complete model is bound to the data where there are any"))
    }

    /// The model with its rows and columns that say what these count for, where some are named.
    pub fn counted(&self, bound: &Bound, counting: &RowChoices) -> Result<Option<Bound>, Failure> {
        if counting.columns().is_empty() {
            return Ok(None);
        }
        let missing = self.data()?.reading.missing;
        let (model, table) = (bound.model.clone(), Arc::clone(&bound.table));
        Bound::of(model, table, missing, counting).map(Some)
    }

    /// The text of the model, on which mistakes in it are drawn.
    pub fn source(&self) -> Source {
        Source { name: MODEL.to_owned(), text: self.statements.text() }
    }

    /// Whether names that the columns may have are not yet looked for among them.
    pub fn awaits_columns(&self) -> bool {
        let complete = self.understood.as_ref().is_some_and(|understood| understood.complete);
        self.data.is_some() && !complete && !self.statements.declares_data()
    }

    /// A line without a command: the value of an expression, or statements that change the model.
    pub fn line(&self, line: &Typed) -> Result<Answer, Failure> {
        match answers::answer(self, line)? {
            Some(answer) => Ok(answer),
            None => self.statement(line),
        }
    }

    /// Statements of a line, added to those of before.
    fn statement(&self, line: &Typed) -> Result<Answer, Failure> {
        let new =
            entries(&line.source.text).map_err(|error| line.failure(&Diagnostic::from(&error)))?;
        if new.is_empty() {
            return Ok(Answer::text(""));
        }
        let placed = |placement| self.rebuilt(self.statements.with(&new, placement), line);
        placed(Placement::InPlace)
            .or_else(|first| placed(Placement::BehindDefinitions).map_err(|_| first))
    }

    /// Other statements, on the same data.
    pub fn rebuilt(&self, statements: Statements, line: &Typed) -> Result<Answer, Failure> {
        let understood = Understood::of(&statements, self.data.as_deref())
            .map_err(|misfit| misfit.failure(&statements, line))?;
        let warnings = self.new_warnings(&understood);
        let warnings = warnings.map(|warning| format!("{}\n", line.drawn_of(warning, &statements)));
        let text =
            format!("{}{}", echo::model(&understood, &statements), warnings.collect::<String>());
        let understood = Some(Arc::new(understood));
        Ok(Answer::change(text, self.meaning(statements.settled(), understood, self.data.clone())))
    }

    /// The same statements on other data.
    pub fn on(&self, data: Data, line: &Typed) -> Result<Answer, Failure> {
        let summary = super::data::summary(&data.table);
        let data = Some(Arc::new(data));
        if self.statements.is_empty() {
            return Ok(Answer::change(summary, Self { data, fit: None, ..self.clone() }));
        }
        let understood = Understood::of(&self.statements, data.as_deref())
            .map_err(|misfit| self.hinted(misfit).failure(&self.statements, line))?;
        let warnings = self.new_warnings(&understood);
        let warnings =
            warnings.map(|warning| format!("{}\n", line.drawn_of(warning, &self.statements)));
        let echo = echo::model(&understood, &self.statements);
        let text = format!("{summary}\n{echo}{}", warnings.collect::<String>());
        let understood = Some(Arc::new(understood));
        Ok(Answer::change(text, self.meaning(self.statements.clone(), understood, data)))
    }

    /// A model whose data have another name than the column says so more easily here.
    fn hinted(&self, misfit: Misfit) -> Misfit {
        let data = self.understood.as_ref().and_then(|old| old.facts.roles.data.first());
        match (misfit, data) {
            (Misfit::Text(mut diagnostics), Some(name)) => {
                for one in diagnostics.iter_mut().filter(|one| one.code == "no-data") {
                    let map = format!("say which column is meant: `:data FILE --map {name}=…`");
                    one.help = Some(map);
                }
                Misfit::Text(diagnostics)
            }
            (misfit, _) => misfit,
        }
    }

    /// A state with another model or other data. Values are kept where there is a place for them.
    pub fn meaning(
        &self,
        statements: Statements,
        understood: Option<Arc<Understood>>,
        data: Option<Arc<Data>>,
    ) -> Self {
        let kept = understood.as_ref().map(|understood| self.current.kept(understood.model()));
        Self { statements, understood, data, current: kept.unwrap_or_default(), fit: None }
    }

    /// Doubts that were not told before.
    fn new_warnings<'a>(
        &'a self,
        understood: &'a Understood,
    ) -> impl Iterator<Item = &'a Diagnostic> {
        let old = self.understood.as_ref().map_or(&[][..], |understood| understood.warnings());
        let told = move |new: &Diagnostic| {
            old.iter().any(|old| (old.code, &old.message) == (new.code, &new.message))
        };
        understood.warnings().iter().filter(move |new| !told(new))
    }
}

impl Misfit {
    /// Drawn on the line where it is about the line.
    pub fn failure(self, statements: &Statements, line: &Typed) -> Failure {
        match self {
            Self::Text(diagnostics) => {
                let drawn = diagnostics.iter().map(|error| line.drawn_of(error, statements));
                Failure::Wrong(drawn.collect::<Vec<_>>().join("\n\n").into())
            }
            Self::Data(failure) => failure,
        }
    }
}
