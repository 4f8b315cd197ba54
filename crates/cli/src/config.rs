//! Configuration: flags before environment before `souk.toml`; an unknown key is an error.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use jiff::civil::Time;
use souk_api::Origins;
use souk_feed::SlotLimits;

/// The file read from the working directory, if it is there.
const FILE: &str = "souk.toml";

/// Every key, as `souk.toml` has it; the environment has it in capitals after `SOUK_`.
const KEYS: [&str; 16] = [
    "data",
    "models",
    "database_url",
    "bind",
    "metrics_bind",
    "instance",
    "log",
    "secret",
    "slot_unseen_minutes",
    "slot_retained_mb",
    "cors_origins",
    "media_url",
    "payments",
    "notifications",
    "site",
    "retrain_at",
];

/// `SOUK_*` variables that are not configuration: server programs and tests.
const RESERVED_VARIABLES: [&str; 2] = ["SOUK_PG_BIN", "SOUK_TEST"];

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct GlobalArgs {
    /// Folder of the private PostgreSQL, the index and uploads [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Folder of trained models as files [default: ./models]
    #[arg(long = "models", global = true, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// Print one JSON object on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress bars and notes
    #[arg(long, global = true)]
    pub quiet: bool,
}

/// What the program runs with, all sources merged.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Folder of the private PostgreSQL, the index and uploads.
    pub data: PathBuf,
    /// Folder of trained models as files.
    pub models: PathBuf,
    /// The PostgreSQL to use; none for the private one in the data folder.
    pub database_url: Option<String>,
    /// Where pages and API are served.
    pub bind: SocketAddr,
    /// Where metrics are served; none for the port after `bind`'s.
    pub metrics_bind: Option<SocketAddr>,
    /// Name of this instance among those that share a database; none for the one in the data folder.
    pub instance: Option<String>,
    /// Which log lines are written (`info`, `souk_feed=debug`, …); none for what suits the command.
    pub log: Option<String>,
    /// Key that cursors are signed with; none for the one in the data folder.
    pub secret: Option<String>,
    /// When replication slots that nobody reads are dropped.
    pub slot_limits: SlotLimits,
    /// Sites whose pages may read the public API.
    pub cors_origins: Origins,
    /// Where the files of pictures lie (`s3://bucket/prefix`); none for the data folder.
    pub media_url: Option<String>,
    /// File with the accounts at payment providers; none for none.
    pub payments: Option<PathBuf>,
    /// File with the mail server and the account for SMS; none for none.
    pub notifications: Option<PathBuf>,
    /// Where shoppers and payment providers reach the shop; none for where it listens.
    pub site: Option<String>,
    /// When models are trained every day, by the machine's clock; none for only when somebody asks.
    pub retrain_at: Option<Time>,
}

impl Config {
    /// Merges flags, environment and `souk.toml`.
    ///
    /// # Errors
    /// For an unknown key, naming the nearest known one, and for a value of the wrong form.
    pub(crate) fn load(flags: &GlobalArgs) -> anyhow::Result<Config> {
        let mut values = read_file(Path::new(FILE))?;
        values.extend(read_environment(std::env::vars())?);
        Config::from_values(values, flags)
    }

    fn from_values(
        mut values: BTreeMap<String, String>,
        flags: &GlobalArgs,
    ) -> anyhow::Result<Config> {
        let data = flags.data.clone().or(values.remove("data").map(PathBuf::from));
        let models = flags.models_dir.clone().or(values.remove("models").map(PathBuf::from));
        let bind = values.remove("bind").unwrap_or("127.0.0.1:8080".to_owned());
        let address = |key: &str, text: &str| {
            text.parse::<SocketAddr>().with_context(|| {
                format!("{key} must be an address such as 127.0.0.1:8080, but is \"{text}\"")
            })
        };
        Ok(Config {
            data: data.unwrap_or("data".into()),
            models: models.unwrap_or("models".into()),
            database_url: values.remove("database_url"),
            bind: address("bind", &bind)?,
            metrics_bind: values
                .remove("metrics_bind")
                .map(|text| address("metrics_bind", &text))
                .transpose()?,
            instance: values.remove("instance"),
            log: values.remove("log"),
            secret: values.remove("secret"),
            slot_limits: slot_limits(&mut values)?,
            cors_origins: values
                .remove("cors_origins")
                .map(|text| text.parse().with_context(|| format!("cors_origins is \"{text}\"")))
                .transpose()?
                .unwrap_or_default(),
            media_url: values.remove("media_url"),
            payments: values.remove("payments").map(PathBuf::from),
            notifications: values.remove("notifications").map(PathBuf::from),
            site: values.remove("site"),
            retrain_at: values.remove("retrain_at").map(|text| time_of_day(&text)).transpose()?,
        })
    }
}

