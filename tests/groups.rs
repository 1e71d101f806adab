//! Parameters indexed by groups, compared with closed forms and with equivalent models without
//! groups, and messages where a group does not fit.

use nalgebra::DVector;
use scorematch::Fit;
use scorematch::analysis::Check;
use scorematch::data::Columns;
use scorematch::fit::{self, Outcome};
use scorematch::model::{Model, Options};
use scorematch::numerics::rng::stream;
use scorematch::objective::{Curvature, Objective, Path, Specification, hyvarinen};

const SITES: [(&str, f64); 3] = [("north", 1.0), ("New York", -2.0), ("south", 3.0)];
const YEARS: [f64; 3] = [2000.0, 2001.0, 2003.0];

/// Rows with a site, a year, a covariate and a response.
struct Rows {
    site: Vec<usize>,
    year: Vec<usize>,
    z: Vec<f64>,
    x: Vec<f64>,
}

impl Rows {
    fn new(count: usize) -> Self {
        let mut random = stream(7, 19);
        let mut rows = Self { site: vec![], year: vec![], z: vec![], x: vec![] };
        for _ in 0..count {
            let (site, year, z) = (random.below(3), random.below(3), random.normal());
            let mean = SITES[site].1 + 0.25 * YEARS[year] - 500.0 + (1.0 + year as f64) * z;
            rows.x.push(mean + 0.5 * random.normal());
            rows.site.push(site);
            rows.year.push(year);
            rows.z.push(z);
        }
        rows
    }

    fn csv(&self) -> String {
        let row = |k: usize| {
            let (site, year) = (SITES[self.site[k]].0, YEARS[self.year[k]]);
            format!("{},{},{site},{year}\n", self.x[k], self.z[k])
        };
        format!("x,z,site,year\n{}", (0..self.x.len()).map(row).collect::<String>())
    }

    fn columns(&self) -> Columns {
        Columns::from_csv(self.csv().as_bytes()).expect("a table")
    }

    /// The mean response of the chosen rows.
    fn mean(&self, chosen: impl Fn(usize) -> bool) -> f64 {
        let of: Vec<f64> = (0..self.x.len()).filter(|&k| chosen(k)).map(|k| self.x[k]).collect();
        of.iter().sum::<f64>() / of.len() as f64
    }
}

fn fitted(text: &str, columns: &Columns) -> Fit {
    Model::parse(text).expect(text).fit(columns).expect(text)
}

#[track_caller]
fn estimate(fit: &Fit, name: &str) -> f64 {
    fit.parameter(name).unwrap_or_else(|| panic!("no {name}")).estimate
}

#[track_caller]
fn near(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got} {want}");
}

/// One-way analysis of variance: the means of the groups, the pooled variance, and sandwich
/// standard errors √(Σ (x - mean)²/n_g²) of a group of n_g rows.
#[test]
fn group_means_are_means() {
    let rows = Rows::new(300);
    let fit = fitted("param m[site], s > 0; normal_lpdf(x, m[site], s)", &rows.columns());
    let mut squares = 0.0;
    for (site, (name, _)) in SITES.iter().enumerate() {
        let mean = rows.mean(|k| rows.site[k] == site);
        let own: Vec<f64> = (0..300)
            .filter(|&k| rows.site[k] == site)
            .map(|k| (rows.x[k] - mean).powi(2))
            .collect();
        let spelled = if name.contains(' ') { format!("`{name}`") } else { (*name).to_owned() };
        let found = fit.parameter(&format!("m[{spelled}]")).expect("a parameter for each site");
        near(found.estimate, mean, 1e-12);
        let error = (own.iter().sum::<f64>()).sqrt() / own.len() as f64;
        near(found.std_error.expect("a standard error"), error, 1e-9);
        squares += own.iter().sum::<f64>();
    }
    near(estimate(&fit, "s"), (squares / 300.0).sqrt(), 1e-12);
    let names: Vec<&str> = fit.estimate().parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["m[`New York`]", "m[north]", "m[south]", "s"]);
}

