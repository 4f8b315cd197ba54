//! `/office/analytics`: what shoppers searched for, as charts and tables, with the way to repair beside it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use souk_api::pipeline::analytics as pipeline;
use souk_api::{AppState, Error};
use souk_base::{Lang, Market, MarketCode, Money, Tables};
use souk_commerce::searches::{self, DayFigures, QueryFigures, Report, ReportRequest};

use super::desk::{self, Desk};
use super::fields::{Problems, Select};
use super::form::Form;
use super::{Colleague, refuse};
use crate::address::Address;
use crate::format::Numbers;
use crate::frame::Frame;
use crate::page;
use crate::refusal::Refusal;
use crate::text::analytics::{Analytics as Words, analytics};
use crate::text::tuning::{Tuning, tuning};
use crate::text::{fill, texts};

/// Queries of each table.
const QUERIES: i64 = 25;

/// Days that can be chosen.
const DAYS: [i64; 3] = [7, 28, 90];

/// Searches from which on few clicks say something.
const SEARCHES_MIN: u64 = 10;

/// Clicks in a hundred searches below which a query needs repair.
const CLICKS_MIN: u64 = 10;

#[derive(Template)]
#[template(path = "office/analytics.html")]
struct AnalyticsPage {
    frame: Frame,
    desk: Desk,
    words: &'static Words,
    tuning: &'static Tuning,
    market: Select,
    days: Select,
    city: Select,
    lang: Select,
    shop: String,
    /// None without a single search.
    figures: Option<Figures>,
}

/// The charts and tables.
struct Figures {
    finding: String,
    finding_nothing: String,
    finding_clicks: String,
    /// Width of a chart; each day has ten.
    width: usize,
    /// The most searches of a day, which is the height of the chart; and all of a hundred.
    most: String,
    whole: String,
    bars: Vec<Bar>,
    clicks: String,
    first: Date,
    last: Date,
    days: Vec<DayLine>,
    top: Vec<QueryLine>,
    without_results: Vec<QueryLine>,
}

/// A day's bar; its foot is what found nothing.
struct Bar {
    said: String,
    x: usize,
    y: u64,
    height: u64,
    nothing_y: u64,
    nothing_height: u64,
}

struct DayLine {
    day: Date,
    intents: String,
    nothing: String,
    clicked: String,
}

struct QueryLine {
    query: String,
    href: String,
    intents: String,
    visitors: String,
    nothing: String,
    clicked: String,
    position: String,
    carted: String,
    ordered: String,
    revenue: String,
    needs_repair: bool,
    /// What shoppers searched for next and clicked at.
    means: Option<String>,
    synonym: String,
    rule: String,
}

/// `GET /office/analytics`
pub(crate) async fn show(
    State(app): State<AppState>,
    colleague: Colleague,
) -> Result<Response, Refusal> {
    let caller = &colleague.caller;
    let page = read(&app, &colleague).await.map_err(|error| refuse(caller, error))?;
    Ok(page::for_caller(caller, &page))
}

async fn read(app: &AppState, colleague: &Colleague) -> Result<AnalyticsPage, Error> {
    let tables = app.view()?.tables.clone();
    let asked = Asked::read(&colleague.caller.address, &tables)?;
    let mut connection = app.connection().await?;
    let report = searches::report(&mut connection, asked.request).await?;
    Ok(AnalyticsPage::new(colleague, &tables, &asked, &report))
}

/// What is asked for.
struct Asked<'a> {
    market: &'a Market,
    days: i64,
    request: ReportRequest,
}

