//! Suggestions for misspelt names: "did you mean …?"
//!
//! All suggestions use this one measure of similarity: for names, functions, commands, options and
//! columns.

/// Longer names have no suggestion: comparing two takes the product of their lengths.
const LENGTH_MAX: usize = 100;

/// The known name nearest to the given one, of which at most a third of its letters differ, or only
/// their case; the first of equally near ones, `None` without any.
///
/// ```
/// use scorematch::source::nearest;
/// assert_eq!(nearest("wating", ["eruptions", "waiting"]), Some("waiting"));
/// assert_eq!(nearest("z", ["x", "y"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LENGTH_MAX {
        return None;
    }
    let wanted = letters(name);
    let allowed = wanted.len() / 3 + usize::from(wanted.len() == 2);
    let near = known.into_iter().filter_map(|other| {
        let distance = distance(&wanted, &letters(other), allowed)?;
        Some((distance, other))
    });
    near.min_by_key(|&(distance, _)| distance).map(|(_, other)| other)
}

fn letters(name: &str) -> Vec<char> {
    name.to_lowercase().chars().collect()
}

/// The number of insertions, deletions, replacements and swaps of neighbours between two words; `None`
/// where it exceeds `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let replaced = above[j] + usize::from(a[i] != b[j]);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    (above[b.len()] <= most).then_some(above[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, known: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(name, known.iter().copied()), expected);
    }

    #[test]
    fn near_and_far() {
        check("wating", &["waiting"], Some("waiting"));
        check("iwdth", &["height", "width"], Some("width"));
        check("X", &["y", "x"], Some("x"));
        check("Height", &["height"], Some("height"));
        check("weight", &["height"], Some("height"));
        check("mu2", &["mu1", "mu3"], Some("mu1"));
        check("um", &["mu"], Some("mu"));
        check("m", &["n"], None);
        check("tau", &["mu", "sigma"], None);
        check("sd", &["s2", "x"], Some("s2"));
        check("length", &["waiting"], None);
        check("", &["x"], None);
        check("x", &[], None);
    }

    #[test]
    fn names_of_half_a_mebibyte_are_not_compared() {
        let (one, other) = ("a".repeat(1 << 19), "b".repeat(1 << 19));
        check(&one, &[&other], None);
        check("ab", &[&other], None);
    }
}