/// Of Student's t with locations of two groups and scales of one: slopes against means of the slopes of
/// rows, second derivatives against differences of slopes, and along a direction against both.
#[test]
fn derivatives_of_many_levels_agree() {
    const LEVELS: [usize; 2] = [7, 5];
    let text = "data x; covariate g in 1:7, h in 1:5; param m[g], b[h], s[g] > 0
        -3*log1p(((x - m[g] - b[h])/s[g])^2/5) - log(s[g])";
    let model = Model::parse(text).expect("a model");
    let mut graph = model.graph().clone();
    let data: Vec<_> = model.data().iter().map(|c| graph.input_node(c.input)).collect();
    let loss = hyvarinen(&mut graph, model.log_density(), &data);
    let rows: Vec<_> = model.data().iter().chain(model.covariates()).map(|c| c.input).collect();
    let objective = Objective::new(&graph, loss.total, &rows, &model.parameter_inputs());
    let mut random = stream(3, 5);
    let mut columns = vec![Vec::new(); 3];
    for _ in 0..20_000 {
        columns[0].push(random.normal());
        columns[1].push((1 + random.below(LEVELS[0])) as f64);
        columns[2].push((1 + random.below(LEVELS[1])) as f64);
    }
    let slices = columns.iter().map(Vec::as_slice).collect();
    let batch = objective.on(slices, 2).by(Path::Rows).expect("every objective has rows");
    let theta: Vec<f64> = (0..19)
        .map(|k| if k < 12 { 0.2 * random.normal() } else { 0.8 + 0.1 * k as f64 })
        .collect();
    assert_eq!(batch.curvature(), Curvature::Matrix);
    let at = batch.expand(&theta);
    let direction = DVector::from_fn(19, |k, _| (k as f64).sin());
    let (along, product) = (batch.hessian_times(&theta, &direction), &at.hessian * &direction);
    const STEP: f64 = 1e-5;
    let moved = |sign: f64| -> Vec<f64> {
        let steps = theta.iter().zip(direction.iter());
        steps.map(|(at, step)| at + sign * STEP * step).collect()
    };
    let [up, down] = [1.0, -1.0].map(|sign| batch.gradient(&moved(sign)).1);
    for k in 0..19 {
        near(along[k], product[k], 1e-13);
        near((up[k] - down[k]) / (2.0 * STEP), product[k], 1e-8);
        near(at.gradient[k], batch.gradient(&theta).1[k], 1e-14);
    }
    let zero = |j: usize, k: usize| at.hessian[(j, k)] == 0.0 && at.outer[(j, k)] == 0.0;
    assert!(zero(0, 1) && zero(7, 8) && zero(0, 13) && !zero(0, 7) && !zero(0, 12));
    near((&at.outer - batch.outer(&theta)).amax(), 0.0, 1e-14);
    let slope = batch.slope(&theta);
    for k in 0..19 {
        near(slope.outer_diagonal[k], at.outer[(k, k)], 1e-14);
    }
}

/// Two groups at once: the mean of each cell; and a slope for each year with an intercept for each
/// site, which agrees with the regression on indicators.
#[test]
fn two_groups_and_slopes() {
    let rows = Rows::new(400);
    let data = rows.columns();
    let fit = fitted("data x; param m[site, year], s > 0; normal_lpdf(x, m[site, year], s)", &data);
    for (site, (name, _)) in SITES.iter().enumerate().filter(|(_, (name, _))| !name.contains(' ')) {
        for (year, value) in YEARS.iter().enumerate() {
            let mean = rows.mean(|k| rows.site[k] == site && rows.year[k] == year);
            near(estimate(&fit, &format!("m[{name},{value}]")), mean, 1e-12);
        }
    }
    let text = "data x; covariate z, site, year; param m[site], b[year], s > 0
        normal_lpdf(x, m[site] + b[year]*z, s)";
    let slopes = fitted(text, &data);
    let indicators = |level: usize, of: &[usize]| -> Vec<f64> {
        of.iter().map(|&own| f64::from(u8::from(own == level))).collect()
    };
    let mut columns = vec![("x".to_owned(), rows.x.clone()), ("z".to_owned(), rows.z.clone())];
    for level in 0..3 {
        columns.push((format!("i{}", level + 1), indicators(level, &rows.site)));
        columns.push((format!("j{}", level + 1), indicators(level, &rows.year)));
    }
    let plain = "data x; covariate z, i[3], j[3]; param m[3], b[3], s > 0
        normal_lpdf(x, dot(m, i) + dot(b, j)*z, s)";
    let plain = fitted(plain, &Columns::from_vecs(columns).expect("a table"));
    for (name, same) in
        [("m[north]", "m[1]"), ("m[south]", "m[3]"), ("b[2001]", "b[2]"), ("s", "s")]
    {
        near(estimate(&slopes, name), estimate(&plain, same), 1e-10);
        let error = |fit: &Fit, name: &str| fit.parameter(name).and_then(|p| p.std_error);
        near(error(&slopes, name).expect("a value"), error(&plain, same).expect("one"), 1e-8);
    }
}

