//! The tokens of LaTeX mathematics that the LaTeX notation here writes.

/// One symbol of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Digits, with or without a point.
    Number(&'a str),
    /// A letter or an operator that stands for itself.
    Sign(char),
    /// `\mu`, by its name.
    Command(&'a str),
    /// `\mathrm{…}`, `\operatorname{…}` or `\text{…}`, by its name, and the text it holds.
    Word(&'a str, String),
    /// `{` and `}`
    Open,
    Close,
    /// `\left(` and `\right)`, by the bracket.
    Left(char),
    Right(char),
    /// `\begin{cases}` and `\end{cases}`; `&` and `\\` between their cells and lines.
    Cases,
    EndCases,
    Cell,
    Line,
    /// `_`, `^` and `'`
    Below,
    Above,
    Prime,
}

/// Takes the first symbol off a text, and the spaces before it.
pub(super) fn take<'a>(rest: &mut &'a str) -> Option<Token<'a>> {
    *rest = rest.trim_start_matches(' ');
    let first = rest.chars().next()?;
    let digits =
        rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    if digits > 0 {
        return Some(Token::Number(cut(rest, digits)));
    }
    cut(rest, first.len_utf8());
    Some(match first {
        '\\' => command(rest),
        '{' => Token::Open,
        '}' => Token::Close,
        '_' => Token::Below,
        '^' => Token::Above,
        '\'' => Token::Prime,
        '&' => Token::Cell,
        sign => Token::Sign(sign),
    })
}

fn cut<'a>(rest: &mut &'a str, length: usize) -> &'a str {
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    head
}

/// The token after a backslash.
fn command<'a>(rest: &mut &'a str) -> Token<'a> {
    let name = command_name(rest);
    match name {
        "\\" => Token::Line,
        "left" => Token::Left(bracket(rest)),
        "right" => Token::Right(bracket(rest)),
        "begin" | "end" => {
            words(rest);
            if name == "begin" { Token::Cases } else { Token::EndCases }
        }
        "mathrm" | "operatorname" | "text" => Token::Word(name, words(rest)),
        _ => Token::Command(name),
    }
}

/// The name of a command: letters, or one other character.
fn command_name<'a>(rest: &mut &'a str) -> &'a str {
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let first = rest.chars().next().map_or(0, char::len_utf8);
    cut(rest, letters.max(first))
}

/// The bracket behind `\left` or `\right`.
fn bracket(rest: &mut &str) -> char {
    match take(rest) {
        Some(Token::Sign(bracket)) => bracket,
        Some(Token::Command("lvert" | "rvert")) => '|',
        Some(Token::Command("lVert" | "rVert")) => '‖',
        Some(Token::Command("lfloor")) => '⌊',
        Some(Token::Command("rfloor")) => '⌋',
        Some(Token::Command("langle")) => '⟨',
        Some(Token::Command("rangle")) => '⟩',
        other => unreachable!("the notation of LaTeX has no bracket {other:?}"),
    }
}

/// The text in braces, its escapes resolved.
fn words(rest: &mut &str) -> String {
    let mut text = String::new();
    cut(rest, "{".len());
    while let Some(c) = rest.chars().next() {
        cut(rest, c.len_utf8());
        match c {
            '}' => break,
            '\\' => text.push(escaped(rest)),
            _ => text.push(c),
        }
    }
    text
}

/// The character that an escape stands for: `\&`, `\textbackslash{}`.
fn escaped(rest: &mut &str) -> char {
    let name = command_name(rest);
    let spelled = match name {
        "textbackslash" => '\\',
        "textasciicircum" => '^',
        "textasciitilde" => '~',
        _ => return name.chars().next().unwrap_or('\\'),
    };
    cut(rest, "{}".len());
    spelled
}
