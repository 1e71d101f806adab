//! Completion of a partly typed line.
//!
//! Promises: an offer replaces the text from `start` to the cursor, and is valid there
//! as far as the text before it shows. Deliberately not known here: the terminal, and
//! how an offer is selected.

use std::fs;
use std::path::Path;

use scorematch::source::Span;
use scorematch::syntax::{self, Class, DECLARATION_WORDS, Lexeme, STATEMENT_WORDS, lexemes};

use super::arguments::at_home;
use super::command::{COMMANDS, Completes, named};
use super::session::Name;
use crate::{functions, help};

/// The names that a session knows.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub names: Vec<Name>,
    /// The columns of the data file.
    pub columns: Vec<String>,
}

/// One possible completion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The text that is inserted into the line.
    pub text: String,
    /// The text that a list shows.
    pub shown: String,
}

/// Offers that replace the text from byte offset `start` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    pub start: usize,
    pub offers: Vec<Offer>,
}

impl Completion {
    fn of(start: usize, offers: impl Iterator<Item = Offer>) -> Self {
        Self { start, offers: offers.collect() }
    }

    /// The completion for a text with `before` more bytes in front.
    fn behind(self, before: usize) -> Self {
        Self { start: self.start + before, ..self }
    }
}

/// Completes the text before the cursor.
pub fn complete(typed: &str, scope: &Scope) -> Completion {
    let blanks = typed.len() - typed.trim_start().len();
    match typed[blanks..].strip_prefix(':') {
        Some(command) => in_command(command, scope).behind(blanks + 1),
        None => in_text(typed, scope),
    }
}

/// Completes a command, without its colon.
fn in_command(typed: &str, scope: &Scope) -> Completion {
    let Some(end) = typed.find(char::is_whitespace) else {
        return Completion::of(0, commands(typed));
    };
    let argument = &typed[end + 1..];
    let Some(command) = named(&typed[..end]) else { return Completion::default() };
    let completion = match command.completes {
        Completes::Nothing => Completion::default(),
        Completes::Files(ends) => files(argument, ends),
        Completes::Columns => in_columns(argument, scope),
        Completes::Expression => in_text(argument, scope),
        Completes::Assignments => assignments(argument, scope),
        Completes::Words(words) => one_word(argument, words.iter().copied()),
        Completes::Options(words, _) if argument[last_word(argument)..].starts_with('-') => {
            one_word(argument, words.iter().copied())
        }
        Completes::Options(_, ends) => files(argument, ends),
        Completes::Topics => topics(argument),
    };
    completion.behind(end + 1)
}

fn commands(prefix: &str) -> impl Iterator<Item = Offer> {
    COMMANDS.iter().filter(move |command| command.name.starts_with(prefix)).map(|command| {
        let blank = if command.arguments.is_empty() { "" } else { " " };
        Offer {
            text: format!("{}{blank}", command.name),
            shown: format!(":{} {}", command.name, command.arguments).trim_end().to_owned(),
        }
    })
}

fn one_word<'a>(argument: &str, words: impl Iterator<Item = &'a str>) -> Completion {
    let start = last_word(argument);
    let prefix = &argument[start..];
    Completion::of(start, words.filter(|word| word.starts_with(prefix)).map(plain))
}

/// Commands of the session, then other topics of help, each once.
fn topics(argument: &str) -> Completion {
    let commands = COMMANDS.iter().map(|command| command.name);
    let others = help::names().iter().map(String::as_str).filter(|name| named(name).is_none());
    one_word(argument, commands.chain(others))
}

fn plain(text: &str) -> Offer {
    Offer { text: text.to_owned(), shown: text.to_owned() }
}

/// The byte offset of the last word.
fn last_word(text: &str) -> usize {
    let blank = text.char_indices().rfind(|(_, c)| c.is_whitespace());
    blank.map_or(0, |(at, c)| at + c.len_utf8())
}

