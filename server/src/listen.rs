//! Takes connections and answers them until told to stop. Waits for nobody without end: not for the head of a request, not
//! for a body (see `guard`), and not for a connection that does not end when the server does.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// Connections at the same time; whoever comes then waits to be taken.
const MOST_CONNECTIONS: usize = 1_024;

/// How long to wait for others.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole head of a request, also for that of the next one on the same connection.
    pub head: Duration,
    /// For requests that are under way when the server is told to stop.
    pub finish: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // A request may take 30 s; whoever stops the server often kills it after 90.
        Self { head: Duration::from_secs(15), finish: Duration::from_secs(40) }
    }
}

/// Serves until `stop` is done, then finishes what is under way. Each request knows the address of its peer.
pub async fn serve(mut listener: TcpListener, app: Router, patience: Patience, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let connections = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            // Not the inherent method: this one sees to errors, such as too many open files, and goes on.
            (permit, Listener::accept(&mut listener).await)
        };
        let (permit, (stream, peer)) = tokio::select! {
            taken = next => taken,
            () = &mut stop => break,
        };
        let app = app.clone().map_request(move |request| known(request, peer));
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(patience.finish, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were given up");
    }
}

fn known(request: hyper::Request<Incoming>, peer: SocketAddr) -> Request {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;

    /// A server, its address, and what stops it.
    async fn started(patience: Patience) -> (tokio::task::JoinHandle<()>, SocketAddr, oneshot::Sender<()>) {
        let app = Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
            .route("/never", get(std::future::pending::<()>));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, app, patience, async {
            let _ = stopped.await;
        }));
        (server, addr, stop)
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_given_up() {
        let patience = Patience { head: Duration::from_millis(50), finish: Duration::from_secs(60) };
        let (server, addr, stop) = started(patience).await;
        let mut slow = TcpStream::connect(addr).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost: sluice.example\r\nX-Slow: ").await.unwrap();
        let mut answer = Vec::new();
        // Ends because the server ends it; the client would wait for ever.
        let _ = slow.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
        drop(stop);
        server.await.unwrap();
    }

    #[tokio::test]
    async fn each_request_knows_its_peer() {
        let (_server, addr, _stop) = started(Patience::default()).await;
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");
    }

    #[tokio::test]
    async fn a_request_that_does_not_end_does_not_keep_the_server() {
        let patience = Patience { head: Duration::from_secs(60), finish: Duration::from_millis(50) };
        let (server, addr, stop) = started(patience).await;
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        drop(stop);
        server.await.unwrap();
        assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
    }
}
