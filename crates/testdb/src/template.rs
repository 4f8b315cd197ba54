//! The template: a database with every migration applied, named by the hash of them all.

use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};

use crate::cluster::{Cluster, workspace};
use crate::execute;

/// The name of the template for the migrations as they are now, which is made if it is missing.
pub(crate) async fn ready(
    admin: &mut PgConnection,
    cluster: &Cluster,
) -> Result<String, sqlx::Error> {
    let migrator = Migrator::new(workspace().join("migrations")).await?;
    let name = format!("souk_template_{}", hash_of(&migrator));
    // Any number will do that nobody else locks in the database `postgres`.
    sqlx::query("select pg_advisory_lock(20261121)").execute(&mut *admin).await?;
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(&name)
            .fetch_one(&mut *admin)
            .await?;
    if !is_there {
        build(admin, cluster, &migrator, &name).await?;
    }
    sqlx::query("select pg_advisory_unlock(20261121)").execute(admin).await?;
    Ok(name)
}

/// Gives the database its name only when it is complete, so a killed build is not taken for a template.
async fn build(
    admin: &mut PgConnection,
    cluster: &Cluster,
    migrator: &Migrator,
    name: &str,
) -> Result<(), sqlx::Error> {
    execute(admin, "drop database if exists souk_unfinished with (force)".to_owned()).await?;
    execute(admin, "create database souk_unfinished".to_owned()).await?;
    let mut unfinished = PgConnection::connect(&cluster.url("souk_unfinished")).await?;
    migrator.run(&mut unfinished).await?;
    unfinished.close().await?;
    execute(admin, format!("alter database souk_unfinished rename to {name}")).await?;
    // A template with a connection cannot be cloned.
    execute(admin, format!("alter database {name} allow_connections false")).await
}

fn hash_of(migrator: &Migrator) -> String {
    let mut hasher = Sha256::new();
    for migration in migrator.iter() {
        hasher.update(migration.version.to_be_bytes());
        hasher.update(&migration.checksum);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
