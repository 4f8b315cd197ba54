//! Who carries the shop's messages: from a file, or simulated.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, bail};
use souk_commerce::notifications::{Messengers, Settings};

/// The messengers of a file:
///
/// ```toml
/// [mail]
/// server = "smtps://user:password@mail.example.com"
/// from = "Souk <shop@example.com>"
/// [sms]
/// account = "AC…"
/// token = "…"
/// from = "+15005550006"
/// ```
///
/// # Errors
/// For a file that cannot be read, and settings that are missing or unknown. No value is quoted.
pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Messengers> {
    let Some(path) = path else { return Ok(Messengers::none()) };
    let place = || format!("messengers in {}", path.display());
    let text = std::fs::read_to_string(path).with_context(place)?;
    // Its own error would quote the line, and lines hold secrets.
    let Ok(mut table) = text.parse::<toml::Table>() else { bail!("{} are not TOML", place()) };
    let mail = table.remove("mail").map(|mail| {
        let mut mail = Section::of("mail", mail)?;
        let both = (mail.text("server")?, mail.text("from")?);
        mail.end()?;
        Ok::<_, anyhow::Error>(both)
    });
    let sms = table.remove("sms").map(|sms| {
        let mut sms = Section::of("sms", sms)?;
        let account = (sms.text("account")?, sms.text("token")?, sms.text("from")?);
        let base = sms.optional("base")?;
        sms.end()?;
        Ok::<_, anyhow::Error>((base, account.0, account.1, account.2))
    });
    let settings = Settings {
        mail: mail.transpose().with_context(place)?,
        sms: sms.transpose().with_context(place)?,
    };
    if let Some(other) = table.keys().next() {
        bail!("{}: [{other}] is neither [mail] nor [sms]", place());
    }
    Messengers::new(settings).with_context(place)
}

/// The simulated ones: pages and SMS at one address, mail at another.
///
/// # Errors
/// When the client for calls cannot be made.
pub(crate) fn simulated(pages: SocketAddr, mail: SocketAddr) -> anyhow::Result<Messengers> {
    let account = (Some(format!("http://{pages}")), "AC0".to_owned(), "token".to_owned());
    let settings = Settings {
        mail: Some((format!("smtp://{mail}"), "Souk <shop@souk.example>".to_owned())),
        sms: Some((account.0, account.1, account.2, "Souk".to_owned())),
    };
    Ok(Messengers::new(settings)?)
}

/// A table of the file, whose names are taken out one by one.
struct Section {
    name: &'static str,
    table: toml::Table,
}

impl Section {
    fn of(name: &'static str, value: toml::Value) -> anyhow::Result<Section> {
        let toml::Value::Table(table) = value else { bail!("[{name}] is no table") };
        Ok(Section { name, table })
    }

    fn optional(&mut self, key: &str) -> anyhow::Result<Option<String>> {
        match self.table.remove(key) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => bail!("[{}]: {key} must be a text in quotes", self.name),
        }
    }

    fn text(&mut self, key: &str) -> anyhow::Result<String> {
        let name = self.name;
        self.optional(key)?.with_context(|| format!("[{name}]: {key} is missing"))
    }

    /// Refuses names that nobody reads, since a typing error there would go unnoticed.
    fn end(self) -> anyhow::Result<()> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => bail!("[{}]: {key} is not known", self.name),
        }
    }
}
