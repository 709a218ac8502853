//! The whole site in process, and browsers to visit it with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use leptos::config::LeptosOptions;
use policy::Setting;
use server::clock::SystemClock;
use server::limits::{Limits, Quota, Quotas};
use server::router::{AppState, router};
use service::access::{OrgAdmin, Via, Who, operator, org_admin};
use service::data_plane::{Region, Regions};
use service::hooks;
use service::ingest::{self, Arriving, Batch};
use service::jobs::work_one;
use service::keys::{self, Scope, Wanted};
use service::model::{Account, Knowledge, Snapshot};
use service::settings::change::{Outcome, Wish, change};
use service::sign_in::Passwords;
use service::support::{self, Support};
use service::uploads::Purpose;
use service::vault::MasterKey;
use service::withdrawal::reconcile;
use service::{Sluice, demo};
use store::{DataPlaneDatabase, Database, KeyDatabase};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

use crate::database::{FakeClock, regions, sqlite_url};
use crate::html;

/// What a browser sends with a form of the site itself.
pub(crate) const OWN_PAGE: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Where the site seems to be.
pub(crate) const HOST: &str = "sluice.example";

const MANY: Quota = Quota { at_once: 1_000_000, every: Duration::from_secs(1) };

#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) sluice: Sluice,
    pub(crate) database: Database,
    pub(crate) clock: FakeClock,
    pub(crate) limits: Arc<Limits>,
    /// A file of items and one of people that are held, once a test has asked for them.
    pub(crate) upload: OnceCell<String>,
    pub(crate) import: OnceCell<String>,
    router: Router,
    folder: Option<TempDir>,
}

impl Site {
    /// The demo in an SQLite file of its own.
    pub(crate) async fn demo() -> Self {
        Self::demo_with(|state| state).await
    }

    /// The same with a server that is set up in another way.
    pub(crate) async fn demo_with(adjust: impl FnOnce(AppState) -> AppState) -> Self {
        let folder = TempDir::new().unwrap();
        let url = sqlite_url(&folder);
        let site = Self::with(&url, false, adjust).await;
        demo::seed(&site.sluice).await.unwrap();
        Self { folder: Some(folder), ..site }
    }

    /// The same where the database of a region cannot be reached.
    pub(crate) async fn demo_without_region(id: &str) -> Self {
        let nowhere = "postgres://nobody@127.0.0.1:1/none";
        let down = Region {
            id: id.to_owned(),
            plane: DataPlaneDatabase::open(nowhere).unwrap().plane,
            keys: KeyDatabase::open(nowhere).unwrap().keys,
        };
        Self::demo_with(|mut state| {
            let mut regions = (*state.sluice.regions.0).clone();
            regions.insert(id.to_owned(), down);
            state.sluice.regions = Regions(Arc::new(regions));
            state
        })
        .await
    }

    /// An empty database.
    pub(crate) async fn open(url: &str, secure: bool) -> Self {
        Self::with(url, secure, |state| state).await
    }

