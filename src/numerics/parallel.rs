//! Independent pieces of work on threads, whose results come in the order of the pieces.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The result of each piece, in order, computed on `threads` threads, of which the caller's is one.
/// Pieces are started from the last one on, which is the largest row of a triangle of pairs. A panic of
/// a piece is propagated.
pub fn parallel<T: Send>(count: usize, threads: usize, one: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let begun = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    let next = || Some(begun.fetch_add(1, Ordering::Relaxed)).filter(|&begun| begun < count);
    let work = || {
        while let Some(begun) = next() {
            let piece = count - 1 - begun;
            let result = one(piece);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((piece, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|&(piece, _)| piece);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [0, 1, 3, 20] {
            assert_eq!(parallel(7, threads, |k| k * k), [0, 1, 4, 9, 16, 25, 36]);
        }
        assert!(parallel(0, 2, |k| k).is_empty());
    }
}
