//! Random sentences of the grammar, and random mutations of them.

use std::collections::BTreeMap;

use crate::ebnf::{Ebnf, Node, is_lexical, is_word};
use crate::tokens::{Lexicon, Token, examples};

/// Spellings that are names in some places and words in others, or resemble other tokens.
const TRICKY_NAMES: [&str; 26] = [
    "x",
    "y1",
    "data",
    "param",
    "covariate",
    "const",
    "let",
    "def",
    "weight",
    "logp",
    "energy",
    "init",
    "with",
    "gradient",
    "on",
    "simplex",
    "ordered",
    "sphere",
    "if",
    "exp",
    "sum",
    "e",
    "e5",
    "inf",
    "_",
    "µ",
];
/// Pieces that mutations insert.
const PIECES: [&str; 44] = [
    " ", "\n", "\t", ";", ",", ":", "(", ")", "[", "]", "{", "}", "+", "-", "*", "/", ".", "^",
    "'", "²", "⁻", "<", ">", "=", "==", "!", "|", "#", "`", "1", "e", "x", "_", "\u{301}", " in ",
    " and ", " not ", " pi ", " data ", " if(", " init ", ".5", "weight ", "logp = ",
];
/// A sentence of this number of tokens is completed as briefly as possible.
const TOKENS_ENOUGH: usize = 40;

/// A small reproducible generator (SplitMix64).
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).expect("the remainder is below n")
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A generator that counts the ways that it took.
#[derive(Debug)]
pub struct Generator<'a> {
    ebnf: &'a Ebnf,
    lexicon: &'a Lexicon<'a>,
    heights: BTreeMap<&'a str, usize>,
    pub random: Random,
    /// Number of nodes of the grammar before one is misread; zero means none.
    slip: usize,
    /// How often each way was taken.
    pub taken: Vec<usize>,
}

impl<'a> Generator<'a> {
    pub fn new(ebnf: &'a Ebnf, lexicon: &'a Lexicon<'a>, seed: u64) -> Self {
        let heights = heights(ebnf);
        Self { ebnf, lexicon, heights, random: Random(seed), slip: 0, taken: vec![0; ebnf.ways] }
    }

    /// A sentence as text.
    pub fn sentence(&mut self) -> String {
        let mut tokens = Vec::new();
        let budget = 12 + self.random.below(30);
        self.syntax(&self.ebnf.rules["model"], budget, &mut tokens);
        self.laid_out(&tokens)
    }

    /// A sentence in which one node of the grammar is misread: in the order, number or kind of its
    /// parts, as a wrong parser might read it.
    pub fn near_miss(&mut self) -> String {
        self.slip = 1 + self.random.below(60);
        let text = self.sentence();
        self.slip = 0;
        text
    }

    fn slips(&mut self) -> bool {
        let now = self.slip == 1;
        self.slip = self.slip.saturating_sub(1);
        now
    }

