//! The network between feed and database goes silent without closing anything.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::shop::{Shop, kw, price, title};

const PATIENCE: Duration = Duration::from_secs(60);

/// Carries bytes between the feed and the database, as long as it is let.
struct Proxy {
    address: SocketAddr,
    /// How many of the connections are cut, oldest first: none of their bytes arrive any more.
    cut: watch::Sender<usize>,
    accepted: watch::Receiver<usize>,
}

impl Proxy {
    async fn before(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cut, is_cut) = watch::channel(0);
        let (count, accepted) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = *count.borrow();
                count.send_replace(number + 1);
                let server = TcpStream::connect(server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, number, is_cut.clone()));
                tokio::spawn(carry(from_server, to_client, number, is_cut.clone()));
            }
        });
        Proxy { address, cut, accepted }
    }

    /// Silences every connection there is; new ones are carried.
    fn cut_all(&self) {
        self.cut.send_replace(*self.accepted.borrow());
    }

    /// Silences every connection there is and every new one.
    fn cut_everything(&self) {
        self.cut.send_replace(usize::MAX);
    }

    fn mend(&self) {
        self.cut.send_replace(0);
    }
}

async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    number: usize,
    mut cut: watch::Receiver<usize>,
) {
    let mut buffer = vec![0; 64 * 1_024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if cut.wait_for(|&cut| number >= cut).await.is_err()
            || to.write_all(&buffer[..length]).await.is_err()
        {
            return;
        }
    }
    // What was closed meanwhile is told only when bytes flow again.
    let _gone = cut.wait_for(|&cut| number >= cut).await;
}

/// A shop whose feed reaches the database through a proxy, and is given up after a second of silence.
async fn shop_behind_a_proxy() -> (Shop, Proxy) {
    let mut shop = Shop::new().await;
    shop.sql(
        "do $$ begin
             execute format('alter database %I set wal_sender_timeout = 1000', current_database());
         end $$",
    )
    .await;
    let database: PgConnectOptions = shop.config.database_url.parse().unwrap();
    let proxy = Proxy::before((Ipv4Addr::LOCALHOST, database.get_port()).into()).await;
    shop.take_detour(proxy.address).await;
    (shop, proxy)
}

/// Waits until PostgreSQL has given the silent feed up.
async fn given_up(shop: &Shop) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let active: bool =
            sqlx::query_scalar("select active from pg_replication_slots where slot_name = $1")
                .bind(shop.config.slot_name().unwrap())
                .fetch_one(shop.pool())
                .await
                .unwrap();
        if !active {
            return;
        }
        assert!(Instant::now() < deadline, "the slot stays active");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn after_a_silence_longer_than_the_servers_patience_the_feed_goes_on() {
    let (mut shop, proxy) = shop_behind_a_proxy().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    proxy.cut_everything();
    given_up(&shop).await;
    shop.sql("update product_translations set title = 'During the silence'").await;
    shop.sql("update prices set minor = 777").await;
    proxy.mend();

    shop.until("what was written during the silence", |view| {
        title(view, rose).as_deref() == Some("During the silence")
            && price(view, kw(), rose) == Some(777)
    })
    .await;
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}

#[tokio::test]
async fn connections_that_never_speak_again_are_replaced() {
    let (mut shop, proxy) = shop_behind_a_proxy().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    proxy.cut_all();
    given_up(&shop).await;
    shop.sql("update prices set minor = 777").await;

    shop.until("what was written after the cut", |view| price(view, kw(), rose) == Some(777)).await;
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
}
