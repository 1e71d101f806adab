//! A tab of the browser: its page, and the events in it.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{Browser, PATIENCE, browser};

/// The screen and the preferences of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// In CSS pixels.
    pub width: u32,
    pub is_dark: bool,
    /// Whether reduced motion is preferred.
    pub is_calm: bool,
}

/// A wide, light screen with reduced motion.
pub const WIDE: Screen = Screen { width: 1280, is_dark: false, is_calm: true };

/// A tab, which shows one page at a time.
pub struct Tab {
    browser: &'static Browser,
    target: String,
    session: String,
    /// The address of the page.
    url: String,
}

impl Tab {
    /// A new tab; `None` where there is no browser.
    pub fn new(screen: Screen) -> Option<Self> {
        let browser = browser()?;
        let made = browser.ask(None, "Target.createTarget", json!({"url": "about:blank"}));
        let target = text(&made["targetId"]);
        let attach = json!({"targetId": target, "flatten": true});
        let session = text(&browser.ask(None, "Target.attachToTarget", attach)["sessionId"]);
        let tab = Self { browser, target, session, url: String::new() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.ask(&format!("{domain}.enable"), json!({}));
        }
        tab.set(screen);
        Some(tab)
    }

    #[track_caller]
    pub fn ask(&self, method: &str, parameters: Value) -> Value {
        self.browser.ask(Some(&self.session), method, parameters)
    }

    pub fn set(&self, screen: Screen) {
        let Screen { width, is_dark, is_calm } = screen;
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", metrics);
        let scheme = if is_dark { "dark" } else { "light" };
        let motion = if is_calm { "reduce" } else { "no-preference" };
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]);
        self.ask("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Loads a file and waits until it is complete.
    #[track_caller]
    pub fn load(&mut self, path: &str) {
        self.url = address(path);
        self.browser.events(&self.session);
        let navigated = self.ask("Page.navigate", json!({"url": self.url}));
        assert!(navigated.get("errorText").is_none(), "{path}: {navigated}");
        self.browser.wait_for(&self.session, "Page.loadEventFired");
    }

    /// Errors of scripts, of the console and of the page since it was loaded, and its requests for
    /// anything but itself.
    pub fn faults(&self) -> Vec<String> {
        // This answer comes after all events before it.
        self.value("0");
        let events = self.browser.events(&self.session);
        events.iter().filter(|event| self.is_fault(event)).map(Value::to_string).collect()
    }

    fn is_fault(&self, event: &Value) -> bool {
        let what = &event["params"];
        match event["method"].as_str().expect("an event has a name") {
            "Runtime.exceptionThrown" => true,
            "Runtime.consoleAPICalled" => true,
            "Log.entryAdded" => what["entry"]["level"] != "verbose",
            "Network.requestWillBeSent" => what["request"]["url"] != self.url.as_str(),
            _ => false,
        }
    }

    /// The value of an expression in the page; of a promise, the value that it resolves to.
    #[track_caller]
    pub fn value(&self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.ask("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    #[track_caller]
    pub fn text(&self, expression: &str) -> String {
        text(&self.value(expression))
    }

    #[track_caller]
    pub fn number(&self, expression: &str) -> f64 {
        let value = self.value(expression);
        value.as_f64().unwrap_or_else(|| panic!("{expression} is {value}"))
    }

    #[track_caller]
    pub fn texts(&self, expression: &str) -> Vec<String> {
        self.value(expression).as_array().expect("a list").iter().map(text).collect()
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub fn until(&self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        while self.value(expression) != Value::Bool(true) {
            assert!(Instant::now() < end, "{expression} is not true after {PATIENCE:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks in the middle of an element.
    pub fn click(&self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const box = document.querySelector({selector:?}).getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left",
                "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses a key, given by its name, its code and the text that it types.
    pub fn press(&self, key: &str, code: u32, writes: &str) {
        let down = if writes.is_empty() { "rawKeyDown" } else { "keyDown" };
        let event = |kind: &str| {
            json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyDown" { writes } else { "" }})
        };
        self.ask("Input.dispatchKeyEvent", event(down));
        self.ask("Input.dispatchKeyEvent", event("keyUp"));
    }

    /// Saves a screenshot of the whole page if `SCOREMATCH_SHOTS` is set.
    pub fn shoot(&self, name: &str) {
        let Some(folder) = std::env::var_os("SCOREMATCH_SHOTS") else { return };
        fs::create_dir_all(&folder).expect("the folder of pictures can be made");
        let height = self.number("document.documentElement.scrollHeight");
        let width = self.number("innerWidth");
        let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
        let asked = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let shot = self.ask("Page.captureScreenshot", asked);
        let bytes = base64(shot["data"].as_str().expect("a picture as text"));
        fs::write(Path::new(&folder).join(name), bytes).expect("a picture can be written");
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.browser.ask(None, "Target.closeTarget", json!({"targetId": self.target}));
        }
    }
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The URL of a file, with special bytes of its path percent-encoded.
pub fn address(path: &str) -> String {
    let mut address = String::from("file://");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

/// The bytes of a text in base 64.
fn base64(text: &str) -> Vec<u8> {
    let sixth = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        held = held << 6 | u32::from(sixth(letter));
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}
