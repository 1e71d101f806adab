//! The listing of a graph: one line for each live node, for debugging.

use std::fmt::Write;

use super::super::{BinaryFunction, ExprId, Graph, ListId, Node, Part, PartsId, Relation};

impl Graph {
    /// The nodes at and below the roots, one line each: `e12 = 2*e3 - e4`.
    #[must_use]
    pub fn show(&self, roots: &[ExprId]) -> String {
        let mut text = String::new();
        for id in self.live(roots) {
            writeln!(text, "{} = {}", reference(id), self.outline_of(id))
                .expect("writing to a string succeeds");
        }
        text
    }

    fn outline_of(&self, id: ExprId) -> String {
        match self.node(id) {
            Node::One => "1".to_owned(),
            Node::Pi => "pi".to_owned(),
            Node::Input(input) => format!("input {}", self.inputs()[input.index()].name),
            Node::Call(function, u) => format!("{}({})", function.name(), reference(u)),
            Node::Binary(BinaryFunction::Pow(logs), a, b) => {
                format!("pow_log({logs}, {}, {})", reference(a), reference(b))
            }
            Node::Binary(function, a, b) => {
                format!("{}({}, {})", function.name(), reference(a), reference(b))
            }
            Node::Sum(parts) => self
                .parts_of(parts, " + ", |part| format!("{}*{}", part.weight, reference(part.expr))),
            Node::Product(parts) => self
                .parts_of(parts, " * ", |part| format!("{}^{}", reference(part.expr), part.weight)),
            Node::Compare(relation, a, b) => {
                format!("{} {} {}", reference(a), sign(relation), reference(b))
            }
            Node::Select(c, a, b) => {
                format!("select({}, {}, {})", reference(c), reference(a), reference(b))
            }
            Node::Gather(list, index) => format!("{}[{}]", self.list_of(list), reference(index)),
            Node::Share(u, sum) => format!("share({}, {})", reference(u), reference(sum)),
            Node::Mean(u) => format!("mean({})", reference(u)),
            Node::Dot(a, b) => format!("dot({}, {})", self.list_of(a), self.list_of(b)),
            Node::LogSumExp(c, u) => {
                format!("log_sum_exp({}, {})", self.list_of(c), self.list_of(u))
            }
        }
    }

    fn parts_of(&self, parts: PartsId, between: &str, show: impl Fn(&Part) -> String) -> String {
        let shown: Vec<String> = self
            .parts(parts)
            .iter()
            .map(|part| if part.weight.is_one() { reference(part.expr) } else { show(part) })
            .collect();
        if shown.is_empty() { "0".to_owned() } else { shown.join(between) }
    }

    fn list_of(&self, list: ListId) -> String {
        let entries: Vec<String> = self.list(list).iter().map(|&id| reference(id)).collect();
        format!("[{}]", entries.join(", "))
    }
}

fn reference(id: ExprId) -> String {
    format!("e{}", id.index())
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Less => "<",
        Relation::LessEqual => "<=",
        Relation::Equal => "==",
    }
}
