//! Who carries messages: a mail server and an account for SMS, as configured.

use souk_providers::Secret;
use souk_providers::http::Client;
use souk_providers::messages::{Failure, Mail, Mailer, Sms, Twilio};

use super::Channel;
use super::texts::Words;
use crate::{Error, Result};

/// How messages go out; what is left out does not.
#[derive(Clone, Default)]
pub struct Settings {
    /// The mail server, and who mail is from.
    pub mail: Option<(String, String)>,
    /// Twilio's address where it is not the real one, the account, its token, and who SMS are from.
    pub sms: Option<(Option<String>, String, String, String)>,
}

/// Who carries messages. Cheap to clone; `Debug` shows no secret.
#[derive(Clone, Debug, Default)]
pub struct Messengers {
    mailer: Option<Mailer>,
    sms: Option<(Client, Twilio)>,
}

impl Messengers {
    /// Messengers by these settings.
    ///
    /// # Errors
    /// [`Error::Provider`] for addresses that cannot be used.
    pub fn new(settings: Settings) -> Result<Messengers> {
        let mailer = settings.mail.map(|(server, from)| {
            Mailer::new(&server, &from).map_err(|error| Error::Provider(format!("mail: {error}")))
        });
        let sms = settings.sms.map(|(base, account, token, from)| {
            let twilio = Twilio::new(base.as_deref(), &account, Secret::new(token), &from);
            let client = Client::new([twilio.base()]);
            let client = client.map_err(|error| Error::Provider(format!("sms: {error}")))?;
            Ok::<_, Error>((client, twilio))
        });
        Ok(Messengers { mailer: mailer.transpose()?, sms: sms.transpose()? })
    }

    /// Nobody: nothing goes out.
    #[must_use]
    pub fn none() -> Messengers {
        Messengers::default()
    }

    /// The same, with calls for SMS made in another way; for tests.
    #[must_use]
    pub fn with_client(self, client: Client) -> Messengers {
        Messengers { sms: self.sms.map(|(_, twilio)| (client, twilio)), ..self }
    }

    /// Whether somebody carries messages over this channel.
    pub(super) fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mailer.is_some(),
            Channel::Sms => self.sms.is_some(),
        }
    }

    /// Hands a message over; `id` names it. Gives the provider's name for it, if it has one.
    pub(super) async fn send(
        &self,
        channel: Channel,
        id: i64,
        to: &str,
        words: Words,
    ) -> std::result::Result<Option<String>, Failure> {
        let nobody = || Failure::NotSent("nobody carries this".to_owned());
        match channel {
            Channel::Email => {
                let mailer = self.mailer.as_ref().ok_or_else(nobody)?;
                let Words { subject, text, html, .. } = words;
                let id = format!("notification-{id}");
                mailer.send(&Mail { id, to: to.to_owned(), subject, text, html }).await?;
                Ok(None)
            }
            Channel::Sms => {
                let (client, twilio) = self.sms.as_ref().ok_or_else(nobody)?;
                let sms = Sms { to: to.to_owned(), text: words.sms };
                twilio.send(client, &sms).await.map(Some)
            }
        }
    }
}
