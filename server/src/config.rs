//! Configuration: defaults, then a file, then the environment, then one check of the whole.
//!
//! Every setting is named once, in [`Config`]; its environment variable is its name in capitals after `SLUICE_`.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Where a configuration file is looked for unless `--config` names one.
pub const DEFAULT_FILE: &str = "sluice.toml";

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub addr: SocketAddr,
    /// `sqlite:data/sluice.db` or `postgres://user:password@host/name`.
    pub database_url: String,
    /// The address that people type, if a proxy stands in front: `https://sluice.example.com`.
    pub public_url: Option<String>,
    /// A catalogue that replaces the built-in one.
    pub catalogue: Option<PathBuf>,
    /// The key that signs checkpoints and evidence; without it, a file beside an SQLite database, `data/signing.key`
    /// otherwise. It is made where it is missing. Several servers need the same one.
    pub signing_key: Option<PathBuf>,
    /// A folder to which signed checkpoints of every audit log are written, best on another machine.
    pub checkpoints: Option<PathBuf>,
    /// The folder of the built front end.
    pub site: PathBuf,
    /// What is logged: `info`, `debug`, or a filter such as `server=debug,info`.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
            database_url: "sqlite:data/sluice.db".to_owned(),
            public_url: None,
            catalogue: None,
            signing_key: None,
            checkpoints: None,
            site: PathBuf::from("target/site"),
            log: "info,sqlx=warn".to_owned(),
        }
    }
}

#[derive(Debug, Error)]
pub enum ConfigError {
    #[error("the configuration cannot be used: {0}")]
    Unreadable(Box<figment::Error>),
    #[error("there is no configuration file {0}")]
    NoFile(PathBuf),
    #[error("public_url is `{0}`; write it as https://sluice.example.com, without a path")]
    PublicUrl(String),
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
        let config: Self = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(file))
            // Variables of the scripts and the tests share the prefix; they are no settings.
            .merge(Env::prefixed("SLUICE_").only(&[
                "addr",
                "database_url",
                "public_url",
                "catalogue",
                "signing_key",
                "checkpoints",
                "site",
                "log",
            ]))
            .extract()
            .map_err(|error| ConfigError::Unreadable(Box::new(error)))?;
        config.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        if let Some(url) = &self.public_url {
            let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains('/')) {
                return Err(ConfigError::PublicUrl(url.clone()));
            }
        }
        Ok(self)
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
    fn a_wrong_value_names_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sluice.toml");
        std::fs::write(&file, "addr = \"nowhere\"\n").unwrap();
        let error = Config::load(Some(file.clone())).unwrap_err().to_string();
        assert!(error.contains("addr"), "{error}");
        std::fs::write(&file, "adress = \"127.0.0.1:1\"\n").unwrap();
        let error = Config::load(Some(file)).unwrap_err().to_string();
        assert!(error.contains("adress"), "{error}");
    }
}
