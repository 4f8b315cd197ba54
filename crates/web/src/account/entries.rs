//! `/{market}/account/addresses`, `recipients` and `occasions`: lists that customers add to and take from. What differs
//! between them is data: the entries in words, and the fields of the form.

use std::collections::HashMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::Response;
use souk_api::{AppState, Error};
use souk_base::CityId;
use souk_commerce::Error as Shop;
use souk_commerce::carts::Address;
use souk_commerce::customers::{
    self, AddressId, NewAddress, NewOccasion, NewRecipient, OccasionId, RecipientId,
};
use souk_commerce::writes::Write;

use super::{Member, Rail, lead, open};
use crate::format::read_count;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::account::{Account, account};
use crate::text::fill;
use crate::visit::Visit;

/// What a form sends: names and values.
type Typed = HashMap<String, String>;

#[derive(Template)]
#[template(path = "account/entries.html")]
pub(crate) struct EntriesPage {
    frame: Frame,
    rail: Rail,
    words: &'static Account,
    title: &'static str,
    none: &'static str,
    add: &'static str,
    action: String,
    entries: Vec<Entry>,
    fields: Vec<Field>,
    wrong: Option<String>,
}

/// An entry in words.
pub(crate) struct Entry {
    id: String,
    title: String,
    lines: Vec<String>,
}

/// A field of the form.
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    kind: Kind,
    /// What was typed, where the form comes again.
    value: String,
    required: bool,
}

/// What a field takes.
pub(crate) enum Kind {
    /// A text, a date, a number, as HTML calls it, with its longest length or its largest value.
    Input(&'static str, &'static str),
    /// Some lines.
    Lines,
    /// One of these: value and label.
    Choice(Vec<(String, String)>),
}

impl Field {
    fn new(typed: &Typed, name: &'static str, label: &'static str, kind: Kind) -> Field {
        let value = typed.get(name).cloned().unwrap_or_default();
        Field { name, label, kind, value, required: false }
    }

    fn required(self) -> Field {
        Field { required: true, ..self }
    }

    fn or(self, value: &str) -> Field {
        if self.value.is_empty() { Field { value: value.to_owned(), ..self } } else { self }
    }
}

/// Which of the three lists.
#[derive(Clone, Copy)]
enum List {
    Addresses,
    Recipients,
    Occasions,
}

/// `GET /{market}/account/addresses`
pub(crate) async fn addresses(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
) -> Result<Response, Refusal> {
    show(&app, &visit, &member, List::Addresses).await
}

/// `GET /{market}/account/recipients`
pub(crate) async fn recipients(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
) -> Result<Response, Refusal> {
    show(&app, &visit, &member, List::Recipients).await
}

/// `GET /{market}/account/occasions`
pub(crate) async fn occasions(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
) -> Result<Response, Refusal> {
    show(&app, &visit, &member, List::Occasions).await
}

/// `POST /{market}/account/addresses`
pub(crate) async fn save_address(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    save(&app, &visit, &member, List::Addresses, form).await
}

/// `POST /{market}/account/recipients`
pub(crate) async fn save_recipient(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    save(&app, &visit, &member, List::Recipients, form).await
}

/// `POST /{market}/account/occasions`
pub(crate) async fn save_occasion(
    State(app): State<AppState>,
    visit: Visit,
    member: Member,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    save(&app, &visit, &member, List::Occasions, form).await
}

async fn show(
    app: &AppState,
    visit: &Visit,
    member: &Member,
    list: List,
) -> Result<Response, Refusal> {
    let page = list.page(app, visit, member, &Typed::new()).await;
    let page = page.map_err(|error| Refusal::of(visit, error))?;
    Ok(page::for_caller(&visit.caller, &page))
}

