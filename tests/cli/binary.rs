//! Binary data in every command: differences of log p in place of score and Laplacian.

use crate::run::{file, finished, keys, program, run};

const MODEL: &str = "data y in {0, 1}, x in {0, 1}; param a, b, c; a*y + b*x + c*x*y";

fn table() -> String {
    let rows = ["1,0", "0,0", "1,1", "0,1", "1,1"].repeat(12).join("\n");
    file("two_values.csv", format!("y,x\n{rows}\n"))
}

#[test]
fn a_fit_and_its_evaluation_agree() {
    let data = table();
    for (kind, name) in
        [("auto", "ratio"), ("pseudolikelihood", "pseudolikelihood"), ("flow", "flow")]
    {
        let fit = ["fit", "-e", MODEL, &data, "--objective", kind, "--format", "json", "-q"];
        let fit = run(&fit).expect(0).json();
        assert_eq!(fit["objective_kind"], name);
        assert!(fit["minima"][0]["ksd"].is_null());
        assert_eq!(fit["warnings"], serde_json::json!([]));
        let at = |k: usize| fit["parameters"][k]["estimate"].as_f64().expect("a number");
        let at = format!("a={:?}, b={:?}, c={:?}", at(0), at(1), at(2));
        let eval = ["eval", "-e", MODEL, &data, "--at", &at, "--objective", kind];
        let eval = run(&[&eval[..], &["--format", "json"]].concat()).expect(0).json();
        assert_eq!(eval["objective"], fit["objective"]);
        assert_eq!(keys(&eval["terms"]), [name]);
    }
}

#[test]
fn rows_have_differences() {
    let data = file("two_values_rows.csv", "y,x\n1,0\n1,1\n0,1\n");
    let rows = run(&["eval", "-e", MODEL, &data, "--at", "a=1, b=2, c=4", "--rows"]).expect(0);
    let lines: Vec<&str> = rows.stdout.lines().collect();
    assert_eq!(lines[0], "row,logp,delta_y,delta_x,loss");
    assert!(lines[1].starts_with("1,1.0,1.0,-6.0,"), "{}", lines[1]);
    assert!(lines[2].starts_with("2,7.0,5.0,6.0,"), "{}", lines[2]);
    assert!(lines[3].starts_with("3,2.0,-5.0,2.0,"), "{}", lines[3]);
}

#[test]
fn derivations_show_differences() {
    let derive = |format: &str| run(&["derive", "-e", MODEL, "--format", format]).expect(0);
    let text = derive("text").stdout;
    assert!(text.contains("\nDelta y ") && !text.contains("score"), "{text}");
    assert!(!text.contains("Laplacian"), "{text}");
    assert!(derive("latex").stdout.contains(r"\Delta_{y} \log p &="));
    let json = derive("json").json();
    assert_eq!(keys(&json["differences"]), ["y", "x"]);
    assert!(json.get("score").is_none() && json.get("laplacian").is_none());
}

#[test]
fn checks_compare_differences() {
    let data = table();
    for model in [MODEL, "data y in {-1, 1}; param a, b; log_cosh(a*y + b) + if(y > 0, a, b)"] {
        for arguments in [&["check", "-e", model][..], &["check", "-e", MODEL, &data]] {
            let check = run(&[arguments, &["--format", "json"]].concat()).expect(0).json();
            let names: Vec<&str> = check["derivatives"]
                .as_array()
                .expect("a list")
                .iter()
                .filter(|one| one["agree"].as_u64() > Some(0))
                .map(|one| one["of"].as_str().expect("a name"))
                .collect();
            assert_eq!(names, ["difference", "d loss/d parameter"]);
        }
    }
}

#[test]
fn the_session_shows_differences() {
    let data = table();
    let session = format!(":data {data}\n{MODEL}\n:score\n:laplacian\n:latex score\n:fit\n");
    let run = finished(&mut program(), session.as_bytes());
    assert_eq!(run.stdout.matches("Delta y = ").count(), 2, "{}\n{}", run.stdout, run.stderr);
    assert!(run.stdout.contains(r"\Delta_{y} \log p"), "{}", run.stdout);
    assert!(run.stdout.contains("J ") && run.stdout.contains("ratio"), "{}", run.stdout);
}

/// A difference can be infinite where log p is finite.
#[test]
fn a_difference_that_is_not_finite_is_named() {
    let data = file("lost_difference.csv", "y\n1\n1\n0\n");
    let model = "data y in {0, 1}; param a; a*y + if(y > 0.5, 0, log(a - 2))";
    let rows = file("ones.csv", "y\n1\n1\n");
    let eval = run(&["eval", "-e", model, &rows, "--at", "a=1"]).expect(1);
    let said = eval.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the difference of log p in `y` is not a number"), "{said}");
    run(&["eval", "-e", model, &data, "--at", "a=3"]).expect(0);
}
