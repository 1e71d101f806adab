//! The state of a session, and the change that a line makes to it.

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

/// Everything that a line can change; `:undo` restores an earlier state.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub statements: Statements,
    /// The model that the statements make; `None` while there are none.
    pub understood: Option<Arc<Understood>>,
    pub data: Option<Arc<Data>>,
    pub current: Current,
    /// The last fit; `None` after the model, the data or a value was changed.
    pub fit: Option<Arc<Fitted>>,
}

/// A fit with its options.
#[derive(Debug)]
pub struct Fitted {
    pub report: Report,
    pub asked: FitLine,
}

/// The result of a line. A line that fails has no answer, and so changes nothing.
#[derive(Debug)]
pub struct Answer {
    pub text: String,
    pub ending: Ending,
    /// The next state, if the line changes it.
    pub next: Option<State>,
}

impl Answer {
    /// An answer that changes nothing.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ending: Ending::Done, next: None }
    }

    pub fn change(text: impl Into<String>, next: State) -> Self {
        Self { text: text.into(), ending: Ending::Done, next: Some(next) }
    }
}

impl State {
    /// The model, if it has a log-density.
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
        Ok(understood.bound().expect("a complete model is bound to the data, which exist"))
    }

    /// The model with its rows and the columns of weights and clusters, if any are named.
    pub fn counted(&self, bound: &Bound, counting: &RowChoices) -> Result<Option<Bound>, Failure> {
        if counting.columns().is_empty() {
            return Ok(None);
        }
        let missing = self.data()?.reading.missing;
        let (model, table) = (bound.model.clone(), Arc::clone(&bound.table));
        Bound::of(model, table, missing, counting).map(Some)
    }

    /// The text of the model, in which error messages show their places.
    pub fn source(&self) -> Source {
        Source { name: MODEL.to_owned(), text: self.statements.text() }
    }

    /// Whether undeclared names may be columns, but are not looked up yet since
    /// there is no log-density.
    pub fn awaits_columns(&self) -> bool {
        let complete = self.understood.as_ref().is_some_and(|understood| understood.complete);
        self.data.is_some() && !complete && !self.statements.declares_data()
    }

    /// A line without a command: an expression to be evaluated, or
    /// statements that change the model.
    pub fn line(&self, line: &Typed) -> Result<Answer, Failure> {
        match answers::answer(self, line)? {
            Some(answer) => Ok(answer),
            None => self.statement(line),
        }
    }

    /// Adds the statements of a line to the model.
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

    /// The state with other statements on the same data.
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

    /// The state with the same statements on other data.
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

    /// Where no data column was found, replaces the help by the option `--map`,
    /// which is available here.
    fn hinted(&self, misfit: Misfit) -> Misfit {
        let data = self.understood.as_ref().and_then(|old| old.facts.roles.data.first());
        match (misfit, data) {
            (Misfit::Text(mut diagnostics), Some(name)) => {
                for one in diagnostics.iter_mut().filter(|one| one.code == "no-data") {
                    let map = format!(
                        "say which column is meant: `:data FILE --map {name}=…`; `:clear model` forgets \
                         the model"
                    );
                    one.help = Some(map);
                }
                Misfit::Text(diagnostics)
            }
            (misfit, _) => misfit,
        }
    }

    /// The state with another model or other data. Current values are kept as
    /// far as they suit the model.
    pub fn meaning(
        &self,
        statements: Statements,
        understood: Option<Arc<Understood>>,
        data: Option<Arc<Data>>,
    ) -> Self {
        let kept = understood.as_ref().map(|understood| self.current.kept(understood.model()));
        Self { statements, understood, data, current: kept.unwrap_or_default(), fit: None }
    }

    /// Warnings that the model before did not have.
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
    /// The failure, with places in the line where it concerns the line.
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
