//! Calls of Systems Manager over HTTP, without an AWS client.

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::emulator::Emulator;
use serde_json::Value;

/// An emulator and the way to it.
pub(crate) struct Wire {
    pub(crate) emulator: Emulator,
}

impl Wire {
    pub(crate) fn of(backend: MemoryBackend) -> Self {
        let emulator = Emulator::start(backend).unwrap();
        Self { emulator }
    }

    /// What an operation answers; it has to succeed.
    pub(crate) fn ssm(&self, operation: &str, body: &Value) -> Value {
        let address = self.emulator.endpoint().strip_prefix("http://").unwrap();
        let body = body.to_string();
        let request = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             X-Amz-Target: AmazonSSM.{operation}\r\nContent-Type: application/x-amz-json-1.1\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 "),
            "{operation} {body}: {answer}"
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}
