//! Which rows of the data are kept.

/// Rows of the data, counted from 0 before any was left out, in the order in which they are kept: all of
/// them, which takes no memory, or those of a list.
///
/// ```
/// use scorematch::data::{Columns, Missing};
/// let data = Columns::from_csv("x\n1\nNA\n3\n".as_bytes())?;
/// let rows = data.select(&["x"], Missing::Drop)?;
/// assert_eq!(rows.original_rows().iter().collect::<Vec<u32>>(), [0, 2]);
/// assert_eq!(rows.original_rows().at(1), 2);
/// # Ok::<(), scorematch::data::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OriginalRows<'a>(Rows<'a>);

#[derive(Clone, Copy, Debug)]
enum Rows<'a> {
    /// The first rows of the data, this many.
    All(usize),
    Some(&'a [u32]),
}

impl<'a> OriginalRows<'a> {
    /// The first rows of the data.
    pub(super) fn all(count: usize) -> Self {
        Self(Rows::All(count))
    }

    /// The number of rows kept.
    #[must_use]
    pub fn len(self) -> usize {
        match self.0 {
            Rows::All(count) => count,
            Rows::Some(rows) => rows.len(),
        }
    }

    /// Whether no row is kept.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The row of the data at a position among those kept.
    ///
    /// # Panics
    /// If fewer rows are kept.
    #[must_use]
    pub fn at(self, position: usize) -> u32 {
        match self.0 {
            Rows::All(count) => {
                assert!(position < count, "row {position} of {count}");
                u32::try_from(position).expect("readers refuse more rows than u32 counts")
            }
            Rows::Some(rows) => rows[position],
        }
    }

    /// All of them in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = u32> + 'a {
        (0..self.len()).map(move |position| self.at(position))
    }
}

impl PartialEq for OriginalRows<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for OriginalRows<'_> {}

impl<'a> From<&'a [u32]> for OriginalRows<'a> {
    fn from(rows: &'a [u32]) -> Self {
        Self(Rows::Some(rows))
    }
}

impl<'a> From<&'a Vec<u32>> for OriginalRows<'a> {
    fn from(rows: &'a Vec<u32>) -> Self {
        rows.as_slice().into()
    }
}

impl<'a, const N: usize> From<&'a [u32; N]> for OriginalRows<'a> {
    fn from(rows: &'a [u32; N]) -> Self {
        rows.as_slice().into()
    }
}
