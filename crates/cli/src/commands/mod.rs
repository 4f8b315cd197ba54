//! The commands, one file each: `run` does the work and says how it ended.

pub(crate) mod bench;
pub(crate) mod compare;
pub(crate) mod demo;
pub(crate) mod demo_data;
pub(crate) mod doctor;
pub(crate) mod evaluate;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod models;
pub(crate) mod openapi;
pub(crate) mod psql;
pub(crate) mod reindex;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod train;
pub(crate) mod user;
pub(crate) mod verify;
