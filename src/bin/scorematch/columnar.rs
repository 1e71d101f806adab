//! Writes columns of numbers as a Parquet file.

use std::io;
use std::sync::Arc;

use parquet::basic::{Repetition, Type as Physical};
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

/// Rows of a row group, the unit that readers load.
const GROUP: usize = 1 << 20;

/// The numbers of a column.
pub enum Column {
    Whole(Vec<i64>),
    Real(Vec<f64>),
}

/// The bytes of a Parquet file with these columns, which have equal lengths and no missing values.
pub fn written(columns: &[(String, Column)]) -> io::Result<Vec<u8>> {
    file(columns).map_err(io::Error::other)
}

fn file(columns: &[(String, Column)]) -> Result<Vec<u8>> {
    let fields = columns.iter().map(|(name, column)| column.field(name));
    let fields = fields.collect::<Result<Vec<TypePtr>>>()?;
    let schema = Type::group_type_builder("draws").with_fields(fields).build()?;
    let maker = concat!("scorematch ", env!("CARGO_PKG_VERSION")).to_owned();
    let properties = WriterProperties::builder().set_created_by(maker).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    for first in (0..rows).step_by(GROUP) {
        let mut group = writer.next_row_group()?;
        for (_, column) in columns {
            let to = group.next_column()?.expect("the schema has each of the columns");
            column.write(first..rows.min(first + GROUP), to)?;
        }
        group.close()?;
    }
    writer.into_inner()
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Whole(numbers) => numbers.len(),
            Self::Real(numbers) => numbers.len(),
        }
    }

    fn field(&self, name: &str) -> Result<TypePtr> {
        let kind = match self {
            Self::Whole(_) => Physical::INT64,
            Self::Real(_) => Physical::DOUBLE,
        };
        let field = Type::primitive_type_builder(name, kind);
        field.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    }

    fn write(&self, rows: std::ops::Range<usize>, to: SerializedColumnWriter<'_>) -> Result<()> {
        match self {
            Self::Whole(numbers) => write::<Int64Type>(&numbers[rows], to),
            Self::Real(numbers) => write::<DoubleType>(&numbers[rows], to),
        }
    }
}

fn write<T: DataType>(numbers: &[T::T], mut to: SerializedColumnWriter<'_>) -> Result<()> {
    let written = to.typed::<T>().write_batch(numbers, None, None)?;
    match written == numbers.len() {
        true => to.close(),
        false => Err(ParquetError::General("not all numbers were written".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    #[test]
    fn numbers_are_read_back_unchanged() {
        let n = GROUP + 3;
        let real: Vec<f64> = (0..n).map(|k| 0.1 * k as f64).collect();
        let whole: Vec<i64> = (0..n).map(|k| k as i64 % 4 + 1).collect();
        let columns =
            [("chain".to_owned(), Column::Whole(whole)), ("u[1]".to_owned(), Column::Real(real))];
        let path = std::env::temp_dir().join(format!("scorematch-{}.parquet", std::process::id()));
        std::fs::write(&path, written(&columns).expect("bytes")).expect("a file");
        let opened = std::fs::File::open(&path).expect("the file");
        let reader = SerializedFileReader::new(opened).expect("Parquet");
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let mut rows = 0;
        for (k, row) in reader.get_row_iter(None).expect("rows").enumerate() {
            let row = row.expect("a row");
            assert_eq!(row.get_long(0).expect("whole"), k as i64 % 4 + 1);
            assert_eq!(row.get_double(1).expect("real"), 0.1 * k as f64);
            rows += 1;
        }
        assert_eq!(rows, n);
        let names: Vec<String> = reader
            .metadata()
            .file_metadata()
            .schema()
            .get_fields()
            .iter()
            .map(|field| field.name().to_owned())
            .collect();
        assert_eq!(names, ["chain", "u[1]"]);
        std::fs::remove_file(path).expect("the file is there");
    }
}
