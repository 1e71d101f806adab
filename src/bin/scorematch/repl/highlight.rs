//! Colours for a line: the lexemes of the model language, commands, and the pair
//! of brackets at the cursor.
//!
//! Promises: the result without its escape sequences is the given text.

use scorematch::source::Span;
use scorematch::syntax::{Class, Lexeme, lexemes};

use super::command::{Completes, comment, is_command, named};

const RESET: &str = "\x1b[0m";
const FAINT: &str = "\x1b[2m";
const ALARM: &str = "\x1b[31m";
const COMMAND: &str = "\x1b[1;34m";
const MATCHED: &str = "\x1b[1;4m";

/// The byte offset of the cursor; `None` where there is none.
pub type Cursor = Option<usize>;

/// The text with the escape sequences of its colours.
pub fn highlight(text: &str, cursor: Cursor) -> String {
    if is_command(text) { of_command(text, cursor) } else { of_model(text, cursor) }
}

/// Text in faint colour, for hints and comments.
pub fn faint(text: &str) -> String {
    format!("{FAINT}{text}{RESET}")
}

fn of_command(text: &str, cursor: Cursor) -> String {
    let blanks = text.len() - text.trim_start().len();
    let end = text[blanks..].find(char::is_whitespace).map_or(text.len(), |end| blanks + end);
    let (head, rest) = text.split_at(end);
    let (rest, remark) = rest.split_at(comment(rest));
    let remark = if remark.is_empty() { String::new() } else { faint(remark) };
    let command = named(&head[blanks + 1..]);
    let style = if command.is_some() || rest.is_empty() { COMMAND } else { ALARM };
    let rest = match command.map(|command| command.completes) {
        Some(Completes::Expression | Completes::Columns | Completes::Assignments) => {
            of_model(rest, cursor.and_then(|cursor| cursor.checked_sub(end)))
        }
        _ => rest.to_owned(),
    };
    format!("{style}{head}{RESET}{rest}{remark}")
}

fn of_model(text: &str, cursor: Cursor) -> String {
    let lexemes = lexemes(text);
    let pair = cursor.and_then(|cursor| pair(&lexemes, cursor));
    let mut coloured = String::with_capacity(2 * text.len());
    let mut end = 0;
    for lexeme in &lexemes {
        let (start, next) = (lexeme.span.start as usize, lexeme.span.end as usize);
        coloured.push_str(&text[end..start]);
        match style(lexeme, pair) {
            Some(style) => coloured.extend([style, &text[start..next], RESET]),
            None => coloured.push_str(&text[start..next]),
        }
        end = next;
    }
    coloured + &text[end..]
}

/// The pair of brackets at the cursor; a bracket before the cursor takes
/// precedence over one after it.
fn pair(lexemes: &[Lexeme], cursor: usize) -> Option<[Span; 2]> {
    let behind = lexemes.iter().find(|lexeme| lexeme.span.end as usize == cursor);
    let at = lexemes.iter().find(|lexeme| lexeme.span.start as usize == cursor);
    [behind, at].into_iter().flatten().find_map(|bracket| Some([bracket.span, bracket.partner?]))
}

fn style(lexeme: &Lexeme, pair: Option<[Span; 2]>) -> Option<&'static str> {
    match lexeme.class {
        Class::Number => Some("\x1b[35m"),
        Class::Function => Some("\x1b[36m"),
        Class::Word => Some("\x1b[1;34m"),
        Class::Comment => Some(FAINT),
        Class::Unknown => Some(ALARM),
        Class::Open | Class::Close if pair.is_some_and(|pair| pair.contains(&lexeme.span)) => {
            Some(MATCHED)
        }
        Class::Close if lexeme.partner.is_none() => Some(ALARM),
        Class::Name | Class::Operator | Class::Separator | Class::Open | Class::Close => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The highlighted text, with the numbers of styles in angle brackets.
    fn shown(text: &str, cursor: Cursor) -> String {
        highlight(text, cursor).replace("\x1b[0m", "<>").replace("\x1b[", "<").replace('m', ">")
    }

    #[test]
    fn classes_have_their_colours() {
        assert_eq!(
            shown("let r = log(2) # e", None),
            "<1;34>let<> r = <36>log<>(<35>2<>) <2># e<>"
        );
        assert_eq!(shown("x ? y", None), "x <31>?<> y");
        assert_eq!(shown("a)", None), "a<31>)<>");
    }

    #[test]
    fn the_pair_of_brackets_at_the_cursor_is_marked() {
        assert_eq!(shown("(a[b])", Some(6)), "<1;4>(<>a[b]<1;4>)<>");
        assert_eq!(shown("(a[b])", Some(0)), "<1;4>(<>a[b]<1;4>)<>");
        assert_eq!(shown("(a[b])", Some(5)), "(a<1;4>[<>b<1;4>]<>)");
        assert_eq!(shown("(a[b])", None), "(a[b])");
        assert_eq!(shown("(a", Some(1)), "(a");
    }

    #[test]
    fn known_and_unknown_commands_differ() {
        assert_eq!(shown(":load a(b)", None), "<1;34>:load<> a(b)");
        assert_eq!(shown(":set a=1", None), "<1;34>:set<> a=<35>1<>");
        assert_eq!(shown(":nonsense a", None), "<31>:nonsense<> a");
        assert_eq!(shown(":sc", None), "<1;34>:sc<>");
        assert_eq!(shown(":set a=1 # b", None), "<1;34>:set<> a=<35>1<> <2># b<>");
    }

    #[test]
    fn the_text_is_unchanged_but_for_escape_sequences() {
        for text in ["", "  x² # é", "data x[3]; `a b`\n-(x", ":fit  --seed 1 ", " :", "\u{feff}?"]
        {
            let styled = highlight(text, Some(1));
            let mut plain = String::new();
            let mut rest = styled.as_str();
            while let Some(start) = rest.find('\x1b') {
                plain.push_str(&rest[..start]);
                let end = rest[start..].find('m').expect("a style ends in m");
                rest = &rest[start + end + 1..];
            }
            assert_eq!(plain + rest, text);
        }
    }
}