    /// A sequence with a part omitted, repeated or exchanged with its neighbour.
    fn misread(&mut self, parts: &'a [Node], budget: usize, tokens: &mut Vec<Token>) {
        let mut parts: Vec<_> = parts.iter().collect();
        let at = self.random.below(parts.len());
        let (part, neighbour) = (parts[at], (at + 1) % parts.len());
        match self.random.below(3) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, part),
            _ => parts.swap(at, neighbour),
        }
        parts.into_iter().for_each(|part| self.syntax(part, budget, tokens));
    }

    fn any_rule(&mut self) -> &'a Node {
        let rules: Vec<_> = self.ebnf.rules.iter().filter(|(name, _)| !is_lexical(name)).collect();
        self.random.pick(&rules).1
    }

    fn syntax(&mut self, node: &'a Node, budget: usize, tokens: &mut Vec<Token>) {
        let budget = if tokens.len() > TOKENS_ENOUGH { 0 } else { budget };
        match node {
            Node::Literal(text) => {
                let word = is_word(text) && !self.lexicon.reserved.contains(text);
                tokens.push(Token { rule: word.then_some("NAME"), text: text.clone() });
            }
            Node::Rule(rule) if is_lexical(rule) => tokens.push(self.token(rule, None)),
            Node::Rule(rule) => {
                let body = if self.slips() { self.any_rule() } else { &self.ebnf.rules[rule] };
                self.syntax(body, budget.saturating_sub(1), tokens);
            }
            Node::Except(part, except) => match &**part {
                Node::Rule(rule) => tokens.push(self.token(rule, Some(except))),
                _ => panic!("an exception is from a token"),
            },
            Node::Special(words) => panic!("{words:?} stands in a rule of tokens"),
            Node::Sequence(parts) if self.slips() => self.misread(parts, budget, tokens),
            Node::Sequence(parts) => {
                parts.iter().for_each(|part| self.syntax(part, budget, tokens))
            }
            Node::Choice(parts) => {
                let part = self.choose(parts, budget);
                self.syntax(part, budget, tokens);
            }
            Node::Optional(way, part) => {
                let twice = self.slips();
                if twice || self.goes_on(*way, budget, 45) {
                    self.syntax(part, budget, tokens);
                }
                if twice {
                    self.syntax(part, budget, tokens);
                }
            }
            Node::Repeat(way, part) => {
                while tokens.len() <= TOKENS_ENOUGH && self.goes_on(*way, budget, 35) {
                    self.syntax(part, budget, tokens);
                }
            }
        }
    }

    fn goes_on(&mut self, way: usize, budget: usize, chance: usize) -> bool {
        let goes = budget > 0 && self.random.percent(chance);
        self.taken[way + usize::from(goes)] += 1;
        goes
    }

    /// Any alternative while the budget lasts, then a short one; those that were
    /// seldom taken are preferred.
    fn choose(&mut self, parts: &'a [(usize, Node)], budget: usize) -> &'a Node {
        let height = |(_, part): &&(usize, Node)| height(part, &self.heights);
        let least = parts.iter().map(|part| height(&part)).min().expect("a choice has parts");
        let mut parts: Vec<_> = parts.iter().collect();
        parts.retain(|part| budget > 0 || height(part) <= least + 1);
        let (way, part) = if self.random.percent(50) {
            parts.iter().min_by_key(|(way, _)| self.taken[*way]).expect("a shortest is left")
        } else {
            self.random.pick(&parts)
        };
        self.taken[*way] += 1;
        part
    }

    /// A token of a lexical rule that is not reserved and does not have the excluded spelling.
    fn token(&mut self, rule: &str, except: Option<&str>) -> Token {
        let rules = ["NUMBER", "NAME", "QUOTED", "SUPERSCRIPT", "NEWLINE"];
        let rule = rules.into_iter().find(|known| *known == rule).expect("a rule of tokens");
        loop {
            let mut text = String::new();
            if rule == "NAME" && self.random.percent(70) {
                text.push_str(TRICKY_NAMES[self.random.below(TRICKY_NAMES.len())]);
            } else {
                self.spell(&self.ebnf.rules[rule], &mut text);
            }
            if !self.lexicon.reserved.contains(&text) && except != Some(&text) {
                return Token { rule: Some(rule), text };
            }
        }
    }

    fn spell(&mut self, node: &'a Node, text: &mut String) {
        match node {
            Node::Literal(literal) => text.push_str(literal),
            Node::Special(words) => text.push(*self.random.pick(&examples(words))),
            Node::Rule(rule) => self.spell(&self.ebnf.rules[rule], text),
            Node::Sequence(parts) => parts.iter().for_each(|part| self.spell(part, text)),
            Node::Choice(parts) => {
                let part = self.choose(parts, 1);
                self.spell(part, text);
            }
            Node::Optional(way, part) => {
                if self.goes_on(*way, 1, 40) {
                    self.spell(part, text);
                }
            }
            Node::Repeat(way, part) => {
                while self.goes_on(*way, 1, 40) {
                    self.spell(part, text);
                }
            }
            Node::Except(..) => panic!("exceptions stand in rules of tokens"),
        }
    }

    /// Writes tokens with random blanks, newlines and comments where the layout allows them.
    fn laid_out(&mut self, tokens: &[Token]) -> String {
        let mut text = String::new();
        let mut depth = 0_usize;
        for (i, token) in tokens.iter().enumerate() {
            text.push_str(&token.text);
            depth += usize::from(self.lexicon.opens(token));
            depth = depth.saturating_sub(usize::from(self.lexicon.closes(token)));
            let free = depth > 0 || self.lexicon.continues(token);
            let mut filled = false;
            while self.random.percent(20) {
                filled = true;
                self.filler(free, &mut text);
            }
            let next = tokens.get(i + 1);
            if !filled && next.is_some_and(|next| !self.keeps_apart(token, next)) {
                text.push(' ');
            }
        }
        text
    }

    fn filler(&mut self, free: bool, text: &mut String) {
        match self.random.below(8) {
            0 if free => text.push('\n'),
            1 if free => {
                self.spell(&self.ebnf.rules["COMMENT"], text);
                text.push('\n');
            }
            2 => self.spell(&self.ebnf.rules["BLANK"], text),
            _ => text.push(' '),
        }
    }

    /// Whether two tokens written without a blank are still read as these two.
    fn keeps_apart(&self, left: &Token, right: &Token) -> bool {
        let together = self.lexicon.tokens(&format!("{}{}", left.text, right.text));
        let newline = right.rule == Some("NEWLINE");
        newline || together.is_some_and(|tokens| tokens == [left.clone(), right.clone()])
    }

    /// A text with one or two random mutations.
    pub fn mutant(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.random.below(2) {
            text = if self.random.percent(50) {
                self.hurt_tokens(&text)
            } else {
                self.hurt_characters(&text)
            };
        }
        text
    }

    fn hurt_characters(&mut self, text: &str) -> String {
        let mut parts: Vec<String> = text.chars().map(String::from).collect();
        self.hurt(&mut parts);
        parts.concat()
    }

    fn hurt_tokens(&mut self, text: &str) -> String {
        let Some(tokens) = self.lexicon.tokens(text) else { return self.hurt_characters(text) };
        let mut parts: Vec<String> = tokens.into_iter().map(|token| token.text).collect();
        self.hurt(&mut parts);
        parts.join(" ")
    }

    /// Deletes, repeats, exchanges, replaces or inserts a part.
    fn hurt(&mut self, parts: &mut Vec<String>) {
        if parts.is_empty() {
            return parts.push((*self.random.pick(&PIECES)).to_owned());
        }
        let (at, other) = (self.random.below(parts.len()), self.random.below(parts.len()));
        let piece = (*self.random.pick(&PIECES)).to_owned();
        match self.random.below(5) {
            0 => drop(parts.remove(at)),
            1 => parts.insert(at, parts[other].clone()),
            2 => parts.swap(at, other),
            3 => parts[at] = piece,
            _ => parts.insert(at, piece),
        }
    }
}

/// The smallest depth of rules in a node.
fn height(node: &Node, heights: &BTreeMap<&str, usize>) -> usize {
    const UNKNOWN: usize = 1000;
    match node {
        Node::Literal(_) | Node::Special(_) | Node::Optional(..) | Node::Repeat(..) => 0,
        Node::Rule(rule) if is_lexical(rule) => 0,
        Node::Rule(rule) => heights.get(rule.as_str()).map_or(UNKNOWN, |height| height + 1),
        Node::Sequence(parts) => parts.iter().map(|part| height(part, heights)).max().unwrap_or(0),
        Node::Choice(parts) => {
            parts.iter().map(|(_, part)| height(part, heights)).min().unwrap_or(0)
        }
        Node::Except(part, _) => height(part, heights),
    }
}

fn heights(ebnf: &Ebnf) -> BTreeMap<&str, usize> {
    let mut known = BTreeMap::new();
    for _ in 0..ebnf.rules.len() {
        let now = ebnf.rules.iter().map(|(name, body)| (name.as_str(), height(body, &known)));
        known = now.collect();
    }
    known
}
