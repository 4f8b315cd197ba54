//! What rules cost a search: the same mix without and with many rules in turn, so that a machine that gets slower or
//! faster meanwhile is the same for both.
//!
//! A third of the rules asks for the whole query, a third for its beginning, a third for a word in it; half of them are for
//! one market. They pin, hide, raise, lower and add a synonym, a fifth each. Their words are frequent ones, so that most
//! queries with words meet some.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::child::Child;
use super::client::Client;
use super::data::{CATEGORIES, Shop};
use super::figures::Times;
use super::load::{Question, one};
use super::mix::Mix;
use super::sql;
use super::words::{Tongue, hash};

/// Turns without and with rules.
pub(super) const ROUNDS: usize = 4;
/// Searches of a turn, after the ones that are not timed.
const SEARCHES: usize = 500;
/// Searches of a turn that are not timed.
const WARM_UP: usize = 50;
/// Words that rules ask for, of each language.
const WORDS: u64 = 2_000;
/// The query that tells whether the rules are there.
const PROBE: &str = "zzzrulesprobe";
/// Longest wait for rules to come or go.
const WAIT: Duration = Duration::from_secs(60);

/// Measures; the shop has no rules afterwards.
///
/// # Errors
/// When the database refuses, a search fails, or rules do not reach search.
pub(super) async fn cost(
    shop: &Shop,
    child: &Child,
    mix: &Mix,
    question: &impl Fn(u64) -> Question,
    numbers: &AtomicU64,
    count: u64,
) -> anyhow::Result<Value> {
    let products = sql::rules::products(&shop.db).await?;
    let rules: Vec<Value> = (0..count).map(|number| rule(number, mix, &products)).collect();
    let mut client = Client::new(child.address);
    let (mut without, mut with, mut met) = (Times::default(), Times::default(), 0);
    for _ in 0..ROUNDS {
        change(shop, &mut client, mix, &[]).await?;
        without.extend(turn(&mut client, question, numbers).await?.0);
        change(shop, &mut client, mix, &rules).await?;
        let (times, rules_met) = turn(&mut client, question, numbers).await?;
        with.extend(times);
        met += rules_met;
    }
    change(shop, &mut client, mix, &[]).await?;
    let (plain, ruled) = (without.percentile(50), with.percentile(50));
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let rounded = |number: f64| (number * 1_000.0).round() / 1_000.0;
    Ok(json!({
        "rules": count,
        "rules_met": rounded(f64::from(met) / f64::from(u32::try_from(with.len())?)),
        "no_rules_p50_ms": plain, "rules_p50_ms": ruled,
        "no_rules_p99_ms": without.percentile(99), "rules_p99_ms": with.percentile(99),
        "rules_cost_p50_ms": rounded(number(&ruled) - number(&plain)),
        "rules_ratio": rounded(number(&ruled) / number(&plain).max(f64::EPSILON)),
    }))
}

/// Makes these the shop's rules and waits until search follows them.
async fn change(
    shop: &Shop,
    client: &mut Client,
    mix: &Mix,
    rules: &[Value],
) -> anyhow::Result<()> {
    sql::rules::remove_all(&shop.db).await?;
    if !rules.is_empty() {
        let conditions = json!([{"query_is": PROBE}]);
        let probe =
            json!({"name": PROBE, "conditions": conditions, "actions": [{"redirect": "/"}]});
        sql::rules::add(&shop.db, &[rules, &[probe]].concat()).await?;
    }
    let path = format!("/v1/{}/search?q={PROBE}&limit=1", mix.markets[0]);
    let deadline = Instant::now() + WAIT;
    loop {
        let answer = client.get(&path).await?.json();
        if answer["redirect"].is_string() != rules.is_empty() {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("{} rules did not reach search within {} s", rules.len(), WAIT.as_secs());
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The times of a turn, and how many rules its searches met.
async fn turn(
    client: &mut Client,
    question: &impl Fn(u64) -> Question,
    numbers: &AtomicU64,
) -> anyhow::Result<(Times, u32)> {
    let (mut times, mut met) = (Times::default(), 0);
    for _ in 0..WARM_UP {
        one(client, question, numbers).await?;
    }
    for _ in 0..SEARCHES {
        let (took, answer) = one(client, question, numbers).await?;
        times.push(took);
        met += u32::try_from(answer["rules"].as_array().map_or(0, Vec::len))?;
    }
    Ok((times, met))
}

/// The rule of this number, the same on every run.
fn rule(number: u64, mix: &Mix, products: &[i64]) -> Value {
    let random = |salt: u64| hash(number, 300 + salt);
    let tongue = Tongue::ALL[usize::try_from(random(0) % 3).unwrap_or_default()];
    let word = |salt: u64| mix.catalog.vocabulary(tongue).word(random(salt) % WORDS);
    let pick = |salt: u64, count: usize| usize::try_from(random(salt)).unwrap_or_default() % count;
    let market = (random(1) % 2 == 0).then(|| &mix.markets[pick(2, mix.markets.len())]);
    let product = products[pick(3, products.len())].to_string();
    let category = (1 + random(4) % CATEGORIES.unsigned_abs()).to_string();
    let condition = ["query_is", "query_begins", "query_contains"][pick(5, 3)];
    let action = match random(6) % 5 {
        0 => json!({"pin": {"product": product, "position": 1 + random(7) % 10}}),
        1 => json!({"hide": product}),
        2 => json!({"boost": {"what": {"category": category}, "percent": 50}}),
        3 => json!({"bury": {"what": {"product": product}, "percent": 50}}),
        _ => json!({"synonym": [word(8), word(9)]}),
    };
    let name = format!("bench {number}");
    json!({"name": name, "market": market, "conditions": [{condition: word(8)}], "actions": [action]})
}
