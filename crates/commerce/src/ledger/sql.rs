//! SQL of the ledger slice.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

use super::Transfer;

/// Posts a transfer if all of its accounts exist; says how many entries that made.
pub(super) async fn post(
    connection: &mut PgConnection,
    transfer: &Transfer,
    codes: &[String],
    minors: &[i64],
    now: Timestamp,
) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "with given as (select code, minor from unnest($4::text[], $5::bigint[]) as given (code, minor)),
         known as (
             select ledger_accounts.id, given.minor
             from given join ledger_accounts on ledger_accounts.code = given.code and currency = $3),
         made as (
             insert into ledger_transfers (kind, group_id, order_id, created_at)
             select $1, $2::text::uuid, $6, $7
             where (select count(*) from known) = (select count(*) from given)
             returning id)
         insert into ledger_entries (transfer_id, account_id, currency, minor)
         select made.id, known.id, $3, known.minor from made cross join known",
        transfer.kind,
        transfer.group.map(|id| id.to_string()),
        transfer.currency.code(),
        codes,
        minors,
        transfer.order.map(souk_base::Id::get),
        now as _
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn add_accounts(
    connection: &mut PgConnection,
    codes: &[String],
    currency: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into ledger_accounts (code, currency)
         select distinct code, $2 from unnest($1::text[]) as code order by code
         on conflict do nothing",
        codes,
        currency
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn balances(
    connection: &mut PgConnection,
    currency: &str,
) -> sqlx::Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select code, sum(minor)::bigint as "minor!"
           from ledger_entries
           join ledger_accounts on ledger_accounts.id = account_id
           where ledger_accounts.currency = $1
           group by code having sum(minor) <> 0 order by code"#,
        currency
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.minor)).collect())
}
