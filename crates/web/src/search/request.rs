//! What a results page is asked for: the address as a typed search.

use souk_api::pipeline::search::SearchRequest;
use souk_base::{Category, Money, Tables};
use souk_search::{FACETS_AUTO, Sort};

use crate::address::Address;
use crate::format::read_amount;
use crate::visit::Visit;

/// A results page as asked for.
pub(crate) struct Asked {
    pub(crate) request: SearchRequest,
    /// Filters as they stand in the address, without the price.
    pub(crate) filters: Vec<String>,
    /// Lowest and highest price, as typed and as read.
    pub(crate) low: Option<(String, Money)>,
    pub(crate) high: Option<(String, Money)>,
    address: Address,
    sort: Option<String>,
}

impl Asked {
    /// Reads the address of a visit. `category` is the one in its path.
    pub(crate) fn read(visit: &Visit, category: Option<String>) -> Asked {
        let address = visit.caller.address.clone();
        let price = |name| {
            let typed = address.get(name)?.to_owned();
            let money = read_amount(&typed, visit.market().currency)?;
            Some((typed, money))
        };
        let (low, high) = (price("min"), price("max"));
        let filters: Vec<String> =
            address.all("filter").filter(|f| !f.is_empty()).map(str::to_owned).collect();
        let sort = address.get("sort").map(str::to_owned);
        let request = SearchRequest {
            q: address.get("q").unwrap_or_default().trim().to_owned(),
            lang: Some(visit.lang),
            city: visit.city,
            date: visit.date,
            now: visit.now,
            category: category.or_else(|| address.get("category").map(str::to_owned)),
            filters: filters.iter().cloned().chain(price_filter(&low, &high)).collect(),
            facets: vec![FACETS_AUTO.to_owned()],
            sort: sort.as_deref().and_then(|sort| sort.parse().ok()).unwrap_or(Sort::Relevance),
            cursor: address.get("cursor").map(str::to_owned),
            ..SearchRequest::of(visit.market)
        };
        Asked { request, filters, low, high, sort, address }
    }

    /// The address of the first page of these results.
    pub(crate) fn address(&self) -> Address {
        self.address.clone().without("cursor")
    }

    /// The same results without any filter.
    pub(crate) fn cleared(&self) -> Address {
        ["filter", "min", "max"].into_iter().fold(self.address(), Address::without)
    }

    /// Whether anything but the query and the category narrows the results.
    pub(crate) fn is_filtered(&self) -> bool {
        !self.request.filters.is_empty() || self.request.date.is_some()
    }

    /// The category the results stay within.
    pub(crate) fn category<'a>(&self, tables: &'a Tables) -> Option<&'a Category> {
        super::category(tables, self.request.category.as_deref()?)
    }

    /// The order as the address names it, or the one that is meant without a name.
    pub(crate) fn sort_name(&self) -> &str {
        let known = self.sort.as_deref().filter(|sort| sort.parse::<Sort>().is_ok());
        match known {
            Some("relevance") | None if self.request.q.is_empty() => "popular",
            None => "relevance",
            Some(sort) => sort,
        }
    }
}

fn price_filter(low: &Option<(String, Money)>, high: &Option<(String, Money)>) -> Option<String> {
    if low.is_none() && high.is_none() {
        return None;
    }
    let minor = |end: &Option<(String, Money)>| {
        end.as_ref().map(|(_, money)| money.minor.to_string()).unwrap_or_default()
    };
    Some(format!("price:{}..{}", minor(low), minor(high)))
}
