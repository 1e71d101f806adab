//! Work in blocks on threads, whose results come in the order of the blocks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The result of each block, in order. Blocks are begun from the last on, which of a triangle are the
/// largest.
pub(super) fn on_threads<T: Send>(
    blocks: usize,
    threads: usize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let begun = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(blocks));
    let next = || Some(begun.fetch_add(1, Ordering::Relaxed)).filter(|&one| one < blocks);
    let run = || {
        while let Some(one) = next() {
            let block = blocks - 1 - one;
            let result = work(block);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((block, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(blocks) {
            scope.spawn(run);
        }
        run();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|&(block, _)| block);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for threads in [1, 3, 20] {
            assert_eq!(on_threads(7, threads, |k| k * k), [0, 1, 4, 9, 16, 25, 36]);
        }
        assert!(on_threads(0, 2, |k| k).is_empty());
    }
}
