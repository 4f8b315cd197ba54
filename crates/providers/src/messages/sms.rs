//! SMS over Twilio: `POST /2010-04-01/Accounts/{sid}/Messages.json`, a form, Basic authentication; answers are JSON.
//! There is no idempotency key for messages, so one without an answer is not sent again.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use super::Failure;
use crate::Secret;
use crate::http::{Answer, CallError, Client, Request};
use crate::wire::form;

/// Where Twilio is, unless an account says otherwise.
const BASE: &str = "https://api.twilio.com";

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// The number, E.164.
    pub to: String,
    /// The text.
    pub text: String,
}

/// An account at Twilio.
#[derive(Clone, Debug)]
pub struct Twilio {
    base: String,
    account: String,
    token: Secret,
    from: String,
}

/// What Twilio says of a message it took.
#[derive(Deserialize)]
struct Taken {
    sid: String,
}

/// What Twilio says of one it did not.
#[derive(Deserialize)]
struct NotTaken {
    code: Option<u32>,
}

impl Twilio {
    /// An account by its SID, with its token. `from` is a number, a sender's name, or the SID of a messaging service (`MG…`);
    /// `base` is where Twilio is, none for the real one.
    #[must_use]
    pub fn new(base: Option<&str>, account: &str, token: Secret, from: &str) -> Twilio {
        let base = base.unwrap_or(BASE).trim_end_matches('/').to_owned();
        Twilio { base, account: account.to_owned(), token, from: from.to_owned() }
    }

    /// Where it is called.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Hands a message over; gives Twilio's name for it.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn send(&self, client: &Client, sms: &Sms) -> Result<String, Failure> {
        match client.send(&self.request(sms)).await {
            Ok(answer) => read(&answer),
            Err(CallError::NotSent(why)) => Err(Failure::NotSent(why)),
            Err(CallError::NoAnswer(why)) => Err(Failure::Unknown(why)),
        }
    }

    /// The call.
    #[must_use]
    pub fn request(&self, sms: &Sms) -> Request {
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.base, self.account);
        let from = if self.from.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let body = form(&[("To", &sms.to), (from, &self.from), ("Body", &sms.text)]);
        let login = format!("{}:{}", self.account, self.token.reveal());
        Request::post(url, "application/x-www-form-urlencoded", body)
            .with("authorization", format!("Basic {}", BASE64_STANDARD.encode(login)))
            .with("accept", "application/json")
    }
}

/// What an answer means; gives Twilio's name for the message. 4xx are refusals, told by Twilio's code and not by its words,
/// which quote numbers; 429 was not taken, and of a 5xx nobody knows.
fn read(answer: &Answer) -> Result<String, Failure> {
    match answer.status {
        200..=299 => serde_json::from_slice::<Taken>(&answer.body)
            .map(|taken| taken.sid)
            .map_err(|_| Failure::Unknown("not the JSON expected".to_owned())),
        429 => Err(Failure::NotSent("too many requests".to_owned())),
        400..=499 => {
            let code = serde_json::from_slice::<NotTaken>(&answer.body).ok().and_then(|it| it.code);
            let code = code.map(|code| format!(" {code}")).unwrap_or_default();
            Err(Failure::Refused(format!("HTTP {}{code}", answer.status)))
        }
        status => Err(Failure::Unknown(format!("HTTP {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_message_is_a_form_with_basic_authentication() {
        let twilio = Twilio::new(None, "AC1", Secret::new("token"), "+15005550006");
        let sms = Sms { to: "+96522222222".to_owned(), text: "رمزك 123456".to_owned() };

        let request = twilio.request(&sms);

        assert_eq!(request.url, "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json");
        assert_eq!(
            request.body,
            "To=%2B96522222222&From=%2B15005550006&Body=%D8%B1%D9%85%D8%B2%D9%83%20123456"
        );
        let headers = [
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("authorization", "Basic QUMxOnRva2Vu".to_owned()),
            ("accept", "application/json".to_owned()),
        ];
        assert_eq!(request.headers, headers);
        let service = Twilio::new(None, "AC1", Secret::new("token"), "MG9").request(&sms);
        assert!(service.body.contains("MessagingServiceSid=MG9"), "{}", service.body);
    }

    #[test]
    fn each_answer_says_whether_the_message_may_be_tried_again() {
        let taken = answer(201, r#"{"sid":"SM1","status":"queued","error_code":null}"#);
        let refused = answer(
            400,
            r#"{"code":21211,"message":"The 'To' number +1 is not valid","status":400}"#,
        );

        assert_eq!(read(&taken), Ok("SM1".to_owned()));
        assert_eq!(read(&refused), Err(Failure::Refused("HTTP 400 21211".to_owned())));
        assert!(matches!(read(&answer(429, "{}")), Err(Failure::NotSent(_))));
        assert!(matches!(read(&answer(503, "")), Err(Failure::Unknown(_))));
        assert!(matches!(read(&answer(200, "<html>")), Err(Failure::Unknown(_))));
    }
}