fn time_of_day(text: &str) -> anyhow::Result<Time> {
    text.parse().with_context(|| {
        format!("retrain_at must be a time of day such as 03:30, but is \"{text}\"")
    })
}

fn slot_limits(values: &mut BTreeMap<String, String>) -> anyhow::Result<SlotLimits> {
    let mut number = |key: &str| {
        let text = values.remove(key);
        let parsed = text.map(|text| {
            text.parse::<u32>()
                .with_context(|| format!("{key} must be a whole number, but is \"{text}\""))
        });
        parsed.transpose()
    };
    let mut limits = SlotLimits::default();
    if let Some(minutes) = number("slot_unseen_minutes")? {
        limits.unseen = Duration::from_secs(u64::from(minutes) * 60);
    }
    if let Some(mb) = number("slot_retained_mb")? {
        limits.retained_bytes = u64::from(mb) << 20;
    }
    Ok(limits)
}

fn read_file(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error).context(format!("cannot read {}", path.display())),
    };
    let table: toml::Table =
        text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        check_key(&key, &key, FILE)?;
        let toml::Value::String(text) = value else {
            bail!("{FILE}: {key} must be a text in quotes");
        };
        values.insert(key, text);
    }
    Ok(values)
}

fn read_environment(
    variables: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for (name, value) in variables {
        if name == "DATABASE_URL" && !value.is_empty() {
            values.insert("database_url".to_owned(), value);
        } else if let Some(key) = name.strip_prefix("SOUK_")
            && !RESERVED_VARIABLES.iter().any(|reserved| name.starts_with(reserved))
        {
            let key = key.to_lowercase();
            check_key(&key, &name, "the environment")?;
            values.insert(key, value);
        }
    }
    Ok(values)
}

/// Refuses a key that nobody reads, since a typing error there would go unnoticed.
fn check_key(key: &str, written: &str, place: &str) -> anyhow::Result<()> {
    if KEYS.contains(&key) {
        return Ok(());
    }
    let nearest = KEYS
        .into_iter()
        .max_by(|a, b| strsim::jaro_winkler(key, a).total_cmp(&strsim::jaro_winkler(key, b)))
        .unwrap_or_default();
    bail!("{place}: unknown key \"{written}\"; the nearest known one is \"{nearest}\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_flags() -> GlobalArgs {
        GlobalArgs { data: None, models_dir: None, json: false, quiet: false }
    }

    fn variables(pairs: &[(&str, &str)]) -> anyhow::Result<BTreeMap<String, String>> {
        read_environment(pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())))
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_nearest_is_named() {
        let refused = variables(&[("SOUK_DATABASE_ULR", "x")]).unwrap_err().to_string();

        assert!(refused.contains("SOUK_DATABASE_ULR"), "{refused}");
        assert!(refused.contains("\"database_url\""), "{refused}");
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let values = variables(&[("SOUK_DATA", "env"), ("SOUK_BIND", "127.0.0.1:9000")]).unwrap();
        let flags = GlobalArgs { data: Some("flag".into()), ..no_flags() };

        let config = Config::from_values(values, &flags).unwrap();

        assert_eq!(config.data, PathBuf::from("flag"));
        assert_eq!(config.bind.port(), 9000);
    }

    #[test]
    fn limits_of_slots_are_numbers_with_defaults() {
        let set = |pairs: &[(&str, &str)]| {
            let config = Config::from_values(variables(pairs).unwrap(), &no_flags());
            config.map(|config| config.slot_limits)
        };

        let hour_and_mb =
            set(&[("SOUK_SLOT_UNSEEN_MINUTES", "60"), ("SOUK_SLOT_RETAINED_MB", "1")]);
        let refused = set(&[("SOUK_SLOT_RETAINED_MB", "1GB")]).unwrap_err().to_string();

        assert_eq!(set(&[]).unwrap(), SlotLimits::default());
        assert_eq!(hour_and_mb.unwrap().unseen, Duration::from_hours(1));
        assert!(refused.contains("slot_retained_mb") && refused.contains("\"1GB\""), "{refused}");
    }

    #[test]
    fn a_time_of_day_is_read_and_anything_else_quoted() {
        let set = |text| {
            let config =
                Config::from_values(variables(&[("SOUK_RETRAIN_AT", text)]).unwrap(), &no_flags());
            config.map(|config| config.retrain_at)
        };

        assert_eq!(set("03:30").unwrap(), Some(jiff::civil::time(3, 30, 0, 0)));
        let refused = set("at night").unwrap_err().to_string();
        assert!(refused.contains("03:30") && refused.contains("\"at night\""), "{refused}");
    }

    #[test]
    fn an_address_of_the_wrong_form_is_quoted() {
        let values = variables(&[("SOUK_BIND", "8080")]).unwrap();

        let refused = Config::from_values(values, &no_flags()).unwrap_err().to_string();

        assert!(refused.contains("\"8080\""), "{refused}");
    }
}
