//! The syntax tree as nested lists, which show the operands of every operator.

use scorematch::report::wrapped;
use scorematch::syntax::{
    Ast, Condition, ConditionKind, Expr, ExprKind, Index, PowerOperator, ProductOperator, Relation,
    Sign, StatementKind,
};

use crate::output::page;

const INDENT: usize = 4;

/// One list for each statement; declarations as text.
pub fn outline(ast: &Ast) -> String {
    let lines = ast.statements.iter().map(|statement| match &statement.kind {
        StatementKind::Declare(..) => statement.to_string(),
        StatementKind::Const(name, value) => format!("const {name} = {}", expr(value)),
        StatementKind::Let(name, value) => format!("let {name} = {}", expr(value)),
        StatementKind::Def { name, parameters, body } => {
            let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
            format!("def {name}({}) = {}", names.join(", "), expr(body))
        }
        StatementKind::Weight { target, value, gradient } => {
            let target = target.iter().map(|name| format!("{name} ")).collect::<String>();
            let gradient = gradient.iter().map(|one| format!(" with gradient {}", expr(one)));
            format!("weight {target}= {}{}", expr(value), gradient.collect::<String>())
        }
        StatementKind::LogDensity(value) => format!("logp = {}", expr(value)),
        StatementKind::Energy(value) => format!("energy = {}", expr(value)),
        StatementKind::Bare(value) => expr(value),
    });
    lines.map(|line| format!("{}\n", wrapped(&line, page().width(), INDENT).trim_start())).collect()
}

fn list(head: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    format!("({head} {})", items.join(" "))
}

fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Number(text) => text.clone(),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Pi => "pi".to_owned(),
        ExprKind::Call { function, generators, arguments } => {
            let generators = generators.iter().map(|generator| {
                list("in", [generator.name.to_string(), expr(&generator.from), expr(&generator.to)])
            });
            list(&function.text, generators.chain(arguments.iter().map(expr)))
        }
        ExprKind::If(c, then, otherwise) => list("if", [condition(c), expr(then), expr(otherwise)]),
        ExprKind::Matrix(rows) => {
            let rows = rows.iter().map(|row| list("row", row.iter().map(expr)));
            list("matrix", rows)
        }
        ExprKind::Negate(a) => list("-", [expr(a)]),
        ExprKind::Sum(terms) => list("+", terms.iter().map(|(sign, term)| signed(*sign, term))),
        ExprKind::Product(factors) => product(factors),
        ExprKind::Power(a, operator, b) => {
            let head = match operator {
                PowerOperator::Power => "^",
                PowerOperator::DotPower => ".^",
            };
            list(head, [expr(a), expr(b)])
        }
        ExprKind::Superscript(a, exponent) => list("^", [expr(a), exponent.to_string()]),
        ExprKind::Transpose(a) => list("'", [expr(a)]),
        ExprKind::Index(a, indices) => {
            list("at", std::iter::once(expr(a)).chain(indices.iter().map(index)))
        }
        ExprKind::Group(a) => expr(a),
    }
}

fn signed(sign: Sign, term: &Expr) -> String {
    match sign {
        Sign::Plus => expr(term),
        Sign::Minus => list("-", [expr(term)]),
    }
}

/// A chain of products and quotients, grouped from the left.
fn product(factors: &[(ProductOperator, Expr)]) -> String {
    let mut factors = factors.iter();
    let first = factors.next().map(|(_, first)| expr(first)).unwrap_or_default();
    factors.fold(first, |left, (operator, right)| {
        let head = match operator {
            ProductOperator::Times => "*",
            ProductOperator::Over => "/",
            ProductOperator::DotTimes => ".*",
            ProductOperator::DotOver => "./",
        };
        list(head, [left, expr(right)])
    })
}

fn index(index: &Index) -> String {
    match index {
        Index::At(e) => expr(e),
        Index::Range(from, to) => list(":", [expr(from), expr(to)]),
        Index::All(_) => ":".to_owned(),
    }
}

fn condition(c: &Condition) -> String {
    match &c.kind {
        ConditionKind::Compare(relation, a, b) => {
            let head = match relation {
                Relation::Less => "<",
                Relation::LessEqual => "<=",
                Relation::Greater => ">",
                Relation::GreaterEqual => ">=",
                Relation::Equal => "==",
                Relation::NotEqual => "!=",
            };
            list(head, [expr(a), expr(b)])
        }
        ConditionKind::And(parts) => list("and", parts.iter().map(condition)),
        ConditionKind::Or(parts) => list("or", parts.iter().map(condition)),
        ConditionKind::Not(a) => list("not", [condition(a)]),
        ConditionKind::Group(a) => condition(a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let ast = scorematch::syntax::parse(text).expect("a text that parses");
        assert_eq!(outline(&ast).trim_end(), expected);
    }

    #[test]
    fn the_operands_of_operators() {
        check("-x^2", "(- (^ x 2))");
        check("a - b + c", "(+ a (- b) c)");
        check("a/b*c", "(* (/ a b) c)");
        check("logp = -(x - mu)²/(2*s2)", "logp = (/ (- (^ (+ x (- mu)) 2)) (* 2 s2))");
        check("2^-x'", "(^ 2 (- (' x)))");
        check("sum(i in 1:3, W[i, :])", "(sum (in i 1 3) (at W i :))");
        check(
            "if(not x < 0 and (y == 1), [1, 2; 3, 4], 0)",
            "(if (and (not (< x 0)) (== y 1)) (matrix (row 1 2) (row 3 4)) 0)",
        );
    }
}
