//! Configuration: defaults, then a file, then the environment, then one check of the whole.
//!
//! Every setting is named once, in [`Config`]; its environment variable is its name in capitals after `SLUICE_`. A setting
//! that holds a secret can be given as a file instead. No error repeats the value of one.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::address::Proxies;

/// Where a configuration file is looked for unless `--config` names one.
pub const DEFAULT_FILE: &str = "sluice.toml";

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub addr: SocketAddr,
    /// `sqlite:data/sluice.db` or `postgres://user:password@host/name`.
    pub database_url: String,
    /// A file that holds it instead.
    pub database_url_file: Option<PathBuf>,
    /// The address that people type, if a proxy stands in front: `https://sluice.example.com`.
    pub public_url: Option<String>,
    /// The proxies in front, by address or range: only they say whom a request comes from.
    pub trusted_proxies: Proxies,
    /// An address for `/metrics`, if it is to be served at all. Not one that the public reaches.
    pub metrics_addr: Option<SocketAddr>,
    /// A catalogue that replaces the built-in one.
    pub catalogue: Option<PathBuf>,
    /// The key that signs checkpoints, evidence and receipts; without it, a file beside an SQLite database, `data/signing.key`
    /// otherwise. It is made where it is missing. Several servers need the same one.
    pub signing_key: Option<PathBuf>,
    /// The databases of the regions: `eu=sqlite:data/eu.db,us=postgres://user@host/name`, a comma within a URL written as
    /// `%2C`. Without it, a file for each region of the catalogue beside an SQLite database, or the Postgres database itself
    /// for the catalogue's first.
    pub regions: Option<String>,
    /// A file that holds it instead.
    pub regions_file: Option<PathBuf>,
    /// Where the regions keep the keys of their organisations, written the same way; without it, a file beside an SQLite
    /// database, or the same Postgres database.
    pub key_stores: Option<String>,
    /// A file that holds it instead.
    pub key_stores_file: Option<PathBuf>,
    /// The key under which those keys are encrypted; without it, a file beside an SQLite database, `data/master.key`
    /// otherwise. It is made where it is missing. Several servers need the same one.
    pub master_key: Option<PathBuf>,
    /// A command that encrypts them instead: a program and its arguments, without a shell.
    pub master_key_command: Option<String>,
    /// A folder to which signed checkpoints of every audit log are written, best on another machine.
    pub checkpoints: Option<PathBuf>,
    /// The provider to which sign-in can be handed, as its discovery document names itself: `https://login.example.com`.
    pub oidc_issuer: Option<String>,
    /// What the provider calls this installation.
    pub oidc_client_id: Option<String>,
    /// What this installation shows the provider.
    pub oidc_client_secret: Option<String>,
    /// A file that holds it instead.
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What people call the provider; without it, its host.
    pub oidc_name: Option<String>,
    /// The folder of the built front end.
    pub site: PathBuf,
    /// What is logged: `info`, `debug`, or a filter such as `server=debug,info`.
    pub log: String,
    /// What is odd but no reason not to start; for the log, once there is one.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
            database_url: "sqlite:data/sluice.db".to_owned(),
            database_url_file: None,
            public_url: None,
            trusted_proxies: Proxies::default(),
            metrics_addr: None,
            catalogue: None,
            signing_key: None,
            regions: None,
            regions_file: None,
            key_stores: None,
            key_stores_file: None,
            master_key: None,
            master_key_command: None,
            checkpoints: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret: None,
            oidc_client_secret_file: None,
            oidc_name: None,
            site: PathBuf::from("target/site"),
            log: "info,sqlx=warn".to_owned(),
            warnings: Vec::new(),
        }
    }
}

/// The names of [`Config`]'s fields.
const SETTINGS: [&str; 22] = [
    "addr",
    "database_url",
    "database_url_file",
    "public_url",
    "trusted_proxies",
    "metrics_addr",
    "catalogue",
    "signing_key",
    "regions",
    "regions_file",
    "key_stores",
    "key_stores_file",
    "master_key",
    "master_key_command",
    "checkpoints",
    "oidc_issuer",
    "oidc_client_id",
    "oidc_client_secret",
    "oidc_client_secret_file",
    "oidc_name",
    "site",
    "log",
];

