//! `scorematch help`: commands, the language, and every name that a user meets, each explained from
//! the table that the program itself uses.

mod calls;
mod options;
mod words;

use std::sync::OnceLock;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Args, CommandFactory};
use scorematch::model::densities;
use scorematch::objective::Kind as Objective;
use scorematch::report::wrapped;
use scorematch::source::{codes, nearest};

use crate::args::{Arguments, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::functions::entries;
use crate::objectives;
use crate::output::emit_text;
use words::{WORDS, Word};

/// An overview of the language.
pub const LANGUAGE: &str = include_str!("language.txt");

const PROGRAM: &str = "scorematch";
/// Width of a line in columns.
const WIDTH: usize = 80;
/// Columns before an explanation.
const MARGIN: usize = 4;
/// Columns of a label.
const INDENT: usize = 12;
/// Most topics that are offered for an unknown one.
const OFFERED: usize = 4;
/// Least length in bytes of an unknown topic for which topics that contain it are offered.
const PART: usize = 3;

#[derive(Debug, Args)]
pub struct HelpArgs {
    /// What to explain: a command, `language`, a function, density, word, objective, option, or the code
    /// of a warning; `topics` lists all
    #[arg(value_name = "TOPIC", value_parser = TopicParser, hide_possible_values = true)]
    #[arg(allow_hyphen_values = true)]
    pub topics: Vec<String>,
}

/// A parser of arguments that accepts any text, and lists the topics for completion.
#[derive(Clone)]
struct TopicParser;

impl TypedValueParser for TopicParser {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        option: Option<&Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, option, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names().iter().map(|name| PossibleValue::new(name.as_str()))))
    }
}

/// The kind of a topic, in the order in which meanings are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Page,
    Command,
    Word,
    Function,
    Density,
    Objective,
    Code,
    Option,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Page,
        Self::Command,
        Self::Word,
        Self::Function,
        Self::Density,
        Self::Objective,
        Self::Code,
        Self::Option,
    ];

    /// The heading of a list of topics of this kind.
    fn title(self) -> &'static str {
        match self {
            Self::Page => "Pages",
            Self::Command => "Commands",
            Self::Word => "Words of the language",
            Self::Function => "Functions",
            Self::Density => "Densities by name",
            Self::Objective => "Objectives",
            Self::Code => "Warnings, notes and errors, by their codes",
            Self::Option => "Options, with or without their hyphens",
        }
    }

    /// The names of all topics of this kind.
    fn names(self) -> Vec<String> {
        let own = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        match self {
            Self::Page => own(vec!["language", "topics"]),
            Self::Command => {
                let root = Arguments::command();
                root.get_subcommands().map(|command| command.get_name().to_owned()).collect()
            }
            Self::Word => own(WORDS.iter().map(|word| word.name).collect()),
            Self::Function => own(entries().map(|entry| entry.name).collect()),
            Self::Density => own(densities().map(|density| density.name).collect()),
            Self::Objective => own(Objective::ALL.map(Objective::name).to_vec()),
            Self::Code => own(codes().iter().map(|entry| entry.code).collect()),
            Self::Option => options::names(),
        }
    }

    /// The explanation of a topic of this kind, under a heading; `None`
    /// where there is no such topic.
    fn meaning(self, name: &str) -> Option<String> {
        let (heading, text) = match self {
            Self::Page if name == "language" => return Some(LANGUAGE.to_owned()),
            Self::Page if name == "topics" => return Some(topics()),
            Self::Page => return None,
            Self::Command => (format!("scorematch {name}, a command"), command(name)?),
            Self::Word => {
                let word = WORDS.iter().find(|word| word.name == name)?;
                (format!("{name}, {} of the language", word.kind), word.text())
            }
            Self::Function => (format!("{name}, a function"), calls::function(name)?),
            Self::Density => (format!("{name}, a density"), calls::density(name)?),
            Self::Objective => {
                let known = Objective::ALL.into_iter().find(|kind| kind.name() == name)?;
                (format!("{name}, an objective"), objective(known))
            }
            Self::Code => {
                let entry = codes().iter().find(|entry| entry.code == name)?;
                let kinds: Vec<String> = entry.kind.split(", ").map(with_article).collect();
                let heading = format!("{name}, the code of {}", kinds.join(" or "));
                (heading, lines(&[("", Some(&entry.text))]))
            }
            Self::Option => {
                let bare = name.trim_start_matches('-');
                (format!("{}, an option of", hyphened(bare)), options::told(bare)?)
            }
        };
        Some(format!("{heading}\n\n{text}"))
    }
}

pub fn run(args: &HelpArgs) -> Result<Ending, Failure> {
    let mut text = Vec::new();
    for topic in &args.topics {
        text.push(meanings(topic, &[]).ok_or_else(|| unknown(topic))?);
    }
    if text.is_empty() {
        text.push(Arguments::command().render_long_help().to_string());
    }
    emit_text(&TargetArgs::default(), &text.join("\n"))?;
    Ok(Ending::Done)
}

/// The explanations of a topic in all kinds except those of `without`; `None` where there are none.
pub fn meanings(topic: &str, without: &[Kind]) -> Option<String> {
    let dashed = topic.starts_with('-');
    let suits = |kind: &Kind| !without.contains(kind) && (*kind == Kind::Option || !dashed);
    let found = Kind::ALL.into_iter().filter(suits).filter_map(|kind| kind.meaning(topic));
    let found: Vec<String> = found.collect();
    (!found.is_empty()).then(|| found.join("\n"))
}

