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
