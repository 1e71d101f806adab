//! A session in a terminal: the built program on a pseudo-terminal, checked by
//! the content of the screen.
//!
//! `cargo test --release --test terminal -- --ignored --nocapture` measures the
//! time to the first prompt.
#![cfg(unix)]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Color, Parser};

const ROWS: u16 = 50;
const COLUMNS: u16 = 100;
/// Time limit for every step, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);
/// Interval between two looks at the screen.
const GLANCE: Duration = Duration::from_millis(2);

const UP: &str = "\x1b[A";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const ENTER: &str = "\r";

/// A terminal with a session in it.
struct Terminal {
    screen: Arc<Mutex<Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Dropping this closes the terminal.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    fn open(variables: &[(&str, &str)]) -> Self {
        Self::of(COLUMNS, variables)
    }

    /// A terminal with this number of columns.
    fn of(columns: u16, variables: &[(&str, &str)]) -> Self {
        Self::running(columns, &[], variables)
    }

    /// A terminal in which the program was started with these arguments.
    fn running(columns: u16, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: ROWS, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("there are pseudo-terminals");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_scorematch"));
        command.args(arguments);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env("TERM", "xterm-256color");
        command.env("SCOREMATCH_HISTORY", "");
        command.env_remove("NO_COLOR");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let size = |n| NonZeroU16::new(n).expect("a screen has a size");
        let screen = Arc::new(Mutex::new(Parser::new(size(ROWS), size(columns), 0)));
        let mut output = pair.master.try_clone_reader().expect("a terminal can be read");
        let shown = Arc::clone(&screen);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Reading fails when the program has ended.
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                shown
                    .lock()
                    .expect("no thread panics while it holds the screen")
                    .process(&bytes[..read]);
            }
        });
        let keys = pair.master.take_writer().expect("a terminal can be written");
        Self { screen, keys, child, _master: pair.master }
    }

    fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("the terminal is open");
        self.keys.flush().expect("the terminal is open");
    }

    fn contents(&self) -> String {
        self.screen.lock().expect("no thread panics while it holds the screen").screen().contents()
    }

    /// The row of the screen with the cursor.
    fn row(&self) -> String {
        let parser = self.screen.lock().expect("no thread panics while it holds the screen");
        let (row, _) = parser.screen().cursor_position();
        let mut rows = parser.screen().rows(0, COLUMNS);
        rows.nth(usize::from(row)).unwrap_or_default().trim_end().to_owned()
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !holds(self) {
            assert!(Instant::now() < end, "no {what} on\n{}", self.contents());
            thread::sleep(GLANCE);
        }
    }

    /// Waits until these words are on the screen.
    #[track_caller]
    fn see(&self, words: &str) {
        self.wait(words, |terminal| terminal.contents().contains(words));
    }

    /// Waits until the row of the cursor has this content.
    #[track_caller]
    fn line(&self, line: &str) {
        self.wait(&format!("line {line:?}"), |terminal| terminal.row() == line);
    }

    /// Waits for an empty prompt.
    #[track_caller]
    fn prompt(&self) {
        self.line(">");
    }

    /// Submits a line, once the editor shows it, and waits for the answer and the next prompt.
    #[track_caller]
    fn answers(&mut self, line: &str, words: &str) {
        self.keys(line);
        self.wait(&format!("echo of {line:?}"), |terminal| terminal.row().contains(line));
        self.keys(ENTER);
        self.see(words);
        self.prompt();
    }

    /// Discards the line and waits for the next prompt.
    #[track_caller]
    fn cancel(&mut self) {
        self.keys(CTRL_C);
        self.prompt();
    }

    /// The colour of the last character before the cursor.
    fn colour(&self) -> Color {
        let parser = self.screen.lock().expect("no thread panics while it holds the screen");
        let (row, column) = parser.screen().cursor_position();
        parser.screen().cell(row, column - 1).map_or(Color::Default, vt100::Cell::fgcolor)
    }

    #[track_caller]
    fn leaves(mut self) {
        let end = Instant::now() + DEADLINE;
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().expect("the program can be asked") {
                assert_eq!(status.exit_code(), 0, "{}", self.contents());
                return;
            }
            thread::sleep(GLANCE);
        }
        panic!("it does not leave:\n{}", self.contents());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The program has already ended, unless the test failed.
        let _ = self.child.kill();
    }
}

