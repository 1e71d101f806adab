//! MathML is well-formed for every expression and name, and shows the symbols that LaTeX shows.

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use scorematch::graph::{ExprId, Function, Graph, Number, Relation, Support};
use scorematch::model::Model;

use crate::values::runner;
use crate::wild::{Exponents, Writing, build, recipe};

/// An element without children: its tag and its text, with references resolved.
type Leaf = (String, String);

/// The leaves in order, if tags match, attributes are quoted, and all other text is allowed in XML.
fn leaves(xml: &str) -> Result<Vec<Leaf>, String> {
    let (mut leaves, mut open, mut rest) = (Vec::new(), Vec::new(), xml);
    let mut text = None;
    while let Some((before, after)) = rest.split_once('<') {
        text = Some(resolved(before)?).filter(|_| text.is_some());
        let (tag, tail) = after.split_once('>').ok_or("a tag has no end")?;
        rest = tail;
        if let Some(name) = tag.strip_prefix('/') {
            let opened: &str = open.pop().ok_or("a tag too much")?;
            if opened != name {
                return Err(format!("<{opened}> ends as </{name}>"));
            }
            leaves.extend(text.take().map(|text| (name.to_owned(), text)));
        } else {
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            check_attributes(attributes)?;
            open.push(name);
            text = Some(String::new());
        }
    }
    let is_whole = open.is_empty() && rest.trim().is_empty();
    is_whole.then_some(leaves).ok_or(format!("{open:?} stay open before {rest:?}"))
}

/// Checks that a text consists of attributes, each a name, an equals sign and a quoted value.
fn check_attributes(attributes: &str) -> Result<(), String> {
    let mut rest = attributes;
    while !rest.is_empty() {
        let after_name = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let value = after_name.strip_prefix("=\"").and_then(|value| value.split_once('"'));
        rest = value.ok_or(format!("attributes {attributes:?}"))?.1;
    }
    Ok(())
}

fn resolved(text: &str) -> Result<String, String> {
    let is_forbidden = |c: char| c.is_control() && c != '\n' || ">\u{FFFE}\u{FFFF}".contains(c);
    if text.contains(is_forbidden) {
        return Err(format!("{text:?} holds what XML forbids"));
    }
    let mut pieces = text.split('&');
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, tail) = piece.split_once(';').ok_or("a reference has no end")?;
        whole.push(referred(name).ok_or(format!("a reference to {name}"))?);
        whole += tail;
    }
    Ok(whole)
}

fn referred(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        _ => char::from_u32(u32::from_str_radix(name.strip_prefix("#x")?, 16).ok()?),
    }
}

/// The names and numbers of a `<math>` element.
fn symbols(xml: &str) -> Result<Vec<String>, String> {
    let is_symbol = |(tag, _): &Leaf| ["mi", "mn", "mtext"].contains(&tag.as_str());
    Ok(leaves(xml)?.into_iter().filter(is_symbol).map(|(_, text)| text).collect())
}

/// Commands of LaTeX that are neither names nor numbers.
const LAYOUT: &str = r"\left \right \frac \tfrac \sqrt \cdot \le \lvert \rvert \lVert \rVert \lfloor
    \rfloor \langle \rangle \begin \end";

const LETTERS: [(&str, &str); 7] = [
    (r"\psi", "ψ"),
    (r"\Phi", "Φ"),
    (r"\varphi", "φ"),
    (r"\Gamma", "Γ"),
    (r"\pi", "π"),
    (r"\infty", "∞"),
    (r"\top", "⊤"),
];

