//! Columns of data and their readers.
