//! E-mail over SMTP (RFC 5321), with a text and an HTML part.

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use super::Failure;

/// A mail to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Names it for its receiver, who may leave out a second one with the same name.
    pub id: String,
    /// Whom to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// A server that takes mail, and who it is from. Cheap to clone; `Debug` shows no password.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mailer from {}", self.from.email)
    }
}

impl Mailer {
    /// A server by its address (`smtps://user:password@host`, `smtp://user:password@host?tls=required`, or
    /// `smtp://127.0.0.1:2525` for one on this machine), and the sender (`Shop <shop@example.com>`).
    ///
    /// # Errors
    /// [`Failure::NotSent`] for addresses that cannot be used, which it does not quote; also for one that would send
    /// passwords and people's letters in the clear to another machine.
    pub fn new(server: &str, from: &str) -> Result<Mailer, Failure> {
        let local = ["smtp://127.0.0.1", "smtp://localhost", "smtp://[::1]"];
        let is_safe = server.starts_with("smtps://")
            || server.contains("tls=required")
            || local.iter().any(|start| server.starts_with(start));
        if !is_safe {
            return Err(Failure::NotSent(
                "mail goes out encrypted: smtps:// or ?tls=required".to_owned(),
            ));
        }
        let from = from.parse().map_err(|_| Failure::NotSent("the sender is none".to_owned()))?;
        // Refused when there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(server);
        let transport =
            transport.map_err(|_| Failure::NotSent("the mail server is none".to_owned()))?;
        Ok(Mailer { transport: transport.build(), from })
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&self, mail: &Mail) -> Result<(), Failure> {
        let message = self.message(mail)?;
        // Apart from the mail itself, so that a server that is away is known to have taken nothing.
        let reached = self.transport.test_connection().await;
        if let Ok(false) | Err(_) = reached {
            return Err(Failure::NotSent("the mail server is away".to_owned()));
        }
        self.transport.send(message).await.map(drop).map_err(|error| failure(&error))
    }

    fn message(&self, mail: &Mail) -> Result<Message, Failure> {
        let to: Mailbox = mail.to.parse().map_err(|_| Failure::Refused("no address".to_owned()))?;
        Message::builder()
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.as_str())
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| Failure::Refused(error.to_string()))
    }
}

/// 5xx refuses for good and 4xx for now; without an answer nobody knows. Never the server's words, which quote addresses.
fn failure(error: &Error) -> Failure {
    let code = error.status().map(|code| format!("SMTP {code}"));
    if error.is_permanent() {
        return Failure::Refused(code.unwrap_or_default());
    }
    match code {
        Some(code) => Failure::NotSent(code),
        None => Failure::Unknown("the mail server went away".to_owned()),
    }
}