/// Settings that hold a secret, each with the one that names a file for it.
const SECRETS: [(&str, &str); 4] = [
    ("database_url", "database_url_file"),
    ("regions", "regions_file"),
    ("key_stores", "key_stores_file"),
    ("oidc_client_secret", "oidc_client_secret_file"),
];

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("the configuration cannot be used: {0}")]
    Unreadable(Box<figment::Error>),
    #[error("there is no configuration file {0}")]
    NoFile(PathBuf),
    #[error("both {0} and {1} are given; remove one of them")]
    Both(&'static str, &'static str),
    #[error("cannot read {file}, which {setting} names: {error}")]
    Secret { setting: &'static str, file: PathBuf, error: std::io::Error },
    #[error("{0} cannot be used: it has to be one line of text")]
    NoText(&'static str),
    #[error("public_url is `{0}`; write it as https://sluice.example.com, without a path")]
    PublicUrl(String),
    #[error("sign-in through a provider takes {0} as well; set it, or remove the settings that begin with oidc_")]
    OidcMissing(&'static str),
    #[error(
        "oidc_issuer is `{0}`; write it as https://login.example.com, as the provider writes it itself, without ? and #. \
         Only a provider on this machine may do without https"
    )]
    OidcIssuer(String),
}

/// A provider to which sign-in can be handed.
#[derive(Clone)]
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    /// What people call it.
    pub name: String,
    /// Where people reach this installation.
    pub public_url: String,
}

impl std::fmt::Debug for OidcSettings {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl OidcSettings {
    /// Whether the provider is on this very machine, so that nobody stands in between.
    pub fn is_here(&self) -> bool {
        host_of(&self.issuer).is_some_and(|host| is_loopback(&host))
    }
}

fn host_of(url: &str) -> Option<String> {
    url.parse::<http::Uri>().ok()?.host().map(str::to_owned)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// The first thing that is wrong, with its name and where it came from.
    pub fn load(file: Option<PathBuf>) -> Result<Self, ConfigError> {
        if let Some(named) = file.as_ref().filter(|named| !named.exists()) {
            return Err(ConfigError::NoFile(named.clone()));
        }
        let file = file.unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        // Variables of the scripts and the tests share the prefix; they are no settings.
        let given = Figment::from(Toml::file(file)).merge(Env::prefixed("SLUICE_").only(&SETTINGS));
        let (mut secrets, mut warnings) = (Vec::new(), Vec::new());
        for (setting, file_setting) in SECRETS {
            let in_file = given.extract_inner::<PathBuf>(file_setting).ok();
            if given.contains(setting) && in_file.is_some() {
                return Err(ConfigError::Both(setting, file_setting));
            }
            let secret = match in_file {
                Some(file) => {
                    warnings.extend(open_to_all(&file, file_setting));
                    let secret = std::fs::read_to_string(&file);
                    secret.map_err(|error| ConfigError::Secret { setting: file_setting, file, error })?
                }
                None if given.contains(setting) => {
                    given.extract_inner(setting).map_err(|_| ConfigError::NoText(setting))?
                }
                None => continue,
            };
            let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
            if secret.is_empty() || secret.contains(['\r', '\n']) {
                return Err(ConfigError::NoText(setting));
            }
            secrets.push((setting, secret));
        }
        let whole = Figment::from(Serialized::defaults(Self::default())).merge(given);
        let whole = secrets.into_iter().fold(whole, |whole, secret| whole.merge(secret));
        let config: Self = whole.extract().map_err(|error| ConfigError::Unreadable(Box::new(error)))?;
        Self { warnings, ..config }.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        if let Some(url) = &self.public_url {
            let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                return Err(ConfigError::PublicUrl(url.clone()));
            }
        }
        if self.master_key.is_some() && self.master_key_command.is_some() {
            return Err(ConfigError::Both("master_key", "master_key_command"));
        }
        if self.master_key_command.as_ref().is_some_and(|command| command.trim().is_empty()) {
            return Err(ConfigError::NoText("master_key_command"));
        }
        self.oidc()?;
        Ok(self)
    }

    /// The provider of sign-in, if there is to be one.
    ///
    /// # Errors
    /// What of it is missing or cannot be.
    pub fn oidc(&self) -> Result<Option<OidcSettings>, ConfigError> {
        let given = |setting: &Option<String>, name| setting.clone().ok_or(ConfigError::OidcMissing(name));
        let any = [&self.oidc_issuer, &self.oidc_client_id, &self.oidc_client_secret, &self.oidc_name];
        if any.iter().all(|setting| setting.is_none()) {
            return Ok(None);
        }
        let issuer = given(&self.oidc_issuer, "oidc_issuer")?;
        let host = host_of(&issuer).filter(|host| issuer.starts_with("https://") || is_loopback(host));
        let host = host.filter(|_| issuer.contains("://") && !issuer.contains(['?', '#']));
        let host = host.ok_or_else(|| ConfigError::OidcIssuer(issuer.clone()))?;
        Ok(Some(OidcSettings {
            issuer,
            client_id: given(&self.oidc_client_id, "oidc_client_id")?,
            client_secret: given(&self.oidc_client_secret, "oidc_client_secret_file")?,
            name: self.oidc_name.clone().unwrap_or(host),
            public_url: given(&self.public_url, "public_url")?,
        }))
    }

    /// Whether people reach this server over TLS, so that cookies can insist on it.
    pub fn secure(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The address to show to a person.
    pub fn address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.addr))
    }
}

