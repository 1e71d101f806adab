//! Reading CSV from files in the cache: one column of ten million rows, and sixteen of one million,
//! compared with the `csv` crate and the standard library's parser of numbers, and with a search
//! for line breaks.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use memchr::memchr_iter;
use scorematch::data::{Columns, CsvOptions, CsvReader};
use scorematch::numerics::rng::stream;

/// A file of normal numbers, each in the shortest text that is parsed as the
/// number: 16 to 17 digits.
fn file(rows: usize, width: usize) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{rows}x{width}.csv"));
    let mut writer = BufWriter::new(File::create(&path).expect("room for a file"));
    let mut line = |cells: Vec<String>| writeln!(writer, "{}", cells.join(","));
    line((1..=width).map(|column| format!("x{column}")).collect()).expect("room for a header");
    let mut stream = stream(0, 0);
    for _ in 0..rows {
        line((0..width).map(|_| stream.normal().to_string()).collect()).expect("room for a row");
    }
    path
}

fn reader(path: &Path, threads: usize) -> CsvReader<File> {
    let file = File::open(path).expect("the file is there");
    let reader = CsvReader::new(file, &CsvOptions::default()).expect("a table with a header");
    reader.threads(NonZeroUsize::new(threads).expect("at least one"))
}

fn all(path: &Path, threads: usize) -> Columns {
    reader(path, threads).columns().expect("numbers only")
}

fn first(path: &Path, threads: usize) -> Columns {
    reader(path, threads).only(&["x1"]).columns().expect("numbers only")
}

fn by_csv_crate(path: &Path) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_path(path).expect("the file is there");
    let mut columns = vec![Vec::new(); reader.headers().expect("a table with a header").len()];
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).expect("a valid file") {
        for (column, field) in columns.iter_mut().zip(&record) {
            column.push(field.parse::<f64>().expect("a number"));
        }
    }
    columns
}

fn line_feeds(path: &Path) -> usize {
    memchr_iter(b'\n', &fs::read(path).expect("the file is there")).count()
}

fn reading(criterion: &mut Criterion) {
    for (rows, width) in [(10_000_000, 1), (1_000_000, 16)] {
        let path = file(rows, width);
        let text = fs::read(&path).expect("the file was written");
        let mut group = criterion.benchmark_group(format!("csv-{rows}x{width}"));
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new("all", threads), |bencher| {
                bencher.iter(|| black_box(all(&path, threads)));
            });
            group.bench_function(BenchmarkId::new("first", threads), |bencher| {
                bencher.iter(|| black_box(first(&path, threads)));
            });
        }
        group.bench_function("csv-crate", |bencher| bencher.iter(|| by_csv_crate(&path)));
        group.bench_function("read-and-count-lines", |bencher| bencher.iter(|| line_feeds(&path)));
        group.bench_function("count-lines-in-memory", |bencher| {
            bencher.iter(|| memchr_iter(b'\n', black_box(&text)).count());
        });
        group.finish();
        fs::remove_file(&path).expect("the bench wrote the file");
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
