//! What a test may expect of its database.

use souk_testdb::TestDb;
use sqlx::{Connection, PgConnection};

async fn exists(url: &str, name: &str) -> bool {
    let mut admin = PgConnection::connect(url).await.expect("the server runs");
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(&mut admin)
        .await
        .expect("a catalogue query works")
}

async fn name_of(db: &TestDb) -> String {
    sqlx::query_scalar("select current_database()::text")
        .fetch_one(db.pool())
        .await
        .expect("a database has a name")
}

#[tokio::test]
async fn two_tests_see_the_migrated_schema_but_not_each_other() {
    let (one, other) = (TestDb::new().await, TestDb::new().await);
    let count = "select count(*) from brands where slug = 'test'";

    sqlx::query("insert into brands (slug, name) values ('test', 'Test')")
        .execute(one.pool())
        .await
        .unwrap();

    let seen: i64 = sqlx::query_scalar(count).fetch_one(one.pool()).await.unwrap();
    let unseen: i64 = sqlx::query_scalar(count).fetch_one(other.pool()).await.unwrap();
    assert_eq!((seen, unseen), (1, 0));
}

#[tokio::test]
async fn a_database_goes_with_its_test_even_when_a_connection_holds_its_slot() {
    let (db, observer) = (TestDb::new().await, TestDb::new().await);
    let name = name_of(&db).await;
    let mut open = PgConnection::connect(&db.url()).await.unwrap();
    sqlx::query("select pg_create_logical_replication_slot($1, 'pgoutput', temporary => true)")
        .bind(format!("slot_{name}"))
        .execute(&mut open)
        .await
        .unwrap();
    assert!(exists(&observer.url(), &name).await);

    drop(db);

    assert!(!exists(&observer.url(), &name).await);
}
