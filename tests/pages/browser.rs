//! One headless Chromium for all tests, and the pipes for its commands and answers.
//!
//! A message is JSON that ends with a zero byte. An answer has the number of its question; an event
//! has the session of its tab.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Time limit of every step.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Names of the program.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Starts Chromium with its two pipes, and removes its folder when it has ended. It ends when the
/// pipe that it reads is closed, at the latest with the tests.
const START: &str =
    r#"folder=$1; log=$2; shift 2; "$@" 3<"$folder/in" 4>"$folder/out" 2>"$log"; rm -rf "$folder""#;

/// A running Chromium.
pub struct Browser {
    questions: Mutex<(File, u64)>,
    heard: Mutex<Heard>,
    news: Condvar,
    log: PathBuf,
}

/// The messages received so far.
#[derive(Default)]
struct Heard {
    answers: HashMap<u64, Value>,
    /// Events by session.
    events: HashMap<String, Vec<Value>>,
    ended: bool,
}

/// The browser; `None` where there is no Chromium and tests may pass without one.
pub fn browser() -> Option<&'static Browser> {
    static BROWSER: OnceLock<Option<&'static Browser>> = OnceLock::new();
    let found = *BROWSER.get_or_init(|| program().map(|program| Browser::start(&program)));
    if found.is_none() {
        let must = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!must, "no Chromium was found, which CI=true demands");
        eprintln!("skipped: no Chromium was found; SCOREMATCH_CHROMIUM=PATH names one");
    }
    found
}

fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SCOREMATCH_CHROMIUM") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

impl Browser {
    fn start(program: &Path) -> &'static Self {
        let pages = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        let folder = pages.join(format!("chromium-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the folder for tests can be made");
        let made = Command::new("mkfifo").args([folder.join("in"), folder.join("out")]).status();
        assert!(made.is_ok_and(|status| status.success()), "pipes can be made");
        let log = pages.join("chromium.log");
        let mut profile = OsString::from("--user-data-dir=");
        profile.push(folder.join("profile"));
        let mut shell = Command::new("sh")
            .args(["-c", START, "sh"])
            .args([&folder, &log])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-extensions", "--hide-scrollbars"])
            .args(["--disable-background-networking", "--force-color-profile=srgb"])
            .args(["--remote-debugging-pipe", "about:blank"])
            .arg(profile)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell starts");
        thread::spawn(move || shell.wait());
        let (questions, answers) = pipes(folder);
        let browser: &'static Self = Box::leak(Box::new(Self {
            questions: Mutex::new((questions, 0)),
            heard: Mutex::default(),
            news: Condvar::new(),
            log,
        }));
        thread::spawn(|| browser.listen(answers));
        browser
    }

    /// Asks a question and waits for the answer.
    #[track_caller]
    pub fn ask(&self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        let id = self.send(session, method, &parameters);
        let mut answer = self.wait(method, |heard| heard.answers.remove(&id));
        assert!(answer.get("error").is_none(), "{method} {parameters}: {answer}");
        answer["result"].take()
    }

    fn send(&self, session: Option<&str>, method: &str, parameters: &Value) -> u64 {
        let mut questions = self.questions.lock().expect("no test panicked while it asked");
        questions.1 += 1;
        let mut message = json!({"id": questions.1, "method": method, "params": parameters});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        questions.0.write_all(&bytes).unwrap_or_else(|_| panic!("{method}: {}", self.last_words()));
        questions.1
    }

    /// The events of a session since the last call.
    pub fn events(&self, session: &str) -> Vec<Value> {
        self.heard().events.remove(session).unwrap_or_default()
    }

    /// Waits for an event; other events of the tab are kept.
    #[track_caller]
    pub fn wait_for(&self, session: &str, method: &str) {
        self.wait(method, |heard| {
            let events = heard.events.get(session)?;
            events.iter().any(|event| event["method"] == method).then_some(())
        });
    }

    #[track_caller]
    fn wait<T>(&self, what: &str, mut found: impl FnMut(&mut Heard) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut heard = self.heard();
        loop {
            if let Some(value) = found(&mut heard) {
                return value;
            }
            assert!(!heard.ended, "{what}: {}", self.last_words());
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what}: no answer from Chromium within {PATIENCE:?}");
            heard = self.news.wait_timeout(heard, left).expect("no listener panicked").0;
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        // A test that panics while it waits leaves the value valid.
        self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        format!("Chromium ended, which said\n{said}")
    }

    fn listen(&self, answers: File) {
        for message in BufReader::new(answers).split(0) {
            let Ok(message) = message else { break };
            let message = serde_json::from_slice(&message).expect("Chromium writes JSON");
            self.heard().take(message);
            self.news.notify_all();
        }
        self.heard().ended = true;
        self.news.notify_all();
    }
}

impl Heard {
    fn take(&mut self, message: Value) {
        if let Some(id) = message["id"].as_u64() {
            self.answers.insert(id, message);
        } else if let Some(session) = message["sessionId"].as_str() {
            let session = session.to_owned();
            self.events.entry(session).or_default().push(message);
        }
    }
}

/// Opens both pipes; each waits until Chromium opens its other end.
fn pipes(folder: PathBuf) -> (File, File) {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let questions = OpenOptions::new().write(true).open(folder.join("in"));
        let answers = File::open(folder.join("out"));
        sender.send((questions, answers))
    });
    let (questions, answers) =
        receiver.recv_timeout(PATIENCE).expect("Chromium opens its pipes within the time");
    (questions.expect("a pipe to write to"), answers.expect("a pipe to read from"))
}
