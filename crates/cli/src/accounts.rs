//! The shop's accounts at payment providers: from a file, or simulated.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use souk_commerce::payments::{Account, Gateways, Settings};

/// Which providers the demo has an account with, by market.
const SIMULATED: [(&str, &[&str]); 10] = [
    ("KW", &["knet", "tap", "tabby", "checkout_com"]),
    ("SA", &["tap", "tabby"]),
    ("AE", &["tap", "tabby"]),
    ("QA", &["tap"]),
    ("BH", &["tap"]),
    ("OM", &["tap", "checkout_com"]),
    ("JO", &["tap"]),
    ("EG", &["tap"]),
    ("GB", &["stripe"]),
    ("KZ", &["kaspi"]),
];

/// The accounts of a file, for a shop that is reached at this address:
///
/// ```toml
/// [KW.tap]
/// merchant = "1124340"
/// secret_key = "sk_live_…"
/// ```
///
/// # Errors
/// For a file that cannot be read, and settings that a connector does not take. No value is quoted.
pub(crate) fn read(path: Option<&Path>, site: &str) -> anyhow::Result<Gateways> {
    let Some(path) = path else { return Ok(Gateways::new(site, &[])?) };
    let place = || format!("payment accounts in {}", path.display());
    let text = std::fs::read_to_string(path).with_context(place)?;
    // Its own error would quote the line, and lines hold secrets.
    let Ok(table) = text.parse::<toml::Table>() else { bail!("{} are not TOML", place()) };
    let mut accounts = Vec::new();
    for (market, connectors) in &table {
        let connectors =
            connectors.as_table().with_context(|| format!("[{market}] is no table"))?;
        for (connector, settings) in connectors {
            let name = || format!("{}: [{market}.{connector}]", place());
            let settings = settings.as_table().with_context(name)?.iter();
            let texts = settings.map(|(key, value)| {
                let text = value.as_str().with_context(|| format!("{key} must be a text"))?;
                Ok((key.clone(), text.to_owned()))
            });
            let texts = texts.collect::<anyhow::Result<Vec<_>>>().with_context(name)?;
            let market = market.parse().with_context(name)?;
            let settings = Settings::new(texts);
            accounts.push(Account { market, connector: connector.clone(), settings });
        }
    }
    Gateways::new(site, &accounts).with_context(place)
}

/// Accounts at the simulators that listen at this address.
///
/// # Errors
/// When the client for calls cannot be made.
pub(crate) fn simulated(simulators: SocketAddr, site: &str) -> anyhow::Result<Gateways> {
    let mut accounts = Vec::new();
    for (market, connector, settings) in simulated_settings(simulators) {
        let settings = Settings::new(settings);
        accounts.push(Account {
            market: market.parse()?,
            connector: connector.to_owned(),
            settings,
        });
    }
    Ok(Gateways::new(site, &accounts)?)
}

/// The same accounts as a file that [`read`] reads.
///
/// # Errors
/// When they cannot be written as TOML.
pub(crate) fn simulated_file(simulators: SocketAddr) -> anyhow::Result<String> {
    let mut file = toml::Table::new();
    for (market, connector, settings) in simulated_settings(simulators) {
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
        let market = file.entry(market).or_insert_with(|| toml::Table::new().into());
        let connectors = market.as_table_mut().context("a market is a table")?;
        connectors.insert(connector.to_owned(), settings.collect::<toml::Table>().into());
    }
    Ok(toml::to_string(&file)?)
}

/// Market, connector and settings of every simulated account.
fn simulated_settings(
    simulators: SocketAddr,
) -> impl Iterator<Item = (&'static str, &'static str, Vec<(&'static str, String)>)> {
    let base = format!("http://{simulators}");
    let pairs = SIMULATED.into_iter().flat_map(|(market, connectors)| {
        connectors.iter().map(move |connector| (market, *connector))
    });
    pairs.map(move |(market, connector)| {
        (market, connector, souk_simulators::settings(connector, &base))
    })
}
