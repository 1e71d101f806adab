//! The commands of a session: one table that dispatch, help and completion use.

use scorematch::source::{Diagnostic, Span, nearest};

use super::typed::Typed;
use crate::failure::Failure;

/// The action of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Load,
    Data,
    Score,
    Laplacian,
    Objective,
    Gradient,
    Latex,
    Show,
    Fit,
    Explain,
    Test,
    Compare,
    Eval,
    Set,
    Params,
    Sample,
    Plot,
    Save,
    Forget,
    Clear,
    Undo,
    Redo,
    History,
    Help,
    Quit,
}

/// A command with its help and completion.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub verb: Verb,
    /// The name without its colon.
    pub name: &'static str,
    pub arguments: &'static str,
    pub summary: &'static str,
    pub example: &'static str,
    pub completes: Completes,
}

/// The kind of argument that completion offers after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completes {
    Nothing,
    /// Files with one of these endings, or all files where none has one.
    Files(&'static [&'static str]),
    /// Columns of the data.
    Columns,
    /// Names, columns and functions.
    Expression,
    /// Parameters with an equals sign.
    Assignments,
    Words(&'static [&'static str]),
    /// Options after a hyphen, otherwise files with one of the endings.
    Options(&'static [&'static str], &'static [&'static str]),
    /// Commands of the session and topics of help.
    Topics,
}

/// Endings of data files.
pub const DATA_FILES: &[&str] = &[".csv", ".tsv", ".txt", ".gz"];
/// Endings of model files.
const MODEL_FILES: &[&str] = &[".energy"];
/// The formulas that `:latex` can show.
pub const FORMULAS: &[&str] = &["score", "laplacian", "objective", "gradient", "logp"];
/// The representations of the model that `:show` can show.
pub const STAGES: &[&str] = &["model", "ast", "graph", "program"];
/// The parts of the session that `:clear` can clear.
pub const CLEARED: &[&str] = &["model", "data", "all"];
pub const FIT_OPTIONS: &[&str] = &[
    "--starts",
    "--start",
    "--fix",
    "--seed",
    "--standardise",
    "--covariance",
    "--threads",
    "--explain",
];
pub const TEST_OPTIONS: &[&str] = &[
    "--bootstrap",
    "--replicates",
    "--kernel",
    "--bandwidth",
    "--unscaled",
    "--linear",
    "--seed",
    "--threads",
    "--explain",
];
pub const SAMPLE_OPTIONS: &[&str] = &[
    "--output",
    "--method",
    "--chains",
    "--warmup",
    "--given",
    "--annealed",
    "--with-chain",
    "--seed",
    "--threads",
    "--explain",
];
pub const COMPARE_OPTIONS: &[&str] = &[
    "--expression",
    "--folds",
    "--weights",
    "--cluster",
    "--starts",
    "--standardise",
    "--seed",
    "--threads",
    "--explain",
];

