//! Ids that are found by what they stand for.

use std::hash::{BuildHasher, BuildHasherDefault, Hash};

use hashbrown::HashTable;

use super::mixer::Mixer;

/// A table of ids, which is looked up only, so that its order does not matter. What they stand for
/// is its owner's; it keeps half a hash of that with each, so that it need not look there where it
/// grows, and seldom looks there in vain.
#[derive(Clone, Default)]
pub(crate) struct Finder {
    known: HashTable<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    hash: u32,
    id: u32,
}

impl Finder {
    /// Half a hash.
    pub(crate) fn hash(key: &(impl Hash + ?Sized)) -> u32 {
        BuildHasherDefault::<Mixer>::default().hash_one(key) as u32
    }

    /// The id of this hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let found = self.known.find(spread(hash), |entry| entry.hash == hash && is_it(entry.id));
        found.map(|entry| entry.id)
    }

    /// Keeps an id that was not found.
    pub(crate) fn insert(&mut self, hash: u32, id: u32) {
        self.known.insert_unique(spread(hash), Entry { hash, id }, |entry| spread(entry.hash));
    }
}

/// The table takes places from the low bits and tells entries apart by the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
