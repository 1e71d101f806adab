//! From text to estimates in another program.
//!
//!     cargo run --example embed

use scorematch::{Columns, Model, fit::Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let reader = "x\n4\n1\n3\n7\n2\n6\n".as_bytes();

    let model = Model::parse("-(x - mu)^2/(2*s2)")?;
    let data = Columns::from_csv(reader)?;
    let fit = model.fit(&data)?;
    println!("{}", fit.report().text());
    let held = model.fit_with(&data, &Options::default().hold("s2", 1.0).threads(4))?;

    for parameter in &held.estimate().parameters {
        let error = parameter.std_error.unwrap_or(f64::NAN);
        println!("{} = {:.4} ± {error:.4} where s2 = 1", parameter.name, parameter.estimate);
    }
    Ok(())
}
