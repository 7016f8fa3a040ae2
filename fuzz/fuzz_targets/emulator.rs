//! Requests to the emulator, with a line `;` between them: a line with the protocol and what it calls, then the body.
//!
//! ```text
//! ssm OPERATION
//! quick-setup METHOD PATH
//! form
//! control METHOD PATH
//! ```
#![no_main]

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use aws_patch_manager::emulator::Emulator;
use libfuzzer_sys::fuzz_target;
use patch_manager_fuzz::account;

/// The most requests of an input; more only take time.
const MOST_REQUESTS: usize = 8;

const JSON: &str = "application/json";
const AWS_JSON: &str = "application/x-amz-json-1.1";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

thread_local! {
    static CLIENT: RefCell<Client> = RefCell::new(Client::start());
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    CLIENT.with_borrow_mut(|client| {
        client
            .send("POST", "/_emulator/reset", JSON, "", "")
            .expect("reset is answered");
        let mut has_faults = false;
        for request in text.split("\n;\n").take(MOST_REQUESTS) {
            let Some((method, path, kind, target, body)) = parts(request) else {
                continue;
            };
            has_faults |= path.starts_with("/_emulator/faults");
            match client.send(method, path, kind, target, body) {
                Ok(answer) => answer.check(request, kind, has_faults),
                Err(_) if has_faults => client.connect(),
                Err(error) => panic!("{error}: no answer to {request}"),
            }
        }
        client
            .send("DELETE", "/_emulator/faults", JSON, "", "")
            .expect("faults are cleared");
    });
});

/// Method, path, content type, target and body of a request; `None` if HTTP cannot say it.
fn parts(request: &str) -> Option<(&str, &str, &str, &str, &str)> {
    let (line, body) = request.split_once('\n').unwrap_or((request, ""));
    if !line
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic())
    {
        return None;
    }
    let mut words = line.split(' ');
    let protocol = words.next()?;
    let first = words.next().unwrap_or_default();
    let path = words.next().unwrap_or("/");
    let is_path = path.starts_with('/')
        && !path.contains(['#', '"', '<', '>', '`', '\\', '^', '{', '|', '}']);
    let is_method = matches!(first, "GET" | "POST" | "PUT" | "DELETE");
    match protocol {
        "ssm" => Some(("POST", "/", AWS_JSON, first, body)),
        "form" => Some(("POST", "/", FORM, "", body)),
        "quick-setup" if is_method && is_path => Some((first, path, JSON, "", body)),
        "control" if is_method && is_path && path.starts_with("/_emulator/") => {
            Some((first, path, JSON, "", body))
        }
        _ => None,
    }
}

struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn check(&self, request: &str, kind: &str, has_faults: bool) {
        let Self { status, body } = self;
        assert!(*status < 500 || has_faults, "{status} {body}\nto {request}");
        let is_json = serde_json::from_str::<serde_json::Value>(body).is_ok();
        assert!(
            is_json || kind == FORM,
            "{status} is no JSON: {body}\nto {request}"
        );
    }
}

/// An emulator in this process, and one connection to it.
struct Client {
    emulator: Emulator,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn start() -> Self {
        let emulator = Emulator::start(account()).expect("a free port");
        let stream = open(&emulator);
        Self { emulator, stream }
    }

    fn connect(&mut self) {
        self.stream = open(&self.emulator);
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        target: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n");
        if kind == AWS_JSON {
            request += &format!("X-Amz-Target: AmazonSSM.{target}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read()
    }

    fn read(&mut self) -> io::Result<Answer> {
        let (mut status, mut length, mut closes) = (None, 0, false);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                _ if line.is_empty() => break,
                None => {
                    status = line
                        .split(' ')
                        .nth(1)
                        .and_then(|status| status.parse().ok())
                }
                Some(("content-length", value)) => length = value.parse().unwrap_or_default(),
                Some(("connection", value)) => closes = value == "close",
                Some(_) => {}
            }
        }
        let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        if closes {
            self.connect();
        }
        let body = String::from_utf8(body).map_err(io::Error::other)?;
        Ok(Answer { status, body })
    }
}

fn open(emulator: &Emulator) -> BufReader<TcpStream> {
    let address = emulator.endpoint().trim_start_matches("http://");
    let stream = TcpStream::connect(address).expect("the emulator listens");
    stream.set_nodelay(true).expect("a socket");
    BufReader::new(stream)
}
