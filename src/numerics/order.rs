//! Values in ascending order without a sorted copy of them.
//!
//! Values are taken as whole numbers, their keys, that order as [`f64::total_cmp`] does. One pass counts
//! how many keys fall into each of some thousand ranges; neighbouring ranges are joined until they hold
//! a sixteenth of the values, and the keys of each are collected and sorted in turn. A range that holds
//! more is divided further, down to a single key.

/// Ranges that a range is divided into: two to this power.
const BITS: u32 = 12;
/// Keys are collected and sorted up to this share of all values …
const SHARE: usize = 16;
/// … and in any case up to this number of them.
const ROOM_MIN: usize = 1 << 16;

/// Keys from `first` to `last`, both included, and how many values have one of them.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u64,
    last: u64,
    count: usize,
}

/// A whole number that orders as the value does.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    // Negative numbers of larger size have larger bits.
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

/// Calls `each` with every distinct value and the number of its copies, in the order of
/// [`f64::total_cmp`], by which -0 comes before 0 and is another value. Memory is taken for a sixteenth
/// of the values.
///
/// ```
/// use scorematch::numerics::order::runs;
/// let mut found = Vec::new();
/// runs(&[2.0, -1.0, 2.0], |value, copies| found.push((value, copies)));
/// assert_eq!(found, [(-1.0, 1), (2.0, 2)]);
/// ```
pub fn runs(values: &[f64], mut each: impl FnMut(f64, usize)) {
    let room = (values.len() / SHARE).max(ROOM_MIN);
    let mut keys = Vec::new();
    // The lowest range comes last.
    let mut ranges: Vec<Range> = whole(values).into_iter().collect();
    while let Some(range) = ranges.pop() {
        if range.first == range.last {
            each(value(range.first), range.count);
        } else if range.count <= room {
            collect(values, range, &mut keys);
            keys.sort_unstable();
            keys.chunk_by(|a, b| a == b).for_each(|run| each(value(run[0]), run.len()));
        } else {
            let parts = joined(&counted(values, range), room);
            ranges.extend(parts.into_iter().rev());
        }
    }
}

/// The value that has this many values before it, in the order of [`f64::total_cmp`].
///
/// # Panics
/// When there are not as many values.
///
/// ```
/// assert_eq!(scorematch::numerics::order::nth(&[3.0, 1.0, 2.0], 0), 1.0);
/// ```
#[must_use]
pub fn nth(values: &[f64], mut rank: usize) -> f64 {
    assert!(rank < values.len(), "rank {rank} of {} values", values.len());
    let mut range = whole(values).expect("there is a value of this rank");
    while range.first < range.last {
        if range.count <= ROOM_MIN {
            let mut keys = Vec::new();
            collect(values, range, &mut keys);
            return value(*keys.select_nth_unstable(rank).1);
        }
        let parts = counted(values, range);
        let mut before = 0;
        let holds = |part: &&Range| {
            before += part.count;
            rank < before
        };
        let part = *parts.iter().find(holds).expect("the parts have all keys of the range");
        rank -= before - part.count;
        range = part;
    }
    value(range.first)
}

/// From the least key to the largest one; none of no values.
fn whole(values: &[f64]) -> Option<Range> {
    let first = values.iter().map(|&x| key(x)).min()?;
    let last = values.iter().map(|&x| key(x)).max()?;
    Some(Range { first, last, count: values.len() })
}

/// Keys of a range by narrower ranges, ascending; those without a value are left out.
fn counted(values: &[f64], range: Range) -> Vec<Range> {
    let span = range.last - range.first;
    let shift = (u64::BITS - span.leading_zeros()).saturating_sub(BITS);
    let mut counts = vec![0; (span >> shift) as usize + 1];
    for x in values {
        let above = key(*x).wrapping_sub(range.first);
        if above <= span {
            counts[(above >> shift) as usize] += 1;
        }
    }
    let part = |(place, count): (usize, usize)| {
        let first = range.first + ((place as u64) << shift);
        let last = first.saturating_add((1 << shift) - 1).min(range.last);
        Range { first, last, count }
    };
    counts.into_iter().enumerate().filter(|&(_, count)| count > 0).map(part).collect()
}

/// Neighbours joined while they hold no more than this many values together.
fn joined(parts: &[Range], room: usize) -> Vec<Range> {
    let mut joined: Vec<Range> = Vec::new();
    for &part in parts {
        match joined.last_mut() {
            Some(last) if last.count + part.count <= room => {
                (last.last, last.count) = (part.last, last.count + part.count);
            }
            Some(_) | None => joined.push(part),
        }
    }
    joined
}

/// The keys of the values in a range, in the order of the values.
fn collect(values: &[f64], range: Range, keys: &mut Vec<u64>) {
    let span = range.last - range.first;
    // Each key is written behind those that are kept, and kept if it is in the range: which ones are
    // cannot be foreseen, and a branch that is not costs more than a write.
    keys.clear();
    keys.resize(range.count + 1, 0);
    let mut kept = 0;
    for x in values {
        let key = key(*x);
        keys[kept] = key;
        kept += usize::from(key.wrapping_sub(range.first) <= span);
    }
    keys.truncate(range.count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::rng::stream;

    fn sorted(values: &[f64]) -> Vec<u64> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.into_iter().map(f64::to_bits).collect()
    }

    /// Against a sorted copy.
    #[track_caller]
    fn check(values: &[f64]) {
        let mut found = Vec::new();
        runs(values, |value, copies| found.extend(std::iter::repeat_n(value.to_bits(), copies)));
        let want = sorted(values);
        assert!(found == want, "of {} values", values.len());
        for share in [0.0, 0.25, 0.5, 1.0] {
            let Some(last) = values.len().checked_sub(1) else { continue };
            let rank = (share * last as f64) as usize;
            assert_eq!(nth(values, rank).to_bits(), want[rank]);
        }
    }

    #[test]
    fn runs_are_those_of_sorted_values() {
        let mut stream = stream(3, 1);
        check(&[]);
        check(&[5.0]);
        check(&[0.0, -0.0, 1.0, -1.0, 0.0, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE]);
        let n = 300_000;
        let normal: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        check(&normal);
        check(&normal.iter().map(|z| 1e9 + z).collect::<Vec<_>>());
        check(&normal.iter().map(|z| (3.0 * z).round()).collect::<Vec<_>>());
        check(&normal.iter().map(|z| (100.0 * z).exp()).collect::<Vec<_>>());
        check(&vec![2.5; n]);
        // One value in most rows, and others next to it.
        check(
            &normal
                .iter()
                .map(|z| if *z > 1.0 { 1.0 + z * 1e-15 } else { 1.0 })
                .collect::<Vec<_>>(),
        );
    }
}
