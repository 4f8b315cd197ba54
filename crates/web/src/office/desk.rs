//! What stands around the office's pages: the rail of places, and what has just been done.

use souk_api::{Permission, Policy};
use souk_commerce::staff::Staff;

use super::Colleague;
use crate::assets;
use crate::frame::Frame;
use crate::text::analytics::analytics;
use crate::text::desk::{Desk as Words, desk};
use crate::text::experiments::experiments;
use crate::text::models::models;
use crate::text::orders::orders;
use crate::text::promotions::promotions;
use crate::text::rules::rules;
use crate::text::texts;
use crate::text::tuning::tuning;

/// Rail, words and message of a page of the office.
pub(crate) struct Desk {
    pub(crate) words: &'static Words,
    pub(crate) rail: Vec<RailLink>,
    pub(crate) done: Option<Done>,
    pub(crate) style: String,
    pub(crate) script: String,
}

/// A place of the office.
pub(crate) struct RailLink {
    pub(crate) href: &'static str,
    pub(crate) label: &'static str,
    pub(crate) current: bool,
}

/// What has just been done.
pub(crate) struct Done {
    pub(crate) text: String,
    pub(crate) link: Option<Link>,
}

/// A link with its words.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: String,
}

impl Desk {
    /// The desk of somebody who is at this place of the rail.
    pub(crate) fn new(colleague: &Colleague, place: &str) -> Desk {
        let lang = colleague.caller.lang();
        let (text, words) = (texts(lang), desk(lang));
        let mut places = vec![("/office", text.today)];
        if may(&colleague.staff, Permission::OrdersRead) {
            places.push(("/office/orders", orders(lang).orders));
        }
        if may(&colleague.staff, Permission::CatalogRead) {
            places.push(("/office/products", text.products));
            places.push(("/office/categories", text.categories));
        }
        if may(&colleague.staff, Permission::PromotionsRead) {
            places.push(("/office/promotions", promotions(lang).promotions));
        }
        if may(&colleague.staff, Permission::SearchRead) {
            places.push(("/office/rules", rules(lang).rules));
            places.push(("/office/synonyms", tuning(lang).synonyms));
            places.push(("/office/search-settings", tuning(lang).ranking));
            places.push(("/office/models", models(lang).models));
            places.push(("/office/experiments", experiments(lang).experiments));
        }
        if may(&colleague.staff, Permission::AnalyticsRead) {
            places.push(("/office/analytics", analytics(lang).searches));
            places.push(("/office/blocked-words", tuning(lang).blocked));
        }
        let link = |(href, label)| RailLink { href, label, current: href == place };
        Desk {
            words,
            rail: places.into_iter().map(link).collect(),
            done: None,
            style: assets::url("office.css"),
            script: assets::url("office.js"),
        }
    }

    /// The same, saying what has just been done.
    pub(crate) fn with_done(self, done: Option<Done>) -> Desk {
        Desk { done, ..self }
    }
}

/// The frame of a page of the office.
pub(crate) fn frame(colleague: &Colleague, title: &str) -> Frame {
    let address = colleague.caller.address.clone().without("done").without("n");
    Frame::plain(colleague.caller.lang(), title, &address)
}

/// Whether somebody may do this.
pub(crate) fn may(staff: &Staff, permission: Permission) -> bool {
    Policy::Staff(permission).check(Some(staff)).is_ok()
}
