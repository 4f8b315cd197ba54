//! Recommendations: candidates of all models → what can be had → one order with some variety → cards, each with a reason.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use serde::Serialize;
use souk_base::{CategoryId, CityId, Lang, MarketCode, Ordinal, ProductId, SellerId};
use souk_commerce::carts::{self, CartId};
use souk_commerce::customers::CustomerId;
use souk_commerce::recommendations::List;
use souk_commerce::searches::QueryId;
use souk_recommend::Scratch;
use souk_recommend::serve::{Candidate, History, Placement, Question, Reason, Source};
use souk_recommend::train::Kind;
use souk_search::{Query, Request, Shelf, Sort, View};
use utoipa::ToSchema;

use super::{SearchHit, Shown, Wish};
use crate::AppState;
use crate::attribution::Attribution;
use crate::cursor::Keys;
use crate::error::{Code, Error, FieldError, Result};
use crate::recommender::{Stand, Who};

/// Products of a list when the request does not say.
pub const LIMIT_DEFAULT: usize = 12;

/// Candidates that can be had, for each product of the list: variety is chosen among them.
const CHOICE: usize = 4;
/// What each product of the same category before it takes of a product's score.
const SAME_CATEGORY: f32 = 0.8;
/// The same of the same seller.
const SAME_SELLER: f32 = 0.97;
/// Place of the product that nobody knows yet, from 0; the home page of everybody has one.
const NEW_PLACE: usize = 5;
/// Products that are looked through where the models name too few.
const POPULAR_MAX: usize = 100;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct RecommendationsRequest {
    /// Where.
    pub market: MarketCode,
    /// Where it is shown.
    pub placement: Placement,
    /// The device, if it is known.
    pub visitor: Option<String>,
    /// Who is signed in.
    pub customer: Option<CustomerId>,
    /// The product of the page.
    pub product: Option<ProductId>,
    /// The cart; whoever asks has shown its secret.
    pub cart: Option<CartId>,
    /// Slug of a category to stay within.
    pub category: Option<String>,
    /// Language of the answer; the market's first when not given.
    pub lang: Option<Lang>,
    /// Only what can be bought in this city.
    pub city: Option<CityId>,
    /// Only what can be delivered to that city on this day, in its own time zone.
    pub date: Option<Date>,
    /// The instant that cut-offs are judged by.
    pub now: Timestamp,
    /// Products of the list.
    pub limit: usize,
    /// Say what each source gave.
    pub explain: bool,
}

impl RecommendationsRequest {
    /// A placement's list for nobody in particular, to be made somebody's by setting fields.
    #[must_use]
    pub fn of(market: MarketCode, placement: Placement) -> Self {
        RecommendationsRequest {
            market,
            placement,
            visitor: None,
            customer: None,
            product: None,
            cart: None,
            category: None,
            lang: None,
            city: None,
            date: None,
            now: Timestamp::now(),
            limit: LIMIT_DEFAULT,
            explain: false,
        }
    }

    fn as_search(&self, limit: usize) -> Request<'_> {
        Request {
            market: self.market,
            text: "",
            lang: self.lang,
            city: self.city,
            date: self.date,
            now: self.now,
            category: self.category.as_deref(),
            filters: &[],
            facets: &[],
            sort: Sort::Popular,
            limit,
            after: None,
            prefix: false,
        }
    }
}

/// A list of recommendations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecommendationsAnswer {
    /// Names this list in events about it.
    pub token: String,
    /// The model that led, and its version; `live` where none did.
    pub model: String,
    /// The list.
    pub items: Vec<RecommendedItem>,
}

/// A recommended product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecommendedItem {
    /// The product as every list shows it.
    #[serde(flatten)]
    pub hit: SearchHit,
    /// Why it is shown.
    pub reason: RecommendationReason,
    /// What each source gave it; only with `explain=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<BTreeMap<&'static str, f32>>,
}

/// Why a product is shown; it holds when it is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecommendationReason {
    /// `bought_before`, `because_bought`, `because_viewed`, `similar_to`, `bought_together`, `trending`, `popular`, `new` or
    /// `available`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// The same for people, in the asked language.
    pub text: String,
    /// The product that it is because of.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<ProductId>,
}