/// Columns of the data, spelled as in the language.
fn in_columns(argument: &str, scope: &Scope) -> Completion {
    let start = argument.len() - argument.trim_start().len();
    let prefix = argument[start..].trim_start_matches('`');
    let columns = scope.columns.iter().filter(|column| column.starts_with(prefix));
    Completion::of(start, columns.map(|column| plain(&spelling(column))))
}

/// Folders, and files with one of the endings, or all files where none has one, whose names begin
/// like the last word. An open quote before the word stays open.
fn files(argument: &str, ends: &[&str]) -> Completion {
    let quote = argument.rfind(['"', '\'']).filter(|at| {
        let sign = &argument[*at..=*at];
        argument.matches(sign).count() % 2 == 1
    });
    let start = quote.map_or_else(|| last_word(argument), |at| at + 1);
    let (folder, prefix) = match argument[start..].rfind('/') {
        Some(slash) => argument[start..].split_at(slash + 1),
        None => ("", &argument[start..]),
    };
    let names = entries(folder).into_iter().filter(|name| name.starts_with(prefix));
    let visible = names.filter(|name| prefix.starts_with('.') || !name.starts_with('.'));
    let visible: Vec<String> = visible.collect();
    let suits = |name: &String| ends.iter().any(|end| name.ends_with(end));
    let some = visible.iter().any(suits);
    let kept = visible.into_iter().filter(|name| !some || suits(name) || name.ends_with('/'));
    let offers = kept.map(|name| {
        let text = format!("{folder}{name}");
        let blank = quote.is_none() && text.contains(char::is_whitespace);
        Offer { text: if blank { format!("'{text}'") } else { text }, shown: name }
    });
    Completion::of(start, offers)
}

/// The names in a folder in order, folders with a final slash; none where
/// the folder cannot be read.
fn entries(folder: &str) -> Vec<String> {
    let folder = at_home(if folder.is_empty() { "." } else { folder });
    let folder = Path::new(&folder);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(if entry.path().is_dir() { format!("{name}/") } else { name })
        })
        .collect();
    names.sort();
    names
}

