//! What models are trained on, as the shop or a file tells it.

use super::kept::Kind;
use crate::event::{Event, Events, Names};
use crate::numbers::index;
use crate::read::Log;

/// Time without a click after which the next one begins another session.
const SESSION_GAP_MS: i64 = 30 * 60 * 1_000;
/// More clicks of one visitor in a day are a machine's.
const CLICKS_A_DAY_MAX: usize = 1_000;

/// What happened: the same items in all three.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// What each customer bought.
    pub purchases: Events,
    /// What lay in each basket.
    pub baskets: Events,
    /// What was clicked in each session.
    pub sessions: Events,
    /// What items are called.
    pub items: Names,
}

/// Takes what happened, row by row.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    items: Names,
    customers: Names,
    baskets: Names,
    visitors: Names,
    purchases: Vec<Event>,
    lines: Vec<Event>,
    clicks: Vec<Event>,
}

impl Gathering {
    /// Something was bought; a guest's purchase still is a line of a basket.
    pub fn bought(&mut self, customer: Option<&str>, basket: &str, item: &str, time_ms: i64) {
        let item = self.items.number(item);
        if let Some(customer) = customer {
            let user = self.customers.number(customer);
            self.purchases.push(Event { user, item, time_ms });
        }
        let user = self.baskets.number(basket);
        self.lines.push(Event { user, item, time_ms });
    }

    /// Something was clicked.
    pub fn clicked(&mut self, visitor: &str, item: &str, time_ms: i64) {
        let (user, item) = (self.visitors.number(visitor), self.items.number(item));
        self.clicks.push(Event { user, item, time_ms });
    }

    /// Everything, in order.
    #[must_use]
    pub fn data(self) -> Data {
        let items = self.items.len();
        let (sessions, session_count) = sessions(self.clicks, self.visitors.len(), items);
        Data {
            purchases: Events::new(self.purchases, self.customers.len(), items),
            baskets: Events::new(self.lines, self.baskets.len(), items),
            sessions: Events::new(sessions, session_count, items),
            items: self.items,
        }
    }
}

impl Data {
    /// A file's rows: what a user had at one instant is a basket, what came without a pause a session.
    #[must_use]
    pub fn of_log(log: Log) -> Data {
        let (rows, items) = (log.events.rows(), log.items.len());
        let mut baskets: Vec<Event> = Vec::with_capacity(rows.len());
        let mut basket = 0;
        for (place, row) in rows.iter().enumerate() {
            let before = place.checked_sub(1).map(|before| rows[before]);
            let same = |it: Event| (it.user, it.time_ms) == (row.user, row.time_ms);
            basket += usize::from(before.is_some_and(|it| !same(it)));
            baskets.push(Event { user: index(basket), ..*row });
        }
        let (sessions, session_count) = sessions(rows.to_vec(), log.users.len(), items);
        Data {
            baskets: Events::new(baskets, basket + 1, items),
            sessions: Events::new(sessions, session_count, items),
            purchases: log.events,
            items: log.items,
        }
    }

    /// The rows that a model is fitted on.
    #[must_use]
    pub const fn of(&self, kind: Kind) -> &Events {
        match kind {
            Kind::Together => &self.baskets,
            Kind::Session => &self.sessions,
            _ => &self.purchases,
        }
    }
}

/// Clicks of people under the numbers of their sessions, and how many of those there are.
fn sessions(clicks: Vec<Event>, visitor_count: usize, item_count: usize) -> (Vec<Event>, usize) {
    let clicks = Events::new(clicks, visitor_count, item_count);
    let mut rows = Vec::with_capacity(clicks.rows().len());
    let mut count = 0;
    let visitors = (0..visitor_count).map(|visitor| clicks.of(visitor)).filter(|it| is_person(it));
    for clicks in visitors {
        for session in clicks.chunk_by(|one, next| next.time_ms - one.time_ms < SESSION_GAP_MS) {
            rows.extend(session.iter().map(|click| Event { user: index(count), ..*click }));
            count += 1;
        }
    }
    (rows, count)
}

/// Whether a visitor's clicks are as few as a person's.
fn is_person(clicks: &[Event]) -> bool {
    let mut days = clicks.chunk_by(|one, next| {
        one.time_ms.div_euclid(crate::event::DAY_MS)
            == next.time_ms.div_euclid(crate::event::DAY_MS)
    });
    days.all(|day| day.len() <= CLICKS_A_DAY_MAX)
}
