//! The texts below the options of `--help`: the purpose of the program, and
//! examples of each command.

pub const LONG_ABOUT: &str = "\
Fit a probability model from the text of its unnormalised log-density, by score matching.

The normalising constant is never needed: the fit minimises Hyvarinen's objective J, the mean of
laplacian(log p) + 1/2 |grad log p|^2, with all derivatives taken symbolically. J is negative at a
good fit: at the truth it is -1/2 E|grad log p|^2, not 0. Binary data, declared as in
`data x in {0, 1}`, are fitted by ratio matching: log p is compared with its value after one entry
is switched to its other value.";

pub const EXAMPLES: &str = "\
Without a command a session starts, in which a model is typed, looked at and fitted; `:help` there
tells more. From a pipe the same lines run without prompts. `scorematch help TOPIC` explains a
command, the language, a function, an option or the code of a warning, and `scorematch help
topics` lists them.

Examples:
  scorematch
  scorematch --strict < session.txt
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv
  scorematch fit student.energy heights.csv.gz --format json -o fit.json
  scorematch eval student.energy heights.csv.gz --at @fit.json
  scorematch derive -e '-log_cosh((x - mu)/s)' --format latex
  scorematch check student.energy

Exit status:
  0  done, warnings or not
  1  the model, the data or a file is wrong, or `check` found a mismatch
  2  the command line is wrong
  3  the fit did not converge or its objective is unbounded; the best point is printed
  130  interrupted; a fit prints its best point if it has one within a fifth of a second";

#[cfg(feature = "plot")]
pub const PLOT_EXAMPLES: &str = "\
Examples:
  scorematch plot examples/mixture.energy examples/faithful.csv -o faithful.svg
  scorematch plot -e '-(x - mu)^2/(2*s2)' lengths.csv --at 'mu=4, s2=2' -o normal.png
  scorematch plot student.energy heights.csv.gz --at nu=4,mu=3,s=1 -o student.json";

#[cfg(feature = "plot")]
pub const ANIMATE_EXAMPLES: &str = "\
Examples:
  scorematch animate -e '-(x - mu)^2/(2*s2)' lengths.csv --over s2=0.2..4 --at 'mu=0' -o s2.html
  scorematch animate student.energy heights.csv.gz --over nu=1..20 --profile --frames 12 -o nu.gif";

#[cfg(feature = "plot")]
pub const REPORT_EXAMPLES: &str = "\
Examples:
  scorematch report student.energy heights.csv.gz -o student.html
  scorematch report -e '-(x - mu)^2/(2*s2)' lengths.csv -o normal.html";

pub const FIT_EXAMPLES: &str = "\
Examples:
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv
  gunzip -c big.csv.gz | scorematch fit model.energy - --missing drop
  scorematch fit model.energy data.csv --fix 'nu=4' --start 'mu=0' --format json
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv --timing --path rows
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv --level 0.9 --estimate 'exp(mu)'
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv --wald 'mu=0, s2=1'
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv --bootstrap 1000
  scorematch fit model.energy data.csv --bootstrap 1000 --estimate 'exp(mu)' --format json
  scorematch fit -e '-(x - mu)^2/(2*s2)' lengths.csv --profile-intervals
  scorematch fit model.energy data.csv --profile-intervals --level 0.9 --format json

J is negative at a good fit: at the truth it is -1/2 E|grad log p|^2, not 0.
Ctrl-C stops at the best point so far and prints it; where there is none within a fifth of a second,
or at a second Ctrl-C, the program ends without one.";

pub const EVAL_EXAMPLES: &str = "\
Examples:
  scorematch eval -e '-(x - mu)^2/(2*s2)' lengths.csv --at 'mu=0, s2=1'
  scorematch eval model.energy data.csv --at @fit.json --format json
  scorematch eval model.energy data.csv --at @fit.json --rows -o rows.csv
  scorematch eval -e '-(x - mu)^2/(2*s2)' lengths.csv --at 'mu=0, s2=1' --path moments
  scorematch eval -e '-x^2/2' lengths.csv --normalise --quantiles 0.1,0.9
  scorematch eval model.energy data.csv --at @fit.json --timing --repeat 100";

pub const TEST_EXAMPLES: &str = "\
Examples:
  scorematch test -e '-(x - mu)^2/(2*s2)' lengths.csv
  scorematch test -e '-(x - mu)^2/(2*s2)' lengths.csv --fix mu=3 --replicates 99
  scorematch test -e '-(x - mu)^2/(2*s2)' lengths.csv --at 'mu=3, s2=2'
  scorematch test -e '-(x - m)^2/2' lengths.csv --at m=3 --kernel gaussian --bandwidth 1
  scorematch test -e '-(x - m)^2/2' lengths.csv --at m=3 --unscaled --replicates 200
  scorematch test -e '-(x - m)^2/2' lengths.csv --at m=3 --linear --format json
  scorematch test -e '-(x - m)^2/2' lengths.csv --at m=3 --rows -o parts.csv
  scorematch test student.energy data.csv --at @fit.json --replicates 50
  scorematch test student.energy data.csv --at @fit.json --bootstrap wild