    /// An empty database, and a server that is set up in another way.
    pub(crate) async fn with(url: &str, secure: bool, adjust: impl FnOnce(AppState) -> AppState) -> Self {
        let clock = FakeClock::default();
        // Sessions are dated by the machine's clock, so they are looked up by it; the settings live in the test's time.
        let database = Database::open(url, Arc::new(SystemClock)).await.unwrap();
        database.migrate().await.unwrap();
        let sluice = Sluice {
            store: Arc::clone(&database.control_plane),
            catalogues: service::Catalogues::built_in().unwrap(),
            clock: Arc::new(clock.clone()),
            uploads: Default::default(),
            signer: Arc::new(
                audit::SigningKey::of_seed("sluice", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap(),
            ),
            regions: regions(url),
            master: Arc::new(MasterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap()),
            engines: Default::default(),
            reading: Default::default(),
        };
        let state = AppState {
            sluice: sluice.clone(),
            database: database.clone(),
            passwords: Passwords::new(2).unwrap(),
            oidc: None,
            assets: LeptosOptions::builder()
                .output_name("sluice")
                .site_root(concat!(env!("CARGO_MANIFEST_DIR"), "/../app/public"))
                .site_pkg_dir("pkg")
                .build(),
            origin: None,
            proxies: Default::default(),
            metrics: Default::default(),
            // What one test does within one standing moment is more than people do.
            limits: Arc::new(Limits::new(Quotas {
                sign_ins_of_account: MANY,
                sign_ins_of_client: MANY,
                changes_of_client: MANY,
                requests_of_key: MANY,
                refused_of_client: MANY,
                shows_of_client: MANY,
            })),
        };
        let state = adjust(state);
        let limits = Arc::clone(&state.limits);
        let (upload, import) = (OnceCell::new(), OnceCell::new());
        Self { sluice, database, clock, limits, upload, import, router: router(state, secure), folder: None }
    }

    /// Where the database of [`Site::demo`] is.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(crate) fn anonymous(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// Signed in with one click as the account of the demo whose address ends so: `@large.example`, `robin.castellan@…`.
    pub(crate) async fn signed_in(&self, email: &str) -> Browser {
        let account = self.account(email).await;
        let mut browser = self.anonymous();
        let answer = browser.post("/sign-in/demo", &format!("account={}", account.id)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{email}");
        browser
    }

    /// The demo's admin of an organisation.
    pub(crate) async fn admin(&self, slug: &str) -> Browser {
        self.signed_in(&format!("@{slug}.example")).await
    }

    pub(crate) async fn support(&self) -> Browser {
        self.signed_in("robin.castellan@vendor.example").await
    }

    pub(crate) async fn account(&self, email: &str) -> Account {
        let accounts = self.sluice.store.all_accounts().await.unwrap();
        accounts.into_iter().find(|account| account.email.ends_with(email)).unwrap()
    }

    pub(crate) async fn org_admin(&self, slug: &str) -> OrgAdmin {
        let account = self.account(&format!("@{slug}.example")).await;
        org_admin(self.sluice.store.as_ref(), Who { account, via: Via::command_line() }, slug).await.unwrap()
    }

    /// A look that support has open at an organisation. Its id.
    pub(crate) async fn open_review(&self, slug: &str) -> String {
        let account = self.account("robin.castellan@vendor.example").await;
        let support = Support::of(Who { account, via: Via::command_line() }).unwrap();
        support::enter(&self.sluice, &support, slug, Some(service::model::Purpose::Question), "CS-1").await.unwrap().id
    }

    /// The id of a removal of the organisation that is finished: something was contributed, its space was turned off, and the
    /// job was done.
    pub(crate) async fn finished_removal(&self, slug: &str) -> String {
        let org = self.sluice.store.organisation(slug).await.unwrap().unwrap();
        let region = self.sluice.regions.get("eu").unwrap();
        let finished = async || {
            let all = region.plane.withdrawals(&org.id, 10).await.unwrap();
            all.into_iter().find(|one| one.receipt.is_some()).map(|one| one.id)
        };
        if let Some(id) = finished().await {
            return id;
        }
        self.contribute(slug, "MOBILE", 2).await;
        let mobile: Setting = "space:jira/MOBILE".parse().unwrap();
        let off = Wish::Set { to: Some(false), settings: vec![mobile] };
        change(&self.sluice, &self.org_admin(slug).await, &off, i64::MAX).await.unwrap();
        self.remove(slug).await;
        finished().await.unwrap()
    }

    /// Sends some work items of a space, as whoever runs the machine does.
    pub(crate) async fn contribute(&self, slug: &str, space: &str, items: usize) -> ingest::Answer {
        let operator = operator(self.sluice.store.as_ref(), slug).await.unwrap();
        let issues = (0..items).map(|at| {
            let text = format!("Ask Abena Sarpong, asarpong@quay.example, about heron {at}.");
            let fields = serde_json::json!({ "summary": "One heron too many", "description": text, "project": { "key": space } });
            serde_json::json!({ "id": format!("{space}{at}"), "key": format!("{space}-{at}"), "fields": fields })
        });
        let file = serde_json::to_vec(&serde_json::json!({ "issues": issues.collect::<Vec<_>>() })).unwrap();
        let export = deidentify::Export::read(&file).unwrap();
        let batch = Batch {
            key: None,
            body_hash: ingest::body_hash(&file),
            arriving: export.items().map(|item| Arriving::Item(item.unwrap())).collect(),
            told_at: None,
            progress: None,
        };
        ingest::batch(&self.sluice, &operator, batch).await.unwrap()
    }

    /// Begins what has to be withdrawn, as the worker does.
    pub(crate) async fn begin_removal(&self, slug: &str) {
        let org = self.sluice.store.organisation(slug).await.unwrap().unwrap();
        let region = self.sluice.regions.get("eu").unwrap();
        assert!(reconcile(&self.sluice, region, &org).await.unwrap());
    }

    /// Begins what has to be withdrawn and does it, as the worker does.
    pub(crate) async fn remove(&self, slug: &str) {
        self.begin_removal(slug).await;
        let region = self.sluice.regions.get("eu").unwrap();
        while work_one(&self.sluice, region, "test").await.unwrap() {}
    }

    /// What stands in the link of an invitation of somebody new, made just now.
    pub(crate) async fn invitation(&self, slug: &str) -> String {
        let address = format!("{}@quay.example", uuid::Uuid::now_v7().simple());
        let admin = self.org_admin(slug).await;
        service::invitations::invite(&self.sluice, &admin, &address, Some(service::model::Role::Member)).await.unwrap()
    }

    /// A file that is held for the demo's admin of an organisation.
    pub(crate) async fn held(&self, slug: &str, purpose: Purpose, file: &[u8]) -> String {
        let admin = self.org_admin(slug).await;
        self.sluice.uploads.hold(self.sluice.now(), &admin, purpose, "held.json".to_owned(), file.to_vec())
    }

    /// Terms as they stand, and how often they and the people changed.
    pub(crate) async fn knowledge(&self, slug: &str) -> Knowledge {
        let org = self.sluice.store.organisation(slug).await.unwrap().unwrap();
        self.sluice.store.knowledge(&org.id).await.unwrap()
    }

    pub(crate) async fn snapshot(&self, slug: &str) -> Snapshot {
        let org = self.sluice.store.organisation(slug).await.unwrap().unwrap();
        self.sluice.store.snapshot(&org.id).await.unwrap().unwrap()
    }

    pub(crate) async fn chosen(&self, slug: &str, setting: &str) -> Option<bool> {
        self.snapshot(slug).await.state.chosen(&setting.parse().unwrap()).map(|chosen| chosen.on)
    }

    /// A key that the organisation's admin made just now, past the pages. Its id.
    pub(crate) async fn fresh_key(&self, slug: &str) -> String {
        let wanted = Wanted { name: "Fresh".to_owned(), scopes: vec![Scope::Read], days: 1, proved: true };
        keys::create(&self.sluice, &self.org_admin(slug).await, &wanted).await.unwrap().1.id
    }

    /// The same of a webhook.
    pub(crate) async fn fresh_webhook(&self, slug: &str) -> String {
        hooks::create(&self.sluice, &self.org_admin(slug).await, "Fresh", true).await.unwrap().1.id
    }

    /// A change by the organisation's admin just now, past the pages: `HR` of Jira off, or its entry removed. Its id.
    pub(crate) async fn fresh_change(&self, slug: &str) -> String {
        let admin = self.org_admin(slug).await;
        let hr: Setting = "space:jira/HR".parse().unwrap();
        let to = if self.snapshot(slug).await.state.chosen(&hr).is_some() { None } else { Some(false) };
        let wish = Wish::Set { to, settings: vec![hr] };
        match change(&self.sluice, &admin, &wish, i64::MAX).await.unwrap() {
            Outcome::Changed { change_id } => change_id,
            Outcome::Unchanged => panic!("it is toggled"),
        }
    }
}

/// A browser: it keeps its cookies.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A download as it is.
    pub(crate) async fn get_bytes(&mut self, path: &str) -> Vec<u8> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.bytes
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form of the site, encoded as forms are: `to=off&target=space:jira/HR`.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.post_raw(path, &[OWN_PAGE, FORM], form.to_owned()).await
    }

