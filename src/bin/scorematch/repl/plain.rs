//! Commands without their colon, such as `help`, `quit` or `fit --starts 5`.
//!
//! Promises: a text that is valid in the model language, or a name that the session knows, is not
//! taken for a command.

use std::path::Path;

use scorematch::syntax::{ExprKind, parse};

use super::answers::bare;
use super::arguments::words;
use super::command::{Command, DATA_FILES, Verb, named};

/// The command that a line without colon means, if any; `is_known` recognises
/// the names of the session.
pub fn meant(text: &str, is_known: impl Fn(&str) -> bool) -> Option<&'static Command> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    // A single letter is more likely a name that is not declared yet than a short command.
    let command = named(word).filter(|_| word.len() > 1 || word == "?")?;
    let rest = rest.trim();
    if is_known(word) || rest.starts_with('=') {
        return None;
    }
    let means = match command.verb {
        Verb::Data => is_file(rest),
        _ => rest.starts_with("--") || parse(text).is_err() || is_name(text),
    };
    means.then_some(command)
}

fn is_name(text: &str) -> bool {
    bare(text).is_some_and(|expr| matches!(expr.kind, ExprKind::Name(_)))
}

/// Whether a file or nothing follows; otherwise `data` begins a statement of the language.
fn is_file(rest: &str) -> bool {
    let Ok(words) = words(rest) else { return false };
    words.first().is_none_or(|first| {
        DATA_FILES.iter().any(|end| first.ends_with(end)) || Path::new(first).is_file()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let known = |name: &str| matches!(name, "plot" | "test");
        assert_eq!(meant(text, known).map(|command| command.name), expected, "{text}");
    }

    #[test]
    fn commands_that_lack_their_colon() {
        for (text, name) in [
            ("help", "help"),
            (" help fit ", "help"),
            ("?", "help"),
            ("exit", "quit"),
            ("quit", "quit"),
            ("fit", "fit"),
            ("fit --starts 5", "fit"),
            ("fit --standardise", "fit"),
            ("undo # that", "undo"),
            ("set mu=1", "set"),
            ("load a.energy", "load"),
            ("data", "data"),
            ("data nowhere.csv", "data"),
            ("data 'two words.tsv' --no-header", "data"),
            ("data examples/cars.csv", "data"),
        ] {
            check(text, Some(name));
        }
    }

    #[test]
    fn statements_and_known_names_are_not_commands() {
        for text in [
            "plot",
            "test --linear",
            "data x",
            "data x[",
            "data y > 0",
            "score - x^2",
            "fit*2",
            "fit = 3",
            "q",
            "h",
            "sigma",
            "",
            "-fit",
        ] {
            check(text, None);
        }
    }
}
