//! The shop's accounts at providers, by market, and the client that calls them.

use std::collections::BTreeMap;
use std::sync::Arc;

use souk_base::MarketCode;
use souk_providers::http::{CallError, Client};
use souk_providers::payments::{Gateway, Settings, connect};

use super::{CASH, Method, TRANSFER};
use crate::{Error, Result};

/// An account at a provider, as configured.
#[derive(Clone, Debug)]
pub struct Account {
    /// The market it is for.
    pub market: MarketCode,
    /// The provider.
    pub connector: String,
    /// Its settings; secrets among them are never printed.
    pub settings: Settings,
}

/// Every account, and who calls them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateways {
    accounts: Arc<BTreeMap<(MarketCode, String), Arc<dyn Gateway>>>,
    client: Client,
    site: Arc<str>,
}

impl Gateways {
    /// Accounts of a shop whose pages and callbacks are at this address.
    ///
    /// # Errors
    /// [`Error::Provider`] for settings that lack something, and addresses that cannot be called.
    pub fn new(site: &str, accounts: &[Account]) -> Result<Gateways> {
        let mut connected = BTreeMap::new();
        for Account { market, connector, settings } in accounts {
            let gateway = connect(connector, settings)
                .map_err(|error| Error::Provider(format!("{market} {connector}: {error}")))?;
            connected.insert((*market, connector.clone()), gateway);
        }
        let bases: Vec<&str> = connected.values().map(|gateway| gateway.base()).collect();
        let client = Client::new(bases).map_err(|error| Error::Provider(error.to_string()))?;
        let site = site.trim_end_matches('/').into();
        Ok(Gateways { accounts: Arc::new(connected), client, site })
    }

    /// No accounts: what is paid without a provider.
    #[must_use]
    pub fn none() -> Gateways {
        let nobody = |_: &_| Err(CallError::NotSent("no provider is configured".to_owned()));
        let client = Client::here(Arc::new(nobody));
        Gateways { accounts: Arc::default(), client, site: "".into() }
    }

    /// The same accounts, called in another way; for tests.
    #[must_use]
    pub fn with_client(self, client: Client) -> Gateways {
        Gateways { client, ..self }
    }

    /// The account of a market at a provider.
    pub(super) fn get(&self, market: MarketCode, connector: &str) -> Option<&Arc<dyn Gateway>> {
        self.accounts.get(&(market, connector.to_owned()))
    }

    /// Every account at a provider.
    pub(super) fn of<'a>(
        &'a self,
        connector: &'a str,
    ) -> impl Iterator<Item = (MarketCode, &'a Arc<dyn Gateway>)> {
        let own = self.accounts.iter().filter(move |((_, name), _)| name == connector);
        own.map(|((market, _), gateway)| (*market, gateway))
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Where a shopper comes back to.
    pub(super) fn return_url(&self, connector: &str, reference: &str) -> String {
        format!("{}/v1/payments/return/{connector}?attempt={reference}", self.site)
    }

    /// Where a provider reports to.
    pub(super) fn webhook_url(&self, connector: &str) -> String {
        format!("{}/v1/payments/webhooks/{connector}", self.site)
    }

    /// Whether this way can be paid now: its provider has an account here, and takes the market's payable step.
    #[must_use]
    pub fn serves(&self, market: MarketCode, method: &Method, payable_step: i64) -> bool {
        if matches!(method.connector.as_str(), CASH | TRANSFER) {
            return true;
        }
        self.get(market, &method.connector)
            .and_then(|gateway| gateway.min_step(&method.brand, method.min.currency))
            .is_some_and(|step| payable_step % step == 0)
    }
}
