//! Accounts at providers, made from settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::checkout_com::CheckoutCom;
use super::kaspi::Kaspi;
use super::knet::Knet;
use super::stripe::Stripe;
use super::tabby::Tabby;
use super::tap::Tap;
use super::{CONNECTORS, Error, Gateway, Result};
use crate::Secret;

/// The settings of an account: names and values as configured. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<String, Secret>);

impl Settings {
    /// Settings from names and values.
    #[must_use]
    pub fn new<N: Into<String>>(values: impl IntoIterator<Item = (N, String)>) -> Settings {
        Settings(
            values.into_iter().map(|(name, value)| (name.into(), Secret::new(value))).collect(),
        )
    }

    /// A secret that must be there.
    pub(super) fn secret(&self, name: &str) -> Result<Secret> {
        self.0.get(name).cloned().ok_or_else(|| Error::Settings(format!("{name} is missing")))
    }

    /// A text that must be there.
    pub(super) fn text(&self, name: &str) -> Result<String> {
        Ok(self.secret(name)?.reveal().to_owned())
    }

    /// A text, or what it is when nobody says otherwise. An address loses its closing slash.
    pub(super) fn text_or(&self, name: &str, default: &str) -> String {
        let text = self.0.get(name).map_or(default, Secret::reveal);
        text.trim_end_matches('/').to_owned()
    }

    /// Refuses names that the connector does not know, since a typing error there would go unnoticed.
    pub(super) fn only(&self, known: &[&str]) -> Result<()> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Error::Settings(format!("{name} is not among {}", known.join(", ")))),
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The connector of this name with these settings.
///
/// # Errors
/// [`Error::Settings`] for an unknown connector, a missing setting and one that the connector does not know.
pub fn connect(connector: &str, settings: &Settings) -> Result<Arc<dyn Gateway>> {
    Ok(match connector {
        "tap" => Arc::new(Tap::new(settings)?),
        "knet" => Arc::new(Knet::new(settings)?),
        "checkout_com" => Arc::new(CheckoutCom::new(settings)?),
        "stripe" => Arc::new(Stripe::new(settings)?),
        "tabby" => Arc::new(Tabby::new(settings)?),
        "kaspi" => Arc::new(Kaspi::new(settings)?),
        other => {
            let known = CONNECTORS.join(", ");
            return Err(Error::Settings(format!("{other} is not a connector; there are {known}")));
        }
    })
}