/// Recommends.
///
/// # Errors
/// [`Error::NotFound`] for an unknown market, product or cart, [`Error::Invalid`] for what the request has wrong or lacks,
/// [`Error::NotReady`] before the first fill of the index.
pub async fn run(
    app: &AppState,
    request: &RecommendationsRequest,
) -> Result<RecommendationsAnswer> {
    let view = app.view()?;
    view.tables.market(request.market).ok_or(Error::NotFound)?;
    let asked = Asked {
        about: about(app, &view, request).await?,
        history: history(app, &view, request).await,
        stand: app.recommender.stand(request.market),
        request: request.clone(),
    };
    let keys = app.keys.clone();
    let (id, answer) = app.compute(move || asked.answer(&view, &keys)).await?;
    app.recommender.lists.push(List {
        id,
        market: request.market,
        placement: request.placement.name(),
        visitor: request.visitor.clone(),
        model: answer.model.clone(),
        products: answer.items.iter().map(|item| item.hit.product_id).collect(),
    });
    Ok(answer)
}

/// The product, or the lines of the cart, by their places in the columns.
async fn about(app: &AppState, view: &View, request: &RecommendationsRequest) -> Result<Vec<u32>> {
    let needed = match request.placement {
        Placement::Similar | Placement::Together if request.product.is_none() => Some("product"),
        Placement::Cart if request.cart.is_none() => Some("cart"),
        Placement::Category if request.category.is_none() => Some("category"),
        _ => None,
    };
    if let Some(name) = needed {
        let detail = format!("{name} must be given for this placement");
        return Err(FieldError::new(format!("/{name}"), Code::MissingField, detail).into());
    }
    let mut about = Vec::new();
    if let Some(product) = request.product {
        about.push(view.ordinal(product)?.ok_or(Error::NotFound)?.0);
    }
    if let Some(cart) = request.cart {
        let mut connection = app.connection().await?;
        let cart = carts::read(&mut connection, cart, request.now).await?;
        for line in &cart.lines {
            about.extend(view.ordinal(line.product_id)?.map(|ordinal| ordinal.0));
        }
    }
    Ok(about)
}

/// What the shopper did; nothing while the database does not say: the list is then everybody's.
async fn history(app: &AppState, view: &View, request: &RecommendationsRequest) -> Arc<History> {
    let who = Who { visitor: request.visitor.as_deref(), customer: request.customer };
    let known = app.recommender.visitors.history(app, view, who, request.market).await;
    known.unwrap_or_else(|error| {
        tracing::warn!(%error, "what a shopper did could not be read");
        Arc::default()
    })
}

