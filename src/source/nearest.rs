//! Did you mean …?

/// The known name that a reader would take the given one for: at most a third of its
/// letters differ, or only capitals do. The first of equally near ones.
///
/// ```
/// use scorematch::source::nearest;
/// assert_eq!(nearest("wating", ["eruptions", "waiting"]), Some("waiting"));
/// assert_eq!(nearest("z", ["x", "y"]), None);
/// ```
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let allowed = wanted.len() / 3 + usize::from(wanted.len() > 1 && wanted.len() < 3);
    known
        .into_iter()
        .map(|other| (distance(&wanted, &other.to_lowercase().chars().collect::<Vec<_>>()), other))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, other)| other)
}

/// Insertions, deletions, replacements and exchanges of neighbours between two words.
fn distance(a: &[char], b: &[char]) -> usize {
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
    above[b.len()]
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
        check("mu2", &["mu1", "mu3"], Some("mu1"));
        check("m", &["n"], None);
        check("sd", &["s2", "x"], Some("s2"));
        check("length", &["waiting"], None);
        check("", &["x"], None);
        check("x", &[], None);
    }
}
