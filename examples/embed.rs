//! From text to estimates in a program of one's own.
//!
//!     cargo run --example embed

use std::fs::File;

use scorematch::{Columns, Model};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::parse("data waiting; param mu, s2 > 0; logp = -(waiting - mu)^2/(2*s2)")?;
    let data = Columns::from_csv(File::open("examples/faithful.csv")?)?;
    let fit = model.fit(&data)?;

    for parameter in &fit.estimate().parameters {
        let error = parameter.std_error.unwrap_or(f64::NAN);
        println!("{} = {:.4} ± {error:.4}", parameter.name, parameter.estimate);
    }
    print!("\n{}", fit.report().text());
    Ok(())
}