/// A new empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("terminal").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder for tests can be made");
    folder
}

#[test]
fn a_model_is_typed_and_fitted() {
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.keys(":da\texamples/fai\t");
    terminal.line("> :data examples/faithful.csv");
    terminal.answers("", "272 rows");
    // The bracket is open, so that the text continues.
    terminal.keys("logp = -(eru\t - mu)^2/(\r");
    terminal.line(".");
    terminal.see("-(eruptions - mu)^2/(");
    terminal.answers("2*s2)", "param mu, s2");
    terminal.answers("let r = * 2", "expected");
    terminal.answers(":fot", "did you mean `:fit`?");
    terminal.answers(":data absent.csv", "cannot read `absent.csv`");
    terminal.answers(":fit", "3.487783");
    terminal.keys(CTRL_D);
    terminal.leaves();
}

#[test]
fn completion_and_hints_know_the_functions() {
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.keys("-sof\t");
    terminal.see("softplus(x)");
    terminal.see("softmax(v)");
    terminal.line("> -soft");
    terminal.keys("p\t");
    terminal.see("> -softplus(x)   ");
    terminal.cancel();
    terminal.keys("clamp(x,");
    terminal.see("clamp(x, low, high)   min(max(x, low), high)");
    terminal.cancel();
    terminal.keys(":quit\r");
    terminal.leaves();
}

#[test]
fn an_empty_line_submits_a_text_that_is_never_complete() {
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.keys("(x\r");
    terminal.line(".");
    terminal.answers("", "error");
    terminal.keys("(x\r");
    terminal.line(".");
    terminal.cancel();
    terminal.answers("-x^2/2", "logp = -x^2/2");
}

#[test]
fn a_new_user_finds_the_way() {
    let mut terminal = Terminal::open(&[]);
    terminal.see("or :data FILE; :help has more");
    terminal.prompt();
    terminal.answers("2+2", "\n4");
    terminal.answers("help undo", "note: commands begin with a colon: `:help`");
    terminal.keys("let a = 1 +\r");
    terminal.line(".");
    // Names are completed in further lines too.
    terminal.keys("sqr\t");
    terminal.line(". sqrt(x)   square root");
    terminal.cancel();
    terminal.keys("quit\r");
    terminal.leaves();
}

#[test]
fn completion_offers_arguments_of_the_command() {
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.keys(":load examples/norm\t");
    terminal.line("> :load examples/normal.energy");
    terminal.cancel();
    terminal.answers(":data examples/faithful.csv", "272 rows");
    terminal.keys(":plot \t");
    terminal.see("eruptions  waiting");
    terminal.keys("w\t");
    terminal.line("> :plot waiting");
    terminal.cancel();
    terminal.keys(":quit\r");
    terminal.leaves();
}

/// The length of the longest row on the screen after the last command.
fn longest(terminal: &Terminal) -> usize {
    let contents = terminal.contents();
    let said = contents.rsplit_once("> :").map_or("", |(_, said)| said);
    said.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or(0)
}

