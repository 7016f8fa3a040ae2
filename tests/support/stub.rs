//! A server on a loopback socket that sends the answers of a test.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// One answer.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A whole answer of this status and body.
    Whole(u16, String),
    /// A header that announces more than arrives before the connection closes.
    Truncated,
    /// Nothing: the connection closes.
    Closed,
}

impl Reply {
    pub(crate) const REQUEST_ID: &'static str = "5f1d6a3e-0000-4000-8000-000000000001";

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::Whole(status, body.to_string())
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(
            status,
            json!({"__type": code, "Message": message, "message": message}),
        )
    }
}

/// One request as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn operation(&self) -> &str {
        self.target.trim_start_matches("AmazonSSM.")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

type Answer = dyn Fn(&Request, &[Request]) -> Reply + Send + Sync;

struct Shared {
    answer: Box<Answer>,
    requests: Mutex<Vec<Request>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    connections: AtomicUsize,
    delay: Duration,
    stopped: AtomicBool,
}

/// The server; it stops when dropped.
pub(crate) struct Stub {
    endpoint: String,
    shared: Arc<Shared>,
}

impl Stub {
    /// Sends this answer to every request.
    pub(crate) fn always(reply: Reply) -> Self {
        Self::slow(reply, Duration::ZERO)
    }

    /// Sends this answer to every request, after a while.
    pub(crate) fn slow(reply: Reply, delay: Duration) -> Self {
        Self::start(Box::new(move |_, _| reply.clone()), delay)
    }

    /// Answers each request with the next of these, and later ones with the last.
    pub(crate) fn script(replies: Vec<Reply>) -> Self {
        Self::answering(move |_, seen| replies[seen.len().min(replies.len() - 1)].clone())
    }

    /// Answers a request depending on those before it.
    pub(crate) fn answering(
        answer: impl Fn(&Request, &[Request]) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Box::new(answer), Duration::ZERO)
    }

    fn start(answer: Box<Answer>, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            answer,
            requests: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            delay,
            stopped: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                shared.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { endpoint, shared }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let address = self.endpoint.trim_start_matches("http://");
        let _ = TcpStream::connect(address);
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        while let Some(request) = read(&mut stream) {
            let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_at_once.fetch_max(now, Ordering::SeqCst);
            std::thread::sleep(self.delay);
            let reply = {
                let mut requests = self.requests.lock().unwrap();
                let reply = (self.answer)(&request, &requests);
                requests.push(request);
                reply
            };
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            let keep = match reply {
                Reply::Whole(status, body) => {
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: {}\r\ncontent-length: {}\r\n\r\n",
                        Reply::REQUEST_ID,
                        body.len()
                    );
                    stream.write_all((head + &body).as_bytes()).is_ok()
                }
                Reply::Truncated => {
                    let _ =
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"Base");
                    false
                }
                Reply::Closed => false,
            };
            if !keep {
                return;
            }
        }
    }
}

fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Request {
        target: header("x-amz-target").unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
