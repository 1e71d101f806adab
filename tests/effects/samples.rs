//! Effects of the options of `sample` and `score`.

use super::{
    Changes, Experiment, GAPS_SCORE, MAPPED, NATURAL, NORMAL, Refuses, SHARES, SIZED, TWISTED,
};

const SAMPLE: &[&str] = &["sample", "-e", NORMAL, "--at", "mu=0, s2=1", "-n", "9"];
/// A density of two numbers, from which Markov chains draw.
const CHAINED: &[&str] =
    &["sample", "-e", "data x, z; -(x^2 + x*z + z^2)", "-n", "9", "--method", "langevin"];
const CONDITIONED: &[&str] =
    &["sample", "-e", "data y; covariate z; -(y - z)^2", "--given", "n.csv", "-n", "1"];
const CONDITIONED_FIELDS: &[&str] =
    &["sample", "-e", "data x; covariate g; -(x - g)^2", "--given", "semicolon.csv", "-n", "1"];
const CONDITIONED_GAPS: &[&str] =
    &["sample", "-e", "data y; covariate x; -(y - x)^2", "--given", "gaps.csv", "-n", "1"];
const SCORE: &[&str] = &["score", "-e", NORMAL, "n.csv", "--at", "mu=0, s2=1"];
const SCORE_SLICED: &[&str] =
    &["score", "-e", TWISTED, "n.csv", "--at", "a=1", "--objective", "sliced"];