async fn save(
    app: &AppState,
    visit: &Visit,
    member: &Member,
    list: List,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Refusal> {
    let typed = form.map(|Form(typed)| typed).unwrap_or_default();
    let refuse = |error| Refusal::of(visit, error);
    match list.change(app, visit, member, &typed).await {
        Ok(()) => Ok(lead(&[], &visit.path(list.path()))),
        Err(Error::Commerce(Shop::Invalid { field, .. })) => {
            let page = list.page(app, visit, member, &typed).await.map_err(refuse)?;
            let label = page.fields.iter().find(|other| other.name == field);
            let label = label.map_or(page.title, |field| field.label);
            let wrong = Some(fill(page.words.bad_entry, "why", label));
            Ok(page::html(StatusCode::BAD_REQUEST, &EntriesPage { wrong, ..page }))
        }
        Err(error) => Err(refuse(error)),
    }
}

impl List {
    const fn path(self) -> &'static str {
        match self {
            List::Addresses => "/account/addresses",
            List::Recipients => "/account/recipients",
            List::Occasions => "/account/occasions",
        }
    }

    async fn page(
        self,
        app: &AppState,
        visit: &Visit,
        member: &Member,
        typed: &Typed,
    ) -> Result<EntriesPage, Error> {
        let words = account(visit.lang);
        let mut connection = app.connection().await?;
        let id = member.customer.id;
        let addresses = customers::addresses(&mut connection, id).await?;
        let recipients = customers::recipients(&mut connection, id).await?;
        let places: Vec<_> =
            addresses.iter().map(|it| (it.id.to_string(), place_name(visit, &it.place))).collect();
        let people: Vec<_> =
            recipients.iter().map(|it| (it.id.to_string(), it.person.name.clone())).collect();
        let (title, none, add, entries, fields) = match self {
            List::Addresses => {
                let entries = addresses.iter().map(|it| address(visit, it)).collect();
                let fields = address_fields(visit, words, typed);
                (words.addresses, words.no_addresses, words.add_address, entries, fields)
            }
            List::Recipients => {
                let entries = recipients.iter().map(|it| recipient(it, &places)).collect();
                let fields = recipient_fields(words, typed, places);
                (words.recipients, words.no_recipients, words.add_recipient, entries, fields)
            }
            List::Occasions => {
                let occasions = customers::occasions(&mut connection, id).await?;
                let entries = occasions.iter().map(|it| occasion(visit, it, &people)).collect();
                let fields = occasion_fields(words, typed, people);
                (words.occasions, words.no_occasions, words.add_occasion, entries, fields)
            }
        };
        Ok(EntriesPage {
            frame: Frame::of(visit, title),
            rail: Rail::of(visit, &member.customer, &self.path()["/account".len()..]),
            words,
            title,
            none,
            add,
            action: visit.path(self.path()),
            entries,
            fields,
            wrong: None,
        })
    }

    /// Adds what was typed, or takes out what was pressed.
    async fn change(
        self,
        app: &AppState,
        visit: &Visit,
        member: &Member,
        typed: &Typed,
    ) -> Result<(), Error> {
        let mut write = open(app).await?;
        match typed.get("remove").filter(|id| !id.is_empty()) {
            Some(id) => self.remove(&mut write, member, id).await?,
            None => self.add(&mut write, visit, member, typed).await?,
        }
        Ok(write.finish().await?)
    }

    async fn remove(self, write: &mut Write, member: &Member, id: &str) -> Result<(), Error> {
        let customer = member.customer.id;
        let nowhere = |_| Error::NotFound;
        match self {
            List::Addresses => {
                let id: AddressId = id.parse().map_err(nowhere)?;
                customers::remove_address(write, customer, id).await?;
            }
            List::Recipients => {
                let id: RecipientId = id.parse().map_err(nowhere)?;
                customers::remove_recipient(write, customer, id).await?;
            }
            List::Occasions => {
                let id: OccasionId = id.parse().map_err(nowhere)?;
                customers::remove_occasion(write, customer, id).await?;
            }
        }
        Ok(())
    }

    async fn add(
        self,
        write: &mut Write,
        visit: &Visit,
        member: &Member,
        typed: &Typed,
    ) -> Result<(), Error> {
        let customer = member.customer.id;
        match self {
            List::Addresses => {
                customers::add_address(write, customer, &read_address(visit, typed)?).await?;
            }
            List::Recipients => {
                customers::add_recipient(write, customer, &read_recipient(typed)?).await?;
            }
            List::Occasions => {
                customers::add_occasion(write, customer, &read_occasion(typed)?).await?;
            }
        }
        Ok(())
    }
}

fn invalid(field: &'static str) -> Error {
    Error::Commerce(Shop::Invalid { field, reason: "cannot be read".to_owned() })
}

fn text(typed: &Typed, name: &str) -> String {
    typed.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// An empty text is none, another must read.
fn optional<T: std::str::FromStr>(typed: &Typed, name: &'static str) -> Result<Option<T>, Error> {
    let text = text(typed, name);
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| invalid(name))
}

fn read_address(visit: &Visit, typed: &Typed) -> Result<NewAddress, Error> {
    let served = |id: &CityId| visit.market().city_place(*id).is_some();
    let city = optional::<CityId>(typed, "city")?.filter(served).ok_or_else(|| invalid("city"))?;
    let address = text(typed, "address");
    if address.is_empty() || address.chars().count() > 1_000 || address.contains('\0') {
        return Err(invalid("address"));
    }
    Ok(NewAddress {
        label: text(typed, "label"),
        city,
        address: Address::Text(address),
        location: None,
    })
}

fn read_recipient(typed: &Typed) -> Result<NewRecipient, Error> {
    Ok(NewRecipient {
        name: text(typed, "name"),
        phone: optional(typed, "phone")?,
        address: optional(typed, "address_id")?,
    })
}