/// The names of all topics, each once.
pub fn names() -> &'static [String] {
    static ALL: OnceLock<Vec<String>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut names: Vec<String> = Vec::new();
        for name in Kind::ALL.into_iter().flat_map(Kind::names) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    })
}

/// The refusal of an unknown topic, which offers similar ones.
pub fn unknown(topic: &str) -> Failure {
    let near = near(topic.trim_start_matches('-'));
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    let help = match near.split_last() {
        None => "`help topics` lists all".to_owned(),
        Some((only, [])) => format!("did you mean {only}?"),
        Some((last, rest)) => format!("did you mean {} or {last}?", rest.join(", ")),
    };
    Failure::usage(format_args!("there is no help on `{topic}`: {help}"))
}

/// Topics that begin with the word, then those spelled similarly, then those that contain it.
fn near(topic: &str) -> Vec<&'static str> {
    let part = topic.to_lowercase();
    let long = part.len() >= PART;
    let goes_on = |name: &&str| long && name.starts_with(&part);
    let all = names().iter().map(String::as_str);
    let (mut found, mut left): (Vec<&str>, Vec<&str>) = all.partition(goes_on);
    while let Some(near) = nearest(topic, left.iter().copied()) {
        left.retain(|name| *name != near);
        found.push(near);
    }
    found.extend(left.into_iter().filter(|name| long && name.contains(&part)));
    found.truncate(OFFERED);
    found
}

/// The names of all topics by kind.
fn topics() -> String {
    let list = |kind: Kind| {
        let names = kind.names().join(" ");
        format!("{}\n{}\n", kind.title(), wrapped(&names, WIDTH, MARGIN))
    };
    Kind::ALL.map(list).join("\n")
}

/// The text of `COMMAND --help`.
fn command(name: &str) -> Option<String> {
    let root = Arguments::command();
    root.find_subcommand(name)?;
    // The argument parser returns help as an error.
    let page = root.try_get_matches_from([PROGRAM, name, "--help"]).err()?;
    Some(page.render().to_string())
}

fn objective(kind: Objective) -> String {
    lines(&[
        ("", Some(kind.meaning())),
        ("loss", Some(kind.formula())),
        ("source", Some(kind.source())),
        ("example", Some(&objectives::command(kind))),
    ])
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// For example `-e` or `--seed`.
fn hyphened(name: &str) -> String {
    let hyphens = if name.chars().count() == 1 { "-" } else { "--" };
    format!("{hyphens}{name}")
}

impl Word {
    fn text(&self) -> String {
        let Self { usage, meaning, example, .. } = self;
        lines(&[("", Some(usage)), ("", Some(meaning)), ("example", Some(example))])
    }
}

/// Labelled paragraphs, indented; a paragraph without text is left out.
fn lines(rows: &[(&str, Option<&str>)]) -> String {
    let known = rows.iter().filter_map(|(label, text)| Some((*label, (*text)?)));
    let row = |(label, text): (&str, &str)| match label {
        "" => format!("{}\n", wrapped(text, WIDTH, MARGIN)),
        _ => {
            let text = wrapped(text, WIDTH, MARGIN + INDENT);
            format!("{:MARGIN$}{label:<INDENT$}{}\n", "", text.trim_start())
        }
    };
    known.map(row).collect()
}

#[cfg(test)]
mod tests {
    use scorematch::model::Model;
    use scorematch::syntax::{DECLARATION_WORDS, STATEMENT_WORDS};

    use super::*;

    #[test]
    fn every_example_of_the_language_is_a_model() {
        let mut blocks = vec![String::new()];
        for line in LANGUAGE.lines() {
            match line.strip_prefix("    ") {
                Some(text) => {
                    *blocks.last_mut().expect("the list is not empty") += &format!("{text}\n")
                }
                None => blocks.push(String::new()),
            }
        }
        blocks.retain(|block| !block.is_empty());
        assert!(blocks.len() >= 9, "{blocks:?}");
        for block in blocks {
            let model = Model::parse(&block).unwrap_or_else(|error| panic!("{error}\n{block}"));
            assert!(!model.data().is_empty(), "{block}");
        }
        assert!(LANGUAGE.lines().all(|line| line.chars().count() <= 100));
    }

    #[test]
    fn every_word_is_explained_by_a_model_that_has_it() {
        for word in STATEMENT_WORDS.into_iter().chain(DECLARATION_WORDS) {
            assert!(WORDS.iter().any(|one| one.name == word), "{word}");
        }
        for Word { name, example, usage, .. } in &WORDS {
            assert!(example.contains(name) && usage.contains(name), "{name}");
            if let Err(errors) = Model::parse(example) {
                panic!("{example}: {errors}");
            }
        }
    }

    #[test]
    fn every_topic_of_the_list_means_something() {
        for name in names() {
            assert!(meanings(name, &[]).is_some_and(|text| text.contains(name)), "{name}");
        }
    }

    #[test]
    fn similar_topics_are_offered() {
        assert_eq!(near("colapse"), ["collapse"]);
        assert!(near("gamma").contains(&"gamma_lpdf"), "{:?}", near("gamma"));
        assert!(near("qwertyuiop").is_empty());
    }
}