    /// Sends a file with the form of the preview.
    pub(crate) async fn upload(&mut self, path: &str, name: &str, file: &[u8], fields: &[(&str, &str)]) -> Answer {
        let (content_type, body) = multipart(name, file, fields);
        self.post_raw(path, &[OWN_PAGE, ("content-type", content_type)], body).await
    }

    /// Sends a file and follows the answer, if it leads on.
    pub(crate) async fn upload_shown(
        &mut self,
        path: &str,
        name: &str,
        file: &[u8],
        fields: &[(&str, &str)],
    ) -> Answer {
        let answer = self.upload(path, name, file, fields).await;
        if answer.status == StatusCode::SEE_OTHER { self.get(answer.location()).await } else { answer }
    }

    pub(crate) async fn post_raw(&mut self, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let request = headers.iter().fold(Request::post(path), |request, (name, value)| request.header(*name, *value));
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        request.headers_mut().insert(header::HOST, HOST.parse().unwrap());
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        // A download may be no text.
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status: parts.status, headers: parts.headers, body, bytes }
    }
}

pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A query or a form with its `{blanks}` filled in, each value encoded.
pub(crate) fn filled(template: &str, blanks: &[(&str, &str)]) -> String {
    blanks.iter().fold(template.to_owned(), |text, (name, value)| {
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        text.replace(&format!("{{{name}}}"), &value)
    })
}

