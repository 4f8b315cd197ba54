//! Instances are heard of, and the slots of those that are gone do not fill the disk.

use std::time::Duration;

use souk_feed::{Phase, SlotLimits, Status, stay_registered};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::shop::{Shop, kw, price};

const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const NEVER: SlotLimits = SlotLimits { unseen: Duration::MAX, retained_bytes: u64::MAX };

/// An instance that registers itself beside the shop's feed.
pub(crate) struct Registration {
    stop: CancellationToken,
    task: JoinHandle<souk_feed::Result<()>>,
    status: watch::Sender<Status>,
}

impl Registration {
    pub(crate) fn begin(shop: &Shop, instance: &str, limits: SlotLimits) -> Registration {
        let (status, seen) =
            watch::channel(Status { phase: Phase::Following, ..Status::default() });
        let stop = CancellationToken::new();
        let mut config = shop.config.clone();
        config.instance = instance.to_owned();
        let host = "here".to_owned();
        let registered =
            stay_registered(config, host, limits, shop.pool().clone(), seen, stop.clone());
        Registration { stop, task: tokio::spawn(registered), status }
    }

    /// Waits until the database knows the shop's instance.
    pub(crate) async fn heard_of(&self, shop: &Shop) {
        let deadline = Instant::now() + PATIENCE;
        let known = "select exists (select from instances where id = $1)";
        while !sqlx::query_scalar::<_, bool>(known)
            .bind(&shop.config.instance)
            .fetch_one(shop.pool())
            .await
            .unwrap()
        {
            assert!(Instant::now() < deadline, "it was never heard of");
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        timeout(PATIENCE, self.task).await.unwrap().unwrap().unwrap();
    }
}

/// The slots of the shop's database, by name.
async fn slots(shop: &Shop) -> Vec<String> {
    let slots = sqlx::query_scalar(
        "select slot_name::text from pg_replication_slots where database = current_database()
         order by slot_name",
    );
    slots.fetch_all(shop.pool()).await.unwrap()
}

async fn create_slot(shop: &Shop, name: &str) {
    let create = sqlx::query("select pg_create_logical_replication_slot($1, 'pgoutput')");
    create.bind(name).execute(shop.pool()).await.unwrap();
}

async fn until_slots_are(shop: &Shop, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while slots(shop).await != expected {
        assert!(Instant::now() < deadline, "still {:?}", slots(shop).await);
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_instance_says_what_it_does() {
    let shop = Shop::new().await;
    let position = souk_base::Position(0x16_B374_D848);
    let registration = Registration::begin(&shop, "here", NEVER);
    registration.status.send_replace(Status {
        phase: Phase::Filling { done: 1, total: 2 },
        position,
        bytes_behind: 77,
    });

    let deadline = Instant::now() + PATIENCE;
    let row = loop {
        let row: Option<(String, String, String, i64)> = sqlx::query_as(
            "select slot, phase, position::text, bytes_behind from instances where id = 'here'",
        )
        .fetch_optional(shop.pool())
        .await
        .unwrap();
        if let Some(row) = row.filter(|row| row.1 == "filling") {
            break row;
        }
        assert!(Instant::now() < deadline, "it was never heard of");
        sleep(Duration::from_millis(20)).await;
    };
    registration.end().await;

    assert!(row.0.starts_with("souk_here_"));
    assert_eq!((row.2.as_str(), row.3), ("16/B374D848", 77));
}

#[tokio::test]
async fn slots_of_instances_long_unseen_go_and_foreign_ones_stay() {
    let shop = Shop::followed().await;
    let own = shop.config.slot_name().unwrap();
    for name in ["souk_gone_0123abcd", "souk_rests_0123abcd", "souk_theirs", "warehouse_0123abcd"] {
        create_slot(&shop, name).await;
    }
    shop.sql(
        "insert into instances
             (id, slot, host, version, schema_hash, phase, position, bytes_behind, seen_at)
         select id, 'souk_' || id || '_0123abcd', 'there', '1', '0123abcd', 'following', '0/0', 0,
                now() - unseen
         from (values ('gone', interval '2 hours'), ('rests', interval '50 minutes'))
              as others (id, unseen)",
    )
    .await;

    let registration = Registration::begin(&shop, "sweeper", SlotLimits::default());

    until_slots_are(&shop, &["souk_rests_0123abcd", &own, "souk_theirs", "warehouse_0123abcd"])
        .await;
    registration.end().await;
}

#[tokio::test]
async fn a_slot_that_keeps_too_much_goes_and_its_instance_fills_anew() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.stop().await;
    shop.mark_index();
    shop.sql("update prices set minor = 777").await;
    shop.end().await;

    let registration =
        Registration::begin(&shop, "sweeper", SlotLimits { retained_bytes: 1, ..NEVER });
    until_slots_are(&shop, &[]).await;
    registration.end().await;
    shop.begin();
    shop.until("the price that no slot kept", |view| price(view, kw(), rose) == Some(777)).await;

    assert!(!shop.index_is_marked(), "the index is a new one");
    shop.assert_verified().await;
}

#[tokio::test]
async fn an_instance_drops_its_slot_of_an_older_schema_once_it_follows() {
    let shop = Shop::followed().await;
    let own = shop.config.slot_name().unwrap();
    let old = format!("souk_{}_00000000", shop.config.instance);
    create_slot(&shop, &old).await;

    let registration = Registration::begin(&shop, &shop.config.instance, NEVER);

    until_slots_are(&shop, &[&own]).await;
    registration.end().await;
}
