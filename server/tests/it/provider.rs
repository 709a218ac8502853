//! A provider of sign-in as there are others: on a port of its own, with discovery, keys, codes and signed tokens. It signs
//! whoever comes in as one person at once, and can be made to say what it should not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use server::config::OidcSettings;
use server::router::AppState;
use service::ports::Clock as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::database::FakeClock;
use crate::site::{Answer, Browser, HOST, Site};

const CLIENT: &str = "sluice";
const SECRET: &str = "kept by both";

/// What a browser says when a link or a redirect of another site leads here.
const FROM_ELSEWHERE: [(&str, &str); 3] =
    [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

type Fields = HashMap<String, String>;

#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    /// What it does from now on.
    pub(crate) does: Arc<Mutex<Does>>,
    running: JoinHandle<()>,
}

#[derive(Debug)]
pub(crate) struct Does {
    clock: FakeClock,
    /// Claims of the next ID tokens, over those that it makes itself; null takes one away.
    pub(crate) claims: Value,
    /// The error with which it sends people back instead of a code.
    pub(crate) refuses: Option<&'static str>,
    /// The issuer in its discovery document instead of its own.
    pub(crate) calls_itself: Option<&'static str>,
    /// Whether it signs with a key that it does not tell of.
    pub(crate) forges: bool,
    /// The header of the next ID tokens instead of its own.
    pub(crate) header: Option<Value>,
    /// Requests at the authorization endpoint, newest last.
    pub(crate) asked: Vec<Fields>,
    codes: HashMap<String, Fields>,
    keys: Vec<EcdsaKeyPair>,
}

fn key() -> EcdsaKeyPair {
    let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let made = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).unwrap()
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let does = Arc::new(Mutex::new(Does {
            clock: FakeClock::default(),
            claims: json!({}),
            refuses: None,
            calls_itself: None,
            forges: false,
            header: None,
            asked: Vec::new(),
            codes: HashMap::new(),
            keys: vec![key()],
        }));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state((issuer.clone(), Arc::clone(&does)));
        let running = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { issuer, does, running }
    }

    pub(crate) fn settings(&self) -> OidcSettings {
        OidcSettings {
            issuer: self.issuer.clone(),
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned(),
            name: "Example".to_owned(),
            public_url: format!("http://{HOST}"),
        }
    }

    /// Has sign-in handed to it.
    pub(crate) fn hand(&self, state: AppState) -> AppState {
        AppState { oidc: Some(Arc::new(server::oidc::Provider::new(self.settings()).unwrap())), ..state }
    }

    /// The demo with this provider, and with one clock for both.
    pub(crate) async fn site(&self) -> Site {
        let site = Site::demo_with(|state| self.hand(state)).await;
        self.does.lock().unwrap().clock = site.clock.clone();
        site
    }

    /// Lets the next ones be signed in as this person, with a verified address.
    pub(crate) fn knows(&self, subject: &str, email: &str) {
        self.claims(json!({ "sub": subject, "email": email, "email_verified": true }));
    }

    pub(crate) fn claims(&self, claims: Value) {
        self.does.lock().unwrap().claims = claims;
    }

    /// Signs with another key from now on; the former is gone.
    pub(crate) fn changes_its_key(&self) {
        self.does.lock().unwrap().keys.push(key());
    }

    pub(crate) async fn stops(&mut self) {
        self.running.abort();
        let _ = (&mut self.running).await;
    }

    /// What it was asked for last.
    pub(crate) fn last_asked(&self) -> Fields {
        self.does.lock().unwrap().asked.last().unwrap().clone()
    }
}

type Shared = State<(String, Arc<Mutex<Does>>)>;