/// All commands, in the order of help.
pub const COMMANDS: &[Command] = &[
    Command {
        verb: Verb::Load,
        name: "load",
        arguments: "FILE",
        summary: "read a model in place of the present one",
        example: ":load examples/normal.energy",
        completes: Completes::Files(MODEL_FILES),
    },
    Command {
        verb: Verb::Data,
        name: "data",
        arguments: "[FILE] [--map x=a,b] [--missing drop] [--delimiter C] [--no-header]",
        summary: "read data; without FILE, summarise those read",
        example: ":data examples/faithful.csv",
        completes: Completes::Files(DATA_FILES),
    },
    Command {
        verb: Verb::Score,
        name: "score",
        arguments: "",
        summary: "the score, the gradient of log p in the data",
        example: ":score",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Laplacian,
        name: "laplacian",
        arguments: "",
        summary: "the Laplacian of log p in the data",
        example: ":laplacian",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Objective,
        name: "objective",
        arguments: "",
        summary: "the loss of one row, whose mean is minimised",
        example: ":objective",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Gradient,
        name: "gradient",
        arguments: "",
        summary: "the gradient of the loss in the parameters",
        example: ":gradient",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Latex,
        name: "latex",
        arguments: "[score|laplacian|objective|gradient|logp]",
        summary: "formulas as a LaTeX display, all or one kind",
        example: ":latex score",
        completes: Completes::Words(FORMULAS),
    },
    Command {
        verb: Verb::Show,
        name: "show",
        arguments: "[model|ast|graph|program]",
        summary: "the model's text, tree, graph or compiled program",
        example: ":show graph",
        completes: Completes::Words(STAGES),
    },
    Command {
        verb: Verb::Fit,
        name: "fit",
        arguments: "[--starts N] [--start a=1] [--fix a=1] [--seed N] [--standardise] [--explain]",
        summary: "estimate the parameters; Ctrl-C stops at the best point",
        example: ":fit --fix s2=1",
        completes: Completes::Words(FIT_OPTIONS),
    },
    Command {
        verb: Verb::Explain,
        name: "explain",
        arguments: "",
        summary: "all of the warnings of the last fit, and what their codes mean",
        example: ":explain",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Test,
        name: "test",
        arguments: "[--bootstrap wild] [--replicates N] [--kernel K] [--bandwidth B] [--linear] [--seed N]",
        summary: "whether the data can come from the model, fitted or at set values",
        example: ":test --replicates 500",
        completes: Completes::Words(TEST_OPTIONS),
    },
    Command {
        verb: Verb::Compare,
        name: "compare",
        arguments: "FILE… [-e TEXT] [--folds K] [--starts N] [--seed N]",
        summary: "this model and others on the data, by rows left out of their fits",
        example: ":compare student.energy",
        completes: Completes::Options(COMPARE_OPTIONS, MODEL_FILES),
    },
    Command {
        verb: Verb::Eval,
        name: "eval",
        arguments: "[ASSIGNMENTS]",
        summary: "the objective and its gradient at the current values, or at others",
        example: ":eval mu=0, s2=1",
        completes: Completes::Assignments,
    },
    Command {
        verb: Verb::Set,
        name: "set",
        arguments: "ASSIGNMENTS",
        summary: "set current values, also from @FILE.json",
        example: ":set mu=1, s2=2",
        completes: Completes::Assignments,
    },
    Command {
        verb: Verb::Params,
        name: "params",
        arguments: "",
        summary: "the parameters and their current values",
        example: ":params",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Sample,
        name: "sample",
        arguments: "[N] [-o FILE] [--method M] [--seed N] [--chains N] [--warmup N] [--given FILE]",
        summary: "draws at the current values and how sound they are; -o writes all",
        example: ":sample 500 -o draws.csv",
        completes: Completes::Options(SAMPLE_OPTIONS, DATA_FILES),
    },
    Command {
        verb: Verb::Plot,
        name: "plot",
        arguments: "[COLUMN]",
        summary: "the fitted density over the data, or the score; or a column",
        example: ":plot",
        completes: Completes::Columns,
    },
    Command {
        verb: Verb::Save,
        name: "save",
        arguments: "FILE",
        summary: "write the model to a file that `scorematch fit` reads",
        example: ":save student.energy",
        completes: Completes::Files(MODEL_FILES),
    },
    Command {
        verb: Verb::Forget,
        name: "forget",
        arguments: "NAME",
        summary: "take the statement of a name out of the model",
        example: ":forget s2",
        completes: Completes::Expression,
    },
    Command {
        verb: Verb::Clear,
        name: "clear",
        arguments: "[model|data|all]",
        summary: "forget the model (as without a word), the data, or both",
        example: ":clear model",
        completes: Completes::Words(CLEARED),
    },
    Command {
        verb: Verb::Undo,
        name: "undo",
        arguments: "",
        summary: "go back to before the last change",
        example: ":undo",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Redo,
        name: "redo",
        arguments: "",
        summary: "go forward to what `:undo` left",
        example: ":redo",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::History,
        name: "history",
        arguments: "",
        summary: "the lines of this session with their numbers",
        example: ":history",
        completes: Completes::Nothing,
    },
    Command {
        verb: Verb::Help,
        name: "help",
        arguments: "[TOPIC]",
        summary: "this list, or a command, `language`, a function, an option, a warning",
        example: ":help fit",
        completes: Completes::Topics,
    },
    Command {
        verb: Verb::Quit,
        name: "quit",
        arguments: "",
        summary: "leave; Ctrl-D does the same",
        example: ":quit",
        completes: Completes::Nothing,
    },
];

