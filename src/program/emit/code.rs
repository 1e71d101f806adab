//! Machine code in executable memory. The only unsafe code of the crate stands here.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

use super::super::slots::Slot;

/// The lengths that a piece of code assumes of its arguments. Each pointer of its table points to as
/// many numbers as there are rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// Entries of the table of rows.
    pub(super) table: usize,
    /// Scalars.
    pub(super) scalars: usize,
    /// Partial sums.
    pub(super) lanes: usize,
    /// Rows that one iteration of the loop takes.
    pub(super) grain: usize,
}

/// Machine code for rows: `fn(table, scalars, lanes, bytes of a row vector)`.
#[derive(Debug)]
pub(super) struct Code {
    /// The memory of all codes: mapping a page for each would take longer than filling it.
    map: Arc<Mmap>,
    start: usize,
    extent: Extent,
}

/// Bytes of a cache line; every code begins at one.
const LINE: usize = 64;

#[cfg(target_arch = "x86_64")]
type Entry = unsafe extern "sysv64" fn(*const *mut f64, *const f64, *mut f64, usize);
/// Other processors have none of the instruction sets that code is written for.
#[cfg(not(target_arch = "x86_64"))]
type Entry = unsafe extern "C" fn(*const *mut f64, *const f64, *mut f64, usize);

impl Code {
    /// Copies codes into memory that is then executable and read-only; `None` where the system forbids
    /// this.
    pub(super) fn place(codes: &[(&[u8], Extent)]) -> Option<Vec<Self>> {
        let mut end = 0;
        let mut starts = Vec::with_capacity(codes.len());
        for (bytes, _) in codes {
            starts.push(end);
            end = (end + bytes.len()).next_multiple_of(LINE);
        }
        // A memory map cannot be empty.
        let mut map = MmapMut::map_anon(end.max(LINE)).ok()?;
        for (&start, (bytes, _)) in starts.iter().zip(codes) {
            map[start..start + bytes.len()].copy_from_slice(bytes);
        }
        let map = Arc::new(map.make_exec().ok()?);
        let placed = starts.into_iter().zip(codes);
        let code = |(start, &(_, extent))| Self { map: Arc::clone(&map), start, extent };
        Some(placed.map(code).collect())
    }

    /// Runs over `rows` rows: those of `slots` are written and read, those of `columns` only read.
    ///
    /// # Panics
    /// When a slice is shorter than the code assumes, or `rows` is not a positive multiple of its grain.
    pub(super) fn run<'a>(
        &self,
        slots: &mut [Slot],
        entries: &[u32],
        columns: impl Iterator<Item = &'a [f64]>,
        scalars: &[f64],
        lanes: &mut [f64],
        rows: usize,
    ) {
        let Extent { table, scalars: numbers, lanes: sums, grain } = self.extent;
        assert!(table <= TABLE_MAX, "room for the pointers");
        assert!(rows > 0 && rows.is_multiple_of(grain), "whole turns of the loop");
        assert!(scalars.len() >= numbers && lanes.len() >= sums, "room for numbers and sums");
        let mut pointers = [const { MaybeUninit::<*mut f64>::uninit() }; TABLE_MAX];
        for (pointer, &slot) in pointers.iter_mut().zip(entries) {
            pointer.write(slots[slot as usize].rows_mut(rows).as_mut_ptr());
        }
        let mut filled = entries.len();
        for column in columns {
            assert!(column.len() >= rows, "columns of enough rows");
            pointers[filled].write(column.as_ptr().cast_mut());
            filled += 1;
        }
        assert_eq!(filled, table, "rows for every entry of the table");
        // SAFETY: at `start` the map holds a whole function of this signature, which `Assembler` wrote
        // and which preserves the callee-saved registers; the machine has its instruction set, since
        // programs run only on available ones. The code reads and writes the first `rows` numbers of
        // the slots, which are separate vectors, mutably borrowed together, each at most once in the
        // table; it reads the first `rows` numbers of the columns and never writes them, reads
        // `numbers` scalars, and reads and writes `sums` partial sums: all lengths were just checked,
        // and all `table` pointers that the code reads were written.
        unsafe {
            let entry: Entry = std::mem::transmute(self.map[self.start..].as_ptr());
            entry(
                pointers.as_ptr().cast(),
                scalars.as_ptr(),
                lanes.as_mut_ptr(),
                rows * size_of::<f64>(),
            );
        }
    }
}

/// Most rows that one piece of code reads and writes.
pub(super) const TABLE_MAX: usize = 64;