pub const SAMPLED: &[(&str, &[Experiment])] = &[
    (
        "--expression",
        &[
            (&["sample", "--at", "mu=0, s2=1", "-n", "2"], Changes(&["-e", NORMAL])),
            (&["score", "n.csv", "--at", "mu=0, s2=1"], Changes(&["-e", NORMAL])),
        ],
    ),
    (
        "--const",
        &[
            (
                &["sample", "-e", SIZED, "--at", "mu=0, s2=1", "-n", "2"],
                Changes(&["--const", "d=3"]),
            ),
            (&["score", "-e", SIZED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--const", "d=3"])),
        ],
    ),
    (
        "--map",
        &[
            (CONDITIONED, Changes(&["--map", "z=g"])),
            (SAMPLE, Refuses(&["--map", "x=g"])),
            (&["score", "-e", MAPPED, "n.csv", "--at", "mu=0, s2=1"], Changes(&["--map", "v=z"])),
        ],
    ),
    (
        "--nodes-max",
        &[(SAMPLE, Changes(&["--nodes-max", "3"])), (SCORE, Changes(&["--nodes-max", "3"]))],
    ),
    (
        "--data",
        &[
            (&["sample", "-e", "-y^2", "-n", "2"], Changes(&["--data", "y"])),
            (
                &["score", "-e", "-(x - a*z)^2", "n.csv", "--at", "a=1"],
                Changes(&["--data", "x", "--at", "z=1"]),
            ),
        ],
    ),
    (
        "--delimiter",
        &[
            (CONDITIONED_FIELDS, Changes(&["--delimiter", ","])),
            (&["score", "-e", "-g^2", "semicolon.csv"], Changes(&["--delimiter", ","])),
        ],
    ),
    (
        "--no-header",
        &[(CONDITIONED, Changes(&["--no-header"])), (SCORE, Changes(&["--no-header"]))],
    ),
    (
        "--comment",
        &[
            (
                &[
                    "sample",
                    "-e",
                    "data y; covariate x; -(y-x)^2",
                    "--given",
                    "marked.csv",
                    "-n",
                    "1",
                ],
                Changes(&["--comment", "%"]),
            ),
            (&["score", "-e", "-x^2", "marked.csv"], Changes(&["--comment", "%"])),
        ],
    ),
    (
        "--na",
        &[
            (CONDITIONED_GAPS, Changes(&["--na", "-999", "--na", "?", "--missing", "drop"])),
            (SAMPLE, Refuses(&["--na", "?"])),
            (GAPS_SCORE, Changes(&["--na", "-999", "--na", "?"])),
        ],
    ),
    (
        "--missing",
        &[
            (
                &[
                    "sample",
                    "-e",
                    "data y; covariate x; -(y - x)^2",
                    "--given",
                    "gaps.csv",
                    "-n",
                    "1",
                    "--na",
                    "?",
                ],
                Changes(&["--missing", "drop"]),
            ),
            (&["score", "-e", "-x^2", "gaps.csv", "--na", "?"], Changes(&["--missing", "drop"])),
        ],
    ),
    ("--format", &[(SAMPLE, Changes(&["--format", "json"]))]),
    ("--output", &[(SAMPLE, Changes(&["-o", "new.csv"])), (SCORE, Changes(&["-o", "new.csv"]))]),
    (
        "--quiet",
        &[(SAMPLE, Changes(&["-q"])), (&["score", "-e", "-x^2", "remarked.csv"], Changes(&["-q"]))],
    ),
    (
        "--explain",
        &[
            (&["sample", "-e", "data x; -x^2 - abs(x)", "-n", "2"], Changes(&["--explain"])),
            (&["score", "-e", "-x^2", "remarked.csv"], Changes(&["--explain"])),
        ],
    ),
    (
        "--at",
        &[
            (&["sample", "-e", NORMAL, "-n", "2"], Changes(&["--at", "mu=1, s2=2"])),
            (&["score", "-e", NORMAL, "n.csv"], Changes(&["--at", "mu=1, s2=2"])),
        ],
    ),
    (
        "--count",
        &[
            (&["sample", "-e", "-x^2"], Changes(&["-n", "2"])),
            (&["sample", "-e", "-x^2"], Refuses(&["-n", "0"])),
        ],
    ),
    (
        "--given",
        &[
            (&["sample", "-e", "data y; covariate z; -(y - z)^2"], Changes(&["--given", "n.csv"])),
            (SAMPLE, Refuses(&["--given", "n.csv"])),
        ],
    ),
    (
        "--seed",
        &[
            (SAMPLE, Changes(&["--seed", "8"])),
            (SCORE_SLICED, Changes(&["--seed", "8"])),
            (SCORE, Refuses(&["--seed", "8"])),
        ],
    ),
    (
        "--method",
        &[(SAMPLE, Changes(&["--method", "langevin"])), (SAMPLE, Refuses(&["--method", "gibbs"]))],
    ),
    ("--chains", &[(CHAINED, Changes(&["--chains", "5"])), (CHAINED, Refuses(&["--chains", "1"]))]),
    (
        "--annealed",
        &[
            (
                &[
                    "sample",
                    "-e",
                    "data x, z; covariate sigma; -(x^2 + z^2)/(2*sigma^2)",
                    "-n",
                    "9",
                    "--annealed",
                    "1",
                ],
                Changes(&["--annealed", "2"]),
            ),
            (CHAINED, Refuses(&["--annealed", "1"])),
        ],
    ),
    ("--warmup", &[(CHAINED, Changes(&["--warmup", "700"]))]),
    (
        "--with-chain",
        &[(CHAINED, Changes(&["--with-chain"])), (SAMPLE, Refuses(&["--with-chain"]))],
    ),
    ("--threads", &[(SAMPLE, Refuses(&["--threads", "0"])), (SCORE, Refuses(&["--threads", "0"]))]),
    (
        "--objective",
        &[
            (
                &["score", "-e", TWISTED, "n.csv", "--at", "a=1"],
                Changes(&["--objective", "sliced"]),
            ),
            (SCORE, Refuses(&["--objective", "other"])),
        ],
    ),
    (
        "--transform",
        &[(
            &["score", "-e", SHARES, "shares.csv", "--at", "a=1"],
            Changes(&["--transform", "sqrt"]),
        )],
    ),
    ("--slices", &[(SCORE_SLICED, Changes(&["--slices", "3"]))]),
    ("--directions", &[(SCORE_SLICED, Changes(&["--directions", "gaussian"]))]),
    (
        "--sigma",
        &[(
            &[
                "score",
                "-e",
                NORMAL,
                "n.csv",
                "--at=mu=0, s2=1",
                "--objective=denoising",
                "--sigma=1",
            ],
            Changes(&["--sigma", "2"]),
        )],
    ),
    ("--weights", &[(SCORE, Changes(&["--weights", "g"]))]),
    (
        "--weights-kind",
        &[(
            &["score", "-e", NORMAL, "n.csv", "--at=mu=0, s2=1", "--weights=g"],
            Changes(&["--weights-kind=probability"]),
        )],
    ),
    ("--cluster", &[(SCORE, Refuses(&["--cluster", "g"]))]),
    (
        "--robust",
        &[
            (&["score", "-e", NATURAL, "n.csv", "--at", "a=0, b=1"], Changes(&["--robust", "0.5"])),
            (SCORE, Refuses(&["--robust", "none"])),
        ],
    ),
    ("--normalise", &[(SCORE, Changes(&["--normalise"]))]),
    ("--with-data", &[(SCORE, Changes(&["--with-data"]))]),
];
