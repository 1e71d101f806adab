//! Doubts about a result that have no place in a text: a code, what is wrong, what to do.

use std::fmt::{self, Display, Formatter};

use super::codes::codes;

/// A doubt about a fit, the data or draws.
///
/// It is made of sentences without a full stop at the end: a headline says what is wrong, with its number;
/// further sentences say what that means; a remedy says what to do.
///
/// ```
/// use scorematch::source::Warning;
/// let warning = Warning::new("heavy-ties", "there are only 9 distinct values of `x` in 80 rows")
///     .meaning("On rounded data a component can shrink onto a single value")
///     .remedy("Look at the scales");
/// assert_eq!(
///     warning.brief(),
///     "there are only 9 distinct values of `x` in 80 rows. Look at the scales"
/// );
/// assert!(warning.message.contains("rounded data") && warning.is_shortened());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable kebab-case code, as in `column-units`.
    pub code: &'static str,
    /// All that there is to say: what is wrong, what it means and what to do.
    pub message: String,
    /// Headline and remedy.
    brief: String,
}

impl Warning {
    /// A warning with what is wrong as its headline.
    #[must_use]
    pub fn new(code: &'static str, headline: impl Into<String>) -> Self {
        let message = headline.into();
        Self { code, brief: message.clone(), message }
    }

    /// Adds a sentence on what the headline means, which the brief form leaves out. An empty one adds nothing.
    #[must_use]
    pub fn meaning(mut self, sentence: impl AsRef<str>) -> Self {
        if !sentence.as_ref().is_empty() {
            add(&mut self.message, sentence.as_ref());
        }
        self
    }

    /// Adds a sentence on what to do.
    #[must_use]
    pub fn remedy(mut self, sentence: impl AsRef<str>) -> Self {
        add(&mut self.message, sentence.as_ref());
        add(&mut self.brief, sentence.as_ref());
        self
    }

    /// The warning with the name of what it is about, such as one model of several, in front.
    #[must_use]
    pub fn about(self, name: &str) -> Self {
        let named = |text: &str| format!("`{name}`: {text}");
        Self { code: self.code, message: named(&self.message), brief: named(&self.brief) }
    }

    /// What is wrong and what to do, for people: two lines of 80 columns where names allow it.
    #[must_use]
    pub fn brief(&self) -> &str {
        &self.brief
    }

    /// Whether the brief form leaves something out.
    #[must_use]
    pub fn is_shortened(&self) -> bool {
        self.brief != self.message
    }

    /// The place of the code in the table of [`codes`], which begins with the gravest warnings; unknown
    /// codes come last.
    #[must_use]
    pub fn weight(&self) -> usize {
        weight(self.code)
    }

    /// `warning[code]`, or `note[code]` of what is told for information.
    #[must_use]
    pub fn head(&self) -> String {
        let entry = codes().iter().find(|entry| entry.code == self.code);
        let kind = if entry.is_some_and(|entry| entry.kind == "note") { "note" } else { "warning" };
        format!("{kind}[{}]", self.code)
    }
}

/// `warning[code]: message`, or `note[code]: message`.
impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.head(), self.message)
    }
}

/// The place of a code in the table of codes; unknown codes come last.
#[must_use]
pub fn weight(code: &str) -> usize {
    codes().iter().position(|entry| entry.code == code).unwrap_or(codes().len())
}

/// Warnings by weight, the gravest first; those of one code keep their order.
#[must_use]
pub fn by_weight<'a>(warnings: impl IntoIterator<Item = &'a Warning>) -> Vec<&'a Warning> {
    let mut sorted: Vec<&Warning> = warnings.into_iter().collect();
    sorted.sort_by_key(|warning| warning.weight());
    sorted
}

/// Adds a sentence to a text.
fn add(text: &mut String, sentence: &str) {
    *text += ". ";
    *text += sentence;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_come_first_and_equal_ones_stay_in_order() {
        let codes = ["labels", "small-sample", "no-such-code", "at-bound", "unbounded-objective"];
        let mut warnings = codes.map(|code| Warning::new(code, "first")).to_vec();
        warnings.push(Warning::new("at-bound", "second"));
        let sorted: Vec<_> =
            by_weight(&warnings).iter().map(|one| (one.code, one.brief())).collect();
        let expected = [
            ("unbounded-objective", "first"),
            ("at-bound", "first"),
            ("at-bound", "second"),
            ("small-sample", "first"),
            ("labels", "first"),
            ("no-such-code", "first"),
        ];
        assert_eq!(sorted, expected);
    }

    #[test]
    fn sentences_stand_in_the_order_of_writing() {
        let plain = Warning::new("counts", "a");
        assert!(!plain.is_shortened() && plain.to_string() == "warning[counts]: a");
        let whole = plain.meaning("B").remedy("C").about("m");
        assert_eq!((whole.message.as_str(), whole.brief()), ("`m`: a. B. C", "`m`: a. C"));
        assert_eq!(Warning::new("labels", "so").to_string(), "note[labels]: so");
    }
}
