//! `/office/models/why`: the list that a visitor would get at a place now, each product with its reason and what it is made of.
//!
//! It is a preview: no list is logged, nobody is counted as having seen an experiment.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use souk_api::pipeline::recommendations::{
    self, Previewed, RecommendationsRequest, RecommendedItem,
};
use souk_api::{AppState, Error, Placement};
use souk_base::{Lang, Market, ProductId, Tables};
use souk_commerce::PgConnection;
use souk_commerce::products;

use crate::address::Address;
use crate::format::{Numbers, Price};
use crate::frame::Frame;
use crate::office::desk::{self, Desk};
use crate::office::fields::{Input, Problems, Select};
use crate::office::form::Form;
use crate::office::products::editor::categories;
use crate::office::{Colleague, refuse};
use crate::page;
use crate::refusal::Refusal;
use crate::text::fill;
use crate::text::models::{Models as Words, models as words_of};

/// The page.
pub(super) const PLACE: &str = "/office/models/why";
/// Longest name of a visitor, in characters.
const VISITOR_LENGTH_MAX: usize = 128;
/// Places that can be asked about; what is in a cart is told only to who has its secret.
const PLACEMENTS: [&str; 7] =
    ["home", "similar", "together", "buy-again", "trending", "category", "occasion"];

#[derive(Template)]
#[template(path = "office/why.html")]
pub(super) struct WhyPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    market: Select,
    place: Select,
    category: Select,
    visitor: Input,
    product: Input,
    list: Option<List>,
}

/// What was answered.
struct List {
    notes: Vec<String>,
    rows: Vec<Row>,
}

/// A product of the list.
struct Row {
    position: String,
    href: String,
    image: String,
    title: String,
    price: Price,
    reason: String,
    parts: Vec<Part>,
}

/// What a source gave, or what the sum was multiplied by.
struct Part {
    label: &'static str,
    value: String,
}

