//! `/office`: who is logged in, what the catalogue holds, what the team did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::{AppState, Error};
use souk_base::Lang;
use souk_commerce::audit::{self, Record};
use souk_commerce::staff::Role;
use souk_search::View;

use super::desk::Desk;
use super::{Colleague, refuse};
use crate::format::Numbers;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::desk::{Desk as Words, desk};
use crate::text::experiments::experiments;
use crate::text::models::models;
use crate::text::orders::orders;
use crate::text::promotions::promotions;
use crate::text::rules::{Rules, rules};
use crate::text::tuning::tuning;
use crate::text::{Text, fill, texts};

/// Actions of the team that are shown.
const ACTIONS: i64 = 20;

#[derive(Template)]
#[template(path = "office/today.html")]
pub(crate) struct TodayPage {
    frame: Frame,
    desk: Desk,
    greeting: String,
    roles: String,
    figures: Vec<Figure>,
    countries: Vec<Country>,
    actions: Vec<Action>,
}

/// A number with what it counts.
struct Figure {
    label: &'static str,
    value: String,
}

/// What a country sells.
struct Country {
    href: String,
    label: String,
    on_sale: String,
    in_stock: String,
}

/// Something that somebody did.
struct Action {
    when: String,
    at: String,
    who: String,
    what: String,
    subject: String,
}