#[test]
fn answers_are_as_wide_as_the_terminal() {
    for columns in [60, 80, 200] {
        let mut terminal = Terminal::of(columns, &[]);
        terminal.prompt();
        terminal.answers("data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)", "logp =");
        terminal.answers(":data tests/golden/cli/numbers.csv", "12 rows");
        terminal.answers(":fit", "warning[small-sample]");
        let fit = terminal.contents();
        // A table of parameters that is too wide continues below itself.
        let pieces = fit.matches("\nparameter ").count();
        assert_eq!(pieces, if columns == 60 { 2 } else { 1 }, "{fit}");
        assert!(longest(&terminal) <= usize::from(columns), "{fit}");
        terminal.answers("mu + 1.96*sqrt(s2)", "4.487846, standard error 0.7035, 95 % interval");
        assert_eq!(terminal.contents().contains("interval 3.10908 to 5.86661"), columns > 60);
        terminal.answers(":plot", "normalised numerically");
        let width = longest(&terminal);
        assert!((usize::from(columns) - 8..=usize::from(columns)).contains(&width), "{width}");
        terminal.keys(CTRL_D);
        terminal.leaves();
    }
}

#[test]
fn the_answer_of_a_command_is_as_wide_as_the_terminal() {
    let data = "tests/golden/cli/numbers.csv";
    for (columns, pieces) in [(60, 2), (80, 1)] {
        let fit = ["fit", "-e", "normal_lpdf(x, mu, s)", data];
        let terminal = Terminal::running(columns, &fit, &[]);
        terminal.see("warning[small-sample]");
        let fit = terminal.contents();
        assert_eq!(fit.matches("\nparameter ").count(), pieces, "{fit}");
        terminal.leaves();
    }
}

/// The files of a model and of data whose fit takes minutes.
fn long_fit() -> (String, String) {
    let folder = folder("long");
    let place = |name: &str, content: String| {
        let file = folder.join(name);
        std::fs::write(&file, content).expect("the folder for tests can be written");
        let here = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&file);
        here.to_str().expect("the path is a text").to_owned()
    };
    let numbers = (0..20_000).map(|i| format!("{}\n", f64::from(i * i % 7919) / 1e3));
    let text = "data x\nparam m[4], a[4], s[4] > 0\n\
        log_sum_exp(k in 1:4, a[k] - log(s[k]) - (x - m[k])^2/(2*s[k]^2))\n";
    let data = format!("x\n{}", numbers.collect::<String>());
    (place("four.energy", text.to_owned()), place("long.csv", data))
}

#[test]
fn a_long_fit_stops_at_its_best_point() {
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    let (model, data) = long_fit();
    terminal.answers(&format!(":load {model}"), "param m[4]");
    terminal.answers(&format!(":data {data}"), "20000 rows");
    terminal.keys(":fit --starts 10000\r");
    terminal.see(" of 10000, iteration");
    terminal.keys(CTRL_C);
    // The reported reason is that of the best start, which may have ended before the interrupt.
    terminal.see("INTERRUPTED");
    terminal.prompt();
    terminal.answers(":eval", "rows        20000");
    // The best point becomes the current values, and the next fit starts from scratch.
    terminal.answers(":clear model", ">");
    terminal.answers("-(x - mu)^2/2", "param mu");
    terminal.answers(":fit", "closed form from moments");
    terminal.keys(CTRL_D);
    terminal.leaves();
}

/// A stage without progress for a long time is shown, and abandoned on an interrupt.
#[test]
fn a_long_stage_is_shown_and_abandoned() {
    let rows: String = (0..100).map(|i| format!("{},{}\n", i % 7, i * i % 11)).collect();
    let data = folder("stage").join("data.csv");
    std::fs::write(&data, format!("x1,x2\n{rows}")).expect("the folder for tests can be written");
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.answers("data x[2]; param A[20,2], B[20,20], s > 0", "param A[20,2]");
    terminal.answers("-sum(exp(s*B*tanh(B*tanh(B*tanh(A*x)))))", "param A");
    terminal.keys(&format!(":data {}\r", data.display()));
    terminal.see("100 rows");
    terminal.prompt();
    terminal.keys(":fit\r");
    terminal.see(" of 9, ");
    terminal.keys(CTRL_C);
    // On a fast machine the fit has a best point at the interrupt and reports it; elsewhere the
    // stage is abandoned.
    terminal.prompt();
    terminal.answers(":help quit", "leave; Ctrl-D");
    terminal.answers(":show model", "tanh(B*tanh(A*x))");
    terminal.keys(CTRL_D);
    terminal.leaves();
}

