//! Symbols in a row as MathML elements, with scripts and invisible operators.

use super::super::latex::greek_letter;
use super::token::{Token, take};
use super::{cell, escape};

/// The kind of an element, which determines the invisible operators beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Operator,
    Operand,
    /// Parentheses or brackets.
    Group,
    /// A name such as log, whose argument follows.
    Function,
}

/// One element.
struct Item {
    kind: Kind,
    xml: String,
}

impl Item {
    fn new(kind: Kind, tag: &str, content: &str) -> Self {
        Self { kind, xml: format!("<{tag}>{content}</{tag}>") }
    }
}

/// Elements in a line.
struct Row {
    xml: String,
    length: usize,
    last: Kind,
}

impl Row {
    fn new() -> Self {
        Self { xml: String::new(), length: 0, last: Kind::Operator }
    }

    /// Adds an element, and before it the invisible operator for multiplication or application.
    fn push(&mut self, item: Item) {
        let between = match (self.last, item.kind) {
            (Kind::Operator, _)
            | (_, Kind::Operator)
            | (Kind::Operand | Kind::Group, Kind::Operand) => "",
            (_, Kind::Group) => "<mo>&#x2061;</mo>",
            (Kind::Function, _) => r#"<mo rspace="0.167em">&#x2061;</mo>"#,
            (Kind::Operand | Kind::Group, Kind::Function) => r#"<mspace width="0.167em"></mspace>"#,
        };
        self.xml += between;
        self.xml += &item.xml;
        self.length += 1;
        self.last = item.kind;
    }

    fn finish(self) -> String {
        if self.length == 1 { self.xml } else { format!("<mrow>{}</mrow>", self.xml) }
    }
}

/// A recursive reader of a formula; the depth at which subexpressions get names bounds the recursion.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub fn new(latex: &'a str) -> Self {
        Self { rest: latex }
    }

    /// The elements up to the end of a group, a cell or the text; the end token is not consumed.
    pub fn row(&mut self) -> String {
        let mut row = Row::new();
        while let Some(token) = self.next_in_row() {
            let base = self.item(token, row.last);
            let item = self.scripted(base);
            row.push(item);
        }
        row.finish()
    }

    fn peek(&self) -> Option<Token<'a>> {
        take(&mut { self.rest })
    }

    fn next(&mut self) -> Option<Token<'a>> {
        take(&mut self.rest)
    }

    fn next_in_row(&mut self) -> Option<Token<'a>> {
        match self.peek() {
            Some(Token::Close | Token::Right(_) | Token::Cell | Token::Line | Token::EndCases) => {
                None
            }
            _ => self.next(),
        }
    }

    fn item(&mut self, token: Token<'a>, last: Kind) -> Item {
        match token {
            Token::Number(digits) => Item::new(Kind::Operand, "mn", digits),
            Token::Sign(letter) if letter.is_alphabetic() => {
                Item::new(Kind::Operand, "mi", &letter.to_string())
            }
            Token::Sign('-') if last == Kind::Operator => {
                Item { kind: Kind::Operator, xml: r#"<mo form="prefix">−</mo>"#.to_owned() }
            }
            Token::Sign('-') => Item::new(Kind::Operator, "mo", "−"),
            Token::Sign(sign) => Item::new(Kind::Operator, "mo", &escape(&sign.to_string())),
            Token::Command("frac" | "tfrac") => {
                let (above, below) = (self.braced(), self.braced());
                Item::new(Kind::Operand, "mfrac", &(above + &below))
            }
            Token::Command("sqrt") => Item::new(Kind::Operand, "msqrt", &self.braced()),
            Token::Command(name) => symbol(name),
            Token::Word("operatorname", name) => Item::new(Kind::Function, "mi", &escape(&name)),
            Token::Word("text", text) if text == "otherwise" => {
                Item::new(Kind::Operand, "mtext", &text)
            }
            Token::Word(_, text) => Item::new(Kind::Operand, "mi", &escape(&text)),
            Token::Left(bracket) => self.group(bracket),
            Token::Cases => self.cases(),
            other => unreachable!("the notation of LaTeX begins nothing with {other:?}"),
        }
    }

    /// The elements between braces.
    fn braced(&mut self) -> String {
        self.next();
        let content = self.row();
        self.next();
        content
    }

    /// The elements between brackets that grow with their content.
    fn group(&mut self, open: char) -> Item {
        let content = self.row();
        let close = match self.next() {
            Some(Token::Right(close)) => close,
            other => unreachable!("{open} is closed by {other:?}"),
        };
        let kind = if matches!(open, '(' | '[') { Kind::Group } else { Kind::Operand };
        Item::new(kind, "mrow", &format!("<mo>{open}</mo>{content}<mo>{close}</mo>"))
    }

    /// Cases after a brace: lines of a value and a condition.
    fn cases(&mut self) -> Item {
        let (mut lines, mut cells) = (String::new(), String::new());
        loop {
            cells += &cell("left", &self.row());
            let end = self.next();
            if end != Some(Token::Cell) {
                lines += &format!("<mtr>{cells}</mtr>");
                cells.clear();
            }
            if end == Some(Token::EndCases) || end.is_none() {
                let table = format!("<mo>{{</mo><mtable>{lines}</mtable>");
                return Item::new(Kind::Operand, "mrow", &table);
            }
        }
    }

    /// An element with its subscript and superscript.
    fn scripted(&mut self, base: Item) -> Item {
        let (mut below, mut above) = (None, None);
        loop {
            match self.peek() {
                Some(Token::Below) => below = Some(self.script()),
                Some(Token::Above) => above = Some(self.script()),
                Some(Token::Prime) => {
                    self.next();
                    above = Some("<mo>′</mo>".to_owned());
                }
                _ => break,
            }
        }
        let tag = match (&below, &above) {
            (None, None) => return base,
            (Some(_), None) => "msub",
            (None, Some(_)) => "msup",
            (Some(_), Some(_)) => "msubsup",
        };
        let scripts = below.unwrap_or_default() + &above.unwrap_or_default();
        Item::new(base.kind, tag, &(base.xml + &scripts))
    }

    fn script(&mut self) -> String {
        self.next();
        self.braced()
    }
}

/// A command without arguments: an operator, a letter, else a function of that name.
fn symbol(name: &str) -> Item {
    let letter = |letter: char| Item::new(Kind::Operand, "mi", &letter.to_string());
    match name {
        "," => {
            let xml = r#"<mo rspace="0.167em">&#x2062;</mo>"#.to_owned();
            Item { kind: Kind::Operator, xml }
        }
        "cdot" => Item::new(Kind::Operator, "mo", "⋅"),
        "le" => Item::new(Kind::Operator, "mo", "≤"),
        "top" => letter('⊤'),
        "infty" => letter('∞'),
        "partial" => letter('∂'),
        "pi" => letter('π'),
        _ => greek_letter(name).map_or_else(|| Item::new(Kind::Function, "mi", name), letter),
    }
}