/// `GET /office/models/why`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let page = read(&app, &colleague).await.map_err(|error| refuse(&colleague.caller, error))?;
    Ok(page::for_caller(&colleague.caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<WhyPage, Error> {
    let (tables, lang) = (app.view()?.tables.clone(), colleague.caller.lang());
    let address = &colleague.caller.address;
    let named = address.get("market").and_then(|code| code.parse().ok());
    let market = named.and_then(|code| tables.market(code)).or_else(|| tables.markets.first());
    let market = market.ok_or(Error::NotFound)?;
    let form = filled(address, market);
    let asked = {
        let mut connection = app.connection().await?;
        asked(&mut connection, &form, market, lang).await?
    };
    let (list, problems) = match asked {
        Ok(request) => match recommendations::preview(app, &request).await {
            Ok(found) => (Some(List::new(&found, market, lang)), Problems::default()),
            // The shop sells it nowhere here.
            Err(Error::NotFound | Error::Invalid(_)) => {
                (None, Problems::of("product", "", words_of(lang).need_product))
            }
            Err(error) => return Err(error),
        },
        Err(problems) => (None, problems),
    };
    Ok(WhyPage::new(colleague, &tables, &form, &problems, list))
}

/// The form as it was sent; the home page where nothing was chosen.
fn filled(address: &Address, market: &Market) -> Form {
    let mut form = Form::default();
    form.put("market", market.code.as_str());
    let place = address.get("place").filter(|place| PLACEMENTS.contains(place));
    form.put("place", place.unwrap_or(PLACEMENTS[0]));
    for name in ["visitor", "product", "category"] {
        form.put(name, address.get(name).unwrap_or_default().replace('\0', "").trim());
    }
    form
}

/// What is asked, or what is wrong with it.
async fn asked(
    connection: &mut PgConnection,
    form: &Form,
    market: &Market,
    lang: Lang,
) -> Result<Result<RecommendationsRequest, Problems>, Error> {
    let words = words_of(lang);
    let placement: Placement = form.get("place").parse().map_err(|_| Error::NotFound)?;
    let product = match form.get("product") {
        "" => None,
        typed => match typed.parse::<ProductId>() {
            Ok(id) => Some(id),
            Err(_) => products::by_slug(connection, typed).await?,
        },
    };
    let is_about_one = matches!(placement, Placement::Similar | Placement::Together);
    if product.is_none() && (is_about_one || !form.get("product").is_empty()) {
        return Ok(Err(Problems::of("product", "", words.need_product)));
    }
    let category = Some(form.get("category").to_owned()).filter(|slug| !slug.is_empty());
    if placement == Placement::Category && category.is_none() {
        return Ok(Err(Problems::of("category", "", words.need_category)));
    }
    let visitor: String = form.get("visitor").chars().take(VISITOR_LENGTH_MAX).collect();
    Ok(Ok(RecommendationsRequest {
        visitor: Some(visitor).filter(|visitor| !visitor.is_empty()),
        product: product.filter(|_| is_about_one),
        category,
        lang: Some(lang),
        explain: true,
        ..RecommendationsRequest::of(market.code, placement)
    }))
}

impl WhyPage {
    fn new(
        colleague: &Colleague,
        tables: &Tables,
        form: &Form,
        problems: &Problems,
        list: Option<List>,
    ) -> WhyPage {
        let lang = colleague.caller.lang();
        let words = words_of(lang);
        let markets = tables.markets.iter();
        let markets = markets.map(|it| (it.code.to_string(), it.label.get(lang).to_owned()));
        let places = PLACEMENTS.map(|code| (code.to_owned(), place_name(code, words).to_owned()));
        WhyPage {
            frame: desk::frame(colleague, words.why),
            desk: Desk::new(colleague, super::PLACE),
            words,
            market: Select::new("market", markets, form, problems),
            place: Select::new("place", places, form, problems),
            category: Select::new("category", options(tables, lang), form, problems),
            visitor: Input::new("visitor", form, problems),
            product: Input::new("product", form, problems),
            list,
        }
    }
}

/// Every category by its address, and any.
fn options(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let any = (String::new(), words_of(lang).any_category.to_owned());
    let slug = |id: &str| {
        let mut known = tables.categories.values();
        known.find(|category| category.id.to_string() == id).map(|it| it.slug.clone())
    };
    let all = categories(tables, lang).into_iter();
    let all = all.filter_map(|(id, label)| Some((slug(&id)?, label)));
    std::iter::once(any).chain(all).collect()
}

impl List {
    fn new(found: &Previewed, market: &Market, lang: Lang) -> List {
        let (words, numbers) = (words_of(lang), Numbers::of(lang, Some(market.code)));
        let rows = found.answer.items.iter().enumerate();
        List {
            notes: notes(found, words, numbers),
            rows: rows.map(|(at, item)| Row::new(at + 1, item, market, words, numbers)).collect(),
        }
    }
}

/// Who it is and of which kind, what is tried on them, and what led.
fn notes(found: &Previewed, words: &Words, numbers: Numbers) -> Vec<String> {
    let (clicks, purchases) = found.known;
    let known = if clicks + purchases == 0 {
        words.unknown.to_owned()
    } else {
        let known = fill(words.known, "clicks", &numbers.whole(clicks as u64));
        fill(&known, "purchases", &numbers.whole(purchases as u64))
    };
    let tried = found.experiment.as_ref().map(|name| match &found.variant {
        Some(variant) => fill(&fill(words.tried, "name", name), "variant", variant),
        None => fill(words.mixed, "name", name),
    });
    let led = match found.answer.model.as_str() {
        "live" => words.led_live.to_owned(),
        model => fill(words.led, "model", model),
    };
    let segment = found.answer.segment;
    let segment = segment.map(|it| fill(words.segment, "segment", &numbers.whole(it as u64)));
    [Some(known), segment, tried, Some(led)].into_iter().flatten().collect()
}

impl Row {
    fn new(
        position: usize,
        item: &RecommendedItem,
        market: &Market,
        words: &'static Words,
        numbers: Numbers,
    ) -> Row {
        let scores = item.scores.iter().flatten();
        // A factor of one changes nothing.
        let telling = scores.filter(|(name, value)| !name.ends_with("_factor") || **value != 1.0);
        let part = |(name, value): (&&'static str, &f32)| Part {
            label: part_name(name, words),
            value: numbers.plain(&match name.ends_with("_factor") {
                true => format!("× {value:.2}"),
                false => format!("{value:.3}"),
            }),
        };
        Row {
            position: numbers.whole(position as u64),
            href: format!("/{}/p/{}", market.code, item.hit.slug),
            image: item.hit.image.clone(),
            title: item.hit.title.clone(),
            price: numbers.money(item.hit.price),
            reason: item.reason.text.clone(),
            parts: telling.map(part).collect(),
        }
    }
}

/// What a placement, or search, is called.
pub(crate) fn place_name<'w>(code: &'w str, words: &'static Words) -> &'w str {
    match code {
        "home" => words.place_home,
        "similar" => words.place_similar,
        "together" => words.place_together,
        "cart" => words.place_cart,
        "buy-again" => words.place_buy_again,
        "trending" => words.place_trending,
        "category" => words.place_category,
        "occasion" => words.place_occasion,
        "search" => words.place_search,
        other => other,
    }
}

fn part_name(name: &'static str, words: &'static Words) -> &'static str {
    match name {
        "blend" => words.part_blend,
        "session" => words.part_session,
        "alike" => words.part_alike,
        "together" => words.part_together,
        "repeat" => words.part_repeat,
        "content" => words.part_content,
        "trending" => words.part_trending,
        "popularity" => words.part_popularity,
        "newest" => words.part_newest,
        "objective_factor" => words.part_objective_factor,
        "rules_factor" => words.part_rules_factor,
        "variety_factor" => words.part_variety_factor,
        "fairness" => words.part_fairness,
        "exploration" => words.part_exploration,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use souk_api::pipeline::recommendations::{RecommendationReason, RecommendationsAnswer};
    use souk_base::StaffId;
    use souk_commerce::staff::{Role, Staff};

    use super::*;
    use crate::sample;

    fn colleague(lang: Lang) -> Colleague {
        let staff = Staff {
            id: StaffId::new(1),
            email: "a@b.c".to_owned(),
            name: "Aisha".to_owned(),
            roles: vec![Role::Merchandiser],
        };
        Colleague { staff, caller: sample::caller("/office/models/why?place=trending", lang) }
    }

    fn found(known: (usize, usize)) -> Previewed {
        let reason = RecommendationReason { code: "popular", text: "Wanted".into(), because: None };
        let scores = [("session", 0.125), ("objective_factor", 1.0), ("rules_factor", 1.5)].into();
        let hit = sample::hit("Rose <b>", 12_500, "KW".parse().unwrap());
        let items = vec![RecommendedItem { hit, reason, scores: Some(scores) }];
        let answer = RecommendationsAnswer {
            token: String::new(),
            model: "blend 1".to_owned(),
            segment: (known.1 > 0).then_some(2),
            items,
        };
        let (experiment, variant) = (Some("margin".to_owned()), Some("b".to_owned()));
        Previewed { answer, experiment, variant, known }
    }

    #[test]
    fn each_product_says_its_reason_and_what_it_is_made_of_in_every_language() {
        let tables = sample::tables();
        let market = &tables.markets[0];
        for lang in Lang::ALL {
            let (colleague, words) = (colleague(lang), words_of(lang));
            let form = filled(&colleague.caller.address, market);
            let list = List::new(&found((0, 0)), market, lang);
            let none = Problems::default();
            let html =
                WhyPage::new(&colleague, &tables, &form, &none, Some(list)).render().unwrap();

            for part in [words.unknown, words.part_session, words.part_rules_factor, "Wanted"] {
                assert!(html.contains(part), "{lang}: {part}");
            }
            assert!(!html.contains(words.part_objective_factor), "a factor of one is left out");
            assert!(!html.contains("<b>\"") && html.contains("blend 1"));
            assert!(html.contains("value=\"trending\" selected"), "{html}");
        }
    }

    #[test]
    fn what_is_known_and_tried_is_told() {
        let (words, numbers) = (words_of(Lang::En), Numbers::of(Lang::En, None));

        let told = notes(&found((3, 2)), words, numbers).join(" ");

        assert!(told.contains("clicks 3, purchases 2"), "{told}");
        assert!(told.contains("A customer of kind 2;"), "{told}");
        assert!(told.contains("The experiment “margin” decides: b."), "{told}");
    }
}
