//! Earley's recogniser for any context-free grammar, so that the grammar need not have a form that
//! suits the parser.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::ebnf::{Ebnf, Node, is_lexical, is_word};
use crate::tokens::Token;

#[derive(Clone, Debug)]
enum Symbol {
    Rule(usize),
    Literal(String),
    /// A token of a lexical rule that does not have this spelling.
    Token(String, Option<String>),
}

/// The productions of each rule.
#[derive(Debug)]
pub struct Recogniser {
    rules: Vec<Vec<Vec<Symbol>>>,
    nullable: Vec<bool>,
    start: usize,
}

/// Rule, production, position in it, and the position in the text where it began.
type Item = (usize, usize, usize, usize);

#[derive(Default)]
struct Set {
    items: Vec<Item>,
    seen: HashSet<Item>,
    waiting: HashMap<usize, Vec<Item>>,
}

impl Set {
    fn add(&mut self, item: Item) {
        if self.seen.insert(item) {
            self.items.push(item);
        }
    }
}

impl Recogniser {
    pub fn new(ebnf: &Ebnf, start: &str) -> Self {
        let names: Vec<_> = ebnf.rules.keys().filter(|name| !is_lexical(name)).collect();
        let ids: BTreeMap<_, _> =
            names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let mut flat = Flattener { ids: &ids, rules: vec![Vec::new(); names.len()] };
        for (id, name) in names.iter().enumerate() {
            let body = flat.symbol(&ebnf.rules[*name]);
            flat.rules[id] = vec![vec![body]];
        }
        let rules = flat.rules;
        let nullable = nullable(&rules);
        Self { start: ids[start], rules, nullable }
    }

    pub fn accepts(&self, tokens: &[Token]) -> bool {
        let mut set = Set::default();
        (0..self.rules[self.start].len()).for_each(|p| set.add((self.start, p, 0, 0)));
        let mut sets = vec![set];
        for position in 0..=tokens.len() {
            let next = self.close(&mut sets, position, tokens.get(position));
            if position < tokens.len() {
                if next.items.is_empty() {
                    return false;
                }
                sets.push(next);
            }
        }
        let last = &sets[tokens.len()];
        last.items.iter().any(|&(rule, production, at, origin)| {
            rule == self.start && origin == 0 && at == self.rules[rule][production].len()
        })
    }

    /// Predicts and completes within a set, and scans into the next one.
    fn close(&self, sets: &mut [Set], position: usize, token: Option<&Token>) -> Set {
        let mut next = Set::default();
        let mut done = 0;
        while let Some(&item) = sets[position].items.get(done) {
            done += 1;
            let (rule, production, at, origin) = item;
            match self.rules[rule][production].get(at) {
                Some(Symbol::Rule(wanted)) => {
                    let set = &mut sets[position];
                    set.waiting.entry(*wanted).or_default().push(item);
                    (0..self.rules[*wanted].len()).for_each(|p| set.add((*wanted, p, 0, position)));
                    if self.nullable[*wanted] {
                        set.add((rule, production, at + 1, origin));
                    }
                }
                Some(symbol) => {
                    if token.is_some_and(|token| matches(symbol, token)) {
                        next.add((rule, production, at + 1, origin));
                    }
                }
                None => {
                    let waiting = sets[origin].waiting.get(&rule).cloned().unwrap_or_default();
                    for (r, p, a, o) in waiting {
                        sets[position].add((r, p, a + 1, o));
                    }
                }
            }
        }
        next
    }
}

fn matches(symbol: &Symbol, token: &Token) -> bool {
    match symbol {
        Symbol::Rule(_) => false,
        Symbol::Literal(text) => {
            *text == token.text
                && (token.rule.is_none() || token.rule == Some("NAME") && is_word(text))
        }
        Symbol::Token(rule, except) => {
            token.rule == Some(rule.as_str()) && except.as_ref() != Some(&token.text)
        }
    }
}

fn nullable(rules: &[Vec<Vec<Symbol>>]) -> Vec<bool> {
    let mut nullable = vec![false; rules.len()];
    loop {
        let empty = |symbol: &Symbol| matches!(symbol, Symbol::Rule(id) if nullable[*id]);
        let now: Vec<_> = rules
            .iter()
            .map(|productions| productions.iter().any(|symbols| symbols.iter().all(empty)))
            .collect();
        if now == nullable {
            return now;
        }
        nullable = now;
    }
}

/// Turns each choice, option and repetition into a rule of its own.
struct Flattener<'a> {
    ids: &'a BTreeMap<&'a str, usize>,
    rules: Vec<Vec<Vec<Symbol>>>,
}

impl Flattener<'_> {
    fn rule(&mut self, productions: Vec<Vec<Symbol>>) -> Symbol {
        self.rules.push(productions);
        Symbol::Rule(self.rules.len() - 1)
    }

    fn symbol(&mut self, node: &Node) -> Symbol {
        match node {
            Node::Literal(text) => Symbol::Literal(text.clone()),
            Node::Rule(name) if is_lexical(name) => Symbol::Token(name.clone(), None),
            Node::Rule(name) => Symbol::Rule(self.ids[name.as_str()]),
            Node::Special(words) => panic!("{words:?} stands in a rule of tokens"),
            Node::Sequence(parts) => {
                let symbols = parts.iter().map(|part| self.symbol(part)).collect();
                self.rule(vec![symbols])
            }
            Node::Choice(parts) => {
                let productions = parts.iter().map(|(_, part)| vec![self.symbol(part)]).collect();
                self.rule(productions)
            }
            Node::Optional(_, part) => {
                let part = self.symbol(part);
                self.rule(vec![vec![], vec![part]])
            }
            Node::Repeat(_, part) => {
                let part = self.symbol(part);
                let own = self.rules.len();
                self.rule(vec![vec![], vec![Symbol::Rule(own), part]])
            }
            Node::Except(part, except) => match self.symbol(part) {
                Symbol::Token(rule, _) => Symbol::Token(rule, Some(except.clone())),
                symbol => panic!("{symbol:?} is no token"),
            },
        }
    }
}