JSON: n, dim, at; kernel, bandwidth, bandwidth_given, scaled; weight, transform, frozen; statistic
{nV, U} or {mean, std_error, pairs}; p, p_error = sqrt(p(1 - p)/replicates) or null; method,
parametric, wild or normal; replicates, failed; worst [{row, contribution, values}]; warnings.
The exit status is 0 whatever p is, and 3 where there is none: the fit did not converge, or the
chains that draw from it do not mix.";

pub const COMPARE_EXAMPLES: &str = "\
Examples:
  scorematch compare -e '-(x - mu)^2/(2*s2)' -e '-x^2/(2*s2)' lengths.csv
  scorematch compare student.energy -e '-(x - mu)^2/(2*s2)' data.csv --folds 5 --seed 1
  scorematch compare -e '-b*x^2' -e '-b*x^2 - c*x^4' lengths.csv --format json -o compared.json

The table has, by model, k, the number of free parameters; J; CV, the mean loss of held-out rows;
dCV, its difference from the lowest, row by row; SMIC/n, the kernel Stein discrepancy (KSD) and
their differences from that model; all with standard errors; and the mean log-likelihood of a row.
The choice is marked by *: the model with the fewest parameters whose dCV is at most its own
standard error. SMIC behaves like AIC: it takes too large a model in a fixed share of samples.
Losses of other data, rows, domains, weights, transforms or objectives are other quantities, and
such models are refused.

JSON: n, data, objective_kind, weight, transform, frozen, folds, ksd_rows; models [{name,
parameters, converged, objective, cv, cv_difference, folds_from_scratch, no_cv, smic,
smic_difference, ksd, ksd_difference, log_likelihood, estimate, warnings}] with {value, std_error}
for cv and the differences from the model with the lowest cv; best, choice, reason, warnings.
The exit status is 3 where a fit did not converge.";

pub const DERIVE_EXAMPLES: &str = "\
Examples:
  scorematch derive -e '-(x - mu)^2/(2*s2)'
  scorematch derive model.energy --format latex -o formulas.tex
  scorematch derive -e '-abs(y - a - b*z)^1.5' --data y";

pub const SCORE_EXAMPLES: &str = "\
Examples:
  scorematch score -e '-(x - mu)^2/(2*s2)' lengths.csv --at 'mu=0, s2=1' --normalise
  scorematch score -e 'a*x - b*x^2/2' examples/normal100.csv --at 'a=0, b=1' --robust 0.5

Columns: row, what `eval --rows` prints, then leverage (how far the row pulls at the parameters;
the sum is their number), robust_weight with --robust, ksd (its part in the kernel Stein
discrepancy), and with --normalise log_density and below (the share of the mass below it).";

pub const SAMPLE_EXAMPLES: &str = "\
Examples:
  scorematch sample -e '-(x - mu)^2/(2*s2)' --at 'mu=0, s2=1' -n 5
  scorematch sample -e 'data x > 0; param a, b; (a - 1)*log(x) - b*x' --at 'a=0.5, b=2' -o draws.csv
  scorematch sample -e 'data u[3] on simplex; log(u[1]) + 2*log(u[3])' -n 400 --with-chain -o u.csv

A density is drawn from, so log p must have a finite integral; of one number this is checked. The
exit status is 3 where chains do not agree.";

pub const CHECK_EXAMPLES: &str = "\
Examples:
  scorematch check -e '-log_cosh((x - mu)/s)'
  scorematch check model.energy data.csv";

pub const FUNCTIONS_EXAMPLES: &str = "\
Examples:
  scorematch functions
  scorematch functions --format json -o functions.json";

pub const OBJECTIVES_EXAMPLES: &str = "\
Examples:
  scorematch objectives
  scorematch objectives --format json -o objectives.json";

pub const NEW_EXAMPLES: &str = "\
Examples:
  scorematch new lengths.csv
  scorematch new data.csv -o first.energy && scorematch fit first.energy data.csv
  scorematch new heights.csv.gz --response x

The response, the first numeric column unless --response names one, is modelled given the other
numeric columns; one column alone by a density that suits its values. Other densities stand in
comments.";

pub const HELP_EXAMPLES: &str = "\
Examples:
  scorematch help language
  scorematch help fit
  scorematch help gamma_lpdf
  scorematch help heavy-ties
  scorematch help --bootstrap
  scorematch help topics";

pub const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  scorematch completions bash > scorematch.bash
  scorematch completions zsh > _scorematch
  scorematch completions fish > scorematch.fish

The file belongs where the shell looks for such scripts: for bash
~/.local/share/bash-completion/completions/scorematch, for zsh a folder of $fpath,
for fish ~/.config/fish/completions.";

pub const MAN_EXAMPLES: &str = "\
Examples:
  scorematch man > scorematch.1
  scorematch man --output .";
