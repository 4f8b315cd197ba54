//! What tests of payments share: a shop with an account at each provider, all of them in this process.

use jiff::Timestamp;
use souk_base::{MarketCode, Money};
use souk_providers::http::Request;
use souk_providers::payments::{NextAction, Phase, Settings};
use souk_simulators::{Back, Hook, Simulator, settings};
use souk_testdb::TestDb;
use sqlx::PgPool;

use super::ops::{Callback, callback};
use super::state::Source;
use super::{Account, Gateways, Opening, Started, method, open, start, tend};
use crate::orders::OrderGroupId;

const BASE: &str = "http://127.0.0.1:1";

/// A shop with an account at each provider, all of them in this process.
pub(crate) struct Shop {
    pub(crate) db: TestDb,
    pub(crate) gateways: Gateways,
    pub(crate) simulator: Simulator,
    pub(crate) now: Timestamp,
}

impl Shop {
    pub(crate) async fn new(seed: u64) -> Shop {
        Shop::over(TestDb::new().await, seed, Timestamp::now())
    }

    /// The same in a database that has more in it, with a clock of its own.
    pub(crate) fn over(db: TestDb, seed: u64, now: Timestamp) -> Shop {
        let simulator = Simulator::new(BASE, seed);
        let accounts = [
            // With the same key as in Kuwait.
            ("AE", "tap"),
            ("KW", "knet"),
            ("KW", "tap"),
            ("KW", "tabby"),
            ("OM", "checkout_com"),
            ("GB", "stripe"),
            ("KZ", "kaspi"),
        ];
        let accounts = accounts.map(|(market, connector)| Account {
            market: market.parse().unwrap(),
            connector: connector.to_owned(),
            settings: Settings::new(settings(connector, BASE)),
        });
        let gateways = Gateways::new("https://souk.example", &accounts).unwrap();
        let gateways = gateways.with_client(simulator.client());
        Shop { db, gateways, simulator, now }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        self.db.pool()
    }

    /// A purchase that waits for money, opened as checkout does it.
    pub(super) async fn purchase(&self, market: &str, code: &str, minor: i64) -> OrderGroupId {
        let market: MarketCode = market.parse().unwrap();
        let group = OrderGroupId::new(self.now);
        let mut tx = self.pool().begin().await.unwrap();
        let method = method(&mut tx, market, None, code).await.unwrap();
        let amount = Money::new(minor, method.min.currency);
        sqlx::query(
            "insert into order_groups (id, market, state, currency, lang, email, phone, payment_method, tax_inclusive,
                 goods_minor, discount_minor, delivery_minor, tax_minor, rounding_minor, total_minor, expires_at)
             values ($1::text::uuid, $2, 'pending_payment', $3, 'ar', 'noura@example.com', '+96551234567', $4, true,
                 $5, 0, 0, 0, 0, $5, $6)",
        )
        .bind(group.to_string())
        .bind(market.as_str())
        .bind(amount.currency.code())
        .bind(code)
        .bind(minor)
        .bind(jiff_sqlx::Timestamp::from(self.now + method.hold))
        .execute(&mut *tx)
        .await
        .unwrap();
        let opening = Opening { group, market, amount, method: &method, return_to: None };
        open(&mut tx, &self.gateways, &opening).await.unwrap();
        tx.commit().await.unwrap();
        group
    }

    pub(crate) async fn start(&self, group: OrderGroupId) -> Started {
        start(self.pool(), &self.gateways, group, self.now).await.unwrap()
    }

    /// The payment at the provider that a shopper was sent to.
    pub(crate) async fn page(&self, started: &Started) -> Option<String> {
        let url = match &started.next_action {
            NextAction::Redirect { url } => url.clone(),
            NextAction::Qr { code, .. } => code.clone(),
            NextAction::ShowCode { .. } | NextAction::None => return None,
        };
        let url = if url.contains("/kpg/") {
            // The browser carries the order to KNET, through whatever weather.
            let answer = self.simulator.client().send(&Request::get(url)).await.ok()?;
            String::from_utf8(answer.body).unwrap()
        } else {
            url
        };
        Some(url.strip_prefix(&format!("{BASE}/pay/"))?.to_owned())
    }

    pub(crate) async fn call_back(&self, hook: &Hook) {
        let headers = hook.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let given = Callback {
            connector: hook.connector,
            headers: headers.collect(),
            query: String::new(),
            body: hook.body.clone().into_bytes(),
            source: Source::Webhook,
        };
        // What is about nothing of ours is refused; that is not for the provider to mend.
        let _ = callback(self.pool(), &self.gateways, given, self.now).await;
    }

    pub(crate) async fn deliver(&self) {
        for hook in self.simulator.hooks(self.now.as_second()) {
            self.call_back(&hook).await;
        }
    }

    pub(crate) async fn come_back(&self, connector: &str, back: Back) {
        let (query, body) = match back {
            Back::Get(url) => (url.split_once('?').unwrap_or_default().1.to_owned(), Vec::new()),
            Back::Post(_, fields) => {
                let fields: Vec<(&str, &str)> =
                    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                (String::new(), souk_providers::wire::form(&fields).into_bytes())
            }
        };
        let given =
            Callback { connector, headers: Vec::new(), query, body, source: Source::Return };
        let _ = callback(self.pool(), &self.gateways, given, self.now).await;
    }

    pub(crate) async fn tend(&self) {
        while tend(self.pool(), &self.gateways, self.now).await.unwrap() > 0 {}
    }

    pub(crate) async fn state(&self, group: OrderGroupId) -> String {
        sqlx::query_scalar("select state from order_groups where id = $1::text::uuid")
            .bind(group.to_string())
            .fetch_one(self.pool())
            .await
            .unwrap()
    }

    /// Money that providers keep.
    pub(crate) fn kept(&self) -> i64 {
        let payments = self.simulator.payments().into_iter();
        payments
            .filter(|one| one.phase == Phase::Captured)
            .map(|one| one.amount.minor - one.back_minor)
            .sum()
    }
}

/// What a page that waits asks for.
pub(crate) async fn back_by_name(shop: &Shop, group: OrderGroupId, connector: &str) {
    let reference: String = sqlx::query_scalar(
        "select reference from payment_attempts join payment_intents on payment_intents.id = intent_id
         where group_id = $1::text::uuid order by payment_attempts.id desc limit 1",
    )
    .bind(group.to_string())
    .fetch_one(shop.pool())
    .await
    .unwrap();
    shop.come_back(connector, Back::Get(format!("?attempt={reference}"))).await;
}
