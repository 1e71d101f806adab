//! The path of an evaluation, over rows or by moments, and the reported times.

use serde_json::Value;

use crate::run::{NORMAL, Run, file, keys, numbers, run};

#[test]
fn both_paths_give_the_same_numbers() {
    let rows: Vec<String> =
        (0..5000).map(|i| format!("{}", 70.0 + f64::from(i * i % 7919) / 1e3)).collect();
    let data = file("paths.csv", format!("x\n{}\n", rows.join("\n")));
    let by = |path| {
        let at = "mu=70.3, s2=2.5";
        let eval = ["eval", "-e", NORMAL, &data, "--at", at, "--format", "json", "--path", path];
        let json = run(&eval).expect(0).json();
        let number = |value: &Value| value.as_f64().expect("a number");
        let gradient = &json["gradient"];
        [&json["objective"], &gradient["mu"], &gradient["s2"]].map(number)
    };
    let (rows, moments) = (by("rows"), by("moments"));
    for (rows, moments) in rows.into_iter().zip(moments) {
        assert!((rows - moments).abs() <= 1e-12 * rows.abs().max(1.0), "{rows} and {moments}");
    }
    assert_eq!(by("auto"), moments);
}

/// The timing of a run, after a check that its numbers can be times.
fn timing(run: &Run) -> Value {
    let timing = run.json()["timing"].clone();
    let seconds = ["read_s", "derive_s", "compile_s", "evaluate_s"];
    let rest = ["evaluations", "path", "tile", "isa", "threads", "stages_s", "total_s"];
    assert_eq!(keys(&timing), [seconds.as_slice(), &rest].concat());
    for key in seconds {
        let seconds = timing[key].as_f64().expect(key);
        assert!((0.0..100.0).contains(&seconds) && seconds > 0.0, "{key}: {seconds}");
    }
    let isa = timing["isa"].as_str().expect("a name");
    assert!(["avx512", "avx2", "neon", "portable"].contains(&isa), "{isa}");
    timing
}

#[test]
fn an_evaluation_reports_its_time() {
    let data = numbers("timing.csv");
    let plain = ["eval", "-e", NORMAL, &data, "--at", "mu=0, s2=1", "--format", "json"];
    let timed = |options: &[&str]| {
        let timed = [plain.as_slice(), &["--timing", "--threads", "2"], options].concat();
        run(&timed).expect(0)
    };
    let rows = timing(&timed(&["--path", "rows", "--repeat", "7"]));
    assert_eq!((&rows["path"], &rows["threads"]), (&"rows".into(), &2.into()));
    assert!(rows["tile"].as_u64().expect("a number of rows") > 0);
    let more = timing(&timed(&["--path", "rows", "--repeat", "17"]));
    let count = |timing: &Value| timing["evaluations"].as_u64().expect("a count");
    assert_eq!(count(&more) - count(&rows), 10);
    let moments = timing(&timed(&["--path", "moments"]));
    assert_eq!((&moments["path"], &moments["tile"]), (&"moments".into(), &Value::Null));
    assert!(count(&moments) > 1);

    let untimed = run(&plain).expect(0);
    assert!(!untimed.stdout.contains("timing"));
    let mut without = timed(&[]).json();
    without.as_object_mut().expect("an object").shift_remove("timing").expect("timing is a key");
    assert_eq!(without, untimed.json());
    assert_eq!(keys(&without), keys(&untimed.json()));
}

/// Checks that reading and the stages add up to the total, except for the time to open the files.
fn accounts_for_all(time: &Value) {
    let seconds = |value: &Value| value.as_f64().expect("seconds");
    let stages = time["stages_s"].as_object().expect("an object");
    assert!(stages.contains_key("model") && stages.contains_key("errors"), "{time}");
    let known = seconds(&time["read_s"]) + stages.values().map(seconds).sum::<f64>();
    let total = seconds(&time["total_s"]);
    assert!(known <= total && total - known < 0.1 * total + 0.05, "{time}");
}

#[test]
fn a_fit_reports_its_time() {
    let data = numbers("timing-fit.csv");
    let student = "param mu, nu > 0, s2 > 0; -(nu + 1)/2*log(1 + (x - mu)^2/(nu*s2))";
    for (model, path) in [(NORMAL, "rows"), (NORMAL, "moments"), ("-log_cosh((x - mu)/s)", "rows")]
    {
        let fit = ["fit", "-e", model, &data, "--format", "json", "--path", path];
        let plain = run(&fit).expect(0);
        let timed = run(&[fit.as_slice(), &["--timing"]].concat()).expect(0);
        let time = timing(&timed);
        assert_eq!((&time["path"], &plain.json()["path"]), (&path.into(), &path.into()));
        accounts_for_all(&time);
        let evaluations = time["evaluations"].as_u64().expect("a count");
        let iterations = plain.json()["iterations"].as_u64().expect("a count");
        assert!(evaluations > iterations, "{evaluations} for {iterations} iterations");
        let (before, after) = (keys_and_values(&plain), keys_and_values(&timed));
        let kept: Vec<_> = after.into_iter().filter(|(key, _)| key != "timing").collect();
        assert_eq!(kept, before);
    }
    let text = |options: &[&str]| run(&[&["fit", "-e", student, &data], options].concat()).stdout;
    let (plain, timed) = (text(&[]), text(&["--timing"]));
    let block = timed.strip_prefix(&plain).expect("the same table, and then the timing");
    assert!(block.starts_with("\ntiming      read "), "{block}");
    assert!(block.contains("evaluations "), "{block}");
}

/// The entries of a report, except the command.
fn keys_and_values(run: &Run) -> Vec<(String, Value)> {
    let json = run.json();
    let entries = json.as_object().expect("an object").clone().into_iter();
    entries.filter(|(key, _)| key != "command").collect()
}