/// A model that is not an exponential family is evaluated over the rows, and agrees with one
/// written with `if`.
#[test]
fn groups_on_rows_agree_with_conditions() {
    let rows = Rows::new(300);
    let columns = vec![
        ("x".to_owned(), rows.x.clone()),
        ("g".to_owned(), rows.site.iter().map(|&site| site as f64 + 4.0).collect()),
    ];
    let data = Columns::from_vecs(columns).expect("a table");
    let grouped = "data x; covariate g in 4:6; param m[g], s[g] > 0
        -3*log1p(((x - m[g])/s[g])^2/5) - log(s[g])";
    let chosen = "data x; covariate g; param m[3], s[3] > 0
        let c = if(g == 4, m[1], if(g == 5, m[2], m[3]))
        let w = if(g == 4, s[1], if(g == 5, s[2], s[3]))
        -3*log1p(((x - c)/w)^2/5) - log(w)";
    let options = fit::Options::default().starts(4);
    let [grouped, chosen] = [grouped, chosen]
        .map(|text| Model::parse(text).expect("a model").fit_with(&data, &options).expect("a fit"));
    assert!(
        grouped.estimate().outcome == Outcome::Converged
            && chosen.estimate().outcome == Outcome::Converged
    );
    near(grouped.estimate().objective, chosen.estimate().objective, 1e-10);
    for (name, same) in [("m[4]", "m[1]"), ("m[6]", "m[3]"), ("s[5]", "s[2]")] {
        near(estimate(&grouped, name), estimate(&chosen, same), 1e-6);
    }
}

/// Twelve locations far apart with heavy tails: each start places the locations beside rows of
/// their own levels, in the units of the data.
#[test]
fn many_groups_start_where_their_rows_are() {
    let mut random = stream(3, 12);
    let truth: Vec<f64> = (0..12).map(|k| 1e6 + 4e3 * f64::from((k * 5) % 12)).collect();
    let (mut x, mut g) = (Vec::new(), Vec::new());
    for row in 0..1200 {
        let level = row % 12;
        x.push(truth[level] + 300.0 * random.normal() / (0.3 + random.uniform()));
        g.push(level as f64 + 1.0);
    }
    let data = Columns::from_vecs(vec![("x".to_owned(), x), ("g".to_owned(), g)]).expect("a table");
    let text = "data x; covariate g in 1:12; param m[g], s > 0; student_t_lpdf(x, 4, m[g], s)";
    let fit = fitted(text, &data);
    let (best, starts) = (&fit.estimate().minima[0], &fit.estimate().starts);
    assert!(2 * best.hits > starts.tried, "{}", fit.report().text());
    for (level, &truth) in truth.iter().enumerate() {
        let found = fit.parameter(&format!("m[{}]", level + 1)).expect("a location");
        let error = found.std_error.expect("an error");
        assert!((found.estimate - truth).abs() < 5.0 * error, "{found:?} {truth}");
    }
}

#[test]
fn derivatives_of_groups_agree_with_differences() {
    for text in [
        "data x; covariate g in 1:3; param m[g], s > 0; student_t_lpdf(x, 4, m[g], s)",
        "data x, y; covariate g in -1:1, h in 1:2; param m[g,h], c[h] > 0
         -(x - m[g,h])^2*c[h] - log_cosh(y - m[g,1]*x)",
        "data x[2]; covariate g in 1:2; param K[2,2] posdef, W[g,2]; multi_normal_prec_lpdf(x, W[g,:]', K)",
        "data x, y; covariate g in 1:3; param a; -[x^2, x^4, a*x^2*y^2 + x^4][g] - y^2",
    ] {
        let model = Model::parse(text).expect(text);
        let specification = Specification::of(&model).expect(text);
        let check = Check::of(&specification, &model, None, 3, &mut |_, _| {});
        assert!(check.is_sound(), "{text}\n{check:?}");
    }
}