/// Other names of commands.
const ALIASES: [(&str, &str); 6] = [
    ("q", "quit"),
    ("exit", "quit"),
    ("h", "help"),
    ("?", "help"),
    ("l", "load"),
    ("summary", "params"),
];

/// Whether a text is a command and not part of a model: a colon followed by a letter or a question
/// mark, since a colon also separates indices.
pub fn is_command(text: &str) -> bool {
    let name = text.trim_start().strip_prefix(':');
    name.is_some_and(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '?'))
}

/// The command with this name or alias, without colon.
pub fn named(name: &str) -> Option<&'static Command> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    let name = alias.map_or(name, |(_, name)| name);
    COMMANDS.iter().find(|command| command.name == name)
}

/// The command at the beginning of a line, and its arguments without a comment.
pub fn split(line: &Typed) -> Result<(&'static Command, &str), Failure> {
    let text = line.text.trim();
    let text = text[..comment(text)].trim_end();
    let bare = text.strip_prefix(':').expect("a command begins with a colon");
    let (name, rest) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
    match named(name) {
        Some(command) if command.arguments.is_empty() && !rest.trim().is_empty() => {
            Err(Failure::usage(format_args!("`:{}` takes nothing behind it", command.name)))
        }
        Some(command) => Ok((command, rest.trim())),
        None => Err(unknown(name, line)),
    }
}

/// The byte offset of a command's comment, or of the end of the text: a comment begins at a `#`
/// after a blank, outside quotes (`'`, `"` and the backquotes of names).
pub fn comment(text: &str) -> usize {
    let (mut quote, mut blank) = (None, false);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '#' && blank => return at,
            None => quote = Some(c).filter(|c| matches!(c, '\'' | '"' | '`')),
        }
        blank = c.is_whitespace();
    }
    text.len()
}

fn unknown(name: &str, line: &Typed) -> Failure {
    let blank = line.source.text.len() - line.source.text.trim_start().len();
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span { start: offset(blank), end: offset(blank + 1 + name.len()) };
    let message = format!("there is no command `:{name}`");
    let help = match nearest(name, COMMANDS.iter().map(|command| command.name)) {
        Some(near) => format!("did you mean `:{near}`?"),
        None => "`:help` lists the commands".to_owned(),
    };
    line.failure(&Diagnostic::error("unknown-command", message).at(span, "").help(help))
        .on_command_line()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_begin_after_a_blank_outside_quotes() {
        let check = |text: &str, left: &str| assert_eq!(&text[..comment(text)], left);
        check(":score", ":score");
        check(":score # all", ":score ");
        check(":score #", ":score ");
        check(":data a#b.csv # here", ":data a#b.csv ");
        check(":data --comment '# #' a  # b", ":data --comment '# #' a  ");
        check(":plot `a # b` # c", ":plot `a # b` ");
    }

    #[test]
    fn names_are_unique_and_examples_are_of_the_command() {
        for (position, command) in COMMANDS.iter().enumerate() {
            let others = &COMMANDS[position + 1..];
            assert!(others.iter().all(|other| other.name != command.name), "{}", command.name);
            assert!(command.example.starts_with(&format!(":{}", command.name)), "{command:?}");
        }
        for (alias, name) in ALIASES {
            assert_eq!(named(alias).map(|command| command.name), Some(name));
            assert!(COMMANDS.iter().all(|command| command.name != alias), "{alias}");
        }
    }
}