thread_local! {
    /// Room for the model of sessions, one a thread.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A request with what is known of who asks.
struct Asked {
    request: RecommendationsRequest,
    about: Vec<u32>,
    history: Arc<History>,
    stand: Stand,
}

/// A candidate that can be had.
struct Choice {
    candidate: Candidate,
    category: Option<CategoryId>,
    seller: SellerId,
}

impl Asked {
    /// The synchronous part.
    fn answer(&self, view: &View, keys: &Keys) -> Result<(QueryId, RecommendationsAnswer)> {
        let request = &self.request;
        let shelf = view.shelf(&request.as_search(request.limit))?;
        let question = self.question();
        let candidates =
            SCRATCH.with_borrow_mut(|scratch| self.stand.shop.candidates(&question, scratch));
        let model = self.model(&candidates);
        let mut chosen =
            varied(self.available(view, &shelf, candidates), self.variety(), request.limit);
        if request.placement == Placement::Home {
            self.put_new(view, &shelf, &mut chosen);
        }
        if chosen.len() < request.limit {
            self.fill(view, &shelf, &mut chosen)?;
        }
        let items = self.items(view, &shelf, &question, &chosen)?;
        let id = QueryId::new(request.now, rand::random());
        let token = Attribution::of(id, request.market, request.placement.name()).token(keys);
        Ok((id, RecommendationsAnswer { token, model, items }))
    }

    fn question(&self) -> Question<'_> {
        Question {
            placement: self.request.placement,
            history: &self.history,
            about: &self.about,
            now_ms: self.request.now.as_millisecond(),
        }
    }

    /// The version of the model that gave the first candidate most.
    fn model(&self, candidates: &[Candidate]) -> String {
        let kind = match candidates.first().and_then(|it| it.parts.first()).map(|part| part.0) {
            Some(Source::Blend | Source::Alike) => Kind::Blend,
            Some(Source::Session) => Kind::Session,
            Some(Source::Together) => Kind::Together,
            Some(Source::Repeat) => Kind::Repeat,
            Some(Source::Trending) => Kind::Trending,
            _ => return "live".to_owned(),
        };
        let served = self.stand.shop.models.get(&kind);
        served.map_or_else(|| "live".to_owned(), |served| served.version().to_owned())
    }

    /// The candidates that can be had and belong here, as many as variety needs.
    fn available(&self, view: &View, shelf: &Shelf<'_>, candidates: Vec<Candidate>) -> Vec<Choice> {
        let belongs = self.belongs(view);
        let choices =
            candidates.into_iter().filter(|it| belongs(it.item)).filter_map(|candidate| {
                let offer = shelf.offer(Ordinal(candidate.item))?;
                let category = self.stand.catalogue.path(candidate.item).first().copied();
                Some(Choice { candidate, category, seller: offer.seller_id })
            });
        choices.take(self.request.limit * CHOICE).collect()
    }

    /// Whether a product is in the category, or for a day to celebrate.
    fn belongs<'a>(&'a self, view: &'a View) -> impl Fn(u32) -> bool + 'a {
        let wanted = self.request.category.as_ref().and_then(|slug| {
            view.tables.categories.values().find(|category| category.slug == *slug)
        });
        let (catalogue, is_wanted) = (&self.stand.catalogue, self.is_wanted());
        move |item| {
            wanted.is_none_or(|category| catalogue.path(item).contains(&category.id))
                && is_wanted(item)
        }
    }

    /// Whether a product is for the occasion, and neither the page's own nor in the cart.
    fn is_wanted(&self) -> impl Fn(u32) -> bool + '_ {
        let occasion = self.request.placement == Placement::Occasion;
        move |item| {
            (!occasion || self.stand.catalogue.is_for_occasions(item))
                && !self.about.contains(&item)
        }
    }

    /// What products of the same category lose: nothing where likeness is the point.
    fn variety(&self) -> f32 {
        match self.request.placement {
            Placement::Similar | Placement::BuyAgain | Placement::Category => 1.0,
            _ => SAME_CATEGORY,
        }
    }

    /// Gives one place to a product that nobody knows yet: another for each visitor and hour.
    fn put_new(&self, view: &View, shelf: &Shelf<'_>, chosen: &mut Vec<Choice>) {
        if chosen.len() <= NEW_PLACE {
            return;
        }
        let known: HashSet<u32> = chosen.iter().map(|it| it.candidate.item).collect();
        let belongs = self.belongs(view);
        let newest = self.stand.shop.newest.iter().copied();
        let fresh: Vec<(u32, SellerId)> = newest
            .filter(|item| !known.contains(item) && belongs(*item))
            .filter_map(|item| Some((item, shelf.offer(Ordinal(item))?.seller_id)))
            .collect();
        let visitor = self.request.visitor.as_deref().unwrap_or_default();
        let turn = visitor.bytes().fold(self.request.now.as_second() / 3_600, |turn, byte| {
            turn.wrapping_mul(31).wrapping_add(byte.into())
        });
        let Some(count) = i64::try_from(fresh.len()).ok().filter(|&count| count > 0) else {
            return;
        };
        let place = usize::try_from(turn.rem_euclid(count)).unwrap_or(0);
        let (item, seller) = fresh[place];
        let candidate = Candidate { item, score: 0.0, parts: vec![(Source::Newest, 0.0)] };
        let category = self.stand.catalogue.path(item).first().copied();
        chosen.pop();
        chosen.insert(NEW_PLACE.min(chosen.len()), Choice { candidate, category, seller });
    }

    /// Adds what is popular here, so that no list is short while the shop has something.
    fn fill(&self, view: &View, shelf: &Shelf<'_>, chosen: &mut Vec<Choice>) -> Result<()> {
        let mut known: HashSet<u32> = chosen.iter().map(|it| it.candidate.item).collect();
        // The search stays within the category by itself.
        let belongs = self.is_wanted();
        let query = Query::parse(&self.request.as_search(POPULAR_MAX), &view.tables)?;
        for hit in view.candidates(&query)?.hits {
            let item = hit.ordinal.0;
            if chosen.len() >= self.request.limit {
                break;
            }
            if belongs(item) && shelf.offer(hit.ordinal).is_some() && known.insert(item) {
                let candidate = Candidate { item, score: 0.0, parts: vec![(Source::Wanted, 0.0)] };
                let category = self.stand.catalogue.path(item).first().copied();
                chosen.push(Choice { candidate, category, seller: hit.offer.seller_id });
            }
        }
        Ok(())
    }

    /// The cards with their reasons.
    fn items(
        &self,
        view: &View,
        shelf: &Shelf<'_>,
        question: &Question<'_>,
        chosen: &[Choice],
    ) -> Result<Vec<RecommendedItem>> {
        let request = &self.request;
        let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
        let lang = request.lang.unwrap_or(market.languages[0]);
        let wish = Wish::new(request.city, request.date, request.now);
        let shown = Shown { market, tables: &view.tables, wish, explain: false };
        let candidates: HashMap<u32, &Candidate> =
            chosen.iter().map(|it| (it.candidate.item, &it.candidate)).collect();
        let ordinals: Vec<_> = chosen.iter().map(|it| Ordinal(it.candidate.item)).collect();
        let mut items = Vec::with_capacity(chosen.len());
        for hit in shelf.hits(&ordinals)? {
            let candidate = candidates[&hit.ordinal.0];
            let is_wanted = shelf.popularity(hit.ordinal) > 0.0;
            let reason = self.stand.shop.reason(question, candidate, is_wanted);
            let scores = || candidate.parts.iter().map(|it| (it.0.name(), it.1)).collect();
            items.push(RecommendedItem {
                reason: told(view, shelf, reason, lang)?,
                scores: request.explain.then(scores),
                hit: shown.hit(hit),
            });
        }
        Ok(items)
    }
}