/// Printed formulas with groups are texts of the language with the same meaning.
#[test]
fn formulas_with_groups_are_texts() {
    let declared = "data x; covariate g in 1:3, h in 1:2; param m[g,h], b[h], s > 0";
    for density in ["-(x - m[g, h])^2/(2*s^2)", "-abs(b[h])*log1p((x - m[g, 2])^2)", "-x^2*b[h]"] {
        let model = Model::parse(&format!("{declared}; {density}")).expect(density);
        let printed = model.graph().plain(model.log_density());
        let again = Model::parse(&format!("{declared}; {printed}")).expect(&printed);
        assert_eq!(again.graph().plain(again.log_density()), printed);
        assert_eq!(model.declarations(), again.declarations());
    }
}

#[track_caller]
fn refused(text: &str, code: &str, message: &str) {
    let columns = ["x", "g", "site"];
    let levels = vec![("site".to_owned(), vec!["a".to_owned(), "b".to_owned()])];
    let options =
        Options { columns: Some(&columns), numeric: &columns[..2], levels, ..Options::default() };
    let errors = Model::with(text, &options).expect_err(text);
    let diagnostics: Vec<scorematch::source::Diagnostic> = (&errors).into();
    let told = &diagnostics[0];
    assert!(told.code == code && told.message.contains(message), "{text}\n{told:?}");
    assert!(told.help.is_some(), "{text} has no help");
}

#[test]
fn invalid_groups_are_refused() {
    refused("data x; param m[site]; -(x - m[c])^2", "unknown-level", "`c` is no level of `site`");
    refused("data x; param m[site]; -(x - m[1])^2", "unknown-level", "`1` is no level of `site`");
    refused("data x; param m[site]; -(x - m[site])^2*site", "group-as-number", "`site` is a group");
    refused("data x; covariate g; param m[3]; -(x - m[g])^2", "not-constant", "an index must be");
    refused("data x, g; param m[g]; -(x - m[g])^2", "not-a-group", "`g` is no group");
    refused("data x; covariate g[2]; param m[g]; -(x - m[1])^2", "not-a-group", "`g` is no group");
    refused("data x in 1:4; -x^2", "constraint-not-applicable", "`in 1:4` needs a covariate");
    refused("data x; param m in 1:4; -(x - m)^2", "constraint-not-applicable", "`in 1:4` needs");
    let text = "data x; covariate g in 1:3; param m[2]; -(x - m[g])^2";
    refused(text, "level-count", "a group of 3 levels needs an entry for each");
}

/// A value that is not a level is refused, and its row is named.
#[test]
fn rows_with_values_that_are_no_levels_are_refused() {
    let data = Columns::from_csv("x,g\n1,1\n2,4\n".as_bytes()).expect("a table");
    let model = Model::parse("data x; covariate g in 1:3; param m[g]; -(x - m[g])^2");
    let error = model.expect("a model").fit(&data).expect_err("4 is not a level");
    assert!(error.to_string().contains("g in 1:3"), "{error}");
    let model = Model::parse("param m[g]; -(x - m[g])^2").expect("a model");
    let levels = [("g".to_owned(), vec!["1".to_owned(), "2".to_owned()])];
    let bound = model.bind_levels(&["x", "g"], &["x", "g"], &levels).expect("columns");
    let error = bound.select(&data, scorematch::data::Missing::Error).expect_err("4 is no level");
    assert_eq!(error.to_string(), "line 3: `4` in column `g` is no level of the model");
}