/// `GET /office`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let caller = &colleague.caller;
    let page = read(&app, &colleague).await.map_err(|error| refuse(caller, error))?;
    Ok(page::for_caller(caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<TodayPage, Error> {
    let view = app.view()?;
    let records = {
        let mut connection = app.connection().await?;
        audit::recent(&mut connection, None, ACTIONS).await?
    };
    let counted = view.clone();
    let stock = tokio::task::spawn_blocking(move || Stock::of(&counted));
    let stock = stock.await.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(TodayPage::new(colleague, &view.tables, &stock, &records))
}

/// Products by market, in the order of the markets: on sale, and with at least one unit.
pub(crate) struct Stock {
    pub(crate) products: u64,
    pub(crate) markets: Vec<(u64, u64)>,
}

impl Stock {
    fn of(view: &View) -> Stock {
        let count = |market: &souk_base::Market| {
            let columns = view.columns.iter(market.code);
            columns.fold((0, 0), |(on_sale, in_stock), (_, product)| {
                let has_unit = product.offers.iter().any(|offer| offer.stock > 0);
                (on_sale + 1, in_stock + u64::from(has_unit))
            })
        };
        Stock {
            products: view.searcher.document_count(),
            markets: view.tables.markets.iter().map(count).collect(),
        }
    }
}

impl TodayPage {
    pub(crate) fn new(
        colleague: &Colleague,
        tables: &souk_base::Tables,
        stock: &Stock,
        records: &[Record],
    ) -> TodayPage {
        let (caller, staff) = (&colleague.caller, &colleague.staff);
        let lang = caller.lang();
        let (text, numbers) = (texts(lang), Numbers::of(lang, None));
        let roles: Vec<_> = staff.roles.iter().map(|role| role_name(*role, text)).collect();
        let counted = |label, count: usize| Figure { label, value: numbers.whole(count as u64) };
        TodayPage {
            frame: Frame::plain(lang, text.today, &caller.address),
            desk: Desk::new(colleague, "/office"),
            greeting: fill(text.logged_in_as, "name", &staff.name),
            roles: roles.join(" · "),
            figures: vec![
                Figure { label: text.products, value: numbers.whole(stock.products) },
                counted(text.categories, tables.categories.len()),
                counted(text.brands, tables.brands.len()),
                counted(text.sellers, tables.sellers.len()),
            ],
            countries: countries(lang, tables, stock),
            actions: records.iter().map(|record| Action::new(record, lang)).collect(),
        }
    }
}

fn countries(lang: Lang, tables: &souk_base::Tables, stock: &Stock) -> Vec<Country> {
    let numbers = Numbers::of(lang, None);
    let lines = tables.markets.iter().zip(&stock.markets);
    lines
        .map(|(market, (on_sale, in_stock))| Country {
            href: format!("/{}", market.code),
            label: market.label.get(lang).to_owned(),
            on_sale: numbers.whole(*on_sale),
            in_stock: numbers.whole(*in_stock),
        })
        .collect()
}

impl Action {
    fn new(record: &Record, lang: Lang) -> Action {
        let who = record.staff_name.as_deref().unwrap_or(texts(lang).command_line);
        Action {
            when: record.at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            at: record.at.to_string(),
            who: who.to_owned(),
            what: action_name(&record.action, lang).to_owned(),
            subject: record.subject.clone(),
        }
    }
}

/// An action in words; one that has none yet is shown by its code.
fn action_name(action: &str, lang: Lang) -> &str {
    let text = texts(lang);
    match action {
        "staff.add" => text.did_staff_add,
        "staff.log_in" => text.did_staff_log_in,
        "staff.log_out" => text.did_staff_log_out,
        code => catalogue_action(code, desk(lang))
            .or_else(|| search_action(code, rules(lang)))
            .or_else(|| code.starts_with("blocked_words.").then(|| tuning(lang).did_blocked))
            .or_else(|| code.starts_with("models.").then(|| models(lang).did_models))
            .or_else(|| code.starts_with("experiments.").then(|| experiments(lang).did_experiment))
            .or_else(|| code.starts_with("promotions.").then(|| promotions(lang).did_promotion))
            .or_else(|| code.starts_with("orders.").then(|| orders(lang).did_order))
            .unwrap_or(code),
    }
}

/// What somebody told search, in words.
fn search_action(action: &str, words: &'static Rules) -> Option<&'static str> {
    Some(match action.split_once('.')?.0 {
        "rules" => words.did_rule,
        "synonyms" => words.did_synonym,
        "search_settings" => words.did_settings,
        _ => return None,
    })
}

/// An action on the catalogue in words: what it was done to, and whether it came, changed or went.
fn catalogue_action(action: &str, words: &'static Words) -> Option<&'static str> {
    Some(match action.split_once('.')? {
        ("products", "create") => words.did_product_create,
        ("products", "delete") => words.did_product_delete,
        ("products", "bulk") => words.did_products_change,
        ("products", _) => words.did_product_change,
        ("categories", _) => words.did_category_change,
        ("offers", _) => words.did_offer_change,
        ("stock", _) => words.did_stock_change,
        ("wrappings", _) => words.did_wrapping_change,
        ("media", _) => words.did_picture_change,
        ("sheets", _) => words.did_import,
        _ => return None,
    })
}

const fn role_name(role: Role, text: &Text) -> &'static str {
    match role {
        Role::Admin => text.role_admin,
        Role::Merchandiser => text.role_merchandiser,
        Role::OrderManager => text.role_order_manager,
        Role::Buyer => text.role_buyer,
        Role::Warehouse => text.role_warehouse,
        Role::Dispatcher => text.role_dispatcher,
        Role::Support => text.role_support,
        Role::Accountant => text.role_accountant,
    }
}

#[cfg(test)]
mod tests {
    use souk_base::StaffId;
    use souk_commerce::staff::Staff;

    use super::*;
    use crate::sample;

    #[test]
    fn the_first_page_shows_who_is_in_and_what_was_done_in_every_language() {
        for lang in Lang::ALL {
            let caller = sample::caller("/office", lang);
            let staff = Staff {
                id: StaffId::new(1),
                email: "a@b.c".to_owned(),
                name: "Aisha".to_owned(),
                roles: Role::ALL.to_vec(),
            };
            let record = Record {
                id: 1,
                at: "2026-11-21T10:00:00Z".parse().unwrap(),
                staff_name: None,
                action: "parcels.weigh".to_owned(),
                subject: "<b>".to_owned(),
                detail: serde_json::Value::Null,
            };
            let stock = Stock { products: 4_016, markets: vec![(4_000, 3_500), (245, 12)] };
            let colleague = Colleague { staff, caller };
            let page = TodayPage::new(&colleague, &sample::tables(), &stock, &[record]);
            let html = page.render().unwrap();

            for part in ["Aisha", "parcels.weigh", "2026-11-21 10:00 UTC", texts(lang).role_buyer] {
                assert!(html.contains(part), "{lang}: {part}");
            }
            assert!(!html.contains("<b>"));
            assert_eq!(action_name("products.put_text", lang), desk(lang).did_product_change);
        }
    }
}