#[test]
fn history_is_kept_from_session_to_session() {
    let file = folder("history").join("inner/history");
    let variables = [("SCOREMATCH_HISTORY", file.to_str().expect("the path is a text"))];
    let mut first = Terminal::open(&variables);
    first.prompt();
    first.answers("-x^2/2", "logp = -x^2/2");
    first.answers(":score", "score x = -x");
    first.keys(UP);
    first.line("> :score");
    first.keys(UP);
    first.line("> -x^2/2");
    first.cancel();
    first.keys(CTRL_D);
    first.leaves();
    let mut second = Terminal::open(&variables);
    second.prompt();
    second.keys(UP);
    second.line("> :score");
    second.cancel();
    second.keys(CTRL_D);
    second.leaves();
}

#[test]
fn a_history_that_cannot_be_kept_stops_nothing() {
    let folder = folder("no-history");
    let mut terminal =
        Terminal::open(&[("SCOREMATCH_HISTORY", folder.to_str().expect("the path is a text"))]);
    terminal.see("no history is kept");
    terminal.prompt();
    terminal.answers("-x^2/2", "logp = -x^2/2");
    terminal.keys(UP);
    terminal.line("> -x^2/2");
    terminal.cancel();
    terminal.keys(CTRL_D);
    terminal.leaves();
}

#[test]
fn colours_unless_they_are_declined() {
    let mut coloured = Terminal::open(&[]);
    coloured.prompt();
    coloured.keys("x + 12");
    coloured.line("> x + 12");
    coloured.wait("colour", |terminal| terminal.colour() != Color::Default);
    let mut plain = Terminal::open(&[("NO_COLOR", "1")]);
    plain.prompt();
    plain.keys("x + 12");
    plain.line("> x + 12");
    assert_eq!(plain.colour(), Color::Default);
}

#[test]
#[ignore = "a measurement"]
fn the_first_prompt_is_quick() {
    let file = folder("prompt").join("history");
    let variables = [("SCOREMATCH_HISTORY", file.to_str().expect("the path is a text"))];
    let mut times: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            let terminal = Terminal::open(&variables);
            terminal.prompt();
            start.elapsed()
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    println!("first prompt: median {median:?}, {:?} to {:?}", times[0], times[19]);
    assert!(median < Duration::from_millis(50));
}

/// An interrupt ends the reading of a file, and not the session.
#[test]
fn an_interrupt_while_data_are_read_keeps_the_session() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let data = folder.join("long.csv");
    let rows: String = (0..100_000).map(|i| format!("{i},{i}.25,{i}e-3\n")).collect();
    let mut file = std::fs::File::create(&data).expect("the folder for tests can be written");
    file.write_all(b"x,y,z\n").expect("room for a file");
    for _ in 0..100 {
        file.write_all(rows.as_bytes()).expect("room for a file");
    }
    drop(file);
    let mut terminal = Terminal::open(&[]);
    terminal.prompt();
    terminal.answers("-(x - mu)^2/(2*s2)", "param mu, s2");
    terminal.keys(&format!(":data {}\r", data.display()));
    // Reading takes longer than this on any machine, and has begun after this time.
    thread::sleep(Duration::from_millis(150));
    let sent = Instant::now();
    terminal.keys(CTRL_C);
    terminal.see("reading was interrupted");
    let took = sent.elapsed();
    terminal.prompt();
    terminal.answers(":score", "score x = (mu - x)/s2");
    std::fs::remove_file(&data).expect("the test wrote the file");
    // The time is below 0.2 s on an idle machine.
    assert!(took < Duration::from_secs(2), "{took:?}");
}
