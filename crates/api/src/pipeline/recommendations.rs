//! Recommendations: candidates of all models → what can be had → one order with some variety → cards, each with a reason.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use souk_base::{CityId, Lang, MarketCode, Ordinal, ProductId};
use souk_commerce::carts::{self, CartId};
use souk_commerce::customers::CustomerId;
use souk_commerce::recommendations::{List, Mixed};
use souk_commerce::searches::QueryId;
use souk_recommend::Scratch;
use souk_recommend::experiments::{Team, team_draft};
use souk_recommend::serve::{
    Candidate, History, Objective, Placement, Question, Reason, Shop, Source,
};
use souk_recommend::train::Kind;
use souk_search::{Query, Request, Shelf, Sort, View};
use utoipa::ToSchema;

use super::ranked::{Choice, Granted, Taste};
use super::{SearchHit, Shown, Wish};
use crate::AppState;
use crate::attribution::Attribution;
use crate::cursor::Keys;
use crate::error::{Code, Error, FieldError, Result};
use crate::recommender::{Stand, Treatment, Way, Who};

/// Products of a list when the request does not say.
pub const LIMIT_DEFAULT: usize = 12;

/// Candidates that can be had, for each product of the list: variety is chosen among them.
const CHOICE: usize = 4;
/// Place of the first product that nobody knows yet, from 0.
const NEW_PLACE: usize = 5;
/// Places from one such product to the next.
const NEW_STEP: usize = 3;
/// How many times as many candidates are looked at where more than their models decides.
const MORE: usize = 4;
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

    fn as_search(&self, limit: usize, segment: Option<u16>) -> Request<'_> {
        Request {
            market: self.market,
            text: "",
            lang: self.lang,
            city: self.city,
            date: self.date,
            segment,
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
    /// The kind of customer that the shopper is by what was bought lately, how often and how much, from 1, the most valuable;
    /// only with `explain=true`, and of somebody who has bought something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<usize>,
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
    /// What each source gave it, what the sum was multiplied by (`objective_factor`, `rules_factor`, `variety_factor`), and
    /// whether it has its place for `fairness` to its seller or for `exploration`; only with `explain=true`.
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

/// A list as somebody would get it, and the experiment that decides how.
#[derive(Clone, Debug)]
pub struct Previewed {
    /// The list; its token names no list that was served.
    pub answer: RecommendationsAnswer,
    /// Name of the experiment, where one runs.
    pub experiment: Option<String>,
    /// Name of the variant; none where two are mixed.
    pub variant: Option<String>,
    /// Clicks and purchases that are known of them.
    pub known: (usize, usize),
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
    let asked = Asked::of(app, &view, request).await?;
    let seen = asked.treatment.seen.clone();
    let keys = app.keys.clone();
    let (id, answer, teams) = app.compute(move || asked.answer(&view, &keys)).await?;
    let experiment = seen.as_ref().map(|seen| seen.experiment.id);
    app.recommender.lists.push(List {
        id,
        market: request.market,
        placement: request.placement.name(),
        visitor: request.visitor.clone(),
        model: answer.model.clone(),
        products: answer.items.iter().map(|item| item.hit.product_id).collect(),
        mixed: experiment.zip(teams).map(|(experiment, teams)| Mixed { experiment, teams }),
    });
    if let Some(seen) = seen {
        app.recommender.lists.expose(seen.exposure);
    }
    Ok(answer)
}

/// Recommends as [`run`] would, and leaves no trace of it.
///
/// # Errors
/// As [`run`].
pub async fn preview(app: &AppState, request: &RecommendationsRequest) -> Result<Previewed> {
    let view = app.view()?;
    let asked = Asked::of(app, &view, request).await?;
    let seen = asked.treatment.seen.clone();
    let known = (asked.history.clicks.len(), asked.history.purchases.len());
    let keys = app.keys.clone();
    let (_, answer, _) = app.compute(move || asked.answer(&view, &keys)).await?;
    let variant = seen.as_ref().and_then(|seen| Some(seen.variant()?.name.clone()));
    let experiment = seen.map(|seen| seen.experiment.name.clone());
    Ok(Previewed { answer, experiment, variant, known })
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
        let mut connection = app.reading().await?;
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

/// A request with what is known of who asks, and how they are answered.
struct Asked {
    request: RecommendationsRequest,
    about: Vec<u32>,
    history: Arc<History>,
    stand: Stand,
    treatment: Treatment,
    nothing: History,
    /// The kind of customer who asks, where some rule wants to know.
    asked_segment: Option<u16>,
}

/// A list on its way: what was chosen, by which model, and which way brought each; none of them what is only popular.
struct Chosen {
    choices: Vec<Choice>,
    model: String,
    brought: HashMap<u32, usize>,
}

/// Which of two ways brought each product of a list, -1 for neither; none where there is one way.
type Teams = Option<Vec<i8>>;

impl Asked {
    /// Reads what is known of who asks.
    async fn of(app: &AppState, view: &View, request: &RecommendationsRequest) -> Result<Asked> {
        let (market, placement) = (request.market, request.placement.name());
        view.tables.market(market).ok_or(Error::NotFound)?;
        let stand = app.recommender.stand(market);
        let visitor = request.visitor.as_deref();
        let history = history(app, view, request).await;
        let is_asked = view.asks_for_segments(market);
        let segment = || stand.shop.segment(&history, request.now.as_millisecond());
        Ok(Asked {
            about: about(app, view, request).await?,
            asked_segment: is_asked.then(segment).flatten().and_then(|it| u16::try_from(it).ok()),
            history,
            treatment: stand.treatment(market, placement, visitor, request.now),
            stand,
            request: request.clone(),
            nothing: History::default(),
        })
    }

    /// The synchronous part.
    fn answer(&self, view: &View, keys: &Keys) -> Result<(QueryId, RecommendationsAnswer, Teams)> {
        let request = &self.request;
        let shelf = view.shelf(&request.as_search(request.limit, self.asked_segment))?;
        let mut lists: Vec<Chosen> =
            self.treatment.ways.iter().map(|way| self.chosen(view, &shelf, way)).collect();
        let second = (lists.len() > 1).then(|| lists.remove(1));
        let mut chosen = lists.remove(0);
        let is_mixed = second.is_some();
        if let Some(second) = second {
            chosen = self.mixed(chosen, second);
        }
        if chosen.choices.len() < request.limit {
            self.fill(view, &shelf, &mut chosen.choices)?;
        }
        let (items, teams) = self.items(view, &shelf, &chosen)?;
        let teams = Some(teams).filter(|_| is_mixed);
        let id = QueryId::new(request.now, rand::random());
        let token = Attribution::of(id, request.market, request.placement.name()).token(keys);
        let segment = if request.explain { self.segment() } else { None };
        Ok((id, RecommendationsAnswer { token, model: chosen.model, segment, items }, teams))
    }

    /// The list of one way.
    fn chosen(&self, view: &View, shelf: &Shelf<'_>, way: &Way) -> Chosen {
        let taste = Taste::of(self.request.placement, way.goals);
        let question = self.question(way);
        let candidates = SCRATCH.with_borrow_mut(|scratch| way.shop.candidates(&question, scratch));
        let model = model(&way.shop, &candidates);
        let choices = self.available(view, shelf, &taste, candidates);
        let choices = self.weighed(view, shelf, &taste, choices);
        let mut choices = taste.choose(choices, self.request.limit);
        for number in 0..taste.new_places {
            self.put_new(view, shelf, &mut choices, number);
        }
        let brought = choices.iter().map(|choice| (choice.candidate.item, 0)).collect();
        Chosen { choices, model, brought }
    }

    fn segment(&self) -> Option<usize> {
        self.stand.shop.segment(&self.history, self.request.now.as_millisecond())
    }

    /// Two lists as one, each product from who may bring it.
    fn mixed(&self, first: Chosen, second: Chosen) -> Chosen {
        let items = |chosen: &Chosen| -> Vec<u32> {
            chosen.choices.iter().map(|choice| choice.candidate.item).collect()
        };
        let seed = self.turn().unsigned_abs();
        let draft = team_draft(&items(&first), &items(&second), self.request.limit, seed);
        let by_item = |chosen: Chosen| -> HashMap<u32, Choice> {
            chosen.choices.into_iter().map(|choice| (choice.candidate.item, choice)).collect()
        };
        let model = first.model.clone();
        let mut lists = [by_item(first), by_item(second)];
        let way = |team| usize::from(team == Team::Other);
        let choices =
            draft.iter().filter_map(|(item, team)| lists[way(*team)].remove(item)).collect();
        let brought = draft.iter().map(|(item, team)| (*item, way(*team))).collect();
        Chosen { choices, model, brought }
    }

    fn question(&self, way: &Way) -> Question<'_> {
        Question {
            placement: self.request.placement,
            history: if way.personalise { &self.history } else { &self.nothing },
            about: &self.about,
            now_ms: self.request.now.as_millisecond(),
        }
    }

    /// The candidates that can be had and belong here, as many as variety needs.
    fn available(
        &self,
        view: &View,
        shelf: &Shelf<'_>,
        taste: &Taste,
        candidates: Vec<Candidate>,
    ) -> Vec<Choice> {
        let belongs = self.belongs(view);
        let choices =
            candidates.into_iter().filter(|it| belongs(it.item)).filter_map(|candidate| {
                let offer = shelf.offer(Ordinal(candidate.item))?;
                let category = self.stand.catalogue.path(candidate.item).first().copied();
                Some(Choice::new(candidate, category, offer.seller_id, offer.minor))
            });
        let is_plain = taste.objective == Objective::Clicks && !shelf.has_factors();
        let count = self.request.limit * CHOICE * if is_plain { 1 } else { MORE };
        choices.take(count).collect()
    }

    /// What each brings to the shop, and what rules say of it.
    fn weighed(
        &self,
        view: &View,
        shelf: &Shelf<'_>,
        taste: &Taste,
        mut choices: Vec<Choice>,
    ) -> Vec<Choice> {
        if taste.objective != Objective::Clicks {
            let mean = mean(choices.iter().map(|choice| choice.minor));
            for choice in &mut choices {
                let value = self.stand.values.value(choice.candidate.item, choice.minor, mean);
                choice.objective = taste.objective.factor(value);
            }
        }
        if shelf.has_factors() {
            for choice in &mut choices {
                let item = choice.candidate.item;
                let product = view.columns.product(Ordinal(item));
                let catalogue = &self.stand.catalogue;
                choice.rules = shelf.factor(|target| catalogue.is_meant(item, product, target));
            }
        }
        choices
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

    /// Gives one place to a product that nobody knows yet: another for each visitor and hour.
    fn put_new(&self, view: &View, shelf: &Shelf<'_>, chosen: &mut Vec<Choice>, number: usize) {
        let place = NEW_PLACE + number * NEW_STEP;
        if chosen.len() <= place {
            return;
        }
        let known: HashSet<u32> = chosen.iter().map(|it| it.candidate.item).collect();
        let belongs = self.belongs(view);
        let newest = &self.stand.shop.newest;
        let Some(count) = i64::try_from(newest.len()).ok().filter(|&count| count > 0) else {
            return;
        };
        let (later, first) =
            newest.split_at(usize::try_from(self.turn().rem_euclid(count)).unwrap_or(0));
        let fresh = first.iter().chain(later).copied();
        let mut fitting = fresh.filter(|item| !known.contains(item) && belongs(*item));
        let found = fitting.find_map(|item| Some((item, shelf.offer(Ordinal(item))?)));
        let Some((item, offer)) = found else { return };
        let offer = (offer.seller_id, offer.minor);
        let category = self.stand.catalogue.path(item).first().copied();
        let granted = Some(Granted::Exploration);
        chosen.pop();
        let choice = Choice { granted, ..Choice::of(item, Source::Newest, category, offer) };
        chosen.insert(place.min(chosen.len()), choice);
    }

    /// A number of this visitor and hour, so that a list that is asked for again is the same.
    fn turn(&self) -> i64 {
        let visitor = self.request.visitor.as_deref().unwrap_or_default();
        visitor.bytes().fold(self.request.now.as_second() / 3_600, |turn, byte| {
            turn.wrapping_mul(31).wrapping_add(byte.into())
        })
    }

    /// Adds what is popular here, so that no list is short while the shop has something.
    fn fill(&self, view: &View, shelf: &Shelf<'_>, chosen: &mut Vec<Choice>) -> Result<()> {
        let mut known: HashSet<u32> = chosen.iter().map(|it| it.candidate.item).collect();
        // The search stays within the category by itself.
        let belongs = self.is_wanted();
        let query =
            Query::parse(&self.request.as_search(POPULAR_MAX, self.asked_segment), &view.tables)?;
        for hit in view.candidates(&query)?.hits {
            let item = hit.ordinal.0;
            if chosen.len() >= self.request.limit {
                break;
            }
            if belongs(item) && shelf.offer(hit.ordinal).is_some() && known.insert(item) {
                let category = self.stand.catalogue.path(item).first().copied();
                let offer = (hit.offer.seller_id, hit.offer.minor);
                chosen.push(Choice::of(item, Source::Wanted, category, offer));
            }
        }
        Ok(())
    }

    /// The cards with their reasons, and which way brought each, -1 for neither.
    fn items(
        &self,
        view: &View,
        shelf: &Shelf<'_>,
        chosen: &Chosen,
    ) -> Result<(Vec<RecommendedItem>, Vec<i8>)> {
        let request = &self.request;
        let market = view.tables.market(request.market).ok_or(Error::NotFound)?;
        let lang = request.lang.unwrap_or(market.languages[0]);
        let wish = Wish::new(request.city, request.date, request.now);
        let shown = Shown { market, tables: &view.tables, wish, explain: false };
        let choices: HashMap<u32, &Choice> =
            chosen.choices.iter().map(|it| (it.candidate.item, it)).collect();
        let ordinals: Vec<_> = chosen.choices.iter().map(|it| Ordinal(it.candidate.item)).collect();
        let (mut items, mut teams) = (Vec::with_capacity(chosen.choices.len()), Vec::new());
        for hit in shelf.hits(&ordinals)? {
            let choice = choices[&hit.ordinal.0];
            let is_wanted = shelf.popularity(hit.ordinal) > 0.0;
            let brought = chosen.brought.get(&hit.ordinal.0).copied();
            teams.push(brought.map_or(-1, |way| i8::try_from(way).unwrap_or(-1)));
            let way = &self.treatment.ways[brought.unwrap_or(0)];
            let reason = way.shop.reason(&self.question(way), &choice.candidate, is_wanted);
            items.push(RecommendedItem {
                reason: told(view, shelf, reason, lang)?,
                scores: request.explain.then(|| choice.explained()),
                hit: shown.hit(hit),
            });
        }
        Ok((items, teams))
    }
}

/// The version of the model that gave the first candidate most.
fn model(shop: &Shop, candidates: &[Candidate]) -> String {
    let kind = match candidates.first().and_then(|it| it.parts.first()).map(|part| part.0) {
        Some(Source::Blend | Source::Alike) => Kind::Blend,
        Some(Source::Session) => Kind::Session,
        Some(Source::Together) => Kind::Together,
        Some(Source::Repeat) => Kind::Repeat,
        Some(Source::Trending) => Kind::Trending,
        _ => return "live".to_owned(),
    };
    shop.models.get(&kind).map_or_else(|| "live".to_owned(), |served| served.version().to_owned())
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

/// The mean of what some products cost, as people feel it: twice as dear is as far as half as dear.
#[expect(clippy::cast_possible_truncation, reason = "only proportions are made of it")]
fn mean(minors: impl Iterator<Item = i64>) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for minor in minors {
        sum += (minor.max(1) as f64).ln();
        count += 1.0;
    }
    (sum / f64::max(count, 1.0)).exp() as f32
}