fn read_occasion(typed: &Typed) -> Result<NewOccasion, Error> {
    Ok(NewOccasion {
        title: text(typed, "title"),
        date: optional(typed, "date")?.ok_or_else(|| invalid("date"))?,
        yearly: text(typed, "yearly") != "no",
        recipient: optional(typed, "recipient_id")?,
        remind_days: read_count(&text(typed, "remind_days"))
            .ok_or_else(|| invalid("remind_days"))?,
    })
}

/// What an address is called, else what it is.
fn place_name(visit: &Visit, place: &NewAddress) -> String {
    if place.label.is_empty() { address_words(visit, place) } else { place.label.clone() }
}

fn address_words(visit: &Visit, place: &NewAddress) -> String {
    let cities = visit.tables.markets.iter().flat_map(|market| &market.cities);
    let city = cities.into_iter().find(|city| city.id == place.city);
    let city = city.map(|city| city.label.get(visit.lang).to_owned()).unwrap_or_default();
    let address = match &place.address {
        Address::Text(text) => text.clone(),
        Address::Fields(fields) => {
            let texts = fields.values().filter_map(|value| value.as_str());
            texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
        }
    };
    [city, address].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

fn address(visit: &Visit, address: &customers::Address) -> Entry {
    let words = address_words(visit, &address.place);
    let is_named = !address.place.label.is_empty();
    Entry {
        id: address.id.to_string(),
        title: if is_named { address.place.label.clone() } else { words.clone() },
        lines: if is_named { vec![words] } else { Vec::new() },
    }
}

fn recipient(recipient: &customers::Recipient, places: &[(String, String)]) -> Entry {
    let person = &recipient.person;
    let place = person.address.and_then(|id| named(places, &id.to_string()));
    let phone = person.phone.as_ref().map(ToString::to_string);
    Entry {
        id: recipient.id.to_string(),
        title: person.name.clone(),
        lines: phone.into_iter().chain(place).collect(),
    }
}

fn occasion(visit: &Visit, occasion: &customers::Occasion, people: &[(String, String)]) -> Entry {
    let (words, day) = (account(visit.lang), &occasion.day);
    let today = visit.today().unwrap_or_else(|| visit.now.to_zoned(jiff::tz::TimeZone::UTC).date());
    let next = day.next(today).map(|date| fill(words.next, "date", &visit.day_words(date)));
    let whose = day.recipient.and_then(|id| named(people, &id.to_string()));
    let how_often = if day.yearly { words.yearly } else { words.once };
    Entry {
        id: occasion.id.to_string(),
        title: day.title.clone(),
        lines: whose
            .into_iter()
            .chain([next.unwrap_or_else(|| words.over.to_owned()), how_often.to_owned()])
            .collect(),
    }
}

fn named(choices: &[(String, String)], id: &str) -> Option<String> {
    choices.iter().find(|(other, _)| other == id).map(|(_, name)| name.clone())
}

fn address_fields(visit: &Visit, words: &'static Account, typed: &Typed) -> Vec<Field> {
    let cities = visit.market().cities.iter().filter(|city| city.active);
    let cities = cities.map(|city| (city.id.to_string(), city.label.get(visit.lang).to_owned()));
    let here = visit.city.map(|city| city.to_string()).unwrap_or_default();
    vec![
        Field::new(typed, "label", words.label, Kind::Input("text", "100")),
        Field::new(typed, "city", words.city, Kind::Choice(cities.collect())).or(&here),
        Field::new(typed, "address", words.address, Kind::Lines).required(),
    ]
}

/// The choices with that of none before them.
fn or_none(words: &'static Account, choices: Vec<(String, String)>) -> Kind {
    let none = (String::new(), words.nowhere.to_owned());
    Kind::Choice(std::iter::once(none).chain(choices).collect())
}

fn recipient_fields(
    words: &'static Account,
    typed: &Typed,
    places: Vec<(String, String)>,
) -> Vec<Field> {
    vec![
        Field::new(typed, "name", words.name, Kind::Input("text", "200")).required(),
        Field::new(typed, "phone", words.phone, Kind::Input("tel", "40")),
        Field::new(typed, "address_id", words.lives_at, or_none(words, places)),
    ]
}

fn occasion_fields(
    words: &'static Account,
    typed: &Typed,
    people: Vec<(String, String)>,
) -> Vec<Field> {
    let often = [("yes", words.yearly), ("no", words.once)];
    let often = often.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    vec![
        Field::new(typed, "title", words.title, Kind::Input("text", "200")).required(),
        Field::new(typed, "date", words.date, Kind::Input("date", "")).required(),
        Field::new(typed, "yearly", words.yearly, Kind::Choice(often)),
        Field::new(typed, "recipient_id", words.whose, or_none(words, people)),
        Field::new(typed, "remind_days", words.remind, Kind::Input("number", "60")).or("7"),
    ]
}
