//! Names and texts with markup and control characters, which must be shown as text.

use serde_json::{Value, json};

use crate::look::{faults, file, made, none};
use crate::run::run_with;
use crate::tab::{Tab, WIDE};

/// Markup that names in backquotes may contain.
const NAME: &str = "<script>alert(1)</script>";
const SCALE: &str = "\"]]>&amp;'$x$</title></style><!--";
const LONG: &str = "a location as long as that";
/// A column may also contain an escape sequence and a mark that reverses the direction of text.
const COLUMN: &str = "$<img src=x onerror=alert(1)>$\u{1b}[31m\u{202e}]]>&lt;\u{7}</script>";

/// A model, its data, and the option that maps columns to names. The names of the
/// files contain markup too.
struct Subject {
    model: String,
    data: String,
    map: String,
}

fn subject(name: &str, [location, scale, column]: [&str; 3], file_name: &str) -> Subject {
    let text = format!(
        "# </script></code></pre><svg onload=alert(1)> {scale} \u{202e}]]>\n\
         data x\nparam `{location}`, `{scale}` > 0\n\
         logp = -(x - `{location}`)^2/(2*`{scale}`)\n"
    );
    let rows = "1\n2\n2.5\n-1\n0\n4\n3\n1.5\n0.5\n2\n1\n0.7\n";
    let table = format!("\"{}\"\n{rows}", column.replace('"', "\"\""));
    Subject {
        model: file(&format!("{name}{file_name}.energy"), text),
        data: file(&format!("{name}{file_name}.csv"), table),
        map: format!("x={column}"),
    }
}

/// Names without markup, as long as the hostile ones.
fn harmless(name: &str) -> Subject {
    subject(name, [LONG, "the scale of it", "a column of a table"], "")
}

fn hostile(name: &str) -> Subject {
    subject(name, [NAME, SCALE, COLUMN], "<img src=x onerror=alert(1)>&\"'")
}

impl Subject {
    fn drawn(&self, command: &str, options: &[&str], name: &str) -> String {
        let Self { model, data, map } = self;
        made(&[&[command, model, data, "--map", map], options].concat(), name)
    }
}

/// The names of all elements and of their attributes, each once.
const KINDS: &str = "[...new Set([...document.querySelectorAll('*')].flatMap((element) => \
    [element.localName, ...element.getAttributeNames().map((name) => '@' + name)]))].sort()";

const SCRIPTS: &str = "document.scripts.length";

/// Whether a character has an effect on a terminal instead of being shown.
fn acts(letter: char) -> bool {
    letter != '\n' && letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks that a page of hostile text has the kinds of elements of a page of harmless text, and
/// shows the text.
fn shows_text(tab: &mut Tab, [page, harmless]: [&str; 2], least: [u64; 3]) {
    tab.load(harmless);
    let kinds = tab.value(KINDS);
    none(&faults(tab, page, least));
    assert_eq!(tab.value(KINDS), kinds, "{page}");
    let text = tab.text("document.title + document.body.innerText");
    for part in
        [NAME, "<img src=x onerror=alert(1)>", "</script></code></pre><svg onload=alert(1)>"]
    {
        assert!(text.contains(part), "{part} is not seen in\n{text}");
    }
    let whole = tab.text("document.documentElement.textContent");
    assert!(!whole.contains(acts), "{page} holds what acts");
    assert_eq!(tab.value("window.hit"), Value::Null);
}

#[test]
fn a_report_shows_hostile_text_as_text() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let page = hostile("report").drawn("report", &[], "hostile-report.html");
    let harmless = harmless("plain-report").drawn("report", &[], "plain.html");
    shows_text(&mut tab, [&page, &harmless], [3, 2, 3]);
    assert_eq!(tab.number(SCRIPTS), 0.0);
}