/// The names and numbers of a formula in LaTeX.
fn latex_symbols(latex: &str) -> Vec<String> {
    let text = latex.replace("{cases}", "");
    let (mut symbols, mut rest) = (Vec::new(), text.as_str());
    while let Some(first) = rest.chars().next() {
        let after =
            |belongs: fn(char) -> bool| rest[1..].find(|c| !belongs(c)).unwrap_or(rest.len() - 1);
        let length = match first {
            '\\' => 1 + after(|c| c.is_ascii_alphabetic()),
            '0'..='9' => 1 + after(|c| c.is_ascii_digit() || c == '.'),
            _ => first.len_utf8(),
        };
        let (symbol, tail) = rest.split_at(length);
        rest = tail;
        let letter = LETTERS.iter().find(|(name, _)| *name == symbol);
        if [r"\operatorname", r"\mathrm", r"\text"].contains(&symbol) {
            let (word, tail) = rest[1..].split_once('}').expect("braces are closed");
            symbols.push(word.to_owned());
            rest = tail;
        } else if let Some((_, letter)) = letter {
            symbols.push((*letter).to_owned());
        } else if !LAYOUT.split_whitespace().any(|layout| layout == symbol) {
            let name = symbol.trim_start_matches('\\');
            symbols.extend(name.starts_with(char::is_alphanumeric).then(|| name.to_owned()));
        }
    }
    symbols
}

fn has_the_symbols_of_latex(graph: &Graph, root: ExprId) -> TestCaseResult {
    let printed = graph.latex(&[root]);
    let lets = printed.lets.iter().flat_map(|(name, value)| [name, value]);
    let expected: Vec<String> =
        printed.exprs.iter().chain(lets).flat_map(|text| latex_symbols(text)).collect();
    let xml = graph.mathml(&[root]);
    let got = symbols(&xml).map_err(|error| TestCaseError::fail(format!("{error}: {xml}")))?;
    prop_assert_eq!(got, expected, "{}", xml);
    Ok(())
}

