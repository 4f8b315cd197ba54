//! The ledger against a fresh database.

use jiff::Timestamp;
use souk_base::Currency;
use souk_testdb::TestDb;

use super::{Transfer, balances, post};
use crate::Error;

fn transfer(entries: &[(&str, i64)]) -> Transfer {
    Transfer {
        kind: "test",
        group: None,
        order: None,
        currency: Currency::Kwd,
        entries: entries.iter().map(|(code, minor)| ((*code).to_owned(), *minor)).collect(),
    }
}

#[tokio::test]
async fn transfers_add_up_by_account_and_one_that_does_not_balance_is_refused() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    let now = Timestamp::now();
    let paid =
        transfer(&[("cash:due", 1_150), ("sales:1", -1_000), ("tax:KW", -150), ("tax:SA", 0)]);

    post(&mut connection, &paid, now).await.unwrap();
    post(&mut connection, &paid, now).await.unwrap();
    let unbalanced = post(&mut connection, &transfer(&[("cash:due", 1)]), now).await;

    assert!(matches!(unbalanced, Err(Error::Unbalanced("test"))));
    let expected = [("cash:due", 2_300), ("sales:1", -2_000), ("tax:KW", -300)];
    let expected = expected.map(|(code, minor)| (code.to_owned(), minor));
    assert_eq!(balances(&mut connection, Currency::Kwd).await.unwrap(), expected);
}

#[tokio::test]
async fn the_database_itself_refuses_entries_that_do_not_sum_to_zero_and_changes() {
    let db = TestDb::new().await;
    let mut connection = db.pool().acquire().await.unwrap();
    let paid = transfer(&[("cash:due", 5), ("sales:1", -5)]);
    post(&mut connection, &paid, Timestamp::now()).await.unwrap();

    for forbidden in [
        "insert into ledger_entries (transfer_id, account_id, currency, minor)
         select transfer_id, account_id, currency, 1 from ledger_entries limit 1",
        "update ledger_entries set minor = 6 where minor = 5",
        "delete from ledger_entries",
        "delete from ledger_transfers",
    ] {
        assert!(sqlx::raw_sql(forbidden).execute(db.pool()).await.is_err(), "{forbidden}");
    }
    assert_eq!(db.count("select sum(minor)::bigint from ledger_entries").await, 0);
}