/// Levels that the text lists: in its order, with a level that the data lack, and an error with the row and
/// the remedy where the data have another one.
#[test]
fn listed_levels_stand_in_their_order() {
    let rows = Rows::new(300);
    let text = "data x; covariate site in {south, `New York`, west, north}; param m[site], s > 0\n\
                normal_lpdf(x, m[site], s)";
    let fit = fitted(text, &rows.columns());
    let names: Vec<&str> =
        fit.estimate().parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["m[south]", "m[`New York`]", "m[west]", "m[north]", "s"]);
    for (site, name) in ["m[north]", "m[`New York`]", "m[south]"].iter().enumerate() {
        near(estimate(&fit, name), rows.mean(|k| rows.site[k] == site), 1e-12);
    }
    assert!(fit.parameter("m[west]").expect("it is listed").std_error.is_none());
    let declared = "site in {south, `New York`, west, north}";
    assert!(fit.model().declarations().contains(declared));

    let model = Model::parse("covariate g in {1, b}; param m[g]; -(x - m[g])^2").expect("a model");
    let data = Columns::from_csv("x,g\n1,1\n2,b\n3,c\n".as_bytes()).expect("a table");
    let error = match model.fit(&data).expect_err("c is not listed") {
        scorematch::Error::Data(error) => error,
        other => panic!("{other}"),
    };
    assert_eq!(error.to_string(), "line 4: `c` in column `g` is no level of the model");
    let diagnostic = error.diagnostic("file.csv");
    assert!(
        diagnostic.help.expect("there is a remedy").contains("where the model lists the levels")
    );
}

/// Two numbers in braces are values of binary data; a constant in a list of levels is its number.
#[test]
fn sets_are_pairs_or_levels() {
    refused("data x in {a, b, c}; -x^2", "constraint-not-applicable", "needs a covariate");
    let twice = Model::parse("data x; covariate g in {a, b, a}; param m[g]; -(x - m[g])^2");
    let twice = twice.expect_err("a level is listed twice").to_string();
    assert!(twice.contains("`a` is declared twice"), "{twice}");
    let pair = Model::parse("data x; covariate g in {3, 4}; param m[g]; -(x - m[g])^2");
    assert!(pair.is_err(), "two numbers are 0 and 1, or -1 and 1");
    let text = "data x; const c = 7; covariate g in {c, d, 3}; param m[g]; -(x - m[g])^2";
    let model = Model::parse(text).expect(text);
    let names: Vec<&str> = model.parameters().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["m[7]", "m[d]", "m[3]"]);
    let binary = Model::parse("data x; covariate z in {0, 1}; -(x - a - b*z)^2").expect("a pair");
    assert!(binary.covariates()[0].levels.is_none());
}

/// The note about made-up levels names each group.
#[test]
fn groups_of_unknown_levels_are_all_named() {
    let model = Model::parse("data x; covariate g, h; param m[g], b[h]; -(x - m[g] - b[h])^2");
    let model = model.expect("a model");
    let notes: Vec<&str> = model.warnings().iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        notes,
        ["the levels of `g` and `h` come from data: two of each stand for them here"]
    );
}

/// The parameter of a level without rows is not identified, which a warning says.
#[test]
fn a_level_without_rows_is_not_identified() {
    let data = Columns::from_csv("x,g\n1,1\n2,3\n0,1\n4,3\n".as_bytes()).expect("a table");
    let fit = fitted("data x; covariate g in 1:3; param m[g]; -(x - m[g])^2", &data);
    near(estimate(&fit, "m[3]"), 3.0, 1e-12);
    assert!(fit.parameter("m[2]").expect("a declared parameter").std_error.is_none());
    assert!(!fit.estimate().warnings.is_empty());
}

/// Clusters may be named by texts.
#[test]
fn clusters_of_text() {
    let rows = Rows::new(200);
    let numbers: Vec<(String, Vec<f64>)> = vec![
        ("x".to_owned(), rows.x.clone()),
        ("site".to_owned(), rows.site.iter().map(|&site| site as f64).collect()),
    ];
    let numbers = Columns::from_vecs(numbers).expect("a table");
    let by =
        fit::Options::default().rows(scorematch::objective::RowChoices::default().cluster("site"));
    let error = |columns: &Columns| {
        let model = Model::parse("param mu, s2 > 0; -(x - mu)^2/(2*s2)").expect("a model");
        model.fit_with(columns, &by).expect("a fit").parameter("mu").and_then(|p| p.std_error)
    };
    let (text, number) = (error(&rows.columns()), error(&numbers));
    near(text.expect("an error"), number.expect("an error"), 1e-12);
}
