//! SQL of the audit slice.

use jiff_sqlx::Timestamp;
use sqlx::PgConnection;

use super::{Entry, Record};

pub(super) async fn insert(connection: &mut PgConnection, entry: &Entry) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit (staff_id, action, subject, detail) values ($1, $2, $3, $4)",
        entry.staff_id.map(souk_base::Id::get),
        entry.action,
        entry.subject,
        entry.detail
    )
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn recent(
    connection: &mut PgConnection,
    below: i64,
    limit: i64,
) -> sqlx::Result<Vec<Record>> {
    let rows = sqlx::query!(
        r#"select audit.id, at as "at: Timestamp", staff.name as "staff_name?", action, subject,
                  detail
           from audit left join staff on staff.id = audit.staff_id
           where audit.id < $1
           order by audit.id desc
           limit $2"#,
        below,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Record {
            id: row.id,
            at: row.at.to_jiff(),
            staff_name: row.staff_name,
            action: row.action,
            subject: row.subject,
            detail: row.detail,
        })
        .collect())
}