/// The body of a form with a file, and its type.
pub(crate) fn multipart(name: &str, file: &[u8], fields: &[(&str, &str)]) -> (&'static str, Vec<u8>) {
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes());
    }
    let name = name.replace('"', "%22");
    body.extend(
        format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n").bytes(),
    );
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where the answer leads, if it leads elsewhere.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// A whole page of the site, whatever its status.
    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
            && self.body.starts_with("<!DOCTYPE html>")
            && self.body.contains("<h1")
            && self.body.trim_end().ends_with("</html>")
    }

    /// The one value that this answer and no other has, in its policy and on its scripts.
    pub(crate) fn nonce(&self) -> &str {
        let (_, rest) = self.header("content-security-policy").split_once("'nonce-").unwrap();
        rest.split_once('\'').unwrap().0
    }

    /// Whether it says what a refused change has to say: that nothing was saved.
    pub(crate) fn is_refusal(&self) -> bool {
        self.is_page() && self.status.is_client_error() && self.body.contains("Nothing was saved")
    }

    pub(crate) fn says(&self, text: &str) -> bool {
        html::text(&self.body).contains(text)
    }

    /// Whether it has a form that leads to a path.
    pub(crate) fn offers(&self, path: &str) -> bool {
        html::tags(&self.body).iter().any(|tag| tag.name == "form" && tag.attribute("action") == Some(path))
    }

    /// The value of the first field with a name: `version`, `reason`.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        html::tags(&self.body)
            .into_iter()
            .find(|tag| tag.name == "input" && tag.attribute("name") == Some(name))
            .map(|tag| tag.attribute("value").unwrap_or_default().to_owned())
    }

    /// Whether a switch is on: `in-app`, `space-jira-HR`. None if there is no such switch.
    pub(crate) fn switch(&self, of: &str) -> Option<bool> {
        let id = format!("switch-{of}");
        html::tags(&self.body)
            .into_iter()
            .find(|tag| tag.attribute("id") == Some(&id))
            .map(|tag| tag.attribute("aria-checked") == Some("true"))
    }
}