async fn discovery(State((issuer, does)): Shared) -> Json<Value> {
    Json(json!({
        "issuer": does.lock().unwrap().calls_itself.unwrap_or(&issuer),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(State((_, does)): Shared) -> Json<Value> {
    let does = does.lock().unwrap();
    let point = does.keys.last().unwrap().public_key().as_ref();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    let kid = does.keys.len().to_string();
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": x, "y": y }] }))
}

async fn authorize(State((_, does)): Shared, Query(asked): Query<Fields>) -> Response {
    let mut does = does.lock().unwrap();
    let back = &asked["redirect_uri"];
    let fine = asked["client_id"] == CLIENT
        && *back == format!("http://{HOST}/sign-in/oidc/callback")
        && asked["response_type"] == "code"
        && asked["scope"].split(' ').any(|scope| scope == "openid")
        && asked.get("code_challenge_method").is_some_and(|method| method == "S256");
    if !fine {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let answer = match does.refuses {
        Some(error) => format!("error={error}&error_description=Not+today"),
        None => format!("code=code-{}", does.asked.len()),
    };
    let to = format!("{back}?{answer}&state={}", asked["state"]);
    let code = format!("code-{}", does.asked.len());
    does.codes.insert(code, asked.clone());
    does.asked.push(asked);
    Redirect::to(&to).into_response()
}

async fn token(State((issuer, does)): Shared, headers: HeaderMap, Form(form): Form<Fields>) -> Response {
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let mut does = does.lock().unwrap();
    let secret = SECRET.replace(' ', "+");
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|sent| *sent != basic) {
        return refuse("invalid_client");
    }
    // A code works once, for the page that asked, and for whoever knows what its challenge was made from.
    let Some(asked) = form.get("code").and_then(|code| does.codes.remove(code)) else { return refuse("invalid_grant") };
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    let challenge = base64url(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refuse("invalid_grant");
    }
    let now = does.clock.now().micros() / 1_000_000;
    let mut claims = json!({ "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"] });
    if asked.contains_key("max_age") {
        claims["auth_time"] = json!(now);
    }
    for (name, value) in does.claims.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let own = json!({ "alg": "ES256", "kid": does.keys.len().to_string() });
    let head = does.header.clone().unwrap_or(own);
    let signed = format!("{}.{}", base64url(head.to_string()), base64url(claims.to_string()));
    let foreign = key();
    let signer = if does.forges { &foreign } else { does.keys.last().unwrap() };
    let signature = match head["alg"].as_str() {
        Some("none") => String::new(),
        // With the secret that both have as the key.
        Some("HS256") => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            base64url(ring::hmac::sign(&key, signed.as_bytes()))
        }
        _ => base64url(signer.sign(&SystemRandom::new(), signed.as_bytes()).unwrap()),
    };
    let token = format!("{signed}.{signature}");
    Json(json!({ "access_token": "none", "token_type": "Bearer", "expires_in": 60, "id_token": token })).into_response()
}

/// The address of the provider to which a page leads on.
pub(crate) fn leads_to(page: &Answer) -> String {
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    page.header("refresh").strip_prefix("0;url=").unwrap().to_owned()
}

/// The address here to which the provider leads back: a path with a query.
pub(crate) async fn at_the_provider(address: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let answer = http.get(address).send().await.unwrap();
    assert_eq!(answer.status(), 303, "{address}");
    let back = answer.headers()["location"].to_str().unwrap();
    back.strip_prefix(&format!("http://{HOST}")).unwrap().to_owned()
}

/// Comes back as a browser does that another site leads here.
pub(crate) async fn come_back(browser: &mut Browser, path: &str) -> Answer {
    let request = FROM_ELSEWHERE
        .iter()
        .fold(axum::http::Request::get(path), |request, (name, value)| request.header(*name, *value));
    browser.send(request.body(axum::body::Body::empty()).unwrap()).await
}

/// There and back from a form here.
pub(crate) async fn visit(browser: &mut Browser, form: &str, fields: &str) -> Answer {
    let page = browser.post(form, fields).await;
    let back = at_the_provider(&leads_to(&page)).await;
    come_back(browser, &back).await
}
