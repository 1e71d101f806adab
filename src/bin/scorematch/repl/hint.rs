//! Hints after the cursor: the arguments that a partly typed call or command still takes.

use scorematch::syntax::{Class, Lexeme, lexemes};

use super::command::{Completes, is_command, named};
use crate::functions;

/// The hint for a text, if there is one.
pub fn hint(typed: &str) -> Option<String> {
    if is_command(typed) { of_command(typed.trim_start()) } else { of_call(typed) }
}

/// The arguments of a command, until the first is begun.
fn of_command(typed: &str) -> Option<String> {
    let (name, argument) = typed[1..].split_once(char::is_whitespace).unwrap_or((&typed[1..], ""));
    let command = named(name)?;
    if !argument.trim().is_empty() {
        return (command.completes == Completes::Expression).then(|| of_call(argument)).flatten();
    }
    let blank = if typed.ends_with(char::is_whitespace) { "" } else { " " };
    let hint = format!("{blank}{}", command.arguments);
    (!hint.trim().is_empty()).then_some(hint)
}

/// An open bracket.
struct Open<'a> {
    /// The function that is called, if the bracket opens a call.
    function: Option<&'a str>,
    commas: usize,
}

/// The arguments that the innermost call still takes, and the meaning of its function.
fn of_call(typed: &str) -> Option<String> {
    let lexemes = lexemes(typed);
    let call = innermost(typed, &lexemes)?;
    let entry = functions::callable().find(|entry| Some(entry.name) == call.function)?;
    let arguments = entry.usage.strip_prefix(entry.name)?.strip_prefix('(')?.strip_suffix(')')?;
    let begun = begun(typed, lexemes.last()?);
    let rest: Vec<&str> = arguments.split(", ").skip(call.commas + usize::from(begun)).collect();
    let comma = if begun && !rest.is_empty() { ", " } else { "" };
    let blank = if call.commas > 0 && !begun && typed.ends_with(',') { " " } else { "" };
    Some(format!("{blank}{comma}{})   {}", rest.join(", "), entry.meaning))
}

fn innermost<'a>(typed: &'a str, lexemes: &[Lexeme]) -> Option<Open<'a>> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut function = None;
    for lexeme in lexemes {
        let text = spelled(typed, lexeme);
        match lexeme.class {
            Class::Open => open.push(Open { function, commas: 0 }),
            Class::Close => drop(open.pop()),
            Class::Separator if text == "," => {
                if let Some(last) = open.last_mut() {
                    last.commas += 1;
                }
            }
            Class::Number
            | Class::Name
            | Class::Function
            | Class::Word
            | Class::Operator
            | Class::Separator
            | Class::Comment
            | Class::Unknown => {}
        }
        function = (lexeme.class == Class::Function).then_some(text);
    }
    open.pop()
}

/// Whether the argument at the cursor is not empty.
fn begun(typed: &str, last: &Lexeme) -> bool {
    last.class != Class::Open && spelled(typed, last) != ","
}

fn spelled<'a>(typed: &'a str, lexeme: &Lexeme) -> &'a str {
    &typed[lexeme.span.start as usize..lexeme.span.end as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let hint = hint(typed).unwrap_or_default();
        assert_eq!(hint.split("   ").next(), Some(expected), "{typed}");
    }

    #[test]
    fn the_remaining_arguments_are_shown() {
        check("clamp(", "x, low, high)");
        check("2*clamp(x", ", low, high)");
        check("clamp(x,", " low, high)");
        check("clamp(x, ", "low, high)");
        check("clamp(f(a, b), 1", ", high)");
        check("clamp(x, 1, 2", ")");
        check("exp(clamp(x, [1, 2], ", "high)");
        check("max(a, b, c", ")");
    }

    #[test]
    fn unknown_calls_have_no_hint() {
        for typed in ["", "x + ", "clamp(x, 1, 2)", "clamp((", "mine(", "x # clamp(", ":nonsense "]
        {
            assert_eq!(hint(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_call_shows_its_meaning() {
        assert!(hint("log1p(").is_some_and(|hint| hint.contains("log(1")));
    }

    #[test]
    fn the_arguments_of_commands_are_shown() {
        check(":load", " FILE");
        check(":load ", "FILE");
        check(":load a", "");
        check(":score", "");
        check(":forget exp(", "x)");
    }
}