/// A word about a secret's file that everybody on the machine may read. Not refused: some systems hand out secrets so.
fn open_to_all(file: &Path, setting: &str) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o004 != 0).then(|| format!("everybody on this machine may read the file of {setting}; use chmod 600"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        let with = |url: &str| Config { public_url: Some(url.to_owned()), ..Config::default() }.check();
        assert!(with("https://sluice.example.com").is_ok_and(|config| config.secure()));
        assert!(with("http://10.0.0.1:8080").is_ok_and(|config| !config.secure()));
        for wrong in ["sluice.example.com", "https://", "https://sluice.example.com/console"] {
            assert!(with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_provider_of_sign_in_is_whole_and_speaks_tls() {
        let text = |text: &str| Some(text.to_owned());
        let whole = Config {
            oidc_issuer: text("https://login.example.com/tenant"),
            oidc_client_id: text("sluice"),
            oidc_client_secret: text("s3cret"),
            public_url: text("https://sluice.example.com"),
            ..Config::default()
        };
        let settings = whole.oidc().unwrap().unwrap();
        assert_eq!(settings.name, "login.example.com");
        assert!(!settings.is_here() && !format!("{settings:?}").contains("s3cret"));
        assert!(Config::default().oidc().unwrap().is_none());
        for (part, missing) in [
            (Config { oidc_issuer: None, ..whole.clone() }, "oidc_issuer"),
            (Config { oidc_client_id: None, ..whole.clone() }, "oidc_client_id"),
            (Config { oidc_client_secret: None, ..whole.clone() }, "oidc_client_secret_file"),
            (Config { public_url: None, ..whole.clone() }, "public_url"),
        ] {
            assert!(matches!(part.check(), Err(ConfigError::OidcMissing(name)) if name == missing), "{missing}");
        }
        for (issuer, fine) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080/realm", true),
            ("http://localhost", true),
            ("http://login.example.com", false),
            ("http://127.0.0.1.example.com", false),
            ("https://", false),
            ("https://login.example.com/?tenant=1", false),
            ("login.example.com", false),
            ("ftp://login.example.com", false),
        ] {
            let config = Config { oidc_issuer: text(issuer), ..whole.clone() };
            assert_eq!(config.check().is_ok(), fine, "{issuer}");
        }
    }

    #[test]
    fn a_wrong_value_names_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.toml");
        std::fs::write(&file, "addr = \"nowhere\"\n").unwrap();
        let error = Config::load(Some(file.clone())).unwrap_err().to_string();
        assert!(error.contains("addr"), "{error}");
        std::fs::write(&file, "trusted_proxies = [\"10.0.0.0/8\", \"proxy.example\"]\n").unwrap();
        let error = Config::load(Some(file.clone())).unwrap_err().to_string();
        assert!(error.contains("proxy.example") && error.contains("trusted_proxies"), "{error}");
        std::fs::write(&file, "adress = \"127.0.0.1:1\"\n").unwrap();
        let error = Config::load(Some(file)).unwrap_err().to_string();
        assert!(error.contains("adress"), "{error}");
    }

    #[test]
    fn a_secret_can_stand_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret) = (folder.path().join("sluice.toml"), folder.path().join("database-url"));
        let load = |text: &str| {
            std::fs::write(&file, text.replace("SECRET", &secret.display().to_string())).unwrap();
            Config::load(Some(file.clone()))
        };
        std::fs::write(&secret, "postgres://sluice:s3cret@db.example/sluice\n").unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        let config = load("database_url_file = \"SECRET\"").unwrap();
        assert_eq!(config.database_url, "postgres://sluice:s3cret@db.example/sluice");
        assert!(config.warnings.is_empty());
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).unwrap();
        let config = load("database_url_file = \"SECRET\"").unwrap();
        assert!(matches!(&config.warnings[..], [warning] if warning.contains("chmod 600")), "{:?}", config.warnings);

        let both = load("database_url = \"sqlite:s3cret\"\ndatabase_url_file = \"SECRET\"").unwrap_err();
        assert!(matches!(both, ConfigError::Both("database_url", "database_url_file")), "{both}");
        let missing = load("database_url_file = \"SECRET-too\"").unwrap_err().to_string();
        assert!(
            missing.contains("database_url_file") && missing.contains("SECRET-too".trim_start_matches("SECRET")),
            "{missing}"
        );
        for content in ["", "\n", "postgres://s3cret@db.example/sluice\nmore s3cret"] {
            std::fs::write(&secret, content).unwrap();
            let error = load("database_url_file = \"SECRET\"").unwrap_err().to_string();
            assert!(error.contains("database_url") && !error.contains("s3cret"), "{error}");
        }
        let number = load("database_url = 53273").unwrap_err().to_string();
        assert!(number.contains("database_url") && !number.contains("53273"), "{number}");
    }
}
