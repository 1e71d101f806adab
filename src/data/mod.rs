//! Columns of numbers, read from text or handed over as vectors.
//!
//! Promises, of a [`Selection`]: columns of equal length, every value finite, each row
//! traceable to its line in the file. A file may hold columns that are not numbers: a fault of a
//! column is an error only when the column is selected. Deliberately not known
//! here: models, roles of columns, and files — a reader is all that is asked for.
//!
//! ```
//! use scorematch::data::{Columns, Missing};
//! let data = Columns::from_csv("x,who,y\n1,ann,2\n3,bob,NA\n".as_bytes())?;
//! assert_eq!(data.numeric_names(), ["x", "y"]);
//! let both = data.select(&["y", "x"], Missing::Drop)?;
//! assert_eq!((both.column(0), both.column(1)), (&[2.0][..], &[1.0][..]));
//! assert_eq!(both.dropped(), 1);
//! # Ok::<(), scorematch::data::Error>(())
//! ```

mod columns;
mod csv;
mod error;
mod kept;
mod lines;
mod note;
mod number;
mod select;
mod sentinel;
mod text;

pub use self::columns::Columns;
pub use self::csv::{Comment, CsvOptions, CsvReader, Delimiter, Header};
pub use self::error::{Error, ErrorKind};
pub use self::kept::OriginalRows;
pub use self::note::{Note, NoteKind};
pub use self::select::{Missing, Selection};
pub(crate) use self::sentinel::Sentinel;