/// A reason as clients read it; one that is because of a product without a title is told without it.
fn told(
    view: &View,
    shelf: &Shelf<'_>,
    reason: Reason,
    lang: Lang,
) -> Result<RecommendationReason> {
    let because = reason.because().map(Ordinal);
    let title = because.map(|ordinal| shelf.title(ordinal)).transpose()?.flatten();
    let text = super::reasons::text(reason, lang, title.as_deref().unwrap_or_default());
    let because = because.and_then(|ordinal| view.columns.product(ordinal));
    Ok(RecommendationReason { code: reason.code(), text, because })
}

/// The best `count`, each category and seller the weaker the more of it there is already.
fn varied(mut choices: Vec<Choice>, same_category: f32, count: usize) -> Vec<Choice> {
    let mut chosen: Vec<Choice> = Vec::with_capacity(count);
    let mut categories: FxHashMap<CategoryId, f32> = FxHashMap::default();
    let mut sellers: FxHashMap<SellerId, f32> = FxHashMap::default();
    while chosen.len() < count && !choices.is_empty() {
        let worth = |choice: &Choice| {
            let category = choice.category.and_then(|id| categories.get(&id)).unwrap_or(&1.0);
            choice.candidate.score * category * sellers.get(&choice.seller).unwrap_or(&1.0)
        };
        let worths = choices.iter().map(worth).enumerate();
        let best = worths.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)));
        let choice = choices.remove(best.map_or(0, |(place, _)| place));
        if let Some(id) = choice.category {
            *categories.entry(id).or_insert(1.0) *= same_category;
        }
        *sellers.entry(choice.seller).or_insert(1.0) *= SAME_SELLER;
        chosen.push(choice);
    }
    chosen
}