#[test]
fn random_expressions_have_the_symbols_of_latex() {
    let outcome = runner(2000).run(&recipe(), |recipe| {
        let mut graph = Graph::new();
        let root = build(&mut graph, &recipe, Exponents::Any, Writing::AsGiven);
        let stable = graph.stabilise(&[root])[0];
        has_the_symbols_of_latex(&graph, root)?;
        has_the_symbols_of_latex(&graph, stable)
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn every_function_has_the_symbols_of_latex() {
    let mut graph = Graph::new();
    let x = graph.input("x", Support::LINE);
    let polygamma = [1, 3].map(Function::Polygamma).into_iter();
    let bessel = [1, 4].map(Function::LogBessel).into_iter();
    let families = polygamma.chain(bessel).chain([1, 4].map(Function::BesselRatio));
    for function in Function::ALL.into_iter().chain(families) {
        let root = graph.call(function, x);
        has_the_symbols_of_latex(&graph, root).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

/// The text of a page for a name that is not a word.
fn shown(name: &str) -> String {
    let shown = |c: char| match c {
        ' ' => '\u{A0}',
        '\u{FFFE}' | '\u{FFFF}' => '\u{FFFD}',
        _ if c.is_control() => '\u{FFFD}',
        _ => c,
    };
    name.chars().map(shown).collect()
}

#[test]
fn any_name_is_text() {
    let names = prop_oneof![any::<String>(), r#"[a-z<>&"'\\{}%^~_ \x00-\x1F]{1,9}"#];
    let outcome = runner(5000).run(&names, |name| {
        let name = format!("?{}?", name.replace(['`', '[', ']'], ""));
        let mut graph = Graph::new();
        let (input, square) = (graph.input(&name, Support::LINE), |g: &mut Graph, u| g.powi(u, 2));
        let root = square(&mut graph, input);
        let expected = vec![shown(&name), "2".to_owned()];
        prop_assert_eq!(symbols(&graph.mathml(&[root])), Ok(expected));
        let alone = graph.latex_names().mathml(&name);
        prop_assert_eq!(symbols(&alone), Ok(vec![shown(&name)]));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn names_have_letters_subscripts_and_words() {
    let names = Graph::new().latex_names();
    for (name, expected) in [
        ("x", "<mi>x</mi>"),
        ("mu", "<mi>μ</mi>"),
        ("μ", "<mi>μ</mi>"),
        ("sigma2", "<msub><mi>σ</mi><mn>2</mn></msub>"),
        ("height", "<mi>height</mi>"),
        ("beta_age", "<msub><mi>β</mi><mi>age</mi></msub>"),
        ("W[1,2]", "<msub><mi>W</mi><mrow><mn>1</mn><mo>,</mo><mn>2</mn></mrow></msub>"),
        ("W[1,:]", "<msub><mi>W</mi><mrow><mn>1</mn><mo>,</mo><mo>:</mo></mrow></msub>"),
        ("Sepal.Length", "<mi>Sepal.Length</mi>"),
        ("`a < b`[2]", "<msub><mi>a\u{A0}&lt;\u{A0}b</mi><mn>2</mn></msub>"),
        ("\"R&D's\"\0", "<mi>&quot;R&amp;D&#x27;s&quot;\u{FFFD}</mi>"),
        (r"a\b^c~{50%}", r"<mi>a\b^c~{50%}</mi>"),
    ] {
        assert_eq!(names.mathml(name), expected, "{name}");
    }
}

/// The MathML of a root, with words in place of invisible operators.
fn element(graph: &Graph, root: ExprId) -> String {
    let xml = graph.mathml(&[root]);
    let xml = xml.strip_prefix("<math display=\"block\">");
    let xml = xml.and_then(|xml| xml.strip_suffix("</math>\n")).expect("one element");
    xml.replace("<mo>&#x2061;</mo>", "<of>")
        .replace("<mo rspace=\"0.167em\">&#x2061;</mo>", "<of >")
        .replace("<mo rspace=\"0.167em\">&#x2062;</mo>", "<times>")
        .replace(" form=\"prefix\"", " pre")
        .replace(" style=\"text-align:left;text-align:-webkit-left\"", "")
}

#[test]
fn log_densities_are_elements() {
    for (text, expected) in [
        (
            "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)",
            "<mrow><mo pre>−</mo><mfrac><msup><mrow><mo>(</mo><mrow><mi>x</mi><mo>−</mo><mi>μ</mi>\
             </mrow><mo>)</mo></mrow><mn>2</mn></msup><mrow><mn>2</mn><times><msub><mi>s</mi>\
             <mn>2</mn></msub></mrow></mfrac></mrow>",
        ),
        (
            "data x; param sigma2; -sigma2^2*x",
            "<mrow><mo pre>−</mo><mi>x</mi><times><msubsup><mi>σ</mi><mn>2</mn><mn>2</mn>\
             </msubsup></mrow>",
        ),
        (
            "data x; -abs(x)^(1/3)*pi",
            "<mrow><mo pre>−</mo><mi>π</mi><times><msup><mrow><mo>|</mo><mi>x</mi><mo>|</mo></mrow>\
             <mrow><mn>1</mn><mo>/</mo><mn>3</mn></mrow></msup></mrow>",
        ),
        (
            "data x; -sqrt(1 + x^2)",
            "<mrow><mo pre>−</mo><msqrt><mrow><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo>\
             <mn>1</mn></mrow></msqrt></mrow>",
        ),
        (
            "data x; -log_cosh(x)^2",
            "<mrow><mo pre>−</mo><msup><mrow><mo>(</mo><mrow><mi>log</mi><of ><mi>cosh</mi><of>\
             <mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow><mo>)</mo></mrow><mn>2</mn></msup>\
             </mrow>",
        ),
        (
            "data x; param k; max(x, -k)",
            "<mrow><mi>max</mi><of><mrow><mo>(</mo><mrow><mi>x</mi><mo>,</mo><mo pre>−</mo>\
             <mi>k</mi></mrow><mo>)</mo></mrow></mrow>",
        ),
        (
            "data x; param a; if(x < a, -x, 2*x)",
            "<mrow><mo>{</mo><mtable><mtr><mtd><mrow><mo pre>−</mo><mi>x</mi></mrow></mtd><mtd>\
             <mrow><mi>x</mi><mo>&lt;</mo><mi>a</mi></mrow></mtd></mtr><mtr><mtd><mrow><mn>2</mn>\
             <times><mi>x</mi></mrow></mtd><mtd><mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
        ),
        (
            "data x; log(0.5*exp(-x) + exp(x))",
            "<mrow><mi>log</mi><of><mrow><mo>(</mo><mrow><msup><mi>e</mi><mi>x</mi></msup><mo>+</mo>\
             <mfrac><mn>1</mn><mn>2</mn></mfrac><times><msup><mi>e</mi><mrow><mo pre>−</mo>\
             <mi>x</mi></mrow></msup></mrow><mo>)</mo></mrow></mrow>",
        ),
        (
            "data x[8]; param w[8]; dot(w, x)",
            "<mrow><msup><mi>x</mi><mi>⊤</mi></msup><mi>w</mi></mrow>",
        ),
        (
            "data x[8]; -sumsq(x)",
            "<mrow><mo pre>−</mo><msup><mrow><mo>‖</mo><mi>x</mi><mo>‖</mo></mrow><mn>2</mn></msup>\
             </mrow>",
        ),
    ] {
        let model = Model::parse(text).unwrap_or_else(|errors| panic!("{errors:?} in {text}"));
        assert_eq!(element(model.graph(), model.log_density()), expected, "{text}");
    }
}

#[test]
fn means_orders_and_inexact_numbers_are_elements() {
    let mut graph = Graph::new();
    let x = graph.input("x", Support::LINE);
    let mean = graph.means(&[x], &[x])[0];
    let polygamma = graph.call(Function::Polygamma(2), x);
    let small = graph.number(Number::float(1.5e-7));
    for (root, expected) in [
        (mean, "<mrow><mi>E</mi><of><mrow><mo>[</mo><mi>x</mi><mo>]</mo></mrow></mrow>"),
        (
            polygamma,
            "<mrow><msup><mi>ψ</mi><mrow><mo>(</mo><mn>2</mn><mo>)</mo></mrow></msup><of><mrow>\
             <mo>(</mo><mi>x</mi><mo>)</mo></mrow></mrow>",
        ),
        (
            small,
            "<mrow><mn>1.5</mn><mo>⋅</mo><msup><mn>10</mn><mrow><mo pre>−</mo><mn>7</mn></mrow>\
             </msup></mrow>",
        ),
    ] {
        assert_eq!(element(&graph, root), expected);
    }
}

/// The roots come first, without an equals sign, then the shared subexpressions.
#[test]
fn shared_subexpressions_are_in_a_table() {
    let mut graph = Graph::new();
    let (x, mu) = (graph.input("x", Support::LINE), graph.input("mu", Support::LINE));
    let difference = graph.sub(x, mu);
    let bell = graph.call(Function::Tanh, difference);
    let roots = [graph.call(Function::Exp, bell), graph.call(Function::Sin, bell)];
    let xml = graph.mathml(&roots);
    let lines: Vec<&str> = xml.lines().filter(|line| line.starts_with("<mtr>")).collect();
    assert_eq!(lines.len(), 3, "{xml}");
    let (left, right) = lines[2].split_once("</mtd>").expect("two cells");
    assert!(left.ends_with("<msub><mi>t</mi><mn>1</mn></msub>"), "{xml}");
    assert!(right.contains("<mo>=</mo><mrow><mi>tanh</mi>"), "{xml}");
    assert!(lines[..2].iter().all(|line| !line.contains("<mo>=</mo>")), "{xml}");
}

#[test]
fn depth_costs_no_stack() {
    let mut graph = Graph::new();
    let (x, y) = (graph.input("x", Support::LINE), graph.input("y", Support::LINE));
    let mut value = x;
    for _ in 0..20_000 {
        let condition = graph.compare(Relation::Less, value, y);
        let (size, quotient) = (graph.call(Function::Abs, value), graph.div(y, value));
        let sum = graph.add(size, quotient);
        value = graph.select(condition, sum, y);
    }
    let xml = graph.mathml(&[value]);
    assert!(leaves(&xml).is_ok_and(|leaves| leaves.len() > 100_000));
}