impl<'a> Asked<'a> {
    /// Reads an address; what it does not say, or says wrongly, is the first that can be chosen.
    fn read(address: &Address, tables: &'a Tables) -> Result<Asked<'a>, Error> {
        let code: Option<MarketCode> = address.get("market").and_then(|code| code.parse().ok());
        let named = code.and_then(|code| tables.market(code));
        let market = named.or_else(|| tables.markets.first()).ok_or(Error::NotFound)?;
        let days = address.get("days").and_then(|days| days.parse().ok());
        let days = days.filter(|days| DAYS.contains(days)).unwrap_or(DAYS[0]);
        let city = address.get("city").and_then(|id| id.parse().ok());
        let (_, to) = pipeline::days(None, None)?;
        let request = ReportRequest {
            market: market.code,
            from: to.saturating_sub((days - 1).days()),
            to,
            lang: address.get("language").and_then(|lang| lang.parse().ok()),
            city: city.filter(|id| market.city_place(*id).is_some()),
            limit: QUERIES,
        };
        Ok(Asked { market, days, request })
    }
}

impl AnalyticsPage {
    fn new(
        colleague: &Colleague,
        tables: &Tables,
        asked: &Asked<'_>,
        report: &Report,
    ) -> AnalyticsPage {
        let lang = colleague.caller.lang();
        let words = analytics(lang);
        let market = asked.market;
        AnalyticsPage {
            frame: desk::frame(colleague, words.searches),
            desk: Desk::new(colleague, "/office/analytics"),
            words,
            tuning: tuning(lang),
            market: select("market", market.code.as_str(), markets(tables, lang)),
            days: select("days", &asked.days.to_string(), times(words)),
            city: select("city", &said(asked.request.city), cities(market, lang)),
            lang: select("language", &said(asked.request.lang), languages(market, words)),
            shop: format!("/{}", market.code),
            figures: Figures::new(lang, asked, report),
        }
    }
}

fn said(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn select(name: &str, chosen: &str, options: Vec<(String, String)>) -> Select {
    let mut form = Form::default();
    form.put(name, chosen);
    Select::new(name, options, &form, &Problems::default())
}

fn markets(tables: &Tables, lang: Lang) -> Vec<(String, String)> {
    let option = |market: &Market| (market.code.to_string(), market.label.get(lang).to_owned());
    tables.markets.iter().map(option).collect()
}

fn times(words: &Words) -> Vec<(String, String)> {
    let names = [words.last_week, words.last_month, words.last_quarter];
    DAYS.into_iter().zip(names).map(|(days, name)| (days.to_string(), name.to_owned())).collect()
}

fn cities(market: &Market, lang: Lang) -> Vec<(String, String)> {
    let mut served: Vec<_> = market.cities.iter().filter(|city| city.active).collect();
    served.sort_by_key(|city| city.position);
    let option = |city: &souk_base::City| (city.id.to_string(), city.label.get(lang).to_owned());
    let any = (String::new(), texts(lang).whole_country.to_owned());
    std::iter::once(any).chain(served.into_iter().map(option)).collect()
}

fn languages(market: &Market, words: &Words) -> Vec<(String, String)> {
    let option = |lang: &Lang| (lang.code().to_owned(), lang.name().to_owned());
    let any = (String::new(), words.every_language.to_owned());
    std::iter::once(any).chain(market.languages.iter().map(option)).collect()
}

impl Figures {
    fn new(lang: Lang, asked: &Asked<'_>, report: &Report) -> Option<Figures> {
        let (words, numbers) = (analytics(lang), Numbers::of(lang, None));
        let days: Vec<Day> = report.days.iter().map(Day::of).collect();
        let sum = |of: fn(&Day) -> u64| days.iter().map(of).sum::<u64>();
        let (intents, nothing, clicked) =
            (sum(|d| d.intents), sum(|d| d.nothing), sum(|d| d.clicked));
        let most = days.iter().map(|day| day.intents).max().filter(|&most| most > 0)?;
        let count = words.searches_count.form(intents);
        let line = |figures| QueryLine::new(figures, numbers, asked.market);
        Some(Figures {
            finding: fill(count, "n", &numbers.whole(intents)),
            finding_nothing: fill(
                words.share_nothing,
                "percent",
                &numbers.percent(nothing, intents),
            ),
            finding_clicks: fill(
                words.share_clicked,
                "percent",
                &numbers.percent(clicked, intents),
            ),
            width: 10 * days.len(),
            most: numbers.whole(most),
            whole: numbers.percent(1, 1),
            bars: days.iter().enumerate().map(|(at, day)| day.bar(at, most, numbers)).collect(),
            clicks: clicks(&days),
            first: asked.request.from,
            last: asked.request.to,
            days: days.iter().rev().map(|day| day.line(numbers)).collect(),
            top: report.top.iter().map(line).collect(),
            without_results: report.without_results.iter().map(line).collect(),
        })
    }
}

/// A day in numbers that cannot be below nothing.
struct Day {
    day: Date,
    intents: u64,
    nothing: u64,
    clicked: u64,
}

impl Day {
    fn of(figures: &DayFigures) -> Day {
        Day {
            day: figures.day,
            intents: figures.intents.unsigned_abs(),
            nothing: figures.without_results.unsigned_abs(),
            clicked: figures.clicked.unsigned_abs(),
        }
    }

    fn bar(&self, at: usize, most: u64, numbers: Numbers) -> Bar {
        let nothing_height = 100 * self.nothing / most;
        let height = 100 * self.intents / most - nothing_height;
        let nothing_y = 100 - nothing_height;
        let said = format!("{}: {}", self.day, numbers.whole(self.intents));
        Bar { said, x: 10 * at + 1, y: nothing_y - height, height, nothing_y, nothing_height }
    }

    fn line(&self, numbers: Numbers) -> DayLine {
        DayLine {
            day: self.day,
            intents: numbers.whole(self.intents),
            nothing: numbers.whole(self.nothing),
            clicked: numbers.whole(self.clicked),
        }
    }
}

/// The line of the share of searches with a click, through the days that had searches.
fn clicks(days: &[Day]) -> String {
    let with_searches = days.iter().enumerate().filter(|(_, day)| day.intents > 0);
    let point = |(at, day): (usize, &Day)| (10 * at + 5, 100 - 100 * day.clicked / day.intents);
    let points: Vec<_> = with_searches.map(point).collect();
    // A line of one day is as wide as its bar.
    let points = match points[..] {
        [(x, y)] => vec![(x - 4, y), (x + 4, y)],
        _ => points,
    };
    points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

impl QueryLine {
    fn new(figures: &QueryFigures, numbers: Numbers, of: &Market) -> QueryLine {
        let market = of.code;
        let [intents, searchers, nothing, clicked] =
            [figures.intents, figures.searchers, figures.without_results, figures.clicked]
                .map(i64::unsigned_abs);
        let [carted, ordered] = [figures.carted, figures.ordered].map(i64::unsigned_abs);
        let revenue = Money { minor: figures.revenue_minor, currency: of.currency };
        let position = figures.click_position.map(|place| numbers.plain(&format!("{place:.1}")));
        let few_clicks = intents >= SEARCHES_MIN && 100 * clicked < CLICKS_MIN * intents;
        let means = figures.means.as_deref().unwrap_or_default();
        let repair = |path: &str| {
            let address = Address::new(path).and("query", &figures.query);
            address.and("market", market.as_str())
        };
        QueryLine {
            query: figures.query.clone(),
            href: Address::new(format!("/{market}/search")).and("q", &figures.query).to_string(),
            intents: numbers.whole(intents),
            visitors: numbers.whole(searchers),
            nothing: numbers.percent(nothing, intents),
            clicked: numbers.percent(clicked, intents),
            position: position.unwrap_or_else(|| "–".to_owned()),
            carted: numbers.percent(carted, intents),
            ordered: numbers.percent(ordered, intents),
            revenue: numbers.money(revenue).text(),
            needs_repair: 2 * nothing > intents || few_clicks,
            means: figures.means.clone(),
            synonym: repair("/office/synonyms/new").and("means", means).to_string(),
            rule: repair("/office/rules/new").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use souk_base::StaffId;
    use souk_commerce::staff::{Role, Staff};

    use super::*;
    use crate::sample;

    fn page(lang: Lang, report: &Report) -> String {
        let staff = Staff {
            id: StaffId::new(1),
            email: "a@b.c".to_owned(),
            name: "Aisha".to_owned(),
            roles: vec![Role::Merchandiser],
        };
        let colleague =
            Colleague { staff, caller: sample::caller("/office/analytics?days=7", lang) };
        let tables = sample::tables();
        let asked = Asked::read(&colleague.caller.address, &tables).unwrap();
        AnalyticsPage::new(&colleague, &tables, &asked, report).render().unwrap()
    }

    fn figures(query: &str, intents: i64, without_results: i64, clicked: i64) -> QueryFigures {
        let (query, click_position) = (query.to_owned(), Some(2.25).filter(|_| clicked > 0));
        let means = Some("bouquet".to_owned()).filter(|_| without_results > 0);
        QueryFigures {
            query,
            intents,
            searchers: 3,
            without_results,
            clicked,
            click_position,
            means,
            carted: clicked,
            ordered: clicked / 2,
            revenue_minor: 12_500 * clicked,
        }
    }

    fn report() -> Report {
        let day = |day, intents, without_results, clicked| DayFigures {
            day: date(2026, 11, day),
            intents,
            without_results,
            clicked,
        };
        Report {
            days: vec![day(1, 10, 5, 2), day(2, 0, 0, 0), day(3, 5, 0, 5)],
            top: vec![figures("roses & <b>", 11, 0, 7), figures("tulip", 10, 0, 0)],
            without_results: vec![figures("unicorn", 5, 5, 0)],
        }
    }

    #[test]
    fn figures_are_drawn_and_told_in_every_language() {
        for lang in Lang::ALL {
            let (html, numbers) = (page(lang, &report()), Numbers::of(lang, None));

            assert!(html.contains(&numbers.percent(5, 15)), "{lang}");
            assert!(html.contains("<polyline class=\"clicks\" points=\"5,80 25,0\"/>"), "{html}");
            assert_eq!(html.matches("class=\"bar\"").count(), 3);
            assert_eq!(html.matches("class=\"bar-nothing\"").count(), 1);
            assert!(!html.contains("<b>\"") && html.contains("roses &#38; &#60;b&#62;"));
        }
    }

    #[test]
    fn only_queries_that_need_it_have_a_way_to_repair() {
        let html = page(Lang::En, &report());

        for query in ["unicorn", "tulip"] {
            assert!(
                html.contains(&format!("/office/rules/new?query={query}&#38;market=KW")),
                "{html}"
            );
            assert!(html.contains(&format!("/office/synonyms/new?query={query}")));
            assert!(!html.contains("means=&#38;") && !html.contains("means=\""));
        }
        assert!(
            html.contains("/office/synonyms/new?query=unicorn&#38;market=KW&#38;means=bouquet")
        );
        assert!(!html.contains("/office/rules/new?query=roses"));
    }

    #[test]
    fn a_time_without_searches_says_so() {
        let empty = Report { days: Vec::new(), top: Vec::new(), without_results: Vec::new() };

        let html = page(Lang::En, &empty);

        assert!(html.contains(analytics(Lang::En).none) && !html.contains("<svg class=\"chart\""));
    }
}
