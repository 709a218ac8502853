//! The databases of the regions, as they are configured: the data of each, and apart from it the keys.
//!
//! Opening them asks none of them anything, so a region that is down stops no start.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use policy::Catalogue;
use service::data_plane::{Region, Regions};
use store::{DataPlaneDatabase, KeyDatabase, OpenError};
use thiserror::Error;

use crate::config::Config;

#[derive(Debug, Error)]
pub enum RegionsError {
    // Without what it is: it may hold a password.
    #[error("{setting} cannot be used: write it as eu=sqlite:data/eu.db,us=postgres://user@host/name")]
    Form { setting: &'static str },
    #[error("{setting} names {region} twice")]
    Twice { setting: &'static str, region: String },
    #[error("{setting} names the region {region}, which the catalogue does not have; it has {known}")]
    Unknown { setting: &'static str, region: String, known: String },
    #[error("key_stores names {0}, for which regions names no database")]
    KeysOnly(String),
    #[error("the {what} of {region}: {error}")]
    Open { what: &'static str, region: String, error: OpenError },
}

/// Where a region keeps what it keeps.
#[derive(Debug)]
pub(crate) struct RegionDatabases {
    pub(crate) data: DataPlaneDatabase,
    pub(crate) keys: KeyDatabase,
}

impl RegionDatabases {
    /// Whether both answer and are up to date.
    pub(crate) async fn is_reached(&self) -> bool {
        self.data.reach().await.is_ok() && self.keys.reach().await.is_ok()
    }
}

/// Every region that is set up, by id.
#[derive(Debug)]
pub(crate) struct OpenRegions(pub(crate) BTreeMap<String, RegionDatabases>);

impl OpenRegions {
    /// # Errors
    /// A setting that cannot be used.
    pub(crate) fn open(config: &Config, catalogue: &Catalogue) -> Result<Self, RegionsError> {
        let mut open = BTreeMap::new();
        for (region, (data, keys)) in urls(config, catalogue)? {
            let failed = |what| {
                let region = region.clone();
                move |error| RegionsError::Open { what, region, error }
            };
            let data = DataPlaneDatabase::open(&data).map_err(failed("database"))?;
            let keys = KeyDatabase::open(&keys).map_err(failed("store of keys"))?;
            open.insert(region, RegionDatabases { data, keys });
        }
        Ok(Self(open))
    }

    /// As the use cases know them.
    pub(crate) fn regions(&self) -> Regions {
        let region = |(id, of): (&String, &RegionDatabases)| {
            let region = Region { id: id.clone(), plane: Arc::clone(&of.data.plane), keys: Arc::clone(&of.keys.keys) };
            (id.clone(), region)
        };
        Regions(Arc::new(self.0.iter().map(region).collect()))
    }

    pub(crate) async fn close(&self) {
        for of in self.0.values() {
            of.data.close().await;
            of.keys.close().await;
        }
    }
}

/// The URLs of each region's data and keys.
pub(crate) fn urls(config: &Config, catalogue: &Catalogue) -> Result<BTreeMap<String, (String, String)>, RegionsError> {
    let folder = sqlite_folder(&config.database_url);
    let data = match (&config.regions, folder) {
        (Some(given), _) => read("regions", given, catalogue)?,
        (None, Some(folder)) => {
            let url = |id: &String| (id.clone(), format!("sqlite:{}", folder.join(format!("{id}.db")).display()));
            catalogue.regions.iter().map(|region| url(&region.id)).collect()
        }
        // A Postgres installation that names no region is the catalogue's first.
        (None, None) => {
            catalogue.regions.iter().take(1).map(|region| (region.id.clone(), config.database_url.clone())).collect()
        }
    };
    let mut key_stores = match &config.key_stores {
        Some(given) => read("key_stores", given, catalogue)?,
        None => BTreeMap::new(),
    };
    if let Some(only) = key_stores.keys().find(|region| !data.contains_key(*region)) {
        return Err(RegionsError::KeysOnly(only.clone()));
    }
    let with_keys = data.into_iter().map(|(region, data)| {
        let keys = key_stores.remove(&region).unwrap_or_else(|| keys_beside(&data));
        (region, (data, keys))
    });
    Ok(with_keys.collect())
}

/// Where the keys are unless it is said: in a file beside an SQLite database, or in the same Postgres database.
fn keys_beside(data: &str) -> String {
    let Some(file) = data.strip_prefix("sqlite:") else { return data.to_owned() };
    let (path, query) = file.split_once('?').map_or((file, ""), |(path, query)| (path, query));
    let path = path.strip_suffix(".db").unwrap_or(path);
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("sqlite:{path}-keys.db{query}")
}

fn sqlite_folder(url: &str) -> Option<&Path> {
    let file = url.strip_prefix("sqlite:")?.split('?').next()?;
    Path::new(file.trim_start_matches("//")).parent()
}

/// Reads `eu=sqlite:data/eu.db,us=postgres://…`; a comma within a URL is written %2C.
fn read(setting: &'static str, text: &str, catalogue: &Catalogue) -> Result<BTreeMap<String, String>, RegionsError> {
    let known = || catalogue.regions.iter().map(|region| region.id.as_str()).collect::<Vec<_>>().join(", ");
    let mut urls = BTreeMap::new();
    for pair in text.split(',').map(str::trim) {
        let (region, url) = pair.split_once('=').ok_or(RegionsError::Form { setting })?;
        let (region, url) = (region.trim(), url.trim());
        let is_name = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if !is_name || url.is_empty() {
            return Err(RegionsError::Form { setting });
        }
        if catalogue.region(region).is_none() {
            return Err(RegionsError::Unknown { setting, region: region.to_owned(), known: known() });
        }
        if urls.insert(region.to_owned(), url.to_owned()).is_some() {
            return Err(RegionsError::Twice { setting, region: region.to_owned() });
        }
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: Config) -> Result<Vec<String>, String> {
        let urls = urls(&config, &Catalogue::built_in().unwrap()).map_err(|error| error.to_string())?;
        Ok(urls.into_iter().map(|(region, (data, keys))| format!("{region} {data} {keys}")).collect())
    }

    fn config(database: &str, regions: Option<&str>, key_stores: Option<&str>) -> Config {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (regions, key_stores) = (owned(regions), owned(key_stores));
        Config { database_url: database.to_owned(), regions, key_stores, ..Config::default() }
    }

    #[test]
    fn regions_stand_beside_an_sqlite_database_and_in_a_postgres_database() {
        let on_sqlite = of(config("sqlite:data/sluice.db", None, None)).unwrap();
        assert!(on_sqlite.contains(&"eu sqlite:data/eu.db sqlite:data/eu-keys.db".to_owned()), "{on_sqlite:?}");
        assert_eq!(on_sqlite.len(), Catalogue::built_in().unwrap().regions.len());
        let on_postgres = of(config("postgres://a@b/c", None, None)).unwrap();
        assert_eq!(on_postgres, ["eu postgres://a@b/c postgres://a@b/c"]);
    }

    #[test]
    fn a_postgres_database_alone_is_the_first_region_of_the_catalogue() {
        let mut catalogue = Catalogue::built_in().unwrap();
        catalogue.regions.reverse();
        let urls = urls(&config("postgres://a@b/c", None, None), &catalogue).unwrap();
        assert_eq!(urls.into_keys().collect::<Vec<_>>(), [catalogue.regions[0].id.as_str()]);
    }

    #[test]
    fn regions_and_their_keys_can_stand_anywhere() {
        let regions = "eu=sqlite:/e/eu.db?mode=rwc, us=postgres://u:p=w@h/n";
        let own = of(config("sqlite:data/sluice.db", Some(regions), Some("us=sqlite:/k/us.db"))).unwrap();
        let expected =
            ["eu sqlite:/e/eu.db?mode=rwc sqlite:/e/eu-keys.db?mode=rwc", "us postgres://u:p=w@h/n sqlite:/k/us.db"];
        assert_eq!(own, expected);
    }

    #[test]
    fn a_setting_that_cannot_be_used_is_named_and_not_repeated() {
        for (regions, keys, said) in [
            ("postgres://u:s3cret@h/n", None, "regions cannot be used"),
            ("postgres://u:s3cret@h/n?a=b", None, "regions cannot be used"),
            ("eu=", None, "regions cannot be used"),
            ("eu=sqlite:a.db,eu=sqlite:s3cret.db", None, "regions names eu twice"),
            ("moon=sqlite:s3cret.db", None, "the region moon"),
            ("eu=sqlite:a.db", Some("us=sqlite:s3cret.db"), "key_stores names us"),
        ] {
            let error = of(config("sqlite:data/sluice.db", Some(regions), keys)).unwrap_err();
            assert!(error.contains(said) && !error.contains("s3cret"), "{regions}: {error}");
        }
    }
}
