//! A client that sends bytes as they are: no AWS client in between.

use std::io::{ErrorKind as IoKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;
use serde_json::{Value, json};

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["__type"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

pub(crate) struct Wire {
    pub(crate) emulator: Emulator,
}

impl Wire {
    pub(crate) fn of(backend: MemoryBackend) -> Self {
        let emulator = Emulator::builder()
            .read_timeout(Duration::from_millis(300))
            .start(backend)
            .unwrap();
        Self { emulator }
    }

    pub(crate) fn sample() -> Self {
        Self::of(MemoryBackend::sample())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let address = self.emulator.endpoint().strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        stream
    }

    /// Sends bytes as they are and reads until the other side closes; `None` where it says nothing.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // The other side may hang up before it has read everything, but hang up it must.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            let waits = matches!(error.kind(), IoKind::WouldBlock | IoKind::TimedOut);
            assert!(!waits, "the connection stays open");
        }
        read(&answer)
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n", body.len());
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes).expect("an answer")
    }

    pub(crate) fn ssm_raw(&self, operation: &str, body: &[u8]) -> Answer {
        let target = format!("AmazonSSM.{operation}");
        let kind = ("Content-Type", "application/x-amz-json-1.1");
        self.send("POST", "/", &[("X-Amz-Target", &target), kind], body)
    }

    pub(crate) fn ssm(&self, operation: &str, body: &Value) -> Answer {
        self.ssm_raw(operation, body.to_string().as_bytes())
    }

    /// What an operation of Systems Manager answers; it has to succeed.
    pub(crate) fn answered(&self, operation: &str, body: &Value) -> Value {
        let answer = self.ssm(operation, body);
        assert_eq!(answer.status, 200, "{operation} {body}: {answer:?}");
        answer.json()
    }

    pub(crate) fn ec2(&self, form: &str) -> Answer {
        let kind = (
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
        self.send("POST", "/", &[kind], form.as_bytes())
    }

    pub(crate) fn quicksetup(&self, method: &str, path: &str, body: &Value) -> Answer {
        let kind = ("Content-Type", "application/json");
        self.send(method, path, &[kind], body.to_string().as_bytes())
    }

    /// The server goes on serving.
    pub(crate) fn still_serves(&self, after: &str) {
        let answer = self.ssm("GetDefaultPatchBaseline", &json!({}));
        assert_eq!(answer.status, 200, "after {after}: {answer:?}");
    }
}

pub(crate) fn read(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
