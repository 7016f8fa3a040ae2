//! The port: accepts connections until it is stopped.

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};

use super::Limits;
use super::accounts::Accounts;
use super::http;

/// How many connections are served at the same time; others wait.
const CONNECTIONS: usize = 1024;

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
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let (accounts, limits) = (Arc::clone(&accounts), Arc::clone(&limits));
                tokio::spawn(async move {
                    serve(stream, accounts, limits).await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(RESPITE).await,
        }
    }
}

async fn serve(stream: TcpStream, accounts: Arc<Accounts>, limits: Arc<Limits>) {
    let read_timeout = limits.read_timeout;
    let answer = service_fn(move |request| {
        http::answer(Arc::clone(&accounts), Arc::clone(&limits), request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .serve_connection(TokioIo::new(stream), answer);
    // The client sees the error: a broken connection, or a reply that was lost on purpose.
    drop(connection.await);
}
