//! English.

use super::Analytics;
use crate::text::Plural;

pub(super) const ANALYTICS: Analytics = Analytics {
    searches: "Searches",
    lead: "A search is one thought of a shopper: what was typed on the way to it is not counted. Days are those of UTC.",
    time: "Time",
    last_week: "Last 7 days",
    last_month: "Last 28 days",
    last_quarter: "Last 90 days",
    every_language: "Any language",
    share_clicked: "{percent} of searches led to a click",
    share_nothing: "{percent} of them found nothing",
    found: "Found something",
    found_nothing: "Found nothing",
    as_table: "As a table",
    day: "Day",
    clicked: "Clicked",
    top: "Searched most",
    query: "Query",
    visitors: "Visitors",
    position: "Mean place of clicks",
    carted: "Into the cart",
    ordered: "Bought",
    revenue: "Brought in",
    repair: "Repair",
    add_synonym: "Add a synonym",
    add_rule: "Add a rule",
    nothing_lead: "Each of these sent a shopper away. A synonym says what is meant, a rule shows something near.",
    all_found: "Every search found something.",
    none: "No searches in this time",
    none_lead: "They appear here a moment after shoppers search. Choose a longer time or another country, or try a search in the shop.",
    searches_count: Plural::Two { one: "{n} search", other: "{n} searches" },
};
