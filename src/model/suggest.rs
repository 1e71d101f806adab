//! The nearest known name to an unknown one.

/// The candidate nearest to `name`, if it is near enough to be what was meant.
///
/// Distance counts insertions, deletions, replacements and swaps of neighbours; of equally near
/// ones the first stands.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let limit = (name.chars().count() / 3).max(1);
    let judged = candidates.into_iter().filter(|candidate| *candidate != name);
    let judged = judged.map(|candidate| (distance(name, candidate), candidate));
    let near = judged.filter(|(distance, candidate)| {
        *distance <= limit && *distance < name.chars().count().max(candidate.chars().count())
            || name.eq_ignore_ascii_case(candidate)
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate.to_owned())
}

/// Optimal string alignment, with three rows of the table.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > a.len() / 3 + 1 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["mu", "sigma", "height", "x1"];
        let table = [
            ("muu", Some("mu")),
            ("um", Some("mu")),
            ("sgima", Some("sigma")),
            ("Height", Some("height")),
            ("x2", Some("x1")),
            ("weight", Some("height")),
            ("tau", None),
            ("a", None),
            ("", None),
        ];
        for (name, expected) in table {
            assert_eq!(nearest(name, known).as_deref(), expected, "{name}");
        }
    }
}
