//! Names in LaTeX: Greek letters, subscripts, upright words.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::super::{mathml, slice::split_indices};

/// Letters of the alphabet that LaTeX knows by name, with their Unicode letters.
const GREEK: [(&str, char); 34] = [
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("epsilon", 'ϵ'),
    ("varepsilon", 'ε'),
    ("zeta", 'ζ'),
    ("eta", 'η'),
    ("theta", 'θ'),
    ("vartheta", 'ϑ'),
    ("iota", 'ι'),
    ("kappa", 'κ'),
    ("lambda", 'λ'),
    ("mu", 'μ'),
    ("nu", 'ν'),
    ("xi", 'ξ'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("tau", 'τ'),
    ("upsilon", 'υ'),
    ("phi", 'ϕ'),
    ("varphi", 'φ'),
    ("chi", 'χ'),
    ("psi", 'ψ'),
    ("omega", 'ω'),
    ("Gamma", 'Γ'),
    ("Delta", 'Δ'),
    ("Theta", 'Θ'),
    ("Lambda", 'Λ'),
    ("Sigma", 'Σ'),
    ("Phi", 'Φ'),
    ("Psi", 'Ψ'),
    ("Omega", 'Ω'),
    ("Xi", 'Ξ'),
];

/// The letter that LaTeX knows by this name.
pub(in crate::graph::print) fn greek_letter(name: &str) -> Option<char> {
    GREEK.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
}

/// The spellings of a graph's names in LaTeX, all of them distinct.
///
/// `sigma2` is `\sigma_{2}`, `W[1,2]` is `W_{1,2}`, `Sepal.Length` is `\text{Sepal.Length}`. Where
/// two names would get one symbol, as `s2` and `s[2]`, or `mu` and `μ`, the simplest name gets it and
/// the others are printed as typed: `\text{s2}`.
#[derive(Clone, Debug, Default)]
pub struct LatexNames {
    /// Bases that are printed as typed.
    as_typed: HashSet<String>,
}

impl LatexNames {
    /// The spellings of names with their indices.
    pub(in crate::graph::print) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let plain = Self::default();
        let mut alike: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for name in names {
            let base = base(name);
            alike.entry(plain.spell(name)).or_default().insert(base);
            alike.entry(plain.spell(base)).or_default().insert(base);
        }
        let mut as_typed = HashSet::new();
        for bases in alike.into_values().filter(|bases| bases.len() > 1) {
            let simplest = bases.iter().copied().min_by_key(|base| simplicity(base));
            let others = bases.into_iter().filter(|base| Some(*base) != simplest);
            as_typed.extend(others.map(str::to_owned));
        }
        Self { as_typed }
    }

    /// A name, an element `W[1,2]` or a slice `W[1,:]` in LaTeX.
    #[must_use]
    pub fn spell(&self, name: &str) -> String {
        let base = base(name);
        let indices = split_indices(name).1.trim_matches(['[', ']']).to_owned();
        match take_apart(base).filter(|_| !self.as_typed.contains(base)) {
            Some((letter, mut subscripts)) => {
                subscripts.push(indices);
                with_subscripts(letter, &subscripts)
            }
            None => with_subscripts(format!(r"\text{{{}}}", escape(base)), &[indices]),
        }
    }

    /// A name as elements of MathML, for use inside `<math>`.
    #[must_use]
    pub fn mathml(&self, name: &str) -> String {
        mathml::inline(&self.spell(name))
    }
}

/// A name without indices and backquotes.
fn base(name: &str) -> &str {
    split_indices(name).0.trim_matches('`')
}

/// A key that sorts names without subscripts first, then short names.
fn simplicity(base: &str) -> (bool, usize) {
    let has_subscripts = base.contains(|c: char| c == '_' || c.is_ascii_digit());
    (has_subscripts, base.chars().count())
}

/// The letter or word of a name and its subscripts: `beta_age`, `s2`, `x1_2`. `None` for a name that
/// is not built of words, digits and single underscores.
fn take_apart(name: &str) -> Option<(String, Vec<String>)> {
    let pieces: Vec<&str> = name.split('_').collect();
    let (head, tail) = pieces.split_first()?;
    let letters = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &head[letters.len()..];
    let mut subscripts = vec![digits.to_owned()];
    for piece in tail {
        subscripts.push(word(piece)?);
    }
    if letters.is_empty() || letters.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((word(letters)?, subscripts))
}

fn with_subscripts(letter: String, subscripts: &[String]) -> String {
    let below: Vec<&str> =
        subscripts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    if below.is_empty() { letter } else { format!("{letter}_{{{}}}", below.join(",")) }
}

/// One letter, a Greek letter, or a word upright.
fn word(text: &str) -> Option<String> {
    let greek = GREEK.iter().find(|(name, letter)| {
        *name == text || text.strip_prefix(*letter).is_some_and(str::is_empty)
    });
    if let Some((name, _)) = greek {
        return Some(format!(r"\{name}"));
    }
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_word.then(|| {
        if text.len() == 1 || is_number { text.to_owned() } else { format!(r"\mathrm{{{text}}}") }
    })
}

/// Text for text mode, its special characters escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str(r"\textbackslash{}"),
            '^' => escaped.push_str(r"\textasciicircum{}"),
            '~' => escaped.push_str(r"\textasciitilde{}"),
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_have_letters_subscripts_and_words() {
        for (name, expected) in [
            ("x", "x"),
            ("mu", r"\mu"),
            ("μ", r"\mu"),
            ("s2", "s_{2}"),
            ("sigma2", r"\sigma_{2}"),
            ("height", r"\mathrm{height}"),
            ("beta_age", r"\beta_{\mathrm{age}}"),
            ("x1_2", "x_{1,2}"),
            ("W[1,2]", "W_{1,2}"),
            ("W[1,:]", "W_{1,:}"),
            ("s2[3]", "s_{2,3}"),
            ("Sepal.Length", r"\text{Sepal.Length}"),
            ("`Sepal.Length`[2]", r"\text{Sepal.Length}_{2}"),
            ("_x", r"\text{\_x}"),
            ("50%", r"\text{50\%}"),
            (r"a\b", r"\text{a\textbackslash{}b}"),
        ] {
            assert_eq!(LatexNames::default().spell(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_would_be_alike_stand_as_they_are_typed() {
        let check = |names: &[&str], expected: &[&str]| {
            let spellings = LatexNames::of(names.iter().copied());
            let got: Vec<String> = names.iter().map(|name| spellings.spell(name)).collect();
            assert_eq!(got, expected);
        };
        check(&["s2", "s[1]", "s[2]"], &[r"\text{s2}", "s_{1}", "s_{2}"]);
        check(&["beta[1]", "beta1"], &[r"\beta_{1}", r"\text{beta1}"]);
        check(&["s2", "s[1]"], &["s_{2}", "s_{1}"]);
        check(&["s_2", "s2"], &[r"\text{s\_2}", "s_{2}"]);
        check(&["mu", "μ"], &[r"\text{mu}", r"\mu"]);
        check(&["x1[2]", "x[1,2]"], &[r"\text{x1}_{2}", "x_{1,2}"]);
    }

    proptest! {
        #[test]
        fn different_names_have_different_spellings(
            names in prop::collection::btree_set(
                "(s|beta|β|x|`a b`|ab)(_?[12]){0,2}(\\[[12](,[12])?\\])?", 2..12)
        ) {
            let spellings = LatexNames::of(names.iter().map(String::as_str));
            let distinct: HashSet<String> = names.iter().map(|name| spellings.spell(name)).collect();
            prop_assert_eq!(distinct.len(), names.len());
        }
    }
}