#[test]
fn a_film_shows_hostile_text_as_text() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let over = |name: &str| format!("{name}=-1..3");
    let film = |subject: Subject, name: &str, page: &str| {
        subject.drawn("animate", &["--frames", "8", "--over", &over(name)], page)
    };
    let page = film(hostile("film"), NAME, "hostile-film.html");
    let harmless = film(harmless("plain-film"), LONG, "plain-film.html");
    shows_text(&mut tab, [&page, &harmless], [0, 2, 3]);
    assert_eq!(tab.number(SCRIPTS), 2.0, "the frames and the script");
    let data = "JSON.parse(document.getElementById('film').textContent).parameter";
    assert_eq!(tab.text(data), NAME);
    let words = tab.text("document.getElementById('slider').getAttribute('aria-valuetext')");
    assert!(words.starts_with(NAME), "{words}");
}

#[test]
fn pictures_of_hostile_text_are_xml() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let subject = hostile("picture");
    let over = format!("{NAME}=-1..3");
    let svgs = [
        subject.drawn("plot", &[], "hostile-plot.svg"),
        subject.drawn("animate", &["--frames", "4", "--over", &over], "hostile-film.svg"),
    ];
    for svg in svgs {
        let text = std::fs::read_to_string(&svg).expect("a picture");
        assert!(!text.contains(acts), "{svg} holds what acts");
        tab.load(&svg);
        assert_eq!(tab.text("document.documentElement.localName"), "svg", "{svg}");
        let acting = "document.querySelectorAll('parsererror, script, img, image, foreignObject, \
            [onerror], [onload], [href]').length";
        assert_eq!(tab.number(acting), 0.0, "{svg}");
        let seen = tab.text("document.documentElement.textContent");
        assert!(seen.contains("$<img src=x onerror=alert(1)>$"), "{seen}");
        assert_eq!(tab.faults(), [""; 0], "{svg}");
    }
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let Subject { model, data, map } = hostile("terminal");
    let fit = run_with(&["fit", &model, &data, "--map", &map], b"").expect(0);
    let session =
        format!(":load {model:?}\n:data {data:?} --map {map:?}\n:fit\n:plot\n:plot x\n:show\n");
    let session = run_with(&[], session.as_bytes());
    for text in [fit.stdout, fit.stderr, session.stdout, session.stderr] {
        let found: Vec<&str> = text.lines().filter(|line| line.contains(acts)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

/// Loads that a page must not be able to make, as scripts whose value is true
/// where the load was prevented.
const ATTEMPTS: [(&str, &str); 4] = [
    ("img-src", "new Image().src = 'http://127.0.0.1:9/'"),
    ("connect-src", "fetch('http://127.0.0.1:9/').catch(() => {})"),
    (
        "style-src",
        "document.head.append(Object.assign(document.createElement('link'), \
        {rel: 'stylesheet', href: 'http://127.0.0.1:9/'}))",
    ),
    (
        "script-src",
        "document.body.append(Object.assign(document.createElement('script'), \
        {textContent: 'window.hit = 1'}))",
    ),
];

#[test]
fn the_policy_of_a_page_forbids_every_load() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    let subject = harmless("policy");
    let report = subject.drawn("report", &[], "policy-report.html");
    let over = format!("{LONG}=-1..3");
    let film = subject.drawn("animate", &["--frames", "3", "--over", &over], "policy-film.html");
    for page in [report, film] {
        tab.load(&page);
        tab.ask("Network.setCacheDisabled", json!({"cacheDisabled": true}));
        for (directive, attempt) in ATTEMPTS {
            let violated = tab.text(&format!(
                "new Promise((tell) => {{ \
                 document.addEventListener('securitypolicyviolation', \
                 (event) => tell(event.effectiveDirective), {{once: true}}); \
                 setTimeout(() => tell('nothing'), 5000); {attempt}; }})"
            ));
            assert!(violated.starts_with(directive), "{page}: {attempt}: {violated}");
        }
        assert_eq!(tab.value("window.hit === undefined"), Value::Bool(true), "{page}");
    }
}
