//! A reader of the notation of the grammar file.

use std::collections::BTreeMap;

/// A right-hand side. Every alternative of a choice, an option or a repetition has
/// a number, called its way.
#[derive(Clone, Debug)]
pub enum Node {
    Literal(String),
    Rule(String),
    Special(String),
    Sequence(Vec<Node>),
    Choice(Vec<(usize, Node)>),
    /// The ways are absent, and present as the next number.
    Optional(usize, Box<Node>),
    /// The ways are no repetition, and some as the next number.
    Repeat(usize, Box<Node>),
    Except(Box<Node>, String),
}

/// All rules of the grammar file.
#[derive(Debug)]
pub struct Ebnf {
    pub rules: BTreeMap<String, Node>,
    /// Number of ways.
    pub ways: usize,
}

/// Whether a rule consists of characters.
pub fn is_lexical(rule: &str) -> bool {
    rule.chars().all(char::is_uppercase)
}

pub fn is_word(literal: &str) -> bool {
    literal.starts_with(char::is_alphabetic)
}

impl Ebnf {
    pub fn read(text: &str) -> Self {
        let mut reader = Reader { tokens: cut(text), position: 0, ways: 0 };
        let mut rules = BTreeMap::new();
        while reader.position < reader.tokens.len() {
            let name = reader.take();
            reader.expect("=");
            let body = reader.choice();
            reader.expect(";");
            assert!(rules.insert(name.clone(), body).is_none(), "{name} is defined twice");
        }
        let ebnf = Self { rules, ways: reader.ways };
        for body in ebnf.rules.values() {
            ebnf.check(body);
        }
        ebnf
    }

    /// Checks that every name in a node has a rule.
    fn check(&self, node: &Node) {
        match node {
            Node::Rule(name) => assert!(self.rules.contains_key(name), "{name} is not defined"),
            Node::Literal(_) | Node::Special(_) => {}
            Node::Sequence(parts) => parts.iter().for_each(|part| self.check(part)),
            Node::Choice(parts) => parts.iter().for_each(|(_, part)| self.check(part)),
            Node::Optional(_, part) | Node::Repeat(_, part) | Node::Except(part, _) => {
                self.check(part);
            }
        }
    }

    /// All ways, each with its rule.
    pub fn all_ways(&self) -> Vec<(&str, usize)> {
        let mut all = Vec::new();
        for (name, body) in &self.rules {
            let mut ways = Vec::new();
            ways_of(body, &mut ways);
            all.extend(ways.into_iter().map(|way| (name.as_str(), way)));
        }
        assert_eq!(all.len(), self.ways);
        all
    }

    /// The literals of a rule that is a choice of literals.
    pub fn literals(&self, rule: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.rules[rule], &mut found);
        found
    }

    /// The literals of all rules with names in lower case.
    pub fn syntax_literals(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, body) in &self.rules {
            if !is_lexical(name) {
                collect(body, &mut found);
            }
        }
        found.sort();
        found.dedup();
        found
    }
}

fn collect(node: &Node, found: &mut Vec<String>) {
    match node {
        Node::Literal(text) => found.push(text.clone()),
        Node::Rule(_) | Node::Special(_) => {}
        Node::Sequence(parts) => parts.iter().for_each(|part| collect(part, found)),
        Node::Choice(parts) => parts.iter().for_each(|(_, part)| collect(part, found)),
        Node::Optional(_, part) | Node::Repeat(_, part) | Node::Except(part, _) => {
            collect(part, found);
        }
    }
}

fn ways_of(node: &Node, ways: &mut Vec<usize>) {
    match node {
        Node::Literal(_) | Node::Rule(_) | Node::Special(_) => {}
        Node::Sequence(parts) => parts.iter().for_each(|part| ways_of(part, ways)),
        Node::Choice(parts) => parts.iter().for_each(|(way, part)| {
            ways.push(*way);
            ways_of(part, ways);
        }),
        Node::Optional(way, part) | Node::Repeat(way, part) => {
            ways.extend([*way, way + 1]);
            ways_of(part, ways);
        }
        Node::Except(part, _) => ways_of(part, ways),
    }
}

/// The tokens of the notation: literals keep their opening quote, special
/// sequences their question mark.
fn cut(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' if rest.starts_with("(*") => rest.find("*)").expect("the comment ends") + 2,
            '"' | '?' => rest[1..].find(first).expect("a closed quotation") + 2,
            c if c.is_alphabetic() => rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let token = &rest[..length];
        if !token.starts_with("(*") {
            tokens.push(token.strip_suffix(['"', '?']).unwrap_or(token).to_owned());
        }
        rest = rest[length..].trim_start();
    }
    tokens
}

struct Reader {
    tokens: Vec<String>,
    position: usize,
    ways: usize,
}

impl Reader {
    fn peek(&self) -> &str {
        self.tokens.get(self.position).map_or("", String::as_str)
    }

    fn take(&mut self) -> String {
        self.position += 1;
        self.tokens[self.position - 1].clone()
    }

    fn expect(&mut self, token: &str) {
        let found = self.take();
        assert_eq!(found, token, "at token {}", self.position);
    }

    fn new_ways(&mut self, count: usize) -> usize {
        self.ways += count;
        self.ways - count
    }

    fn choice(&mut self) -> Node {
        let mut parts = vec![self.sequence()];
        while self.peek() == "|" {
            self.take();
            parts.push(self.sequence());
        }
        if parts.len() == 1 {
            return parts.remove(0);
        }
        let first = self.new_ways(parts.len());
        Node::Choice((first..).zip(parts).collect())
    }

    fn sequence(&mut self) -> Node {
        let mut parts = Vec::new();
        while !["|", ")", "]", "}", ";", ""].contains(&self.peek()) {
            let part = self.part();
            if self.peek() == "-" {
                self.take();
                let except = self.take()[1..].to_owned();
                parts.push(Node::Except(Box::new(part), except));
            } else {
                parts.push(part);
            }
        }
        if parts.len() == 1 { parts.remove(0) } else { Node::Sequence(parts) }
    }

    fn part(&mut self) -> Node {
        let token = self.take();
        match token.as_str() {
            "(" => self.closed(")"),
            "[" => Node::Optional(self.new_ways(2), Box::new(self.closed("]"))),
            "{" => Node::Repeat(self.new_ways(2), Box::new(self.closed("}"))),
            _ => match token.split_at(1) {
                ("\"", literal) => Node::Literal(literal.to_owned()),
                ("?", special) => Node::Special(special.trim().to_owned()),
                _ => Node::Rule(token),
            },
        }
    }

    fn closed(&mut self, closer: &str) -> Node {
        let inside = self.choice();
        self.expect(closer);
        inside
    }
}