/// Completes assignments such as `mu=0, s2=1`, or the file of `@FILE`.
fn assignments(argument: &str, scope: &Scope) -> Completion {
    if let Some(file) = argument.strip_prefix('@') {
        return files(file, &[".json"]).behind(1);
    }
    let comma = |lexeme: &Lexeme| &argument[range(lexeme.span)] == ",";
    let mut separators = outside_brackets(argument).into_iter().filter(comma);
    let part = separators.next_back().map_or(0, |comma| comma.span.end as usize);
    let start = part + argument[part..].len() - argument[part..].trim_start().len();
    let prefix = &argument[start..];
    let parameters = scope.names.iter().filter(|name| name.role == "param");
    let spelled = parameters.map(|name| format!("{}=", spelling(&name.name)));
    Completion::of(start, spelled.filter(|text| text.starts_with(prefix)).map(|text| plain(&text)))
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

/// The lexemes outside all brackets; the brackets themselves are left out.
fn outside_brackets(text: &str) -> Vec<Lexeme> {
    let mut depth = 0_usize;
    let mut outside = Vec::new();
    for lexeme in lexemes(text) {
        depth += usize::from(lexeme.class == Class::Open);
        if depth == 0 {
            outside.push(lexeme);
        }
        depth = depth.saturating_sub(usize::from(lexeme.class == Class::Close));
    }
    outside
}

/// Completes a part of a model.
fn in_text(typed: &str, scope: &Scope) -> Completion {
    let Some(start) = beginning(typed) else { return Completion::default() };
    let bare = |text: &str| text.trim_start_matches('`').to_owned();
    let prefix = bare(&typed[start..]);
    let offers = words(&typed[..start]).chain(names(scope)).chain(calls());
    Completion::of(start, offers.filter(|offer| bare(&offer.text).starts_with(&prefix)))
}

/// The byte offset of the name at the cursor; `None` in a comment or a number.
fn beginning(typed: &str) -> Option<usize> {
    let lexemes = lexemes(typed);
    let mut quotes = lexemes.iter().filter(|lexeme| &typed[range(lexeme.span)] == "`");
    if let Some(open) = quotes.next_back() {
        return Some(open.span.start as usize);
    }
    let Some(last) = lexemes.last().filter(|last| last.span.end as usize == typed.len()) else {
        return Some(typed.len());
    };
    match last.class {
        Class::Name | Class::Function | Class::Word => Some(last.span.start as usize),
        Class::Number | Class::Comment | Class::Unknown => None,
        Class::Operator | Class::Open | Class::Close | Class::Separator => Some(typed.len()),
    }
}

/// The words of the language that are valid after a text.
fn words(before: &str) -> impl Iterator<Item = Offer> {
    let statement: &[&str] = if is_word(before, "let") { &STATEMENT_WORDS } else { &[] };
    let declaration: &[&str] = if is_word(before, "init") { &DECLARATION_WORDS } else { &[] };
    statement.iter().chain(declaration).map(|word| match *word {
        "logp" | "energy" => plain(&format!("{word} = ")),
        _ => plain(&format!("{word} ")),
    })
}

/// Whether a word is read as a word of the language after a text and before a name.
fn is_word(before: &str, word: &str) -> bool {
    let text = format!("{before}{word} x");
    let at = |found: &Lexeme| found.span.start as usize == before.len();
    lexemes(&text).into_iter().find(at).is_some_and(|found| found.class == Class::Word)
}

/// Every name once; a column that is also a name of the model is offered as the latter.
fn names(scope: &Scope) -> impl Iterator<Item = Offer> {
    let known = scope.names.iter().map(|name| (&name.name, name.role));
    let new = |column: &&String| scope.names.iter().all(|name| name.name != **column);
    let columns = scope.columns.iter().filter(new).map(|column| (column, "column"));
    known.chain(columns).map(|(name, role)| {
        let spelling = spelling(name);
        let call = if role == "def" { "(" } else { "" };
        Offer { text: format!("{spelling}{call}"), shown: format!("{spelling}  {role}") }
    })
}

/// The name, in backquotes where the language requires them.
fn spelling(name: &str) -> String {
    syntax::Name { text: name.to_owned(), span: Span::default() }.to_string()
}

fn calls() -> impl Iterator<Item = Offer> {
    functions::callable()
        .map(|entry| Offer { text: format!("{}(", entry.name), shown: entry.usage.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let name = |name: &str, role| Name { name: name.to_owned(), role };
        let names = vec![
            name("x", "data"),
            name("mu", "param"),
            name("mass", "param"),
            name("bump", "def"),
            name("Sepal.Length", "data"),
        ];
        Scope { names, columns: vec!["x".to_owned(), "min temp".to_owned()] }
    }

    /// The line with each offer inserted.
    fn completed(typed: &str) -> Vec<String> {
        let Completion { start, offers } = complete(typed, &scope());
        offers.iter().map(|offer| format!("{}{}", &typed[..start], offer.text)).collect()
    }

    #[track_caller]
    fn check(typed: &str, expected: &[&str]) {
        assert_eq!(completed(typed), expected, "{typed}");
    }

    #[test]
    fn names_and_functions() {
        check("-(x - mas", &["-(x - mass"]);
        check("x + ma", &["x + mass", "x + max("]);
        check("normal_", &["normal_lpdf("]);
        check("bu", &["bump("]);
        check("2*sof", &["2*softplus(", "2*softmax("]);
        check("i", &["inverse_mills(", "inv(", "if(", "inverse_gamma_lpdf("]);
        check("x*`Sep", &["x*`Sepal.Length`"]);
        check("x*Sep", &["x*`Sepal.Length`"]);
        check("x*`Sepal.Le", &["x*`Sepal.Length`"]);
        check("min", &["`min temp`", "min("]);
    }

    #[test]
    fn each_name_once_with_its_role_and_each_function_with_its_signature() {
        let offers = complete("", &scope()).offers;
        let shown = |text: &str| offers.iter().filter(|offer| offer.text == text).count();
        assert_eq!((shown("x"), shown("clamp(")), (1, 1));
        assert!(offers.contains(&Offer { text: "mu".to_owned(), shown: "mu  param".to_owned() }));
        let clamp = "clamp(x, low, high)".to_owned();
        assert!(offers.contains(&Offer { text: "clamp(".to_owned(), shown: clamp }));
    }

    #[test]
    fn words_are_offered_where_they_are_valid() {
        check("par", &["param "]);
        check("let r = x\ncov", &["let r = x\ncovariate "]);
        check("a; ene", &["a; energy = "]);
        check("x + par", &[]);
        check("(x +\npar", &[]);
        check("param P[3, 3] pos", &["param P[3, 3] posdef "]);
        let offers = ["init ", "inverse_mills(", "inv(", "inverse_gamma_lpdf("];
        let offers = offers.map(|offer| format!("param s2 > 0 {offer}"));
        check("param s2 > 0 in", &offers.each_ref().map(String::as_str));
        check("x + posd", &[]);
    }

    #[test]
    fn comments_and_numbers_have_no_offers() {
        check("x # m", &[]);
        check("x + 12", &[]);
        check("# x\nma", &["# x\nmass", "# x\nmax("]);
    }

    #[test]
    fn commands_and_their_arguments() {
        check(":sc", &[":score"]);
        check("  :sav", &["  :save "]);
        check(":latex l", &[":latex laplacian", ":latex logp"]);
        check(":help hist", &[":help history"]);
        check(":help heavy", &[":help heavy-ties"]);
        check(":set m", &[":set mu=", ":set mass="]);
        check(":set mu=1, ma", &[":set mu=1, mass="]);
        check(":set mass=[1, m", &[]);
        check(":forget mas", &[":forget mass"]);
        check(":plot m", &[":plot `min temp`"]);
        check(":plot `m", &[":plot `min temp`"]);
        check(":plot ", &[":plot x", ":plot `min temp`"]);
        check(":data examples/normal.e", &[":data examples/normal.energy"]);
        check(":load examples/newh", &[":load examples/newhaven.csv"]);
        check(":score m", &[]);
        check(":nonsense m", &[]);
        assert!(completed(":fit --").contains(&":fit --starts".to_owned()));
        check(":test --li", &[":test --linear"]);
        check(":sample 20 --me", &[":sample 20 --method"]);
        check(":sample -o examples/normal.e", &[":sample -o examples/normal.energy"]);
        check(":compare examples/normal.e", &[":compare examples/normal.energy"]);
        check(":compare a.energy --fo", &[":compare a.energy --folds"]);
        assert!(completed(":").len() == COMMANDS.len());
    }

    #[test]
    fn files_of_a_folder() {
        let folder = std::env::temp_dir().join(format!("scorematch-files-{}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).expect("a folder for the test");
        for name in ["one.csv", "only me.csv", ".hidden", "model.energy"] {
            fs::write(folder.join(name), "").expect("a file for the test");
        }
        let at = folder.to_str().expect("the path is a text");
        let found = |typed: String| -> Vec<String> {
            completed(&typed).iter().map(|line| line.replace(at, "T")).collect()
        };
        assert_eq!(
            found(format!(":data {at}/")),
            [":data T/inner/", ":data T/one.csv", ":data 'T/only me.csv'"]
        );
        assert_eq!(
            found(format!(":data \"{at}/on")),
            [":data \"T/one.csv", ":data \"T/only me.csv"]
        );
        assert_eq!(found(format!(":load {at}/")), [":load T/inner/", ":load T/model.energy"]);
        assert_eq!(found(format!(":load {at}/on")), [":load T/one.csv", ":load 'T/only me.csv'"]);
        assert_eq!(found(format!(":save {at}/.h")), [":save T/.hidden"]);
        assert_eq!(found(format!(":set @{at}/one")), [":set @T/one.csv"]);
        assert!(found(format!(":data {at}/absent/")).is_empty());
        fs::remove_dir_all(folder).expect("the folder of the test can go");
    }
}
