//! Names in LaTeX: Greek letters, subscripts, upright words.

use super::super::slice::split_indices;

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

/// A name of the model language in LaTeX: `sigma2` is `\sigma_{2}`, `W[1,2]` is `W_{1,2}`,
/// `Sepal.Length` is `\text{Sepal.Length}`.
#[must_use]
pub fn latex_name(name: &str) -> String {
    let (base, bracket) = split_indices(name);
    let base = base.trim_matches('`');
    let indices = bracket.trim_matches(['[', ']']);
    let Some((letter, mut subscripts)) = take_apart(base) else {
        let text = format!(r"\text{{{}}}", escape(base));
        return with_subscripts(text, &[indices.to_owned()]);
    };
    subscripts.push(indices.to_owned());
    with_subscripts(letter, &subscripts)
}

/// Letter or word, and what hangs below it: `beta_age`, `s2`, `x1_2`. `None` for a name that
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
    use super::latex_name;

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
            assert_eq!(latex_name(name), expected, "{name}");
        }
    }
}
