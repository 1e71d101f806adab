//! A hash table from values to their ids, which does not own the values.

use std::hash::{BuildHasher, BuildHasherDefault, Hash};

use hashbrown::HashTable;

use super::mixer::Mixer;

/// A table of ids, which is never iterated, so its order does not matter. The owner of the table has
/// the values; the table keeps 32 bits of the hash with each id, so that it grows without the values
/// and seldom compares unequal ones.
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
    /// The low 32 bits of the hash of a value.
    pub(crate) fn hash(key: &(impl Hash + ?Sized)) -> u32 {
        BuildHasherDefault::<Mixer>::default().hash_one(key) as u32
    }

    /// The id of this hash for which `is_it` holds.
    pub(crate) fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let found = self.known.find(spread(hash), |entry| entry.hash == hash && is_it(entry.id));
        found.map(|entry| entry.id)
    }

    /// Adds an id that was not found.
    pub(crate) fn insert(&mut self, hash: u32, id: u32) {
        self.known.insert_unique(spread(hash), Entry { hash, id }, |entry| spread(entry.hash));
    }
}

/// Spreads 32 bits over 64: the table takes buckets from the low bits and tags from the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
