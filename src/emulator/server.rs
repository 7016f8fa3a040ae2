//! The port: accepts connections until it is stopped.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::Limits;
use super::accounts::Accounts;
use super::connections::{Connection, Connections};
use super::http;

/// The longest head of a request; a longer one gets the status 431, as do more than 100 headers.
const HEAD_BYTES: usize = 64 * 1024;

/// How much of a request that was answered before its end is read, and for how long.
const LINGER_BYTES: usize = 256 * 1024;
const LINGER: Duration = Duration::from_secs(1);

/// How long to wait if the system refuses a connection, most likely because file handles ran out.
const RESPITE: Duration = Duration::from_millis(50);

/// The runtime of the server's thread.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
}

/// Serves until the other end of `stopping` is dropped.
pub(super) async fn run(
    listener: TcpListener,
    accounts: Arc<Accounts>,
    limits: Arc<Limits>,
    stopping: oneshot::Receiver<()>,
) {
    let accepting = pin!(accept(listener, accounts, limits));
    future::select(accepting, stopping).await;
}

async fn accept(
    listener: TcpListener,
    accounts: Arc<Accounts>,
    limits: Arc<Limits>,
) -> io::Result<Infallible> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let connections = Connections::at_most(limits.connections);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = connections.admit().await;
                let (accounts, limits) = (Arc::clone(&accounts), Arc::clone(&limits));
                tokio::spawn(serve(stream, accounts, limits, connection));
                // What it has sent already is read before others can take its place.
                tokio::task::yield_now().await;
            }
            Err(_) => {
                connections.make_room();
                tokio::time::sleep(RESPITE).await;
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    accounts: Arc<Accounts>,
    limits: Arc<Limits>,
    connection: Connection,
) {
    let connection = Arc::new(connection);
    let its_own = Arc::clone(&connection);
    let read_timeout = limits.read_timeout;
    let answer = service_fn(move |request| {
        let (accounts, limits) = (Arc::clone(&accounts), Arc::clone(&limits));
        http::answer(accounts, limits, Arc::clone(&its_own), request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        // The buffer alone lets a longer head pass if its end arrives with the last piece.
        .max_buf_size(HEAD_BYTES)
        .max_header_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer)
        .without_shutdown();
    let served = async {
        // The client sees the error: a broken connection, or a reply that was lost on purpose.
        if let Ok(parts) = served.await {
            linger(parts.io.into_inner()).await;
        }
    };
    future::select(pin!(served), pin!(connection.evicted())).await;
}

/// Ends the answer, and reads on for a moment: closing a connection on which something is left to read
/// resets it, and the client may lose the answer to a request that it is still sending.
async fn linger(mut stream: TcpStream) {
    let ended = future::poll_fn(|context| Pin::new(&mut stream).poll_shutdown(context));
    if ended.await.is_err() {
        return;
    }
    let rest = async {
        let mut buffer = [0; 4096];
        let mut left = LINGER_BYTES;
        while left > 0 && stream.readable().await.is_ok() {
            match stream.try_read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => left = left.saturating_sub(length),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    };
    // Whether the client was done or time is up, the connection closes.
    drop(tokio::time::timeout(LINGER, rest).await);
}
