//! Help on options, from their definitions in the argument parser.

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use super::lines;
use crate::args::Arguments;

/// The long names of all options, without hyphens, each once.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, option) in all(&Arguments::command()) {
        let name = option.get_long().unwrap_or_default();
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// The help of an option, by its long or its short name, in each command that takes it.
pub fn told(name: &str) -> Option<String> {
    let root = Arguments::command();
    let is_it = |option: &Arg| {
        let short = option.get_short().map(String::from);
        option.get_long() == Some(name) || short.as_deref() == Some(name)
    };
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    for (command, option) in all(&root).into_iter().filter(|(_, option)| is_it(option)) {
        let text = text(option);
        match told.iter_mut().find(|(_, known)| *known == text) {
            Some((commands, _)) => commands.push(command),
            None => told.push((vec![command], text)),
        }
    }
    let told =
        told.into_iter().map(|(commands, text)| format!("  {}\n{text}", commands.join(", ")));
    let told = told.collect::<Vec<_>>().join("\n");
    (!told.is_empty()).then_some(told)
}

/// The heading of options that every command takes.
const EVERY: &str = "every command";

/// Every option with the name of its command; global ones with [`EVERY`].
fn all(root: &Command) -> Vec<(&str, &Arg)> {
    let commands = std::iter::once(root).chain(root.get_subcommands());
    let options = commands.flat_map(|command| {
        let own = command.get_arguments().filter(|option| !option.is_positional());
        own.map(|option| match option.is_global_set() {
            true => (EVERY, option),
            false => (command.get_name(), option),
        })
    });
    options.collect()
}

/// The usage, help, choices and default of an option.
fn text(option: &Arg) -> String {
    let help = option.get_long_help().or(option.get_help()).map(StyledStr::to_string);
    let choices: Vec<String> = option
        .get_possible_values()
        .iter()
        .filter(|_| option.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("{}: {help}", value.get_name()),
            None => value.get_name().to_owned(),
        })
        .collect();
    let defaults = option.get_default_values().iter().map(|value| value.to_string_lossy());
    let default = defaults.collect::<Vec<_>>().join(", ");
    let usage = usage(option);
    let mut rows = vec![("", Some(usage.as_str())), ("", help.as_deref())];
    rows.extend(choices.iter().map(|choice| ("choice", Some(choice.as_str()))));
    rows.push(("default", Some(default.as_str()).filter(|text| !text.is_empty())));
    lines(&rows)
}

/// For example `-o, --output <FILE>`.
fn usage(option: &Arg) -> String {
    let short = option.get_short().map(|short| format!("-{short}"));
    let long = option.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let value = match option.get_action().takes_values() {
        true => option.get_value_names().map(|names| format!(" <{}>", names.join("> <"))),
        false => None,
    };
    format!("{}{}", names.join(", "), value.unwrap_or_default())
}
